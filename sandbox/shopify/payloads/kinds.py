"""Which topics are told, and who builds the body of each: one module per kind of record.

A topic without a builder cannot be subscribed to; nothing is ever sent with an empty or made-up body.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.shopify.inside import Inside
from sandbox.shopify.payloads import inventory, products
from sandbox.shopify.store.database import Row
from sandbox.shopify.webhooks.topics import member

Builder = Callable[[Inside, int], Row | None]
# Topics of records that are gone are told with a body of their own: `ended` of their module.
BUILDERS: dict[str, Builder] = {
    "products/create": products.body,
    "products/update": products.body,
    "products/delete": lambda _inside, number: {"id": number},
    "inventory_items/create": inventory.item,
    "inventory_items/update": inventory.item,
    "inventory_items/delete": inventory.item_ended,
    "inventory_levels/connect": inventory.level,
    "inventory_levels/update": inventory.level,
    "inventory_levels/disconnect": inventory.level_ended,
}
MEMBERS = {member(topic): topic for topic in BUILDERS}


def build(inside: Inside, topic: str, number: int) -> Row | None:
    """The body of a topic for a record as it is now; None when the record is gone before the event was told."""
    return BUILDERS[topic](inside, number) if topic in BUILDERS else None
