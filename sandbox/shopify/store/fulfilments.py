"""Fulfilments in the store: what was sent of an order, with its tracking and its events on the way.

A cancelled fulfilment keeps its row; what it held goes back to work.
"""

from __future__ import annotations

import json

from sandbox.shopify import gid
from sandbox.shopify.store import fulfilment_orders, fulfilment_stock
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_hooks import HOOKS
from sandbox.shopify.store.shop import Store

Unit = tuple[Row, int]


def get(store: Store, number: int | None) -> Row | None:
    """A fulfilment by its number."""
    return store.db.get("fulfillments", number)


def of_order(store: Store, order: int) -> list[Row]:
    """All fulfilments of an order, cancelled ones too, oldest first."""
    return store.db.all("SELECT * FROM fulfillments WHERE order_id = ? ORDER BY id", (order,))


def lines(store: Store, number: int) -> list[Row]:
    """What was sent with a fulfilment."""
    return store.db.all("SELECT * FROM fulfillment_lines WHERE fulfillment_id = ? ORDER BY id", (number,))


def events(store: Store, number: int) -> list[Row]:
    """What happened on the way, in time."""
    sql = "SELECT * FROM fulfillment_events WHERE fulfillment_id = ? ORDER BY happened_at, id"
    return store.db.all(sql, (number,))


def create(store: Store, values: Row, units: list[Unit]) -> int:
    """Send units of fulfilment order lines; the fulfilment orders that are done by it close."""
    now = store.now()
    number = store.db.next_id("Fulfillment")
    sql = "SELECT COALESCE(MAX(number), 0) + 1 FROM fulfillments WHERE order_id = ?"
    place = store.db.value(sql, (values["order_id"],))
    defaults = {"status": "SUCCESS", "number": place, "tracking": {}}
    store.db.insert("fulfillments", defaults | values | {"id": number, "created_at": now, "updated_at": now})
    for line, quantity in units:
        row = {"id": store.db.next_id("FulfillmentLineItem"), "fulfillment_id": number, "line_id": line["line_id"]}
        row |= {"fulfillment_order_line_id": line["id"], "fulfillment_order_id": line["fulfillment_order_id"]}
        taken = fulfilment_stock.send(store, line["line_id"], values["location_id"], quantity)
        store.db.insert("fulfillment_lines", row | {"quantity": quantity, "taken": taken})
        store.db.update("fulfillment_order_lines", line["id"], {"remaining": line["remaining"] - quantity})
    for owner in dict.fromkeys(line["fulfillment_order_id"] for line, _ in units):
        _worked_on(store, owner)
    store.event("fulfillments/create", number)
    return number


def _worked_on(store: Store, number: int) -> None:
    left = sum(line["remaining"] for line in fulfilment_orders.lines(store, number))
    # Work that has begun and is not done is in progress, as a report of progress makes it.
    fulfilment_orders.change(store, number, {"status": "IN_PROGRESS" if left else "CLOSED"})


def cancel(store: Store, row: Row) -> None:
    """Take a fulfilment back: open fulfilment orders grow again, for closed ones a new one opens (schema text)."""
    change(store, row["id"], {"status": "CANCELLED"})
    fresh: dict[int, int] = {}
    for line in lines(store, row["id"]):
        fulfilment_stock.take_back(store, line["line_id"], row["location_id"], line["taken"])
        owner = fulfilment_orders.get(store, line["fulfillment_order_id"])
        if owner is None:
            continue
        if owner["status"] in fulfilment_orders.ACTIVE:
            sql = "UPDATE fulfillment_order_lines SET remaining = remaining + ? WHERE id = ?"
            store.db.run(sql, (line["quantity"], line["fulfillment_order_line_id"]))
            fulfilment_orders.change(store, owner["id"], {})
            continue
        if owner["id"] not in fresh:
            fresh[owner["id"]] = fulfilment_orders.like(store, owner)
        fulfilment_orders.add_line(store, fresh[owner["id"]], line["line_id"], line["quantity"])


