"""A Shopify order as the other side's document sees it: which of its lines are whose, what was ordered for how much.

`sale` is computed from the order and added to its content. A line of CRM may stand in Shopify as several lines (amounts
that no price per unit gives exactly); they are told by the property `_crm_line`, lines that an edit added by the
order's metafield. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from shared.currencies import smallest
from shared.fields import FieldInfo, Tree, described, kinds
from shared.lines import ETAG, ROW
from shared.records import Content

LINE_MARK = "_crm_line"
LIST_PRICE = "_list_price"
SHIPPING = "shippingLines(first: 5)"
REFUNDED = "refundLineItems(first: 10)"
SCHEDULES = "paymentSchedules(first: 1)"
WHOLE = "Document discount"
"""What parts of a discount on the whole document are called that an edit has put on single lines."""
TAX_LINE = "tax"
"""Whose the line is that stands for CRM's taxes in an order of a draft order (DOCUMENT_TAX)."""
MANUAL = "... on ManualDiscountApplication"
FIXED = "FIXED"
"""Payment terms that are a date."""
ZERO = Decimal(0)
PAID = frozenset({"PAID", "PARTIALLY_REFUNDED", "REFUNDED"})

_ORDER = (
    "name createdAt cancelledAt note tags poNumber email phone currencyCode presentmentCurrencyCode "
    "displayFinancialStatus displayFulfillmentStatus legacyResourceId"
)
_AMOUNTS = "currentTotalPriceSet currentTotalTaxSet totalRefundedSet"
_ADDRESS = "company firstName lastName address1 address2 city province zip country phone"
_LINE = "id title sku variant.legacyResourceId quantity currentQuantity customAttributes.key customAttributes.value"
_LINE_AMOUNTS = "originalUnitPriceSet discountAllocations.allocatedAmountSet taxLines.priceSet"


def _below(prefix: str, names: str, amounts: str = "") -> Iterator[str]:
    yield from (prefix + name for name in names.split())
    yield from (f"{prefix}{name}.presentmentMoney.amount" for name in amounts.split())


