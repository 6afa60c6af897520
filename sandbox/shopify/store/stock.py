"""Quantities of inventory items at locations: the seven that are kept, and the total on hand they make up.

Everything that moves stock (inventory mutations, orders, transfers) goes through here, so that times and events hold.
It checks nothing: whether a movement is allowed is for the caller to say.
"""

from __future__ import annotations

import json

from sandbox.shopify import gid
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

KEPT = ("available", "committed", "incoming", "damaged", "quality_control", "reserved", "safety_stock")
ON_HAND = ("available", "committed", "damaged", "quality_control", "reserved", "safety_stock")
# A product's total was still the old one at every recorded read up to six seconds after its stock had moved.
TOTAL_LAG = 10_000_000


def level(store: Store, item: int | None, location: int | None) -> Row | None:
    """The level of an item at a location, inactive ones included."""
    sql = "SELECT * FROM inventory_levels WHERE item_id = ? AND location_id = ?"
    return store.db.one(sql, (item, location))


def connect(store: Store, item: int, location: int) -> Row:
    """Stock an item at a location: a new level at zero, or the old one with the quantities it had."""
    found = level(store, item, location)
    now = store.now()
    if found is None:
        values: Row = {"id": store.db.next_id("InventoryLevelRecord"), "number": _number(store, location)}
        values |= {"item_id": item, "location_id": location, "is_active": 1}
        values |= {"changed": json.dumps({"available": now}), "created_at": now, "updated_at": now}
        store.db.insert("inventory_levels", values)
    elif not found["is_active"]:
        store.db.update("inventory_levels", found["id"], {"is_active": 1, "updated_at": now})
    made = level(store, item, location)
    assert made is not None  # noqa: S101 - just written
    return made


def disconnect(store: Store, row: Row) -> None:
    """Stop stocking an item at a location; its quantities stay with the level (recorded)."""
    store.db.update("inventory_levels", row["id"], {"is_active": 0, "updated_at": store.now()})
    store.event("inventory_levels/disconnect", row["id"])


def shift(store: Store, item: int, location: int, deltas: dict[str, int]) -> Row:
    """Move kept quantities of an item at a location by some amounts, stocking it there when it is not yet."""
    row = connect(store, item, location)
    moved = {name: delta for name, delta in deltas.items() if delta}
    if not moved:
        return row
    _keep_total(store, item)
    return _write(store, row, {name: row[name] + delta for name, delta in moved.items()})


def put(store: Store, item: int, location: int, values: dict[str, int]) -> Row:
    """Write kept quantities as part of a write to the product itself, whose total follows at once (recorded)."""
    return _write(store, connect(store, item, location), values)


def _write(store: Store, row: Row, values: dict[str, int]) -> Row:
    now = store.now()
    changed = json.loads(row["changed"]) | dict.fromkeys(values, now)
    store.db.update("inventory_levels", row["id"], {**values, "changed": json.dumps(changed), "updated_at": now})
    store.event("inventory_levels/update", row["id"])
    written = store.db.get("inventory_levels", row["id"])
    assert written is not None  # noqa: S101 - just written
    return written


def _number(store: Store, location: int) -> int:
    # One number per location: every recorded level of one place has the same, and differs by its item alone.
    known = store.db.value("SELECT number FROM inventory_levels WHERE location_id = ? LIMIT 1", (location,))
    return int(known) if known is not None else store.db.next_id("InventoryLevel")


def _keep_total(store: Store, item: int) -> None:
    product = store.db.value("SELECT product_id FROM variants WHERE inventory_item_id = ?", (item,))
    if product is None:
        return
    row = store.db.get("products", product) or {}
    if store.clock.micros() >= (row.get("total_until") or 0):
        shown = {"total_shown": available(store, product), "total_until": store.clock.micros() + TOTAL_LAG}
        store.db.update("products", product, shown)


def available(store: Store, product: int) -> int:
    """What is available of a product's tracked variants at all places, as it is now."""
    sql = (
        "SELECT COALESCE(SUM(l.available), 0) FROM variants v JOIN inventory_items i ON i.id = v.inventory_item_id "
        "JOIN inventory_levels l ON l.item_id = i.id AND l.is_active = 1 WHERE v.product_id = ? AND i.tracked = 1"
    )
    return int(store.db.value(sql, (product,)))


def total(store: Store, product: Row) -> int:
    """What the API tells as the total of a product: it follows movements of stock with a lag."""
    if store.clock.micros() < (product["total_until"] or 0):
        return int(product["total_shown"])
    return available(store, product["id"])


def level_gid(row: Row) -> str:
    """The global id of a level."""
    return gid.make("InventoryLevel", f"{row['number']}?inventory_item_id={row['item_id']}")


def by_gid(store: Store, identifier: str, kind: str = "InventoryLevel") -> Row | None:
    """The level a global id names, by its number and its item."""
    head, _, tail = identifier.partition("?inventory_item_id=")
    item = tail.split("&")[0]
    if not item.isdigit():
        return None
    sql = "SELECT * FROM inventory_levels WHERE item_id = ? AND number = ?"
    return store.db.one(sql, (int(item), gid.number(head, kind)))


def quantity(row: Row, name: str) -> Row:
    """One of a level's quantities: on hand is a sum and has no time of its own (recorded)."""
    amount = sum(row[part] for part in ON_HAND) if name == "on_hand" else row[name]
    return {"__typename": "InventoryQuantity", "name": name, "quantity": amount, "level": row}
