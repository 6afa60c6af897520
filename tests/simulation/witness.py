"""Sees what the app does at the systems themselves: what it creates, and who writes a record while another does.

It listens inside the sandboxes to every create that was committed and reads the mark on the new record: a second one
counts even where it is gone by the end. Must know nothing of the app.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sandbox.shopify.store.events import Event
from tests.simulation.book import CRM, SHOPIFY
from tests.support.plant import World

MARK = ("dynamics", "product_id")
PERSON = "new_shopifycustomerid_acme"
COLUMNS = {
    "product": "new_shopifyvariantid_acme",
    "account": PERSON,
    "contact": PERSON,
    "salesorder": "new_shopifyorderid_acme",
}
MARK_OF = "SELECT value FROM metafields WHERE owner_kind = 'Product' AND owner_id = ? AND namespace = ? AND key = ?"
WRITTEN = re.compile(r"(?:PATCH|PUT|DELETE) \S*\(([0-9a-f-]{36})\)|gid://shopify/ProductVariant/(\d+)")
ALONE = timedelta(seconds=120)
"""For so long a worker that has begun to write has the record to itself: what is left of its claim then."""


class Witness:
    """`made` counts, per side and source record, how often a record was created for it.

    One that a person has deleted since does not count: the app may not know that it had been there.
    """

    def __init__(self, world: World) -> None:
        self.made: Counter[tuple[str, str]] = Counter()
        self.beside: set[tuple[str, str]] = set()
        self._marks: dict[str, tuple[str, str]] = {}
        self._writing: dict[str, datetime] = {}
        self._now = world.clock.now
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

    @contextmanager
    def writing(self, body: str) -> Iterator[None]:
        """While a request that writes is on its way: what else is written in that time is noted."""
        now = self._now()
        named = {match[1] or match[2] for match in WRITTEN.finditer(body)}
        under_way = [record for record, since in self._writing.items() if now - since < ALONE]
        self.beside.update((record, other) for record in named for other in under_way)
        mine = named - self._writing.keys()
        self._writing.update(dict.fromkeys(mine, now))
        try:
            yield
        finally:
            for record in mine:
                del self._writing[record]

    def at_once(self, partner: Mapping[str, str]) -> list[str]:
        """Pairs that two workers wrote at once, on either side; `partner`: CRM id to Shopify id."""
        found = {(partner.get(record, record), partner.get(other, other)) for record, other in self.beside}
        return [f"two workers wrote the pair of {record} at once" for record, other in sorted(found) if record == other]

    def _told(self, events: list[Event]) -> None:
        """Shopify's events, told within the mutation that made them."""
        for event in events:
            if event.topic == "products/create":
                mark: Any = self._store.db.value(MARK_OF, (event.number, *MARK))
                self._born(SHOPIFY, str(event.number), mark)
            elif event.topic == "products/delete":
                self._gone(str(event.number))

    def _announced(self, ctx: Any, event: Any) -> None:
        """Dataverse's events, told within the transaction: they count once it is committed."""
        column = COLUMNS.get(event.table)
        if column and event.message == "Create":
            mark = event.values.get(column)
            ctx.store.on_commit.append(lambda: self._born(f"{CRM} {event.table}", event.row_id, mark))
        elif column and event.message == "Delete":
            ctx.store.on_commit.append(lambda: self._gone(event.row_id))
        self._announce(ctx, event)

    def _born(self, side: str, record: str, mark: Any) -> None:
        if mark:
            self._marks[record] = (side, str(mark).lower())
            self.made[self._marks[record]] += 1

    def _gone(self, record: str) -> None:
        if record in self._marks:
            self.made[self._marks.pop(record)] -= 1
