"""The staged changes of an edit, one type each.

Reads only.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.paging import Connection, listed
from sandbox.shopify.resolvers.order_edit_lines import value_of
from sandbox.shopify.resolvers.order_edits import calculated
from sandbox.shopify.resolvers.order_lines import line_source
from sandbox.shopify.resolvers.order_shipping import shipping_source
from sandbox.shopify.resolvers.order_source import presentment_money
from sandbox.shopify.resolvers.order_taxes import application
from sandbox.shopify.resolvers.variants import source as variant_source
from sandbox.shopify.store import variants
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_edits import Calculated

registry.keys("OrderStagedChangeAddCustomItem", "title quantity originalUnitPrice")
registry.keys("OrderStagedChangeAddVariant", "quantity variant")
registry.keys("OrderStagedChangeIncrementItem", "delta lineItem")
registry.keys("OrderStagedChangeDecrementItem", "delta lineItem restock")
registry.keys("OrderStagedChangeAddLineItemDiscount", "id description value")
registry.keys("OrderStagedChangeRemoveDiscount", "discountApplication")
registry.keys("OrderStagedChangeAddShippingLine", "title presentmentTitle phone price")
registry.keys("OrderStagedChangeRemoveShippingLine", "shippingLine")


def discount_change(found: Calculated, change: Row) -> Row:
    """The staged change of a discount on a line."""
    return {
        "__typename": "OrderStagedChangeAddLineItemDiscount",
        "id": gid.make("OrderStagedChangeAddLineItemDiscount", change["number"]),
        "description": change["description"],
        "value": value_of(found, change),
    }


def _custom(_call: Call, found: Calculated, change: Row) -> Row:
    shown = {"title": change["title"], "quantity": change["quantity"]}
    price = presentment_money(found.book, change["price"])
    return shown | {"__typename": "OrderStagedChangeAddCustomItem", "originalUnitPrice": price}


def _variant(call: Call, _found: Calculated, change: Row) -> Row:
    variant = variant_source(variants.get(call.store, change["variant_id"]))
    return {"__typename": "OrderStagedChangeAddVariant", "quantity": change["quantity"], "variant": variant}


def _quantity(_call: Call, found: Calculated, change: Row) -> Row:
    row = next(line for line in found.book.lines if str(line["id"]) == change["line"])
    delta = change["quantity"] - found.book.current_quantity(row)
    shown = {"lineItem": line_source(row), "delta": abs(delta)}
    if delta > 0:
        return shown | {"__typename": "OrderStagedChangeIncrementItem"}
    return shown | {"__typename": "OrderStagedChangeDecrementItem", "restock": bool(change.get("restock"))}


def _discount(_call: Call, found: Calculated, change: Row) -> Row:
    return discount_change(found, change)


def _no_discount(_call: Call, found: Calculated, change: Row) -> Row:
    row = next(one for one in found.book.discounts if one["id"] == change["discount"])
    return {"__typename": "OrderStagedChangeRemoveDiscount", "discountApplication": application(found.book, row)}


def _shipping(_call: Call, found: Calculated, change: Row) -> Row:
    shown = {"title": change["title"], "presentmentTitle": change["title"], "phone": None}
    price = presentment_money(found.book, change["price"])
    return shown | {"__typename": "OrderStagedChangeAddShippingLine", "price": price}


def _no_shipping(_call: Call, found: Calculated, change: Row) -> Row:
    row = next(one for one in found.book.shipping if one["id"] == change["shipping"])
    return {"__typename": "OrderStagedChangeRemoveShippingLine", "shippingLine": shipping_source(row)}


SHOWN = {
    "custom": _custom,
    "variant": _variant,
    "quantity": _quantity,
    "discount": _discount,
    "remove_discount": _no_discount,
    "shipping": _shipping,
    "remove_shipping": _no_shipping,
}


@registry.field("CalculatedOrder", "stagedChanges", registry.CONNECTION_ARGUMENTS)
def _changes(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    found = calculated(call, row)
    rows = [SHOWN[one["type"]](call, found, one) for one in found.effective]
    return listed([one | {"id": one.get("id") or place} for place, one in enumerate(rows, 1)], args)


@registry.field("CalculatedLineItem", "stagedChanges")
def _line_changes(shown: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    found = calculated(call, shown["edit"])
    key = shown["key"]
    own = [one for one in found.effective if key in (one.get("line"), one.get("id"))]
    return [SHOWN[one["type"]](call, found, one) for one in own]
