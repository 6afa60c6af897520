"""Which sales actions there are: unbound ones by name, bound ones by table and name."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.dataverse.context import Context
from sandbox.dataverse.http import Request, Response
from sandbox.dataverse.metadata.model import Table
from sandbox.dataverse.urls import Segment

from . import closing, converting, pricing, products

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
    ("quote", "GetQuoteProductsFromOpportunity"): converting.products_from_opportunity,
    ("salesorder", "GetSalesOrderProductsFromOpportunity"): converting.products_from_opportunity,
    ("invoice", "GetInvoiceProductsFromOpportunity"): converting.products_from_opportunity,
}
