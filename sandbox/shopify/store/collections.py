"""Collections in the store: handles, which products belong, in which order, and what the search index keeps.

A custom collection is filled by hand, a smart one by its rules; the kind never changes.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import text
from sandbox.shopify.search.index import Document
from sandbox.shopify.store import metafields, rules
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store


def get(store: Store, number: int | None) -> Row | None:
    """A collection by its number."""
    return store.db.get("collections", number)


def by_handle(store: Store, handle: str) -> Row | None:
    """A collection by its handle."""
    return store.db.one("SELECT * FROM collections WHERE handle = ?", (handle,))


def rule_set(row: Row) -> Row | None:
    """The rules of a smart collection, None of a custom one."""
    return json.loads(row["rule_set"]) if row["rule_set"] else None


def free_handle(store: Store, wanted: str, number: int | None = None) -> str:
    """The wanted handle, counted on until no other collection has it."""
    candidate = wanted or "collection"
    while True:
        row = by_handle(store, candidate)
        if row is None or row["id"] == number:
            return candidate
        candidate = text.next_handle(candidate)


def create(store: Store, values: Row) -> int:
    """Add a collection without products, or with those its rules take in."""
    now = store.now()
    number = store.db.next_id("Collection")
    defaults = {"description_html": "", "sort_order": "BEST_SELLING"}
    store.db.insert("collections", defaults | values | {"id": number, "created_at": now, "updated_at": now})
    store.event("collections/create", number)
    if values.get("rule_set"):
        apply_rules(store, number)
    reindex(store, number)
    return number


def change(store: Store, number: int, values: Row) -> None:
    """Change a collection's own columns and mark it updated."""
    store.db.update("collections", number, values)
    if "rule_set" in values:
        apply_rules(store, number)
    touch(store, number)


def touch(store: Store, number: int) -> None:
    """Mark a collection updated."""
    store.db.update("collections", number, {"updated_at": store.now()})
    store.event("collections/update", number)
    reindex(store, number)


def delete(store: Store, number: int) -> None:
    """Remove a collection; its products stay."""
    store.db.run("DELETE FROM collection_products WHERE collection_id = ?", (number,))
    store.db.run("DELETE FROM resource_publications WHERE kind = 'Collection' AND resource_id = ?", (number,))
    metafields.delete_owner(store, "Collection", number)
    store.db.run("DELETE FROM collections WHERE id = ?", (number,))
    store.index.put("Collection", number, None)
    store.event("collections/delete", number)


def members(store: Store, number: int) -> list[int]:
    """The products of a collection in the order they were put in."""
    sql = "SELECT product_id FROM collection_products WHERE collection_id = ? ORDER BY position, product_id"
    return [row["product_id"] for row in store.db.all(sql, (number,))]


def count(store: Store, number: int) -> int:
    """How many products a collection has."""
    return int(store.db.value("SELECT COUNT(*) FROM collection_products WHERE collection_id = ?", (number,)))


def has(store: Store, number: int, product: int | None) -> bool:
    """True when the product is in the collection."""
    sql = "SELECT 1 FROM collection_products WHERE collection_id = ? AND product_id = ?"
    return store.db.one(sql, (number, product)) is not None


def add(store: Store, number: int, products: list[int]) -> None:
    """Put products at the end of a collection; those that are in it stay where they are."""
    sql = "SELECT COALESCE(MAX(position), 0) FROM collection_products WHERE collection_id = ?"
    last = int(store.db.value(sql, (number,)))
    for position, product in enumerate(products, last + 1):
        store.db.run("INSERT OR IGNORE INTO collection_products VALUES (?, ?, ?)", (number, product, position))


def remove(store: Store, number: int, products: list[int]) -> None:
    """Take products out of a collection."""
    for product in products:
        sql = "DELETE FROM collection_products WHERE collection_id = ? AND product_id = ?"
        store.db.run(sql, (number, product))


def reorder(store: Store, number: int, moves: list[tuple[int, int]]) -> None:
    """Move products to positions counted from zero, one move after the other."""
    order = members(store, number)
    for product, position in moves:
        if product in order:
            order.remove(product)
            order.insert(position, product)
    sql = "UPDATE collection_products SET position = ? WHERE collection_id = ? AND product_id = ?"
    for position, product in enumerate(order, 1):
        store.db.run(sql, (position, number, product))


def apply_rules(store: Store, number: int) -> None:
    """Fill a smart collection anew from its rules."""
    row = get(store, number)
    found = rule_set(row) if row else None
    if found is None:
        return
    where, values = rules.condition(found)
    store.db.run("DELETE FROM collection_products WHERE collection_id = ?", (number,))
    sql = f"INSERT INTO collection_products SELECT ?, p.id, p.id FROM products p WHERE {where}"  # noqa: S608
    store.db.run(sql, [number, *values])


def product_changed(store: Store, product: int) -> None:
    """Let a product enter and leave the smart collections as their rules say now."""
    for row in store.db.all("SELECT id, rule_set FROM collections WHERE rule_set IS NOT NULL"):
        where, values = rules.condition(json.loads(row["rule_set"]))
        sql = f"SELECT 1 FROM products p WHERE p.id = ? AND ({where})"  # noqa: S608 - parts are our own
        if store.db.one(sql, [product, *values]) is None:
            remove(store, row["id"], [product])
        elif not has(store, row["id"], product):
            store.db.run("INSERT INTO collection_products VALUES (?, ?, ?)", (row["id"], product, product))


def product_gone(store: Store, product: int) -> None:
    """Take a deleted product out of all collections."""
    store.db.run("DELETE FROM collection_products WHERE product_id = ?", (product,))


def reindex(store: Store, number: int) -> None:
    """Bring a collection into the search index as it is now."""
    row = get(store, number)
    if row is not None:
        store.index.put("Collection", number, _document(store, row))


def _document(store: Store, row: Row) -> Document:
    kind = "smart" if row["rule_set"] else "custom"
    numbers: dict[str, Any] = {"id": [row["id"]], "updated_at": [row["updated_at"]]}
    return {
        "numbers": numbers,
        "words": {"title": [row["title"]]},
        "keywords": {"handle": [row["handle"]], "collection_type": [kind]}
        | metafields.search_values(store, "Collection", row["id"]),
        "default": ["title"],
    }
