"""Step 7: field by field and three ways, what has to be written, what is kept, and why. Pure.

Wanted is what the source says, actual what the target holds, base what both last agreed on (as digests per physical
path). Only one side moved: that side wins. Both moved: the owner decides. Nothing here reads or writes anything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.errors import Conflict, SyncError
from shared.mapping.apply import KEEP
from shared.mapping.paths import get
from shared.mapping.rules import FieldRule
from shared.records import FieldChange, Pair, Record, Side
from shared.sync.digest import digest, is_blank, same


class Decision(StrEnum):
    """Why a field is written or left; the text a person reads in `explain`."""

    WRITE = "the source changed"
    CREATE = "new record"
    OWNER_WRITES = "both changed, the source owns the field"
    FILL = "the target is blank"
    UNDO = "a late write of ours stands in place of what was agreed on"
    REPAIR = "changed on the target by somebody, the mapping repairs it"
    SAME = "already equal"
    SETTLED = "unchanged on both sides"
    KEEP = "the mapping leaves it"
    TARGET_WINS = "only the target changed"
    OWNER_KEEPS = "both changed, the target owns the field"
    ACCEPT = "changed on the target by somebody, the mapping accepts it"
    MOOT = "the target's state has gone beyond it"
    LAST = "waits until all else is there and agrees"
    BLANK = "the source is blank and was never agreed on"
    UNDECIDED = "both changed and nothing says which is newer"


LATEST = "latest"
CUT = "cut from"

WRITES = frozenset(
    {Decision.WRITE, Decision.CREATE, Decision.OWNER_WRITES, Decision.FILL, Decision.REPAIR, Decision.UNDO}
)
"""Decisions that put the wanted value into the target."""

REVERSES = frozenset({Decision.TARGET_WINS, Decision.OWNER_KEEPS})
"""Decisions after which the reverse flow has something to do: old bases stay, so that it sees the change."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with one record. `values` are target paths and wanted values; empty means unchanged.

    `collections`: the paths of those whose rows are written with it.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[FieldChange, ...] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    error: SyncError | None = None
    collections: frozenset[str] = frozenset()

    @property
    def reverse_due(self) -> bool:
        """Whether the reverse flow has to look at this record."""
        return any(decision in REVERSES for decision in self.decisions.values())


