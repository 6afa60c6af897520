"""Customers in the store: uniqueness of e-mail and phone, times, deletion, the document of the search index.

Which values are valid is decided by the mutations; counts of orders are computed, never kept here.
"""

from __future__ import annotations

import json

from sandbox.shopify.clock import iso
from sandbox.shopify.places.lookup import country_name, zone_name
from sandbox.shopify.search.index import Document
from sandbox.shopify.store import customer_addresses as addresses
from sandbox.shopify.store import metafields
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

DEFAULTS: Row = {
    "locale": "en",
    "tags": [],
    "tax_exempt": 0,
    "tax_exemptions": [],
    "state": "DISABLED",
    "verified_email": 1,
    "data_sale_opt_out": 0,
    "email_state": "NOT_SUBSCRIBED",
    "email_level": "SINGLE_OPT_IN",
    "sms_state": "NOT_SUBSCRIBED",
    "sms_level": "SINGLE_OPT_IN",
    "whatsapp_state": "NEVER_SUBSCRIBED",
    "whatsapp_level": "SINGLE_OPT_IN",
}


def get(store: Store, number: int | None) -> Row | None:
    """A customer by its number."""
    return store.db.get("customers", number)


def by_email(store: Store, email: str) -> Row | None:
    """A customer by its e-mail address, whatever the case of its letters."""
    return store.db.one("SELECT * FROM customers WHERE email_key = ?", (email.lower(),))


def by_phone(store: Store, phone: str) -> Row | None:
    """A customer by its telephone number in E.164."""
    return store.db.one("SELECT * FROM customers WHERE phone = ?", (phone,))


def full_name(row: Row) -> str:
    """First and last name, whichever there is."""
    return " ".join(part for part in (row["first_name"], row["last_name"]) if part)


def display_name(row: Row) -> str:
    """How a customer is shown: by name, else by e-mail, else by phone."""
    return full_name(row) or row["email"] or row["phone"] or ""


def create(store: Store, values: Row) -> int:
    """Add a customer."""
    now = store.now()
    number = store.db.next_id("Customer")
    row = DEFAULTS | values | {"id": number, "created_at": now, "updated_at": now}
    store.db.insert("customers", row | _derived(row))
    store.event("customers/create", number)
    return number


def change(store: Store, number: int, values: Row) -> None:
    """Change a customer's own columns and mark it updated."""
    before = get(store, number) or {}
    row = before | values
    store.db.update("customers", number, values | _derived(row))
    touch(store, number)
    if "tags" in values:
        _tell_tags(store, number, json.loads(before["tags"]), values["tags"])


def _tell_tags(store: Store, number: int, before: list[str], after: list[str]) -> None:
    """Tags have topics of their own, whose bodies have camel case and no customer (documented)."""
    for topic, tags in (("added", set(after) - set(before)), ("removed", set(before) - set(after))):
        if tags:
            when = (iso(store.clock.micros()) or "").replace("Z", ".000Z")
            body = {"customerId": f"gid://shopify/Customer/{number}", "tags": sorted(tags), "occurredAt": when}
            store.event(f"customer.tags_{topic}", number, body)


def touch(store: Store, number: int) -> None:
    """Mark a customer updated: its time moves and the subscribers hear of it."""
    store.db.update("customers", number, {"updated_at": store.now()})
    store.event("customers/update", number)


def delete(store: Store, number: int) -> None:
    """Remove a customer with everything that hangs on it but orders."""
    addresses.delete_all(store, number)
    metafields.delete_owner(store, "Customer", number)
    store.db.run("DELETE FROM customers WHERE id = ?", (number,))
    store.index.put("Customer", number, None)
    store.event("customers/delete", number)


def reindex(store: Store, number: int) -> None:
    """Bring a customer into the search index as it is now."""
    row = get(store, number)
    if row is not None:
        store.index.put("Customer", number, _document(store, row))


def _derived(row: Row) -> Row:
    email = row.get("email")
    names = [row.get("last_name"), row.get("first_name")]
    sort_name = ", ".join(part for part in names if part) or email or row.get("phone") or ""
    return {"email_key": email.lower() if email else None, "sort_name": sort_name}


def _document(store: Store, row: Row) -> Document:
    places = addresses.of_customer(store, row["id"])
    countries = {place["country_code"] for place in places if place["country_code"]}
    names = [name for code in countries for name in (code, country_name(code)) if name]
    zones = [zone_name(place["country_code"], place["province_code"]) for place in places]
    words = {
        "email": [row["email"]],
        "first_name": [row["first_name"]],
        "last_name": [row["last_name"]],
        "address": [place[part] for place in places for part in ("address1", "city", "zip", "company")] + zones,
    }
    return {
        "numbers": {
            "id": [row["id"]],
            "created_at": [row["created_at"]],
            "customer_date": [row["created_at"]],
            "updated_at": [row["updated_at"]],
            "accepts_marketing": [int(row["email_state"] == "SUBSCRIBED")],
        },
        "words": {name: [value for value in values if value] for name, values in words.items()},
        "keywords": {
            "phone": [row["phone"]] if row["phone"] else [],
            "state": [row["state"]],
            "country": names,
            "tag": json.loads(row["tags"]),
        }
        | metafields.search_values(store, "Customer", row["id"]),
        "default": ["email", "first_name", "last_name", "address", "phone", "tag", "country"],
    }
