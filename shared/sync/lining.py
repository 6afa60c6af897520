"""What the engine does about lines between its steps: what is known of them, what is announced, what is agreed on.

Before anything is sent each line that is made or changed is stored with what goes there, and after the read-back with
what both sides hold; only then is the pair itself stored. So wherever a worker dies, every row that we made is known as
ours, and no line is taken for agreed on that is not. A kind without lines costs nothing here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from shared.errors import SchemaMismatch, SyncError
from shared.lines import LinePair
from shared.mapping.paths import within
from shared.records import Pair, PairState, Side, Written
from shared.sync.digest import digests
from shared.sync.line_plan import LinePlan, LinesPlan, plan_lines, rows_of
from shared.sync.plan import Sides
from shared.sync.ports import LineChanges, LineKey
from shared.sync.work import Batch, Work


def load(batch: Batch) -> None:
    """What is known of the lines of all records whose counterparts were found, in one batch, where one moved."""
    if not batch.job.rules.lines:
        return
    works = batch.open(lambda work: work.target is not None and not _at_rest(batch, work))
    if works:
        known = batch.ports.lines.load([_pair(batch, work) for work in works])
        theirs = _of_reverse(batch)
        for work, lines in zip(works, known, strict=True):
            work.stored = {key: line for key, line in lines.items() if key[0] not in theirs}


def _of_reverse(batch: Batch) -> frozenset[str]:
    """The groups of lines that only the reverse flow carries: they are not gone because this one does not name them."""
    reverse = batch.job.reverse_rules
    groups = {group.name for group in reverse.lines} if reverse else set()
    return frozenset(groups - {group.name for group in batch.job.rules.lines})


def plan(batch: Batch, work: Work, sides: Sides) -> None:
    """Add the plan of its lines to a record's."""
    if not batch.job.rules.lines or _at_rest(batch, work):
        return
    work.lines = _planned(batch, work, sides)
    work.plan = replace(
        work.plan,
        changes=(*work.plan.changes, *work.lines.changes),
        collections=frozenset(write.to for write in work.lines.writes),
        error=work.plan.error or work.lines.error,
    )


def whole(batch: Batch, work: Work, sides: Sides) -> LinesPlan:
    """The plan of a record's lines, also of those at rest: for whoever wants to see them. Changes nothing."""
    if batch.job.rules.lines and work.target is not None:
        work.stored = dict(batch.ports.lines.load([_pair(batch, work)])[0])
    return _planned(batch, work, sides)


def _planned(batch: Batch, work: Work, sides: Sides) -> LinesPlan:
    made = batch.job.target.new_id(work.id, work.pair.generation if work.pair else 0)
    target_id = work.target.id if work.target else made or ""

    def row_of(line: str) -> str:
        found = batch.job.target.line_id(target_id, line)
        if found is None:
            raise SchemaMismatch(
                f"Lines cannot be written to {batch.scope.target.value}: take them out of the mapping."
            )
        return found

    return plan_lines(batch.job.rules.lines, work.wanted_lines, work.stored, sides, row_of)


def _at_rest(batch: Batch, work: Work) -> bool:
    """Whether nothing that lines are made of moved since it was agreed on, on either side: then none is looked at."""
    pair, rules, scope = work.pair, batch.job.rules, batch.scope
    if work.target is None or pair is None or pair.state is not PairState.PAIRED:
        return False
    if pair.mappings.get(rules.flow) != rules.digest:
        return False
    reads = {path for group in rules.lines for path in group.items.reads}
    reads |= {path for group in rules.lines for field in group.fields for path in field.reads}
    reads |= {path for path in work.digests for group in rules.lines if within(path, group.path)}
    rows = [path for path in scope.target_paths if any(within(path, group.to) for group in rules.lines)]
    now = {scope.source: work.digests, scope.target: digests(work.target.content, rows)}
    moved = {scope.source: reads & work.digests.keys(), scope.target: set(rows)}
    return all(now[side][path] == pair.bases.get(side, {}).get(path) for side in moved for path in moved[side])


def _pair(batch: Batch, work: Work) -> Pair:
    """The pair, or as much of it as tells where its lines lie."""
    if work.pair is not None:
        return work.pair
    flow = batch.job.flow
    ids = {flow.source: work.id, flow.source.other: work.target.id if work.target else None}
    new = Pair(batch.page.shop, flow.kind, flow.source, PairState.INTENT, flow.crm_table)
    return replace(new, shopify_id=ids[Side.SHOPIFY], crm_id=ids[Side.CRM])


def announce(
    batch: Batch, works: Sequence[Work], only: Collection[str] | None = None
) -> list[tuple[Work, SyncError]]:
    """Store what is about to be sent (to these collections `only`); returns the works that must not be, and why."""
    wanted = {work.id: [line for each in work.lines.lines if (line := _said(each, only))] for work in works}
    return _save(batch, [(work, LineChanges(_pair(batch, work), wanted[work.id])) for work in works if wanted[work.id]])


def _said(line: LinePlan, only: Collection[str] | None) -> LinePair | None:
    return line.announced() if only is None or (line.write is not None and line.write.to in only) else None


def settle(batch: Batch, done: Sequence[tuple[Work, Written | None]]) -> set[str]:
    """Store what is agreed on; the records of which that failed end here, their pairs as they are: their ids."""
    if not batch.job.rules.lines:
        return set()
    wanted = [(work, _changes(batch, work, written)) for work, written in done]
    failed = _save(batch, [(work, changes) for work, changes in wanted if changes.lines or changes.gone])
    for work, error in failed:
        work.fail(error)
    return {work.id for work, _ in failed}


def forget(batch: Batch, works: Sequence[Work]) -> None:
    """The pairs of these records are about to end, and their lines with them."""
    if batch.job.rules.lines and works:
        batch.ports.lines.remove([of(work) for work in works])


def _changes(batch: Batch, work: Work, written: Written | None) -> LineChanges:
    after = rows_of(batch.job.rules.lines, written.record.content) if written else None
    lines = work.lines.lines
    stored = {(line.pair.group, line.pair.id): _stored(work.stored, line) for line in lines}
    agreed = {key: line.agreed(after, stored[key]) for key, line in zip(stored, lines, strict=True) if not line.done}
    return LineChanges(
        of(work),
        [line for key, line in agreed.items() if line != stored[key]],
        [stored[key] for key, line in zip(stored, lines, strict=True) if line.done and stored[key].version],
    )


def _stored(known: Mapping[LineKey, LinePair], line: LinePlan) -> LinePair:
    return known.get((line.pair.group, line.pair.id), line.pair)


def of(work: Work) -> Pair:
    """The pair whose lines these are."""
    if work.pair is None:
        raise ValueError("only the lines of a pair are stored")
    return work.pair


def _save(batch: Batch, wanted: Sequence[tuple[Work, LineChanges]]) -> list[tuple[Work, SyncError]]:
    failed: list[tuple[Work, SyncError]] = []
    results = batch.ports.lines.save([changes for _, changes in wanted]) if wanted else []
    for (work, _), result in zip(wanted, results, strict=True):
        if isinstance(result, SyncError):
            failed.append((work, result))
        else:
            work.stored = {**work.stored, **result}
    return failed
