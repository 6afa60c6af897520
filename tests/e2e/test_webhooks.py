"""Edits of both sides over real sockets while no timer fires: what the app subscribed to is all that tells it."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator

import pytest

from sandbox.catalogue import Catalogue
from sandbox.seed import Shop
from tests.e2e.chair import Chair, longest_wait_s, shown
from tests.e2e.running import FLOWS, Running, integrated, said

NEVER = {f"{flow.upper()}_SCHEDULE": "0 0 0 29 2 *" for flow in FLOWS}
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
    chair = Chair(running.info)
    host = running.start()
    chair.make(running.last_lines)
    outward = [chair.outward(number) for number in range(ROUNDS)]
    inward = [chair.inward(number) for number in range(ROUNDS)]
    said([shown("CRM to Shopify", outward), shown("Shopify to CRM", inward)])
    assert statistics.median(outward) < longest_wait_s() + 1
    assert statistics.median(inward) < longest_wait_s() + 1
    host.process.stop()
    again = running.start()
    assert again.url != host.url
    chair.outward(ROUNDS)
    app = Shop({**running.info["shopify"], "merchant_token": running.info["shopify"]["token"]})
    uris = [node["uri"] for node in app.call(SUBSCRIPTIONS)["webhookSubscriptions"]["nodes"]]
    flows = Counter(uri.removeprefix(f"{again.url}/api/webhooks/") for uri in uris)
    assert flows == {"products_shopify_to_crm": 3, "customers_shopify_to_crm": 1}
