"""Every order in the folder of recordings, in one shape: that of REST, which most of them have.

Nothing is made up: what a recording does not say is absent, and a capture without any order is not read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.support import evidence

FOLDER = evidence.SHOPIFY / "payloads"
TOTALS = {
    "total_price": ("totalPriceSet", "total"),
    "subtotal_price": ("subtotalPriceSet", "subtotal"),
    "total_tax": ("totalTaxSet", "tax_total"),
    "total_discounts": ("totalDiscountsSet", "discounts_total"),
    "total_shipping_price": ("totalShippingPriceSet", "shipping_total"),
    "current_total_price": ("currentTotalPriceSet", "current_total"),
    "current_subtotal_price": ("currentSubtotalPriceSet", "current_subtotal"),
    "current_total_tax": ("currentTotalTaxSet", "current_tax"),
    "current_total_discounts": ("currentTotalDiscountsSet", "current_discounts"),
}
"""The totals of a REST order: what GraphQL and the sandbox's book call them."""
Order = Mapping[str, Any]


@dataclass(frozen=True)
class Recording:
    """One recorded order. `given`: what orderCreate was given, where that is recorded too."""

    name: str
    order: Order
    given: Mapping[str, Any] | None = None


def recordings() -> Iterator[Recording]:
    """All of them, file by file."""
    for path in sorted(FOLDER.glob("order__*.json")):
        yield Recording(path.stem, _read(path))
    matrix = _read(FOLDER / "graphql__order__order-create-math-matrix.json")
    for name, case in matrix["cases"].items():
        answer = case["response"]["payload"]["data"]["orderCreate"]["order"]
        given = case["variables"]["order"]
        yield Recording(f"order-create-math-matrix/{name}", _from_graph(answer, given), given)
    paid = _read(FOLDER / "graphql__order__orderMarkAsPaid-state-and-money.json")
    for name, made in paid["setup"].items():
        answer, given = made["response"]["data"]["orderCreate"]["order"], made["variables"]["order"]
        yield Recording(f"orderMarkAsPaid-state-and-money/{name}", _from_graph(answer, given), given)
    for path in (*sorted(FOLDER.glob("graphql__order__orderCancel*")), *sorted(FOLDER.glob("graphql__refund__*"))):
        (call,) = _read(path)["upstreamCalls"]
        yield Recording(path.stem.rpartition("__")[2], _from_graph(call["response"]["body"]["data"]["order"], {}))


def bag(holder: Mapping[str, Any], name: str) -> tuple[Decimal, Decimal] | None:
    """An amount in shop and presentment currency; None where the recording has none. One alone stands for both."""
    found = holder.get(f"{name}_set")
    if found:
        return Decimal(found["shop_money"]["amount"]), Decimal(found["presentment_money"]["amount"])
    alone = holder.get(name)
    return None if alone is None else (Decimal(alone), Decimal(alone))


def amount(holder: Mapping[str, Any], name: str, side: str = "shop") -> Decimal:
    """An amount in the shop's or the buyer's currency; nothing is nought."""
    found = bag(holder, name) or (Decimal(0), Decimal(0))
    return found[0 if side == "shop" else 1]


def refund_rows(order: Order, line: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What refunds took of a line."""
    rows = [row for refund in order.get("refunds") or () for row in refund["refund_line_items"]]
    return [row for row in rows if row["line_item_id"] == line["id"]]


def quantity_left(order: Order, line: Mapping[str, Any]) -> int:
    """Units that are neither removed nor refunded: as recorded, or in old recordings as its refunds say."""
    if "current_quantity" in line:
        return int(line["current_quantity"])
    return int(line["quantity"]) - sum(row["quantity"] for row in refund_rows(order, line))


def _read(path: Path) -> Any:
    return json.loads(path.read_text(), parse_float=Decimal)


def _from_graph(order: Mapping[str, Any], given: Mapping[str, Any]) -> Order:
    """An order that GraphQL showed; lines that it was not asked for are those that orderCreate was given.

    A discount on several lines would need its allocations, which no capture has.
    """
    total = order["currentTotalPriceSet"]
    nodes = order["lineItems"]["nodes"] if "lineItems" in order else given.get("lineItems", ())
    lines = [_line(place, one) for place, one in enumerate(nodes, 1)]
    discount = _set(order.get("currentTotalDiscountsSet"))
    if discount and Decimal(discount["shop_money"]["amount"]):
        (line,) = lines
        line["discount_allocations"] = [{"amount_set": discount}]
    shipping = [_shipping(place, one) for place, one in enumerate(order.get("shippingLines", {}).get("nodes", ()), 1)]
    return {
        "name": order["name"],
        "currency": total["shopMoney"]["currencyCode"],
        "presentment_currency": total.get("presentmentMoney", total["shopMoney"])["currencyCode"],
        "financial_status": (order["displayFinancialStatus"] or "").lower() or None,
        "test": bool(given.get("test")),
        "email": given.get("email"),
        "note": given.get("note"),
        "line_items": lines,
        "shipping_lines": shipping,
        "transactions": [_transaction(one) for one in order["transactions"]],
        **{f"{name}_set": _set(order[graph]) for name, (graph, _) in TOTALS.items() if graph in order},
    }


def _line(place: int, line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": place,
        "title": line["title"],
        "sku": line.get("sku"),
        "quantity": line["quantity"],
        "current_quantity": line.get("currentQuantity", line["quantity"]),
        "price_set": _set(line.get("originalUnitPriceSet") or line["priceSet"]),
        "tax_lines": [_tax(one) for one in line.get("taxLines", ())],
    }


def _shipping(place: int, line: Mapping[str, Any]) -> dict[str, Any]:
    price, taxes = _set(line["originalPriceSet"]), [_tax(one) for one in line.get("taxLines", ())]
    return {"id": place, "title": line.get("title", ""), "price_set": price, "tax_lines": taxes}


def _tax(tax: Mapping[str, Any]) -> dict[str, Any]:
    return {"title": tax["title"], "rate": tax["rate"], "price_set": _set(tax["priceSet"])}


def _transaction(made: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: made[name].lower() for name in ("kind", "status", "gateway")}
    return told | {"amount_set": _set(made["amountSet"])}


def _set(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if found is None:
        return None
    shop = found["shopMoney"]
    return {"shop_money": shop, "presentment_money": found.get("presentmentMoney", shop)}
