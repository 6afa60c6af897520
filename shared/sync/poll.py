"""The timer's half: find what changed, store it, put it on the queue, and only then move the cursor.

One cursor per flow and source table, moved under its version; a crash between queue and cursor means reading the
same page again, which costs nothing because unchanged records cost no write. A flow without cursors starts with a
full listing, after it took the tokens from which changes are found later; a finished listing is followed by the
question which older pairs are gone. Never writes to a target.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from shared.errors import TokenExpired
from shared.records import Changes, Cursor, Item, Message, Origin, Page
from shared.sync.absent import suspects
from shared.sync.flow import Job, Mode
from shared.sync.ports import Clock, CrossRefs, Cursors, Journal, Parked, Pointers, Queues
from shared.sync.returning import causes, messages

log = logging.getLogger("sync")

CROWDED = 10
"""So many times more than may be outstanding closes the way even for what changed."""

LISTING = "(listing)"
"""The cursor of the full listing; a table cannot be called that."""

PLANNED = "planned"
"""Its entry that says that mode `plan` polled: what that saw was not written, so the first poll in `on` lists all."""

RULES = "rules"
"""Its entry that says under which mapping everything was listed last: the digest of the flow's rules."""


@dataclass(frozen=True, slots=True)
class PollPorts:
    """The state that polling needs. Without `crossrefs` no deletes are inferred, without `parked` nothing returns."""

    cursors: Cursors
    journal: Journal
    queues: Queues
    pointers: Pointers
    clock: Clock
    outstanding: int = 20
    pages_per_tick: int = 10
    crossrefs: CrossRefs | None = None
    parked: Parked | None = None

    def room(self, waiting: int) -> tuple[int, int]:
        """Pages that may be stored now: of each table's changes, and of all together.

        Messages that wait for a later try count too. They must not close the way for changes, so one page of those is
        taken at a tick until many times more waits than may.
        """
        room = min(self.pages_per_tick, self.outstanding - waiting)
        return (room if room > 0 else int(waiting < CROWDED * self.outstanding)), room


@dataclass(frozen=True, slots=True)
class PollReport:
    """What one poll did: pages stored, records in them, and whether there is more to fetch at once.

    A poll that could store nothing because the queue is full says no: the next tick goes on. `full`: not even what
    changed could be asked for, because far too much waits.
    """

    pages: int
    records: int
    more: bool
    full: bool = False


