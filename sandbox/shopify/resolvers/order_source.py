"""How an order travels through a request: its row, and the book of everything computed from it, read once.

A book is kept as long as nothing in the store changes; after any write it is read anew.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify.call import Call
from sandbox.shopify.money import Bag
from sandbox.shopify.scalars import amount
from sandbox.shopify.store import orders
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book

KEPT = 64


def source(row: Row | None) -> Row | None:
    """An order row as the executor passes it on."""
    return None if row is None else row | {"__typename": "Order"}


def by_number(call: Call, number: int | None) -> Row | None:
    """An order by its number, as the executor passes it on."""
    return source(orders.get(call.store, number))


def book(call: Call, number: int) -> Book:
    """The book of an order as it stands; only the latest are kept, so that an export of all orders stays small."""
    books: dict[int, tuple[int, Book]] = call.cache.setdefault("order books", {})
    changes, found = books.pop(number, (None, None))
    if found is None or changes != call.db.changes:
        found = Book(call.store, number)
    books[number] = (call.db.changes, found)
    if len(books) > KEPT:
        del books[next(iter(books))]
    return found


def of(call: Call, part: Row) -> Book:
    """The book of the order that a part hangs on; a part of a draft order brings that one's own."""
    return part.get("book") or book(call, part["order_id"])


def bag(found: Book, value: Bag | str) -> dict[str, Any]:
    """An amount as a MoneyBag in the currencies of the order."""
    return (Bag.read(value) if isinstance(value, str) else value).shown(found.pair)


def money(found: Book, value: Bag | str) -> str:
    """The shop amount as the deprecated Money scalar prints it, with all places of its currency."""
    whole = Bag.read(value) if isinstance(value, str) else value
    return f"{whole.rounded(found.pair).shop:f}"


def shop_money(found: Book, value: Bag | str) -> dict[str, Any]:
    """The shop amount as a MoneyV2."""
    whole = Bag.read(value) if isinstance(value, str) else value
    return {"amount": amount(whole.rounded(found.pair).shop), "currencyCode": found.pair.shop}


def presentment_money(found: Book, value: Bag | str) -> dict[str, Any]:
    """The presentment amount as a MoneyV2."""
    whole = Bag.read(value) if isinstance(value, str) else value
    return {"amount": amount(whole.rounded(found.pair).presentment), "currencyCode": found.pair.presentment}
