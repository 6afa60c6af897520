"""Step 8, the claims: a pair is ours from before anything is sent until the answer is known.

After a crash or a lost answer the claim stands until its lease runs out, and whoever comes then looks before sending.
A create is claimed by an intent row, which is also the lock on its natural key.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from shared.errors import Misconfigured, NotYet, Rejected, SyncError, UnknownOutcome
from shared.lines import PARTLY
from shared.records import Pair, PairState, Side
from shared.sync.sent import IN_DOUBT, sending
from shared.sync.work import Batch, Work


def is_new(work: Work) -> bool:
    """Whether the pair is still to be made."""
    return work.pair is None or work.pair.state is PairState.INTENT


def claim(batch: Batch, works: list[Work]) -> list[Work]:
    """Make these pairs ours for the length of a lease; those that another worker holds end as Busy."""
    until = batch.ports.clock.now() + timedelta(seconds=batch.job.timing.lease_s)
    for work in works:
        work.claimed = work.pair
    fresh = [work for work in works if is_new(work)]
    known = [work for work in works if not is_new(work)]
    begun = batch.ports.crossrefs.begin([_intent(batch, work, until) for work in fresh]) if fresh else []
    held = batch.ports.crossrefs.save([_claimed(batch, work, until) for work in known]) if known else []
    for work, result in zip([*fresh, *known], [*begun, *held], strict=True):
        _take(work, result)
    return _renewed(batch, [work for work in works if work.outcome is None])


def _intent(batch: Batch, work: Work, until: datetime) -> Pair:
    job, source = batch.job, batch.job.flow.source
    pair = work.pair or Pair(batch.page.shop, job.flow.kind, source, PairState.INTENT, job.flow.crm_table)
    target_id = work.target.id if work.target else job.target.new_id(work.id, pair.generation)
    ids = {source: work.id, source.other: target_id}
    return replace(
        _held(batch, work, pair, until),
        shopify_id=ids[Side.SHOPIFY],
        crm_id=ids[Side.CRM],
        natural_key=work.key or pair.natural_key,
        evidence=work.evidence or pair.evidence,
        chosen=pair.chosen or job.beside.chosen,
    )


def _claimed(batch: Batch, work: Work, until: datetime) -> Pair:
    if work.pair is None:
        raise ValueError("only a pair can be claimed")
    return replace(_held(batch, work, work.pair, until), state=PairState.WRITING)


def _held(batch: Batch, work: Work, pair: Pair, until: datetime) -> Pair:
    create = work.target is None and not work.deleted
    planned = sending(work.pair, batch.scope.target, work.plan.values, create=create)
    return replace(pair, holder=batch.holder, lease_until=until, planned=planned, attempt=pair.attempt + 1)


def _take(work: Work, result: Pair | SyncError) -> None:
    if isinstance(result, SyncError):
        work.fail(result)
    else:
        work.pair = result


def _renewed(batch: Batch, works: list[Work]) -> list[Work]:
    """Send only while the lease outlives the client's time-out; renew it where claiming took too long."""
    needed = timedelta(seconds=batch.job.timing.timeout_s * 2)
    now = batch.ports.clock.now()
    if all(work.pair and work.pair.lease_until and work.pair.lease_until - now > needed for work in works):
        return works
    return renewed(batch, works)


def renewed(batch: Batch, works: list[Work]) -> list[Work]:
    """These claims for another lease, under their versions: those that somebody has taken over meanwhile end here."""
    until = batch.ports.clock.now() + timedelta(seconds=batch.job.timing.lease_s)
    results = batch.ports.crossrefs.save([replace(work.pair, lease_until=until) for work in works if work.pair])
    for work, result in zip(works, results, strict=True):
        _take(work, result)
    return [work for work in works if work.outcome is None]


def overdue(batch: Batch, failed: list[tuple[Work, SyncError]]) -> list[Work]:
    """Updates that perhaps happened after their claim was over: whoever came then does not know of them."""
    now = batch.ports.clock.now()
    perhaps = [work for work, error in failed if isinstance(error, UnknownOutcome) and not is_new(work)]
    return [work for work in perhaps if work.pair and work.pair.lease_until and work.pair.lease_until <= now]


def release(batch: Batch, failed: list[tuple[Work, SyncError]]) -> None:
    """Lay down the claims of writes that surely did not happen; a perhaps keeps its claim until the lease is over.

    So does what was refused when a part of it had been written: what was sent has to be known until it is looked at.
    """
    perhaps = {work.id for work, error in failed if isinstance(error, UnknownOutcome) or error.facts.get(PARTLY)}
    sure = [work for work, _ in failed if work.pair is not None and work.id not in perhaps]
    empty = [work.pair for work in sure if work.pair and is_new(work) and work.target is None]
    others = [_released(batch, work, work.pair) for work in sure if work.pair and work.pair not in empty]
    if empty:
        batch.ports.crossrefs.abandon(empty)
    if others:
        batch.ports.crossrefs.save(others)
    for work, error in failed:
        if isinstance(error, UnknownOutcome) and work.pair and work.pair.lease_until:
            wait_s = (work.pair.lease_until - batch.ports.clock.now()).total_seconds() + 1
            wait_s = max(1.0, wait_s)
            said = error.said
            error = UnknownOutcome(error.sentence, retry_after_s=wait_s, exact=True, facts=error.facts, said=said)
        if isinstance(error, Rejected) and _inherited(work):
            error = NotYet(f"Its key is looked for once more: {error.sentence}", retry_after_s=5.0, facts=error.facts)
        if not isinstance(error, Misconfigured):  # not this record's fault: it has no verdict and comes back
            work.fail(error)
    fatal = next((error for _, error in failed if isinstance(error, Misconfigured)), None)
    if fatal is not None:
        raise fatal


def _inherited(work: Work) -> bool:
    """Whether a create was refused that an earlier try had begun: whoever has its key now was not looked for."""
    return work.target is None and work.claimed is not None and work.claimed.state is PairState.INTENT


def _released(batch: Batch, work: Work, pair: Pair) -> Pair:
    """The pair as it was before; one whose earlier write is in doubt stays so, free for the next one at once.

    So does an intent whose record exists already: it only has to be completed.
    """
    now = batch.ports.clock.now()
    before = work.claimed
    if before is not None and before.state in IN_DOUBT:
        return replace(before, version=pair.version, lease_until=now, attempt=pair.attempt)
    if pair.state is PairState.INTENT:
        return replace(pair, lease_until=now, planned={})
    return replace(pair, state=PairState.PAIRED, holder=None, lease_until=None, planned={})
