"""Steps 1 and 2: which pair each record of the page belongs to, what it says now, and whether it concerns us.

Pairs are loaded first: content is only believed when it was read after everything that was applied, so whatever may
be older, came without content, or belongs to a pair in doubt is read live in one batch after that. Filters therefore
judge the content that will be applied. Never applies anything.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.errors import Busy, MappingFailed
from shared.mapping.apply import skip_reason
from shared.records import Pair, PairState, Side, Verdict
from shared.sync.digest import digests
from shared.sync.flow import Begun, Incomplete
from shared.sync.sent import IN_DOUBT
from shared.sync.work import Batch, Work

MANY = 20
"""Ids from which one range of pairs is tried before single reads: a row in a range costs a 36th of a read."""

SOON_S = 5.0
"""A claim is usually laid down within seconds; only a crash leaves it standing to the end of its lease."""


def open_page(batch: Batch) -> None:
    """A work per record of the page; content read under another selection, or named as deleted, is not believed."""
    page = batch.page
    believed = page.selection == batch.job.source.selection and page.read_at is not None
    for item in page.items:
        work = Work(item.id, deleted=item.deleted)
        if item.record is not None and believed and not item.deleted:
            work.record, work.read_at = item.record, page.read_at
        batch.works.append(work)


def pair(batch: Batch) -> None:
    """Step 2: load pairs and parked rows in one batch each; tombstones and records held by others end here."""
    job, now = batch.job, batch.ports.clock.now()
    ids = [work.id for work in batch.works]
    pairs = batch.ports.crossrefs.load(
        batch.page.shop, job.flow.kind, job.flow.source, ids, dense=len(ids) > MANY, table=job.flow.crm_table
    )
    parked = batch.ports.parked.known(batch.page.shop, job.flow.name, ids)
    for work in batch.works:
        work.pair, work.parked = pairs.get(work.id), parked.get(work.id)
        if work.pair is None:
            continue
        if work.pair.state is PairState.TOMBSTONE:
            work.end(Verdict.SKIPPED, "Its counterpart was deleted; it stays apart until a person relinks it.")
        elif (busy := held(work.pair, now)) is not None:
            work.fail(busy)


def held(pair: Pair, now: datetime) -> Busy | None:
    """Busy while another worker's claim on this pair lasts."""
    if pair.state not in IN_DOUBT or pair.lease_until is None or pair.lease_until <= now:
        return None
    left_s = (pair.lease_until - now).total_seconds() + 1
    return Busy("Another worker is writing this record.", retry_after_s=min(left_s, SOON_S))


def refresh(batch: Batch) -> None:
    """Read live what has no content, or content that is too old to be believed; end what does not exist."""
    source = batch.job.flow.source
    oldest = batch.ports.clock.now() - timedelta(seconds=batch.job.timing.content_age_s)
    stale = batch.open(lambda work: _stale(work, source, oldest))
    for work in stale:
        if _satisfied(work, source, batch.page.seen_at):
            work.end(Verdict.UNCHANGED, "It was read and applied after the event that names it.")
    _read_live(batch, [work for work in stale if work.outcome is None])
    _complete(batch)
    paths = batch.job.source_paths
    for work in batch.open():
        if work.record is not None:
            work.digests = digests(work.record.content, paths)
        else:
            _gone(batch, work)


def _complete(batch: Batch) -> None:
    """Add what the mapping reads besides the record; what cannot be completed ends here with its reason."""
    works = batch.open(lambda work: work.record is not None)
    complete = batch.job.beside.complete
    if complete is None or not works:
        return
    source = batch.job.flow.source
    begun = [_begun(work, source, batch.page.tried_at) for work in works]
    completed = complete([work.record for work in works if work.record is not None], begun)
    for work, made in zip(works, completed, strict=True):
        if isinstance(made, Incomplete):
            work.record = made.record
            _leave_incomplete(batch, work, made)
        else:
            work.record = made


def _begun(work: Work, source: Side, tried_at: datetime | None) -> Begun:
    if work.pair is None:
        return Begun(tried_at=tried_at)
    return Begun(work.pair.chosen, work.pair.read_at.get(source), tried_at)


def _leave_incomplete(batch: Batch, work: Work, made: Incomplete) -> None:
    """It is skipped where what is known of it is enough for that: nobody waits for, or mends, what is left alone."""
    try:
        reason = skip_reason(batch.job.rules, made.record.content, partly=True)
    except MappingFailed:
        reason = None
    if reason is None:
        work.fail(made.error)
    else:
        work.end(Verdict.SKIPPED, reason)


def _satisfied(work: Work, source: Side, seen_at: datetime | None) -> bool:
    """Whether what the message tells was applied already: the pair is at rest, and read later than that moment."""
    if seen_at is None or work.pair is None or work.parked is not None or work.deleted:
        return False
    applied = work.pair.read_at.get(source)
    return work.pair.state is PairState.PAIRED and not work.pair.moved and applied is not None and applied > seen_at


def _stale(work: Work, source: Side, oldest: datetime) -> bool:
    """Whether the content may be behind what was applied, or tried and parked, or is simply too old."""
    if work.record is None or work.read_at is None or work.read_at < oldest:
        return True
    if work.parked is not None and work.read_at < work.parked.last_at:
        return True
    if work.pair is None:
        return False
    applied = work.pair.read_at.get(source)
    return work.pair.state in IN_DOUBT or (applied is not None and work.read_at <= applied)


def _read_live(batch: Batch, works: list[Work]) -> None:
    """Replace those works' content by what the source says now; only what it does not know can be deleted."""
    if not works:
        return
    reading = batch.job.source.read([work.id for work in works])
    for work in works:
        work.record, work.read_at, work.live = reading.records.get(work.id), reading.read_at, True
        work.deleted = work.record is None and (work.deleted or _parked_delete(work))


def _parked_delete(work: Work) -> bool:
    """Whether this record waits, parked, as a delete: it stays one until the source knows the record again."""
    return work.parked is not None and bool(work.parked.facts.get("deleted"))


def _gone(batch: Batch, work: Work) -> None:
    """What is not there and waits, parked, goes on waiting: only a delete, or one that nobody ever knew, ends that."""
    if work.parked is not None and not work.deleted and (work.pair is not None or _hides(batch)):
        work.end(Verdict.PARKED, f"{work.parked.sentence} The source does not show it now.")
    elif work.pair is None:
        reason = "It was deleted before it was ever paired." if work.deleted else "The source does not know this id."
        work.end(Verdict.SKIPPED, reason)
    elif not work.deleted:
        work.end(Verdict.SKIPPED, "The source does not know this id any more; a delete event will say so.")


def _hides(batch: Batch) -> bool:
    """Whether the source has records that it does not show us."""
    whole = batch.job.beside.whole
    return whole is not None and not whole()


def accept(batch: Batch) -> None:
    """Step 1: skip what the mapping's filters name, with the reason they give, and what this flow never makes."""
    for work in batch.open():
        if work.record is None:
            continue
        if not batch.job.flow.creates and work.pair is None and work.record.marker is None:
            work.end(Verdict.SKIPPED, "It was not made from the other side, and this flow makes nothing there.")
            continue
        try:
            reason = skip_reason(batch.job.rules, work.record.content)
        except MappingFailed as error:
            work.fail(error)
            continue
        if reason is not None:
            work.end(Verdict.SKIPPED, reason)
