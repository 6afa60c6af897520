"""A sandbox per test, in process, on a clock that only the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.server import ShopifySandbox, create
from tests.contract.shopify.client import Shop


@pytest.fixture
def box() -> Iterator[ShopifySandbox]:
    """A fresh store at noon."""
    with create(ShopifyConfig(local_webhooks=True), Clock(datetime(2026, 11, 2, 12, tzinfo=UTC))) as sandbox:
        yield sandbox


@pytest.fixture
def shop(box: ShopifySandbox) -> Shop:
    """The app's way of talking to it."""
    return Shop(box)
