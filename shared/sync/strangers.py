"""Lines that are about to be made although a row of another record, or of none, stands for the same already.

Such a row is never taken, because its record is somebody's: the record is parked, and says which row is meant. Asks the
target once per page and key, and only where a group with a `match` has new lines. Never writes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from shared.errors import Ambiguous
from shared.mapping.paths import join_path, split_path
from shared.mapping.rules import LineMatchRule, LinesRule
from shared.records import Record
from shared.sync.line_plan import name_of
from shared.sync.work import Batch, Work

Found = tuple[Work, str, str]
"""A work, the name of its line, and the value that is looked for."""


def refuse_strangers(batch: Batch) -> None:
    """Park the records that have such a line."""
    for group in batch.job.rules.lines:
        for match in group.matches:
            new = [found for work in batch.open() for found in _new(work, group, match)]
            if new:
                _ask(batch, group, match, new)


def _new(work: Work, group: LinesRule, match: LineMatchRule) -> Iterator[Found]:
    """The group's lines that a row is made for, with their key."""
    made = {write.name for write in work.lines.writes if write.etag is None and write.values is not None}
    for line in work.wanted_lines:
        name = name_of(line.group, line.id)
        if line.group == group.name and name in made and match.field in line.keys:
            yield work, name, line.keys[match.field]


def _ask(batch: Batch, group: LinesRule, match: LineMatchRule, new: list[Found]) -> None:
    path = join_path((*split_path(group.to), *split_path(match.target)))
    there = batch.job.target.find(path, sorted({key for *_, key in new}), fold=match.ignore_case)
    wanted: dict[str, int] = defaultdict(int)
    for *_, key in new:
        wanted[key] += 1
    for work, name, key in new:
        if work.outcome is None and (there.get(key) or wanted[key] > 1):
            work.fail(_stranger(name, match, list(there.get(key, ()))))


def _stranger(name: str, match: LineMatchRule, rows: list[Record]) -> Ambiguous:
    """The value itself is a person's, as a rule: it is not told."""
    facts = {"line": name, "field": match.field, "rows": [row.id for row in rows][:10]}
    if not rows:
        return Ambiguous(f"{name}: another new line has the same {match.field}. Give each its own.", facts=facts)
    where = "; ".join(row.unfit for row in rows[:3])
    sentence = f"{name}: its {match.field} is taken. {where}. Move that row here, link this record to that one by "
    return Ambiguous(f"{sentence}`pairs relink`, or take the value away there; then `parked retry`.", facts=facts)
