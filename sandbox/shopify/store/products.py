"""Products in the store: handles, times, deletion, and the document the search index keeps.

A product always has a variant. Its time of update moves with its variants, metafields and stock (the schema's
own text on `updatedAt`; recorded for variants).
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import text
from sandbox.shopify.search.index import Document
from sandbox.shopify.store import collections, files, metafields, publications, variants
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

COLUMNS = "p.*"


def get(store: Store, number: int | None) -> Row | None:
    """A product by its number."""
    return store.db.get("products", number)


def by_handle(store: Store, handle: str) -> Row | None:
    """A product by its handle."""
    return store.db.one("SELECT * FROM products WHERE handle = ?", (handle,))


def free_handle(store: Store, wanted: str, product: int | None = None) -> str:
    """The wanted handle, counted on until no other product has it."""
    candidate = wanted or "product"
    while True:
        row = store.db.one("SELECT id FROM products WHERE handle = ?", (candidate,))
        if row is None or row["id"] == product:
            return candidate
        candidate = text.next_handle(candidate)


def create(store: Store, values: Row) -> int:
    """Add a product without variants; the caller adds at least one in the same transaction."""
    now = store.now()
    number = store.db.next_id("Product")
    defaults = {
        "description_html": "",
        "vendor": store.config.shop_name,
        "product_type": "",
        "status": "ACTIVE",
        "tags": [],
        "is_gift_card": 0,
        "requires_selling_plan": 0,
    }
    row = defaults | values | {"id": number, "created_at": now, "updated_at": now}
    row["published_at"] = None
    store.db.insert("products", row)
    publications.announce(store, "Product", number)
    store.event("products/create", number)
    return number


def change(store: Store, number: int, values: Row) -> None:
    """Change a product's own columns and mark it updated."""
    store.db.update("products", number, values)
    touch(store, number)


def touch(store: Store, number: int) -> None:
    """Mark a product updated: its time moves, the index and the subscribers hear of it."""
    store.db.update("products", number, {"updated_at": store.now()})
    store.event("products/update", number)


def stock_moved(store: Store, items: list[int]) -> None:
    """Tell the products of inventory items that their stock moved: it counts as an update of the product."""
    for item in dict.fromkeys(items):
        product = store.db.value("SELECT product_id FROM variants WHERE inventory_item_id = ?", (item,))
        if product is not None:
            touch(store, product)
            reindex(store, product)


def delete(store: Store, number: int) -> None:
    """Remove a product with everything that hangs on it."""
    for variant in variants.of_product(store, number):
        variants.delete(store, variant)
    for option in store.db.all("SELECT id FROM options WHERE product_id = ?", (number,)):
        store.db.run("DELETE FROM option_values WHERE option_id = ?", (option["id"],))
    store.db.run("DELETE FROM options WHERE product_id = ?", (number,))
    metafields.delete_owner(store, "Product", number)
    collections.product_gone(store, number)
    files.product_gone(store, number)
    publications.forget(store, "Product", number)
    store.db.run("DELETE FROM products WHERE id = ?", (number,))
    store.index.put("Product", number, None)
    store.event("products/delete", number)


def reindex(store: Store, number: int) -> None:
    """Bring a product and its variants into the search index as they are now."""
    product = get(store, number)
    if product is None:
        return
    rows = variants.of_product(store, number)
    items = {row["id"]: row for row in variants.items_of_product(store, number)}
    store.index.put("Product", number, _document(store, product, rows, items))
    collections.product_changed(store, number)
    for row in rows:
        item = items[row["inventory_item_id"]]
        store.index.put("ProductVariant", row["id"], variants.document(store, product, row))
        store.index.put("InventoryItem", item["id"], variants.item_document(row, item))


def sort_tags(tags: list[str]) -> list[str]:
    """Tags as the store keeps them: split at commas, trimmed, once each whatever their case, in order of letters."""
    kept: dict[str, str] = {}
    for entry in tags:
        for part in entry.split(","):
            tag = " ".join(part.split())
            if tag:
                kept.setdefault(tag.lower(), tag)
    return sorted(kept.values(), key=str.lower)


def _document(store: Store, product: Row, rows: list[Row], items: dict[int, Row]) -> Document:
    tracked = [row for row in rows if items[row["inventory_item_id"]]["tracked"]]
    stock = {row["id"]: variants.quantity(store, row) for row in rows}
    times = {name: [product[name]] for name in ("created_at", "updated_at", "published_at") if product[name]}
    flags: dict[str, Any] = {
        "gift_card": product["is_gift_card"],
        "has_only_default_variant": variants.is_default_only(rows),
        "tracks_inventory": bool(tracked),
        "is_price_reduced": any(variants.is_reduced(row) for row in rows),
        "out_of_stock_somewhere": any(stock[row["id"]] <= 0 for row in tracked),
        "inventory_total": sum(stock[row["id"]] for row in tracked),
    }
    return {
        "numbers": times
        | {name: [int(value)] for name, value in flags.items()}
        | {"id": [product["id"]], "variant_id": [row["id"] for row in rows]},
        "words": {
            "title": [product["title"]],
            "variant_title": [row["title"] for row in rows],
            "sku": [row["sku"] for row in rows if row["sku"]],
            "barcode": [row["barcode"] for row in rows if row["barcode"]],
        },
        "keywords": {
            "handle": [product["handle"]],
            "vendor": [product["vendor"]],
            "product_type": [product["product_type"]],
            "status": [product["status"]],
            "tag": json.loads(product["tags"]),
        }
        | metafields.search_values(store, "Product", product["id"]),
        "default": ["title", "variant_title", "sku", "barcode", "vendor", "product_type", "tag"],
    }
