"""Reading which fulfilment order, and which units of it, a mutation is about.

An unknown fulfilment order is a top-level error (recorded for the mutations on a single one), never a user error here.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.store import fulfilment_orders, orders
from sandbox.shopify.store.database import Row

Units = list[tuple[Row, int]]
TOO_MANY = "Invalid fulfillment order line item quantity requested."
NO_LINE = "Fulfillment order line item does not exist."
registry.inputs("FulfillmentOrderLineItemInput", "id quantity")


def invalid_id(identifier: str) -> FieldFailed:
    """The error of an id that stands for no record."""
    return FieldFailed(f"Invalid id: {identifier}", "RESOURCE_NOT_FOUND")


def found(call: Call, identifier: str) -> Row:
    """The fulfilment order of an id."""
    row = fulfilment_orders.get(call.store, gid.number(identifier, "FulfillmentOrder"))
    if row is None:
        raise invalid_id(identifier)
    call.target("FulfillmentOrder", row["id"])
    return row


def check_positive(given: list[Row], path: list[str], message: str, code: str | None) -> None:
    """Refuse quantities below one, each at its own path."""
    errors = [
        user_error([*path, str(place), "quantity"], message, code)
        for place, one in enumerate(given)
        if one["quantity"] < 1
    ]
    if errors:
        raise UserErrors(errors)


def units(call: Call, row: Row, given: list[Row] | None, path: list[str] | None = None, code: Any = None) -> Units:
    """The lines of a fulfilment order with the units asked for; nothing asked for is all that is left."""
    rows = {line["id"]: line for line in fulfilment_orders.lines(call.store, row["id"])}
    if not given:
        return [(line, line["remaining"]) for line in rows.values() if line["remaining"]]
    chosen: Units = []
    for one in given:
        line = rows.get(gid.number(one["id"], "FulfillmentOrderLineItem") or 0)
        if line is None:
            raise refuse(path, NO_LINE)
        if one["quantity"] > line["remaining"]:
            raise refuse(path, TOO_MANY, code)
        chosen.append((line, one["quantity"]))
    return chosen


def is_all(call: Call, row: Row, chosen: Units) -> bool:
    """True when the units are all that a fulfilment order holds."""
    wanted = {line["id"]: quantity for line, quantity in chosen}
    return all(line["total"] == wanted.get(line["id"]) for line in fulfilment_orders.lines(call.store, row["id"]))


def shown(call: Call, number: int | None) -> Row | None:
    """A fulfilment order as it stands after the change."""
    row = fulfilment_orders.get(call.store, number)
    return None if row is None else row | {"__typename": "FulfillmentOrder"}


def touch(call: Call, row: Row) -> None:
    """The order of a fulfilment order changed too."""
    orders.touch(call.store, row["order_id"])
