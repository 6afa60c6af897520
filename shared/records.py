"""The words everything else speaks: side, record, page, pair, write, outcome. Plain frozen values.

Ids are strings (Shopify: the GID's number; CRM: the lower-case GUID), times UTC, money Decimal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.errors import SyncError
from shared.lines import LineWrite

Content = Mapping[str, Any]
"""A record's fields as read: nested mappings and lists of str, int, Decimal, bool, None."""


class Side(StrEnum):
    """One of the two systems."""
    CRM = "crm"
    SHOPIFY = "shopify"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.SHOPIFY if self is Side.CRM else Side.CRM


@dataclass(frozen=True, slots=True)
class Record:
    """One record of one side as it answered. `marker`: the counterpart's id it carries; `etag`: CRM's row version;
    `unfit`: why it cannot be paired, where a key found it."""

    id: str
    content: Content
    modified_at: datetime | None = None
    etag: str | None = None
    marker: str | None = None
    unfit: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The answer to one batch read: an id that is not in `records` does not exist. `read_at`: not later than the state
    that was read: the answer's `Date` less the time the call took."""

    read_at: datetime
    records: Mapping[str, Record]


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a page: an id, and the record where its content was read already."""

    id: str
    record: Record | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """One page a source gave out, and the token to go on from. `pointers`: child row → parent; `orphans`: lost rows."""

    items: tuple[Item, ...]
    read_at: datetime
    token: str = ""
    more: bool = False
    pointers: Mapping[str, str] = field(default_factory=dict)
    orphans: tuple[str, ...] = ()


class Origin(StrEnum):
    """Where a page came from; the engine treats all alike."""
    POLL = "poll"
    LOAD = "load"
    WEBHOOK = "webhook"
    RETRY = "retry"
    REVERSE = "reverse"
    REPLAY = "replay"
    COMMAND = "command"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class Page:
    """The unit of work: records of one flow and shop, read at `read_at` (None: ids only) under the digest `selection`
    of what was read. `listed_from`: when its full listing began. `tried_at`: since when it fails or waits (WAITED)."""

    flow: str
    shop: str
    items: tuple[Item, ...]
    origin: Origin
    read_at: datetime | None = None
    selection: str = ""
    listed_from: datetime | None = None
    seen_at: datetime | None = None
    tried_at: datetime | None = None
    turn: int = 0


class PairState(StrEnum):
    """The life of a pair; docs/architecture.md has the table of who moves it and what a crash leaves behind."""

    INTENT = "intent"
    WRITING = "writing"
    PAIRED = "paired"
    TOMBSTONE = "tombstone"


@dataclass(frozen=True, slots=True)
class Flip:
    """How often one field went A→B→A: digests of the last two values we wrote and the flips since `since`."""

    last: str
    before: str
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """What we know of one Shopify record and its CRM row. `version` is the state row's ETag (None: not stored yet).
    `bases`: per side and physical path the digest of the value both sides last agreed on. `read_at`: per side the
    moment of the read last applied; `own_at`: the modified time our own last write left. `evidence`: the key field
    that found the two; `chosen`: `Beside.chosen` when it was begun, which all that follows goes by."""

    shop: str
    kind: str
    born: Side
    state: PairState
    crm_table: str
    shopify_id: str | None = None
    crm_id: str | None = None
    natural_key: str | None = None
    holder: str | None = None
    lease_until: datetime | None = None
    planned: Mapping[str, str] = field(default_factory=dict)
    moved: frozenset[Side] = frozenset()
    bases: Mapping[Side, Mapping[str, str]] = field(default_factory=dict)
    read_at: Mapping[Side, datetime] = field(default_factory=dict)
    own_at: Mapping[Side, datetime] = field(default_factory=dict)
    mappings: Mapping[str, str] = field(default_factory=dict)
    flips: Mapping[str, Flip] = field(default_factory=dict)
    attempt: int = 0
    generation: int = 0
    paired_at: datetime | None = None
    evidence: str = ""
    chosen: str = ""
    version: str | None = None

    def id_on(self, side: Side) -> str | None:
        """This pair's id on that side, where it is known."""
        return self.shopify_id if side is Side.SHOPIFY else self.crm_id


class Action(StrEnum):
    """What a write does to the target."""

    CREATE = "create"
    UPDATE = "update"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True)
class Write:
    """One record's write. `values`: wanted values by the target's physical paths (as read); `lines`: its lines' writes.
    `id`: the target's, chosen by us for a CRM create, None for a Shopify create. `source_id`: what the marker says,
    written on create and where `mark` is set. `current`: what *look* saw; its ETag makes a CRM update conditional."""

    action: Action
    source_id: str
    values: Mapping[str, Any]
    id: str | None = None
    mark: bool = False
    current: Record | None = None
    lines: Sequence[LineWrite] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A write that happened: the record as the target returned it, and a moment not earlier than the write."""

    record: Record
    at: datetime


WriteResult = Written | SyncError
"""Per write, in the order given: what was written, or the error that says why not (UnknownOutcome: perhaps)."""


class Verdict(StrEnum):
    """What became of a source record in one run."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    LATER = "later"
    PARKED = "parked"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's decision: the values before and after, and why."""

    name: str
    before: Any
    after: Any
    decision: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Why a record is as it is: one per source record and run."""

    source_id: str
    verdict: Verdict
    reason: str
    target_id: str | None = None
    changes: tuple[FieldChange, ...] = ()
    error: SyncError | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """A record that waits. `seen` digests its content and mapping, `tried` its causes (sync/returning.py)."""

    shop: str
    flow: str
    kind: str
    source_id: str
    code: str
    sentence: str
    facts: Mapping[str, Any]
    attempts: int
    first_at: datetime
    last_at: datetime
    releases: str = ""
    seen: str = ""
    tried: str = ""


@dataclass(frozen=True, slots=True)
class RunRow:
    """What a run did and cost. `counts`: a number per verdict, of what would have been done where `planned`."""

    shop: str
    flow: str
    run_id: str
    origin: Origin
    started_at: datetime
    duration_s: float
    read: int
    counts: Mapping[str, int]
    calls: int
    points: int
    outcomes_blob: str = ""
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a flow stands in one source table. `version` is the row's ETag (None: no row yet)."""

    value: Mapping[str, Any]
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One piece of work on a flow's queue: a journaled page, or ids to read live, or 'go on polling'. `table`: what the
    ids are (empty: the kind). `notice`: not work, but something the sender wants done (privacy). `first_at` bounds
    retries by age; `failed`: tries in a row without an answer; `storms`: pauses of a connection by those; `poisoned`:
    times its only record failed every worker; `refused_at`: when it last found flow or connection out of order;
    `seen_at`: every later read holds what the message tells; `turn`: looks before it, each asked for by one."""

    flow: str
    shop: str
    origin: Origin
    blob: str = ""
    offset: int = 0
    ids: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    table: str = ""
    poll: bool = False
    notice: str = ""
    attempt: int = 0
    failed: int = 0
    storms: int = 0
    poisoned: int = 0
    turn: int = 0
    first_at: datetime | None = None
    refused_at: datetime | None = None
    seen_at: datetime | None = None
    correlation_id: str = ""
