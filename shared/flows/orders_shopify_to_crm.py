"""Shopify orders → CRM sales orders with their lines, totals equal to the cent.

What the mapping file cannot say is in shared/flows/orders (the money) and shared/completing.py (what it refers to).
"""

from __future__ import annotations

from shared.records import Side
from shared.sync.flow import Flow

FLOW = Flow(
    name="orders_shopify_to_crm",
    kind="orders",
    source=Side.SHOPIFY,
    crm_table="salesorder",
    reverse=None,
    reminded=True,
    topics={"orders/create": "", "orders/updated": "", "orders/delete": ""},
)
