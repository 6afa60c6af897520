"""Recorded orders brought into the shape that the app reads: REST orders, and what orderCreate answered.

What a recording does not say and cannot be computed from it is None: the order cannot be brought into the shape.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from tests.support import evidence, order_content
from tests.support.order_content import Content, bag

FOLDER = evidence.SHOPIFY / "payloads"
MATRIX = FOLDER / "graphql__order__order-create-math-matrix.json"


def rest_orders() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every recorded REST order: (file's name, order)."""
    for path in sorted(FOLDER.glob("order__*.json")):
        yield path.stem, json.loads(path.read_text(), parse_float=Decimal)


def created_orders() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every order of the recorded matrix of orderCreate: (case's name, order)."""
    if MATRIX.exists():
        cases = json.loads(MATRIX.read_text(), parse_float=Decimal)["cases"]
        for name, case in cases.items():
            yield name, case["response"]["payload"]["data"]["orderCreate"]["order"]


def from_rest(order: Mapping[str, Any]) -> Content | None:
    """A REST order's content; None for one without current totals or lines."""
    if "current_total_price" not in order or not order.get("line_items"):
        return None
    refunds = [_refund(one) for one in order["refunds"]]
    refunded = sum((one["totalRefundedSet"]["shopMoney"]["amount"] for one in refunds), Decimal(0))
    return order_content.order(
        order["current_total_price"],
        [_line(one) for one in order["line_items"]],
        currency=order["currency"],
        currentTotalTaxSet=bag(order["current_total_tax"]),
        totalTipReceivedSet=bag(order["total_tip_received"]),
        totalRefundedSet=bag(refunded),
        taxesIncluded=order["taxes_included"],
        refunds=refunds,
        refundDiscrepancySet=bag(sum((_adjusted(one) for one in order["refunds"]), Decimal(0))),
        **{"shippingLines(first: 5)": {"nodes": [_shipping(one) for one in order["shipping_lines"]]}},
    )


def _line(line: Mapping[str, Any]) -> Content:
    discount = sum((Decimal(one["amount"]) for one in line["discount_allocations"]), Decimal(0))
    return order_content.line(
        line["id"],
        line["price"],
        line["quantity"],
        current=line["current_quantity"],
        discount=discount,
        taxes=[_tax(one) for one in line["tax_lines"]],
        sku=line["sku"],
        isGiftCard=line["gift_card"],
        variant=None if line["variant_id"] is None else {"legacyResourceId": str(line["variant_id"])},
    )


def _tax(line: Mapping[str, Any]) -> Content:
    return order_content.tax(line["price"], line["title"], Decimal(line["rate"]), line.get("channel_liable"))


def _shipping(line: Mapping[str, Any]) -> Content:
    return order_content.shipping(line["id"], line["discounted_price"], taxes=[_tax(one) for one in line["tax_lines"]])


def _refund(refund: Mapping[str, Any]) -> Content:
    rows = [
        (one["line_item_id"], one["quantity"], one["subtotal"], one["total_tax"]) for one in refund["refund_line_items"]
    ]
    money = (Decimal(one["amount"]) for one in refund["transactions"] if one["status"] == "success")
    return order_content.refund(sum(money, Decimal(0)), rows)


def _adjusted(refund: Mapping[str, Any]) -> Decimal:
    return sum((Decimal(one["amount"]) for one in refund.get("order_adjustments") or ()), Decimal(0))


def from_created(order: Mapping[str, Any]) -> Content | None:
    """A created order's content; None where a discount of several lines was not recorded line by line."""
    lines = order["lineItems"]["nodes"]
    discounts = order["currentTotalDiscountsSet"]
    if _amount(discounts) and len(lines) > 1:
        return None
    taxes = [one for owner in (*lines, *order["shippingLines"]["nodes"]) for one in owner["taxLines"]]
    return order_content.order(
        _bag(order["currentTotalPriceSet"]),
        [_created_line(place, one, discounts) for place, one in enumerate(lines, 1)],
        taxes=[one | {"priceSet": _bag(one["priceSet"]), "channelLiable": None} for one in taxes],
        currency=order["currentTotalPriceSet"]["shopMoney"]["currencyCode"],
        presentmentCurrencyCode=order["currentTotalPriceSet"]["presentmentMoney"]["currencyCode"],
        currentTotalTaxSet=_bag(order["currentTotalTaxSet"]),
        totalOutstandingSet=_bag(order["totalOutstandingSet"]),
        **{"shippingLines(first: 5)": {"nodes": [_created_shipping(one) for one in order["shippingLines"]["nodes"]]}},
    )


def _created_line(place: int, line: Mapping[str, Any], discounts: Mapping[str, Any]) -> Content:
    taxes = [one | {"priceSet": _bag(one["priceSet"]), "channelLiable": None} for one in line["taxLines"]]
    unit = _bag(line["originalUnitPriceSet"])
    whole = {side: {"amount": money["amount"] * line["quantity"]} for side, money in unit.items()}
    return order_content.line(place, 0, line["quantity"], taxes=taxes, sku=line["sku"]) | {
        "originalUnitPriceSet": unit,
        "originalTotalSet": whole,
        "discountAllocations": [{"allocatedAmountSet": _bag(discounts)}],
    }


def _created_shipping(line: Mapping[str, Any]) -> Content:
    taxes = [one | {"priceSet": _bag(one["priceSet"]), "channelLiable": None} for one in line["taxLines"]]
    price = _bag(line["originalPriceSet"])
    return order_content.shipping(1, 0, taxes=taxes) | {"discountedPriceSet": price, "currentDiscountedPriceSet": price}


def _bag(found: Mapping[str, Any]) -> Content:
    return {side: {"amount": Decimal(money["amount"])} for side, money in found.items()}


def _amount(found: Mapping[str, Any]) -> Decimal:
    return Decimal(found["shopMoney"]["amount"])
