"""What a subscription asks for: filters, included fields, metafields, names, and ids that tell deliveries apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.shopify.server import ShopifySandbox
from sandbox.shopify.webhooks import fields, filters
from tests.contract.shopify.client import Shop, sized
from tests.contract.shopify.receivers import SUBSCRIBE, Receiver, receiving, subscribe

BODY: dict[str, Any] = {
    "id": 7,
    "title": "Table",
    "status": "active",
    "tags": "music, vinyl",
    "ended_at": None,
    "updated_at": "2026-11-02T13:00:00+01:00",
    "variants": [{"price": "9.50", "taxable": True, "title": "Album one"}, {"price": "120.00", "taxable": False}],
    "lines": [{"properties": [{"name": "a"}]}, {"properties": []}],
}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback."""
    with receiving() as made:
        yield made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("status:active", True),
        ("status:Active", False),
        ("title:Tab", False),
        ("title:Tab*", True),
        ("variants.price:>=100", True),
        ("variants.price:>120", False),
        ("variants.price:9.5", True),
        ("variants.taxable:true AND variants.title:Album*", True),
        ("lines.properties.name:a", True),
        ("lines.properties.name:b", False),
        ("tags:vinyl", True),
        ("tags:vin", False),
        ("id:*", True),
        ("ended_at:*", False),
        ("invented:*", False),
        ("-invented:*", True),
        ("status:active AND (title:Chair OR title:Table)", True),
        ("status:draft OR title:Table", True),
        ("NOT status:active", False),
        ("updated_at:<2026-11-02T12:30:00Z", False),
        ("updated_at:<'2026-11-02T12:30:00Z'", True),
        ("title:>5", False),
    ],
)
def test_filters_follow_the_documented_rules(text: str, expected: bool) -> None:
    """Equality, case, prefixes, comparisons, lists, keywords of tags, presence, and fields that are not there."""
    assert filters.passes(text, BODY) is expected


def test_included_fields_reach_into_lists() -> None:
    """Only the named fields stay, in the payload's order; what is not there is left out."""
    kept = fields.include(BODY, ["variants.price", "id", "invented", "lines.properties"])
    assert kept == {
        "id": 7,
        "variants": [{"price": "9.50"}, {"price": "120.00"}],
        "lines": [{"properties": [{"name": "a"}]}, {"properties": []}],
    }
    assert list(kept) == ["id", "variants", "lines"]


def test_a_filter_gates_deliveries(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """Only what passes the filter is delivered, and a filter sees what the included fields leave."""
    subscribe(shop, receiver.url, "PRODUCTS_CREATE", filter="vendor:Acme")
    subscribe(shop, f"{receiver.url}/2", "PRODUCTS_CREATE", filter="vendor:Acme", includeFields=["id"])
    shop.create(vendor="Other")
    shop.create(vendor="Acme")
    assert box.webhooks.send_due() == 1
    assert json.loads(receiver.got[0][1])["vendor"] == "Acme"


def test_a_filter_without_a_field_is_refused(shop: Shop, receiver: Receiver) -> None:
    """A condition that names no field is no filter."""
    for text in ("Acme", "vendor:Acme free", "   "):
        wanted = {"uri": receiver.url, "filter": text}
        answer = shop.data(SUBSCRIBE, {"t": "PRODUCTS_CREATE", "w": wanted})["webhookSubscriptionCreate"]
        assert answer["userErrors"][0]["message"].startswith("The specified filter is invalid"), text


def test_equal_bodies_of_included_fields_are_told_once(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """With few included fields a delivery equal to the one just before is dropped, a later one is not."""
    subscribe(shop, receiver.url, "PRODUCTS_UPDATE", includeFields=["id"])
    product = shop.create()["id"]
    update = "mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }"
    for title in ("a", "b"):
        shop.data(update, {"p": {"id": product, "title": title}})
    assert box.webhooks.send_due() == 1
    box.clock.advance(5)
    shop.data(update, {"p": {"id": product, "title": "c"}})
    assert box.webhooks.send_due() == 1
    assert json.loads(receiver.got[1][1]) == {"id": int(product.rsplit("/", 1)[-1])}


def test_metafields_of_named_namespaces_are_carried(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """The body gets the metafields of the namespaces that the subscription names, as REST shows them."""
    subscribe(shop, receiver.url, "PRODUCTS_CREATE", metafieldNamespaces=["seen"])
    text = {"key": "key", "type": "single_line_text_field", "value": "some"}
    given = [text | {"namespace": name} for name in ("seen", "hidden")]
    shop.set(sized("S", metafields=given))
    box.webhooks.send_due()
    (metafield,) = json.loads(receiver.got[0][1])["metafields"]
    assert (metafield["namespace"], metafield["value"], metafield["owner_resource"]) == ("seen", "some", "product")
    assert metafield["admin_graphql_api_id"] == f"gid://shopify/Metafield/{metafield['id']}"


def test_ids_tell_deliveries_apart(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """All deliveries of one action share its event id; each has its own webhook id and its subscription's name."""
    subscribe(shop, receiver.url, "PRODUCTS_CREATE", name="first")
    subscribe(shop, f"{receiver.url}/2", "PRODUCTS_CREATE", "INVENTORY_ITEMS_CREATE")
    shop.create()
    shop.create()
    box.webhooks.send_due()
    headers = [got for got, _ in receiver.got]
    assert len(headers) == 6
    assert len({got["X-Shopify-Webhook-Id"] for got in headers}) == 6
    assert sorted(got["X-Shopify-Event-Id"] for got in headers)[::3] == sorted(
        {got["X-Shopify-Event-Id"] for got in headers}
    )
    assert [got.get("X-Shopify-Name") for got in headers].count("first") == 2


def test_one_delivery_can_arrive_twice(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """`resend` sends one and the same delivery again, as after an acknowledgement that was lost."""
    subscribe(shop, receiver.url, "PRODUCTS_CREATE")
    box.webhooks.switches.resend = 1.0
    shop.create()
    assert box.webhooks.send_due() == 2
    assert receiver.got[0][1] == receiver.got[1][1]
    assert len({got["X-Shopify-Webhook-Id"] for got, _ in receiver.got}) == 1
