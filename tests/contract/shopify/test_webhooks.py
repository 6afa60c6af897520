"""Webhooks out: real deliveries over a socket, signed, retried, and going wrong on purpose."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest

from sandbox.shopify.server import ShopifySandbox
from sandbox.shopify.webhooks.engine import RETRIES_S
from tests.contract.shopify.client import Shop, sized
from tests.contract.shopify.receivers import SUBSCRIBE, Receiver, receiving, subscribe, until


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback."""
    with receiving() as made:
        yield made


def test_a_delivery_is_signed_over_its_raw_bytes(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """All headers are there and the HMAC of the body under the client secret is right."""
    subscribe(shop, receiver.url, "PRODUCTS_CREATE")
    product = shop.create(title="M\u00f6bel", tags=["b", "a"])
    assert box.webhooks.send_due() == 1
    headers, body = receiver.got[0]
    expected = hmac.new(box.config.client_secret.encode(), body, hashlib.sha256).digest()
    assert headers["X-Shopify-Hmac-Sha256"] == base64.b64encode(expected).decode()
    assert headers["X-Shopify-Topic"] == "products/create"
    assert headers["X-Shopify-Shop-Domain"] == box.config.shop
    for name in ("Webhook-Id", "Event-Id", "Triggered-At", "API-Version"):
        assert headers[f"X-Shopify-{name}"]
    content = json.loads(body)
    assert content["admin_graphql_api_id"] == product["id"]
    assert (content["title"], content["tags"], content["status"]) == ("M\u00f6bel", "a, b", "active")
    assert content["updated_at"] == "2026-11-02T13:00:00+01:00"
    assert content["variants"][0]["price"] == "0.00"


def test_each_change_is_told_once_per_topic(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """Create, update and delete of a product and of its items arrive, one delivery per record and change."""
    subscribe(shop, receiver.url, "PRODUCTS_CREATE", "PRODUCTS_UPDATE", "PRODUCTS_DELETE", "INVENTORY_ITEMS_DELETE")
    product = shop.create()
    box.webhooks.send_due()
    assert receiver.topics() == ["products/create"]
    query = "mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }"
    shop.data(query, {"p": {"id": product["id"], "title": "other"}})
    box.webhooks.send_due()
    assert receiver.topics()[1:] == ["products/update"]
    shop.data(
        "mutation($i: ProductDeleteInput!) { productDelete(input: $i) { deletedProductId } }",
        {"i": {"id": product["id"]}},
    )
    box.webhooks.send_due()
    assert sorted(receiver.topics()[2:]) == ["inventory_items/delete", "products/delete"]
    deleted = next(body for headers, body in receiver.got if headers["X-Shopify-Topic"] == "products/delete")
    assert json.loads(deleted) == {"id": int(product["id"].rsplit("/", 1)[-1])}


def test_a_refused_mutation_tells_nobody(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """What was rolled back makes no event."""
    subscribe(shop, receiver.url, "PRODUCTS_CREATE", "PRODUCTS_UPDATE")
    assert shop.set(sized("S", "S"))["product"] is None
    assert box.webhooks.send_due() == 0


def test_failures_are_retried_with_the_first_body(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """A failed delivery comes again later with the same id and body, whatever happened since."""
    subscribe(shop, receiver.url, "PRODUCTS_CREATE")
    receiver.answers = [500, 200]
    product = shop.create(title="first")
    box.webhooks.send_due()
    query = "mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }"
    shop.data(query, {"p": {"id": product["id"], "title": "second"}})
    assert box.webhooks.send_due() == 0
    box.clock.advance(RETRIES_S[0])
    assert box.webhooks.send_due() == 1
    assert receiver.got[0][1] == receiver.got[1][1]
    assert receiver.got[0][0]["X-Shopify-Webhook-Id"] == receiver.got[1][0]["X-Shopify-Webhook-Id"]


def test_eight_retries_in_four_hours_then_the_subscription_goes(
    box: ShopifySandbox, shop: Shop, receiver: Receiver
) -> None:
    """After the first try and eight retries within four hours the delivery is given up and the subscription removed."""
    subscribe(shop, receiver.url, "PRODUCTS_CREATE")
    receiver.answers = [410]
    shop.create()
    box.webhooks.send_due()
    for seconds in RETRIES_S:
        box.clock.advance(seconds)
        box.webhooks.send_due()
    assert len(receiver.got) == 9
    assert 3.5 * 3600 <= sum(RETRIES_S) <= 4 * 3600
    found = shop.data("{ webhookSubscriptions(first: 5) { nodes { id } } }")["webhookSubscriptions"]["nodes"]
    assert found == []


def test_switches_double_lose_and_delay(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """Deliveries can be doubled under one event id, lost, or delayed on the sandbox's clock."""
    subscribe(shop, receiver.url, "PRODUCTS_CREATE")
    box.webhooks.switches.duplicate = 1.0
    shop.create()
    assert box.webhooks.send_due() == 2
    assert len({headers["X-Shopify-Event-Id"] for headers, _ in receiver.got}) == 1
    assert len({headers["X-Shopify-Webhook-Id"] for headers, _ in receiver.got}) == 2
    box.webhooks.switches.duplicate, box.webhooks.switches.lose = 0.0, 1.0
    shop.create()
    assert box.webhooks.send_due() == 0
    box.webhooks.switches.lose, box.webhooks.switches.delay_s = 0.0, 30.0
    shop.create()
    assert box.webhooks.send_due() == 0
    box.clock.advance(30)
    assert box.webhooks.send_due() == 1


def test_the_background_thread_sends(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """Once it serves, the sandbox sends by itself."""
    subscribe(shop, receiver.url, "PRODUCTS_CREATE")
    box.serve()
    shop.create()
    until(lambda: bool(receiver.got))
    assert receiver.topics() == ["products/create"]


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("", "Address can't be blank"),
        ("ftp://example.com/x", "Address protocol ftp:// is not supported"),
        ("http://example.com/x", "Address protocol http:// is not supported"),
        ("example.com/x", "Address is invalid"),
        ("https://acme.myshopify.com/x", "Address cannot be a Shopify or an internal domain"),
    ],
)
def test_addresses_are_checked(shop: Shop, uri: str, message: str) -> None:
    """A bad address is refused in the vendor's words."""
    answer = shop.data(SUBSCRIBE, {"t": "PRODUCTS_CREATE", "w": {"uri": uri}})["webhookSubscriptionCreate"]
    assert answer["userErrors"] == [{"field": ["webhookSubscription", "callbackUrl"], "message": message}]


def test_the_same_address_twice_is_refused(shop: Shop, receiver: Receiver) -> None:
    """One address can be subscribed to a topic once."""
    subscribe(shop, receiver.url, "PRODUCTS_CREATE")
    answer = shop.data(SUBSCRIBE, {"t": "PRODUCTS_CREATE", "w": {"uri": receiver.url}})["webhookSubscriptionCreate"]
    assert answer["userErrors"][0]["message"] == "Address for this topic has already been taken"
