"""Webhooks of both systems on their way to the app: lost, doubled, late and out of order, as each really delivers.

Shopify's own outbox signs, sends and retries by its schedule (shopify.dev/docs/apps/build/webhooks/subscribe/https).
Dataverse keeps no order and retries once, after 502, 503 or 504 (learn.microsoft.com/power-apps/developer/
data-platform/use-webhooks). The functions are called with what was sent, headers and raw bytes. Must know nothing of
what the app makes of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.shopify.webhooks import post
from shared.records import Side
from tests.simulation.chance import Chance
from tests.simulation.weather import Trouble, Weather
from tests.support.plant import World

URL = "https://functions.example"
NO_ANSWER = 0
REDACT, MERGE = "customers/redact", "customers/merge"
Call = Callable[[str, Mapping[str, str], bytes], int]
"""Invokes the webhook function of a flow; the HTTP status, NO_ANSWER where nobody can take the call."""


class Mail:
    """What both systems have to tell the app. `silent`: systems whose webhooks never come in this life."""

    def __init__(self, world: World, weather: Weather, chance: Chance, call: Call) -> None:
        self._world, self._weather, self._chance, self._call = world, weather, chance, call
        self.silent: frozenset[Side] = frozenset()
        self.delivered = 0
        self.redactions: set[str] = set()
        self.merges: set[str] = set()
        """Customers whose redaction, or end by a merge, the app has taken the notice of."""
        world.crm.webhooks.sender = self._from_crm
        world.crm.webhooks.choose = chance.of("order of CRM's").below
        world.shopify.webhooks.__dict__["_tls"] = None  # nothing goes over a wire: no certificates are loaded

    def settle_climate(self) -> None:
        """One life in three hears nothing of a system, and has only its sweeps."""
        self.silent = frozenset(side for side in Side if self._chance.happens(1 / 3))

    def deliver(self) -> None:
        """Some of what is on its way arrives."""
        if self._chance.happens(0.5):
            self._world.shopify.webhooks.send_due()
        else:
            self._world.crm.webhooks.flush(1 + self._chance.below(6))

    def deliver_all(self) -> None:
        """All of it that is due."""
        self._world.shopify.webhooks.send_due()
        self._world.crm.webhooks.flush()

    def from_shopify(self, uri: str, headers: Mapping[str, str], body: bytes, tls: Any) -> int:
        """Stands in for sandbox.shopify.webhooks.post.post: one delivery, answered within five seconds or not."""
        if Side.SHOPIFY in self.silent:
            return 200  # lost behind Shopify's back: it is not sent again
        kinds = (Trouble.MISSED, Trouble.DELAYED, Trouble.DOUBLED)
        trouble = self._weather.delivery("webhook of Shopify", kinds)
        if trouble is Trouble.MISSED:
            return 200
        if trouble is Trouble.DELAYED:
            raise post.NotDelivered("ReadTimeout")
        status = self._arrives(uri, headers, body)
        if trouble is Trouble.DOUBLED or status == NO_ANSWER:
            raise post.NotDelivered("ReadTimeout")
        return status

    def _from_crm(self, url: str, headers: dict[str, str], body: bytes, timeout_s: float) -> int:
        if Side.CRM in self.silent:
            return NO_ANSWER
        trouble = self._weather.delivery("webhook of CRM", (Trouble.MISSED, Trouble.DOUBLED))
        if trouble is Trouble.MISSED:
            return NO_ANSWER
        if trouble is Trouble.DOUBLED:
            self._arrives(url, headers, body)
        return self._arrives(url, headers, body)

    def _arrives(self, uri: str, headers: Mapping[str, str], body: bytes) -> int:
        status = self._call(uri.rpartition("/")[2], headers, body)
        self.delivered += status == 200
        topic = {name.lower(): each for name, each in headers.items()}.get("x-shopify-topic")
        if status == 200 and topic == REDACT:
            self.redactions.add(str(json.loads(body)["customer"]["id"]))
        if status == 200 and topic == MERGE:
            self.merges.add(json.loads(body)["admin_graphql_api_customer_deleted_id"].rpartition("/")[2])
        return status
