"""Counterparts that somebody deleted, of records that did not change since: what `plan` and `explain` say of them.

A run does not look at the counterpart of a settled record, so it says "unchanged"; a person who asks wants to know.
Reads ids alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.records import PairState, Side, Verdict
from shared.sync.flow import Job
from shared.sync.work import Work
from shared.wiring import App


def vanished(app: App, job: Job, works: Sequence[Work]) -> dict[str, str]:
    """By their ids the settled records whose counterparts are not there, and what becomes of them."""
    ids: dict[str, str] = {}
    for work in works:
        settled = work.outcome is not None and work.outcome.verdict is Verdict.UNCHANGED and work.target is None
        target = work.pair.id_on(job.flow.source.other) if work.pair else None
        if settled and target and work.pair and work.pair.state is PairState.PAIRED:
            ids[work.id] = target
    if not ids:
        return {}
    shopify, crm = app.bare(job.shop, job.rules)
    there = (crm if job.flow.source is Side.SHOPIFY else shopify).read(sorted(set(ids.values()))).records
    return {record: _sentence(job) for record, target in ids.items() if target not in there}


def _sentence(job: Job) -> str:
    """The same for all records of a flow, so that they are counted together."""
    gone = f"Its counterpart in {job.flow.source.other.value} was deleted"
    if job.flow.reverse is not None:
        return f"{gone}: {job.flow.reverse} follows that once it is told, or by the nightly comparison."
    if job.recreate:
        return f"{gone}: it comes back with the record's next change, or now by `python -m ops pairs unlink ID`."
    return f"{gone}: the record's next change is parked; `python -m ops pairs unlink ID` has it made anew."
