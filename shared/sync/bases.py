"""Step 9's arithmetic: which bases a pair has after a record was planned and perhaps written. Pure.

A base may move only when both sides agree on it: a value that the owner refused, or that changed between *look*
and the read-back, keeps its old base, so that the reverse flow sees it as a change and puts the loser right.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.mapping.paths import get, join_path, known, split_path, within
from shared.mapping.rules import FieldRule, LinesRule
from shared.records import Flip, Pair, Record, Side
from shared.sync.digest import digest, digests
from shared.sync.plan import LATEST, REVERSES, WRITES, Decision, Plan, Sides

FLIP_WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Agreement:
    """The bases after a record was handled, and whether the reverse flow has something to do.

    `doubtful`: a lost write of the reverse flow stands on the source, so the pair stays in doubt until it was there.
    `again`: this flow has to put right itself what somebody wrote meanwhile.
    """

    bases: Mapping[Side, Mapping[str, str]]
    moved: frozenset[Side]
    reverse_due: bool
    doubtful: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """What a flow knows of its paths; made once per job.

    `target_paths` are all the target's paths of the kind; `guarded` the source paths that the reverse flow repairs;
    `reverse_reads` the target paths whose changes the reverse flow carries: only it may agree to a change of those;
    `feeds` the names of fields whose writes the reverse flow carries on into another field of the source; `fixed` the
    source paths to which the reverse flow writes a value that is the same for every record; `owned_there` the source
    paths of fields that both flows write and the target's side owns.
    """

    source: Side
    fields: Sequence[FieldRule]
    target_paths: Sequence[str]
    guarded: Collection[str] = ()
    reverse_reads: Collection[str] = ()
    feeds: Collection[str] = ()
    fixed: Collection[str] = ()
    owned_there: Collection[str] = ()

    @property
    def target(self) -> Side:
        """The side that is written."""
        return self.source.other


def scope_of(
    source: Side,
    fields: Sequence[FieldRule],
    reverse: Sequence[FieldRule],
    paths: Sequence[str],
    lines: Sequence[LinesRule] = (),
) -> Scope:
    """The scope of a flow with these fields, its reverse flow's fields and lines, and all paths of its target."""
    live = [rule for rule in reverse if not rule.on_create]
    return Scope(
        source=source,
        fields=fields,
        target_paths=tuple(paths),
        guarded=frozenset(rule.to for rule in live if _repairs(rule)).union(*map(_repaired, lines)),
        reverse_reads=frozenset(path for rule in live for path in rule.reads),
        feeds=frozenset(
            rule.name for rule in fields for back in live if rule.to in back.reads and back.to not in rule.reads
        ),
        fixed=frozenset(rule.to for rule in live if not rule.reads),
        owned_there=frozenset(
            path for rule in fields if rule.two_way and rule.owner == source.other for path in rule.reads
        ),
    )


def _repaired(group: LinesRule) -> set[str]:
    """The full paths of what the reverse flow repairs in the rows of a group of its lines."""
    return {join_path((*split_path(group.to), *split_path(rule.to))) for rule in group.fields if _repairs(rule)}


def _repairs(rule: FieldRule) -> bool:
    return not rule.on_create and not rule.two_way and rule.drift == "repair"


def agree(scope: Scope, plan: Plan, sides: Sides, after: Record | None) -> Agreement:
    """The bases once `plan` is carried out; `after` is the read-back (None: nothing had to be written).

    An edit that lost to a newer one is agreed on as lost, and the target marked as moved: the times that decided are
    gone with the next write of ours, so nothing may have to compare them again.
    """
    dropped = [rule for rule in scope.fields if plan.decisions.get(rule.name) in REVERSES]
    outdated = [rule for rule in dropped if rule.owner == LATEST and plan.decisions[rule.name] is Decision.OWNER_KEEPS]
    kept = [rule for rule in dropped if plan.decisions[rule.name] is Decision.OWNER_KEEPS and rule not in outdated]
    waiting = [rule for rule in scope.fields if plan.decisions.get(rule.name) is Decision.LAST]
    refused = {path for rule in (*kept, *waiting) for path in rule.reads}
    source, source_due = _source_bases(scope, sides, refused)
    target, target_due = _target_bases(scope, plan, sides, after)
    moved = frozenset({scope.source} if source_due else ()) | frozenset({scope.target} if outdated else ())
    reverse_due = plan.reverse_due or source_due or target_due
    doubtful = any(_late(scope, sides, path, now) for path, now in sides.source_digests.items())
    return Agreement({scope.source: source, scope.target: target}, moved, reverse_due, doubtful)


def _late(scope: Scope, sides: Sides, path: str, now: str) -> bool:
    """Whether a source path holds what a lost write of the reverse flow put in place of the agreed value.

    In a field that the target's side owns whatever else it holds may be that write too, as the system normalised it.

    A record that such a write made has nothing else that was agreed on: what it was made with is its base. Without
    one, both sides would count as moved, and the owner would take back an edit made on the other side since.
    """
    before, lost = sides.base(scope.source).get(path), sides.lost(scope.source, path)
    ours = now in lost or (bool(lost) and path in scope.owned_there)
    return now != before and ours and not (sides.made and before is None)


