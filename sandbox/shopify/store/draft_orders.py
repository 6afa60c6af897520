"""Draft orders in the store: rows, lines, names, tags, deletion and what the search index keeps of them.

Totals are in `draft_book`; what an input may say is decided by the mutations.
"""

from __future__ import annotations

import json

from sandbox.shopify.search.index import Document
from sandbox.shopify.store import customers, metafields
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.draft_book import DraftBook
from sandbox.shopify.store.products import sort_tags
from sandbox.shopify.store.shop import Store

# Which of the admin's views a draft order is in, by its status.
VIEWS = {
    "OPEN": ["open", "open_and_invoice_sent"],
    "INVOICE_SENT": ["invoice_sent", "open_and_invoice_sent"],
    "COMPLETED": ["completed"],
}


def get(store: Store, number: int | None) -> Row | None:
    """A draft order by its number."""
    return store.db.get("draft_orders", number)


def lines(store: Store, number: int) -> list[Row]:
    """The lines of a draft order, in order."""
    return store.db.all("SELECT * FROM draft_lines WHERE draft_id = ? ORDER BY position, id", (number,))


def book(store: Store, row: Row) -> DraftBook:
    """A draft order with its lines and totals."""
    return DraftBook(row, lines(store, row["id"]))


def name(row: Row) -> str:
    """The name of a draft order."""
    return f"#D{row['number']}"


def add(store: Store, values: Row, given: list[Row]) -> int:
    """Save a new draft order with its lines."""
    now = store.now()
    number = store.db.next_id("DraftOrder")
    row = {"status": "OPEN"} | values | {"id": number, "number": _next_number(store)}
    store.db.insert("draft_orders", row | {"created_at": now, "updated_at": now})
    put_lines(store, number, given)
    store.event("draft_orders/create", number)
    reindex(store, number)
    return number


def _next_number(store: Store) -> int:
    sql = (
        "INSERT INTO sequences (kind, next) VALUES ('draft order number', 1) "
        "ON CONFLICT (kind) DO UPDATE SET next = next + 1 RETURNING next"
    )
    return int(store.db.value(sql))


def put_lines(store: Store, number: int, given: list[Row]) -> None:
    """Replace the lines of a draft order."""
    store.db.run("DELETE FROM draft_lines WHERE draft_id = ?", (number,))
    for place, line in enumerate(given, 1):
        row = line | {"id": store.db.next_id("DraftOrderLineItem"), "draft_id": number, "position": place}
        store.db.insert("draft_lines", row)


def change(store: Store, number: int, values: Row) -> None:
    """Change a draft order and tell of it."""
    store.db.update("draft_orders", number, values | {"updated_at": store.now()})
    store.event("draft_orders/update", number)
    reindex(store, number)


def delete(store: Store, number: int) -> None:
    """Remove a draft order."""
    store.db.run("DELETE FROM draft_lines WHERE draft_id = ?", (number,))
    store.db.run("DELETE FROM payment_terms WHERE owner = 'DraftOrder' AND owner_id = ?", (number,))
    store.db.run("DELETE FROM draft_orders WHERE id = ?", (number,))
    metafields.delete_owner(store, "DraftOrder", number)
    store.index.put("DraftOrder", number, None)
    store.event("draft_orders/delete", number)


def tags(row: Row) -> list[str]:
    """The tags of a draft order."""
    return list(json.loads(row["tags"]))


def add_tags(store: Store, row: Row, wanted: list[str]) -> None:
    """Add tags; one that is there whatever its case stays as it is written (recorded)."""
    change(store, row["id"], {"tags": sort_tags([*tags(row), *wanted])})


def remove_tags(store: Store, row: Row, unwanted: list[str]) -> None:
    """Take tags off, whatever their case."""
    gone = {tag.lower() for tag in sort_tags(unwanted)}
    change(store, row["id"], {"tags": [tag for tag in tags(row) if tag.lower() not in gone]})


def reindex(store: Store, number: int) -> None:
    """Bring a draft order into the search index as it is now."""
    row = get(store, number)
    store.index.put("DraftOrder", number, row and _document(store, row))


def _document(store: Store, row: Row) -> Document:
    customer = customers.get(store, row["customer_id"])
    numbers = {column: [row[column]] for column in ("id", "created_at", "updated_at")}
    return {
        "numbers": numbers | {"customer_id": [row["customer_id"]] if row["customer_id"] else []},
        "words": {
            "title": [line["title"] for line in lines(store, row["id"])],
            "name": [name(row)],
            "email": [row["email"]] if row["email"] else [],
            "note": [row["note"]] if row["note"] else [],
            "customer_name": [customers.full_name(customer)] if customer else [],
        },
        "keywords": {
            "status": VIEWS[row["status"]],
            "tag": tags(row),
            "source": [row["source_name"]] if row["source_name"] else [],
        },
        "default": ["title", "name", "email", "note", "customer_name", "tag"],
    }
