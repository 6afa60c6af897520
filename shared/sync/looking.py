"""Step 6: the targets of all records: by pair, by mark, and for the rest by natural key on both sides.

Everything is asked for in one batch per page. A record that carries our mark is ours before any key is compared; two
candidates on either side park every record concerned, never the first hit.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from shared.errors import Ambiguous, Busy, Conflict, NotYet, SyncError
from shared.mapping.rules import MatchRule
from shared.records import Pair, PairState, Record, Verdict
from shared.sync.digest import canonical
from shared.sync.reading import MANY, held
from shared.sync.sent import made_by_us
from shared.sync.work import Batch, Work

BY_MARK = "It carries the other record's id."
BY_KEY = "It was linked to the record with the same key"
LANDED = "An earlier try had created it; its answer was lost."
FINISHED = "The other flow had created this record; its answer was lost."


def look(batch: Batch) -> None:
    """Find and read every target; works that must not go on get their verdict."""
    works = batch.open(lambda work: not work.deleted)
    known = {work.id: target_id for work in works if (target_id := _target_id(batch, work))}
    reading = batch.job.target.read(sorted(set(known.values()))) if known else None
    for work in works:
        target_id = known.get(work.id)
        if target_id is None or reading is None:
            continue
        work.target = reading.records.get(target_id)
        if work.target is None:
            _target_gone(batch, work, target_id)
        elif work.pair is not None and work.pair.state is PairState.INTENT:
            work.adopt = _landed(work.pair)
    _find_by_mark(batch)
    _find_by_key(batch)
    _check_found(batch)


def _target_id(batch: Batch, work: Work) -> str | None:
    if work.pair is not None:
        return work.pair.id_on(batch.job.flow.source.other)
    if work.record is not None and work.record.marker:
        work.adopt = BY_MARK
        return work.record.marker
    return None


def _landed(intent: Pair) -> str:
    return LANDED if made_by_us(intent) else f"{BY_KEY}."


def _target_gone(batch: Batch, work: Work, target_id: str) -> None:
    if work.pair is not None and work.pair.state is PairState.INTENT:
        return  # the create never happened: it is simply sent now
    if work.pair is None:
        sentence = (
            "The record carries the mark of a counterpart that does not exist any more. Clear the mark to have it "
            "sent as new, or link it by `pairs relink`."
        )
        work.fail(Ambiguous(sentence, facts={"marker": target_id}))
    elif batch.job.flow.reverse is None and batch.job.recreate:
        work.pair = _anew(work.pair)
    elif batch.job.flow.reverse is None:
        sentence = (
            f"Its counterpart in {batch.job.flow.source.other.value} was deleted. `pairs unlink` has it created anew, "
            f"`pairs relink` gives it another one."
        )
        work.fail(Conflict(sentence, facts={"target": target_id}))
    else:
        batch.reverse_deleted[target_id] = None
        work.end(Verdict.SKIPPED, "Its counterpart is gone; the other flow confirms that and lays the pair to rest.")


def _anew(pair: Pair) -> Pair:
    """The pair as an intent that nobody holds; a new generation gives the new record another id."""
    fresh = Pair(pair.shop, pair.kind, pair.born, PairState.INTENT, pair.crm_table, pair.shopify_id)
    return replace(fresh, generation=pair.generation + 1, version=pair.version)


def _find_by_mark(batch: Batch) -> None:
    """Targets that carry our record's id: left by a create whose answer never came, or by lost state."""
    works = batch.open(lambda work: work.target is None and not work.deleted)
    found = batch.job.target.marked([work.id for work in works]) if works else {}
    for work in works:
        work.target = found.get(work.id)
        if work.target is not None:
            work.adopt = _landed(work.pair) if work.pair is not None else BY_MARK


def _find_by_key(batch: Batch) -> None:
    """Key by key in the mapping's order: what one has found, or found twice, is not looked for by the next."""
    for rule in batch.job.rules.matches:
        works = [work for work in batch.open() if work.target is None and work.pair is None and rule.field in work.keys]
        if works:
            _find_by(batch, rule, works)


def _find_by(batch: Batch, rule: MatchRule, works: list[Work]) -> None:
    keys = sorted({work.keys[rule.field] for work in works})
    there = _index(batch.job.target.find(rule.target, keys, fold=rule.ignore_case))
    here = _index(batch.job.source.find(rule.source, keys, fold=rule.ignore_case))
    beside: dict[str, set[str]] = defaultdict(set)
    for work in works:  # the vendor's search may run behind its writes: the page itself knows better
        beside[canonical(work.keys[rule.field])].add(work.id)
    for work in works:
        key = canonical(work.keys[rule.field])
        candidates = there.get(key, [])
        twins = ({record.id for record in here.get(key, [])} | beside[key]) - {work.id}
        if rule.several == "next" and (twins or not _is_one(candidates, work)):
            continue
        work.evidence = rule.field
        if twins or len(candidates) > 1:
            work.fail(_ambiguous(batch, work, sorted(twins), candidates))
        elif candidates and candidates[0].unfit:
            work.fail(Ambiguous(candidates[0].unfit, facts={"field": rule.field, "target": candidates[0].id}))
        elif candidates:
            work.target, work.adopt = candidates[0], f"{BY_KEY} ({rule.field})."
        else:
            work.evidence = ""


