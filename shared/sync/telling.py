"""Behind the last step: counterparts that are not what they should be are told so, and once more when they are again.

For kinds that have a way to say it on the counterpart (`Beside.tell`). Must never change a verdict but into one that
brings the record back. What is put into rows there is announced first, as of any write: else it would pass for
somebody's edit, and stay when the source takes it back.
"""

from __future__ import annotations

from collections.abc import Iterator

from shared.errors import Conflict, Misconfigured, SyncError, TotalsDiffer
from shared.records import Verdict
from shared.sync import lining
from shared.sync.flow import Told
from shared.sync.work import Batch, Work

CODES = (Conflict.__name__, TotalsDiffer.__name__)
"""Errors that say that two sides differ although both are known."""
TOLD = "told"
"""The fact of a parked row that its counterpart says so; it stays until that is taken back, whatever parks it then."""
DONE = (Verdict.CREATED, Verdict.UPDATED, Verdict.UNCHANGED)


def tell(batch: Batch) -> None:
    """Say it for the whole page. Where that fails the record comes back, or is parked with what stood in the way.

    Raises Misconfigured where nobody is let in; the records that were not told then come back with their page.
    """
    say = batch.job.beside.tell
    told = list(_told(batch)) if say else []
    if say is None or not told:
        return
    failed = lining.announce(batch, [work for work, each in told if each.lines], batch.job.beside.rows)
    held_up = {work.id for work, _ in failed}
    ready = [(work, each) for work, each in told if work.id not in held_up]
    results = say([each for _, each in ready]) if ready else []
    failed += [(work, error) for (work, _), error in zip(ready, results, strict=True) if error is not None]
    for work, error in failed:
        _leave(work, error)
    fatal = next((error for _, error in failed if isinstance(error, Misconfigured)), None)
    if fatal is not None:
        raise fatal


def _leave(work: Work, error: SyncError) -> None:
    """It is not told yet, and what it is parked for is kept meanwhile."""
    work.untold = work.outcome.error if work.outcome else None
    if isinstance(error, Misconfigured):  # not this record's fault: it has no verdict and comes back
        work.outcome = None
    else:
        work.fail(error)


def told_before(work: Work) -> bool:
    """Whether its counterpart says that the two differ."""
    return work.parked is not None and bool(work.parked.facts.get(TOLD))


def facts_of(batch: Batch, work: Work, error: SyncError) -> dict[str, bool]:
    """What its parked row has to say of that."""
    tells = batch.job.beside.tell is not None
    return {TOLD: True} if tells and (error.code in CODES or told_before(work)) else {}


def _doubted(batch: Batch, work: Work) -> bool:
    """Whether they differed when somebody died who perhaps had told it, and parked nothing."""
    return work.pair is not None and batch.scope.target in work.pair.moved


def _told(batch: Batch) -> Iterator[tuple[Work, Told]]:
    for work in batch.works:
        outcome = work.outcome
        if outcome is None or work.record is None or work.target is None:
            continue
        if outcome.verdict is Verdict.PARKED and outcome.error is not None and outcome.error.code in CODES:
            rows = batch.job.beside.rows
            lines = [each for each in work.lines.writes if each.to in rows and each.values is not None]
            yield work, Told(work.record, work.target, outcome.error, lines)
        elif outcome.verdict in DONE and (told_before(work) or _doubted(batch, work)):
            yield work, Told(work.record, work.target, None)
