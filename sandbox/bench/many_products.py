"""Many products in a store at once, straight into its tables.

For measurements only: it raises no events and checks nothing. What it writes is what productSet would have written for
products with one option, stocked at the first location; products stand in the search index, their variants do not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from sandbox.shopify.store.database import ID_STEP
from sandbox.shopify.store.shop import Store

CHUNK = 2_000
MINUTE = 60_000_000
KINDS = ("Product", "ProductVariant", "InventoryItem", "ProductOption", "ProductOptionValue", "InventoryLevelRecord")
COLUMNS = {
    "products": "id title handle description_html vendor product_type status tags is_gift_card requires_selling_plan "
    "created_at updated_at",
    "options": "id product_id name position",
    "option_values": "id option_id name position",
    "variants": "id product_id position title price sku inventory_policy taxable requires_components show_unit_price "
    "inventory_item_id choices created_at updated_at",
    "inventory_items": "id tracked requires_shipping weight_value weight_unit created_at updated_at",
    "inventory_levels": "id number item_id location_id is_active available changed created_at updated_at",
    "index_documents": "kind record digest",
    "index_terms": "kind field token record phrase",
    "index_numbers": "kind field record number",
}


def add(store: Store, products: int, variants: int) -> None:
    """Add that many products with that many variants each; a minute lies between the updates of two products."""
    with store.db.transaction():
        location = store.db.value("SELECT id FROM locations ORDER BY id LIMIT 1")
        number = store.db.next_id("InventoryLevel")
        start = {kind: store.db.next_id(kind) for kind in KINDS}
        for first in range(0, products, CHUNK):
            tables: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}
            for place in range(first, min(first + CHUNK, products)):
                maker = _Maker(start, place, variants, (location, number, store.now() - (products - place) * MINUTE))
                for table, row in maker.rows():
                    tables[table].append(row)
            for table, rows in tables.items():
                store.db.insert_many(table, COLUMNS[table].split(), rows)
        counts = {"Product": products, "ProductOption": products}
        for kind in KINDS:
            store.db.skip_ids(kind, counts.get(kind, products * variants))


class _Maker:
    def __init__(self, start: dict[str, int], place: int, variants: int, context: tuple[int, int, int]) -> None:
        self._start, self._place, self._variants = start, place, variants
        self._location, self._number, self._now = context

    def _id(self, kind: str, place: int) -> int:
        return self._start[kind] + place * ID_STEP

    def rows(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        product, option = self._id("Product", self._place), self._id("ProductOption", self._place)
        title, now = f"Product number {self._place}", self._now
        vendor = f"Vendor {self._place % 50}"
        handle = f"product-number-{self._place}"
        yield "products", (product, title, handle, "", vendor, "", "ACTIVE", "[]", 0, 0, now, now)
        yield "options", (option, product, "Size", 1)
        for place in range(self._variants):
            yield from self._variant(product, option, place)
        yield from self._index(product, title, vendor)

    def _variant(self, product: int, option: int, place: int) -> Iterator[tuple[str, tuple[Any, ...]]]:
        count = self._place * self._variants + place
        item, value = self._id("InventoryItem", count), self._id("ProductOptionValue", count)
        now, name = self._now, f"S{place}"
        variant = self._id("ProductVariant", count)
        chosen = json.dumps([value])
        sku = f"SKU-{self._place}-{place}"
        yield "option_values", (value, option, name, place + 1)
        yield "inventory_items", (item, 1, 1, 0.0, "KILOGRAMS", now, now)
        row = (variant, product, place + 1, name, "9.00", sku, "DENY", 1, 0, 0, item, chosen, now, now)
        yield "variants", row
        level = self._id("InventoryLevelRecord", count)
        changed = json.dumps({"available": now})
        yield "inventory_levels", (level, self._number, item, self._location, 1, 5, changed, now, now)

    def _index(self, product: int, title: str, vendor: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
        yield "index_documents", ("Product", product, hashlib.sha256(title.encode()).hexdigest())
        phrase = f" {title.lower()} "
        for token in title.lower().split():
            for field in ("title", "default"):
                yield "index_terms", ("Product", field, token, product, phrase)
        yield "index_terms", ("Product", "vendor", vendor.lower(), product, "")
        yield "index_terms", ("Product", "status", "active", product, "")
        for field in ("created_at", "updated_at"):
            yield "index_numbers", ("Product", field, product, self._now)
        yield "index_numbers", ("Product", "id", product, product)
