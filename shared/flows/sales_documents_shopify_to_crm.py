"""What became of orders that were made from CRM documents: number, status, payment, fulfilment → their documents.

It makes no document: an order that none was made from belongs to orders_shopify_to_crm.
"""

from __future__ import annotations

from shared.flows.sales_documents_crm_to_shopify import CRM_TABLE, KIND
from shared.records import Side
from shared.sync.flow import Flow

FLOW = Flow(
    name="sales_documents_shopify_to_crm",
    kind=KIND,
    source=Side.SHOPIFY,
    crm_table=CRM_TABLE,
    reverse="sales_documents_crm_to_shopify",
    topics={"orders/create": "", "orders/updated": "", "orders/delete": ""},
    creates=False,
)
