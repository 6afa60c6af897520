"""What the engine runs: a flow's fixed facts (`Flow`) and one flow of one shop ready to run (`Job`).

A Flow is declared by its module in shared/flows; a Job is put together by shared/wiring.py. Neither does I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from shared.errors import SyncError
from shared.lines import LineWrite
from shared.mapping.rules import Rules
from shared.records import Record, Side
from shared.sync.bases import Scope, scope_of
from shared.sync.ports import Entity


class Mode(StrEnum):
    """What a flow may do: nothing, decide and report, or write."""

    OFF = "off"
    PLAN = "plan"
    ON = "on"


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow, one name everywhere; `crm_table` is the table whose ids stand in the cross references.

    `topics`: the source's webhook topics or tables it listens to, each with the table its ids belong to ("": they are
    the records' own). `parents`: per such table, the record's path to the id of the row it belongs to. `notices`:
    topics that are no changes of records, but something that the sender wants done. `creates`: whether a record without
    a counterpart gets one; else it is left alone. `reminded`: whether some are read again though nobody tells of it.
    """

    name: str
    kind: str
    source: Side
    crm_table: str
    reverse: str | None
    topics: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)
    notices: frozenset[str] = frozenset()
    creates: bool = True
    reminded: bool = False

    @property
    def served_by(self) -> str:
        """The flow whose functions and settings it has: its own, but a table's are those of all tables."""
        return self.name.partition("/")[0]

    @property
    def setting(self) -> str:
        """The prefix of its settings: PRODUCTS_CRM_TO_SHOPIFY."""
        return self.served_by.upper()


@dataclass(frozen=True, slots=True)
class Timing:
    """The times that the engine needs, in seconds; shared/settings.py has the defaults."""

    timeout_s: float = 60.0
    lease_s: float = 240.0
    content_age_s: float = 300.0
    retry_age_s: float = 86_400.0
    worker_s: float = 240.0
    flip_limit: int = 3


WAITED = datetime.min.replace(tzinfo=UTC)
"""`Begun.tried_at` of a look that waits for nobody: of a plan, or a listing."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What is known of a source record before it is completed: what was chosen for its pair, when it was last read and
    applied (None: never), and since when it is tried now (None: this is the first time)."""

    chosen: str = ""
    read_at: datetime | None = None
    tried_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A source record as far as it could be completed, and why no further."""

    record: Record
    error: SyncError


@dataclass(frozen=True, slots=True)
class Told:
    """A record whose counterpart is not what it should be, and why; or is again (`error` None).

    `lines`: rows of the collections that are told in (`Beside.rows`) that should have been written and were not.
    """

    record: Record
    target: Record
    error: SyncError | None
    lines: Sequence[LineWrite] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """What a kind does about its records besides mapping them.

    `complete` adds to source records what their mapping reads besides them, or says why it cannot.
    `chosen`: what counts for pairs that are begun now (an order's currency), and is kept with them.
    `verify` holds what was read back against the source. `tell` says on the counterparts that they differ,
    or no more; per record why it could not; `rows` are the collections that it writes to.
    `moot` names the values that a counterpart, in the state it is in, has no need of any more. `last`: paths whose
    change ends the counterpart, so that they are written behind everything else, and after `verify`.
    `remind` notes which of the source records that are done have to be read again though nobody says that they changed.
    `remind_left` does so of those that are skipped.
    `whole` says whether the source shows all of its records: else one that is not shown is not suspected to be deleted.
    `rivals` is asked of creates that are claimed and not yet sent: per record why it must not be sent now after all.
    """

    complete: Callable[[Sequence[Record], Sequence[Begun]], Sequence[Record | Incomplete]] | None = None
    verify: Callable[[Record, Record], SyncError | None] | None = None
    tell: Callable[[Sequence[Told]], Sequence[SyncError | None]] | None = None
    chosen: str = ""
    rows: frozenset[str] = frozenset()
    moot: Callable[[Record, Mapping[str, Any]], Collection[str]] | None = None
    last: frozenset[str] = frozenset()
    remind: Callable[[Sequence[Record]], None] | None = None
    remind_left: Callable[[Sequence[Record]], None] | None = None
    whole: Callable[[], bool] | None = None
    rivals: Callable[[Sequence[Record]], Sequence[SyncError | None]] | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One flow of one shop: its rules both ways, its two entities, its constants and its mode.

    `constants` is called once per page that needs values; it may read the target system and is cached by wiring.
    `resolve` turns references to other kinds into target ids: (kind, id) → id, missing ones left out.
    `in_force` digests all that decides what becomes of a record but the record: both mappings, and settings.
    `recreate`: a counterpart that was deleted is made anew when its record changes, where no reverse flow decides.
    """

    flow: Flow
    shop: str
    mode: Mode
    rules: Rules
    reverse_rules: Rules | None
    source: Entity
    target: Entity
    constants: Callable[[], Mapping[str, Any]]
    resolve: Callable[[set[tuple[str, str]]], Mapping[tuple[str, str], str]]
    timing: Timing = Timing()
    reverse_on: bool = True
    in_force: str = ""
    recreate: bool = False
    beside: Beside = field(default_factory=Beside)

    @property
    def source_paths(self) -> tuple[str, ...]:
        """All physical paths of the kind on the source side."""
        return self.rules.paths(self.flow.source)

    def scope(self) -> Scope:
        """The paths as the bases' arithmetic needs them; made once by whoever runs the job."""
        source = self.flow.source
        reverse = self.reverse_rules
        fields, lines = (reverse.fields, reverse.lines) if reverse else ((), ())
        return scope_of(source, self.rules.fields, fields, self.rules.paths(source.other), lines)
