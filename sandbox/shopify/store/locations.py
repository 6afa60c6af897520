"""Locations in the store: adding, changing, moving stock away, removing, and what stands against each of these.

A location of a fulfilment service counts for nothing here: not for the limit, not as one that may be switched off.
"""

from __future__ import annotations

from sandbox.shopify.store import metafields, stock
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.location_document import document
from sandbox.shopify.store.shop import Store

# What `shop.resourceLimits.locationLimit` said in every recording.
LIMIT = 200
# For a while after a service's stock was sent there, a location still waits for it (recorded right after; how long is
# assumed).
RECEIVING = 60_000_000


def get(store: Store, number: int | None) -> Row | None:
    """A location by its number."""
    return store.db.get("locations", number)


def add(store: Store, values: Row) -> int:
    """Add an active location."""
    now = store.now()
    number = store.db.next_id("Location")
    row = {"is_active": 1} | values | {"id": number, "created_at": now, "updated_at": now}
    store.db.insert("locations", row)
    store.event("locations/create", number)
    _reindex(store, number)
    return number


def change(store: Store, number: int, values: Row, topic: str = "locations/update") -> None:
    """Change a location's columns and tell of it."""
    store.db.update("locations", number, values | {"updated_at": store.now()})
    store.event(topic, number)
    _reindex(store, number)


def remove(store: Store, number: int) -> None:
    """Take a location out of the store, with the stock records and metafields it has."""
    store.db.run("DELETE FROM inventory_levels WHERE location_id = ?", (number,))
    store.db.run("DELETE FROM locations WHERE id = ?", (number,))
    metafields.delete_owner(store, "Location", number)
    store.index.put("Location", number, None)
    store.event("locations/delete", number)


def relocate(store: Store, number: int, destination: int) -> None:
    """Move all stock of a location to another one."""
    for level in store.db.all("SELECT * FROM inventory_levels WHERE location_id = ?", (number,)):
        there = stock.connect(store, level["item_id"], destination)
        sums = {name: there[name] + level[name] for name in stock.KEPT}
        stock.put(store, level["item_id"], destination, sums)
        store.db.run("DELETE FROM inventory_levels WHERE id = ?", (level["id"],))


def receive(store: Store, number: int) -> None:
    """Note that a service's stock is on its way to a location."""
    store.db.update("locations", number, {"receiving_until": store.clock.micros() + RECEIVING})


def is_receiving(store: Store, row: Row) -> bool:
    """True while a service's stock is on its way to the location."""
    return (row["receiving_until"] or 0) > store.clock.micros()


def of_name(store: Store, name: str, other_than: int | None = None) -> Row | None:
    """An active location of that name, whatever the case of its letters."""
    sql = "SELECT * FROM locations WHERE name = ? COLLATE NOCASE AND is_active = 1 AND id IS NOT ?"
    return store.db.one(sql, (name, other_than))


def is_full(store: Store) -> bool:
    """True when the shop has as many active locations as it may."""
    sql = "SELECT COUNT(*) FROM locations WHERE is_active = 1 AND service_id IS NULL"
    return int(store.db.value(sql)) >= LIMIT


def has_inventory(store: Store, number: int) -> bool:
    """True when any item is stocked at the location, even with nothing of it there."""
    sql = "SELECT 1 FROM inventory_levels WHERE location_id = ? AND is_active = 1 LIMIT 1"
    return store.db.one(sql, (number,)) is not None


def has_unfulfilled_orders(store: Store, number: int) -> bool:
    """True when work on an order is still assigned to the location."""
    sql = "SELECT 1 FROM fulfillment_orders WHERE location_id = ? AND status <> 'CLOSED' LIMIT 1"
    return store.db.one(sql, (number,)) is not None


def is_last_online(store: Store, row: Row) -> bool:
    """True when no other active location fulfils online orders."""
    sql = (
        "SELECT 1 FROM locations WHERE is_active = 1 AND service_id IS NULL AND fulfills_online_orders = 1 "
        "AND id <> ? LIMIT 1"
    )
    return bool(row["fulfills_online_orders"]) and store.db.one(sql, (row["id"],)) is None


def is_fixed(row: Row) -> bool:
    """True when the location can never be switched off: a service's own, or the one online orders fall back to."""
    return row["service_id"] is not None or bool(row["ships_inventory"])


def _reindex(store: Store, number: int) -> None:
    row = get(store, number)
    store.index.put("Location", number, row and document(row))
