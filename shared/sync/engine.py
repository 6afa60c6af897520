"""The engine: nine steps on a page of records, the same for every flow and every origin of the page.

accept, pair, depend, map, settle, look, plan, claim and write, remember. A dry run is the first seven. Every record
of the page ends with one outcome and its reason; an error of one record never stops another. What stops the whole
page (the connection, the flow, the storage) is the result's `trouble`, beside what was done before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from shared.errors import Conflict, Misconfigured, Retryable, SyncError
from shared.records import Outcome, Page, ParkedRow, Verdict
from shared.sync import deciding, deletes, looking, reading, telling, writing
from shared.sync.flow import Job
from shared.sync.recalling import agree_where_equal
from shared.sync.work import Batch, EnginePorts, Result, Work

FIXED = frozenset({Verdict.CREATED, Verdict.UPDATED, Verdict.UNCHANGED, Verdict.RETIRED, Verdict.SKIPPED})
"""Verdicts after which a record is not parked any more."""


class Engine:
    """Applies pages of one job."""

    def __init__(self, job: Job, ports: EnginePorts) -> None:
        self._job = job
        self._ports = ports
        self._scope = job.scope()

    def apply(self, page: Page, *, write: bool = True, approve: Callable[[Batch], None] | None = None) -> Result:
        """Handle every record of the page. With `write` False nothing is written anywhere (steps 1 to 7).

        `approve` sees what was decided before anything is written, and ends the records that must not be.
        """
        if not write:
            return self.study(page)[0]
        batch = self._batch(page)
        trouble: SyncError | None = None
        try:
            _decide(batch)
            if approve is not None:
                approve(batch)
            deletes.lay_to_rest(batch)
            writing.write_all(batch)
            telling.tell(batch)
            _remind(batch)
            _leave_none(batch)
        except (Retryable, Misconfigured) as error:
            trouble = error
        deletes.take_back(batch)
        freed = self._park(batch)
        return Result(
            _outcomes(batch),
            again=tuple(batch.again),
            reverse=tuple(batch.reverse),
            reverse_deleted=tuple(batch.reverse_deleted),
            freed=freed,
            trouble=trouble,
        )

    def recall(self, page: Page) -> Counter[str]:
        """Agree on what both sides hold, for pairs that were made from marks; neither system is written to."""
        batch = self._batch(page)
        _decide(batch)
        return agree_where_equal(batch)

    def study(self, page: Page) -> tuple[Result, Batch]:
        """A dry run, and its records as the steps left them, for whoever has to look closer."""
        batch = self._batch(page)
        trouble: SyncError | None = None
        try:
            _decide(batch)
            deletes.would_rest(batch)
            _report(batch)
            _leave_none(batch)
        except (Retryable, Misconfigured) as error:
            trouble = error
        return Result(_outcomes(batch), trouble=trouble), batch

    def _batch(self, page: Page) -> Batch:
        return Batch(self._job, self._ports, _distinct(page), self._scope, holder=self._ports.ids.new())

    def _park(self, batch: Batch) -> tuple[ParkedRow, ...]:
        """Store what is parked now, and take away what is not any more: of twins once the others are on their way.

        Their rows are returned: should the worker die before that, the message finds them again.
        """
        rows: list[ParkedRow] = []
        freed: list[ParkedRow] = []
        for work in batch.works:
            outcome = work.outcome
            why = work.untold or (outcome.error if outcome and outcome.verdict is Verdict.PARKED else None)
            if why is not None:
                rows.append(_parked_row(batch, work, why))
            elif outcome is not None and outcome.verdict in FIXED and work.parked is not None:
                freed.append(work.parked)
        if rows:
            self._ports.parked.put(rows)
        twins = tuple(row for row in freed if _release_twins(batch, row))
        if len(twins) < len(freed):
            self._ports.parked.remove([row for row in freed if row not in twins])
        return twins


def _decide(batch: Batch) -> None:
    """Steps 1 to 7. Pairs come before filters, so that a filter judges the content that will be applied."""
    reading.open_page(batch)
    reading.pair(batch)
    reading.refresh(batch)
    reading.accept(batch)
    deciding.settle(batch)
    deciding.skip_parked(batch)
    deciding.compute(batch)
    looking.look(batch)
    deciding.plan(batch)


def _distinct(page: Page) -> Page:
    """A page names each record once; the last mention wins, and a delete is a mention like any other."""
    items = {item.id: item for item in page.items}
    return replace(page, items=tuple(items.values()))


def _parked_row(batch: Batch, work: Work, error: SyncError) -> ParkedRow:
    now = batch.ports.clock.now()
    before = work.parked
    deleted = {"deleted": True} if work.deleted else {}
    return ParkedRow(
        shop=batch.page.shop,
        flow=batch.job.flow.name,
        kind=batch.job.flow.kind,
        source_id=work.id,
        code=error.code,
        sentence=error.sentence,
        facts={**error.facts, **deleted, **telling.facts_of(batch, work, error)},
        attempts=before.attempts + 1 if before else 1,
        first_at=before.first_at if before else now,
        last_at=now,
        releases="a change of the record or of the mapping, or `parked retry`",
        seen="" if work.untold else deciding.seen(batch, work),
        tried=batch.job.in_force,
    )


def _remind(batch: Batch) -> None:
    """What is done and unfinished at the source, or left alone for now, is looked at again though no change is told."""
    beside = batch.job.beside
    for remind, verdicts in ((beside.remind, telling.DONE), (beside.remind_left, (Verdict.SKIPPED,))):
        ended = [work for work in batch.works if work.outcome and work.outcome.verdict in verdicts]
        found = [work.record for work in ended if work.record is not None]
        if remind is not None and found:
            remind(found)


def _release_twins(batch: Batch, parked: ParkedRow) -> bool:
    """One of several records with one key is fine now: the others may be too, so each is looked at again, if any."""
    twins = parked.facts.get(f"same_key_in_{batch.scope.source.value}", ())
    others = parked.facts.get(f"same_key_in_{batch.scope.target.value}", ())
    batch.again.update(dict.fromkeys(str(twin) for twin in twins))
    for target_id in others:
        batch.queue_reverse(str(target_id))
    return bool(twins or others)


def _report(batch: Batch) -> None:
    """Verdicts of a dry run: what a real run would do."""
    for work in batch.open():
        if work.target is None:
            work.end(Verdict.CREATED, "It would be created." + work.shortened, changes=work.plan.changes)
        elif work.retires:
            work.end(Verdict.RETIRED, "Its counterpart would be retired.", changes=work.plan.changes)
        elif work.writes:
            work.end(Verdict.UPDATED, "It would be updated." + work.shortened, changes=work.plan.changes)
        elif work.adopt:
            work.end(Verdict.UPDATED, "It would be linked; no field differs.")
        else:
            work.end(Verdict.UNCHANGED, "Nothing to write.", changes=work.plan.changes)


def _leave_none(batch: Batch) -> None:
    """A record that no step ended is our defect: it says so instead of vanishing."""
    for work in batch.open():
        work.fail(Conflict("The engine gave no verdict; please report this as a defect.", facts={"id": work.id}))


def _outcomes(batch: Batch) -> tuple[Outcome, ...]:
    """One outcome per record; after trouble only those of records that had one before."""
    return tuple(work.outcome for work in batch.works if work.outcome is not None)
