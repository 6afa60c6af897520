"""The nightly comparison of ids: finds what events and cursors missed on the source side of one flow.

First every record of the source is listed without content; what has no pair, or changed after the read that its pair
remembers, is queued. Then every pair is asked for by id; what is not there is queued as deleted, which the engine
confirms. Only what changed since the last comparison began is judged, so that what the mapping skips is not read again
every night; every seventh judges all. Never decides or writes, and keeps one page in memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.records import Changes, Cursor, Message, Origin, Pair, PairState, Record
from shared.sync.absent import suspects
from shared.sync.flow import Job
from shared.sync.poll import LISTING, PollReport
from shared.sync.ports import Clock, CrossRefs, Cursors, Entity, Queues

COMPARISON = "(comparison)"
"""The cursor of the comparison; a table cannot be called that."""

THOROUGH = 7
"""One comparison in so many judges every record, whenever it changed."""
WINDOW_H = 4
"""For how many hours a night's comparison may still begin, or go on after a break."""
SILENCE = timedelta(minutes=30)
"""After how long without a page a comparison counts as broken off."""
ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Bounds:
    """When it begins (the hour, UTC), how far it reaches back behind the last one, and how much it does at a time."""

    hour: int = 2
    overlap_s: float = 300.0
    outstanding: int = 20
    pages_per_run: int = 40


@dataclass(frozen=True, slots=True)
class ComparisonPorts:
    """The state that comparing needs."""

    cursors: Cursors
    queues: Queues
    crossrefs: CrossRefs
    clock: Clock
    bounds: Bounds = Bounds()


def in_window(now: datetime, hour: int) -> bool:
    """Whether a night's comparison may begin or go on at this time of the day."""
    return (now.hour - hour) % 24 < WINDOW_H


class Comparison:
    """Compares one job's source with its pairs. `source` gives the same records as the job's, without content."""

    def __init__(self, job: Job, source: Entity, ports: ComparisonPorts) -> None:
        self._job = job
        self._source = source
        self._ports = ports
        self._cursor = Cursor({})
        self._pages = self._records = self._room = 0

    def due(self) -> bool:
        """Whether tonight's has yet to begin, or was broken off: not done, and no page for a while; one request."""
        now, here = self._ports.clock.now(), self._load().value
        return here.get("night") != self._tonight() or not (here["done"] or now - here["at"] < SILENCE)

    def run(self, *, restart: bool = False) -> PollReport:
        """A bounded number of pages. The first call of a night begins it, once the full listing is done."""
        here, ports = self._load().value, self._ports
        flow, bound = self._job.flow.name, ports.bounds.outstanding + 1  # with the message that this is done for
        self._room = bound - ports.queues.depth(flow)
        if self._room <= 0:  # what waits for a later try must not keep it from looking
            self._room = bound - ports.queues.loads(flow)
        if restart or here.get("night") != self._tonight():
            if not ports.cursors.get(self._job.shop, self._job.flow.name, LISTING).value.get("confirmed"):
                return PollReport(0, 0, more=False)
            self._begin(here)
        self._list()
        self._ask()
        return PollReport(self._pages, self._records, more=not self._cursor.value["done"])

    def _tonight(self) -> str:
        return (self._ports.clock.now() - timedelta(hours=self._ports.bounds.hour)).date().isoformat()

    def _begin(self, last: Mapping[str, Any]) -> None:
        """Judge from where the last one began; one that did not reach its end hands its own start on."""
        since, number = last.get("since", ALWAYS), last.get("number", 0)
        if last.get("done"):
            since, number = last["began"] - timedelta(seconds=self._ports.bounds.overlap_s), number + 1
        since = since if number % THOROUGH else ALWAYS
        began = {"night": self._tonight(), "number": number, "since": since, "began": self._ports.clock.now()}
        self._save(**began, after="", listed=False, asked="", done=False)

    def _load(self) -> Cursor:
        self._cursor = self._ports.cursors.get(self._job.shop, self._job.flow.name, COMPARISON)
        return self._cursor

    def _save(self, **changes: object) -> None:
        value = {**self._cursor.value, **changes, "at": self._ports.clock.now()}
        moved = replace(self._cursor, value=value)
        self._cursor = self._ports.cursors.put(self._job.shop, self._job.flow.name, COMPARISON, moved)

    def _full(self) -> bool:
        return self._pages >= self._ports.bounds.pages_per_run or self._room <= 0

    def _list(self) -> None:
        """The source's records, page by page."""
        while not self._cursor.value["listed"] and not self._full():
            page = self._source.listing(self._cursor.value["after"])
            self._send(ids=self._missed(page))
            self._save(after=page.token, listed=not page.more)

    def _ask(self) -> None:
        """The pairs, as many at a time as one message holds."""
        here = self._cursor.value
        if not here["listed"] or here["done"]:
            return
        for page in suspects(self._job, self._ports.crossrefs, before=here["began"], after=here["asked"]):
            if self._full():
                return
            there = self._source.read(page.ids).records
            self._send(deleted=[each for each in page.ids if each not in there])
            self._save(asked=page.upto)
        self._save(done=True)

    def _missed(self, page: Changes) -> list[str]:
        since, flow = self._cursor.value["since"], self._job.flow
        changed = {item.id: _changed_at(item.record) for item in page.items if _changed_at(item.record) >= since}
        pairs = self._ports.crossrefs.load(
            self._job.shop, flow.kind, flow.source, list(changed), dense=True, table=flow.crm_table
        )
        return [each for each, moment in changed.items() if moment > self._applied(pairs.get(each))]

    def _applied(self, pair: Pair | None) -> datetime:
        """Up to when the source's changes are known to have arrived. A tombstone's are not wanted."""
        if pair is None or pair.state is PairState.INTENT:
            return ALWAYS
        if pair.state is PairState.TOMBSTONE:
            return datetime.max.replace(tzinfo=UTC)
        return pair.read_at.get(self._job.flow.source, ALWAYS)

    def _send(self, *, ids: Sequence[str] = (), deleted: Sequence[str] = ()) -> None:
        """A page is done; what it found goes onto the load queue, behind live changes."""
        self._pages += 1
        if ids or deleted:
            self._room -= 1
            self._records += len(ids) + len(deleted)
            about = Message(self._job.flow.name, self._job.shop, Origin.LOAD, first_at=self._ports.clock.now())
            self._ports.queues.send(replace(about, ids=tuple(ids), deleted=tuple(deleted)))


def _changed_at(record: Record | None) -> datetime:
    """When it changed last; where that is not known it counts as just now."""
    known = record.modified_at if record else None
    return known or datetime.max.replace(tzinfo=UTC)