class Poll:
    """Polls one job's source."""

    def __init__(self, job: Job, ports: PollPorts) -> None:
        self._job = job
        self._ports = ports
        self._pages = 0
        self._records = 0
        self._room = 0
        self._more = False

    def run(self, *, restart: bool = False) -> PollReport:
        """Fetch a bounded number of pages; `restart` lists everything again (`sync --all`)."""
        changes, room = self._ports.room(self._ports.queues.depth(self._job.flow.name))
        tokens = {table: self._cursor(table) for table in self._job.source.tables}
        listing = self._remind(self._cursor(LISTING))
        restart = restart or (self._job.mode is Mode.ON and bool(listing.value.get(PLANNED)))
        self._room, expired = room, []
        for table, cursor in tokens.items():
            self._room = changes if room <= 0 else self._room
            expired += [] if self._changes(table, cursor) else [table]
        self._room = min(self._background(room), self._room if room > 0 else self._ports.pages_per_tick)
        if expired or restart or not listing.value:
            listing = self._start(expired, listing)
        elif self._job.mode is Mode.PLAN and not listing.value.get(PLANNED):
            listing = self._save(LISTING, listing, {**listing.value, PLANNED: True})
        listing = self._list(listing)
        self._infer(listing)
        self._give_back()
        return PollReport(self._pages, self._records, self._more and self._pages > 0 and room > 0, full=changes <= 0)

    def _background(self, room: int) -> int:
        """Pages that listings, deletes and what was parked may store: where much waits, as many as of them do not.

        What fills a queue is often records that wait for a later try, up to a day; those must not keep the rest.
        """
        return room if room > 0 else self._ports.outstanding - self._ports.queues.loads(self._job.flow.name)

    def _cursor(self, table: str) -> Cursor:
        return self._ports.cursors.get(self._job.shop, self._job.flow.name, table)

    def _save(self, table: str, cursor: Cursor, value: Mapping[str, Any]) -> Cursor:
        return self._ports.cursors.put(self._job.shop, self._job.flow.name, table, replace(cursor, value=value))

    def _full(self) -> bool:
        """Whether this tick may store no further page; there is more to fetch then."""
        self._more = self._more or self._room <= 0
        return self._room <= 0

    def _changes(self, table: str, cursor: Cursor) -> bool:
        """Fetch what changed in one table; False when it has no token that the source still accepts."""
        token = cursor.value.get("token")
        if token is None:
            return False
        while not self._full():
            try:
                page = self._job.source.changes(table, str(token))
            except TokenExpired:
                return False
            self._store(table, page, Origin.POLL)
            if page.token != token:
                cursor = self._save(table, cursor, {"token": page.token})
            token = page.token
            if not page.more:
                break
        return True

    def _start(self, tables: Sequence[str], listing: Cursor) -> Cursor:
        """Begin a full listing: first the tokens, then the walk, so that nothing falls between the two.

        The listing is stored first: a crash before the tokens are leads to taking them again, and to a new listing.
        """
        began = {"after": "", "started_at": self._ports.clock.now().isoformat(), "done": False}
        began |= {PLANNED: True} if self._job.mode is Mode.PLAN else {}
        listing = self._save(LISTING, listing, {**began, RULES: self._job.rules.digest})
        for table in tables:
            token = self._job.source.start_token(table)
            self._save(table, self._cursor(table), {"token": token})
        return listing

    def _list(self, listing: Cursor) -> Cursor:
        """Go on with the full listing as far as there is room."""
        while not listing.value["done"] and not self._full():
            page = self._job.source.listing(str(listing.value["after"]))
            self._store(LISTING, page, Origin.LOAD, started_at=_started_at(listing))
            listing = self._save(LISTING, listing, {**listing.value, "after": page.token, "done": not page.more})
        return listing

    def _infer(self, listing: Cursor) -> None:
        """After a whole listing: have every pair that is older than it confirmed, as far as there is room."""
        crossrefs = self._ports.crossrefs
        if crossrefs is None or not listing.value["done"] or listing.value.get("confirmed"):
            return
        after = str(listing.value.get("asked", ""))
        for page in suspects(self._job, crossrefs, before=_started_at(listing), after=after):
            if self._full():
                return
            self._count(len(page.ids))
            message = self._message(Origin.LOAD)
            self._ports.queues.send(replace(message, deleted=page.ids))
            listing = self._save(LISTING, listing, {**listing.value, "asked": page.upto})
        self._save(LISTING, listing, {**listing.value, "confirmed": True})

    def _give_back(self) -> None:
        """Put parked records on the queue whose cause may be gone, as far as there is room."""
        parked, job = self._ports.parked, self._job
        if parked is None or job.mode is not Mode.ON or self._room <= 0:
            return
        for rows in parked.due(job.shop, job.flow.name, partial(causes, job, self._ports.clock.now())):
            if self._full():
                return
            self._count(len(rows))
            for message in messages(rows):
                self._ports.queues.send(message)
            log.warning("parked records are tried again", extra={"flow": job.flow.name, "records": len(rows)})

    def _remind(self, listing: Cursor) -> Cursor:
        """Say once that records which do not change keep what the mapping before this one wrote."""
        now = self._job.rules.digest
        if now in (listing.value.get(RULES, now), listing.value.get("told")):
            return listing
        fix = f"python -m ops sync {self._job.flow.name} --all"
        log.warning("the mapping changed; records that do not change keep what they have until: %s", fix)
        return self._save(LISTING, listing, {**listing.value, "told": now})

    def _store(self, table: str, page: Changes, origin: Origin, started_at: datetime | None = None) -> None:
        items = [*page.items, *self._parents(table, page)]
        if not items:
            return
        self._count(len(items))
        stored = Page(
            flow=self._job.flow.name,
            shop=self._job.shop,
            items=tuple(items),
            origin=origin,
            read_at=page.read_at,
            selection=self._job.source.selection,
            listed_from=started_at,
        )
        blob = self._ports.journal.put_page(stored)
        self._ports.queues.send(replace(self._message(origin), blob=blob))

    def _count(self, records: int) -> None:
        self._room -= 1
        self._pages += 1
        self._records += records

    def _message(self, origin: Origin) -> Message:
        return Message(self._job.flow.name, self._job.shop, origin, first_at=self._ports.clock.now())

    def _parents(self, table: str, page: Changes) -> list[Item]:
        """Pointers of child rows seen now are kept; children that are gone lead to their parents by those."""
        if page.pointers:
            self._ports.pointers.put(self._job.shop, table, page.pointers)
        if not page.orphans:
            return []
        parents = self._ports.pointers.get(self._job.shop, table, page.orphans)
        return [Item(parent) for parent in dict.fromkeys(parents.values())]


def _started_at(listing: Cursor) -> datetime:
    return datetime.fromisoformat(str(listing.value["started_at"]))
