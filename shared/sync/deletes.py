"""What happens when a paired record is gone on its source side: its counterpart is retired, the pair laid to rest.

Only deletes that an event or a full listing named come here, and each was confirmed by a read of its own. More than
a tenth of a kind (and more than twenty) within a day pause the flow and ask: a wiped catalogue is not news. Updates
that retire a counterpart (its record was archived, or retired) count with them. All are counted before anything is
written, and what surely did not happen is taken back behind it: who dies between leaves them counted.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from shared.errors import Retryable, SyncError, TooManyDeletes
from shared.mapping.paths import get
from shared.records import Action, Pair, PairState, Verdict, Write, Written
from shared.sync import lining
from shared.sync.claiming import claim, is_new, release
from shared.sync.digest import same
from shared.sync.work import Batch, Work
from shared.sync.writing import chunks, send, spend

SHARE = 0.10
FLOOR = 20


def lay_to_rest(batch: Batch) -> None:
    """Retire the counterparts of confirmed deletes and turn their pairs into tombstones.

    Raises TooManyDeletes before anything of the page is written, by what follows this step too.
    """
    works = _paired(batch)
    retiring = frozenset(work.id for work in (*works, *batch.open(lambda work: work.retires)))
    if retiring:
        _guard(batch, retiring)
    if not works:
        return
    _read_targets(batch, works)
    _forget_unborn(batch, works)
    works = [work for work in works if work.outcome is None]
    to_retire = [work for work in works if _to_write(batch, work)]
    rest = [work for work in works if not _to_write(batch, work)]
    for chunk in chunks(batch, to_retire):
        rest.extend(_retire(batch, chunk))
    _bury(batch, rest)


def would_rest(batch: Batch) -> None:
    """The same decision without writing: what a dry run reports."""
    for work in _paired(batch):
        work.end(Verdict.RETIRED, "It was deleted; its counterpart would be retired.")


def _paired(batch: Batch) -> list[Work]:
    return batch.open(lambda work: work.deleted and work.record is None and work.pair is not None)


def _guard(batch: Batch, retiring: frozenset[str]) -> None:
    """Count them, and stop where they are too many. The kind's size is asked for where the one that is known stops."""
    flow, shop, now, ports = batch.job.flow, batch.page.shop, batch.ports.clock.now(), batch.ports
    recent, size = ports.retirements.add(shop, flow.name, now, len(retiring))
    batch.reserved = (retiring, now)
    if recent <= max(FLOOR, SHARE * size) or ports.switches.deletes_accepted(flow.name, now):
        return
    size = sum(1 for pair in ports.crossrefs.scan(shop, flow.kind) if pair.state is not PairState.TOMBSTONE)
    if recent > SHARE * size:
        raise TooManyDeletes(
            f"{recent} of {size} {flow.kind} were deleted, retired or archived in {flow.source.value} within 24 hours. "
            f"The last {len(retiring)} were left as they are. "
            f"If this is meant: python -m ops resume {flow.name} --accept",
            facts={"deleted": recent, "of": size},
        )
    ports.retirements.add(shop, flow.name, now, 0, size=size)


def take_back(batch: Batch) -> None:
    """What was counted and surely did not happen counts no more. Where that cannot be stored it goes on counting."""
    if batch.reserved is None:
        return
    ids, at = batch.reserved
    if undone := len(ids - batch.spent):
        with suppress(Retryable):
            batch.ports.retirements.add(batch.page.shop, batch.job.flow.name, at, -undone)


def _read_targets(batch: Batch, works: list[Work]) -> None:
    """The counterparts by id, and those of creates whose answer was lost by their mark."""
    side = batch.scope.target
    ids = {work.id: target_id for work in works if work.pair and (target_id := work.pair.id_on(side))}
    reading = batch.job.target.read(sorted(set(ids.values()))) if ids else None
    for work in works:
        target_id = ids.get(work.id)
        work.target = reading.records.get(target_id) if reading and target_id else None
    lost = [work for work in works if work.target is None and is_new(work)]
    found = batch.job.target.marked([work.id for work in lost]) if lost else {}
    for work in lost:
        work.target = found.get(work.id)


def _forget_unborn(batch: Batch, works: list[Work]) -> None:
    """An intent whose record was never made on the other side is taken back: there is nothing to retire."""
    unborn = [work for work in works if is_new(work) and work.target is None]
    lining.forget(batch, unborn)
    results = batch.ports.crossrefs.abandon([work.pair for work in unborn if work.pair]) if unborn else []
    for work, result in zip(unborn, results, strict=True):
        if isinstance(result, SyncError):
            work.fail(result)
        else:
            work.end(Verdict.SKIPPED, "It was deleted before it was created on the other side.")


def _to_write(batch: Batch, work: Work) -> bool:
    """Whether the counterpart exists and does not say already what a retired one says."""
    values, target = batch.job.rules.deleted, work.target
    if values is None or target is None:
        return False
    return is_new(work) or not all(same(value, get(target.content, path)) for path, value in values.items())


def _retire(batch: Batch, works: list[Work]) -> list[Work]:
    """Write the retiring values; returns the works whose pairs can be laid to rest now."""
    claimed = claim(batch, works)
    values = batch.job.rules.deleted or {}
    writes = [
        Write(Action.RETIRE, work.id, values, id=work.target.id if work.target else None, current=work.target)
        for work in claimed
    ]
    results = list(zip(claimed, send(batch, writes), strict=True))
    spend(batch, results)
    release(batch, [(work, result) for work, result in results if isinstance(result, SyncError)])
    return [work for work, result in results if isinstance(result, Written)]


def _bury(batch: Batch, works: list[Work]) -> None:
    """Tombstones; an intent becomes one by the transaction that completes it, because it has no pair row yet."""
    batch.spent.update(work.id for work in works)
    lining.forget(batch, works)
    fresh, known = [work for work in works if is_new(work)], [work for work in works if not is_new(work)]
    completed = batch.ports.crossrefs.complete([_tombstone(work) for work in fresh]) if fresh else []
    saved = batch.ports.crossrefs.save([_tombstone(work) for work in known]) if known else []
    for work, result in zip([*fresh, *known], [*completed, *saved], strict=True):
        if isinstance(result, SyncError):
            work.fail(result)
            continue
        gone = "" if work.target is not None else " Its counterpart was gone already."
        work.end(Verdict.RETIRED, f"It was deleted in {batch.scope.source.value}.{gone}")


def _tombstone(work: Work) -> Pair:
    if work.pair is None:
        raise ValueError("only a pair can be laid to rest")
    return replace(
        work.pair,
        state=PairState.TOMBSTONE,
        natural_key=None,
        holder=None,
        lease_until=None,
        planned={},
        bases={},
        flips={},
        moved=frozenset(),
    )
