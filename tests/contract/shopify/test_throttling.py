"""Buckets, the debug header and the pace of a development store."""

from __future__ import annotations

from datetime import UTC, datetime

from werkzeug.test import Client

from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.server import ShopifySandbox, create
from tests.contract.shopify.client import Shop

ORDER = """mutation { orderCreate(order: {lineItems: [{title: "A", quantity: 1, priceSet: {shopMoney:
  {amount: "1", currencyCode: EUR}}}]}) { order { id } userErrors { field message } } }"""


def test_every_app_has_its_own_bucket(box: ShopifySandbox, shop: Shop) -> None:
    """What one app spends, another one on the same store still has."""
    change = 'productUpdate(product: {id: "gid://shopify/Product/1"}) { product { id } }'
    dear = "mutation { " + " ".join(f"m{number}: {change}" for number in range(50)) + " }"
    answers = [shop.run(dear) for _ in range(5)]
    assert [answer["extensions"]["cost"]["actualQueryCost"] for answer in answers] == [500, 500, 500, 500, None]
    assert answers[4]["errors"][0]["extensions"]["code"] == "THROTTLED"
    other = Shop(box, box.config.merchant_token).run("{ shop { name } }")
    assert other["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] >= 1999


def test_debug_header_shows_each_field(box: ShopifySandbox) -> None:
    """The header takes the requested cost apart: the root fields add up to it, and without the header nothing shows."""
    query = "{ shop { name } products(first: 10) { nodes { id variants(first: 5) { nodes { id } } } } }"
    headers = {"X-Shopify-Access-Token": box.config.token}
    path = "/admin/api/2026-10/graphql.json"
    plain = Client(box.wsgi).post(path, json={"query": query}, headers=headers).json
    assert "fields" not in plain["extensions"]["cost"]
    debug = headers | {"Shopify-GraphQL-Cost-Debug": "1"}
    cost = Client(box.wsgi).post(path, json={"query": query}, headers=debug).json["extensions"]["cost"]
    entries = {tuple(entry["path"]): entry for entry in cost["fields"]}
    roots = [entry["requestedTotalCost"] for path, entry in entries.items() if len(path) == 1]
    assert sum(roots) == cost["requestedQueryCost"]
    assert entries["shop", "name"]["requestedChildrenCost"] is None
    assert entries["shop",] == {
        "path": ["shop"],
        "definedCost": 1,
        "requestedTotalCost": 1,
        "requestedChildrenCost": 0,
    }


def test_development_store_takes_five_orders_a_minute() -> None:
    """The sixth order within a minute is refused, the next minute's first is not; other stores have no such limit."""
    config = ShopifyConfig(development_store=True)
    with create(config, Clock(datetime(2026, 11, 2, 12, tzinfo=UTC))) as box:
        shop = Shop(box)
        made = [shop.data(ORDER)["orderCreate"] for _ in range(6)]
        assert [bool(one["order"]) for one in made] == [True] * 5 + [False]
        assert made[5]["userErrors"]
        box.clock.advance(61)
        assert shop.data(ORDER)["orderCreate"]["order"]
    with create(ShopifyConfig()) as box:
        shop = Shop(box)
        assert all(shop.data(ORDER)["orderCreate"]["order"] for _ in range(7))
