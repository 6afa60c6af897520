"""The records that belong to the rows an event names (a product's variants), gone ones included.

The source only tells who belongs to a row now. Who belonged to it before is asked of the target, where the mapping
keeps the row's id in a column, and of those rows' pairs: a record that was born on the target side carries no mark
there. What is known and not given out any more is a suspect, never yet a delete.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shared.records import Changes, Item
from shared.sync.flow import Job
from shared.sync.ports import CrossRefs


def members(job: Job, crossrefs: CrossRefs, table: str, ids: Sequence[str]) -> Changes:
    """Their records, and as deleted those that were theirs and are not any more; the engine confirms each by a read."""
    found = job.source.members(table, ids)
    present = {item.id for item in found.items}
    gone = [known for known in _known(job, crossrefs, table, ids) if known not in present]
    return replace(found, items=(*found.items, *(Item(record_id, deleted=True) for record_id in gone)))


def _known(job: Job, crossrefs: CrossRefs, table: str, ids: Sequence[str]) -> list[str]:
    """The counterparts of the target's rows that carry those parents' ids; none where the mapping keeps no such id."""
    parent, flow = job.flow.parents.get(table), job.flow
    rule = next((rule for rule in job.rules.fields if rule.reads == (parent,) and not rule.on_create), None)
    if rule is None or rule.mapped.values is not None:
        return []
    rows = [record for records in job.target.find(rule.to, ids).values() for record in records]
    pairs = crossrefs.load(job.shop, flow.kind, flow.source.other, [row.id for row in rows], table=flow.crm_table)
    known = (pair.id_on(flow.source) if (pair := pairs.get(row.id)) else row.marker for row in rows)
    return list(dict.fromkeys(filter(None, known)))
