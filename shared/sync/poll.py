"""The timer's half: find what changed, store it, put it on the queue, and only then move the cursor.

One cursor per flow and source table, moved under its version; a crash between queue and cursor means reading the
same page again, which costs nothing because unchanged records cost no write. A flow without cursors starts with a
full listing in id order, after it took the tokens from which changes are found later. Never writes to a target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared.errors import TokenExpired
from shared.records import Changes, Cursor, Item, Message, Origin, Page
from shared.sync.flow import Job
from shared.sync.ports import Clock, Cursors, Journal, Pointers, Queues

LISTING = "(listing)"
"""The cursor of the full listing; a table cannot be called that."""


@dataclass(frozen=True, slots=True)
class PollPorts:
    """The state that polling needs."""

    cursors: Cursors
    journal: Journal
    queues: Queues
    pointers: Pointers
    clock: Clock
    outstanding: int = 20
    pages_per_tick: int = 10


@dataclass(frozen=True, slots=True)
class PollReport:
    """What one poll did: pages stored, records in them, and whether there is more to fetch at once."""

    pages: int
    records: int
    more: bool


class Poll:
    """Polls one job's source."""

    def __init__(self, job: Job, ports: PollPorts) -> None:
        self._job = job
        self._ports = ports
        self._pages = 0
        self._records = 0
        self._room = 0

    def run(self, *, restart: bool = False) -> PollReport:
        """Fetch a bounded number of pages; `restart` lists everything again (`sync --all`)."""
        waiting = self._ports.queues.depth(self._job.flow.name)
        self._room = min(self._ports.pages_per_tick, self._ports.outstanding - waiting)
        tokens = {table: self._cursor(table) for table in self._job.source.tables}
        listing = self._cursor(LISTING)
        expired = [table for table, cursor in tokens.items() if not self._changes(table, cursor)]
        if expired or restart or not listing.value:
            listing = self._start(expired, listing)
        more = self._list(listing)
        return PollReport(self._pages, self._records, more)

    def _cursor(self, table: str) -> Cursor:
        return self._ports.cursors.get(self._job.shop, self._job.flow.name, table)

    def _save(self, table: str, cursor: Cursor, value: Mapping[str, Any]) -> Cursor:
        return self._ports.cursors.put(self._job.shop, self._job.flow.name, table, replace(cursor, value=value))

    def _changes(self, table: str, cursor: Cursor) -> bool:
        """Fetch what changed in one table; False when it has no token that the source still accepts."""
        token = cursor.value.get("token")
        while token is not None and self._room > 0:
            try:
                page = self._job.source.changes(table, str(token))
            except TokenExpired:
                return False
            self._store(table, page, Origin.POLL)
            if page.token != token:
                cursor = self._save(table, cursor, {"token": page.token})
            token = page.token
            if not page.more:
                return True
        return token is not None

    def _start(self, tables: Sequence[str], listing: Cursor) -> Cursor:
        """Begin a full listing: first the tokens, then the walk, so that nothing falls between the two."""
        for table in tables:
            token = self._job.source.start_token(table)
            self._save(table, self._cursor(table), {"token": token})
        began = {"after": "", "started_at": self._ports.clock.now().isoformat(), "done": False}
        return self._save(LISTING, listing, began)

    def _list(self, listing: Cursor) -> bool:
        """Go on with the full listing as far as there is room; True when pages are left."""
        while not listing.value["done"]:
            if self._room <= 0:
                return True
            page = self._job.source.listing(str(listing.value["after"]))
            self._store(LISTING, page, Origin.LOAD, started_at=str(listing.value["started_at"]))
            listing = self._save(LISTING, listing, {**listing.value, "after": page.token, "done": not page.more})
        return False

    def _store(self, table: str, page: Changes, origin: Origin, started_at: str | None = None) -> None:
        items = [*page.items, *self._parents(table, page)]
        if not items:
            return
        job = self._job
        self._room -= 1
        self._pages += 1
        self._records += len(items)
        message = Message(job.flow.name, job.shop, origin, first_at=self._ports.clock.now())
        if all(item.record is None for item in items):
            self._send_ids(message, items)
            return
        stored = Page(
            flow=job.flow.name,
            shop=job.shop,
            items=tuple(items),
            origin=origin,
            read_at=page.read_at,
            selection=job.source.selection,
            listed_from=self._ports.clock.now() if started_at else None,
        )
        blob = self._ports.journal.put_page(stored)
        self._ports.queues.send(replace(message, blob=blob))

    def _send_ids(self, message: Message, items: Sequence[Item]) -> None:
        ids = tuple(dict.fromkeys(item.id for item in items if not item.deleted))
        deleted = tuple(dict.fromkeys(item.id for item in items if item.deleted))
        self._ports.queues.send(replace(message, ids=ids, deleted=deleted))

    def _parents(self, table: str, page: Changes) -> list[Item]:
        """Pointers of child rows seen now are kept; children that are gone lead to their parents by those."""
        if page.pointers:
            self._ports.pointers.put(self._job.shop, table, page.pointers)
        if not page.orphans:
            return []
        parents = self._ports.pointers.get(self._job.shop, table, page.orphans)
        return [Item(parent) for parent in dict.fromkeys(parents.values())]
