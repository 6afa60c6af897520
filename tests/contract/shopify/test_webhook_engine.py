"""Sending: time-outs, slow receivers, ends of a sandbox, certificates, runs of failures."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.shopify import tls
from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.server import ShopifySandbox, create
from sandbox.shopify.webhooks import post
from sandbox.shopify.webhooks.engine import RETRIES_S
from sandbox.shopify.webhooks.outbox import AppSubscription
from tests.contract.shopify.client import Shop
from tests.contract.shopify.receivers import Receiver, raw_receiver, receiving, subscribe, until

UPDATE = "mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback."""
    with receiving() as made:
        yield made


def test_a_slow_receiver_holds_up_nobody_else(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """While one address takes its time for each of many deliveries, another gets all of its own at once."""
    with receiving() as slow:
        slow.wait_s = 2.0  # twelve of them, two at a time, last twelve seconds
        subscribe(shop, slow.url, "PRODUCTS_CREATE")
        subscribe(shop, receiver.url, "PRODUCTS_CREATE")
        box.serve()
        for _ in range(12):
            shop.create()
        until(lambda: len(receiver.got) == 12)
        assert len(slow.got) < 12
        slow.wait_s = 0.0


def test_an_answer_that_drips_gets_no_more_than_the_whole_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is on the whole request: a receiver that sends a byte now and then does not stretch it."""
    monkeypatch.setattr(post, "TOTAL_S", 0.5)

    def drip(connection: socket.socket) -> None:
        for _ in range(200):
            connection.sendall(b"H")
            time.sleep(0.1)

    with raw_receiver(drip) as uri:
        started = time.monotonic()
        with pytest.raises(post.NotDelivered, match="ReadTimeout"):
            post.post(uri, {}, b"{}", post.context(None))
        assert 0.4 < time.monotonic() - started < 10


def test_the_limits_are_shopifys() -> None:
    """One second to connect and five for everything, as documented."""
    assert (post.CONNECT_S, post.TOTAL_S) == (1.0, 5.0)


def test_nobody_listening_is_a_failure_that_is_told(box: ShopifySandbox, shop: Shop) -> None:
    """A refused connection counts as one failed attempt and says what happened."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        uri = f"http://127.0.0.1:{gone.getsockname()[1]}/hook"
    subscribe(shop, uri, "PRODUCTS_CREATE")
    shop.create()
    assert box.webhooks.send_due() == 1
    row = box.store.db.one("SELECT state, attempts, last_answer FROM webhook_deliveries")
    assert row == {"state": "due", "attempts": 1, "last_answer": "ConnectionRefusedError"}


def test_a_redirect_is_a_failure(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """An answer of the 300s is not followed and not a success."""
    receiver.answers = [302, 200]
    subscribe(shop, receiver.url, "PRODUCTS_CREATE")
    shop.create()
    box.webhooks.send_due()
    assert box.store.db.value("SELECT state FROM webhook_deliveries") == "due"


def test_what_is_late_on_purpose_is_sent_when_the_sandbox_ends(receiver: Receiver) -> None:
    """Delay and disorder lose nothing: a store in memory sends at its end what it had not tried yet."""
    with create(ShopifyConfig(local_webhooks=True), Clock()) as box:
        shop = Shop(box)
        subscribe(shop, receiver.url, "PRODUCTS_CREATE")
        box.serve()
        box.webhooks.switches.delay_s = 60.0
        box.webhooks.switches.disorder = True
        for _ in range(9):
            shop.create()
        assert receiver.got == []
    assert len(receiver.got) == 9


def test_a_file_keeps_what_was_not_sent(tmp_path: Path, receiver: Receiver) -> None:
    """A store in a file sends after its next start what was due when it ended."""
    config = ShopifyConfig(db=str(tmp_path / "store.db"), local_webhooks=True)
    clock = Clock(datetime(2026, 11, 2, 12, tzinfo=UTC))
    with create(config, clock) as box:
        shop = Shop(box)
        subscribe(shop, receiver.url, "PRODUCTS_CREATE")
        box.webhooks.switches.delay_s = 60.0
        shop.create()
    clock.advance(60)
    with create(config, clock) as box:
        assert box.webhooks.send_due() == 1
    assert receiver.topics() == ["products/create"]


def test_disorder_changes_the_order(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """With disorder the deliveries of successive changes arrive in another order than they happened."""
    subscribe(shop, receiver.url, "PRODUCTS_CREATE")
    box.webhooks.switches.disorder = True
    numbers = [shop.create()["id"] for _ in range(8)]
    box.clock.advance(2)
    assert box.webhooks.send_due() == 8
    arrived = [body.decode().split('"', 4)[3] for _, body in receiver.got]
    assert sorted(arrived) == sorted(numbers)
    assert arrived != numbers


def test_a_certificate_of_another_authority_is_refused(tmp_path: Path, box: ShopifySandbox) -> None:
    """Under TLS the receiver's certificate is checked against the given authority."""
    del box
    with receiving(tls.files(tmp_path / "one")) as secure:
        known = post.context(str(tmp_path / "one" / "ca.pem"))
        assert post.post(secure.url, {}, b"{}", known) == 200
        tls.files(tmp_path / "two")
        with pytest.raises(post.NotDelivered, match="SSLCertVerificationError"):
            post.post(secure.url, {}, b"{}", post.context(str(tmp_path / "two" / "ca.pem")))
        assert post.post(secure.url, {}, b"{}", post.context(None)) == 200
        assert known.verify_mode is ssl.CERT_REQUIRED


def test_a_success_between_ends_the_run_of_failures(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """Eight failures must be consecutive: a subscription that succeeds in between stays."""
    subscribe(shop, receiver.url, "PRODUCTS_CREATE")
    receiver.answers = [500] * len(RETRIES_S) + [200, 500]
    shop.create()
    box.webhooks.send_due()
    for seconds in RETRIES_S[:-1]:
        box.clock.advance(seconds)
        box.webhooks.send_due()
    shop.create()
    box.webhooks.send_due()
    box.clock.advance(RETRIES_S[-1])
    box.webhooks.send_due()
    assert box.webhooks.waiting()["given up"] == 1
    assert len(shop.data("{ webhookSubscriptions(first: 5) { nodes { id } } }")["webhookSubscriptions"]["nodes"]) == 1


def test_a_removed_subscription_gets_nothing_more(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """Deliveries that wait when their subscription goes are dropped, and shown as dropped."""
    subscribe(shop, receiver.url, "PRODUCTS_CREATE")
    box.webhooks.switches.delay_s = 5
    shop.create()
    found = shop.data("{ webhookSubscriptions(first: 1) { nodes { id } } }")["webhookSubscriptions"]["nodes"][0]["id"]
    shop.data("mutation($i: ID!) { webhookSubscriptionDelete(id: $i) { deletedWebhookSubscriptionId } }", {"i": found})
    box.clock.advance(5)
    box.webhooks.send_due()
    assert receiver.got == []
    assert box.webhooks.waiting()["dropped"] == 1


def test_subscriptions_of_the_app_are_told_and_never_removed(
    box: ShopifySandbox, shop: Shop, receiver: Receiver
) -> None:
    """What the app's own configuration subscribes to has no id, does not show in the API, and outlives failures."""
    configured = AppSubscription(("products/create", "products/update"), receiver.url, name="mine")
    box.webhooks.app_subscriptions.append(configured)
    receiver.answers = [500]
    shop.create()
    box.webhooks.send_due()
    for seconds in RETRIES_S:
        box.clock.advance(seconds)
        box.webhooks.send_due()
    receiver.answers = [200]
    shop.create()
    box.webhooks.send_due()
    assert len(receiver.got) == 2 + len(RETRIES_S)
    assert receiver.got[-1][0]["X-Shopify-Name"] == "mine"
    assert shop.data("{ webhookSubscriptions(first: 5) { nodes { id } } }")["webhookSubscriptions"]["nodes"] == []


def test_old_deliveries_are_forgotten(
    box: ShopifySandbox, shop: Shop, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long run does not fill the store: what is over is let go, what waits is kept."""
    monkeypatch.setattr("sandbox.shopify.webhooks.engine.KEPT", 10)
    subscribe(shop, receiver.url, "PRODUCTS_UPDATE")
    product = shop.create()["id"]
    for number in range(25):
        shop.data(UPDATE, {"p": {"id": product, "title": f"title {number}"}})
        box.webhooks.send_due()
    assert 10 <= box.webhooks.waiting()["delivered"] <= 20
