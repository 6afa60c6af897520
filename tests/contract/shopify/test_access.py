"""Access: scopes by field and topic, protected customer data, the app's life in a store, faults at every endpoint."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.shopify.listen import ConnectionDropped
from sandbox.shopify.server import ShopifySandbox
from sandbox.shopify.webhooks.outbox import AppSubscription
from tests.contract.shopify.client import Shop
from tests.contract.shopify.payload_makers import MAKERS, number
from tests.contract.shopify.receivers import SUBSCRIBE, Receiver, receiving, subscribe

COUNT = "{ productsCount { count } }"
CUSTOMERS = "{ customers(first: 5) { nodes { id firstName email phone note } } }"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback."""
    with receiving() as made:
        yield made


def app(shop: Shop, **wanted: Any) -> Any:
    """What the control of the app answers."""
    answer = shop.client.post("/_sandbox/app", json=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_field_without_its_scope_is_denied_and_the_others_answer(box: ShopifySandbox, shop: Shop) -> None:
    """The error names the scope and its field is null; fields that the token may read are answered."""
    app(shop, scopes=["read_products"])
    body = shop.run('{ productsCount { count } customer(id: "gid://shopify/Customer/1") { id } }')
    assert body["data"] == {"productsCount": {"count": 0}, "customer": None}
    (error,) = body["errors"]
    assert error["message"] == "Access denied for customer field. Required access: `read_customers` access scope."
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert error["extensions"]["requiredAccess"] == "`read_customers` access scope."
    assert error["path"] == ["customer"]
    assert shop.run(CUSTOMERS)["data"] is None, "a list of customers is never null, so its refusal takes the whole"


def test_a_denied_mutation_writes_nothing(box: ShopifySandbox, shop: Shop) -> None:
    """Reading rights are no writing rights, and writing rights are reading rights."""
    app(shop, scopes=["read_products"])
    create = 'mutation { productCreate(product: {title: "x"}) { product { id } userErrors { message } } }'
    assert shop.run(create)["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    app(shop, scopes=["write_products"])
    assert "errors" not in shop.run(create)
    assert shop.data(COUNT)["productsCount"]["count"] == 1


def test_scopes_that_nobody_granted_are_always_denied(box: ShopifySandbox, shop: Shop) -> None:
    """The default app has not every scope there is: what it was not granted it may not have."""
    body = shop.run('{ customerPaymentMethod(id: "gid://shopify/CustomerPaymentMethod/x") { id } }')
    codes = {error["extensions"]["code"] for error in body["errors"]}
    assert codes <= {"ACCESS_DENIED", "SANDBOX_NOT_IMPLEMENTED"}
    assert "write_themes" not in box.config.scopes


def test_changed_scopes_are_told_and_hold_for_old_tokens(
    box: ShopifySandbox, shop: Shop, receiver: Receiver
) -> None:
    """app/scopes_update says what was before and is now, and a token from before has the new scopes."""
    subscribe(shop, receiver.url, "APP_SCOPES_UPDATE")
    app(shop, scopes=["read_products"])
    box.webhooks.send_due()
    content = json.loads(receiver.got[0][1])
    assert content["previous"] == list(box.config.scopes)
    assert content["current"] == ["read_products"]
    headers = {"X-Shopify-Access-Token": box.config.token}
    told = shop.client.get("/admin/oauth/access_scopes.json", headers=headers).json
    assert told == {"access_scopes": [{"handle": "read_products"}]}


def test_unapproved_fields_are_null_with_an_error_each(box: ShopifySandbox, shop: Shop) -> None:
    """With level 1 alone the customer is there and its name and addresses to reach it are not."""
    MAKERS["customer"](box, shop)
    app(shop, approved=["customer", "email"])
    body = shop.run(CUSTOMERS)
    (node,) = body["data"]["customers"]["nodes"]
    assert (node["firstName"], node["email"], node["phone"]) == (None, "ada@example.com", None)
    assert {error["message"].split(".", 1)[0] for error in body["errors"]} == {
        "This app is not approved to use the firstName field",
        "This app is not approved to use the phone field",
    }


def test_without_approval_there_are_no_customers(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """Without level 1 the object itself is refused, its webhooks cannot be subscribed to and are not sent."""
    subscribe(shop, receiver.url, "CUSTOMERS_CREATE")
    app(shop, approved=[])
    body = shop.run(CUSTOMERS)
    assert body["data"] is None
    assert body["errors"][0]["message"].startswith("This app is not approved to access the Customer object.")
    wanted = {"uri": f"{receiver.url}/2"}
    refused = shop.run(SUBSCRIBE, {"t": "CUSTOMERS_UPDATE", "w": wanted})["errors"][0]
    assert "not approved to subscribe to webhook topics containing protected customer data" in refused["message"]
    with box.store.db.transaction():
        MAKERS["customer"](box, Shop(box, box.config.merchant_token))
        box.store.publish()
    assert box.webhooks.send_due() == 0
    assert "errors" not in shop.run(COUNT)


def test_webhooks_are_redacted_like_the_api(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """Names, addresses, e-mail and phone are null in the body; everything that is about no person is as before."""
    subscribe(shop, receiver.url, "ORDERS_CREATE")
    app(shop, approved=["customer"])
    with box.store.db.transaction():
        MAKERS["order"](box, shop)
        box.store.publish()
    box.webhooks.send_due()
    content = json.loads(receiver.got[0][1])
    assert (content["email"], content["contact_email"], content["phone"]) == (None, None, None)
    assert {content["customer"][name] for name in ("first_name", "last_name", "email", "phone")} == {None}
    hidden = ("name", "first_name", "address1", "zip", "phone")
    assert {content["shipping_address"][name] for name in hidden} == {None}
    assert (content["shipping_address"]["city"], content["name"]) == ("Berlin", "#1001")
    assert content["line_items"][0]["name"] == "Sized - S"


def test_a_topic_needs_its_scope(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """Subscribing to a topic without its scope is a user error in the vendor's words."""
    app(shop, scopes=["read_products"])
    answer = shop.data(SUBSCRIBE, {"t": "ORDERS_CREATE", "w": {"uri": receiver.url}})["webhookSubscriptionCreate"]
    message = "You cannot create a webhook subscription with the specified topic"
    assert [error["message"] for error in answer["userErrors"]] == [message]
    subscribe(shop, receiver.url, "PRODUCTS_CREATE")


def test_the_merchant_is_bound_by_no_scope(box: ShopifySandbox, shop: Shop) -> None:
    """A person in the store may do what the app may not."""
    app(shop, scopes=[], approved=[])
    MAKERS["customer"](box, Shop(box, box.config.merchant_token))
    assert "errors" not in Shop(box, box.config.merchant_token).run(CUSTOMERS)


def test_uninstalling_ends_tokens_and_subscriptions_and_is_told(
    box: ShopifySandbox, shop: Shop, receiver: Receiver
) -> None:
    """app/uninstalled goes out, tokens get 401, subscriptions are gone, and shop/redact follows after 48 hours."""
    subscribe(shop, receiver.url, "APP_UNINSTALLED", "PRODUCTS_CREATE")
    box.webhooks.app_subscriptions.append(AppSubscription(("shop/redact",), receiver.url))
    app(shop, installed=False)
    assert shop.post(COUNT).status_code == 401
    given = {"grant_type": "client_credentials", "client_id": box.config.client_id}
    given["client_secret"] = box.config.client_secret
    assert shop.client.post("/admin/oauth/access_token", json=given).status_code == 400
    box.webhooks.send_due()
    assert receiver.topics() == ["app/uninstalled"]
    assert json.loads(receiver.got[0][1])["myshopify_domain"] == box.config.shop
    box.clock.advance(48 * 3600)
    box.webhooks.send_due()
    assert receiver.topics() == ["app/uninstalled", "shop/redact"]
    app(shop, installed=True)
    assert shop.data("{ webhookSubscriptions(first: 5) { nodes { id } } }")["webhookSubscriptions"]["nodes"] == []


def test_compliance_topics_reach_the_apps_own_subscriptions(
    box: ShopifySandbox, shop: Shop, receiver: Receiver
) -> None:
    """They are no topics of the API; their bodies name the customer and the orders, whatever the app may see."""
    app(shop, subscriptions=[{"topics": ["customers/data_request", "customers/redact"], "uri": receiver.url}])
    _, order = MAKERS["order"](box, shop)
    customer = int(box.store.db.value("SELECT customer_id FROM orders"))
    app(shop, approved=[])
    app(shop, request_data=customer)
    app(shop, redact=customer)
    box.webhooks.send_due()
    bodies = {headers["X-Shopify-Topic"]: json.loads(body) for headers, body in receiver.got}
    assert bodies["customers/data_request"]["orders_requested"] == [order]
    assert bodies["customers/data_request"]["customer"]["email"] == "ada@example.com"
    assert bodies["customers/redact"]["orders_to_redact"] == [order]
    unknown = shop.run(SUBSCRIBE, {"t": "CUSTOMERS_REDACT", "w": {"uri": receiver.url}})
    assert unknown["errors"][0]["extensions"]["code"] == "INVALID_VARIABLE"


@pytest.mark.parametrize(
    ("kind", "status"),
    [("unauthorized", 401), ("frozen", 402), ("locked", 423), ("too_many_requests", 429), ("server_error", 503)],
)
@pytest.mark.parametrize("endpoint", ["graphql", "shop", "scopes", "grant"])
def test_every_endpoint_can_fail(shop: Shop, box: ShopifySandbox, kind: str, status: int, endpoint: str) -> None:
    """Each status can be ordered for each endpoint, once, and strikes no other."""
    box.faults.add(kind, endpoint=endpoint)
    headers = {"X-Shopify-Access-Token": box.config.token}
    calls = {
        "graphql": lambda: shop.post(COUNT),
        "shop": lambda: shop.client.get("/admin/api/2026-10/shop.json", headers=headers),
        "scopes": lambda: shop.client.get("/admin/oauth/access_scopes.json", headers=headers),
        "grant": lambda: shop.client.post("/admin/oauth/access_token", json={"grant_type": "x"}),
    }
    struck = calls.pop(endpoint)
    assert all(call().status_code in {200, 400} for call in calls.values())
    assert struck().status_code == status
    assert struck().status_code in {200, 400}


def test_a_lost_request_was_never_run(box: ShopifySandbox, shop: Shop) -> None:
    """When the request is lost nothing has happened; when the token's answer is lost there is a token nobody knows."""
    box.faults.add("request_lost")
    with pytest.raises(ConnectionDropped):
        shop.create()
    assert shop.data(COUNT)["productsCount"]["count"] == 0
    box.faults.add("reply_lost", endpoint="grant")
    given = {"grant_type": "client_credentials", "client_id": box.config.client_id}
    given["client_secret"] = box.config.client_secret
    before = box.store.db.value("SELECT COUNT(*) FROM tokens")
    with pytest.raises(ConnectionDropped):
        shop.client.post("/admin/oauth/access_token", json=given)
    assert box.store.db.value("SELECT COUNT(*) FROM tokens") == before + 1


def test_a_slow_answer_takes_its_time(box: ShopifySandbox, shop: Shop) -> None:
    """`slow` waits before it answers, once, and then answers truly."""
    box.faults.add("slow", delay_s=0.3)
    started = time.monotonic()
    assert shop.data(COUNT) == {"productsCount": {"count": 0}}
    assert time.monotonic() - started >= 0.3
    with pytest.raises(ValueError, match="unknown endpoint"):
        box.faults.add("slow", endpoint="nowhere")


def test_the_shop_over_rest_is_the_shop_of_webhooks(box: ShopifySandbox, shop: Shop) -> None:
    """shop.json has the fields of the shop's own webhook."""
    headers = {"X-Shopify-Access-Token": box.config.token}
    told = shop.client.get("/admin/api/2026-10/shop.json", headers=headers).json["shop"]
    assert told["id"] == number(shop.data("{ shop { id } }")["shop"]["id"])
    assert told["iana_timezone"] == "Europe/Berlin"
    assert told["timezone"] == "(GMT+01:00) Berlin"
    assert told == box.webhooks.build("shop/update", 0)
