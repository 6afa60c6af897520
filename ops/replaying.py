"""`replay`: records that were seen in a time, or that are named, handled again: ids from the journal, nothing else.

The records are read live and today's mapping is applied, so a replay can bring nothing back that is not so any more.
Memory stays flat however long the time is. Must never apply what the journal holds of a record.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from typing import Annotated

import typer

from ops import plan_view, planning, syncing
from ops.ids import FlowName, RecordIds
from ops.pages import of_items
from ops.session import Session, Tell, flow_of, refuse, session_of
from ops.show import Answer, moment
from shared.errors import Unreadable
from shared.records import Item, Origin
from shared.state.store import State
from shared.sync.flow import Job
from shared.wiring import App

DATE = len("2026-05-31")
MOMENT = "2026-05-31, 2026-05-31T14:30 or 2026-05-31T14:30+02:00"
Since = Annotated[str, typer.Option(metavar="T", help="From this date or time on (ISO 8601; without a zone: UTC).")]
Until = Annotated[str, typer.Option(metavar="T", help="Up to this time, or the end of this date; without it: now.")]
Window = tuple[datetime, datetime]
"""A time, both ends included."""


def replay(
    context: typer.Context,
    flow: FlowName,
    ids: RecordIds = None,
    since: Since = "",
    until: Until = "",
    plan: Annotated[bool, typer.Option("--plan", help="Only say what would be done: nothing is written.")] = False,
) -> None:
    """Handle records again: those named, or all that the journal and the runs name between two moments.

    Only ids are taken from there: records are read live and today's mapping is applied. Not among them: changes that
    no poll has met yet, and records whose webhook found nothing to do before a poll met them. The app may go on
    meanwhile, live changes go first. Needs mode on, except with --plan.
    Exit code 1: records were parked, the flow was paused, or, with --plan, a record would be parked; or a page or
    outcomes of that time could not be read.
    """
    session = session_of(context)
    if bool(ids) == bool(since) or (until and not since):
        refuse("Name records with --id, or a time with --since (and --until).")
    window = _window(session.app(), since, until) if since else None

    lost: list[str] = []

    def items(job: Job) -> Iterator[Item]:
        return _distinct(_seen(session.app().state, job, window, lost)) if window else syncing.named(job, ids or [])

    jobs = [session.app().job(flow_of(flow).name, shop) for _, shop in session.jobs([flow])]
    with session.progress("reading the journal") as tell:
        answer = (_planned if plan else _worked)(session, tell, jobs, items) | {"unreadable": len(lost)}
    session.attention = session.attention or bool(lost)
    session.give(answer, lambda: _draw(session, answer))


def _planned(session: Session, tell: Tell, jobs: list[Job], items: Callable[[Job], Iterator[Item]]) -> Answer:
    planner = planning.Planner(session, tell)
    plans = [planner.plan(job, of_items(job, items(job))) for job in jobs]
    session.attention = any(map(planning.alarming, plans))
    return {"flows": [], "plans": plans}


def _worked(session: Session, tell: Tell, jobs: list[Job], items: Callable[[Job], Iterator[Item]]) -> Answer:
    work = syncing.Working(session.app(), tell)
    for job in [syncing.ready(session.app(), job.flow, job.shop) for job in jobs]:
        work.directly(job, items(job), Origin.REPLAY)
    flows = work.done()
    session.attention = any(syncing.alarming(each, polled=False) for each in flows)
    return {"flows": flows, "plans": []}


def _seen(state: State, job: Job, window: Window, lost: list[str]) -> Iterator[Item]:
    """Who stands in the pages that were read in that time, and in the verdicts of the runs that began in it."""
    shop, flow = job.shop, job.flow.name
    for name in state.journal.names(shop, flow, *window):
        try:
            yield from state.journal.get_page(name).items
        except Unreadable:
            lost.append(name)
    for run in (each for each in state.runs.between(shop, flow, *window) if each.outcomes_blob):
        try:
            outcomes = state.journal.get_outcomes(run.outcomes_blob)
            yield from (Item(outcome.source_id, deleted=outcome.deleted) for outcome in outcomes)
        except Unreadable:
            lost.append(run.outcomes_blob)


def _distinct(items: Iterable[Item]) -> Iterator[Item]:
    """Each id once, and once more where it was named as deleted: a delete is confirmed by a read like any other.

    What was met is kept in a temporary file of SQLite's own, which spills from a small cache to the disk.
    """
    with closing(sqlite3.connect("", isolation_level=None)) as met:
        met.execute("CREATE TABLE met (id TEXT, deleted INTEGER, PRIMARY KEY (id, deleted)) WITHOUT ROWID")
        for item in items:
            if met.execute("INSERT OR IGNORE INTO met VALUES (?, ?)", (item.id, item.deleted)).rowcount:
                yield Item(item.id, deleted=item.deleted)


def _window(app: App, since: str, until: str) -> Window:
    """The time that was meant; one that the journal cannot tell whole is refused."""
    now, settings = app.clock.now(), app.settings
    days = min(settings.journal_days, settings.runs_days)
    kept = datetime.combine((now - timedelta(days=days)).date(), time.min, UTC)
    first, last = _moment(since, "--since"), min(now, _moment(until, "--until", end=True) if until else now)
    if first > last:
        refuse(f"That time is empty: it would begin at {moment(first)} and end at {moment(last)} UTC.")
    if first < kept:
        refuse(f"Pages and runs are kept for {days} days: nothing before {moment(kept)} UTC can be replayed whole.")
    return first, last


def _moment(text: str, option: str, *, end: bool = False) -> datetime:
    """A moment in UTC; a date alone is its first moment, or its last."""
    try:
        found = datetime.fromisoformat(text)
        found += timedelta(days=1, microseconds=-1) if end and len(text) <= DATE else timedelta(0)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        refuse(f"{option} '{text}' is no date or time: write {MOMENT}.")


def _draw(session: Session, answer: Answer) -> None:
    if answer["plans"]:
        plan_view.draw(session.out, {"flows": answer["plans"]})
    elif answer["flows"]:
        syncing.draw(session, answer)
    else:
        session.tell("Nothing was seen in that time.")
    if answer["unreadable"]:
        session.tell(f"Pages or outcomes that cannot be read: {answer['unreadable']}. `sync --all` misses none.")
