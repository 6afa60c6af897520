"""Steps 8 and 9: claim the pairs, write in batch, remember what the target returned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.errors import Busy, Retryable, SyncError, UnknownOutcome
from shared.lines import PARTLY
from shared.records import Action, Write, WriteResult, Written
from shared.sync import lining
from shared.sync.claiming import claim, is_new, overdue, release, renewed
from shared.sync.remembering import confess, remember, remember_quiet
from shared.sync.work import Batch, Work


def write_all(batch: Batch) -> None:
    """Carry out the plans of a page: nothing to write is remembered, the rest is claimed and written in calls."""
    works = batch.open(lambda work: not work.deleted)
    remember_quiet(batch, [work for work in works if not is_new(work) and not work.writes])
    for chunk in chunks(batch, [work for work in works if work.outcome is None]):
        _write_chunk(batch, chunk)


def chunks(batch: Batch, works: list[Work]) -> Iterator[list[Work]]:
    """As many records as one call of the target takes."""
    size = max(1, batch.job.target.batch_size)
    for start in range(0, len(works), size):
        yield works[start : start + size]


def _write_chunk(batch: Batch, chunk: list[Work]) -> None:
    claimed = claim(batch, chunk)
    release(batch, _outrun(batch, claimed))
    release(batch, _announced(batch, [work for work in claimed if work.outcome is None]))
    writes = [(work, _write_of(batch, work)) for work in claimed if work.outcome is None]
    loud = [(work, write) for work, write in writes if work.writes or write.mark or write.action is Action.CREATE]
    silent = [(work, None) for work, write in writes if not any(work is other for other, _ in loud)]
    results = send(batch, [write for _, write in loud])
    spend(batch, list(zip([work for work, _ in loud], results, strict=True)))
    written = [(work, result) for (work, _), result in zip(loud, results, strict=True) if isinstance(result, Written)]
    failed = [(work, result) for (work, _), result in zip(loud, results, strict=True) if isinstance(result, SyncError)]
    try:
        remember(batch, [*written, *silent])
        confess(batch, overdue(batch, failed))
    except SyncError:  # storage that does not answer keeps no other record's claim
        release(batch, failed)
        raise
    release(batch, failed)


def _announced(batch: Batch, works: list[Work]) -> list[tuple[Work, SyncError]]:
    """Store what lines are about to be sent; returns the works that must not be, and why.

    What is known of lines of a record that is still to be made is of a counterpart that is gone: where it stands in
    the way it goes, once it is sure that the claim is ours, or another worker might have made the record just now.
    """
    failed = lining.announce(batch, works)
    stale = [work for work, error in failed if work.target is None and isinstance(error, Busy)]
    ours = renewed(batch, stale) if stale else []
    lining.forget(batch, ours)
    rest = [(work, error) for work, error in failed if not any(work is other for other in stale)]
    return [*rest, *lining.announce(batch, ours)]


def _outrun(batch: Batch, claimed: list[Work]) -> list[tuple[Work, SyncError]]:
    """Creates that must not go out after all: what they were decided on has changed before they were claimed."""
    rivals = batch.job.beside.rivals
    fresh = [(work, work.record) for work in claimed if is_new(work) and work.target is None and work.record]
    if rivals is None or not fresh:
        return []
    try:
        reasons = rivals([record for _, record in fresh])
    except Retryable as error:  # nobody knows: they come back, and their claims are laid down
        reasons = [error] * len(fresh)
    return [(work, reason) for (work, _), reason in zip(fresh, reasons, strict=True) if reason is not None]


def _write_of(batch: Batch, work: Work) -> Write:
    """The write of a claimed record. An adopted counterpart gets our mark, unless one of the two carries it."""
    target = work.target
    target_id = work.pair.id_on(batch.scope.target) if work.pair else None
    action, mark = Action.CREATE if target is None else Action.UPDATE, marks(work)
    return Write(action, work.id, work.plan.values, id=target_id, mark=mark, current=target, lines=work.lines.writes)


def marks(work: Work) -> bool:
    """Whether an adopted counterpart gets our mark with the write."""
    target = work.target
    if target is None or not is_new(work):
        return False
    return target.marker != work.id and (work.record is None or work.record.marker != target.id)


def send(batch: Batch, writes: list[Write]) -> Sequence[WriteResult]:
    """One batch to the target; an error of the whole call is every write's error."""
    if not writes:
        return []
    try:
        return batch.job.target.write(writes)
    except SyncError as error:
        return [error for _ in writes]


def spend(batch: Batch, results: Sequence[tuple[Work, WriteResult]]) -> None:
    """Note which writes happened, or perhaps did: those that took a counterpart out of use go on counting."""
    for work, result in results:
        if isinstance(result, Written | UnknownOutcome) or result.facts.get(PARTLY):
            batch.spent.add(work.id)
