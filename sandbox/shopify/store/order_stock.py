"""What orders do to stock: they claim it when they are made and give it back when lines are restocked.

A claim moves units from available to committed; only tracked items count. Which location: the first active one that
stocks the item (assumed: the location that ships online orders).
"""

from __future__ import annotations

from sandbox.shopify.call import refuse
from sandbox.shopify.store import order_parts, variants
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
    """Give back (or, below zero, claim) units of a variant."""
    if not tracked(store, variant):
        return
    item = variant["inventory_item_id"]
    sql = (
        "SELECT l.* FROM inventory_levels l JOIN locations o ON o.id = l.location_id "
        "WHERE l.item_id = ? AND o.is_active = 1 AND (? IS NULL OR l.location_id = ?) ORDER BY l.location_id LIMIT 1"
    )
    level = store.db.one(sql, (item, location, location))
    if level is None:
        return
    variants.stock(store, item, level["location_id"], {"available": level["available"] + units})
    store.event("inventory_levels/update", level["id"])
