"""`apply`: carry out a plan that somebody has read, by planning its records again and writing what comes out the same.

No second way of writing: the engine decides and writes as always, and in between every record is held to its line of
the file. What moved since is left alone and said. Must never write what no line of the file says.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, islice
from pathlib import Path
from typing import Annotated, Any

import typer

from ops.plan_view import APPLIED, KEPT, SHOWN
from ops.session import Session, Tell, flow_of, refuse, session_of
from ops.show import Answer, as_json, clean, counted, grid
from shared.errors import Busy, Misconfigured, SyncError
from shared.records import Item, Message, Origin, Outcome, Page, Verdict
from shared.sync.dispatch import CHUNK, NO_PERMIT_S
from shared.sync.flow import WAITED, Job, Mode
from shared.sync.pausing import advice, stopped
from shared.sync.sealing import Seal, objection
from shared.sync.sent import IN_DOUBT
from shared.sync.work import Batch, Result, Work
from shared.sync.writing import marks
from shared.telemetry import metered
from shared.wiring import App

DID = ("created", "updated", "retired", "already", "refused", "later", "parked")
SENTENCES = ("refused", "later", "parked")
Key = tuple[str, str]
"""Flow and shop."""
WAIT_S = 60.0
"""So long a permit to write is waited for before this is given up."""


@dataclass(frozen=True)
class Line:
    """One record of the file."""

    flow: str
    shop: str
    id: str
    changes: Sequence[Any]
    seal: Seal


def apply(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="What `plan --out` wrote.")
    ],
) -> None:
    """Carry out a plan: the creates and updates of its file, the same values, and nothing else.

    Every record is read again on both sides. One that moved since it was planned is refused, with what moved; so is
    every record after a change of the mapping or of a setting. Lines that are not wanted can be taken out of the file
    first. Repeating is harmless, also after this was killed: what is done already is left.
    Works in modes plan and on; in mode plan nothing is handed on to other flows.
    Exit code 1: a record was refused or parked, or has to be tried again.
    """
    session = session_of(context)
    shops = session.shops()
    wanted = dict.fromkeys((line.flow, line.shop) for line in _lines(file) if line.shop in shops)
    jobs = {key: ready(session.app(), *key) for key in wanted}
    done: dict[Key, Applied] = {}
    try:
        with session.progress("applying") as tell:
            _carry_out(session.app(), file, jobs, done, tell)
    except SyncError:
        _give(session, done)  # what was done before it
        raise
    _give(session, done)


def _carry_out(
    app: App, file: Path, jobs: Mapping[Key, Job], done: dict[Key, Applied], tell: Tell
) -> None:
    ours = (line for line in _lines(file) if (line.flow, line.shop) in jobs)
    for key, lines in groupby(ours, lambda line: (line.flow, line.shop)):
        one = done.setdefault(key, Applied(app, jobs[key], tell))
        while page := list(islice(lines, CHUNK)):
            one.page(page)


def _give(session: Session, done: Mapping[Key, Applied]) -> None:
    answer = {"flows": [each.answer() for each in done.values()]}
    session.attention = any(one[name] for one in answer["flows"] for name in SENTENCES)
    session.give(answer, lambda: _draw(session, answer))


def ready(app: App, flow: str, shop: str) -> Job:
    """The job of a flow that is not off and not paused, as one that may write."""
    job = app.job(flow_of(flow).name, shop)
    if job.mode is Mode.OFF:
        raise Misconfigured(f"{flow} is off: {job.flow.setting}_MODE=plan or on lets a plan of it be applied.")
    if paused := stopped(app.state.switches, flow, shop):
        raise Misconfigured(advice(paused))
    return job


def _lines(file: Path) -> Iterator[Line]:
    """The records that the file would write, one at a time; a line that is none of ours ends the command."""
    with file.open("rb") as opened:
        for number, text in enumerate(opened, start=1):
            try:
                known = json.loads(text.decode("utf-8"))
                if known["verdict"] in APPLIED:
                    plain = {name: known[name] for name in ("flow", "shop", "id", "changes")}
                    yield Line(**plain, seal=Seal(**known["seal"]))
            except (ValueError, KeyError, TypeError):
                refuse(f"{file.name}, line {number} is not of `plan --out`. Make the plan again.")


@dataclass
class Applied:
    """One flow of one shop, page by page, and what became of it."""

    app: App
    job: Job
    tell: Tell
    counts: Counter[str] = field(default_factory=Counter)
    records: list[Answer] = field(default_factory=list)

    def page(self, lines: Sequence[Line]) -> None:
        """Those records, read live. Raises what stops the whole page, after what was done was stored."""
        app, shop, target = self.app, self.job.shop, self.job.flow.source.other
        approval = Approval({line.id: line for line in lines})
        job = replace(self.job, mode=Mode.ON)  # a person said so, for these records
        dispatch, started = app.dispatch(job), app.clock.now()
        items = tuple(Item(line.id) for line in lines)
        page = Page(job.flow.name, shop, items, Origin.COMMAND, tried_at=WAITED)  # as it was planned
        while True:
            with app.state.permits.hold(target, load=False) as granted, metered() as usage:
                if granted:
                    result = app.engine(job).apply(page, approve=approval)
                    break
            if (app.clock.now() - started).total_seconds() > WAIT_S:
                raise Busy(f"All permits to write to {target.value} are taken. Try again when less is going on.")
            app.clock.sleep(NO_PERMIT_S)
        message = Message(job.flow.name, shop, Origin.COMMAND, ids=tuple(line.id for line in lines))
        if self.job.mode is Mode.ON:
            dispatch.wake(message, result)
        app.state.parked.remove(result.freed)
        dispatch.record(message, result, started, usage)
        self._count(result, approval)
        self.counts.update(calls=usage.calls, points=usage.points)
        self.tell(f"{job.flow.name}: {sum(self.counts[name] for name in DID)} records")
        if result.trouble is not None:
            raise result.trouble

    def _count(self, result: Result, approval: Approval) -> None:
        for outcome in result.outcomes:
            what = _what(outcome, approval)
            self.counts[what] += 1
            if what in SENTENCES and len(self.records) < KEPT:
                code = outcome.error.code if outcome.error and what != "refused" else ""
                told = {"id": outcome.source_id, "result": what, "code": code, "reason": clean(outcome.reason)}
                self.records.append(told)

    def answer(self) -> Answer:
        """What was done, and the first records that were not."""
        told = sum(self.counts[name] for name in SENTENCES)
        numbers = {name: self.counts[name] for name in (*DID, "calls", "points")}
        head = {"flow": self.job.flow.name, "shop": self.job.shop, "mode": self.job.mode.value}
        return {**head, **numbers, "records": self.records, "left_out": told - len(self.records)}


def _what(outcome: Outcome, approval: Approval) -> str:
    if outcome.source_id in approval.refused:
        return "refused"
    if outcome.verdict is Verdict.UNCHANGED:
        return "already"
    return outcome.verdict.value


class Approval:
    """Holds a page's records to their lines: whatever is not what was planned ends, before anything is written."""

    def __init__(self, lines: Mapping[str, Line]) -> None:
        self._lines = lines
        self.refused: dict[str, None] = {}

    def __call__(self, batch: Batch) -> None:
        """See Engine.apply."""
        for work in batch.works:
            if why := self._objection(batch, work, self._lines[work.id]):
                self.refused[work.id] = None
                # comes back like a record that is busy: its parked row, if it has one, is none of this plan's matter
                work.fail(Busy(why))

    def _objection(self, batch: Batch, work: Work, line: Line) -> str:
        if work.outcome is not None:
            settled = work.outcome.verdict in (Verdict.UNCHANGED, Verdict.LATER)
            return "" if settled else f"It would be {work.outcome.verdict.value} now: {clean(work.outcome.reason)}"
        if work.record is None:
            return f"It does not exist in {batch.scope.source.value} any more."
        if work.target is not None and not work.writes and not marks(work):
            return ""  # it was done already; perhaps only the pair does not say so yet
        if why := objection(batch, work, line.seal):
            return why
        begun = work.pair is not None and work.pair.state in IN_DOUBT
        if not begun and json.loads(as_json(work.plan.changes, None)) != line.changes:
            return "Its line was changed by hand. Take out whole lines that are not wanted, and change none."
        return ""


def _draw(session: Session, answer: Answer) -> None:
    session.out.print(counted(("flow", "shop"), (*DID, "calls", "points"), answer["flows"]))
    for flow in answer["flows"]:
        rows = [(each["id"], each["result"], each["reason"]) for each in flow["records"][: SHOWN * 4]]
        if rows:
            session.out.print(grid(("record", "", "because"), rows, title=f"{flow['flow']}: not done"))
    if not answer["flows"]:
        session.tell("The plan says nothing that could be applied.")
