"""From where the units of an order line are sent.

Assumed, as far as recordings show: a place that stocks the item and has enough, the shop's fallback place before
others and the oldest first; then any place that stocks it; then the fallback place.
"""

from __future__ import annotations

from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store


def place_of(store: Store, line: Row, quantity: int) -> int | None:
    """The number of the location for an order line."""
    stocked = _stocked(store, line["variant_id"])
    enough = [row for row in stocked if row["available"] >= quantity]
    for rows in (enough, stocked):
        if rows:
            return int(rows[0]["id"])
    return fallback(store)


def fallback(store: Store) -> int | None:
    """The location that online orders fall back to."""
    order = "ORDER BY ships_inventory DESC, id LIMIT 1"
    sql = f"SELECT id FROM locations WHERE is_active = 1 AND service_id IS NULL {order}"  # noqa: S608 - our own words
    number: int | None = store.db.value(sql)
    return number


def _stocked(store: Store, variant: int | None) -> list[Row]:
    if variant is None:
        return []
    sql = (
        "SELECT o.id, l.available FROM variants v JOIN inventory_levels l ON l.item_id = v.inventory_item_id "
        "JOIN locations o ON o.id = l.location_id WHERE v.id = ? AND l.is_active = 1 AND o.is_active = 1 "
        "AND o.fulfills_online_orders = 1 "
        "ORDER BY o.ships_inventory DESC, o.id"
    )
    return store.db.all(sql, (variant,))
