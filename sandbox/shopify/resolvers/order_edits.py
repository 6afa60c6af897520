"""What the API tells of an edit in progress: the calculated order, its shipping and totals.

Reads only. What was on the order keeps its number, what the edit adds has a random-looking id (recorded).
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.resolvers.order_source import bag, by_number
from sandbox.shopify.resolvers.order_taxes import summed
from sandbox.shopify.store import order_edits
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_edits import Calculated

registry.keys("OrderEditSession", "id")
registry.keys("CalculatedShippingLine", "id title stagedStatus price")


def source(edit: Row) -> Row:
    """An edit as the executor passes it on: the calculated order."""
    return edit | {"__typename": "CalculatedOrder"}


def session(edit: Row) -> Row:
    """The session of an edit."""
    return {"__typename": "OrderEditSession", "id": gid.make("OrderEditSession", edit["id"])}


def calculated(call: Call, edit: Row) -> Calculated:
    """The order as it would be, counted once as long as nothing is written."""
    key = ("calculated order", edit["id"])
    changes, found = call.cache.get(key, (None, None))
    if found is None or changes != call.db.changes:
        found = Calculated(call.store, call.db.get("order_edits", edit["id"]) or edit)
        call.cache[key] = (call.db.changes, found)
    return found


@registry.node("CalculatedOrder")
def _node(call: Call, identifier: str) -> Row | None:
    row = order_edits.find(call.store, gid.number(identifier, "CalculatedOrder"))
    return row and source(row)


@registry.node("OrderEditSession")
def _session_node(call: Call, identifier: str) -> Row | None:
    row = order_edits.find(call.store, gid.number(identifier, "OrderEditSession"))
    return row and session(row)


@registry.field("QueryRoot", "orderEditSession", "id")
def _session(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _session_node(call, args["id"])


@registry.field("CalculatedOrder", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("CalculatedOrder", row["id"])


@registry.field("CalculatedOrder", "originalOrder")
def _original(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return by_number(call, row["order_id"])


@registry.field("CalculatedOrder", "committed")
def _committed(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return row["committed_at"] is not None


# Shipping


def shipping_lines(found: Calculated) -> list[Row]:
    """The shipping lines of the order as it would be; removed ones are still shown as such."""
    rows = []
    for one in found.book.shipping:
        if not one["removed"]:
            state = "REMOVED" if one["id"] in found.gone_shipping else "NONE"
            rows.append(_shipping(found, str(one["id"]), one, state))
    return rows + [_shipping(found, one["id"], one, "ADDED") for one in found.of_type("shipping")]


def _shipping(found: Calculated, key: str, one: Row, state: str) -> Row:
    shown = {"id": f"gid://shopify/CalculatedShippingLine/{key}", "title": one["title"], "stagedStatus": state}
    return shown | {"price": bag(found.book, one["price"])}


@registry.field("CalculatedOrder", "shippingLines")
def _shipping_lines(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    return shipping_lines(calculated(call, row))


# Totals

AMOUNTS = {
    "subtotalPriceSet": lambda found: found.subtotal,
    "totalPriceSet": lambda found: found.total,
    "totalOutstandingSet": lambda found: found.outstanding,
    "cartDiscountAmountSet": lambda found: found.cart_discount,
}


def _register(name: str, value: Any) -> None:
    @registry.field("CalculatedOrder", name)
    def _amount(row: Row, call: Call, _args: dict[str, Any]) -> Row:
        found = calculated(call, row)
        return bag(found.book, value(found))


for _name, _value in AMOUNTS.items():
    _register(_name, _value)


@registry.field("CalculatedOrder", "subtotalLineItemsQuantity")
def _quantity(row: Row, call: Call, _args: dict[str, Any]) -> int:
    return sum(line.quantity for line in calculated(call, row).lines)


@registry.field("CalculatedOrder", "taxLines")
def _taxes(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    found = calculated(call, row)
    return summed(found.book, found.tax_lines)
