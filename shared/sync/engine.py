"""The engine: nine steps on a page of records, the same for every flow and every origin of the page.

accept, pair, depend, map, settle, look, plan, claim and write, remember. A dry run is the first seven. Every record
of the page ends with one outcome and its reason; an error of one record never stops another, an error of the
connection or the flow (Misconfigured, Throttled as a whole) is raised for the dispatcher.
"""

from __future__ import annotations

from dataclasses import replace

from shared.errors import SyncError
from shared.records import Outcome, Page, ParkedRow, Verdict
from shared.sync import deciding, deletes, reading, writing
from shared.sync.flow import Job
from shared.sync.work import Batch, EnginePorts, Result, Work

FIXED = frozenset({Verdict.CREATED, Verdict.UPDATED, Verdict.UNCHANGED, Verdict.RETIRED, Verdict.SKIPPED})
"""Verdicts after which a record is not parked any more."""


class Engine:
    """Applies pages of one job."""

    def __init__(self, job: Job, ports: EnginePorts) -> None:
        self._job = job
        self._ports = ports

    def apply(self, page: Page, *, write: bool = True) -> Result:
        """Handle every record of the page. With `write` False nothing is written anywhere (steps 1 to 7)."""
        batch = Batch(self._job, self._ports, _distinct(page), [], holder=self._ports.ids.new())
        reading.open_page(batch)
        reading.accept(batch)
        reading.pair(batch)
        reading.refresh(batch)
        deciding.settle(batch)
        deciding.skip_parked(batch)
        deciding.compute(batch)
        deciding.look(batch)
        deciding.plan(batch)
        if write:
            deletes.lay_to_rest(batch)
            writing.write_all(batch)
            self._park(batch)
        else:
            deletes.would_rest(batch)
            _report(batch)
        return _result(batch)

    def _park(self, batch: Batch) -> None:
        """Store what is parked now, and take away what is not parked any more."""
        now = self._ports.clock.now()
        rows: list[ParkedRow] = []
        freed: list[ParkedRow] = []
        for work in batch.works:
            outcome = work.outcome
            if outcome is None:
                continue
            if outcome.verdict is Verdict.PARKED and outcome.error is not None:
                rows.append(_parked_row(batch, work, outcome.error))
            elif outcome.verdict in FIXED and work.parked is not None:
                freed.append(work.parked)
        if rows:
            self._ports.parked.put([replace(row, last_at=now) for row in rows])
        if freed:
            self._ports.parked.remove(freed)


def _distinct(page: Page) -> Page:
    """A page names each record once; the last mention wins, and a delete is a mention like any other."""
    items = {item.id: item for item in page.items}
    return replace(page, items=tuple(items.values()))


def _parked_row(batch: Batch, work: Work, error: SyncError) -> ParkedRow:
    now = batch.ports.clock.now()
    before = work.parked
    return ParkedRow(
        shop=batch.page.shop,
        flow=batch.job.flow.name,
        kind=batch.job.flow.kind,
        source_id=work.id,
        code=error.code,
        sentence=error.sentence,
        facts=error.facts,
        attempts=before.attempts + 1 if before else 1,
        first_at=before.first_at if before else now,
        last_at=now,
        releases="a change of the record or of the mapping, or `parked retry`",
        seen=deciding.seen(batch, work),
    )


def _report(batch: Batch) -> None:
    """Verdicts of a dry run: what a real run would do."""
    for work in batch.open():
        if work.target is None:
            work.end(Verdict.CREATED, "It would be created.", changes=work.plan.changes)
        elif work.plan.values:
            work.end(Verdict.UPDATED, "It would be updated.", changes=work.plan.changes)
        elif work.adopt:
            work.end(Verdict.UPDATED, "It would be linked; no field differs.")
        else:
            work.end(Verdict.UNCHANGED, "Nothing to write.", changes=work.plan.changes)


def _result(batch: Batch) -> Result:
    outcomes = tuple(work.outcome or _unsaid(work) for work in batch.works)
    return Result(outcomes, tuple(batch.reverse), tuple(batch.reverse_deleted))


def _unsaid(work: Work) -> Outcome:
    """A record that no step ended is a defect of the engine: it says so instead of vanishing."""
    return Outcome(work.id, Verdict.PARKED, "The engine gave no verdict; please report this as a defect.")
