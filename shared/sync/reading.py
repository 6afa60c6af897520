"""Steps 1 and 2: which records of the page concern us, and which pair each belongs to.

Content from the journal is only believed while it is newer than what was applied; older content, ids without content
and records whose last write has an unknown outcome are read live, in one batch. Never applies anything.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.errors import Busy
from shared.mapping.apply import skip_reason
from shared.records import Pair, PairState, Side, Verdict
from shared.sync.digest import digests
from shared.sync.work import Batch, Work


def open_page(batch: Batch) -> None:
    """Read what the page names without content, and confirm deletes by a read of their own."""
    page = batch.page
    current = page.selection == batch.job.source.selection
    for item in page.items:
        work = Work(item.id, deleted=item.deleted)
        if item.record is not None and page.read_at is not None and current and not item.deleted:
            work.record, work.read_at = item.record, page.read_at
        batch.works.append(work)
    read_live(batch, [work for work in batch.works if work.record is None])


def read_live(batch: Batch, works: list[Work]) -> None:
    """Replace those works' content by what the source says now; what it does not know is gone."""
    if not works:
        return
    reading = batch.job.source.read([work.id for work in works])
    for work in works:
        work.record, work.read_at, work.live = reading.records.get(work.id), reading.read_at, True
        work.deleted = work.deleted and work.record is None


def accept(batch: Batch) -> None:
    """Step 1: skip what the mapping's filters name, with the reason they give."""
    for work in batch.open():
        reason = skip_reason(batch.job.rules, work.record.content) if work.record else None
        if reason is not None:
            work.end(Verdict.SKIPPED, reason)


def pair(batch: Batch) -> None:
    """Step 2: load the pairs of all records in one batch; tombstones and records held by others end here."""
    works = batch.open()
    if not works:
        return
    job, now = batch.job, batch.ports.clock.now()
    pairs = batch.ports.crossrefs.load(
        batch.page.shop,
        job.flow.kind,
        job.flow.source,
        [work.id for work in works],
        dense=batch.page.listed_from is not None,
    )
    for work in works:
        work.pair = pairs.get(work.id)
        if work.pair is None:
            _unpaired(work)
        elif work.pair.state is PairState.TOMBSTONE:
            work.end(Verdict.SKIPPED, "Its counterpart was deleted; it stays apart until a person relinks it.")
        elif _held(work.pair, batch.holder) and work.pair.lease_until and work.pair.lease_until > now:
            wait_s = (work.pair.lease_until - now).total_seconds() + 1
            work.fail(Busy("Another worker is writing this record.", retry_after_s=wait_s))


def _held(pair: Pair, holder: str) -> bool:
    return pair.state in (PairState.INTENT, PairState.WRITING) and pair.holder != holder


def _unpaired(work: Work) -> None:
    if work.record is None:
        reason = "It was deleted before it was ever paired." if work.deleted else "The source does not know this id."
        work.end(Verdict.SKIPPED, reason)


def refresh(batch: Batch) -> None:
    """Read live what is too old to be believed, or whose last write has an unknown outcome."""
    job = batch.job
    oldest = batch.ports.clock.now() - timedelta(seconds=job.timing.content_age_s)
    read_live(batch, batch.open(lambda work: not work.live and _stale(work, job.flow.source, oldest)))
    accept(batch)
    for work in batch.open():
        if work.record is not None:
            work.digests = digests(work.record.content, job.source_paths)
        elif not work.deleted:
            work.end(Verdict.SKIPPED, "The source does not know this id any more; a delete event will say so.")


def _stale(work: Work, source: Side, oldest: datetime) -> bool:
    """Whether content read earlier may be behind what was applied, or is simply too old."""
    if work.read_at is None or work.read_at < oldest:
        return True
    if work.pair is None:
        return False
    applied = work.pair.read_at.get(source)
    in_doubt = work.pair.state in (PairState.INTENT, PairState.WRITING)
    return in_doubt or (applied is not None and work.read_at <= applied)
