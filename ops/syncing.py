"""`sync`: run flows now, in this process, by the app's own poll and workers' code.

A poll stores its pages on the flow's real queue before its cursor moves, as always, and this process then works that
queue; whatever the app's own workers take meanwhile is theirs. So nothing is lost when this process is ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Annotated

import typer

from ops.ids import First, Flows, RecordIds, of_side
from ops.pages import of_items, of_listing
from ops.running import VERDICTS
from ops.session import Session, Tell, refuse, session_of
from ops.show import Answer, clean, counted
from shared import app as actions
from shared.errors import Invalid, Misconfigured
from shared.records import Item, Message, Origin
from shared.state.queue_service import Received
from shared.state.queues import LIVE, LOAD, from_text, queue_name
from shared.sync.flow import Flow, Job, Mode
from shared.sync.pausing import advice, stopped
from shared.telemetry import metered
from shared.wiring import App

NUMBERS = ("found", *VERDICTS, "calls", "points")
HIDDEN_S = 600
"""A message taken here stays hidden from the app's workers that long, longer than any page takes."""
PATIENCE_S = 6.0
"""How long nothing may come before a queue counts as done; messages that wait longer are left to the app."""
STEP_S = 0.5


def sync(
    context: typer.Context,
    flows: Flows = None,
    every: Annotated[bool, typer.Option("--all", help="List everything again, not only what changed.")] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="The nightly comparison, now: what was missed, and what was deleted.")
    ] = False,
    limit: First = None,
    ids: RecordIds = None,
) -> None:
    """Run flows now: poll both systems and work the queues of these flows and of their reverse flows until empty.

    Without FLOW: those in mode on, which is needed. With --id or --limit no poll is made and no cursor moves: those
    records are read and applied directly; what they leave for a later try or for the reverse flow goes on the queue.
    The app may go on meanwhile.
    Exit code 1: records were parked, a flow was paused, or messages wait for a later try.
    """
    session = session_of(context)
    if bool(ids) + every + compare + (limit is not None) > 1:
        refuse("--all, --compare, --limit and --id exclude each other.")
    if ids and len(flows or []) != 1:
        refuse("--id needs exactly one FLOW: ids belong to one side.")
    jobs = [ready(session.app(), flow, shop) for flow, shop in _chosen(session, flows or [])]
    with session.progress("starting") as tell:
        work = Working(session.app(), tell)
        for job in jobs:
            if ids or limit:
                work.directly(job, named(job, ids) if ids else _listed(session.app(), job, limit or 0))
            else:
                work.poll(job, restart=every or compare, compare=compare)
        if not (ids or limit):
            work.queues(jobs)
        answer = {"flows": work.done()}
    session.attention = any(alarming(each, polled=not (ids or limit)) for each in answer["flows"])
    session.give(answer, lambda: draw(session, answer))


def _chosen(session: Session, names: Sequence[str]) -> list[tuple[Flow, str]]:
    """The flows that are named; without names those that are on, where any is."""
    modes, jobs = session.app().settings.modes, session.jobs(names)
    off = dict.fromkeys(flow.name for flow, _ in jobs if modes[flow.name] is not Mode.ON)
    if names or len(off) == len({flow.name for flow, _ in jobs}):
        return jobs
    if off:
        session.say(f"Left out, because not on: {', '.join(off)}.")
    return [(flow, shop) for flow, shop in jobs if flow.name not in off]


def ready(app: App, flow: Flow, shop: str) -> Job:
    """The job, which has to be on and not paused."""
    job = app.job(flow.name, shop)
    if job.mode is not Mode.ON:
        raise Misconfigured(
            f"{flow.name} is in mode {job.mode.value}: it may not write. `plan` shows what it would do; "
            f"{flow.setting}_MODE=on lets it."
        )
    if paused := stopped(app.state.switches, flow.name, shop):
        raise Misconfigured(advice(paused))
    return job


def named(job: Job, ids: Sequence[str]) -> Iterator[Item]:
    """Records that a person named."""
    yield from (Item(of_side(each, job.flow.source, job.rules.source_type)) for each in ids)


def _listed(app: App, job: Job, most: int) -> Iterator[Item]:
    for page in of_listing(app, job, most):
        yield from (Item(item.id) for item in page.items)


