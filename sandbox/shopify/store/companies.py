"""Companies in the store with their locations, contacts, roles and role assignments: times, deletion, search.

Every company has the roles "Location admin" and "Ordering only" from its start (recorded); the second is its default.
"""

from __future__ import annotations

import json

from sandbox.shopify.search.index import Document
from sandbox.shopify.store import metafields
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

ADMIN, ORDERING = "Location admin", "Ordering only"
LOCATION_DEFAULTS: Row = {
    "tax_exempt": 0,
    "tax_exemptions": [],
    "locale": "en",
    "checkout_to_draft": 0,
    "editable_shipping_address": 0,
}


def get(store: Store, number: int | None) -> Row | None:
    """A company by its number."""
    return store.db.get("companies", number)


def locations(store: Store, company: int) -> list[Row]:
    """The locations of a company in the order they were made."""
    return store.db.all("SELECT * FROM company_locations WHERE company_id = ? ORDER BY id", (company,))


def contacts(store: Store, company: int) -> list[Row]:
    """The contacts of a company in the order they were made."""
    return store.db.all("SELECT * FROM company_contacts WHERE company_id = ? ORDER BY id", (company,))


def role_named(store: Store, company: int, name: str) -> Row:
    """One of the two roles that every company has."""
    sql = "SELECT * FROM company_roles WHERE company_id = ? AND name = ? ORDER BY id LIMIT 1"
    row = store.db.one(sql, (company, name))
    assert row is not None  # noqa: S101 - made with the company
    return row


def create(store: Store, values: Row) -> int:
    """Add a company with its roles and no location yet."""
    number = store.db.next_id("Company")
    now = store.now()
    row = {"customer_since": now} | values | {"id": number, "created_at": now, "updated_at": now}
    store.db.insert("companies", row)
    for name in (ADMIN, ORDERING):
        role = {"id": store.db.next_id("CompanyContactRole"), "company_id": number, "name": name}
        store.db.insert("company_roles", role | {"created_at": now, "updated_at": now})
    store.event("companies/create", number)
    return number


def change(store: Store, number: int, values: Row) -> None:
    """Change a company's own columns and mark it updated."""
    store.db.update("companies", number, values | {"updated_at": store.now()})
    store.event("companies/update", number)
    reindex(store, number)


def delete(store: Store, number: int) -> None:
    """Remove a company with its locations, contacts and roles; the customers stay."""
    store.event("companies/delete", number)
    for row in locations(store, number):
        delete_location(store, row)
    for row in contacts(store, number):
        delete_contact(store, row)
    store.db.run("DELETE FROM company_roles WHERE company_id = ?", (number,))
    metafields.delete_owner(store, "Company", number)
    store.db.run("DELETE FROM companies WHERE id = ?", (number,))
    store.index.put("Company", number, None)


def create_location(store: Store, company: int, values: Row) -> int:
    """Add a location to a company."""
    number = store.db.next_id("CompanyLocation")
    now = store.now()
    row = LOCATION_DEFAULTS | values | {"id": number, "company_id": company, "created_at": now, "updated_at": now}
    store.db.insert("company_locations", row)
    store.event("company_locations/create", number)
    reindex_location(store, number)
    return number


def change_location(store: Store, number: int, values: Row) -> None:
    """Change a location's own columns and mark it updated."""
    store.db.update("company_locations", number, values | {"updated_at": store.now()})
    store.event("company_locations/update", number)
    reindex_location(store, number)


def delete_location(store: Store, row: Row) -> None:
    """Remove a location with its addresses and role assignments."""
    store.event("company_locations/delete", row["id"])
    for address in {row["billing_address_id"], row["shipping_address_id"]} - {None}:
        store.db.run("DELETE FROM company_addresses WHERE id = ?", (address,))
    store.db.run("DELETE FROM company_role_assignments WHERE location_id = ?", (row["id"],))
    metafields.delete_owner(store, "CompanyLocation", row["id"])
    store.db.run("DELETE FROM company_locations WHERE id = ?", (row["id"],))
    store.index.put("CompanyLocation", row["id"], None)


