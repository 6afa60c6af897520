"""Which webhooks are believed, and what is taken from them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest

from shared.shopify import webhooks
from shared.shopify.webhooks import Refused, Verified, verify

NEW = "new"
SHOP = "acme.myshopify.com"
BODY = b'{"id": 8474977763649, "title": "S\xc3\xa4ge", "admin_graphql_api_id": "gid://shopify/Product/8474977763649"}'


def signature(body: bytes, secret: str) -> str:
    """What Shopify sends: base64 of the HMAC of the raw bytes."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def sent(body: bytes = BODY, *, signed_with: str = NEW, **headers: str) -> Verified | Refused:
    """Verify a webhook as it would arrive."""
    given = {
        "X-Shopify-Topic": "products/update",
        "X-Shopify-Hmac-Sha256": signature(body, signed_with),
        "X-Shopify-Shop-Domain": SHOP,
        "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": "w1",
        "X-Shopify-Event-Id": "e1",
        "X-Shopify-Triggered-At": "2026-11-23T12:00:00.123456789Z",
    }
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    return verify(given, body, secrets=["new", "old"], shops=[SHOP], topics={"products/update", "products/delete"})


@pytest.mark.parametrize("secret", ["new", "old"])
def test_a_true_webhook(secret: str) -> None:
    """Promise: with either secret of a rotation, topic, shop, id, event and time are read; nothing of the payload."""
    found = sent(signed_with=secret)
    assert isinstance(found, Verified)
    assert (found.topic, found.shop, found.ids, found.deleted) == ("products/update", SHOP, ("8474977763649",), False)
    assert (found.event_id, found.webhook_id, found.api_version) == ("e1", "w1", "2026-10")
    assert found.triggered_at is not None
    assert found.triggered_at.isoformat() == "2026-11-23T12:00:00.123456+00:00"


def test_header_names_are_case_insensitive() -> None:
    """Promise: a proxy that lowers header names changes nothing."""
    headers = {
        "x-shopify-topic": "products/delete",
        "x-shopify-hmac-sha256": signature(BODY, "new"),
        "x-shopify-shop-domain": "ACME.myshopify.com",
    }
    found = verify(headers, BODY, secrets=["new"], shops=[SHOP])
    assert isinstance(found, Verified)
    assert found.deleted


@pytest.mark.parametrize("bad", ["", "nonsense", "ÄÖÜ", signature(BODY, "other"), signature(BODY + b" ", "new")])
def test_a_wrong_signature_is_401(bad: str) -> None:
    """Promise: a missing, foreign or shifted signature is refused with 401, whatever else is wrong."""
    found = sent(X_Shopify_Hmac_Sha256=bad, X_Shopify_Shop_Domain="other.myshopify.com")
    assert isinstance(found, Refused)
    assert found.status == 401


def test_no_secret_means_no_trust() -> None:
    """Promise: an empty secret signs nothing, not even a webhook signed with the empty secret."""
    headers = {"X-Shopify-Hmac-Sha256": signature(BODY, ""), "X-Shopify-Shop-Domain": SHOP}
    found = verify(headers, BODY, secrets=["", ""], shops=[SHOP])
    assert isinstance(found, Refused)
    assert found.status == 401


def test_too_large_is_413_before_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: a body beyond the limit is refused without a byte of it being hashed."""

    def no_hash(*_: Any) -> None:
        raise AssertionError("hashed")

    monkeypatch.setattr(webhooks, "MOST_BYTES", 10)
    monkeypatch.setattr(webhooks.hmac, "new", no_hash)
    found = verify({"X-Shopify-Hmac-Sha256": "x"}, b"x" * 11, secrets=["new"], shops=[SHOP])
    assert isinstance(found, Refused)
    assert found.status == 413


def test_another_shop_is_404_and_another_topic_200() -> None:
    """Promise: a shop that is not ours is refused; an unknown topic is counted and not sent again."""
    foreign = sent(X_Shopify_Shop_Domain="other.myshopify.com")
    unknown = sent(X_Shopify_Topic="themes/publish")
    assert isinstance(foreign, Refused)
    assert isinstance(unknown, Refused)
    assert (foreign.status, unknown.status, unknown.topic) == (404, 200, "themes/publish")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"id": null}', b'{"id": true}', b'{"id": "../x"}'])
def test_a_body_without_an_id_is_400(body: bytes) -> None:
    """Promise: signed nonsense is refused instead of becoming an id."""
    found = sent(body=body)
    assert isinstance(found, Refused)
    assert found.status == 400