def agree_wholly(scope: Scope, plan: Plan, sides: Sides, after: Record | None) -> Agreement:
    """The bases where the reverse flow would have nothing to write: all of both sides as they are.

    But for what somebody wrote between *look* and the read-back into a field that is this flow's to put right: it keeps
    its old base, and the target counts as moved until it was.
    """
    record = after or sides.target
    found = digests(record.content, scope.target_paths) if record else {}
    old = sides.base(scope.target)
    wrong = {path for path in _ours(scope) & found.keys() if _foreign(path, found[path], sides, plan)}
    target = {path: now for path, now in found.items() if path not in wrong}
    target |= {path: base for path, base in old.items() if path in wrong or (record and _unread(record, path))}
    moved = frozenset({scope.target} if wrong else ())
    bases = {scope.source: dict(sides.source_digests), scope.target: target}
    return Agreement(bases, moved, reverse_due=False, again=bool(wrong))


def _ours(scope: Scope) -> set[str]:
    """The target paths that this flow puts right when somebody else changes them."""
    return {rule.to for rule in scope.fields if _repairs(rule) or (rule.two_way and rule.owner == scope.source)}


def _source_bases(scope: Scope, sides: Sides, refused: set[str]) -> tuple[dict[str, str], bool]:
    """A change that the owner refused, or that the reverse flow has to repair, keeps its old base.

    So does what the reverse flow sets once and for all (without a base it is due), and what a lost write of the
    reverse flow left: only that flow may say whether it stands.
    """
    old = sides.base(scope.source)
    bases: dict[str, str] = {}
    due = False
    for path, now in sides.source_digests.items():
        before = old.get(path)
        repaired = path in scope.guarded and before is not None and before != now
        unset = path in scope.fixed and before is None
        if path in refused or repaired or unset or _late(scope, sides, path, now):
            due = due or path not in refused
            if before is not None:
                bases[path] = before
        else:
            bases[path] = now
    return bases, due


def _target_bases(scope: Scope, plan: Plan, sides: Sides, after: Record | None) -> tuple[dict[str, str], bool]:
    """A change that the reverse flow has not carried yet keeps its old base, whoever made it.

    So does what was not read here: values that are added to a record only where it is the source.
    """
    record = after or sides.target
    if record is None:
        return {}, False
    old = sides.base(scope.target)
    free = [rule for rule in scope.fields if rule.name not in scope.feeds]
    agreed = {rule.to for rule in free if plan.decisions.get(rule.name) is Decision.SAME}
    agreed |= {rule.to for rule in free if plan.decisions.get(rule.name) in WRITES}
    held = {rule.to for rule in scope.fields if plan.decisions.get(rule.name) in {*REVERSES, Decision.LAST}}
    bases: dict[str, str] = {}
    due = False
    for path in scope.target_paths:
        if _unread(record, path):
            bases |= {path: old[path]} if path in old else {}
            continue
        now = digest(get(record.content, path))
        carried = path in scope.reverse_reads and path not in agreed and old.get(path) != now
        if path not in held and not carried and not _foreign(path, now, sides, plan):
            bases[path] = now
            continue
        due = due or path not in held
        if path in old:
            bases[path] = old[path]
    return bases, due


def _unread(record: Record, path: str) -> bool:
    return not known(record.content, path)


def _foreign(path: str, now: str, sides: Sides, plan: Plan) -> bool:
    """Whether somebody else changed a path between *look* and the read-back."""
    if sides.target is None or path in plan.values or any(within(path, each) for each in plan.collections):
        return False
    return digest(get(sides.target.content, path)) != now


def flips_after(pair: Pair, plan: Plan, scope: Scope, now: datetime) -> dict[str, Flip]:
    """The A→B→A count of each field on the target after this plan's writes.

    Writing B over A once more counts like writing A over B: somebody put A back in between. Where no flow writes the
    source, and the target still holds what we left there, nobody did: the source itself says A, then B, then A.
    """
    flips = {name: flip for name, flip in pair.flips.items() if now - flip.since < FLIP_WINDOW}
    one_way = {rule.name for rule in scope.fields if not rule.two_way and rule.name not in scope.feeds}
    for change in plan.changes:
        decision = plan.decisions.get(change.name)
        if decision not in WRITES or (decision is Decision.WRITE and change.name in one_way):
            continue
        name, before, after = f"{scope.target.value}.{change.name}", digest(change.before), digest(change.after)
        known = flips.get(name)
        if known is None:
            flips[name] = Flip(last=after, before=before, count=0, since=now)
        else:
            turned = {before, after} == {known.before, known.last}
            flips[name] = replace(known, last=after, before=before, count=known.count + turned)
    return flips


def looping(pair: Pair | None, plan: Plan, scope: Scope, now: datetime, limit: int) -> str | None:
    """The name of a field that would go back and forth once too often within the hour."""
    if pair is None:
        return None
    after = flips_after(pair, plan, scope, now)
    return next((name.partition(".")[2] for name, flip in after.items() if flip.count >= limit), None)
