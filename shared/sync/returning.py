"""Parked records that go back to their flow's queue: by a person's word, or because their cause may be gone.

A cause may be gone when the mapping or the settings changed, when what the record refers to has been paired, and
after a day. Each of these gives a record one more try, and no more: what fails again is parked under the causes of now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from shared.records import Message, Origin, ParkedRow
from shared.sync.flow import Job
from shared.sync.ports import ROWS_OF

A_DAY = timedelta(days=1)

SIZE = 100
"""Ids in one message."""

MESSAGE = "message"
"""The kind of a parked row that stands for a queue message (shared/aside.py): its `source_id` is no record's."""


def causes(job: Job, now: datetime, rows: Sequence[ParkedRow]) -> list[str]:
    """Per row what decides its fate now, as text to compare: the rules in force, whether its references exist, the day.

    The day, because what was mended elsewhere, or is gone by now, is told by nobody. A row that stands for a message
    names no record that could be tried.
    """
    waits = [{(str(kind), str(each)) for kind, each in row.facts.get("waits_for", ())} for row in rows]
    asked = {reference for each in waits for reference in each}
    known = job.resolve(asked) if asked else {}
    paired = [" paired" if each and each <= known.keys() else "" for each in waits]
    days = [f" {now.date()}" if now - row.last_at > A_DAY else "" for row in rows]
    found = [f"{job.in_force}{pair}{day}" for pair, day in zip(paired, days, strict=True)]
    return [row.tried if row.kind == MESSAGE else cause for row, cause in zip(rows, found, strict=True)]


def messages(rows: Iterable[ParkedRow]) -> Iterator[Message]:
    """Ids in messages of a page each; rows parked as deletes or under another table's ids keep being that."""
    groups: dict[tuple[str, str, str, bool], list[str]] = defaultdict(list)
    for row in rows:
        table, deleted = str(row.facts.get(ROWS_OF, "")), bool(row.facts.get("deleted"))
        groups[row.flow, row.shop, table, deleted].append(row.source_id)
    for (flow, shop, table, deleted), ids in groups.items():
        for start in range(0, len(ids), SIZE):
            part = tuple(ids[start : start + SIZE])
            live, gone = ((), part) if deleted else (part, ())
            yield Message(flow, shop, Origin.RETRY, ids=live, deleted=gone, table=table)
