"""Whether a company, one of its locations or contacts has traded: what has cannot be deleted.

Orders count, cancelled ones too, and so do draft orders (both recorded).
"""

from __future__ import annotations

from sandbox.shopify.store.buyers import COMPANY_LOCATION, CONTACT, traded
from sandbox.shopify.store.shop import Store


def of_location(store: Store, location: int) -> bool:
    """True when something was ordered or drafted for the location."""
    return traded(store, COMPANY_LOCATION, location) or _drafted(store, COMPANY_LOCATION, location)


def of_contact(store: Store, contact: int) -> bool:
    """True when the contact ordered or something was drafted for it."""
    return traded(store, CONTACT, contact) or _drafted(store, CONTACT, contact)


def of_company(store: Store, company: int) -> bool:
    """True when something was ordered or drafted for one of the company's locations."""
    rows = store.db.all("SELECT id FROM company_locations WHERE company_id = ?", (company,))
    return any(of_location(store, row["id"]) for row in rows)


def _drafted(store: Store, column: str, number: int) -> bool:
    sql = f"SELECT 1 FROM draft_orders WHERE {column} = ? LIMIT 1"  # noqa: S608 - columns are our own
    return bool(store.db.value(sql, (number,)))
