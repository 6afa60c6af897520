"""Orders in the store: how one is made of its parts, changed, found and deleted.

Whoever makes an order (orderCreate, draftOrderComplete) fills a `NewOrder` and calls `create`. Other areas follow an
order's life through `order_hooks.HOOKS` (fulfilment opens its fulfilment orders in `HOOKS.created`). Nothing here
computes totals: `order_book` does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sandbox.shopify.money import Bag, Pair
from sandbox.shopify.store import metafields, order_parts, order_payments
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book
from sandbox.shopify.store.order_document import document, sorts
from sandbox.shopify.store.order_hooks import HOOKS
from sandbox.shopify.store.order_tables import PARTS
from sandbox.shopify.store.shop import Store

FIRST_NUMBER = 1001
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


@dataclass
class NewOrder:
    """What an order is made of.

    `columns` are columns of the table `orders`; all have defaults: `currency` and `presentment_currency` are the
    shop's. Addresses are dicts with the columns of an address (first_name, address1, country_code, province_code ...).
    `lines`, `shipping` and `charges` (duties, tips, fees) are rows of their tables without ids, each with its `price`
    as a `Bag` and optionally `taxes` (rows of `order_taxes`: title, rate, amount as Bag, channel_liable).
    `taxes` are those of the order as a whole; the caller has spread them or not, they are kept as given.
    `discounts` are rows of `order_discounts`; each may carry `shares`: pairs of ("line" or "shipping", place in the
    list, Bag), which become its allocations. `transactions` are rows of `order_transactions` with `amount` as a Bag.
    """

    columns: Row = field(default_factory=dict)
    lines: list[Row] = field(default_factory=list)
    shipping: list[Row] = field(default_factory=list)
    charges: list[Row] = field(default_factory=list)
    taxes: list[Row] = field(default_factory=list)
    discounts: list[Row] = field(default_factory=list)
    transactions: list[Row] = field(default_factory=list)


def get(store: Store, number: int | None) -> Row | None:
    """An order by its number."""
    return store.db.get("orders", number)


def pair(order: Row) -> Pair:
    """The two currencies of an order."""
    return Pair(order["currency"], order["presentment_currency"])


def create(store: Store, new: NewOrder) -> int:
    """Add an order with all its parts, tell whoever joins in its life, note the event; the number of the order.

    The caller holds the transaction, and calls `reindex` when it has written what else belongs to the order
    (metafields). Raises nothing of its own: inputs are checked before.
    """
    now = store.now()
    number = store.db.next_id("Order")
    row = _defaults(store, number) | new.columns | {"id": number, "created_at": now, "updated_at": now}
    row["original_total"] = Bag().write()
    store.db.insert("orders", row)
    order_parts.add_all(store, number, new)
    book = Book(store, number)
    store.db.update("orders", number, {"original_total": book.total.write()})
    store.event("orders/create", number)
    if order_payments.financial_status(book) == "PAID":
        store.event("orders/paid", number)
    for hook in HOOKS.created:
        hook(store, number)
    return number


def _defaults(store: Store, number: int) -> Row:
    place = next_number(store)
    now = store.now()
    return {
        "number": place,
        "name": f"#{place}",
        "tags": [],
        "currency": store.config.currency,
        "presentment_currency": store.config.currency,
        "taxes_included": 0,
        "tax_exempt": 0,
        "test": 0,
        "custom_attributes": [],
        "localized_fields": [],
        "accepts_marketing": 0,
        "confirmation_number": confirmation(store, number),
        "edited": 0,
        "processed_at": now,
    }


def next_number(store: Store) -> int:
    """The number of the next order, counted on even when an order is deleted."""
    sql = (
        "INSERT INTO sequences (kind, next) VALUES ('order number', ?) "
        "ON CONFLICT (kind) DO UPDATE SET next = next + 1 RETURNING next"
    )
    return int(store.db.value(sql, (FIRST_NUMBER,)))


def confirmation(store: Store, number: int) -> str:
    """Nine letters and digits that the buyer is told."""
    digest = hashlib.sha256(f"{store.setting('shop_id')}{number}".encode()).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:9])


def change(store: Store, number: int, values: Row) -> None:
    """Change an order's own columns and mark it updated."""
    store.db.update("orders", number, values)
    touch(store, number)


@contextmanager
def moving(store: Store, number: int, values: Row | None = None) -> Iterator[None]:
    """Around whatever moves the money or the lines of an order.

    Afterwards the order is marked updated, a financial status and totals it was made with hold no longer, and an order
    that became paid raises orders/paid.
    """
    before = order_payments.financial_status(Book(store, number))
    yield
    change(store, number, (values or {}) | {"given_financial_status": None, "stated": None})
    if before != "PAID" and order_payments.financial_status(Book(store, number)) == "PAID":
        store.event("orders/paid", number)


def state(store: Store, number: int, totals: dict[str, Bag]) -> None:
    """Have an order show these totals, by the names of its book's sums, until its money moves.

    A recorded order exists whose totals are not what its parts come to: Shopify shows what it kept.
    """
    store.db.update("orders", number, {"stated": {name: amount.write() for name, amount in totals.items()}})


def touch(store: Store, number: int) -> None:
    """Mark an order updated: its time moves, subscribers and index hear of it."""
    store.db.update("orders", number, {"updated_at": store.now()})
    store.event("orders/updated", number)
    reindex(store, number)


def delete(store: Store, number: int) -> None:
    """Remove an order with everything that hangs on it."""
    for hook in HOOKS.deleted:
        hook(store, number)
    for table in PARTS:
        store.db.run(f"DELETE FROM {table} WHERE order_id = ?", (number,))  # noqa: S608 - table names are our own
    metafields.delete_owner(store, "Order", number)
    store.db.run("DELETE FROM orders WHERE id = ?", (number,))
    store.db.run("DELETE FROM order_sorts WHERE id = ?", (number,))
    store.index.put("Order", number, None)
    store.event("orders/delete", number)


def reindex(store: Store, number: int) -> None:
    """Bring an order into the search index, and into what lists are sorted by, as it is now."""
    if get(store, number) is None:
        return
    book = Book(store, number)
    store.index.put("Order", number, document(book))
    store.db.run("DELETE FROM order_sorts WHERE id = ?", (number,))
    store.db.insert("order_sorts", sorts(book))


def of_customer(store: Store, customer: int) -> list[Row]:
    """The orders of a customer, oldest first."""
    return store.db.all("SELECT * FROM orders WHERE customer_id = ? ORDER BY id", (customer,))


def attributes(order: Row) -> list[dict[str, Any]]:
    """The custom attributes of an order or a line."""
    return list(json.loads(order["custom_attributes"]))
