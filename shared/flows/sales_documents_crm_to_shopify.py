"""CRM opportunities, orders or invoices → Shopify orders, whichever tables the settings name.

What the mapping file cannot say is in shared/flows/documents (lines, money, deals) and shared/documenting (what else a
document refers to). A change of a line leads to its document.
"""

from __future__ import annotations

from shared.records import Side
from shared.sync.flow import Flow

KIND = "documents"
CRM_TABLE = "document"
"""The name under which ids of all tables stand in the cross references: a GUID is unique over all of them."""

FLOW = Flow(
    name="sales_documents_crm_to_shopify",
    kind=KIND,
    source=Side.CRM,
    crm_table=CRM_TABLE,
    reverse="sales_documents_shopify_to_crm",
    topics={
        "opportunity": "",
        "salesorder": "",
        "invoice": "",
        "opportunityproduct": "opportunityproduct",
        "salesorderdetail": "salesorderdetail",
        "invoicedetail": "invoicedetail",
    },
    reminded=True,
)
