"""What the engine needs from the outside, as narrow Protocols. Clients, state and tests provide them.

The real parts meet only in shared/wiring.py. Whatever talks to a vendor or to storage raises members of shared.errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from shared.errors import SyncError
from shared.lines import LinePair
from shared.records import (
    Changes,
    Cursor,
    Message,
    Outcome,
    Page,
    Pair,
    ParkedRow,
    Reading,
    Record,
    RunRow,
    Side,
    Write,
    WriteResult,
)


class Clock(Protocol):
    """Time and waiting."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Ids(Protocol):
    """New identifiers (run ids, holders)."""

    def new(self) -> str:
        """A fresh identifier, never given out before."""


class Entity(Protocol):
    """One kind of record on one side: source of one flow and target of the other.

    All records it gives out hold the same selection: what either flow's mapping reads or writes on this side.
    """

    @property
    def side(self) -> Side:
        """Which system this is."""

    @property
    def tables(self) -> Sequence[str]:
        """The source tables whose changes concern this kind; each has a cursor of its own."""

    @property
    def selection(self) -> str:
        """The digest of what a read selects."""

    @property
    def batch_size(self) -> int:
        """How many writes go out in one call: the engine claims that many pairs at a time."""

    def start_token(self, table: str) -> str:
        """A token that stands for now: changes after this call are found from it."""

    def changes(self, table: str, token: str) -> Changes:
        """One page of what changed since the token. Raises TokenExpired when the source no longer knows it."""

    def listing(self, after: str) -> Changes:
        """One page of everything, with content, in id order; `after` is the last page's token ('' to begin)."""

    def members(self, table: str, ids: Sequence[str]) -> Changes:
        """This kind's records that belong to those rows of `table` (a product's variants), with content where cheap."""

    def read(self, ids: Sequence[str]) -> Reading:
        """Those records live, in as few calls as the vendor allows."""

    def find(self, path: str, values: Sequence[str], *, fold: bool = False) -> Mapping[str, Sequence[Record]]:
        """Live records whose `path` equals each value, compared exactly after the vendor's own search.

        `fold`: the values are in lower case, and case does not count. A record that matches and cannot be paired says
        why (`Record.unfit`).
        """

    def marked(self, source_ids: Sequence[str]) -> Mapping[str, Record]:
        """Live records by the counterpart's id that they carry."""

    def new_id(self, source_id: str, generation: int) -> str | None:
        """The id a create will have, where we choose it (CRM); None where the vendor does (Shopify)."""

    def line_id(self, record_id: str, line: str) -> str | None:
        """The id of the row that a line of that record has, by the line's name; None where the vendor chooses it."""

    def closed(self, current: Record, values: Mapping[str, Any]) -> str:
        """Why the record takes no such change in the state it is in (a retired product); empty where it does.

        `values` holds the wanted ones by path, and the LineWrites of a collection by the collection's path.

        Raises Rejected where a person has to say what is meant.
        """

    def write(self, writes: Sequence[Write]) -> Sequence[WriteResult]:
        """All of them in batch, one result per write in the same order, with the record as it was returned."""


class CrossRefs(Protocol):
    """The pairs. Every change is conditional on the version read; whoever loses gets Busy."""

    def load(
        self, shop: str, kind: str, side: Side, ids: Sequence[str], *, dense: bool = False, table: str = ""
    ) -> Mapping[str, Pair]:
        """Pairs by that side's id, intents included.

        `dense`: so many ids that a range of the pairs may be cheaper than one read each. `table`: the CRM ids' table.
        """

    def begin(self, pairs: Sequence[Pair]) -> Sequence[Pair | SyncError]:
        """Insert intents with their claims on natural keys (or take over an expired one, version given)."""

    def save(self, pairs: Sequence[Pair]) -> Sequence[Pair | SyncError]:
        """Replace rows under their version: claim, release, bases, moved flags, tombstones."""

    def complete(self, pairs: Sequence[Pair]) -> Sequence[Pair | SyncError]:
        """Turn intents into pairs, both ids known: s~ completed, c~ a pointer, k~ gone, in one transaction each."""

    def abandon(self, pairs: Sequence[Pair]) -> Sequence[Pair | SyncError]:
        """Take back intents whose write was refused: the anchor row and its claim go away."""

    def scan(self, shop: str, kind: str, *, after: str = "") -> Iterable[Pair]:
        """All pairs behind that Shopify id, page by page, in Shopify id order."""


LineKey = tuple[str, str]
"""Group and id of a line."""


@dataclass(frozen=True, slots=True)
class LineChanges:
    """Lines of one pair to be stored under their versions, and lines to be forgotten."""

    pair: Pair
    lines: Sequence[LinePair]
    gone: Sequence[LinePair] = ()


