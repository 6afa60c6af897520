"""`plan`: what a run would do, on real data, by the engine's own first seven steps. Writes nothing anywhere.

A plan shows values of fields: that is what it is for. With another mapping folder both plans are made from the same
records, and what differs is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TextIO

import typer

from ops import plan_view
from ops.ids import First, Flows, RecordIds, of_side
from ops.pages import of_ids, of_listing
from ops.plan_view import Effect, Planned, Tally, planned
from ops.session import Session, Tell, refuse, session_of
from ops.show import Answer, as_json
from shared.records import Page
from shared.sync.flow import Flow, Job
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
        lines = stack.enter_context(out.open("w", encoding="utf-8")) if out else None
        planner = _Planner(session, mapping, lines, stack.enter_context(session.progress("planning")))
        answer = {"flows": [planner.plan(flow, shop, ids or [], sample) for flow, shop in session.jobs(flows or [])]}
    session.attention = any(_alarming(one) for one in answer["flows"])
    session.give(answer, lambda: plan_view.draw(session.out, answer))


class _Planner:
    """Plans flow by flow, under one mapping folder or two."""

    def __init__(self, session: Session, mapping: Path | None, lines: TextIO | None, tell: Tell) -> None:
        self._app = session.app()
        self._other = session.app(mapping) if mapping else None
        self._lines = lines
        self._tell = tell

    def plan(self, flow: Flow, shop: str, ids: Sequence[str], sample: int | None) -> Answer:
        """One flow of one shop, page by page."""
        job = self._app.job(flow.name, shop)
        other = self._other.job(flow.name, shop) if self._other else None
        now, effect = Tally(), Effect()
        for page in self._pages(job, ids, sample):
            plans = _plans(self._app, job, page)
            for one in plans:
                now.add(one)
                if self._lines is not None:
                    self._lines.write(as_json({"flow": flow.name, "shop": shop, **asdict(one)}, None) + "\n")
            if self._other is not None and other is not None:
                # the engine reads a page live whose content was selected by another mapping
                effect.compare(plans, _plans(self._other, other, page))
            self._tell(f"{flow.name}: {now.totals.total()} records planned")
        head = {"flow": flow.name, "shop": shop, "mode": job.mode, "read": now.totals.total()}
        return {**head, **now.answer(), "other_mapping": effect.answer() if other is not None else None}

    def _pages(self, job: Job, ids: Sequence[str], sample: int | None) -> Iterator[Page]:
        if not ids:
            return of_listing(self._app, job, sample)
        return iter([of_ids(job, [of_side(each, job.flow.source, job.rules.source_type) for each in ids])])


def _plans(app: App, job: Job, page: Page) -> list[Planned]:
    result = app.engine(job).apply(page, write=False)
    if result.trouble is not None:
        raise result.trouble
    return [planned(outcome) for outcome in result.outcomes]


def _alarming(one: Answer) -> bool:
    differs = one["other_mapping"] is not None and one["other_mapping"]["differing"] > 0
    return differs or any(one["totals"][verdict] > 0 for verdict in ("park", "later"))
