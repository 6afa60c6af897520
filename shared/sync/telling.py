"""Behind the last step: counterparts that are not what they should be are told so, and once more when they are again.

For kinds that have a way to say it on the counterpart (`Beside.tell`). Must never change a verdict but into one that
brings the record back.
"""

from __future__ import annotations

from collections.abc import Iterator

from shared.errors import Conflict, TotalsDiffer
from shared.records import Verdict
from shared.sync.flow import Told
from shared.sync.work import Batch, Work

CODES = (Conflict.__name__, TotalsDiffer.__name__)
"""Errors that say that two sides differ although both are known."""
_DONE = (Verdict.CREATED, Verdict.UPDATED, Verdict.UNCHANGED)


def tell(batch: Batch) -> None:
    """Say it for the whole page. Where that fails the record comes back, or is parked with what stood in the way."""
    say = batch.job.beside.tell
    told = list(_told(batch)) if say else []
    if say is None or not told:
        return
    for (work, _), error in zip(told, say([each for _, each in told]), strict=True):
        if error is not None:
            work.untold = work.outcome.error if work.outcome else None
            work.fail(error)


def _told(batch: Batch) -> Iterator[tuple[Work, Told]]:
    for work in batch.works:
        outcome = work.outcome
        if outcome is None or work.record is None or work.target is None:
            continue
        if outcome.verdict is Verdict.PARKED and outcome.error is not None and outcome.error.code in CODES:
            yield work, Told(work.record, work.target, outcome.error, work.lines.writes)
        elif outcome.verdict in _DONE and work.parked is not None and work.parked.code in CODES:
            yield work, Told(work.record, work.target, None)

