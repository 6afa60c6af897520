"""Steps 3 to 7: what each record refers to, what is wanted, whether anything moved, what the target holds, the plan.

Everything is asked for in one batch per page. Candidates for adoption are searched by the natural key on both
sides; two of them on either side park every record concerned, never the first hit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.errors import Ambiguous, LoopSuspected, MappingFailed, NotYet, SyncError
from shared.mapping.apply import match_key, references, wanted
from shared.records import Origin, PairState, Record, Side, Verdict
from shared.sync.bases import looping
from shared.sync.digest import canonical, fingerprint
from shared.sync.plan import Sides, plan_record
from shared.sync.work import Batch, Work

AGAIN = frozenset({Origin.COMMAND, Origin.RETRY, Origin.REPLAY})
"""Origins that try a parked record again although nothing about it changed."""


def settle(batch: Batch) -> None:
    """Step 5, as early as possible: every digest equals its base and the target is not marked: unchanged."""
    job = batch.job
    target_paths = job.scope.target_paths
    for work in batch.open(lambda work: work.pair is not None and not work.deleted):
        pair = work.pair
        if pair is None or pair.state is not PairState.PAIRED:
            continue
        target_bases = pair.bases.get(job.flow.source.other, {})
        settled = (
            pair.bases.get(job.flow.source, {}) == work.digests
            and all(path in target_bases for path in target_paths)
            and job.flow.source.other not in pair.moved
            and pair.mappings.get(job.flow.name) == job.rules.digest
        )
        if settled:
            work.end(Verdict.UNCHANGED, "Nothing that is mapped changed.")


def skip_parked(batch: Batch) -> None:
    """A parked record whose content and mapping are what they were stays parked, without a call."""
    works = batch.open()
    known = batch.ports.parked.known(batch.page.shop, batch.job.flow.name, [work.id for work in works])
    for work in works:
        work.parked = known.get(work.id)
        if work.parked and batch.page.origin not in AGAIN and work.parked.seen == seen(batch, work):
            work.end(Verdict.PARKED, work.parked.sentence)


def seen(batch: Batch, work: Work) -> str:
    """The digest of what was parked: the record's mapped content under this mapping."""
    parts = [batch.job.rules.digest, *(f"{path}={text}" for path, text in sorted(work.digests.items()))]
    return fingerprint(parts)


def compute(batch: Batch) -> None:
    """Steps 3 and 4: references through pairs, then the wanted values."""
    works = batch.open(lambda work: not work.deleted)
    if not works:
        return
    job = batch.job
    needed = {work.id: references(job.rules, work.record.content) for work in works if work.record}
    asked = {reference for wants in needed.values() for reference in wants}
    found = job.resolve(asked) if asked else {}
    constants = job.constants()
    for work in works:
        try:
            _compute_one(batch, work, found, constants)
        except (MappingFailed, NotYet) as error:
            work.fail(error)


def _compute_one(batch: Batch, work: Work, found: Mapping[tuple[str, str], str], constants: Mapping[str, Any]) -> None:
    if work.record is None:
        return
    work.wanted = wanted(batch.job.rules, work.record.content, constants=constants, references=found)
    work.key = match_key(batch.job.rules, work.wanted)


def look(batch: Batch) -> None:
    """Step 6: the targets of all records, by pair, by mark, and for the rest by natural key on both sides."""
    job = batch.job
    works = batch.open(lambda work: not work.deleted)
    known = {work.id: target_id for work in works if (target_id := _target_id(batch, work))}
    reading = job.target.read(sorted(set(known.values()))) if known else None
    for work in works:
        target_id = known.get(work.id)
        if target_id is None or reading is None:
            continue
        work.target = reading.records.get(target_id)
        if work.target is None:
            _target_gone(batch, work, target_id)
    _find_by_mark(batch)
    _find_by_key(batch)
    _check_adopted(batch)


def _target_id(batch: Batch, work: Work) -> str | None:
    side = batch.job.flow.source.other
    if work.pair is not None:
        return work.pair.id_on(side)
    if work.record is not None and work.record.marker:
        work.adopt = True
        return work.record.marker
    return None


