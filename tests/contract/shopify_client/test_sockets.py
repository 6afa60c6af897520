"""The client over a real connection: what a dropped or refused one proves."""

from __future__ import annotations

import socket

import pytest

from shared.errors import Unavailable, UnknownOutcome
from shared.records import Action, Record, Write
from shared.shopify.client import Secrets, connect
from shared.shopify.setup import shop_facts
from shared.shopify.variants import Variants
from shared.telemetry import metered
from tests.contract.shopify_client.conftest import PATHS, SHOP, Shop


def test_a_reply_lost_on_a_real_connection(shop: Shop) -> None:
    """Promise: a connection dropped after a create is an unknown outcome and was sent once; a query is asked again."""
    url = shop.sandbox.serve()
    client = connect(SHOP, Secrets(token=shop.sandbox.config.token), clock=shop.clock, base_url=url)
    variants = Variants(client, PATHS)
    shop.sandbox.faults.add("reply_lost", operation="productSet")
    (result,) = variants.write([Write(Action.CREATE, "c1", {"sku": "S1", "product.title": "T1"})])
    assert isinstance(result, UnknownOutcome)
    assert variants.marked(["c1"])["c1"].content["sku"] == "S1"
    shop.sandbox.faults.add("reply_lost", operation="shop")
    with metered() as usage:
        assert shop_facts(client).domain == SHOP
    assert usage.calls == 2
    client.transport.session.close()


def test_nobody_listens(shop: Shop) -> None:
    """Promise: a refused connection proves that a write was not sent: Unavailable, never unknown."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        client = connect(SHOP, Secrets(token="shpat_x_token"), clock=shop.clock, base_url=url)
        with pytest.raises(Unavailable):
            shop_facts(client)
        seen = Record("1", {"product": {"legacyResourceId": "2"}})
        (result,) = Variants(client, PATHS).write([Write(Action.UPDATE, "c", {"price": "1"}, id="1", current=seen)])
    assert isinstance(result, Unavailable)
