"""Step 9's arithmetic: which bases a pair has after a record was planned and perhaps written. Pure.

A base may move only when both sides agree on it: a value that the owner refused, or that changed between *look*
and the read-back, keeps its old base, so that the reverse flow sees it as a change and puts the loser right.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.mapping.paths import get
from shared.mapping.rules import FieldRule
from shared.records import Flip, Pair, Record, Side
from shared.sync.digest import digest
from shared.sync.plan import REVERSES, Decision, Plan, Sides

FLIP_WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Agreement:
    """The bases after a record was handled, and whether the reverse flow has something to do."""

    bases: Mapping[Side, Mapping[str, str]]
    moved: frozenset[Side]
    reverse_due: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """What a flow knows of its paths.

    `target_paths` are all the target's paths of the kind; `guarded` the source paths that the reverse flow repairs;
    `reverse_reads` the target paths whose changes the reverse flow carries: only it may agree to a change of those.
    """

    fields: tuple[FieldRule, ...]
    target_paths: tuple[str, ...]
    guarded: Collection[str] = ()
    reverse_reads: Collection[str] = ()


def agree(scope: Scope, plan: Plan, sides: Sides, after: Record | None) -> Agreement:
    """The bases once `plan` is carried out; `after` is the read-back (None: nothing had to be written)."""
    refused = _refused_sources(scope, plan)
    source, source_due = _source_bases(scope, sides, refused)
    target, target_due = _target_bases(scope, plan, sides, after)
    side = sides.source_side
    moved = frozenset({side}) if source_due else frozenset()
    reverse_due = plan.reverse_due or source_due or target_due
    return Agreement({side: source, side.other: target}, moved, reverse_due)


def _refused_sources(scope: Scope, plan: Plan) -> set[str]:
    """Source paths whose change did not win somewhere: their base stays."""
    return {path for rule in scope.fields if plan.decisions.get(rule.name) in REVERSES for path in rule.reads}


def _source_bases(scope: Scope, sides: Sides, refused: set[str]) -> tuple[dict[str, str], bool]:
    old = sides.base(sides.source_side)
    bases: dict[str, str] = {}
    due = False
    for path, now in sides.source_digests.items():
        before = old.get(path)
        keeps = path in refused or (path in scope.guarded and before is not None and before != now)
        if keeps:
            due = due or path not in refused
            if before is not None:
                bases[path] = before
        else:
            bases[path] = now
    return bases, due


def _target_bases(scope: Scope, plan: Plan, sides: Sides, after: Record | None) -> tuple[dict[str, str], bool]:
    record = after or sides.target
    if record is None:
        return {}, False
    old = sides.base(sides.source_side.other)
    agreed = {rule.to for rule in scope.fields if plan.decisions.get(rule.name) is Decision.SAME}
    held = {rule.to for rule in scope.fields if plan.decisions.get(rule.name) in REVERSES}
    bases: dict[str, str] = {}
    due = False
    for path in scope.target_paths:
        now = digest(get(record.content, path))
        foreign = _foreign(path, now, sides, plan) or (
            sides.target is not None and path in scope.reverse_reads and path not in agreed and old.get(path) != now
        )
        if path in plan.values or not (foreign or path in held):
            bases[path] = now
            continue
        due = due or path not in held
        if path in old:
            bases[path] = old[path]
    return bases, due


def _foreign(path: str, now: str, sides: Sides, plan: Plan) -> bool:
    """Whether somebody else changed a path between *look* and the read-back."""
    if sides.target is None or path in plan.values:
        return False
    return digest(get(sides.target.content, path)) != now


def flips_after(pair: Pair, plan: Plan, now: datetime) -> dict[str, Flip]:
    """The A→B→A count of each field after this plan's writes."""
    flips = {name: flip for name, flip in pair.flips.items() if now - flip.since < FLIP_WINDOW}
    for change in plan.changes:
        if change.name not in plan.decisions or plan.decisions[change.name] in REVERSES:
            continue
        before, after = digest(change.before), digest(change.after)
        known = flips.get(change.name)
        if known is None:
            flips[change.name] = Flip(last=after, before=before, count=0, since=now)
        else:
            turned = after == known.before and before == known.last
            flips[change.name] = replace(known, last=after, before=before, count=known.count + turned)
    return flips


def looping(pair: Pair | None, plan: Plan, now: datetime, limit: int) -> str | None:
    """The name of a field that would go back and forth once too often within the hour."""
    if pair is None:
        return None
    after = flips_after(pair, plan, now)
    return next((name for name, flip in after.items() if flip.count >= limit), None)