class Lines(Protocol):
    """What is known of the lines of pairs. Every change is conditional on the version read."""

    def load(self, pairs: Sequence[Pair]) -> Sequence[Mapping[LineKey, LinePair]]:
        """Per pair its lines; the pairs need not be stored yet."""

    def save(self, changes: Sequence[LineChanges]) -> Sequence[Mapping[LineKey, LinePair] | SyncError]:
        """Per pair its lines with their new versions, or the error because of which not all of them are stored."""

    def remove(self, pairs: Sequence[Pair]) -> None:
        """Forget all lines of these pairs."""


ROWS_OF = "rows_of"
"""The fact of a parked row that says whose rows its id is one of, where it is not the kind's own."""


class Parked(Protocol):
    """Records that wait."""

    def known(self, shop: str, flow: str, ids: Sequence[str]) -> Mapping[str, ParkedRow]:
        """Which of those source ids are parked."""

    def put(self, rows: Sequence[ParkedRow]) -> None:
        """Park or refresh."""

    def remove(self, rows: Sequence[ParkedRow]) -> None:
        """They are fine now, or a person discarded them."""

    def list(self, shop: str, flow: str) -> Iterable[ParkedRow]:
        """All of a flow."""

    def due(
        self, shop: str, flow: str, causes: Callable[[Sequence[ParkedRow]], Sequence[str]]
    ) -> Iterator[Sequence[ParkedRow]]:
        """Rows whose causes are not those they were tried under; asking on says that these are on their way."""


class Cursors(Protocol):
    """One per flow and source table, guarded by ETag."""

    def get(self, shop: str, flow: str, table: str) -> Cursor:
        """The stored cursor; an empty value with no version where there is none."""

    def put(self, shop: str, flow: str, table: str, cursor: Cursor) -> Cursor:
        """Store under its version; raises Busy when another process moved it."""


class Pointers(Protocol):
    """child row → parent record, because a delete names only the child."""

    def put(self, shop: str, table: str, parents: Mapping[str, str]) -> None:
        """Remember or refresh."""

    def get(self, shop: str, table: str, children: Sequence[str]) -> Mapping[str, str]:
        """The parents that are known."""


class Journal(Protocol):
    """Pages and outcomes as gzip JSONL blobs."""

    def put_page(self, page: Page) -> str:
        """Store a page, return its blob name."""

    def get_page(self, name: str) -> Page:
        """Read it back, Decimals and times exact. Raises Unreadable where it is gone or damaged."""

    def put_outcomes(self, shop: str, flow: str, run_id: str, outcomes: Sequence[Outcome]) -> str:
        """Store a run's verdicts, return the blob's name."""


class Runs(Protocol):
    """What ran."""

    def put(self, row: RunRow) -> None:
        """Store one run."""

    def last(self, shop: str, flow: str, count: int) -> Sequence[RunRow]:
        """The newest first."""


class Queues(Protocol):
    """sync-, load- and held- queues."""

    def send(self, message: Message, *, delay_s: float = 0.0) -> None:
        """Put it on the sync- or load- queue that its origin names, never expiring."""

    def hold(self, message: Message) -> None:
        """Keep it for a paused flow or connection."""

    def release(self, flow: str, handle: Callable[[Message], bool] | None = None) -> int:
        """Put held messages back; returns how many. `handle` does what has to be done, or says that one stays."""

    def depth(self, flow: str) -> int:
        """About how many messages wait for the flow, sync- and load- together."""

    def loads(self, flow: str) -> int:
        """Pages of a whole listing among those."""


class Permits(Protocol):
    """A bound on how many workers talk to a system at once, shared by all instances."""

    def hold(self, system: Side, *, load: bool) -> AbstractContextManager[bool]:
        """Enter with True when a permit was had, False when all are taken (loads may use 60 % of them)."""


class Switches(Protocol):
    """Pauses of flows and of connections."""

    def paused(self, target: str) -> str:
        """The reason why a flow or a side is paused; empty when it is not."""

    def all(self) -> Mapping[str, str]:
        """Every target that is paused now, with its reason."""

    def pause(self, target: str, reason: str) -> None:
        """Pause it until a person resumes it."""

    def back_off(self, target: str, reason: str, *, by: str = "") -> bool:
        """Pause it for a while, longer each time in a row; whether that is news, so that an alert is due."""

    def recovered(self, target: str, *, by: str = "") -> bool:
        """It works: forget a pause whose time was over, if `by` caused it ("": whatever did); whether there was one."""

    def troubled(self, target: str) -> bool:
        """Whether it is paused, or was and has not been seen to work since."""

    def resume(self, target: str) -> None:
        """Let it go on."""

    def accept_deletes(self, flow: str, until: datetime) -> None:
        """A person said that the many deletes of this flow are meant."""

    def deletes_accepted(self, flow: str, now: datetime) -> bool:
        """Whether that word still holds."""


class Retirements(Protocol):
    """How many records a flow takes out of use."""

    def add(self, shop: str, flow: str, at: datetime, count: int, *, size: int = 0) -> tuple[int, int]:
        """Count so many more in that moment's hour (below zero: taken back), before they are done.

        Returns all of the last day, and how many there are of the kind as `size` last told it within one (0: unknown).
        """
