"""What customers and companies bought, as far as they are told of it: orders, what they spent, whom they buy for.

Everything is computed from the orders themselves. Counters lag behind the orders: right after an order was made the
real stores still answered with the counts from before (recorded in the area customers).
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.shopify.store import order_payments
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book
from sandbox.shopify.store.shop import Store

COUNTED_AFTER_S = 10
CUSTOMER, COMPANY_LOCATION, CONTACT = "customer_id", "company_location_id", "company_contact_id"


def has_orders(store: Store, customer: int) -> bool:
    """True when an order names the customer."""
    return bool(store.db.value("SELECT 1 FROM orders WHERE customer_id = ? LIMIT 1", (customer,)))


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
