"""What happens when a paired record is gone on its source side: its counterpart is retired, the pair laid to rest.

Only deletes that an event or a full listing named come here, and each was confirmed by a read of its own. More than
a tenth of a kind (and more than twenty) within a day pause the flow and ask: a wiped catalogue is not news.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from shared.errors import Invalid, SyncError, TooManyDeletes
from shared.records import Action, Pair, PairState, Verdict, Write, Written
from shared.sync.work import Batch, Work
from shared.sync.writing import claim, release, send

SHARE = 0.10
FLOOR = 20
WINDOW = timedelta(hours=24)


def lay_to_rest(batch: Batch) -> None:
    """Retire the counterparts of confirmed deletes and turn their pairs into tombstones."""
    works = _paired(batch)
    if not works:
        return
    _guard(batch, len(works))
    _read_targets(batch, works)
    values = batch.job.rules.deleted
    to_retire = [work for work in works if work.target is not None and values is not None]
    rest = [work for work in works if work.target is None or values is None]
    for start in range(0, len(to_retire), max(1, batch.job.target.batch_size)):
        rest.extend(_retire(batch, to_retire[start : start + max(1, batch.job.target.batch_size)]))
    _bury(batch, rest)


def would_rest(batch: Batch) -> None:
    """The same decision without writing: what a dry run reports."""
    for work in _paired(batch):
        work.end(Verdict.RETIRED, "It was deleted; its counterpart would be retired.")


def _paired(batch: Batch) -> list[Work]:
    return batch.open(lambda work: work.deleted and work.record is None and work.pair is not None)


def _guard(batch: Batch, more: int) -> None:
    flow, shop, now = batch.job.flow, batch.page.shop, batch.ports.clock.now()
    rows = batch.ports.runs.last(shop, flow.name, 1000)
    recent = more + sum(row.counts.get("retired", 0) for row in rows if now - row.started_at < WINDOW)
    if recent <= FLOOR or batch.ports.switches.deletes_accepted(flow.name, now):
        return
    size = sum(1 for pair in batch.ports.crossrefs.scan(shop, flow.kind) if pair.state is not PairState.TOMBSTONE)
    if recent > SHARE * size:
        raise TooManyDeletes(
            f"{recent} of {size} {flow.kind} were deleted in {flow.source.value} within 24 hours. Nothing was retired. "
            f"If this is meant: python -m ops resume {flow.name} --accept",
            facts={"deleted": recent, "of": size},
        )


def _read_targets(batch: Batch, works: list[Work]) -> None:
    side = batch.job.flow.source.other
    ids = {work.id: target_id for work in works if work.pair and (target_id := work.pair.id_on(side))}
    reading = batch.job.target.read(sorted(ids.values())) if ids else None
    for work in works:
        target_id = ids.get(work.id)
        work.target = reading.records.get(target_id) if reading and target_id else None


def _retire(batch: Batch, works: list[Work]) -> list[Work]:
    """Write the retiring values; returns the works whose pairs can be laid to rest now."""
    claimed = claim(batch, works)
    values = batch.job.rules.deleted or {}
    writes = [
        Write(Action.RETIRE, work.id, values, id=work.target.id if work.target else None, current=work.target)
        for work in claimed
    ]
    results = send(batch, writes) if writes else []
    done: list[Work] = []
    failed: list[tuple[Work, SyncError]] = []
    for work, result in zip(claimed, results, strict=True):
        if isinstance(result, Written | Invalid):
            done.append(work)
        if isinstance(result, Invalid):
            work.end(Verdict.SKIPPED, result.sentence)
        elif isinstance(result, SyncError):
            failed.append((work, result))
    release(batch, failed)
    return done


def _bury(batch: Batch, works: list[Work]) -> None:
    pairs = [_tombstone(work) for work in works]
    results = batch.ports.crossrefs.save(pairs) if pairs else []
    for work, result in zip(works, results, strict=True):
        if isinstance(result, SyncError):
            work.outcome = None
            work.fail(result)
        elif work.outcome is None:
            kept = "" if work.target is not None else " Its counterpart was gone already."
            work.end(Verdict.RETIRED, f"It was deleted in {batch.job.flow.source.value}.{kept}")


def _tombstone(work: Work) -> Pair:
    if work.pair is None:
        raise ValueError("only a pair can be laid to rest")
    return replace(
        work.pair,
        state=PairState.TOMBSTONE,
        holder=None,
        lease_until=None,
        planned={},
        bases={},
        flips={},
        moved=frozenset(),
    )
