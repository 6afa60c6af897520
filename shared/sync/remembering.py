"""Step 9: what a pair says once its record was handled: bases, moments, mappings, and whether the other flow is due.

The reverse flow is only woken where it would write something: its plan is made here, from what is known, and where
it is empty both sides agree on everything. That keeps two flows from waking each other for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.errors import MappingFailed, SyncError
from shared.mapping.apply import skip_reason, wanted
from shared.records import Pair, PairState, Record, Side, Verdict, Written
from shared.sync import lining
from shared.sync.bases import Agreement, agree, agree_wholly, flips_after
from shared.sync.claiming import is_new
from shared.sync.digest import digests
from shared.sync.looking import LANDED
from shared.sync.plan import Sides, plan_record
from shared.sync.sent import sending
from shared.sync.work import Batch, Work

TRIES = 3
"""How often a late write is told to a pair that others are changing."""


@dataclass(frozen=True, slots=True)
class _After:
    """A pair as it will be stored once a record was handled."""

    pair: Pair
    reverse_due: bool
    again: bool = False


def remember_quiet(batch: Batch, works: list[Work]) -> None:
    """Unchanged records cost a row only where their bases or marks moved, or a claim has to be laid down."""
    lost = lining.settle(batch, [(work, None) for work in works])
    after = [(work, _after(batch, work, None)) for work in works if work.id not in lost]
    changed = [(work, then) for work, then in after if then.pair != work.pair]
    results = batch.ports.crossrefs.save([then.pair for _, then in changed]) if changed else []
    for (work, _), result in zip(changed, results, strict=True):
        if isinstance(result, SyncError):
            work.fail(result)
    for work, then in after:
        if work.outcome is None:
            work.end(Verdict.UNCHANGED, "Both sides hold what they should.", changes=work.plan.changes)
            _verify(batch, work)
            _wake(batch, work, then)


def remember(batch: Batch, done: Sequence[tuple[Work, Written | None]]) -> None:
    """Store the pairs of records that were written; an adoption of which nothing had to be sent comes with None."""
    lost = lining.settle(batch, done)
    after = [(work, written, _after(batch, work, written)) for work, written in done if work.id not in lost]
    fresh = [entry for entry in after if is_new(entry[0])]
    known = [entry for entry in after if not is_new(entry[0])]
    completed = batch.ports.crossrefs.complete([then.pair for _, _, then in fresh]) if fresh else []
    saved = batch.ports.crossrefs.save([then.pair for _, _, then in known]) if known else []
    late: list[Work] = []
    for (work, written, then), result in zip([*fresh, *known], [*completed, *saved], strict=True):
        if isinstance(result, SyncError):
            work.fail(result)
            late.append(work)
            continue
        _end_written(work, written)
        _verify(batch, work)
        _wake(batch, work, then)
    confess(batch, late)


def confess(batch: Batch, late: list[Work]) -> None:
    """Say on the pair what was written although its claim had been lost, or it would pass for somebody's edit.

    CRM refuses such a write by its ETag; Shopify takes it. A worker that dies before it gets here leaves that edit
    standing: docs/architecture.md names the window.
    """
    if not late or batch.scope.target is not Side.SHOPIFY:
        return
    refs, now = batch.ports.crossrefs, batch.ports.clock.now()
    left = {work.id: work for work in late}
    for _ in range(TRIES):
        pairs = refs.load(batch.page.shop, batch.job.flow.kind, batch.scope.source, list(left))
        told = []
        for work_id, pair in pairs.items():
            said = sending(pair, batch.scope.target, left[work_id].plan.values, create=False)
            if pair.state is PairState.PAIRED:
                pair = replace(pair, state=PairState.WRITING, holder=batch.holder, lease_until=now)
            if pair.state is PairState.WRITING:
                told.append((work_id, replace(pair, planned=said)))
        results = refs.save([pair for _, pair in told]) if told else []
        failed = [work_id for (work_id, _), result in zip(told, results, strict=True) if isinstance(result, SyncError)]
        left = {work_id: left[work_id] for work_id in failed}
        if not left:
            return


def _wake(batch: Batch, work: Work, then: _After) -> None:
    if then.reverse_due and work.target is not None:
        batch.queue_reverse(work.target.id)
    if then.again or work.unended:
        batch.again[work.id] = None


def _verify(batch: Batch, work: Work) -> None:
    """What was written stays; where its totals are not the source's the record is parked with both."""
    differs = _differs(batch, work, work.target)
    if differs is not None:
        work.fail(differs)


