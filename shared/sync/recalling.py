"""What both sides of a pair that was made from a mark agree on: found by looking, agreed on without a write.

A record of which a flow would write nothing has what both hold as its bases from then on, so that the next edit is
known for one. Of any other nothing is agreed on. Must never write to a system, park, or queue anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from shared.lines import LinePair
from shared.sync import lining
from shared.sync.line_plan import rows_of
from shared.sync.ports import LineChanges
from shared.sync.rebuilding import is_rebuilt
from shared.sync.remembering import remember_quiet
from shared.sync.work import Batch, Work


def agree_where_equal(batch: Batch) -> Counter[str]:
    """How many agree now, and how many `differ`: their flow decides when it runs."""
    works = batch.open(lambda work: not work.deleted and work.pair is not None and is_rebuilt(work.pair))
    whole = [work for work in works if work.target is not None]
    lost = {work.id: list(_lost(batch, work)) for work in whole}
    changes = [LineChanges(lining.of(work), lost[work.id]) for work in whole if lost[work.id]]
    if changes:
        batch.ports.lines.save(changes)
    equal = [work for work in whole if not work.writes and not lost[work.id]]
    remember_quiet(batch, equal)
    return Counter(agreed=len(equal), differ=len(works) - len(equal))


def _lost(batch: Batch, work: Work) -> Iterator[LinePair]:
    """Rows that we made for lines of this record which it has no more: known by their ids, so that they go."""
    groups = batch.job.rules.lines
    if work.target is None or work.record is None or not groups:
        return
    rows = rows_of(groups, work.target.content)
    left = rows.keys() - {line.pair.row for line in work.lines.lines}
    names = set(_ids(work.record.content)) if left else ()
    for group in groups:
        for each in names:
            row = batch.job.target.line_id(work.target.id, f"{group.name}|{each}")
            if row in left and rows[row][0] == group.to:
                yield LinePair(group.name, each, row)


def _ids(value: Any) -> Iterator[str]:
    """Every id that a record names."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _ids(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _ids(each)
    elif isinstance(value, str):
        name = value.rpartition("/")[2]
        if name.isdigit():
            yield name
