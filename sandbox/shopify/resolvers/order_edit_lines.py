"""The lines of an order being edited, and the discounts on them.

Reads only. Fixed discounts of an edit are per unit; those of the order are shared as they were.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from sandbox.shopify import registry
from sandbox.shopify.call import Call
from sandbox.shopify.money import Bag
from sandbox.shopify.paging import Connection, listed
from sandbox.shopify.resolvers.order_edits import calculated
from sandbox.shopify.resolvers.order_source import bag, presentment_money
from sandbox.shopify.resolvers.order_taxes import APPLICATIONS
from sandbox.shopify.resolvers.variants import source as variant_source
from sandbox.shopify.store import variants
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import is_order_level
from sandbox.shopify.store.order_edits import Calculated, Line

registry.keys("CalculatedLineItem", "id title quantity sku variantTitle")
registry.keys("CalculatedDiscountAllocation", "allocatedAmountSet discountApplication")
for _kind in APPLICATIONS.values():
    _fields = "id description allocationMethod appliedTo targetSelection targetType value"
    registry.keys(f"Calculated{_kind}", _fields)
registry.keys("CalculatedDiscountCodeApplication", "code")
_SPACE = uuid.UUID("b4c2a6de-6a55-5c0f-9a53-1f0a4b0f3f0a")



def shown_line(row: Row, line: Line) -> Row:
    """A line of the calculated order as the executor passes it on."""
    return {
        "__typename": "CalculatedLineItem",
        "id": f"gid://shopify/CalculatedLineItem/{line.key}",
        "title": line.row["title"],
        "quantity": line.quantity,
        "sku": line.row.get("sku"),
        "variantTitle": line.row.get("variant_title"),
        "edit": row,
        "key": line.key,
    }


def _lines(row: Row, call: Call, args: dict[str, Any], added: bool) -> Connection:
    found = calculated(call, row).lines
    return listed([shown_line(row, line) for line in found if line.added is added], args)


@registry.field("CalculatedOrder", "lineItems", registry.CONNECTION_ARGUMENTS)
def _line_items(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return _lines(row, call, args, added=False)


@registry.field("CalculatedOrder", "addedLineItems", registry.CONNECTION_ARGUMENTS)
def _added_lines(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return _lines(row, call, args, added=True)


def _of(call: Call, shown: Row) -> tuple[Calculated, Line]:
    found = calculated(call, shown["edit"])
    line = found.line(shown["key"])
    assert line is not None  # noqa: S101 - it was just listed
    return found, line


@registry.field("CalculatedLineItem", "variant")
def _variant(shown: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    _, line = _of(call, shown)
    return variant_source(variants.get(call.store, line.row.get("variant_id")))


@registry.field("CalculatedLineItem", "customAttributes")
def _attributes(shown: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    _, line = _of(call, shown)
    return list(json.loads(line.row.get("custom_attributes") or "[]"))


@registry.field("CalculatedLineItem", "originalUnitPriceSet")
def _unit_price(shown: Row, call: Call, _args: dict[str, Any]) -> Row:
    found, line = _of(call, shown)
    return bag(found.book, line.price)


@registry.field("CalculatedLineItem", "discountedUnitPriceSet")
def _discounted(shown: Row, call: Call, _args: dict[str, Any]) -> Row:
    found, line = _of(call, shown)
    if not line.quantity:
        return bag(found.book, line.price)
    off = found.standing_discount(line, line_level=True) + found.staged_discount(line)
    return bag(found.book, (line.price * line.quantity - off).over(line.quantity))


@registry.field("CalculatedLineItem", "hasStagedLineItemDiscount")
def _has_discount(shown: Row, call: Call, _args: dict[str, Any]) -> bool:
    return bool(_of(call, shown)[1].discounts)


def _fixed_part(found: Calculated, line: Line) -> int:
    return 0 if line.added else found.book.fulfilled.get(line.row["id"], 0)


@registry.field("CalculatedLineItem", "editableQuantity")
def _editable(shown: Row, call: Call, _args: dict[str, Any]) -> int:
    found, line = _of(call, shown)
    return max(line.quantity - _fixed_part(found, line), 0)


@registry.field("CalculatedLineItem", "editableQuantityBeforeChanges")
def _editable_before(shown: Row, call: Call, _args: dict[str, Any]) -> int:
    found, line = _of(call, shown)
    return 0 if line.added else found.book.unfulfilled_quantity(line.row)


def _part(found: Calculated, line: Line, units: int) -> Row:
    share = (found.net(line) * units).over(line.quantity) if line.quantity else Bag()
    return bag(found.book, share)


@registry.field("CalculatedLineItem", "editableSubtotalSet")
def _editable_subtotal(shown: Row, call: Call, args: dict[str, Any]) -> Row:
    found, line = _of(call, shown)
    return _part(found, line, _editable(shown, call, args))


@registry.field("CalculatedLineItem", "uneditableSubtotalSet")
def _uneditable_subtotal(shown: Row, call: Call, _args: dict[str, Any]) -> Row:
    found, line = _of(call, shown)
    return _part(found, line, min(_fixed_part(found, line), line.quantity))


@registry.field("CalculatedLineItem", "restockable")
def _restockable(shown: Row, call: Call, args: dict[str, Any]) -> bool:
    return _variant(shown, call, args) is not None


@registry.field("CalculatedLineItem", "restocking")
def _restocking(shown: Row, call: Call, _args: dict[str, Any]) -> bool:
    change = _of(call, shown)[1].change
    return bool(change and change["type"] == "quantity" and change.get("restock"))


# Discounts


def staged_application(found: Calculated, change: Row) -> Row:
    """A discount of this edit as an application."""
    return {
        "__typename": "CalculatedManualDiscountApplication",
        "id": f"gid://shopify/CalculatedManualDiscountApplication/{change['id']}",
        "description": change["description"],
        "allocationMethod": "EACH",
        "appliedTo": "LINE",
        "targetSelection": "EXPLICIT",
        "targetType": "LINE_ITEM",
        "value": value_of(found, change),
    }


def value_of(found: Calculated, change: Row) -> Row:
    """The value of a staged discount."""
    if change.get("percent") is not None:
        return {"__typename": "PricingPercentageValue", "percentage": float(change["percent"])}
    return {"__typename": "MoneyV2"} | presentment_money(found.book, change["fixed"])


def standing_id(discount: Row) -> str:
    """The random-looking id that a discount of the order has in every edit of it."""
    return str(uuid.uuid5(_SPACE, str(discount["id"])))


def standing_application(found: Calculated, row: Row) -> Row:
    """A discount that the order has already as an application."""
    kind = f"Calculated{APPLICATIONS[row['kind']]}"
    change = {"percent": row["value"] if row["value_type"] == "percentage" else None, "fixed": row["value"]}
    return {
        "__typename": kind,
        "id": f"gid://shopify/{kind}/{standing_id(row)}",
        "description": row["description"] or row["title"] or row["code"],
        "code": row["code"],
        "allocationMethod": row["allocation_method"],
        "appliedTo": "ORDER" if is_order_level(row) else "LINE",
        "targetSelection": row["target_selection"],
        "targetType": row["target_type"],
        "value": value_of(found, change),
    }


@registry.field("CalculatedLineItem", "calculatedDiscountAllocations")
def _allocations(shown: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    found, line = _of(call, shown)
    kept = [row for row in found.book.discounts if row["id"] not in found.gone_discounts]
    rows = [] if line.added else [one for one in kept if found.alone(line, one)]
    shares = [(found.alone(line, one), standing_application(found, one)) for one in rows]
    shares += [(found.amount_of(one, line), staged_application(found, one)) for one in line.discounts]
    return [
        {"allocatedAmountSet": bag(found.book, amount), "discountApplication": application}
        for amount, application in shares
    ]


@registry.field("CalculatedOrder", "addedDiscountApplications", registry.CONNECTION_ARGUMENTS)
def _added_applications(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    found = calculated(call, row)
    return listed([staged_application(found, one) for one in found.of_type("discount")], args)
