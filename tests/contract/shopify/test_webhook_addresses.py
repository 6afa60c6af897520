"""Webhook subscriptions: where they may point, and what may stand beside the address."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.server import ShopifySandbox, create
from tests.contract.shopify.client import Shop

SUBSCRIBE = """mutation($t: WebhookSubscriptionTopic!, $w: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $t, webhookSubscription: $w) { webhookSubscription { id uri filter
  metafieldNamespaces endpoint { __typename ... on WebhookPubSubEndpoint { pubSubProject pubSubTopic }
  ... on WebhookEventBridgeEndpoint { arn } } } userErrors { field message } } }"""
UPDATE = """mutation($i: ID!, $w: WebhookSubscriptionInput!) { webhookSubscriptionUpdate(
  id: $i, webhookSubscription: $w) { webhookSubscription { uri } userErrors { message } } }"""
HTTPS = "https://hooks.example/in"


def subscribe(shop: Shop, topic: str = "PRODUCTS_UPDATE", **given: Any) -> dict[str, Any]:
    """The payload of one webhookSubscriptionCreate."""
    return dict(shop.data(SUBSCRIBE, {"t": topic, "w": given})["webhookSubscriptionCreate"])


def messages(answer: dict[str, Any]) -> list[str]:
    """What was wrong."""
    return [error["message"] for error in answer["userErrors"]]


@pytest.mark.parametrize(
    ("uri", "wrong"),
    [
        (
            "pubsub://project-only",
            [
                "Address protocol pubsub:// is not supported",
                "Address is not a valid GCP pub/sub format. Format should be pubsub://project:topic",
            ],
        ),
        ("pubsub://-x:topic", ["Address is invalid", "Address is not a valid GCP project id."]),
        ("pubsub://some-project:7topic", ["Address is invalid", "Address is not a valid GCP topic id."]),
        ("pubsub://some-project:googtopic", ["Address is invalid", "Address is not a valid GCP topic id."]),
        ("arn:aws:sqs:x", ["Address is invalid", "Address is not a valid AWS ARN"]),
        (
            "kafka://broker/x",
            ["Address protocol kafka:// is not supported", "Address is not a valid kafka topic"],
        ),
        ("   ", ["Address can't be blank"]),
    ],
)
def test_a_wrong_address_is_told_in_full(shop: Shop, uri: str, wrong: list[str]) -> None:
    """Cloud addresses have two sentences: that they are wrong, and how."""
    assert messages(subscribe(shop, uri=uri)) == wrong


def test_only_a_switch_lets_webhooks_go_in_the_clear() -> None:
    """Promise: http is refused, on loopback too, unless the sandbox was told to take local receivers."""
    for uri in ("http://127.0.0.1:7071/in", "http://localhost/in"):
        with create(ShopifyConfig(), Clock()) as strict:
            assert messages(subscribe(Shop(strict), uri=uri)) == ["Address protocol http:// is not supported"]
        with create(ShopifyConfig(local_webhooks=True), Clock()) as lax:
            assert messages(subscribe(Shop(lax), uri=uri)) == []


def test_cloud_addresses_are_kept_and_not_called(box: ShopifySandbox, shop: Shop) -> None:
    """Pub/Sub and EventBridge are shown as what they are; no delivery is made for them."""
    app = (box.store.setting("app_id") or "").rsplit("/", 1)[-1]
    arn = f"arn:aws:events:eu-west-1::event-source/aws.partner/shopify.com/{app}/source"
    topic = subscribe(shop, uri="pubsub://123456789012:a%25b")["webhookSubscription"]["endpoint"]
    assert topic == {"__typename": "WebhookPubSubEndpoint", "pubSubProject": "123456789012", "pubSubTopic": "a%25b"}
    assert subscribe(shop, uri=arn)["webhookSubscription"]["endpoint"]["arn"] == arn
    other = subscribe(shop, uri=arn.replace(app, "5"))
    assert messages(other)[1] == f"Address is an AWS ARN and includes api_client_id '5' instead of '{app}'"
    cloud_xml = subscribe(shop, uri="pubsub://some-project:topic", format="XML")
    assert messages(cloud_xml) == ["Format can only be used with format: 'json'"]
    shop.create()
    assert box.store.db.all("SELECT * FROM webhook_deliveries") == []


def test_blanks_around_an_address_are_dropped(shop: Shop) -> None:
    """An address is trimmed; its filter is null until there is one."""
    made = subscribe(shop, uri=f"  {HTTPS} ")["webhookSubscription"]
    assert (made["uri"], made["filter"]) == (HTTPS, None)


def test_the_same_is_not_subscribed_twice(shop: Shop) -> None:
    """Topic, address and filter together are taken once; another filter is another subscription."""
    assert messages(subscribe(shop, uri=HTTPS)) == []
    assert messages(subscribe(shop, uri=HTTPS)) == ["Address for this topic has already been taken"]
    other = subscribe(shop, uri=HTTPS, filter="vendor:x")
    assert messages(other) == []
    back = shop.data(UPDATE, {"i": other["webhookSubscription"]["id"], "w": {"filter": ""}})
    assert messages(back["webhookSubscriptionUpdate"]) == ["Address for this topic has already been taken"]


def test_names_are_unique_whatever_their_case(shop: Shop) -> None:
    """A name has letters, digits, hyphens and underscores, and belongs to one subscription."""
    assert len(messages(subscribe(shop, uri=HTTPS, name=""))) == 2
    assert messages(subscribe(shop, uri=HTTPS, name="Stock-In")) == []
    again = subscribe(shop, "PRODUCTS_CREATE", uri=HTTPS, name="stock-in")
    assert messages(again) == ["Name already exists, no duplicate allowed"]


def test_a_filter_has_a_size(shop: Shop) -> None:
    """65,535 bytes may be, one more may not."""
    text = "id:1 " * 13_107
    assert messages(subscribe(shop, uri=HTTPS, filter=text)) == []
    too_long = subscribe(shop, "PRODUCTS_CREATE", uri=HTTPS, filter=text + "i")
    assert messages(too_long) == ["The specified filter exceeds the maximum allowed size."]


def test_namespaces_of_the_app_are_spelled_out(box: ShopifySandbox, shop: Shop) -> None:
    """`$app:` becomes the app's own prefix; other namespaces stay."""
    app = (box.store.setting("app_id") or "").rsplit("/", 1)[-1]
    made = subscribe(shop, uri=HTTPS, metafieldNamespaces=["$app:Sizes", "custom"])["webhookSubscription"]
    assert made["metafieldNamespaces"] == [f"app--{app}--Sizes", "custom"]