class Working:
    """This process as a worker, with its counts."""

    def __init__(self, app: App, tell: Tell) -> None:
        self._app = app
        self._tell = tell
        self._flows: dict[tuple[str, str], Counter[str]] = {}
        self._others: dict[str, tuple[str, Received]] = {}

    def poll(self, job: Job, *, restart: bool, compare: bool = False) -> None:
        """One bounded poll, or part of a comparison; a message on the queue goes on where more is left."""
        self._tell(f"{job.flow.name}: asking what changed")
        with self._counting(job.flow.name, job.shop) as counts:
            counts["found"] += actions.poll_job(self._app, job, restart=restart, compare=compare).records

    def directly(self, job: Job, items: Iterable[Item], origin: Origin = Origin.COMMAND) -> None:
        """Those records, a page at a time."""
        for page in of_items(job, items, origin):
            live = tuple(item.id for item in page.items if not item.deleted)
            gone = tuple(item.id for item in page.items if item.deleted)
            message = Message(page.flow, page.shop, origin, ids=live, deleted=gone, first_at=self._app.clock.now())
            self._handle(message, 1)["found"] += len(page.items)

    def queues(self, jobs: Sequence[Job]) -> None:
        """Work the live and the load queues until nothing has come for a while; other tables' messages stay there."""
        names = dict.fromkeys(name for job in jobs for name in (job.flow.name, job.flow.reverse) if name)
        quiet_s = 0.0
        while quiet_s < PATIENCE_S:
            if sum(self._one(use, name, names) for name in names for use in (LIVE, LOAD)):  # each gets its turn
                quiet_s = 0.0
            elif not any(self._app.state.queues.depth(name) for name in names):
                break
            else:
                self._app.clock.sleep(STEP_S)
                quiet_s += STEP_S
        for queue, each in self._others.values():
            self._app.state.queue_service.send(queue, each.text)
            self._app.state.queue_service.delete(queue, each)

    def _one(self, use: str, flow: str, names: Collection[str]) -> bool:
        """Take one message and handle it, if it is of a flow that was asked for; False when there was none."""
        service, queue = self._app.state.queue_service, queue_name(use, flow)
        taken = service.receive(queue, 1, HIDDEN_S)
        for each in taken:
            with suppress(Invalid):  # what cannot be read stays where it is: the app's poison handling deals with it
                message = from_text(each.text)
                if message.flow not in names:
                    self._others[each.id] = (queue, each)
                    continue
                self._handle(message, each.times)
                service.delete(queue, each)
        return bool(taken)

    def _handle(self, message: Message, delivery: int) -> Counter[str]:
        with self._counting(message.flow, message.shop) as counts:
            counts.update(actions.handle(self._app, message.flow, message, delivery=delivery).counts)
        handled = sum(each[verdict] for each in self._flows.values() for verdict in VERDICTS)
        self._tell(f"{handled} records handled; last: {message.flow}")
        return counts

    @contextmanager
    def _counting(self, flow: str, shop: str) -> Iterator[Counter[str]]:
        counts = self._flows.setdefault((flow, shop), Counter())
        with metered() as usage:
            yield counts
        counts.update(calls=usage.calls, points=usage.points)

    def done(self) -> list[Answer]:
        """What was done, and what is left on the queues."""
        return [
            {
                "flow": flow,
                "shop": shop,
                **{name: counts[name] for name in NUMBERS},
                "waiting": self._app.state.queues.depth(flow),
                "paused": clean(self._app.dispatch(self._app.job(flow, shop)).paused()),
            }
            for (flow, shop), counts in self._flows.items()
        ]


def alarming(row: Answer, *, polled: bool) -> bool:
    """Whether a person has to look at what became of this flow."""
    return bool(row["parked"] or row["paused"] or (polled and row["waiting"]))


def draw(session: Session, answer: Answer) -> None:
    """For people: what was done, and what is left to do."""
    session.out.print(counted(("flow", "shop"), (*NUMBERS, "waiting"), answer["flows"]))
    for row in answer["flows"]:
        if row["paused"]:
            session.tell(f"{row['flow']} was paused: {row['paused']}", "red")
        elif row["waiting"]:
            session.tell(f"{row['flow']}: messages waiting on its queue: {row['waiting']} (for the app, or `sync`)")
    if any(row["parked"] for row in answer["flows"]):
        session.tell("Parked records wait for you: python -m ops parked list")
