"""What orders do to stock: they claim it when they are made and give it back when lines are restocked.

A claim moves units from available to committed; only tracked items count. It is made at the active location that
stocks the item, one that ships online orders before others (assumed where several do).
"""

from __future__ import annotations

from sandbox.shopify.call import refuse
from sandbox.shopify.store import order_parts, stock, variants
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

BYPASS, OBEYING = "BYPASS", "DECREMENT_OBEYING_POLICY"


def claim(store: Store, order: int, behaviour: str) -> None:
    """Claim the stock of an order's lines in the way that orderCreate was asked to."""
    if behaviour == BYPASS:
        return
    for line in order_parts.of(store, "order_lines", order):
        variant = variants.get(store, line["variant_id"])
        if variant is None:
            continue
        short = variants.quantity(store, variant) < line["quantity"]
        if behaviour == OBEYING and short and variant["inventory_policy"] == "DENY" and tracked(store, variant):
            raise refuse(["order", "lineItems"], "Unable to claim inventory", "INVENTORY_CLAIM_FAILED")
        move(store, variant, -line["quantity"])


def tracked(store: Store, variant: Row) -> bool:
    """True when the variant's stock is counted."""
    item = store.db.get("inventory_items", variant["inventory_item_id"])
    return bool(item and item["tracked"])


def move(store: Store, variant: Row, units: int, location: int | None = None) -> None:
    """Give back (or, below zero, claim) units of a variant: what is committed becomes available again."""
    place = location or _place(store, variant)
    if place is None or not tracked(store, variant):
        return
    item = variant["inventory_item_id"]
    # Orders that bypassed the inventory never committed anything, so there is nothing to release of them.
    level = stock.level(store, item, place)
    committed = min(units, level["committed"] if level else 0) if units > 0 else units
    stock.shift(store, item, place, {"available": units, "committed": -committed})


def take_back(store: Store, variant: Row, units: int, location: int | None = None) -> None:
    """Put units that were shipped and came back on the shelf again."""
    place = location or _place(store, variant)
    if place is not None and tracked(store, variant):
        stock.shift(store, variant["inventory_item_id"], place, {"available": units})


def _place(store: Store, variant: Row) -> int | None:
    sql = (
        "SELECT l.location_id FROM inventory_levels l JOIN locations o ON o.id = l.location_id "
        "WHERE l.item_id = ? AND l.is_active = 1 AND o.is_active = 1 "
        "ORDER BY o.fulfills_online_orders DESC, l.location_id LIMIT 1"
    )
    found: int | None = store.db.value(sql, (variant["inventory_item_id"],))
    return found
