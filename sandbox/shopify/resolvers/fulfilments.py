"""What the API tells of fulfilments, their lines, tracking and events.

Reads only; the display status is that of the last event, or of the fulfilment itself.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.resolvers.fulfilment_lines import line_node
from sandbox.shopify.resolvers.fulfilment_orders import order_node
from sandbox.shopify.resolvers.inventory import location_source
from sandbox.shopify.resolvers.locations import MANUAL, service_source
from sandbox.shopify.store import fulfilments, locations
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book

WAITING = {"OPEN": "SUBMITTED", "PENDING": "SUBMITTED"}
DISPLAY = {"CANCELLED": "CANCELED", "ERROR": "FAILURE", "FAILURE": "FAILURE"} | WAITING
EVENT_PLACE = "address1 city country latitude longitude province zip"

registry.keys("Fulfillment", "status")
registry.keys("FulfillmentTrackingInfo", "number url company")
registry.keys("FulfillmentOriginAddress", "address1 address2 city countryCode provinceCode zip")
registry.keys("FulfillmentEvent", "status message")


def source(row: Row | None) -> Row | None:
    """A fulfilment as the executor passes it on."""
    return None if row is None else row | {"__typename": "Fulfillment"}


@registry.field("QueryRoot", "fulfillment", "id")
def _one(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _node(call, args["id"])


@registry.node("Fulfillment")
def _node(call: Call, identifier: str) -> Row | None:
    return source(fulfilments.get(call.store, gid.number(identifier, "Fulfillment")))


@registry.field("Order", "fulfillments", "first")
def _of_order(order: Row, call: Call, args: dict[str, Any]) -> list[Row | None]:
    rows = fulfilments.of_order(call.store, order["id"])
    limit = args.get("first")
    return [source(row) for row in (rows if limit is None else rows[:limit])]


@registry.field("Order", "fulfillmentsCount")
def _count(order: Row, call: Call, _args: dict[str, Any]) -> Row:
    return {"count": len(fulfilments.of_order(call.store, order["id"])), "precision": "EXACT"}


@registry.field("FulfillmentOrder", "fulfillments", registry.CONNECTION_ARGUMENTS)
def _of_fulfilment_order(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    where = "f.id IN (SELECT fulfillment_id FROM fulfillment_lines WHERE fulfillment_order_id = ?) AND f.order_id = ?"
    parameters = [row["id"], row["order_id"]]
    return page(call.db, Select("f.*", "fulfillments f", where, parameters, "f.id", Order("f.id")), args)


@registry.field("Fulfillment", "fulfillmentOrders", registry.CONNECTION_ARGUMENTS)
def _fulfilment_orders(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    where = "f.id IN (SELECT fulfillment_order_id FROM fulfillment_lines WHERE fulfillment_id = ?)"
    return page(call.db, Select("f.*", "fulfillment_orders f", where, [row["id"]], "f.id", Order("f.id")), args)


@registry.field("Fulfillment", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("Fulfillment", row["id"])


@registry.field("Fulfillment", "legacyResourceId")
def _legacy(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["id"])


@registry.field("Fulfillment", "name")
def _name(row: Row, call: Call, _args: dict[str, Any]) -> str:
    order = call.db.value("SELECT name FROM orders WHERE id = ?", (row["order_id"],))
    return f"{order}-F{row['number']}"


for _field, _column in (
    ("createdAt", "created_at"),
    ("updatedAt", "updated_at"),
    ("estimatedDeliveryAt", "estimated_delivery_at"),
):
    registry.field("Fulfillment", _field)(lambda row, _call, _args, column=_column: iso(row[column]))  # type: ignore[misc]


@registry.field("Fulfillment", "displayStatus")
def _display(row: Row, call: Call, _args: dict[str, Any]) -> str:
    if row["status"] != "SUCCESS":
        return DISPLAY[row["status"]]
    events = fulfilments.events(call.store, row["id"])
    return str(events[-1]["status"]) if events else "FULFILLED"


def _happened(status: str) -> registry.Resolver:
    def resolve(row: Row, call: Call, _args: dict[str, Any]) -> str | None:
        moments = [one["happened_at"] for one in fulfilments.events(call.store, row["id"]) if one["status"] == status]
        return iso(moments[0]) if moments else None

    return resolve


registry.field("Fulfillment", "deliveredAt")(_happened("DELIVERED"))
registry.field("Fulfillment", "inTransitAt")(_happened("IN_TRANSIT"))


@registry.field("Fulfillment", "trackingInfo", "first")
def _tracking(row: Row, _call: Call, args: dict[str, Any]) -> list[Row]:
    return fulfilments.tracking(row)[: args.get("first")]


@registry.field("Fulfillment", "originAddress")
def _origin(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    if not row["origin"]:
        return None
    given = json.loads(row["origin"])
    names = ("address1", "address2", "city", "countryCode", "provinceCode", "zip")
    return {name: given.get(name) for name in names}


@registry.field("Fulfillment", "location")
def _location(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return location_source(locations.get(call.store, row["location_id"]))


@registry.field("Fulfillment", "service")
def _service(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    # A place that no service runs is served by the merchant's own, "manual".
    if row["service_id"] is None:
        return MANUAL
    return service_source(call.db.get("fulfillment_services", row["service_id"]))


@registry.field("Fulfillment", "order")
def _order(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return order_node(call, row["order_id"])


@registry.field("Fulfillment", "totalQuantity")
def _quantity(row: Row, call: Call, _args: dict[str, Any]) -> int:
    return sum(line["quantity"] for line in fulfilments.lines(call.store, row["id"]))


@registry.field("Fulfillment", "requiresShipping")
def _requires_shipping(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    rows = [call.db.get("order_lines", line["line_id"]) for line in fulfilments.lines(call.store, row["id"])]
    return any(line["requires_shipping"] for line in rows if line is not None)


@registry.field("Fulfillment", "fulfillmentLineItems", registry.CONNECTION_ARGUMENTS)
def _lines(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return page(
        call.db, Select("l.*", "fulfillment_lines l", "l.fulfillment_id = ?", [row["id"]], "l.id", Order("l.id")), args
    )


@registry.node("FulfillmentLineItem")
def _line_node(call: Call, identifier: str) -> Row | None:
    row = call.db.get("fulfillment_lines", gid.number(identifier, "FulfillmentLineItem"))
    return row and row | {"__typename": "FulfillmentLineItem"}


registry.keys("FulfillmentLineItem", "quantity")


@registry.field("FulfillmentLineItem", "id")
def _line_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("FulfillmentLineItem", row["id"])


@registry.field("FulfillmentLineItem", "lineItem")
def _line_item(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return line_node(call, row["line_id"])


def _money(row: Row, call: Call, discounted: bool) -> Row:
    line = call.db.get("order_lines", row["line_id"]) or {}
    book = Book(call.store, line["order_id"])
    whole = book.ordered(line)
    if discounted:
        whole = whole - book.discount_of(("line", line["id"]), line_level=True)
    units = line["quantity"] or 1
    return (whole * row["quantity"]).over(units).rounded(book.pair).shown(book.pair)


@registry.field("FulfillmentLineItem", "originalTotalSet")
def _original(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    return _money(row, call, False)


@registry.field("FulfillmentLineItem", "discountedTotalSet")
def _discounted(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    return _money(row, call, True)


@registry.field("Fulfillment", "events", f"{registry.CONNECTION_ARGUMENTS} sortKey")
def _events(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    columns = {"HAPPENED_AT": "e.happened_at", "CREATED_AT": "e.created_at"}
    order = Order(columns.get(args.get("sortKey") or "HAPPENED_AT", "e.id"))
    select = Select("e.*", "fulfillment_events e", "e.fulfillment_id = ?", [row["id"]], "e.id", order)
    return page(call.db, select, args)


def event_source(row: Row) -> Row:
    """An event as the executor passes it on."""
    return row | {"__typename": "FulfillmentEvent"}


@registry.node("FulfillmentEvent")
def _event_node(call: Call, identifier: str) -> Row | None:
    row = call.db.get("fulfillment_events", gid.number(identifier, "FulfillmentEvent"))
    return row and event_source(row)


@registry.field("FulfillmentEvent", "id")
def _event_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("FulfillmentEvent", row["id"])


for _field, _column in (
    ("createdAt", "created_at"),
    ("happenedAt", "happened_at"),
    ("estimatedDeliveryAt", "estimated_delivery_at"),
):
    registry.field("FulfillmentEvent", _field)(lambda row, _call, _args, column=_column: iso(row[column]))  # type: ignore[misc]
for _field in EVENT_PLACE.split():
    registry.field("FulfillmentEvent", _field)(  # type: ignore[misc]
        lambda row, _call, _args, name=_field: json.loads(row["place"]).get(name)
    )
