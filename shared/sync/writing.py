"""Steps 8 and 9: claim the pairs, write in batch, remember what the target returned.

A pair is claimed before anything is sent and released only when the answer is known: after a crash or a lost answer
the claim stands until its lease runs out, and whoever comes then looks before sending. Creates are claimed by an
intent row, which is also the lock on their natural key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared.errors import Misconfigured, Rejected, SyncError, UnknownOutcome
from shared.records import Action, Pair, PairState, Record, Side, Verdict, Write, WriteResult, Written
from shared.sync.bases import Agreement, agree, flips_after
from shared.sync.deciding import sides_of
from shared.sync.digest import digest
from shared.sync.work import Batch, Work


def write_all(batch: Batch) -> None:
    """Carry out the plans of a page: nothing to write is remembered, the rest is claimed and written in calls."""
    works = batch.open(lambda work: not work.deleted)
    quiet = [work for work in works if work.target is not None and not work.plan.values and not _new(work)]
    _remember_quiet(batch, quiet)
    loud = [work for work in works if work.outcome is None]
    for chunk in _chunks(loud, max(1, batch.job.target.batch_size)):
        _write_chunk(batch, chunk)


def _new(work: Work) -> bool:
    """Whether the pair is still to be made."""
    return work.pair is None or work.pair.state is PairState.INTENT


def _chunks(works: list[Work], size: int) -> Iterator[list[Work]]:
    for start in range(0, len(works), size):
        yield works[start : start + size]


def _remember_quiet(batch: Batch, works: list[Work]) -> None:
    """Unchanged records cost a row only where their bases or marks moved, or a claim has to be laid down."""
    changed: list[tuple[Work, Pair]] = []
    for work in works:
        after = _agreed(batch, work, None)
        if after.pair is not None and after.pair != work.pair:
            changed.append((work, after.pair))
        if after.reverse_due:
            batch.queue_reverse(work.target.id if work.target else None)
        verdict = "Nothing to write: both sides hold what they should."
        work.end(Verdict.UNCHANGED, verdict, changes=work.plan.changes)
    results = batch.ports.crossrefs.save([pair for _, pair in changed]) if changed else []
    for (work, _), result in zip(changed, results, strict=True):
        if isinstance(result, SyncError):
            work.fail(result)


def _write_chunk(batch: Batch, chunk: list[Work]) -> None:
    claimed = _renew_if_short(batch, claim(batch, chunk))
    if not claimed:
        return
    results = send(batch, [_write_of(batch, work) for work in claimed])
    written = [(w, r) for w, r in zip(claimed, results, strict=True) if isinstance(r, Written)]
    failed = [(w, r) for w, r in zip(claimed, results, strict=True) if isinstance(r, SyncError)]
    _remember(batch, written)
    release(batch, failed)


def claim(batch: Batch, works: list[Work]) -> list[Work]:
    """Make these pairs ours for the length of a lease; those that another worker holds end as Busy."""
    until = batch.ports.clock.now() + timedelta(seconds=batch.job.timing.lease_s)
    fresh = [work for work in works if _new(work)]
    known = [work for work in works if not _new(work)]
    begun = batch.ports.crossrefs.begin([_intent(batch, work, until) for work in fresh]) if fresh else []
    held = batch.ports.crossrefs.save([_claimed(batch, work, until) for work in known]) if known else []
    for work, result in zip([*fresh, *known], [*begun, *held], strict=True):
        if isinstance(result, SyncError):
            work.fail(result)
        else:
            work.pair = result
    return [work for work in works if work.outcome is None]


def _intent(batch: Batch, work: Work, until: datetime) -> Pair:
    job, source = batch.job, batch.job.flow.source
    old = work.pair
    pair = old or Pair(batch.page.shop, job.flow.kind, source, PairState.INTENT, job.flow.crm_table)
    target_id = work.target.id if work.target else job.target.new_id(work.id, pair.generation)
    ids = {source: work.id, source.other: target_id}
    return replace(
        pair,
        shopify_id=ids[Side.SHOPIFY],
        crm_id=ids[Side.CRM],
        natural_key=work.key,
        holder=batch.holder,
        lease_until=until,
        planned=_planned(work),
        attempt=pair.attempt + 1,
    )


def _claimed(batch: Batch, work: Work, until: datetime) -> Pair:
    if work.pair is None:
        raise ValueError("only a pair can be claimed")
    return replace(
        work.pair,
        state=PairState.WRITING,
        holder=batch.holder,
        lease_until=until,
        planned=_planned(work),
        attempt=work.pair.attempt + 1,
    )


def _planned(work: Work) -> dict[str, str]:
    return {path: digest(value) for path, value in work.plan.values.items()}


def _renew_if_short(batch: Batch, works: list[Work]) -> list[Work]:
    """Send only while the lease outlives the client's time-out; renew it where claiming took too long."""
    if not works:
        return []
    needed = timedelta(seconds=batch.job.timing.timeout_s * 2)
    now = batch.ports.clock.now()
    if all(work.pair and work.pair.lease_until and work.pair.lease_until - now > needed for work in works):
        return works
    until = now + timedelta(seconds=batch.job.timing.lease_s)
    results = batch.ports.crossrefs.save([replace(work.pair, lease_until=until) for work in works if work.pair])
    for work, result in zip(works, results, strict=True):
        if isinstance(result, SyncError):
            work.fail(result)
        else:
            work.pair = result
    return [work for work in works if work.outcome is None]


