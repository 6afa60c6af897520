"""`plan`: what a run would do, on real data, by the engine's own first seven steps. Writes nothing anywhere.

A plan shows values of fields: that is what it is for. With another mapping folder both plans are made from the same
records, and what differs is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, TextIO

import typer

from ops import plan_view
from ops.ids import First, Flows, RecordIds
from ops.pages import of_items, of_listing
from ops.plan_view import APPLIED, Effect, Planned, Tally, planned
from ops.session import Session, Tell, refuse, session_of
from ops.show import Answer, as_json
from ops.syncing import named
from ops.vanished import vanished
from shared.records import Page
from shared.sync.flow import Job
from shared.sync.sealing import Seal, seal
from shared.wiring import App


def plan(
    context: typer.Context,
    flows: Flows = None,
    ids: RecordIds = None,
    sample: First = None,
    mapping: Annotated[
        Path | None,
        typer.Option(metavar="DIR", exists=True, file_okay=False, help="Compare with the plan under this folder."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Every record's plan, one JSON line each.")
    ] = None,
) -> None:
    """What a run would do now: create, update (old and new per field), leave, skip, park. Writes nothing, on no side.

    Works while a flow is off or paused. Exit code 1: a record would be parked, or another mapping would do otherwise.
    """
    session = session_of(context)
    if ids and len(flows or []) != 1:
        refuse("--id needs exactly one FLOW: ids belong to one side.")
    with ExitStack() as stack:
        lines = stack.enter_context(_private(out)) if out else None
        planner = Planner(session, stack.enter_context(session.progress("planning")), mapping, lines)
        jobs = [session.app().job(flow.name, shop) for flow, shop in session.jobs(flows or [])]
        pages = (of_items(job, named(job, ids)) if ids else of_listing(session.app(), job, sample) for job in jobs)
        answer = {"flows": [planner.plan(job, each) for job, each in zip(jobs, pages, strict=True)]}
    session.attention = any(alarming(one) for one in answer["flows"])
    session.give(answer, lambda: plan_view.draw(session.out, answer))


class Planner:
    """Plans flow by flow, under one mapping folder or two."""

    def __init__(
        self, session: Session, tell: Tell, mapping: Path | None = None, lines: TextIO | None = None
    ) -> None:
        self._app = session.app()
        self._other = session.app(mapping) if mapping else None
        self._lines = lines
        self._tell = tell

    def plan(self, job: Job, pages: Iterable[Page]) -> Answer:
        """One flow of one shop, page by page."""
        flow, shop = job.flow, job.shop
        other = self._other.job(flow.name, shop) if self._other else None
        now, effect = Tally(), Effect()
        for page in pages:
            plans = _plans(self._app, job, page)
            for one, sealed in plans:
                now.add(one)
                if self._lines is not None:
                    line = {"flow": flow.name, "shop": shop, **asdict(one), "seal": sealed}
                    self._lines.write(as_json(line, None) + "\n")
            if self._other is not None and other is not None:
                # the engine reads a page live whose content was selected by another mapping
                effect.compare([one for one, _ in plans], [one for one, _ in _plans(self._other, other, page)])
            self._tell(f"{flow.name}: {now.totals.total()} records planned")
        head = {"flow": flow.name, "shop": shop, "mode": job.mode, "read": now.totals.total()}
        return {**head, **now.answer(), "other_mapping": effect.answer() if other is not None else None}


def _private(file: Path) -> TextIO:
    """A new file that only its owner may read: it holds values of records."""
    file.touch(mode=0o600)
    return file.open("w", encoding="utf-8")


def _plans(app: App, job: Job, page: Page) -> list[tuple[Planned, Seal | None]]:
    """A page's plans, each with what `apply` holds the record to where something is to be written."""
    result, batch = app.engine(job).study(page)
    if result.trouble is not None:
        raise result.trouble
    gone = vanished(app, job, batch.works)
    told = (replace(each, reason=gone.get(each.source_id, each.reason)) for each in result.outcomes)
    plans = {outcome.source_id: planned(outcome) for outcome in told}
    works = [work for work in batch.works if work.id in plans]
    return [(plans[work.id], seal(batch, work) if plans[work.id].verdict in APPLIED else None) for work in works]


def alarming(one: Answer) -> bool:
    """Whether a person has to look at this plan."""
    differs = one["other_mapping"] is not None and one["other_mapping"]["differing"] > 0
    return differs or any(one["totals"][verdict] > 0 for verdict in ("park", "later"))
