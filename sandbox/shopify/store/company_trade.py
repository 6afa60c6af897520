"""Whether a company, one of its locations or contacts has traded: what has cannot be deleted.

Orders count, cancelled ones too (recorded), and draft orders.
"""

from __future__ import annotations

from sandbox.shopify.store.shop import Store


def of_location(store: Store, location: int) -> bool:
    """True when an order was placed for the location."""
    return bool(store.db.value("SELECT 1 FROM orders WHERE company_location_id = ? LIMIT 1", (location,)))


def of_contact(store: Store, contact: int) -> bool:
    """True when the contact placed an order."""
    return bool(store.db.value("SELECT 1 FROM orders WHERE company_contact_id = ? LIMIT 1", (contact,)))


def of_company(store: Store, company: int) -> bool:
    """True when an order was placed for one of the company's locations."""
    rows = store.db.all("SELECT id FROM company_locations WHERE company_id = ?", (company,))
    return any(of_location(store, row["id"]) for row in rows)