def _differs(batch: Batch, work: Work, target: Record | None) -> SyncError | None:
    check = batch.job.beside.verify
    return check(work.record, target) if check and work.record and target else None


def _end_written(work: Work, written: Written | None) -> None:
    created = work.target is None or work.adopt == LANDED
    reason = work.adopt or ("It did not exist on the other side." if created else "Its mapped fields changed.")
    work.target = written.record if written else work.target
    verdict = Verdict.CREATED if created else Verdict.RETIRED if work.retires else Verdict.UPDATED
    work.end(verdict, reason + work.shortened, changes=work.plan.changes)


def _after(batch: Batch, work: Work, written: Written | None) -> _After:
    pair, sides = work.pair, work.sides
    if pair is None or sides is None:
        raise ValueError("only a planned pair can be remembered")
    record = written.record if written else None
    agreement = agree(batch.scope, work.plan, sides, record)
    idle = not agreement.reverse_due
    if agreement.reverse_due and _reverse_idle(batch, pair, agreement, sides, record):
        agreement, idle = agree_wholly(batch.scope, work.plan, sides, record), True
    applied = {batch.job.flow.name: batch.job.rules.digest}
    reverse = batch.job.reverse_rules
    if idle and sides.target is None and reverse is not None:
        applied[reverse.flow] = reverse.digest  # a record just made from this one is settled for the other flow too
    stored = replace(_stored(batch, work, agreement, written), mappings={**pair.mappings, **applied})
    if agreement.doubtful and pair.state is PairState.WRITING:
        there = {key: sent for key, sent in pair.planned.items() if key.startswith(f"{batch.scope.source.value} ")}
        until = batch.ports.clock.now()
        stored = replace(stored, state=pair.state, holder=batch.holder, lease_until=until, planned=there)
    return _After(stored, agreement.reverse_due, agreement.again)


def _stored(batch: Batch, work: Work, agreement: Agreement, written: Written | None) -> Pair:
    pair, source, target = work.pair, batch.scope.source, batch.scope.target
    if pair is None:
        raise ValueError("only a pair can be stored")
    now = batch.ports.clock.now()
    read_at, own_at = dict(pair.read_at), dict(pair.own_at)
    # whoever dies before it is parked leaves a pair that is looked at again
    differs = _differs(batch, work, written.record if written else work.target)
    doubted = frozenset({target} if differs is not None else ())
    changed = written is not None or agreement.bases != pair.bases or pair.state is not PairState.PAIRED
    if changed and work.read_at is not None:
        read_at[source] = _later(read_at.get(source), work.read_at)
    if written is not None:
        read_at[target] = _later(read_at.get(target), written.at)
        if written.record.modified_at is not None:
            own_at[target] = written.record.modified_at
    ids = {source: work.id, target: written.record.id if written else pair.id_on(target)}
    return replace(
        pair,
        shopify_id=ids[Side.SHOPIFY],
        crm_id=ids[Side.CRM],
        natural_key=None,
        state=PairState.PAIRED,
        holder=None,
        lease_until=None,
        planned={},
        attempt=0,
        bases=agreement.bases,
        moved=(pair.moved - {target}) | agreement.moved | doubted,
        read_at=read_at,
        own_at=own_at,
        flips=flips_after(pair, work.plan, batch.scope, now) if written and work.target else pair.flips,
        paired_at=pair.paired_at or now,
    )


def _later(known: datetime | None, new: datetime) -> datetime:
    return new if known is None else max(known, new)


def _reverse_idle(batch: Batch, pair: Pair, agreement: Agreement, sides: Sides, after: Record | None) -> bool:
    """Whether the reverse flow, seeing both sides as they are now, would write nothing and refuse nothing."""
    rules, target = batch.job.reverse_rules, after or sides.target
    if rules is None or target is None:
        return False
    live = tuple(rule for rule in rules.fields if not rule.on_create)
    if any(rule.mapped.constant is not None or rule.mapped.pair is not None for rule in live):
        return False  # its constants and references are not at hand here
    try:
        if skip_reason(rules, target.content) is not None:
            return False
        values = wanted(replace(rules, fields=live), target.content, constants={}, references={})
    except MappingFailed:
        return False
    applied = pair.mappings.get(rules.flow)
    plan = plan_record(
        live,
        values,
        Sides(
            source_side=batch.scope.target,
            source=target,
            target=sides.source,
            pair=replace(pair, bases=agreement.bases),
            source_digests=digests(target.content, batch.scope.target_paths),
            mapping_changed=applied is not None and applied != rules.digest,
            sent=sides.sent,
        ),
    )
    return plan.error is None and not plan.values
