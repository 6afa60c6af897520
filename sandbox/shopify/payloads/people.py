"""Bodies of customers/* and of the consent topics.

Consent, tags and counts of orders are not in the customer's own body: they have topics of their own (documented).
"""

from __future__ import annotations

import json

from sandbox.shopify import gid
from sandbox.shopify.inside import Inside
from sandbox.shopify.payloads.rest import local, lower
from sandbox.shopify.places.lookup import country_name, zone_name
from sandbox.shopify.store import customer_addresses, customers
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store


def body(inside: Inside, number: int) -> Row | None:
    """A customer with all addresses."""
    row = customers.get(inside.store, number)
    if row is None:
        return None
    found = [_address(row, one) for one in customer_addresses.of_customer(inside.store, number)]
    shown = summary(inside.store, row)
    # Shopify's order of the fields: the list of addresses stands before the exemptions.
    place = list(shown).index("tax_exemptions")
    items = list(shown.items())
    return dict([*items[:place], ("addresses", found), *items[place:]])


def summary(store: Store, row: Row) -> Row:
    """A customer as orders and drafts show it; without addresses there is no field for the default one."""
    default = customer_addresses.get(store, row["default_address_id"])
    shown = {
        "id": row["id"],
        "created_at": local(store, row["created_at"]),
        "updated_at": local(store, row["updated_at"]),
        "first_name": row["first_name"],
        "last_name": row["last_name"],
        "state": lower(row["state"]),
        "note": row["note"],
        "verified_email": bool(row["verified_email"]),
        "multipass_identifier": row["multipass_identifier"],
        "tax_exempt": bool(row["tax_exempt"]),
        "email": row["email"],
        "phone": row["phone"],
        "currency": store.config.currency,
        "tax_exemptions": json.loads(row["tax_exemptions"]),
        "admin_graphql_api_id": gid.make("Customer", row["id"]),
    }
    return shown | ({} if default is None else {"default_address": _address(row, default)})


def _address(customer: Row, row: Row) -> Row:
    shown = address(row)
    for name in ("latitude", "longitude"):
        del shown[name]
    extra = {"country_name": shown["country"], "default": customer["default_address_id"] == row["id"]}
    return {"id": row["id"], "customer_id": customer["id"]} | shown | extra


def address(row: Row) -> Row:
    """An address by REST's names, from a row or the columns that an order keeps."""
    names = (row.get("first_name"), row.get("last_name"))
    country, province = row.get("country_code"), row.get("province_code")
    return {
        "first_name": names[0],
        "address1": row.get("address1"),
        "phone": row.get("phone"),
        "city": row.get("city"),
        "zip": row.get("zip"),
        "province": zone_name(country, province),
        "country": country_name(country),
        "last_name": names[1],
        "address2": row.get("address2"),
        "company": row.get("company"),
        "latitude": None,
        "longitude": None,
        "name": " ".join(name for name in names if name) or None,
        "country_code": country,
        "province_code": province,
    }


def ended(_inside: Inside, number: int) -> Row:
    """A customer that is gone."""
    return {"id": number, "tax_exemptions": [], "admin_graphql_api_id": gid.make("Customer", number)}


def merged(kept: int, gone: int) -> Row:
    """Two customers that have become one."""
    return {
        "admin_graphql_api_customer_kept_id": gid.make("Customer", kept),
        "admin_graphql_api_customer_deleted_id": gid.make("Customer", gone),
        "admin_graphql_api_job_id": None,
        "status": "completed",
        "errors": [],
    }


def email_consent(inside: Inside, number: int) -> Row | None:
    """What a customer said about marketing by e-mail."""
    row = customers.get(inside.store, number)
    if row is None:
        return None
    return {
        "customer_id": number,
        "email_address": row["email"],
        "email_marketing_consent": _consent(inside.store, row, "email"),
    }


def sms_consent(inside: Inside, number: int) -> Row | None:
    """What a customer said about marketing by SMS."""
    row = customers.get(inside.store, number)
    if row is None:
        return None
    consent = _consent(inside.store, row, "sms") | {"consent_collected_from": "other"}
    return {"id": number, "phone": row["phone"], "sms_marketing_consent": consent}


def _consent(store: Store, row: Row, channel: str) -> Row:
    return {
        "state": lower(row[f"{channel}_state"]),
        "opt_in_level": lower(row[f"{channel}_level"]),
        "consent_updated_at": local(store, row[f"{channel}_at"]),
    }
