"""What an order's money is read by: accepted by the schema, and moderate in price."""

from __future__ import annotations

from shared.flows.orders.paths import PATHS
from shared.shopify.costs import estimate
from shared.shopify.graph import MOST_POINTS
from shared.shopify.schema import load
from shared.shopify.selection import Selection

CUSTOMER = ("name", "email", "customer.legacyResourceId", "shippingAddress.city", "billingAddress.city")


def test_fifty_orders_fit_in_a_page() -> None:
    """Promise: 50 orders with their money and what a mapping usually adds cost no more than our share of the limit."""
    body = Selection(load(), "Order", {*PATHS, *CUSTOMER}).body()
    text = f"query Q($first: Int!) {{ orders(first: $first) {{ nodes {{ {body} }} }} }}"
    assert estimate(text, {"first": 50}, load()) <= MOST_POINTS
