"""Fulfilment orders in the store: the work that is left to do on an order, by place and way of delivery.

Rows and the life of one; what a merchant may ask for in which state is decided where the requests come in.
"""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.shopify.search.index import Document
from sandbox.shopify.store import fulfilment_routing
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

HOUR = 3_600_000_000
# In these states work can still be done.
ACTIVE = ("OPEN", "IN_PROGRESS", "ON_HOLD", "SCHEDULED", "INCOMPLETE")


def get(store: Store, number: int | None) -> Row | None:
    """A fulfilment order by its number."""
    return store.db.get("fulfillment_orders", number)


def lines(store: Store, number: int) -> list[Row]:
    """What a fulfilment order is about, in order."""
    sql = "SELECT * FROM fulfillment_order_lines WHERE fulfillment_order_id = ? ORDER BY id"
    return store.db.all(sql, (number,))


def of_order(store: Store, order: int) -> list[Row]:
    """All fulfilment orders of an order, oldest first."""
    return store.db.all("SELECT * FROM fulfillment_orders WHERE order_id = ? ORDER BY id", (order,))


def active(store: Store, order: int) -> list[Row]:
    """Those that still stand for work."""
    return [row for row in of_order(store, order) if row["status"] in ACTIVE]


def add(store: Store, values: Row) -> int:
    """Add an open fulfilment order without lines; `values` has order, place and way of delivery."""
    now = store.now()
    number = store.db.next_id("FulfillmentOrder")
    defaults = {"status": "OPEN", "request_status": "UNSUBMITTED", "fulfill_at": now // HOUR * HOUR}
    row = defaults | values | {"id": number, "created_at": now, "updated_at": now}
    store.db.insert("fulfillment_orders", row)
    _reindex(store, number)
    return number


def like(store: Store, row: Row, **changes: object) -> int:
    """Add one at the same place for the same order and delivery, open and not asked for."""
    kept = {name: row[name] for name in ("order_id", "location_id", "delivery_method", "fulfill_at", "fulfill_by")}
    return add(store, kept | changes)


def add_line(store: Store, number: int, line: int, quantity: int) -> int:
    """Put units of an order line into a fulfilment order."""
    identifier = store.db.next_id("FulfillmentOrderLineItem")
    row = {"id": identifier, "fulfillment_order_id": number, "line_id": line, "total": quantity, "remaining": quantity}
    store.db.insert("fulfillment_order_lines", row)
    return identifier


def change(store: Store, number: int, values: Row, topic: str | None = None) -> None:
    """Change a fulfilment order and tell of it."""
    store.db.update("fulfillment_orders", number, values | {"updated_at": store.now()})
    if topic is not None:
        store.event(f"fulfillment_orders/{topic}", number)
    _reindex(store, number)


def resize(store: Store, line: Row, by: int) -> None:
    """Make a line larger or smaller by units still to be done; an empty one goes."""
    total, remaining = line["total"] + by, line["remaining"] + by
    if total <= 0:
        store.db.run("DELETE FROM fulfillment_order_lines WHERE id = ?", (line["id"],))
    else:
        store.db.update("fulfillment_order_lines", line["id"], {"total": total, "remaining": remaining})


def move_lines(store: Store, source: int, target: int) -> None:
    """Hand what is left to do to another fulfilment order; a line keeps its number, units that are done stay."""
    for line in lines(store, source):
        if line["remaining"] == line["total"]:
            store.db.update("fulfillment_order_lines", line["id"], {"fulfillment_order_id": target})
        elif line["remaining"]:
            add_line(store, target, line["line_id"], line["remaining"])
            resize(store, line, -line["remaining"])


def take(store: Store, target: int, units: Iterable[tuple[Row, int]]) -> None:
    """Hand some units of some lines to another fulfilment order."""
    for line, quantity in units:
        if quantity == line["total"]:
            store.db.update("fulfillment_order_lines", line["id"], {"fulfillment_order_id": target})
        else:
            resize(store, line, -quantity)
            add_line(store, target, line["line_id"], quantity)


def close_if_done(store: Store, number: int) -> None:
    """Close a fulfilment order that nothing is left of."""
    row = get(store, number)
    left = sum(line["remaining"] for line in lines(store, number))
    if row is not None and row["status"] in ACTIVE and not left:
        change(store, number, {"status": "CLOSED"})


def holds(store: Store, number: int) -> list[Row]:
    """What holds a fulfilment order, oldest first."""
    return store.db.all("SELECT * FROM fulfillment_holds WHERE fulfillment_order_id = ? ORDER BY id", (number,))


# The life of an order: `store.order_hooks` calls these.


def open_for(store: Store, order: int) -> None:
    """Open the fulfilment orders of a new order."""
    rows = store.db.all("SELECT * FROM order_lines WHERE order_id = ? ORDER BY position, id", (order,))
    add_units(store, order, {row["id"]: row["quantity"] for row in rows})


def add_units(store: Store, order: int, quantities: dict[int, int]) -> None:
    """Put units of order lines to work, in one fulfilment order per place and way of delivery."""
    groups: dict[tuple[int | None, str], list[tuple[int, int]]] = {}
    for number, quantity in quantities.items():
        line = store.db.get("order_lines", number)
        if line is None or quantity <= 0:
            continue
        method = "SHIPPING" if line["requires_shipping"] else "NONE"
        place = fulfilment_routing.place_of(store, line, quantity)
        groups.setdefault((place, method), []).append((number, quantity))
    for (place, method), units in groups.items():
        number = add(store, {"order_id": order, "location_id": place, "delivery_method": method})
        for line_number, quantity in units:
            add_line(store, number, line_number, quantity)
        store.event("fulfillment_orders/order_routing_complete", number)


def take_units(store: Store, order: int, quantities: dict[int, int]) -> None:
    """Take units of order lines off what is still to be done."""
    left = dict(quantities)
    for row in active(store, order):
        for line in lines(store, row["id"]):
            taken = min(line["remaining"], left.get(line["line_id"], 0))
            if taken > 0:
                left[line["line_id"]] -= taken
                resize(store, line, -taken)
        close_if_done(store, row["id"])


def cancel_all(store: Store, order: int) -> None:
    """Close what is open of a cancelled order; the lines stay as they are (recorded)."""
    for row in active(store, order):
        change(store, row["id"], {"status": "CLOSED"}, "cancelled")


def delete_all(store: Store, order: int) -> None:
    """Remove everything about the fulfilment of an order that is deleted."""
    for row in of_order(store, order):
        for table in ("fulfillment_order_lines", "fulfillment_holds", "fulfillment_requests"):
            sql = f"DELETE FROM {table} WHERE fulfillment_order_id = ?"  # noqa: S608 - table names are our own
            store.db.run(sql, (row["id"],))
        store.index.put("FulfillmentOrder", row["id"], None)
    store.db.run("DELETE FROM fulfillment_orders WHERE order_id = ?", (order,))


def statuses(store: Store, order: int) -> list[str]:
    """The states of an order's fulfilment orders."""
    return [row["status"] for row in of_order(store, order)]


def _reindex(store: Store, number: int) -> None:
    row = get(store, number)
    store.index.put("FulfillmentOrder", number, row and _document(row))


def _document(row: Row) -> Document:
    place = [row["location_id"]] if row["location_id"] is not None else []
    return {
        "numbers": {"id": [row["id"]], "updated_at": [row["updated_at"]], "assigned_location_id": place},
        "words": {},
        "keywords": {"status": [row["status"]]},
        "default": [],
    }
