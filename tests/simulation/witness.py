"""Counts what the app creates, at the systems themselves: a second one counts even where it is gone by the end.

It listens inside the sandboxes to every create that was committed and reads the mark on the new record. Must know
nothing of the app.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sandbox.shopify.store.events import Event
from tests.simulation.book import CRM, SHOPIFY
from tests.support.plant import World

MARK = ("dynamics", "product_id")
COLUMN = "new_shopifyvariantid_acme"
MARK_OF = "SELECT value FROM metafields WHERE owner_kind = 'Product' AND owner_id = ? AND namespace = ? AND key = ?"


class Witness:
    """`made` counts, per side and source record, how often a record was created for it."""

    def __init__(self, world: World) -> None:
        self.made: Counter[tuple[str, str]] = Counter()
        self._store = world.shopify.store
        self._announce = world.crm.webhooks.announce
        self._store.listeners.append(self._told)
        world.crm.webhooks.announce = self._announced  # type: ignore[method-assign]

    def doubled(self) -> list[str]:
        """Every record for which more than one was created."""
        return [
            f"{count} records were created in {side} for {source}"
            for (side, source), count in sorted(self.made.items())
            if count > 1
        ]

    def _told(self, events: list[Event]) -> None:
        """Shopify's events, told within the mutation that made them."""
        for event in events:
            if event.topic == "products/create":
                mark: Any = self._store.db.value(MARK_OF, (event.number, *MARK))
                if mark:
                    self.made[SHOPIFY, str(mark).lower()] += 1

    def _announced(self, ctx: Any, event: Any) -> None:
        """Dataverse's events, told within the transaction: they count once it is committed."""
        mark = event.values.get(COLUMN) if event.message == "Create" and event.table == "product" else None
        if mark:
            ctx.store.on_commit.append(lambda: self.made.update([(CRM, str(mark))]))
        self._announce(ctx, event)
