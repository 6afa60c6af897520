"""What customers and companies bought, as far as they are told of it: orders, what they spent, whom they buy for.

Everything is computed from the orders themselves. Counters lag behind the orders: right after an order was made the
real stores still answered with the counts from before (recorded in the area customers).
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.shopify.store import order_payments
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book
from sandbox.shopify.store.order_hooks import HOOKS
from sandbox.shopify.store.shop import Store

COUNTED_AFTER_S = 10
CUSTOMER, COMPANY_LOCATION, CONTACT = "customer_id", "company_location_id", "company_contact_id"


def traded(store: Store, column: str, number: int) -> bool:
    """True when an order names the buyer, or one did that was deleted a moment ago (recorded for customers)."""
    sql = f"SELECT 1 FROM orders WHERE {column} = ? LIMIT 1"  # noqa: S608 - columns are our own
    if store.db.value(sql, (number,)):
        return True
    since = store.clock.micros() - COUNTED_AFTER_S * 1_000_000
    sql = f"SELECT 1 FROM gone_orders WHERE {column} = ? AND gone_at > ? LIMIT 1"  # noqa: S608 - columns are our own
    return bool(store.db.value(sql, (number, since)))


def has_orders(store: Store, customer: int) -> bool:
    """True when the customer cannot be deleted for its orders."""
    return traded(store, CUSTOMER, customer)


def _note_gone(store: Store, order: int) -> None:
    row = store.db.get("orders", order)
    if row is not None:
        kept = {column: row[column] for column in (CUSTOMER, COMPANY_LOCATION, CONTACT)}
        store.db.insert("gone_orders", kept | {"order_id": order, "gone_at": store.clock.micros()})


HOOKS.deleted.append(_note_gone)


def counted(store: Store, column: str, number: int) -> list[Row]:
    """The orders of a buyer that the counters have seen, oldest first."""
    until = store.clock.micros() - COUNTED_AFTER_S * 1_000_000
    sql = f"SELECT * FROM orders WHERE {column} = ? AND created_at <= ? ORDER BY id"  # noqa: S608 - columns are our own
    return store.db.all(sql, (number, until))


def spent(store: Store, rows: list[Row]) -> Decimal:
    """What was paid for these orders and not given back, in the shop's currency."""
    return sum((order_payments.net(Book(store, row["id"])).shop for row in rows), Decimal(0))


def forget(store: Store, customer: int) -> None:
    """Remove the customer from the companies it is a contact of."""
    for row in store.db.all("SELECT * FROM company_contacts WHERE customer_id = ?", (customer,)):
        store.event("company_contacts/delete", row["id"])
        store.db.run("DELETE FROM company_role_assignments WHERE contact_id = ?", (row["id"],))
        store.db.run("UPDATE companies SET main_contact_id = NULL WHERE main_contact_id = ?", (row["id"],))
        store.db.run("DELETE FROM company_contacts WHERE id = ?", (row["id"],))
