"""What the API tells of the lines of fulfilment orders, of where they could go, and of what was sent for them.

Reads only.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.fulfilment_actions import partners
from sandbox.shopify.money import Bag, Pair
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.resolvers import variants as variant_fields
from sandbox.shopify.resolvers.inventory import location_source
from sandbox.shopify.store import fulfilment_orders, variants
from sandbox.shopify.store.database import Row


def _select(call: Call, where: str, parameters: list[Any], args: dict[str, Any]) -> Connection:
    return page(call.db, Select("l.*", "fulfillment_order_lines l", where, parameters, "l.id", Order("l.id")), args)


@registry.field("FulfillmentOrder", "lineItems", registry.CONNECTION_ARGUMENTS)
def _lines(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return _select(call, "l.fulfillment_order_id = ?", [row["id"]], args)


@registry.node("FulfillmentOrderLineItem")
def _node(call: Call, identifier: str) -> Row | None:
    row = call.db.get("fulfillment_order_lines", gid.number(identifier, "FulfillmentOrderLineItem"))
    return row and row | {"__typename": "FulfillmentOrderLineItem"}


@registry.field("FulfillmentOrderLineItem", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("FulfillmentOrderLineItem", row["id"])


@registry.field("FulfillmentOrderLineItem", "totalQuantity")
def _total(row: Row, _call: Call, _args: dict[str, Any]) -> int:
    return int(row["total"])


@registry.field("FulfillmentOrderLineItem", "remainingQuantity")
def _remaining(row: Row, _call: Call, _args: dict[str, Any]) -> int:
    return int(row["remaining"])


def line_node(call: Call, number: int) -> Row | None:
    """An order line as its own area passes it on."""
    found: Row | None = registry.NODES["LineItem"](call, gid.make("LineItem", number))
    return found


@registry.field("LineItem", "fulfillableQuantity")
def _fulfillable(row: Row, call: Call, _args: dict[str, Any]) -> int:
    # What fulfilment orders have of it that are not on hold, those of a cancelled order included (recorded).
    sql = (
        "SELECT COALESCE(SUM(l.remaining), 0) FROM fulfillment_order_lines l JOIN fulfillment_orders f "
        "ON f.id = l.fulfillment_order_id WHERE l.line_id = ? AND f.status <> 'ON_HOLD'"
    )
    return int(call.db.value(sql, (row["id"],)))


@registry.field("FulfillmentOrderLineItem", "lineItem")
def _line_item(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return line_node(call, row["line_id"])


def _line(row: Row, call: Call) -> Row:
    return call.db.get("order_lines", row["line_id"]) or {}


for _name, _column in (
    ("productTitle", "title"),
    ("sku", "sku"),
    ("variantTitle", "variant_title"),
    ("vendor", "vendor"),
):
    registry.field("FulfillmentOrderLineItem", _name)(  # type: ignore[misc]
        lambda row, call, _args, column=_column: _line(row, call).get(column)
    )


@registry.field("FulfillmentOrderLineItem", "requiresShipping")
def _requires_shipping(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    return bool(_line(row, call).get("requires_shipping"))


@registry.field("FulfillmentOrderLineItem", "variant")
def _variant(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return variant_fields.source(variants.get(call.store, _line(row, call).get("variant_id")))


@registry.field("FulfillmentOrderLineItem", "inventoryItemId")
def _item(row: Row, call: Call, _args: dict[str, Any]) -> str | None:
    variant = variants.get(call.store, _line(row, call).get("variant_id"))
    return gid.make("InventoryItem", variant["inventory_item_id"]) if variant else None


@registry.field("FulfillmentOrderLineItem", "weight")
def _weight(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    line = _line(row, call)
    if line.get("weight_value") is None:
        return None
    return {"value": line["weight_value"], "unit": line["weight_unit"]}


@registry.field("FulfillmentOrderLineItem", "warnings")
def _warnings(_row: Row, _call: Call, _args: dict[str, Any]) -> list[Row]:
    # Lines of a request cannot be refused one by one here, so there is nothing to warn of.
    return []


registry.keys("FulfillmentOrderLineItemWarning", "title description")


@registry.field("FulfillmentOrderLineItem", "originalUnitPriceSet")
def _price(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    line = _line(row, call)
    order = call.db.get("orders", line.get("order_id")) or {}
    return Bag.read(line.get("price")).shown(Pair(order["currency"], order["presentment_currency"]))


@registry.field("FulfillmentOrder", "fulfillmentOrdersForMerge", registry.CONNECTION_ARGUMENTS)
def _for_merge(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    numbers = [other["id"] for other in partners(call.store, row)]
    where = f"f.id IN ({', '.join('?' * len(numbers))})"
    return page(call.db, Select("f.*", "fulfillment_orders f", where, numbers, "f.id", Order("f.id")), args)


@registry.field("FulfillmentOrder", "locationsForMove", f"{registry.CONNECTION_ARGUMENTS} locationIds")
def _for_move(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    where, parameters = "o.is_active = 1 AND o.id IS NOT ?", [row["location_id"]]
    if args.get("locationIds"):
        where += f" AND o.id IN ({', '.join('?' * len(args['locationIds']))})"
        parameters += [gid.number(one, "Location") for one in args["locationIds"]]
    found = page(call.db, Select("o.*", "locations o", where, parameters, "o.id", Order("o.id")), args)
    found.rows = [place | {"owner": row["id"]} for place in found.rows]
    return found


@registry.field("FulfillmentOrderLocationForMove", "location")
def _move_location(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    return location_source(row)


@registry.field("FulfillmentOrderLocationForMove", "movable")
def _movable(_row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    # Recorded: a move to a place that stocks nothing of it is accepted.
    return True


@registry.field("FulfillmentOrderLocationForMove", "message")
def _move_message(_row: Row, _call: Call, _args: dict[str, Any]) -> None:
    return None


@registry.field("FulfillmentOrderLocationForMove", "availableLineItems", registry.CONNECTION_ARGUMENTS)
def _move_lines(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return _select(call, "l.fulfillment_order_id = ?", [row["owner"]], args)


@registry.field("FulfillmentOrderLocationForMove", "availableLineItemsCount")
def _move_count(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    return {"count": len(fulfilment_orders.lines(call.store, row["owner"])), "precision": "EXACT"}
