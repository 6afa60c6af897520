"""The flows that exist. Each module declares what the mapping file cannot say; FLOWS is the one list of them.

A table's file has a flow of its own, `tables_shopify_to_crm/FILE`, which is not in the list: which files are carried is
a setting.
"""

from __future__ import annotations

from shared.flows.companies_shopify_to_crm import FLOW as COMPANIES_SHOPIFY_TO_CRM
from shared.flows.customers_shopify_to_crm import FLOW as CUSTOMERS_SHOPIFY_TO_CRM
from shared.flows.orders_shopify_to_crm import FLOW as ORDERS_SHOPIFY_TO_CRM
from shared.flows.products_crm_to_shopify import FLOW as PRODUCTS_CRM_TO_SHOPIFY
from shared.flows.products_shopify_to_crm import FLOW as PRODUCTS_SHOPIFY_TO_CRM
from shared.flows.sales_documents_crm_to_shopify import FLOW as SALES_DOCUMENTS_CRM_TO_SHOPIFY
from shared.flows.sales_documents_shopify_to_crm import FLOW as SALES_DOCUMENTS_SHOPIFY_TO_CRM
from shared.flows.tables_shopify_to_crm import FLOW as TABLES_SHOPIFY_TO_CRM
from shared.flows.tables_shopify_to_crm import of as table_flow
from shared.mapping.tables import stem_of
from shared.sync.flow import Flow

FLOWS: tuple[Flow, ...] = (
    PRODUCTS_CRM_TO_SHOPIFY,
    PRODUCTS_SHOPIFY_TO_CRM,
    CUSTOMERS_SHOPIFY_TO_CRM,
    COMPANIES_SHOPIFY_TO_CRM,
    ORDERS_SHOPIFY_TO_CRM,
    SALES_DOCUMENTS_CRM_TO_SHOPIFY,
    SALES_DOCUMENTS_SHOPIFY_TO_CRM,
    TABLES_SHOPIFY_TO_CRM,
)


def flow_named(name: str) -> Flow:
    """The flow of that name, or a table's. Raises KeyError listing the names there are."""
    if stem_of(name):
        return table_flow(stem_of(name))
    for flow in FLOWS:
        if flow.name == name:
            return flow
    raise KeyError(f"There is no flow '{name}'. Flows: {', '.join(flow.name for flow in FLOWS)}.")
