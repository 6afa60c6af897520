"""What buyers and merchant add to seeded orders beside lines and money: checkouts, payment terms, returns.

Every function takes the ids of Shopify by the numbers of the order book.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.orderbook import SeedOrder
from sandbox.seed import Shop

NET_30 = "gid://shopify/PaymentTermsTemplate/1"
ISSUED = "2026-11-01T00:00:00Z"
LOCATIONS = "query { locations(first: 5) { nodes { id } } }"
TERMS = """
mutation($of: ID!, $terms: PaymentTermsCreateInput!) {
  paymentTermsCreate(referenceId: $of, paymentTermsAttributes: $terms) { userErrors { field message } } }
"""
SHIPPED = """
query($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { id fulfillments(first: 1) {
  fulfillmentLineItems(first: 1) { nodes { id } } } } } }
"""
RETURN = "mutation($back: ReturnInput!) { returnCreate(returnInput: $back) { userErrors { field message } } }"


def check_out(shop: Shop, orders: Sequence[SeedOrder], ids: Mapping[int, str]) -> None:
    """Tips, duties, fees, bundles, tills and rounded cash."""
    places = [node["id"].rpartition("/")[2] for node in shop.call(LOCATIONS)["locations"]["nodes"]]
    given = []
    for order in orders:
        parts = {**order.checkout, "id": int(ids[order.number].rpartition("/")[2])}
        if "location" in parts:
            parts["location"] = int(places[order.checkout["location"] - 1])
        given.append(parts)
    shop.at_checkout(given)


def agree_terms(shop: Shop, orders: Sequence[SeedOrder], ids: Mapping[int, str]) -> None:
    """Thirty days to pay."""
    terms = {"paymentTermsTemplateId": NET_30, "paymentSchedules": [{"issuedAt": ISSUED}]}
    for order in orders:
        shop.done(TERMS, {"of": ids[order.number], "terms": terms})


def open_returns(shop: Shop, orders: Sequence[SeedOrder], ids: Mapping[int, str]) -> None:
    """One unit of the first shipped line of each is announced to come back."""
    for order in shop.call(SHIPPED, {"ids": [ids[each.number] for each in orders]})["nodes"]:
        (shipped,) = order["fulfillments"][0]["fulfillmentLineItems"]["nodes"]
        line = {"fulfillmentLineItemId": shipped["id"], "quantity": 1, "returnReason": "UNWANTED"}
        shop.done(RETURN, {"back": {"orderId": order["id"], "returnLineItems": [line]}})
