"""Edits of both sides over real sockets while no timer fires: what the app subscribed to is all that tells it."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from sandbox.catalogue import Catalogue, CrmProduct
from sandbox.seed import Crm, Shop
from sandbox.world import ROOT
from tests.e2e.running import FLOWS, Running, integrated, said, until

NEVER = {f"{flow.upper()}_SCHEDULE": "0 0 0 29 2 *" for flow in FLOWS}
CHAIR = CrmProduct("CHAIR-1", "Oak Chair", "Made to last.", Decimal("49.90"))
VARIANT = """
query { productVariants(first: 5, query: "sku:'CHAIR-1'") { nodes { price product { id title } } } }
"""
TITLE = "mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }"
SUBSCRIPTIONS = "query { webhookSubscriptions(first: 50) { nodes { uri } } }"
ROUNDS = 7


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An empty world whose timers never fire."""
    with integrated(tmp_path_factory.mktemp("told"), Catalogue((), ()), **NEVER) as made:
        yield made


def test_edits_arrive_in_seconds_and_a_new_address_takes_over(running: Running) -> None:
    """Promise: by webhooks alone an edit takes less than the longest wait of a queue plus a second, both ways.

    A host that starts anew at another port takes the subscriptions over; they do not pile up.
    """
    merchant, sales = Shop(running.info["shopify"]), Crm(running.info["dataverse"])
    longest_s = _seconds(json.loads((ROOT / "host.json").read_text())["extensions"]["queues"]["maxPollingInterval"])
    host = running.start()
    sales.create(CHAIR)
    until(lambda: _variant(merchant) is not None, 60, running.last_lines)
    outward = [_outward(merchant, sales, number) for number in range(ROUNDS)]
    inward = [_inward(merchant, sales, number) for number in range(ROUNDS)]
    said([f"{name}: {_shown(times)}" for name, times in (("CRM to Shopify", outward), ("Shopify to CRM", inward))])
    assert statistics.median(outward) < longest_s + 1
    assert statistics.median(inward) < longest_s + 1
    host.process.stop()
    again = running.start()
    assert again.url != host.url
    _outward(merchant, sales, ROUNDS)
    app = Shop({**running.info["shopify"], "merchant_token": running.info["shopify"]["token"]})
    uris = [node["uri"] for node in app.call(SUBSCRIPTIONS)["webhookSubscriptions"]["nodes"]]
    assert uris == [f"{again.url}/api/webhooks/products_shopify_to_crm"] * 3


def _seconds(span: str) -> float:
    hours, minutes, seconds = map(int, span.split(":"))
    return 3600.0 * hours + 60 * minutes + seconds


def _variant(merchant: Shop) -> Any:
    found = merchant.call(VARIANT)["productVariants"]["nodes"]
    return found[0] if found else None


def _product(sales: Crm) -> Any:
    url = "products?$filter=productnumber eq 'CHAIR-1'&$expand=product_price_levels($select=productpricelevelid)"
    return sales.get(url)["value"][0]


def _outward(merchant: Shop, sales: Crm, number: int) -> float:
    """Seconds from a price's change in CRM to the same price in Shopify."""
    item = _product(sales)["product_price_levels"][0]["productpricelevelid"]
    sales.send("PATCH", f"productpricelevels({item})", {"amount": 60 + number})
    return _seen(lambda: Decimal(_variant(merchant)["price"]) == 60 + number)


def _inward(merchant: Shop, sales: Crm, number: int) -> float:
    """Seconds from a title's change in Shopify to the same title in CRM."""
    title = f"Oak Chair {number}"
    time.sleep(1.1)  # Shopify tells two changes of one product within a second as one (docs/architecture.md)
    merchant.call(TITLE, {"p": {"id": _variant(merchant)["product"]["id"], "title": title}})
    return _seen(lambda: _product(sales)["new_shopifytitle"] == title)


def _seen(condition: Callable[[], bool]) -> float:
    started = time.monotonic()
    until(condition, 60, step_s=0.05)
    return time.monotonic() - started


def _shown(times: list[float]) -> str:
    return f"median {statistics.median(times):.2f} s, longest {max(times):.2f} s of {len(times)}"
