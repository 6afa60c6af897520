"""What one page of work looks like while the nine steps go over it, and what comes out of it.

A Work is open until a step gives it an outcome; later steps only see open ones. No step deletes a Work: every
record of the page ends with exactly one verdict, or the whole page ends with the trouble that stopped it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.errors import Retryable, SyncError
from shared.lines import PENDING, LinePair
from shared.mapping.apply import WantedLine
from shared.records import FieldChange, Outcome, Page, Pair, ParkedRow, Record, Verdict
from shared.sync.bases import Scope
from shared.sync.flow import Job
from shared.sync.line_plan import LinesPlan
from shared.sync.plan import CUT, Plan, Sides
from shared.sync.ports import Clock, CrossRefs, Ids, LineKey, Lines, Parked, Retirements, Switches


@dataclass(slots=True)
class Work:
    """One source record on its way through the steps.

    `adopt` says why a target without a complete pair is ours, `evidence` names the key field that found it; `sides` is
    what the plan was made from; `claimed` is the pair as it was before we claimed it. `stored`: its lines as known.
    `cut`: fields whose texts are shortened, with the length before and after. `retires`: the plan does to its
    counterpart what a delete would. `unended`: what ends it waits until this is written. `untold`: why it is parked,
    although it comes back because its counterpart could not be told so.
    """

    id: str
    record: Record | None = None
    read_at: datetime | None = None
    live: bool = False
    deleted: bool = False
    pair: Pair | None = None
    claimed: Pair | None = None
    digests: Mapping[str, str] = field(default_factory=dict)
    wanted: Mapping[str, Any] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    cut: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    evidence: str = ""
    target: Record | None = None
    adopt: str = ""
    sides: Sides | None = None
    plan: Plan = field(default_factory=Plan)
    wanted_lines: Sequence[WantedLine] = ()
    stored: Mapping[LineKey, LinePair] = field(default_factory=dict)
    lines: LinesPlan = field(default_factory=LinesPlan)
    parked: ParkedRow | None = None
    untold: SyncError | None = None
    retires: bool = False
    unended: Mapping[str, Any] = field(default_factory=dict)
    outcome: Outcome | None = None

    @property
    def key(self) -> str | None:
        """The first of the values that may find its counterpart: what a claim on it is made under."""
        return next(iter(self.keys.values()), None)

    @property
    def writes(self) -> bool:
        """Whether something has to be sent: values, rows of its lines, or that a large record is whole now."""
        unfinished = self.target is not None and PENDING in self.target.content
        return bool(self.plan.values or self.lines.writes or unfinished)

    @property
    def shortened(self) -> str:
        """What a reader of the outcome is told of texts that were cut; empty where none was written."""
        names = [change.name for change in self.plan.changes if self.cut and CUT in change.decision]
        return f" Texts were cut to fit: {', '.join(names)}." if names else ""

    def end(self, verdict: Verdict, reason: str, *, changes: tuple[FieldChange, ...] = ()) -> None:
        """Give this record its verdict."""
        target_id = self.target.id if self.target else None
        self.outcome = Outcome(self.id, verdict, reason, target_id, changes, deleted=self.deleted)

    def fail(self, error: SyncError) -> None:
        """Give this record the verdict that its error's family means."""
        verdict = Verdict.LATER if isinstance(error, Retryable) else Verdict.PARKED
        target_id = self.target.id if self.target else None
        self.outcome = Outcome(
            self.id, verdict, error.sentence, target_id, self.plan.changes, error, deleted=self.deleted
        )


@dataclass(frozen=True, slots=True)
class EnginePorts:
    """The state and the outside that the engine itself touches; the entities come with the job."""

    crossrefs: CrossRefs
    parked: Parked
    retirements: Retirements
    switches: Switches
    clock: Clock
    ids: Ids
    lines: Lines


@dataclass(slots=True)
class Batch:
    """One page on its way through the engine. `again` and `reverse` collect ids that this page's verdicts concern.

    `reserved`: records counted as taken out of use, and when; `spent`: those of them that perhaps were.
    """

    job: Job
    ports: EnginePorts
    page: Page
    scope: Scope
    holder: str
    works: list[Work] = field(default_factory=list)
    again: dict[str, None] = field(default_factory=dict)
    reverse: dict[str, None] = field(default_factory=dict)
    reverse_deleted: dict[str, None] = field(default_factory=dict)
    reserved: tuple[frozenset[str], datetime] | None = None
    spent: set[str] = field(default_factory=set)

    def open(self, wanted: Callable[[Work], bool] = lambda _: True) -> list[Work]:
        """The works that have no verdict yet (and satisfy a condition)."""
        return [work for work in self.works if work.outcome is None and wanted(work)]

    def queue_reverse(self, target_id: str | None) -> None:
        """Have the reverse flow look at this record of its source, which is our target."""
        if target_id is not None and self.job.flow.reverse is not None:
            self.reverse[target_id] = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a page: one outcome per record that got that far, and who else has to look.

    `again` are ids of this flow's source whose parked reason may be gone; `reverse` are ids of the target.
    `freed`: parked rows to take away once those are on their way, for only the rows know of them.
    `trouble` stopped the page before its end: its whole message has to come back, and nothing is lost by that.
    """

    outcomes: tuple[Outcome, ...]
    again: tuple[str, ...] = ()
    reverse: tuple[str, ...] = ()
    reverse_deleted: tuple[str, ...] = ()
    freed: tuple[ParkedRow, ...] = ()
    trouble: SyncError | None = None

    @property
    def counts(self) -> Mapping[str, int]:
        """How many records got each verdict."""
        tally = Counter(outcome.verdict.value for outcome in self.outcomes)
        return {verdict.value: tally.get(verdict.value, 0) for verdict in Verdict}

    def later(self) -> Sequence[Outcome]:
        """The records that have to come back."""
        return [outcome for outcome in self.outcomes if outcome.verdict is Verdict.LATER]


def merge(results: Iterable[Result]) -> Result:
    """One result for a page that was worked on in parts."""
    parts = list(results)
    return Result(
        tuple(outcome for part in parts for outcome in part.outcomes),
        tuple(dict.fromkeys(source_id for part in parts for source_id in part.again)),
        tuple(dict.fromkeys(target_id for part in parts for target_id in part.reverse)),
        tuple(dict.fromkeys(target_id for part in parts for target_id in part.reverse_deleted)),
        tuple(row for part in parts for row in part.freed),
        next((part.trouble for part in parts if part.trouble is not None), None),
    )
