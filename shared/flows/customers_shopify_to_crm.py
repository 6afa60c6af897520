"""Shopify customers → CRM accounts with their contact, or contacts alone (the mapping file's `[target]` says which).

Shopify's privacy requests, and what it says of the app itself, arrive at this flow's address too.
"""

from __future__ import annotations

from shared.records import Side
from shared.sync.flow import Flow

FLOW = Flow(
    name="customers_shopify_to_crm",
    kind="customers",
    source=Side.SHOPIFY,
    crm_table="account",
    reverse=None,
    topics={"customers/create": "", "customers/update": "", "customers/delete": ""},
    notices=frozenset(
        {"customers/merge", "customers/redact", "customers/data_request", "shop/redact", "app/uninstalled"}
    ),
)