@dataclass(frozen=True, slots=True)
class Sides:
    """One record as both sides hold it, with their pair. `target` None: it is about to be created.

    `sent` are, per side, the digests of what a write of ours put on its way whose outcome nobody knows; `made` says
    that one of the two was made by such a write, so that whatever differs from what was sent is somebody's edit.
    """

    source_side: Side
    source: Record
    target: Record | None
    pair: Pair | None
    source_digests: Mapping[str, str]
    mapping_changed: bool = False
    sent: Mapping[Side, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    made: bool = False

    @property
    def target_side(self) -> Side:
        """The side that is written."""
        return self.source_side.other

    @property
    def first(self) -> bool:
        """Whether a field without bases was never decided on: the times of whole records say nothing of it then."""
        return not self.made and (self.pair is None or self.mapping_changed)

    def base(self, side: Side) -> Mapping[str, str]:
        """The agreed digests of that side; empty where there are none."""
        return self.pair.bases.get(side, {}) if self.pair else {}

    def moved(self, side: Side, path: str, now: str | None) -> bool:
        """Whether somebody changed that path: it is not what was agreed on, nor what our own lost write put there."""
        return now != self.base(side).get(path) and now not in self.lost(side, path)

    def lost(self, side: Side, path: str) -> tuple[str, ...]:
        """The digests that were sent there without an answer, the newest last."""
        return self.sent.get(side, {}).get(path, ())


def plan_record(fields: Sequence[FieldRule], wanted: Mapping[str, Any], sides: Sides) -> Plan:
    """The plan for one record: every field's decision, the values to write and what they replace.

    Where a field that is written once and one that is written always share a path, the latter goes first.
    """
    values: dict[str, Any] = {}
    changes: list[FieldChange] = []
    decisions: dict[str, Decision] = {}
    for rule in (*(rule for rule in fields if not rule.on_create), *(rule for rule in fields if rule.on_create)):
        if rule.on_create and (sides.target is not None or rule.to in values):
            continue
        value = wanted.get(rule.name, KEEP)
        actual = get(sides.target.content, rule.to) if sides.target else None
        decision = decide(rule, value, actual, sides)
        decisions[rule.name] = decision
        if decision in WRITES:
            values[rule.to] = value
            changes.append(FieldChange(rule.name, actual, value, decision.value))
        elif decision is Decision.UNDECIDED:
            return Plan(decisions=decisions, error=_undecided(rule))
        elif decision in REVERSES:
            changes.append(FieldChange(rule.name, actual, actual, decision.value))
    return Plan(values, tuple(changes), decisions)


def noted(plan: Plan, cut: Mapping[str, tuple[int, int]]) -> Plan:
    """The plan with what is lost of texts that are too long told beside each change that loses it."""
    if not cut:
        return plan
    told = [_noted(change, *cut[change.name]) if change.name in cut else change for change in plan.changes]
    return replace(plan, changes=tuple(told))


def _noted(change: FieldChange, whole: int, length: int) -> FieldChange:
    if change.after == change.before:
        return change  # nothing of it is written
    return replace(change, decision=f"{change.decision}; {CUT} {whole} to {length} characters")


def without(plan: Plan, fields: Sequence[FieldRule], paths: Collection[str], why: Decision) -> Plan:
    """The plan with these paths of the target left as they are: for good (MOOT, agreed on), or for now (LAST)."""
    names = {rule.name for rule in fields if rule.to in paths and plan.decisions.get(rule.name) in WRITES}
    left = [each for each in plan.changes if each.name in names]
    told = [replace(each, after=each.before, decision=why.value) for each in left]
    return replace(
        plan,
        values={path: value for path, value in plan.values.items() if path not in paths},
        changes=(*(each for each in plan.changes if each.name not in names), *told),
        decisions={**plan.decisions, **dict.fromkeys(names, why)},
    )


def _undecided(rule: FieldRule) -> Conflict:
    return Conflict(
        f"Field '{rule.name}' changed on both sides and nothing says which is newer. Make both sides equal, or "
        f"give the field an owner in the mapping, then retry.",
        facts={"field": rule.name},
    )


def decide(rule: FieldRule, wanted: Any, actual: Any, sides: Sides) -> Decision:
    """One field's decision."""
    if wanted is KEEP:
        return Decision.KEEP
    if sides.target is None:
        return Decision.KEEP if is_blank(wanted) else Decision.CREATE
    if same(wanted, actual):
        return Decision.SAME
    return _three_ways(rule, wanted, actual, sides)


def _three_ways(rule: FieldRule, wanted: Any, actual: Any, sides: Sides) -> Decision:
    target_moved = sides.moved(sides.target_side, rule.to, digest(actual))
    if not _source_moved(rule, sides, target_moved=target_moved):
        somebody = target_moved and not _perhaps_ours(rule, sides, sides.target_side, (rule.to,))
        return _target_alone(rule, sides) if somebody else _nobody_moved(rule, actual, sides)
    if _perhaps_ours(rule, sides, sides.source_side, rule.reads):
        return Decision.OWNER_KEEPS
    return _both_moved(rule, wanted, actual, sides) if target_moved else Decision.WRITE


def _both_moved(rule: FieldRule, wanted: Any, actual: Any, sides: Sides) -> Decision:
    source_base = sides.base(sides.source_side)
    source_based = all(path in source_base for path in rule.reads)
    target_based = rule.to in sides.base(sides.target_side)
    if not source_based and is_blank(wanted):
        return Decision.BLANK
    if not target_based and is_blank(actual):
        return Decision.FILL
    if rule.owner == LATEST and sides.lost(sides.target_side, rule.to):
        return _after_lost_write(rule, wanted, sides)
    return _both(rule, sides, first=not (source_based or target_based) and sides.first)


def _perhaps_ours(rule: FieldRule, sides: Sides, side: Side, paths: Sequence[str]) -> bool:
    """Whether a value there may be a lost write of ours, as that system normalised it, in a field the other side owns.

    Whoever does not own the field may have edited it meanwhile: the owner's value stands in either case.
    """
    return rule.two_way and rule.owner == side.other and any(sides.lost(side, path) for path in paths)


def _source_moved(rule: FieldRule, sides: Sides, *, target_moved: bool) -> bool:
    """A value moved, or the mapping did. A changed mapping never overrides a two-way field's owner or newer edit."""
    if any(_path_moved(rule, path, sides) for path in rule.reads):
        return True
    if not rule.reads and rule.to not in sides.base(sides.target_side):
        return True  # a fixed value has nothing that could move: it is new until it was agreed on
    if not sides.mapping_changed:
        return False
    return not rule.two_way or (not target_moved and rule.owner != sides.target_side)


def _path_moved(rule: FieldRule, path: str, sides: Sides) -> bool:
    """A lost write of the reverse flow is an echo only to the field it came from; to any other field it is news."""
    now = sides.source_digests.get(path)
    if rule.two_way or rule.reverse_writes == path:
        return sides.moved(sides.source_side, path, now)
    return now != sides.base(sides.source_side).get(path)


def _after_lost_write(rule: FieldRule, wanted: Any, sides: Sides) -> Decision:
    """The target holds neither the old value nor what we sent: it normalised our value, or somebody changed it.

    No time can tell, since our own write set it. If the source moved on since, its edit is the newer one we know of.
    """
    sent = sides.lost(sides.target_side, rule.to)
    return Decision.OWNER_KEEPS if digest(wanted) == sent[-1] else Decision.OWNER_WRITES


def _nobody_moved(rule: FieldRule, actual: Any, sides: Sides) -> Decision:
    """Settled, unless a lost or late write of ours stands in place of the agreed value."""
    lost = sides.lost(sides.target_side, rule.to)
    agreed = sides.base(sides.target_side).get(rule.to)
    return Decision.UNDO if lost and digest(actual) != agreed else Decision.SETTLED


def _target_alone(rule: FieldRule, sides: Sides) -> Decision:
    if rule.two_way or rule.owner == sides.target_side:
        return Decision.TARGET_WINS
    return Decision.REPAIR if rule.drift == "repair" else Decision.ACCEPT


def _both(rule: FieldRule, sides: Sides, *, first: bool) -> Decision:
    if rule.owner == sides.target_side:
        return Decision.OWNER_KEEPS
    if not rule.two_way or rule.owner == sides.source_side:
        return Decision.OWNER_WRITES
    if first:
        return Decision.UNDECIDED
    return _latest(sides)


def _latest(sides: Sides) -> Decision:
    """The newer edit wins; a time that our own write set is nobody's edit and counts as older than any."""
    source_at = _edited_at(sides.source, sides.pair, sides.source_side)
    target_at = _edited_at(sides.target, sides.pair, sides.target_side)
    if source_at is not None and (target_at is None or source_at > target_at):
        return Decision.OWNER_WRITES
    if target_at is not None and (source_at is None or target_at > source_at):
        return Decision.OWNER_KEEPS
    return Decision.UNDECIDED


def _edited_at(record: Record | None, pair: Pair | None, side: Side) -> datetime | None:
    if record is None or record.modified_at is None:
        return None
    if pair is not None and pair.own_at.get(side) == record.modified_at:
        return None
    return record.modified_at
