"""Steps 3, 4, 5 and 7: whether anything moved, what each record refers to, what is wanted, and the plan.

A record that is settled, or parked and unchanged since, ends here without a call to any vendor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.errors import LoopSuspected, MappingFailed, NotYet, Rejected, SyncError, TotalsDiffer
from shared.mapping.apply import cut_fields, match_keys, missing, references, wanted, wanted_lines
from shared.mapping.text import cuts
from shared.records import Origin, PairState, Side, Verdict
from shared.sync import lining
from shared.sync.bases import looping
from shared.sync.digest import fingerprint, same
from shared.sync.plan import Decision, Plan, Sides, noted, plan_record, without
from shared.sync.sent import IN_DOUBT, made_by_us, sent_to
from shared.sync.strangers import refuse_strangers
from shared.sync.telling import told_before
from shared.sync.work import Batch, Work

AGAIN = frozenset({Origin.COMMAND, Origin.RETRY, Origin.REPLAY, Origin.REVERSE})
"""Origins that try a parked record again although nothing about it changed."""

TURNS = 3
"""How often in a row a record is written that has more to be written each time, before what ends it."""


def settle(batch: Batch) -> None:
    """Step 5, as early as possible: every digest equals its base and the target is not marked: unchanged."""
    job, scope = batch.job, batch.scope
    for work in batch.open(lambda work: work.pair is not None and not work.deleted):
        pair = work.pair
        if pair is None or pair.state is not PairState.PAIRED or _differed(work):
            continue
        target_bases = pair.bases.get(scope.target, {})
        settled = (
            pair.bases.get(scope.source, {}) == work.digests
            and all(path in target_bases for path in scope.target_paths)
            and scope.target not in pair.moved
            and pair.mappings.get(job.flow.name) == job.rules.digest
        )
        if settled:
            work.end(Verdict.UNCHANGED, "Nothing that is mapped changed.")


def _differed(work: Work) -> bool:
    """Whether the two sides differed: they are compared again until they do not, though nothing about it changed."""
    return work.parked is not None and (work.parked.code == TotalsDiffer.__name__ or told_before(work))


def skip_parked(batch: Batch) -> None:
    """A parked record whose content, mapping and pairing are what they were stays parked, without a call."""
    if batch.page.origin in AGAIN:
        return
    for work in batch.open(lambda work: work.parked is not None):
        doubted = work.pair is not None and work.pair.state in IN_DOUBT
        if work.parked and not doubted and work.parked.seen == seen(batch, work):
            work.end(Verdict.PARKED, work.parked.sentence)


def seen(batch: Batch, work: Work) -> str:
    """The digest of what was parked: the record's mapped content, under this mapping, paired or not, deleted or not."""
    pair = work.claimed or work.pair  # as it was before a claim of ours
    paired = pair is not None and pair.state is PairState.PAIRED
    state = f"paired={paired} deleted={work.deleted}"
    parts = [batch.job.rules.digest, state, *(f"{path}={text}" for path, text in sorted(work.digests.items()))]
    return fingerprint(parts)


def compute(batch: Batch) -> None:
    """Steps 3 and 4: references through pairs, then the wanted values."""
    needed = _references(batch)
    works = batch.open(lambda work: not work.deleted)
    if not works:
        return
    found = batch.job.resolve(needed) if needed else {}
    constants = batch.job.constants()
    for work in works:
        try:
            _compute_one(batch, work, found, constants)
        except (MappingFailed, NotYet) as error:
            work.fail(error)


def _references(batch: Batch) -> set[tuple[str, str]]:
    needed: set[tuple[str, str]] = set()
    for work in batch.open(lambda work: work.record is not None):
        try:
            needed |= references(batch.job.rules, work.record.content) if work.record else set()
        except MappingFailed as error:
            work.fail(error)
    return needed


def _compute_one(batch: Batch, work: Work, found: Mapping[tuple[str, str], str], constants: Mapping[str, Any]) -> None:
    if work.record is None:
        return
    if absent := missing(batch.job.rules, work.record.content, found):
        named = ", ".join(f"{kind} {record_id}" for kind, record_id in sorted(absent)[:3])
        raise NotYet(f"It refers to what has no pair yet: {named}.", facts={"waits_for": sorted(absent)})
    rules, content, before = batch.job.rules, work.record.content, cuts()
    work.wanted = wanted(rules, content, constants=constants, references=found)
    work.wanted_lines = wanted_lines(rules, content, constants=constants, references=found)
    if cuts() != before:
        work.cut = cut_fields(rules, content, constants=constants, references=found)
    work.keys = match_keys(batch.job.rules, work.record.content, work.wanted)