def _target_gone(batch: Batch, work: Work, target_id: str) -> None:
    if work.pair is not None and work.pair.state is PairState.INTENT:
        return  # the create never happened: it is simply sent now
    if work.pair is None:
        work.fail(
            Ambiguous(
                "The record carries the mark of a counterpart that does not exist any more. Clear the mark to have "
                "it sent as new, or link it by `pairs relink`.",
                facts={"marker": target_id},
            )
        )
        return
    batch.reverse_deleted[target_id] = None
    work.end(Verdict.SKIPPED, "Its counterpart is gone; the other flow confirms that and lays the pair to rest.")


def _find_by_mark(batch: Batch) -> None:
    """Targets that carry our record's id: left by a create whose answer never came, or by lost state."""
    works = batch.open(lambda work: work.target is None and not work.deleted)
    in_doubt = [work for work in works if work.pair is not None]
    if not in_doubt:
        return
    found = batch.job.target.marked([work.id for work in in_doubt])
    for work in in_doubt:
        work.target = found.get(work.id)


def _find_by_key(batch: Batch) -> None:
    rule = batch.job.rules.match
    works = batch.open(lambda work: work.target is None and work.pair is None and work.key is not None)
    if rule is None or not works:
        return
    keys = sorted({work.key for work in works if work.key})
    there = _index(batch.job.target.find(rule.target_path, keys))
    here = _index(batch.job.source.find(rule.source_path, keys))
    for work in works:
        key = canonical(work.key)
        candidates = there.get(key, [])
        twins = {record.id for record in here.get(key, [])} - {work.id}
        if twins or len(candidates) > 1:
            work.fail(_ambiguous(batch.job.flow.source, work, sorted(twins), candidates))
        elif candidates:
            work.target, work.adopt = candidates[0], True


def _index(found: Mapping[str, Sequence[Record]]) -> dict[str, list[Record]]:
    return {canonical(value): list(records) for value, records in found.items()}


def _ambiguous(source: Side, work: Work, twins: list[str], candidates: list[Record]) -> SyncError:
    facts = {
        "key": work.key,
        f"same_key_in_{source.value}": twins[:10],
        f"same_key_in_{source.other.value}": [record.id for record in candidates][:10],
    }
    return Ambiguous(
        f"The key '{work.key}' is not unique: {len(twins) + 1} records in {source.value}, {len(candidates)} in "
        f"{source.other.value}. Give each its own key, or link the right ones by `pairs relink`.",
        facts=facts,
    )


def _check_adopted(batch: Batch) -> None:
    """A candidate that is already somebody else's is not ours, whatever its key says."""
    works = batch.open(lambda work: work.target is not None and work.pair is None)
    if not works:
        return
    side = batch.job.flow.source.other
    ids = [work.target.id for work in works if work.target]
    taken = batch.ports.crossrefs.load(batch.page.shop, batch.job.flow.kind, side, ids)
    for work in works:
        target = work.target
        if target is None:
            continue
        owner = taken.get(target.id)
        owner_id = owner.id_on(side.other) if owner else target.marker
        if owner_id is not None and owner_id != work.id:
            work.fail(
                Ambiguous(
                    f"The only record with key '{work.key}' belongs to another {side.other.value} record already. "
                    f"Give this one its own key, or link it by `pairs relink`.",
                    facts={"key": work.key, "target": target.id, "belongs_to": owner_id},
                )
            )


def plan(batch: Batch) -> None:
    """Step 7: the plan of every record, and the breaker that stops a field from going back and forth."""
    job, now = batch.job, batch.ports.clock.now()
    for work in batch.open(lambda work: not work.deleted):
        if work.record is None:
            continue
        sides = sides_of(batch, work)
        work.plan = plan_record(job.rules.fields, work.wanted, sides)
        if work.plan.error is not None:
            work.fail(work.plan.error)
            continue
        field = looping(work.pair, work.plan, now, job.timing.flip_limit)
        if field is not None:
            _break_loop(batch, work, field)


def sides_of(batch: Batch, work: Work) -> Sides:
    """One work as the planner sees it."""
    if work.record is None:
        raise ValueError("a record without content has no plan")
    pair = work.pair if work.pair is not None and work.pair.state is not PairState.INTENT else None
    mapped = pair.mappings.get(batch.job.flow.name) if pair else None
    return Sides(
        source_side=batch.job.flow.source,
        source=work.record,
        target=work.target,
        pair=pair,
        source_digests=work.digests,
        mapping_changed=mapped is not None and mapped != batch.job.rules.digest,
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
