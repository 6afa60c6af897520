"""Which sales actions there are: unbound ones by name, bound ones by table and name."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.dataverse.context import Context
from sandbox.dataverse.http import Request, Response
from sandbox.dataverse.metadata.model import Table
from sandbox.dataverse.urls import Segment

from . import closing, converting, pricing, products, roles

Unbound = Callable[[Context, Segment, Request], Response]
Bound = Callable[[Context, Table, str, Segment, Request], Response]

UNBOUND_SALES: dict[str, Unbound] = {
    **dict.fromkeys(closing.CLOSINGS, closing.close),
    "GenerateQuoteFromOpportunity": converting.generate,
    "GenerateSalesOrderFromOpportunity": converting.generate,
    "GenerateInvoiceFromOpportunity": converting.generate,
    "ConvertQuoteToSalesOrder": converting.convert_quote,
    "ConvertSalesOrderToInvoice": converting.convert_order,
    "ReviseQuote": converting.revise_quote,
    "UnlockSalesOrderPricing": pricing.unlock,
    "UnlockInvoicePricing": pricing.unlock,
    "RecalculatePrice": pricing.recalculate_price,
    "CalculatePrice": pricing.calculate_price,
    "DeleteOQOILineWithSkipPricingCalculation": pricing.delete_line,
    "RevertProduct": products.revert_product,
}

BOUND_SALES: dict[tuple[str, str], Bound] = {
    ("salesorder", "LockSalesOrderPricing"): pricing.lock,
    ("invoice", "LockInvoicePricing"): pricing.lock,
    ("product", "PublishProductHierarchy"): products.publish,
    ("role", "AddPrivilegesRole"): roles.add,
    ("role", "ReplacePrivilegesRole"): roles.replace,
    ("quote", "GetQuoteProductsFromOpportunity"): converting.products_from_opportunity,
    ("salesorder", "GetSalesOrderProductsFromOpportunity"): converting.products_from_opportunity,
    ("invoice", "GetInvoiceProductsFromOpportunity"): converting.products_from_opportunity,
}

# What the caller must be allowed to do, by the "message privileges" pages; what a message does besides is the system's.
NEEDS: dict[str, tuple[tuple[str, str], ...]] = {
    "FulfillSalesOrder": (("salesorder", "Write"), ("orderclose", "Create")),
    "CancelSalesOrder": (("salesorder", "Write"), ("orderclose", "Create")),
    "WinOpportunity": (("opportunity", "Write"), ("opportunityclose", "Create")),
    "LoseOpportunity": (("opportunity", "Write"), ("opportunityclose", "Create")),
    "WinQuote": (("quote", "Write"), ("quoteclose", "Create")),
    "CloseQuote": (("quote", "Write"), ("quoteclose", "Create")),
    "ReviseQuote": (("quote", "Read"), ("quote", "Create")),
    "GenerateQuoteFromOpportunity": (("opportunity", "Read"), ("quote", "Create")),
    "GenerateSalesOrderFromOpportunity": (("opportunity", "Read"), ("salesorder", "Create")),
    "GenerateInvoiceFromOpportunity": (("opportunity", "Read"), ("invoice", "Create")),
    "ConvertQuoteToSalesOrder": (("quote", "Read"), ("salesorder", "Create")),
    "ConvertSalesOrderToInvoice": (("salesorder", "Read"), ("invoice", "Create")),
    "LockSalesOrderPricing": (("salesorder", "Read"), ("salesorder", "Write")),
    "UnlockSalesOrderPricing": (("salesorder", "Read"), ("salesorder", "Write")),
    "LockInvoicePricing": (("invoice", "Read"), ("invoice", "Write")),
    "UnlockInvoicePricing": (("invoice", "Read"), ("invoice", "Write")),
    "PublishProductHierarchy": (("product", "Write"),),
    "RevertProduct": (("product", "Write"),),
    "AddPrivilegesRole": (("role", "Write"),),
    "ReplacePrivilegesRole": (("role", "Write"),),
    "RetrieveRolePrivilegesRole": (("role", "Read"),),
    "GetQuoteProductsFromOpportunity": (("opportunity", "Read"), ("quote", "Write")),
    "GetSalesOrderProductsFromOpportunity": (("opportunity", "Read"), ("salesorder", "Write")),
    "GetInvoiceProductsFromOpportunity": (("opportunity", "Read"), ("invoice", "Write")),
}
