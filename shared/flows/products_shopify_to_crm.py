"""Shopify variants → CRM products, flat model: every variant is one product with a price in the configured list.

Webhooks name products; their variants are the records.
"""

from __future__ import annotations

from shared.records import Side
from shared.sync.flow import Flow

FLOW = Flow(
    name="products_shopify_to_crm",
    kind="variants",
    source=Side.SHOPIFY,
    crm_table="product",
    reverse="products_crm_to_shopify",
    topics={"products/create": "products", "products/update": "products", "products/delete": "products"},
    parents={"products": "product.legacyResourceId"},
)
