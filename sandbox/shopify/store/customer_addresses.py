"""The addresses of customers in the store: a list in the order they were made, one of them the default.

A customer with addresses always has a default one (recorded: deleting it makes the next one the default).
"""

from __future__ import annotations

from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

COLUMNS = (
    "first_name", "last_name", "company", "address1", "address2", "city", "zip", "phone", "country_code",
    "province_code",
)  # fmt: skip
NAMES = frozenset(["first_name", "last_name"])


def get(store: Store, number: int | None) -> Row | None:
    """An address by its number."""
    return store.db.get("customer_addresses", number)


def of_customer(store: Store, customer: int) -> list[Row]:
    """The addresses of a customer in the order they were made."""
    return store.db.all("SELECT * FROM customer_addresses WHERE customer_id = ? ORDER BY id", (customer,))


def same(store: Store, customer: int, values: Row, but: int | None = None) -> Row | None:
    """Another address of the customer with all the same values."""
    for row in of_customer(store, customer):
        if row["id"] != but and all(row[name] == values.get(name) for name in COLUMNS):
            return row
    return None


def is_blank(values: Row) -> bool:
    """True for an address that says nothing but a name."""
    return not any(values.get(name) for name in COLUMNS if name not in NAMES)


def create(store: Store, customer: Row, values: Row) -> int:
    """Add an address; one without any name takes the customer's (recorded)."""
    number = store.db.next_id("MailingAddress")
    store.db.insert("customer_addresses", with_name(customer, values) | {"id": number, "customer_id": customer["id"]})
    settle_default(store, customer["id"])
    return number


def with_name(customer: Row, values: Row) -> Row:
    """The values of a new address, named after the customer when they have no name."""
    if any(values.get(name) for name in NAMES):
        return values
    return values | {name: customer[name] for name in NAMES}


def change(store: Store, number: int, values: Row) -> None:
    """Change an address."""
    store.db.update("customer_addresses", number, values)


def delete(store: Store, row: Row) -> None:
    """Remove an address; when it was the default one the next becomes it."""
    store.db.run("DELETE FROM customer_addresses WHERE id = ?", (row["id"],))
    settle_default(store, row["customer_id"])


def delete_all(store: Store, customer: int) -> None:
    """Remove all addresses of a customer."""
    store.db.run("DELETE FROM customer_addresses WHERE customer_id = ?", (customer,))


def make_default(store: Store, row: Row) -> None:
    """Make an address the default one of its customer."""
    store.db.update("customers", row["customer_id"], {"default_address_id": row["id"]})


def settle_default(store: Store, customer: int) -> None:
    """Keep the default address when it is still there, else take the first."""
    numbers = [row["id"] for row in of_customer(store, customer)]
    current = store.db.value("SELECT default_address_id FROM customers WHERE id = ?", (customer,))
    if current not in numbers:
        store.db.update("customers", customer, {"default_address_id": numbers[0] if numbers else None})
