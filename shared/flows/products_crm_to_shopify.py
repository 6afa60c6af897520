"""CRM products → Shopify variants. A product born in CRM becomes a Shopify product with one variant.

A change of a price list item leads to its product by pointer; the product is read whole.
"""

from __future__ import annotations

from shared.records import Side
from shared.sync.flow import Flow

FLOW = Flow(
    name="products_crm_to_shopify",
    kind="variants",
    source=Side.CRM,
    crm_table="product",
    reverse="products_shopify_to_crm",
    topics={"product": "product", "productpricelevel": "productpricelevel"},
)
