"""Bodies of companies/*, company_contacts/* and company_locations/*.

They carry no numeric id, and what is gone is told with its whole body (documented), so it is built before the row goes.
"""

from __future__ import annotations

import json

from sandbox.shopify import gid
from sandbox.shopify.inside import Inside
from sandbox.shopify.payloads.rest import local
from sandbox.shopify.places.lookup import country_name, zone_name
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store


def company(inside: Inside, number: int) -> Row | None:
    """A company."""
    row = inside.store.db.get("companies", number)
    return None if row is None else _company(inside.store, row)


def _company(store: Store, row: Row) -> Row:
    contact = row["main_contact_id"]
    return {
        "name": row["name"],
        "note": row["note"],
        "external_id": row["external_id"],
        "main_contact_admin_graphql_api_id": None if contact is None else gid.make("CompanyContact", contact),
        "created_at": local(store, row["created_at"]),
        "updated_at": local(store, row["updated_at"]),
        "customer_since": local(store, row["customer_since"]),
        "admin_graphql_api_id": gid.make("Company", row["id"]),
    }


def contact(inside: Inside, number: int) -> Row | None:
    """A contact with its company."""
    row = inside.store.db.get("company_contacts", number)
    if row is None:
        return None
    return {
        "customer_admin_graphql_api_id": gid.make("Customer", row["customer_id"]),
        "title": row["title"],
        "locale": row["locale"],
        "created_at": local(inside.store, row["created_at"]),
        "updated_at": local(inside.store, row["updated_at"]),
        "admin_graphql_api_id": gid.make("CompanyContact", number),
        "company": company(inside, row["company_id"]),
    }


def location(inside: Inside, number: int) -> Row | None:
    """A location with its company, its addresses and how it is taxed."""
    store = inside.store
    row = store.db.get("company_locations", number)
    if row is None:
        return None
    exemptions = json.loads(row["tax_exemptions"])
    settings = {"tax_registration_id": row["tax_registration_id"], "tax_exempt": bool(row["tax_exempt"])}
    return {
        "name": row["name"],
        "external_id": row["external_id"],
        "phone": row["phone"],
        "locale": row["locale"],
        "created_at": local(store, row["created_at"]),
        "updated_at": local(store, row["updated_at"]),
        "note": row["note"],
        "buyer_experience_configuration": None,
        "admin_graphql_api_id": gid.make("CompanyLocation", number),
        "tax_exemptions": exemptions,
        "tax_settings": settings | {"tax_exemptions": exemptions},
        "company": company(inside, row["company_id"]),
        "billing_address": _address(store, row["billing_address_id"], row["company_id"]),
        "shipping_address": _address(store, row["shipping_address_id"], row["company_id"]),
        "tax_registration": {"tax_id": row["tax_registration_id"]},
    }


def role(inside: Inside, number: int) -> Row | None:
    """A role that a contact has at a location."""
    row = inside.store.db.get("company_role_assignments", number)
    if row is None:
        return None
    named = inside.store.db.get("company_roles", row["role_id"])
    return {
        "company_contact": contact(inside, row["contact_id"]),
        "company_location": location(inside, row["location_id"]),
        "company_contact_role": {"name": named["name"] if named else None},
    }


def _address(store: Store, number: int | None, owner: int) -> Row | None:
    row = store.db.get("company_addresses", number)
    if row is None:
        return None
    return {
        "address1": row["address1"],
        "city": row["city"],
        "province": zone_name(row["country_code"], row["zone_code"]),
        "country": country_name(row["country_code"]),
        "zip": row["zip"],
        "recipient": row["recipient"],
        "first_name": row["first_name"],
        "last_name": row["last_name"],
        "address2": row["address2"],
        "phone": row["phone"],
        "zone_code": row["zone_code"],
        "country_code": row["country_code"],
        "created_at": local(store, row["created_at"]),
        "updated_at": local(store, row["updated_at"]),
        "admin_graphql_api_id": gid.make("CompanyAddress", row["id"]),
        "company_admin_graphql_api_id": gid.make("Company", owner),
    }
