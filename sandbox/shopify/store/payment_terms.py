"""When an order or a draft order has to be paid: one row each, with the one date that Shopify keeps for it.

Terms of an event (on receipt, on fulfilment) have no date (recorded). Nothing is checked here.
"""

from __future__ import annotations

from sandbox.shopify.store import draft_orders, order_payments, orders
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book
from sandbox.shopify.store.order_hooks import HOOKS
from sandbox.shopify.store.shop import Store

DAY = 86_400_000_000


def of(store: Store, owner: str, number: int) -> Row | None:
    """The terms of an "Order" or a "DraftOrder"."""
    found = store.db.all("SELECT * FROM payment_terms WHERE owner = ? AND owner_id = ?", (owner, number))
    return found[0] if found else None


def get(store: Store, number: int | None) -> Row | None:
    """Terms by their number."""
    return store.db.get("payment_terms", number)


def put(store: Store, owner: str, number: int, values: Row) -> int:
    """Give an owner terms, or change those it has; a date that is new is a new schedule (recorded)."""
    standing = of(store, owner, number)
    dated = values["due_at"] is not None
    row = values | {"schedule_id": store.db.next_id("PaymentSchedule") if dated else None}
    if standing is not None:
        store.db.update("payment_terms", standing["id"], row)
        return int(standing["id"])
    made = store.db.next_id("PaymentTerms")
    store.db.insert("payment_terms", row | {"id": made, "owner": owner, "owner_id": number})
    return made


def remove(store: Store, owner: str, number: int) -> None:
    """Take the terms of an owner away."""
    store.db.run("DELETE FROM payment_terms WHERE owner = ? AND owner_id = ?", (owner, number))


def copy(store: Store, draft: int, order: int) -> None:
    """An order that comes of a draft order has its terms."""
    row = of(store, "DraftOrder", draft)
    if row is not None:
        put(store, "Order", order, {name: row[name] for name in ("template", "issued_at", "due_at")})


def told(store: Store, owner: str, number: int) -> None:
    """Mark the owner as changed."""
    if owner == "Order":
        orders.touch(store, number)
    else:
        draft_orders.change(store, number, {})


def paid(book: Book) -> bool:
    """Whether nothing of an order is left to pay: then it takes no terms (recorded)."""
    return order_payments.received(book).presentment > 0 and order_payments.outstanding(book).presentment <= 0


def paid_at(book: Book) -> int | None:
    """When the last of it came in; None while something is left."""
    moments = [row["processed_at"] for row in book.transactions if row["status"] == "SUCCESS"]
    return max(moments) if moments and paid(book) else None


def _gone(store: Store, number: int) -> None:
    remove(store, "Order", number)


HOOKS.deleted.append(_gone)
