"""Shopify companies (B2B) → CRM accounts, with their people as contacts and their locations as addresses.

What is told of a contact or a location leads to its company, which is read whole. A contact's name, e-mail and phone
are its customer's, so changes of customers lead there too.
"""

from __future__ import annotations

from shared.records import Side
from shared.sync.flow import Flow

_PARTS = ("company_contacts", "company_locations")

FLOW = Flow(
    name="companies_shopify_to_crm",
    kind="companies",
    source=Side.SHOPIFY,
    crm_table="account",
    reverse=None,
    reminded=True,
    topics={
        **{f"companies/{event}": "" for event in ("create", "update", "delete")},
        **{f"{part}/{event}": "companies" for part in _PARTS for event in ("create", "update", "delete")},
        "customers/update": "customers",
    },
)