def plan(batch: Batch) -> None:
    """Step 7: the plan of every record, and the breaker that stops a field from going back and forth."""
    job, now = batch.job, batch.ports.clock.now()
    lining.load(batch)
    for work in batch.open(lambda work: not work.deleted):
        work.sides = _sides(batch, work)
        work.plan = _possible(batch, work, plan_record(job.rules.fields, work.wanted, work.sides))
        lining.plan(batch, work, work.sides)
        work.plan = noted(work.plan, work.cut)
        if work.plan.error is not None:
            work.fail(work.plan.error)
            continue
        if (differs := _last(batch, work)) is not None:
            work.fail(differs)
            continue
        try:
            closed = _closed(batch, work)
        except Rejected as error:  # a person has to say what is meant
            work.fail(error)
            continue
        if closed:
            work.end(Verdict.SKIPPED, closed, changes=work.plan.changes)
            continue
        field = looping(work.pair, work.plan, batch.scope, now, job.timing.flip_limit)
        if field is not None:
            _break_loop(batch, work, field)
        work.retires = _retires(batch, work)
    refuse_strangers(batch)


def _retires(batch: Batch, work: Work) -> bool:
    """Whether an update takes a paired counterpart out of use, as it would be if its record were deleted.

    One that is only about to be linked is not counted: nobody took it out of use, it is found so.
    """
    values, linked = batch.job.rules.deleted or {}, work.pair is not None and work.pair.state is not PairState.INTENT
    return linked and any(path in values and same(values[path], value) for path, value in work.plan.values.items())


def _possible(batch: Batch, work: Work, planned: Plan) -> Plan:
    """The plan without what the state of the target makes pointless."""
    moot = batch.job.beside.moot
    if moot is None or work.target is None:
        return planned
    return without(planned, batch.job.rules.fields, moot(work.target, planned.values), Decision.MOOT)


def _last(batch: Batch, work: Work) -> SyncError | None:
    """What ends a record is written alone, once all else was read back and agrees: nothing can be mended after it.

    Until then it is left out, and the record comes back once the rest is written. One that still has other changes
    after some turns is left open and parked: a target that changes every value must not keep it coming back.
    """
    beside, plan = batch.job.beside, work.plan
    ending = plan.values.keys() & beside.last
    if not ending or work.record is None:
        return None
    others = plan.values.keys() - beside.last or plan.collections - beside.rows
    if work.target is not None and not others:
        return beside.verify(work.record, work.target) if beside.verify else None
    if work.target is not None and batch.page.turn >= TURNS:
        named = ", ".join(sorted(others))
        return LoopSuspected(
            f"It was written {TURNS} times and differs again ({named}): in {batch.scope.target.value} it stays open. "
            "Find what changes it, or give these fields one owner in the mapping; then `parked retry`.",
            facts={"fields": sorted(others)},
        )
    work.plan = without(plan, batch.job.rules.fields, beside.last, Decision.LAST)
    work.unended = {path: plan.values[path] for path in ending}
    return None


def _closed(batch: Batch, work: Work) -> str:
    """Why the target takes nothing now. Its bases stay as they are: the change is seen again when it opens."""
    if work.target is None or not (work.writes or work.adopt):
        return ""
    # a change of a line's row is a change of the record, and what waits for this write is meant as well
    lines = {to: tuple(each for each in work.lines.writes if each.to == to) for to in work.plan.collections}
    changed = {**lines, **work.plan.values, **work.unended}
    return batch.job.target.closed(work.target, changed)


def _sides(batch: Batch, work: Work) -> Sides:
    """One work as the planner sees it. An intent has agreed on nothing yet, but says what was sent."""
    if work.record is None:
        raise ValueError("a record without content has no plan")
    pair = work.pair
    agreed = pair if pair is not None and pair.state is not PairState.INTENT else None
    mapped = agreed.mappings.get(batch.job.flow.name) if agreed else None
    return Sides(
        source_side=batch.scope.source,
        source=work.record,
        target=work.target,
        pair=agreed,
        source_digests=work.digests,
        mapping_changed=mapped is not None and mapped != batch.job.rules.digest,
        sent={side: sent_to(pair, side) for side in Side},
        made=pair is not None and made_by_us(pair),
    )


def _break_loop(batch: Batch, work: Work, field: str) -> None:
    if not work.live:
        work.fail(NotYet(f"Field '{field}' went back and forth; both sides are read again first.", retry_after_s=60))
        return
    work.fail(
        LoopSuspected(
            f"Field '{field}' went back and forth {batch.job.timing.flip_limit} times within an hour. Something else "
            f"writes it: find it in the record's history, or give the field one owner in the mapping.",
            facts={"field": field},
        )
    )