def create_contact(store: Store, company: int, customer: int, values: Row) -> int:
    """Make a customer a contact of a company."""
    number = store.db.next_id("CompanyContact")
    now = store.now()
    row = values | {"id": number, "company_id": company, "customer_id": customer}
    store.db.insert("company_contacts", row | {"created_at": now, "updated_at": now})
    store.event("company_contacts/create", number)
    return number


def change_contact(store: Store, number: int, values: Row) -> None:
    """Change a contact's own columns and mark it updated."""
    store.db.update("company_contacts", number, values | {"updated_at": store.now()})
    store.event("company_contacts/update", number)


def delete_contact(store: Store, row: Row) -> None:
    """Remove a contact with its role assignments; a company whose main contact goes has none (recorded)."""
    store.event("company_contacts/delete", row["id"])
    store.db.run("DELETE FROM company_role_assignments WHERE contact_id = ?", (row["id"],))
    store.db.run("UPDATE companies SET main_contact_id = NULL WHERE main_contact_id = ?", (row["id"],))
    store.db.run("DELETE FROM company_contacts WHERE id = ?", (row["id"],))


def assign(store: Store, contact: Row, location: int, role: int) -> int | None:
    """Give a contact a role at a location; None when it has one there already."""
    sql = "SELECT 1 FROM company_role_assignments WHERE contact_id = ? AND location_id = ?"
    if store.db.value(sql, (contact["id"], location)):
        return None
    number = store.db.next_id("CompanyContactRoleAssignment")
    now = store.now()
    row = {"id": number, "company_id": contact["company_id"], "contact_id": contact["id"], "location_id": location}
    row |= {"role_id": role, "created_at": now, "updated_at": now}
    store.db.insert("company_role_assignments", row)
    store.event("company_contact_roles/assign", number)
    return number


def revoke(store: Store, number: int) -> None:
    """Take back a role."""
    store.event("company_contact_roles/revoke", number)
    store.db.run("DELETE FROM company_role_assignments WHERE id = ?", (number,))


def put_address(store: Store, number: int | None, values: Row) -> int:
    """Write an address of a location: a new one, or over the one that stands."""
    now = store.now()
    if number is not None:
        store.db.update("company_addresses", number, values | {"updated_at": now})
        return number
    number = store.db.next_id("CompanyAddress")
    store.db.insert("company_addresses", values | {"id": number, "created_at": now, "updated_at": now})
    return number


def reindex(store: Store, number: int) -> None:
    """Bring a company into the search index as it is now."""
    row = get(store, number)
    if row is not None:
        store.index.put("Company", number, _document(store, row) | _metafields(store, "Company", row))


def reindex_location(store: Store, number: int) -> None:
    """Bring a location into the search index as it is now."""
    row = store.db.get("company_locations", number)
    if row is not None:
        document = _location_document(row)
        store.index.put("CompanyLocation", number, document | _metafields(store, "CompanyLocation", row))


def _metafields(store: Store, kind: str, row: Row) -> Document:
    external = [row["external_id"]] if row["external_id"] else []
    found = metafields.search_values(store, kind, row["id"])
    return {"keywords": {"external_id": external} | found, "default": ["name", "external_id"]}


def _document(store: Store, row: Row) -> Document:
    del store
    times = {name: [row[name]] for name in ("created_at", "updated_at")}
    return {
        "numbers": times | {"id": [row["id"]], "since_date": [row["customer_since"]]},
        "words": {"name": [row["name"]]},
    }


def _location_document(row: Row) -> Document:
    times = {name: [row[name]] for name in ("created_at", "updated_at")}
    numbers = times | {"id": [row["id"]], "ids": [row["id"]], "company_id": [row["company_id"]]}
    return {"numbers": numbers, "words": {"name": [row["name"]]}}


def exemptions(row: Row) -> list[str]:
    """The tax exemptions of a location."""
    return list(json.loads(row["tax_exemptions"]))
