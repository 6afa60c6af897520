"""Checkouts that their buyers left, in the store. Only a buyer makes one; the API reads them.

A buyer who comes back and pays completes his checkout; it is kept, as recovered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from sandbox.shopify.search.index import Document
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

_PRICE = re.compile(r"\d+(\.\d+)?")


def get(store: Store, number: int | None) -> Row | None:
    """A checkout by its number."""
    return store.db.get("abandoned_checkouts", number)


def lines(store: Store, number: int) -> list[Row]:
    """What was in it."""
    return store.db.all("SELECT * FROM abandoned_lines WHERE checkout_id = ? ORDER BY id", (number,))


class NoCheckout(ValueError):
    """What cannot be a checkout that a buyer left; the sentence says why."""


def checked(customer: object, given: object) -> None:
    """Raise NoCheckout for what no buyer could leave: whoever he is, whatever is in it."""
    if not (customer is None or (isinstance(customer, int) and not isinstance(customer, bool))):
        raise NoCheckout(f"customer is the number of a customer (legacyResourceId), or left out, not {customer!r}.")
    if not isinstance(given, list) or not given:
        example = '[{"title": "Hat", "quantity": 2, "price": "12.50"}]'
        raise NoCheckout(f"lines is missing: name at least one, e.g. {example}.")
    for line in given:
        needed, known = {"title", "quantity", "price"}, {"title", "sku", "quantity", "price"}
        if not isinstance(line, dict) or not needed <= set(line) <= known:
            raise NoCheckout("each of lines has title, quantity and price, may have sku, and nothing else.")
        if not isinstance(line["quantity"], int) or not _PRICE.fullmatch(str(line["price"])):
            raise NoCheckout('quantity is a whole number, and price an amount such as "12.50".')


def leave(store: Store, customer: int | None, given: Sequence[Row], note: str = "") -> int:
    """A buyer fills a checkout, says who he is, and leaves. Raises NoCheckout."""
    checked(customer, given)
    now, number = store.now(), store.db.next_id("AbandonedCheckout")
    total = sum((Decimal(str(line["price"])) * line["quantity"] for line in given), Decimal(0))
    row = {"id": number, "customer_id": customer, "currency": store.config.currency, "note": note}
    row |= {"total": str(total), "created_at": now, "updated_at": now}
    store.db.insert("abandoned_checkouts", row)
    for line in given:
        entry = {"id": store.db.next_id("AbandonedCheckoutLineItem"), "checkout_id": number, "sku": None}
        store.db.insert("abandoned_lines", entry | line | {"price": str(line["price"])})
    _reindex(store, number)
    return number


def complete(store: Store, number: int) -> None:
    """The buyer came back and paid."""
    now = store.now()
    store.db.update("abandoned_checkouts", number, {"completed_at": now, "updated_at": now})
    _reindex(store, number)


def _reindex(store: Store, number: int) -> None:
    row = get(store, number)
    store.index.put("AbandonedCheckout", number, row and _document(row))


def _document(row: Row) -> Document:
    done = row["completed_at"] is not None
    return {
        "numbers": {column: [row[column]] for column in ("id", "created_at", "updated_at")},
        "words": {},
        "keywords": {
            "recovery_state": ["recovered" if done else "not_recovered"],
            "status": ["closed" if done else "open"],
        },
        "default": [],
    }
