"""What a planned write rests on and what it consists of, as digests: so that it can be carried out later, or refused.

A plan is carried out by planning again; a record whose seal is another by then is left alone, and the objection says
why. Pure. It holds digests and names of paths, never a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared.sync.digest import digest, digests
from shared.sync.sent import IN_DOUBT
from shared.sync.work import Batch, Work
from shared.sync.writing import marks

MARK = "@mark"
"""Stands among the writes for our mark on a counterpart that was there before."""
NAMED = 5
"""So many paths are named in an objection."""


@dataclass(frozen=True, slots=True)
class Seal:
    """`rules` digests mappings, settings and constants; `source` and `target` hold a digest per mapped path.

    `target` is None where no counterpart was there, `writes` has the digest of each value that is sent, by path, those
    of lines with the line's name before it.
    """

    rules: str
    source: Mapping[str, str]
    target: Mapping[str, str] | None = None
    target_id: str | None = None
    writes: Mapping[str, str] = field(default_factory=dict)


def seal(batch: Batch, work: Work) -> Seal:
    """The seal of a record that steps 1 to 7 left to be written."""
    target = work.target
    return Seal(
        rules=batch.job.in_force,
        source=dict(work.digests),
        target=digests(target.content, batch.scope.target_paths) if target else None,
        target_id=target.id if target else None,
        writes={**_values(work), **({MARK: MARK} if marks(work) else {})},
    )


def _values(work: Work) -> dict[str, str]:
    """Every value that is sent; a row without values of its own is made or deleted whole."""
    found = {path: digest(value) for path, value in work.plan.values.items()}
    for line in work.lines.writes:
        found[line.name] = "-" if line.values is None else "+"
        found |= {f"{line.name}.{path}": digest(value) for path, value in (line.values or {}).items()}
    return found


def objection(batch: Batch, work: Work, then: Seal) -> str:
    """Why this record must not be written as it was planned; empty where it may.

    Where an earlier try of ours broke off, what it wrote is no change by somebody: then the rest of it is written.
    """
    now = seal(batch, work)
    begun = work.pair is not None and work.pair.state in IN_DOUBT
    if now.rules != then.rules:
        return "The mapping, a setting or what it names was changed since. Make a new plan."
    if moved := _differing(then.source, now.source):
        return f"It changed in {batch.scope.source.value} since it was planned: {_named(moved)}."
    if not begun and (why := _target_moved(batch, then, now)):
        return why
    other = _differing(then.writes, now.writes)
    if begun:  # what is written already is missing; a create that broke off may lack the mark that it would have had
        other -= (then.writes.keys() - now.writes.keys()) | ({MARK} if then.target is None else set())
    return f"Other values would be written than were planned: {_named(other)}." if other else ""


def _target_moved(batch: Batch, then: Seal, now: Seal) -> str:
    there = batch.scope.target.value
    if then.target is None or now.target is None:
        return "" if then.target == now.target else f"By now it has a counterpart in {there}."
    if then.target_id != now.target_id:
        return f"It has another counterpart in {there} than when it was planned."
    moved = _differing(then.target, now.target)
    return f"Its counterpart changed in {there} since it was planned: {_named(moved)}." if moved else ""


def _differing(then: Mapping[str, str], now: Mapping[str, str]) -> set[str]:
    return {path for path in then.keys() | now.keys() if then.get(path) != now.get(path)}


def _named(paths: Iterable[str]) -> str:
    known = sorted(paths)
    more = f" and {len(known) - NAMED} more" if len(known) > NAMED else ""
    return ", ".join(known[:NAMED]) + more