def _write_of(batch: Batch, work: Work) -> Write:
    adopted = work.target is not None and _new(work)
    target_id = work.pair.id_on(batch.job.flow.source.other) if work.pair else None
    action = Action.UPDATE if work.target is not None else Action.CREATE
    return Write(action, work.id, work.plan.values, id=target_id, mark=adopted, current=work.target)


def send(batch: Batch, writes: list[Write]) -> Sequence[WriteResult]:
    """One batch to the target; an error of the whole call is every write's error."""
    try:
        return batch.job.target.write(writes)
    except SyncError as error:
        return [error for _ in writes]


class _After:
    """A pair as it will be stored once a record was handled."""

    def __init__(self, pair: Pair | None, *, reverse_due: bool) -> None:
        self.pair = pair
        self.reverse_due = reverse_due


def _agreed(batch: Batch, work: Work, written: Written | None) -> _After:
    pair = work.pair
    if pair is None:
        return _After(None, reverse_due=False)
    after = agree(batch.job.scope, work.plan, sides_of(batch, work), written.record if written else None)
    return _After(_settled(batch, work, pair, after, written), reverse_due=after.reverse_due)


def _settled(batch: Batch, work: Work, pair: Pair, after: Agreement, written: Written | None) -> Pair:
    source = batch.job.flow.source
    now = batch.ports.clock.now()
    changed = written is not None or after.bases != pair.bases or pair.state is not PairState.PAIRED
    read_at = dict(pair.read_at)
    own_at = dict(pair.own_at)
    if changed and work.read_at is not None:
        read_at[source] = work.read_at
    if written is not None:
        read_at[source.other] = written.at
        if written.record.modified_at is not None:
            own_at[source.other] = written.record.modified_at
    ids: dict[Side, str | None] = {source: work.id, source.other: pair.id_on(source.other)}
    if written is not None:
        ids[source.other] = written.record.id
    return replace(
        pair,
        shopify_id=ids[Side.SHOPIFY],
        crm_id=ids[Side.CRM],
        state=PairState.PAIRED,
        holder=None,
        lease_until=None,
        planned={},
        attempt=0,
        bases=after.bases,
        moved=(pair.moved - {source.other}) | after.moved,
        read_at=read_at,
        own_at=own_at,
        mappings={**pair.mappings, **_mappings(batch, work)},
        flips=flips_after(pair, work.plan, now) if written and work.target else pair.flips,
        paired_at=pair.paired_at or now,
    )


def _mappings(batch: Batch, work: Work) -> Mapping[str, str]:
    """Which mapping each flow last applied; a record just created is settled for the reverse flow too."""
    job = batch.job
    applied = {job.flow.name: job.rules.digest}
    if work.target is None and job.reverse_rules is not None and job.flow.reverse is not None:
        applied[job.flow.reverse] = job.reverse_rules.digest
    return applied


def _remember(batch: Batch, done: list[tuple[Work, Written]]) -> None:
    fresh = [(work, written, _agreed(batch, work, written)) for work, written in done if _new(work)]
    known = [(work, written, _agreed(batch, work, written)) for work, written in done if not _new(work)]
    completed = batch.ports.crossrefs.complete([after.pair for _, _, after in fresh if after.pair]) if fresh else []
    saved = batch.ports.crossrefs.save([after.pair for _, _, after in known if after.pair]) if known else []
    for (work, written, after), result in zip([*fresh, *known], [*completed, *saved], strict=True):
        if isinstance(result, SyncError):
            work.fail(result)
            continue
        _end_written(work, written.record)
        if after.reverse_due:
            batch.queue_reverse(written.record.id)


def _end_written(work: Work, record: Record) -> None:
    created = work.target is None
    adopted = work.adopt
    work.target = record
    if created:
        work.end(Verdict.CREATED, "It did not exist on the other side.", changes=work.plan.changes)
    else:
        reason = "It was linked to the record with the same key." if adopted else "Its mapped fields changed."
        work.end(Verdict.UPDATED, reason, changes=work.plan.changes)


def release(batch: Batch, failed: list[tuple[Work, SyncError]]) -> None:
    """Lay down the claims of writes that surely did not happen; a perhaps keeps its claim until the lease is over."""
    sure = [(work, error) for work, error in failed if not isinstance(error, UnknownOutcome)]
    intents = [work for work, _ in sure if work.pair and work.pair.state is PairState.INTENT]
    others = [work for work, _ in sure if work.pair and work.pair.state is PairState.WRITING]
    if intents:
        batch.ports.crossrefs.abandon([work.pair for work in intents if work.pair])
    if others:
        batch.ports.crossrefs.save([_released(work.pair) for work in others if work.pair])
    for work, error in failed:
        if isinstance(error, UnknownOutcome) and work.pair and work.pair.lease_until:
            wait_s = (work.pair.lease_until - batch.ports.clock.now()).total_seconds() + 1
            error = UnknownOutcome(error.sentence, retry_after_s=max(1.0, wait_s), facts=error.facts)
        work.fail(error)
    fatal = next((error for _, error in failed if isinstance(error, Misconfigured)), None)
    if fatal is not None:
        raise fatal


def _released(pair: Pair) -> Pair:
    return replace(pair, state=PairState.PAIRED, holder=None, lease_until=None, planned={})


def is_final(error: SyncError) -> bool:
    """Whether trying the same record again is pointless until something changes."""
    return isinstance(error, Rejected)
