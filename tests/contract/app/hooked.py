"""A plant whose systems really deliver: what each sandbox sends goes to the app's own function, signed and keyed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.shopify.webhooks import post
from shared import app as actions
from shared import install, wiring
from shared.subscribing import Step
from tests.support.plant import ENVIRONMENT, Plant

URL = "https://functions.example"
ADDRESS = f"{URL}/api/webhooks"
IN, OUT, PEOPLE = "products_shopify_to_crm", "products_crm_to_shopify", "customers_shopify_to_crm"
SUBSCRIPTIONS = """
query { webhookSubscriptions(first: 50) { nodes { id name topic uri format filter includeFields } } }
"""


class Hooked(Plant):
    """`arrived`: per delivery the flow, its body and the status it got. `down`: nobody answers at the address."""

    def __init__(self, patch: pytest.MonkeyPatch, **environment: str) -> None:
        super().__init__(WEBHOOKS_URL=URL, **environment)
        self.arrived: list[tuple[str, Any, int]] = []
        self.down = False
        patch.setattr(wiring, "app", lambda: self.app)
        patch.setattr(post, "post", lambda uri, headers, body, tls: self._receive(uri, headers, body))
        self.crm.webhooks.sender = lambda url, headers, body, timeout_s: self._receive(url, headers, body)
        self.crm.core.config.deterministic_webhooks = True

    def _receive(self, uri: str, headers: Mapping[str, str], body: bytes) -> int:
        base, _, flow = uri.rpartition("/")
        status = 503 if self.down or base != ADDRESS else actions.receive(flow, headers, body)[0]
        self.arrived.append((flow, json.loads(body), status))
        return status

    def deliver(self) -> list[tuple[str, Any, int]]:
        """Let both systems send what waits; what arrived since the last time."""
        self.arrived = []
        self.shopify.webhooks.send_due()
        self.crm.webhooks.flush()
        return self.arrived

    def admin(self, **environment: str) -> wiring.App:
        """The app as the system administrator runs it, with other settings."""
        given = {**ENVIRONMENT, "WEBHOOKS_URL": URL, **environment, "DATAVERSE_TOKEN": "admin-token"}
        return self.wired(given)

    def subscribe(self, *, dry_run: bool = False, **environment: str) -> list[Step]:
        """What `setup` finds to do about webhooks under those settings, done unless it is a dry run."""
        return [step for step in install.subscribe(self.admin(**environment), dry_run=dry_run) if step.needed]

    # -- what both systems hold ---------------------------------------------------------------------------------

    def subscriptions(self) -> list[dict[str, Any]]:
        """The app's subscriptions in the shop."""
        return list(self.as_app(SUBSCRIPTIONS)["webhookSubscriptions"]["nodes"])

    def as_app(self, query: str, **variables: Any) -> Any:
        """One GraphQL request with the app's own token."""
        session = self.merchant._session
        kept = session.headers["X-Shopify-Access-Token"]
        session.headers["X-Shopify-Access-Token"] = self.shopify.config.token
        try:
            return self.merchant.call(query, variables)
        finally:
            session.headers["X-Shopify-Access-Token"] = kept

    def rows(self, entity_set: str) -> list[dict[str, Any]]:
        """All rows of a table in CRM, as the administrator reads them."""
        found: list[dict[str, Any]] = self.admin().crm.get(entity_set, name="rows").data["value"]
        return found

    def change(self, method: str, url: str, body: Any = None) -> None:
        """Something the administrator of CRM does by hand."""
        self.admin().crm.send(method, url, body, name="by hand")
