"""The records that belong to the rows an event names (a product's variants), gone ones included.

The source only tells who belongs to a row now. Who belonged to it before is asked of the target, where the mapping
keeps the row's id in a column: what is known there and not given out any more is a suspect, never yet a delete.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.records import Item
from shared.sync.flow import Job


def members(job: Job, table: str, ids: Sequence[str]) -> list[Item]:
    """Their records, and as deleted those that were theirs and are not any more; the engine confirms each by a read."""
    present = dict.fromkeys(job.source.members(table, ids))
    gone = [known for known in _known(job, table, ids) if known not in present]
    return [*(Item(record_id) for record_id in present), *(Item(record_id, deleted=True) for record_id in gone)]


def _known(job: Job, table: str, ids: Sequence[str]) -> list[str]:
    """The ids that the target's rows carry for those parents; none where the mapping keeps no parent's id."""
    parent = job.flow.parents.get(table)
    rule = next((rule for rule in job.rules.fields if rule.reads == (parent,) and not rule.on_create), None)
    if rule is None or rule.mapped.values is not None:
        return []
    found = job.target.find(rule.to, ids)
    return list(dict.fromkeys(record.marker for records in found.values() for record in records if record.marker))