def _is_one(candidates: list[Record], work: Work) -> bool:
    """Whether that is one record, fit to be paired and nobody else's."""
    return len(candidates) == 1 and not candidates[0].unfit and candidates[0].marker in (None, work.id)


def _index(found: Mapping[str, Sequence[Record]]) -> dict[str, list[Record]]:
    return {canonical(value): list(records) for value, records in found.items()}


def _named(batch: Batch, work: Work) -> str | None:
    """The key that is spoken of: its value, or the field's name where the value is a person's."""
    rule = next((rule for rule in batch.job.rules.matches if rule.field == work.evidence), None)
    return rule.field if rule is not None and rule.personal else work.keys.get(work.evidence, work.key)


def _ambiguous(batch: Batch, work: Work, twins: list[str], candidates: list[Record]) -> SyncError:
    source, key = batch.job.flow.source, _named(batch, work)
    facts = {
        "key": key,
        f"same_key_in_{source.value}": twins[:10],
        f"same_key_in_{source.other.value}": [record.id for record in candidates][:10],
    }
    return Ambiguous(
        f"The key '{key}' is not unique: {len(twins) + 1} records in {source.value}, {len(candidates)} in "
        f"{source.other.value}. Give each its own key, or link the right ones by `pairs relink`.",
        facts=facts,
    )


def _check_found(batch: Batch) -> None:
    """A record found without a pair is ours if it is nobody else's; an intent on it is waited for or taken over."""
    works = batch.open(lambda work: work.target is not None and work.pair is None)
    if not works:
        return
    ids = [work.target.id for work in works if work.target]
    shared = Counter(ids)
    flow = batch.job.flow
    taken = batch.ports.crossrefs.load(
        batch.page.shop, flow.kind, flow.source.other, ids, dense=len(ids) > MANY, table=flow.crm_table
    )
    for work in works:
        if work.target is None:
            continue
        if shared[work.target.id] > 1:
            work.fail(_claimed_twice(batch, work, work.target))
        else:
            _check_owner(batch, work, work.target, taken.get(work.target.id))


def _check_owner(batch: Batch, work: Work, target: Record, owner: Pair | None) -> None:
    now = batch.ports.clock.now()
    known_id = owner.id_on(batch.scope.source) if owner else None
    owner_id = known_id or target.marker
    if owner_id is not None and owner_id != work.id:
        if work.evidence and owner is not None and owner.state is PairState.INTENT:
            work.fail(Busy("Another record is about to be paired with this one's counterpart.", retry_after_s=30.0))
            return
        given_up = work.evidence and owner is not None and owner.state in (PairState.PAIRED, PairState.WRITING)
        work.fail(_given_up(batch, work) if given_up else _belongs_to(batch, work, target, owner_id))
    elif owner is None:
        return
    elif owner.state is not PairState.INTENT:
        work.fail(Busy("Another worker has just paired this record.", retry_after_s=5.0))
    elif (busy := held(owner, now)) is not None:
        work.fail(busy)
    else:
        work.pair, work.adopt = owner, FINISHED


def _given_up(batch: Batch, work: Work) -> SyncError:
    """Its owner has another key by now, or it would have been found as a twin: perhaps it is about to be given that."""
    key = _named(batch, work)
    sentence = (
        f"The counterpart with the key '{key}' is linked to another record, whose own key is another one. It is waited "
        f"for to be given that; where somebody wrote it there by hand, change it back or link by `pairs relink`."
    )
    return NotYet(sentence, retry_after_s=30.0, facts={"key": key, "target": work.target.id if work.target else None})


def _belongs_to(batch: Batch, work: Work, target: Record, owner_id: str) -> SyncError:
    return Ambiguous(
        f"The only counterpart found ({work.adopt.rstrip('.').lower()}) belongs to another record already. Give this "
        f"one its own key, or link it by `pairs relink`.",
        facts={"key": _named(batch, work), "target": target.id, "belongs_to": owner_id},
    )


def _claimed_twice(batch: Batch, work: Work, target: Record) -> SyncError:
    return Ambiguous(
        "Two records of this page lead to the same counterpart. Give each its own key and mark, or link the right one "
        "by `pairs relink`.",
        facts={"key": _named(batch, work), "target": target.id},
    )
