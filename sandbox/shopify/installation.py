"""What a merchant and Shopify do with the app as a whole: grant, approve, uninstall, ask for a customer's data.

Each is told by its webhook. Compliance topics reach the subscriptions of the app's own configuration only.
"""

from __future__ import annotations

from sandbox.shopify.access import APPROVALS
from sandbox.shopify.auth import APP, Tokens
from sandbox.shopify.payloads import shop
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.events import Event
from sandbox.shopify.store.shop import Store
from sandbox.shopify.webhooks.engine import Webhooks

# shop/redact comes 48 hours after an app was uninstalled (documented).
REDACT_AFTER_S = 48 * 3600.0


class Installation:
    """The app in one store."""

    def __init__(self, store: Store, tokens: Tokens, webhooks: Webhooks) -> None:
        self._store = store
        self._tokens = tokens
        self._webhooks = webhooks

    def _tell(self, topic: str, body: Row, delay_s: float = 0.0) -> None:
        with self._store.db.transaction():
            self._webhooks.note([Event(topic, 0, body, delay_s)])

    def grant(self, scopes: tuple[str, ...]) -> None:
        """Change what the app may do, at once and for the tokens it has."""
        previous, self._tokens.granted = self._tokens.granted, scopes
        self._tell("app/scopes_update", shop.scopes_update(self._store, previous, scopes))

    def approve(self, contents: frozenset[str]) -> None:
        """Say which protected customer data the app is approved for; raises ValueError for an unknown one."""
        unknown = contents - APPROVALS
        if unknown:
            raise ValueError(f"unknown approvals {sorted(unknown)}; known are {sorted(APPROVALS)}")
        self._tokens.approved = contents

    def uninstall(self) -> None:
        """End all tokens and API subscriptions of the app; it hears of it, and of shop/redact two days later."""
        self._tell("app/uninstalled", self._webhooks.build("shop/update", 0) or {})
        with self._store.db.transaction():
            # The last word still goes out, though the subscription it is for is gone.
            self._store.db.run(
                "UPDATE webhook_deliveries SET subscription_id = 0 WHERE topic = 'app/uninstalled' AND state = 'due'"
            )
            self._store.db.run("DELETE FROM webhook_subscriptions")
        self._tokens.revoke_all(APP)
        self._tokens.installed = False
        self._tell("shop/redact", shop.redaction(self._store), REDACT_AFTER_S)

    def install(self) -> None:
        """Install the app again; the fixed token works again, subscriptions must be made anew."""
        self._tokens.installed = True
        if self._store.config.token:
            self._tokens.add(self._store.config.token, APP)

    def request_data(self, customer: int) -> None:
        """A customer asks for what the app keeps about them."""
        body = shop.about_customer(self._store, customer, "orders_requested")
        number = self._store.db.next_id("DataRequest")
        self._tell("customers/data_request", body | {"data_request": {"id": number}})

    def redact(self, customer: int) -> None:
        """A customer's data is to be deleted."""
        self._tell("customers/redact", shop.about_customer(self._store, customer, "orders_to_redact"))
