"""Shopify's own JavaScript library is asked whether a delivery of the sandbox is one of Shopify's."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.shopify.config import REPOSITORY
from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop
from tests.contract.shopify.receivers import subscribe

SCRIPT = Path(__file__).with_name("webhook_receiver.mjs")


class Library:
    """A receiver that runs `@shopify/shopify-api`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{self.found()['port']}/hook"

    def found(self) -> dict[str, Any]:
        """What it says next."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the receiver ended"
        return dict(json.loads(line))


@contextmanager
def library(secret: str) -> Iterator[Library]:
    """A receiver with that client secret, ended with the block."""
    with subprocess.Popen(["node", str(SCRIPT), secret], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Library(process)
        finally:
            process.kill()


@pytest.fixture(autouse=True)
def _there() -> None:
    if shutil.which("node") is None:
        pytest.skip("there is no node on this machine")
    if not (REPOSITORY / "node_modules" / "@shopify" / "shopify-api").is_dir():
        pytest.skip("node_modules has no @shopify/shopify-api; `npm ci` brings it")


def test_a_delivery_is_valid_to_shopifys_library(box: ShopifySandbox, shop: Shop) -> None:
    """The library finds signature and headers good, letters beyond ASCII in the body included."""
    with library(box.config.client_secret) as receiver:
        subscribe(shop, receiver.url, "PRODUCTS_CREATE")
        shop.create(title="M\u00f6bel \u2013 \u6728 \U0001f6cb")
        assert box.webhooks.send_due() == 1
        found = receiver.found()
        assert found["valid"] is True
        assert found["topic"] == "PRODUCTS_CREATE"
        assert found["domain"] == box.config.shop
        row = box.store.db.one("SELECT * FROM webhook_deliveries")
        assert row is not None
        assert found["webhookId"] == row["webhook_id"]
        assert row["last_answer"] == "200"


def test_another_secret_is_not_valid_to_shopifys_library(box: ShopifySandbox, shop: Shop) -> None:
    """With another client secret the library refuses the same delivery, so the test above can fail."""
    with library("another-secret") as receiver:
        subscribe(shop, receiver.url, "PRODUCTS_CREATE")
        shop.create()
        box.webhooks.send_due()
        found = receiver.found()
        assert found["valid"] is False
        assert found["reason"] == "invalid_hmac"
        assert box.store.db.value("SELECT last_answer FROM webhook_deliveries") == "401"
