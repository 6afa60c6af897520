"""What sending units does to stock: what was committed for an order leaves the place for good.

Assumed, as no order says whether it claimed stock: units leave as far as units are committed there.
"""

from __future__ import annotations

from sandbox.shopify.store import stock, variants
from sandbox.shopify.store.shop import Store


def send(store: Store, line: int, location: int | None, quantity: int) -> int:
    """Take units of an order line off what is committed at a place; how many there were."""
    item = _item(store, line)
    level = stock.level(store, item, location)
    if item is None or location is None or level is None:
        return 0
    taken = max(min(quantity, level["committed"]), 0)
    stock.shift(store, item, location, {"committed": -taken})
    return taken


def take_back(store: Store, line: int, location: int | None, quantity: int) -> None:
    """Commit units again that were not sent after all."""
    item = _item(store, line)
    if item is not None and location is not None and quantity:
        stock.shift(store, item, location, {"committed": quantity})


def _item(store: Store, line: int) -> int | None:
    variant = variants.get(store, store.db.value("SELECT variant_id FROM order_lines WHERE id = ?", (line,)))
    return variant["inventory_item_id"] if variant else None