def paths(map_path: str) -> tuple[str, ...]:
    """What is read of an order; `map_path`: the metafield that says which added line is whose."""
    return (
        *_below("", _ORDER, _AMOUNTS),
        "customer.legacyResourceId",
        map_path,
        *_below("shippingAddress.", _ADDRESS),
        *_below("lineItems.nodes.", _LINE, _LINE_AMOUNTS),
        "lineItems.nodes.discountAllocations.discountApplication.allocationMethod",
        f'lineItems.nodes.discountAllocations.discountApplication."{MANUAL}".title',
        *_below(f'"{SHIPPING}".nodes.', "id title", "currentDiscountedPriceSet"),
        *_below(f'refunds."{REFUNDED}".nodes.', "quantity lineItem.id"),
        *_below("paymentTerms.", "id paymentTermsName paymentTermsType"),
        *_below(f'paymentTerms."{SCHEDULES}".nodes.', "issuedAt dueAt"),
        "fulfillments.status",
        "fulfillments.trackingInfo.number",
        "fulfillments.trackingInfo.url",
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """One line of Shopify; `crm`: the CRM line it stands for (""): nobody's. Quantities as ordered, less removed.

    `shared`: its part of a discount on the whole; `own`: whether it has one of its own.
    """

    id: str
    crm: str
    variant: str | None
    title: str
    sku: str
    quantity: int
    price: Decimal
    amount: Decimal
    shared: Decimal
    tax: Decimal
    own: bool

    @property
    def is_tax(self) -> bool:
        """Whether it is no line of goods: it stands for taxes."""
        return self.crm == TAX_LINE


def pieces(content: Content, owners: Mapping[str, Any]) -> list[Piece]:
    """The lines of an order that somebody still wants: those an edit removed are left out, refunded ones are not."""
    back: dict[str, int] = {}
    for refund in content.get("refunds") or ():
        for row in refund[REFUNDED]["nodes"]:
            back[row["lineItem"]["id"]] = back.get(row["lineItem"]["id"], 0) + int(row["quantity"])
    unit = smallest(str(content["presentmentCurrencyCode"]))
    found = (_piece(node, owners, back.get(node["id"], 0), unit) for node in content["lineItems"]["nodes"])
    return [piece for piece in found if piece.quantity]


def _piece(node: Content, owners: Mapping[str, Any], back: int, unit: Decimal) -> Piece:
    number = str(node["id"]).rpartition("/")[2]
    marks = _marks_of(owners.get(number)) | {each["key"]: each["value"] for each in node["customAttributes"]}
    ordered, whole = min(int(node["currentQuantity"]) + back, int(node["quantity"])), int(node["quantity"])
    price = _amount(node["originalUnitPriceSet"])
    own, shared = ZERO, ZERO
    for each in node["discountAllocations"]:
        amount = _amount(each["allocatedAmountSet"])
        if _of_whole(each["discountApplication"]):
            shared += amount
        else:
            own += amount

    def part(amount: Decimal) -> Decimal:
        return amount if ordered == whole else (amount * ordered / whole).quantize(unit)

    return Piece(
        id=number,
        crm=str(marks.get(LINE_MARK) or ""),
        variant=str(node["variant"]["legacyResourceId"]) if node["variant"] else None,
        title=str(node["title"]),
        sku=str(node["sku"] or ""),
        quantity=ordered,
        price=Decimal(marks[LIST_PRICE]) if LIST_PRICE in marks else price,
        amount=price * ordered - part(own),
        shared=part(shared),
        own=bool(own),
        tax=part(sum((_amount(each["priceSet"]) for each in node["taxLines"]), ZERO)),
    )


def owner_entry(line: str, price: Decimal, shown: Decimal) -> Any:
    """What the order's metafield says of a line that an edit added: whose it is, and a price that it does not show."""
    return line if price == shown else {LINE_MARK: line, LIST_PRICE: f"{price:f}"}


def _marks_of(entry: Any) -> dict[str, Any]:
    return dict(entry) if isinstance(entry, Mapping) else {LINE_MARK: entry}


def _of_whole(application: Content) -> bool:
    manual = application[MANUAL] or {}
    return application["allocationMethod"] == "ACROSS" or manual.get("title") == WHOLE


def rows(found: Iterable[Piece]) -> list[dict[str, Any]]:
    """The lines as CRM has them, in the order of their ids; a line that is nobody's is a row of its own."""
    owners: dict[str, list[Piece]] = {}
    for piece in found:
        if piece.is_tax:
            continue
        owners.setdefault(piece.crm or f"shopify {piece.id}", []).append(piece)
    return [_row(owner, owners[owner]) for owner in sorted(owners)]


def _row(owner: str, parts: list[Piece]) -> dict[str, Any]:
    first = parts[0]
    return {
        ROW: owner,
        ETAG: ",".join(piece.id for piece in parts),
        "variant": first.variant,
        "title": first.title,
        "sku": first.sku,
        "quantity": sum(piece.quantity for piece in parts),
        "price": max(piece.price for piece in parts),
        "amount": sum((piece.amount for piece in parts), ZERO),
        "tax": sum((piece.tax for piece in parts), ZERO),
    }


def sale_of(content: Content, owners: Mapping[str, Any]) -> dict[str, Any]:
    """What is added to an order."""
    found = pieces(content, owners)
    freight = sum((_amount(each["currentDiscountedPriceSet"]) for each in content[SHIPPING]["nodes"]), ZERO)
    tracking = (each["number"] or each["url"] for one in content["fulfillments"] for each in one["trackingInfo"])
    return {
        "lines": rows(found),
        "total": _amount(content["currentTotalPriceSet"]),
        "tax": _amount(content["currentTotalTaxSet"]) + sum((each.amount for each in found if each.is_tax), ZERO),
        "freight": freight,
        "discount": sum((piece.shared for piece in found), ZERO),
        "currency": content["presentmentCurrencyCode"],
        "paid": content["displayFinancialStatus"] in PAID,
        "cancelled": content["cancelledAt"] is not None,
        "refunded": bool(_amount(content["totalRefundedSet"]) or content["refunds"]),
        "tracking": ", ".join(dict.fromkeys(filter(None, tracking))) or None,
        "terms": terms_of(content),
        "status": [{"id": "status"}],
    }


def terms_of(content: Content) -> str | None:
    """When an order has to be paid, as documents say it: the terms' name, or the date of fixed ones."""
    terms = content["paymentTerms"]
    if terms is None:
        return None
    dates = [node["dueAt"] for node in terms[SCHEDULES]["nodes"]]
    if terms["paymentTermsType"] == FIXED and dates and dates[0]:
        return str(dates[0])[:10]
    return str(terms["paymentTermsName"])


def _amount(bag: Any) -> Decimal:
    return Decimal(bag["presentmentMoney"]["amount"]) if bag else ZERO


_KINDS = {
    **dict.fromkeys(("total", "tax", "freight", "discount"), "decimal"),
    **dict.fromkeys(("paid", "cancelled", "refunded"), "boolean"),
    **dict.fromkeys(("currency", "tracking", "terms", "purchaser"), "text"),
}
_ROW_KINDS = {
    **dict.fromkeys(("variant", "title", "sku"), "text"),
    **dict.fromkeys(("price", "amount", "tax"), "decimal"),
    "quantity": "integer",
}
_TREE: Tree = {"sale": {"lines": [_ROW_KINDS], "status": [kinds(text="id")], **_KINDS}}
WRITTEN = frozenset({"total", "tax", "freight", "discount", "currency", "paid", "cancelled", "terms", "purchaser"})


def describe(path: str) -> FieldInfo | None:
    """What is known of a path below `sale`; None where there is none."""
    found, names = described(_TREE, path), path.split(".")
    if found is None:
        return None
    row = names[1:2] == ["lines"] and len(names) == 3
    can = row or (len(names) == 2 and names[1] in WRITTEN)
    return replace(found, is_list=found.is_list and not row, creatable=can, updatable=can)
