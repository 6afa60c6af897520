"""Times in searches: how they are shown, whole days of customers, the window of orders, cursors of plain lists."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop

CUSTOMERS = "query($q: String) { customers(first: 10, query: $q) { nodes { lastName } } }"
ORDERS = """query($q: String) { orders(first: 9, query: $q) { nodes { id } pageInfo { endCursor } }
  ordersCount { count } }"""
ORDER = """mutation { orderCreate(order: {lineItems: [{title: "A", quantity: 1, priceSet: {shopMoney:
  {amount: "1", currencyCode: EUR}}}]}) { order { id } } }"""


def _last_value(cursor: str) -> Any:
    return json.loads(base64.b64decode(cursor))["last_value"]


def test_ranges_of_time_are_shown_first_and_in_the_shops_time(shop: Shop) -> None:
    """The parse in a warning names the moment in the shop's offset, as an inclusive range before the other parts."""
    query = "query($q: String) { products(first: 1, query: $q) { nodes { id } } }"
    text = "(vendor:a OR vendor:b) AND updated_at:<'2026-01-01T00:00:00Z' shade:red"
    (entry,) = shop.run(query, {"q": text})["extensions"]["search"]
    assert entry["parsed"]["and"] == [
        {"field": "updated_at", "range_lte": "2026-01-01T01:00:00+01:00"},
        {"or": [{"field": "vendor", "match_all": "a"}, {"field": "vendor", "match_all": "b"}]},
        {"field": "shade", "match_all": "red"},
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("updated_at:>='2026-11-02T22:00:00Z'", True),
        ("updated_at:>'2026-11-02T23:30:00Z'", False),
        ("updated_at:<'2026-11-02T00:00:00Z'", True),
        ("updated_at:<'2026-11-01T22:00:00Z'", False),
        ("updated_at:2026-11-02", True),
        ("updated_at:'2026-11-02T05:00:00Z'", True),
        ("created_at:>='2026-11-02T22:00:00Z'", False),
    ],
)
def test_customers_are_found_by_whole_days(shop: Shop, query: str, found: bool) -> None:
    """A customer changed at noon is found by any time of that day in the shop's zone, but only by `updated_at`."""
    made = 'mutation { customerCreate(input: {lastName: "Noon"}) { customer { id } userErrors { message } } }'
    assert shop.data(made)["customerCreate"]["userErrors"] == []
    assert shop.data(CUSTOMERS, {"q": query})["customers"]["nodes"] == ([{"lastName": "Noon"}] if found else [])


def test_orders_end_after_sixty_days_without_the_scope(box: ShopifySandbox, shop: Shop) -> None:
    """Lists, counts and reads by id leave out orders older than 60 days unless the app may read all."""
    old = shop.data(ORDER)["orderCreate"]["order"]["id"]
    box.clock.advance(60 * 86_400 + 1)
    new = shop.data(ORDER)["orderCreate"]["order"]["id"]
    scopes = tuple(scope for scope in box.config.scopes if scope != "read_all_orders")
    box.tokens.add("narrow", "app", scopes)
    narrow = Shop(box, "narrow")
    read = "query($i: ID!) { order(id: $i) { id } }"
    assert [node["id"] for node in narrow.data(ORDERS)["orders"]["nodes"]] == [new]
    assert narrow.data(ORDERS)["ordersCount"]["count"] == 1
    assert narrow.data(read, {"i": old})["order"] is None
    assert narrow.data(read, {"i": new})["order"] == {"id": new}
    assert [node["id"] for node in shop.data(ORDERS)["orders"]["nodes"]] == [old, new]


def test_a_search_for_one_id_pages_like_a_list(shop: Shop) -> None:
    """Cursors of a search hold milliseconds; those of a list, and of a search for one id, hold the database's time."""
    number = shop.data(ORDER)["orderCreate"]["order"]["id"].rsplit("/", 1)[-1]
    cursors = [shop.data(ORDERS, {"q": query})["orders"]["pageInfo"]["endCursor"] for query in
               ("status:open", f"id:{number}", None)]
    assert isinstance(_last_value(cursors[0]), int)
    assert cursors[1] == cursors[2]
    assert _last_value(cursors[1]).startswith("2026-11-02 12:00:00.")