def change(store: Store, number: int, values: Row) -> None:
    """Change a fulfilment and tell of it."""
    store.db.update("fulfillments", number, values | {"updated_at": store.now()})
    store.event("fulfillments/update", number)


def add_event(store: Store, number: int, values: Row) -> int:
    """Note what happened to a fulfilment on its way."""
    identifier = store.db.next_id("FulfillmentEvent")
    now = store.now()
    row = {"happened_at": now} | values | {"id": identifier, "fulfillment_id": number, "created_at": now}
    store.db.insert("fulfillment_events", row)
    if values.get("estimated_delivery_at") is not None:
        store.db.update("fulfillments", number, {"estimated_delivery_at": values["estimated_delivery_at"]})
    store.event("fulfillment_events/create", identifier)
    change(store, number, {})
    return identifier


def kept_tracking(row: Row) -> Row:
    """The tracking of a fulfilment as it was given: company, numbers, urls."""
    return dict(json.loads(row["tracking"]))


def tracking(row: Row) -> list[Row]:
    """The tracking of a fulfilment, a number and an address at a time."""
    kept = kept_tracking(row)
    numbers, urls = kept.get("numbers") or [], kept.get("urls") or []
    count = max(len(numbers), len(urls))
    pad = [None] * count
    pairs = zip([*numbers, *pad][:count], [*urls, *pad][:count], strict=True)
    return [{"number": number, "url": url, "company": kept.get("company")} for number, url in pairs]


def sent(store: Store, order: int) -> dict[int, int]:
    """How much of each order line was sent by fulfilments that stand."""
    sql = (
        "SELECT l.line_id, SUM(l.quantity) AS quantity FROM fulfillments f JOIN fulfillment_lines l "
        "ON l.fulfillment_id = f.id WHERE f.order_id = ? AND f.status <> 'CANCELLED' GROUP BY l.line_id"
    )
    return {row["line_id"]: row["quantity"] for row in store.db.all(sql, (order,))}


def delete_all(store: Store, order: int) -> None:
    """Remove the fulfilments of an order that is deleted, and its fulfilment orders."""
    for row in of_order(store, order):
        for table in ("fulfillment_lines", "fulfillment_events"):
            store.db.run(f"DELETE FROM {table} WHERE fulfillment_id = ?", (row["id"],))  # noqa: S608 - our own names
    store.db.run("DELETE FROM fulfillments WHERE order_id = ?", (order,))
    fulfilment_orders.delete_all(store, order)


def ship_new(store: Store, order: int, said: Row) -> None:
    """Send all of a new order that says it was shipped; one that only says so in part keeps that as a word."""
    given = said.get("fulfillment") or {}
    if not given and said.get("status") != "FULFILLED":
        return
    numbers = given.get("trackingNumbers") or [one for one in (given.get("trackingNumber"),) if one]
    tracking = {"company": given.get("trackingCompany"), "numbers": numbers, "urls": []}
    for row in fulfilment_orders.active(store, order):
        place = gid.number(given.get("locationId"), "Location") or row["location_id"]
        values = {"order_id": order, "location_id": place, "tracking": tracking, "origin": given.get("originAddress")}
        units = [(line, line["remaining"]) for line in fulfilment_orders.lines(store, row["id"])]
        number = create(store, values, units)
        if given.get("shipmentStatus"):
            add_event(store, number, {"status": given["shipmentStatus"], "place": {}})


def join() -> None:
    """Take part in the life of orders; safe to call again."""
    for hooks, function in (
        (HOOKS.created, fulfilment_orders.open_for),
        (HOOKS.shipped, ship_new),
        (HOOKS.added, fulfilment_orders.add_units),
        (HOOKS.removed, fulfilment_orders.take_units),
        (HOOKS.cancelled, fulfilment_orders.cancel_all),
        (HOOKS.deleted, delete_all),
        (HOOKS.fulfilled, sent),
        (HOOKS.statuses, fulfilment_orders.statuses),
    ):
        if function not in hooks:
            hooks.append(function)  # type: ignore[arg-type]


join()
