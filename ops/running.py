"""`runs`, `pause` and `resume`: what ran, and what may run.

A paused flow keeps its messages; `resume` puts them back. Nothing goes on that another pause still stops.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Annotated

import typer

from ops.ids import OneFlow
from ops.session import Session, flow_of, refuse, session_of
from ops.show import Answer, clean, counted, moment
from shared.carrying import part_names
from shared.mapping.tables import FLOW as TABLES
from shared.records import Message, Side, Verdict
from shared.sync.flow import Flow
from shared.sync.pausing import stopped

ACCEPTED = timedelta(hours=24)
VERDICTS = [verdict.value for verdict in Verdict]
Target = Annotated[str, typer.Argument(metavar="TARGET", help="A flow, `shopify`, `crm`, or a shop's domain.")]


def runs(
    context: typer.Context,
    flow: OneFlow = "",
    last: Annotated[int, typer.Option(min=1, max=10_000, metavar="N", help="How many runs.")] = 20,
) -> None:
    """What ran, what it did, and what it cost in calls and points; the newest first, times in UTC.

    Of a run "plan only" the counts say what would have been done.

    Each line is a message that a worker handled, or a poll that found something (it reads 0 itself).
    """
    session = session_of(context)
    found = [
        row
        for job, shop in session.jobs([flow] if flow else [])
        for row in session.app().state.runs.last(shop, job.name, last)
    ]
    found = sorted(found, key=lambda row: row.started_at, reverse=True)[:last]
    session.give({"runs": found}, lambda: _draw_runs(session, {"runs": found}))


def _draw_runs(session: Session, answer: Answer) -> None:
    several = len({row.shop for row in answer["runs"]}) > 1
    rows = [
        {
            "started": moment(row.started_at),
            "flow": row.flow,
            "shop": row.shop if several else "",
            "origin": f"{row.origin.value} (plan only)" if row.planned else row.origin.value,
            "read": row.read,
            **{name: row.counts.get(name, 0) for name in VERDICTS},
            "calls": row.calls,
            "points": row.points,
            "seconds": round(row.duration_s, 1),
        }
        for row in answer["runs"]
    ]
    numbers = ("read", *VERDICTS, "calls", "points", "seconds")
    table = counted(("started", "flow", "shop", "origin"), numbers, rows)
    session.out.print(table if rows else "Nothing ran yet.")


def pause(
    context: typer.Context,
    target: Target,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; everybody who asks is told this.")],
) -> None:
    """Stop a flow, or everything that talks to one system. Messages are kept; pages being written are finished."""
    session = session_of(context)
    _flows(session, target)
    reason = f"{reason.rstrip('. ')}."
    for each in _targets(session, target):
        session.app().state.switches.pause(each, reason)
    answer = {"target": target, "reason": reason}
    session.give(answer, lambda: session.out.print(f"{target} is paused. To go on: python -m ops resume {target}"))


def resume(
    context: typer.Context,
    target: Target,
    accept: Annotated[
        bool, typer.Option("--accept", help="The many deletes, or retirements, that paused it are meant; for 24 hours.")
    ] = False,
) -> None:
    """Let a flow, a system or a shop go on, and put the messages back that were kept meanwhile.

    `shopify` also lets every shop go on that was paused because it refused us or did not answer.

    Exit code 1: another pause still stops one of its flows.
    """
    session = session_of(context)
    flows = _flows(session, target)
    if accept and target in {*map(str, Side), *session.app().shopify}:
        refuse("--accept is about one flow's deletes: name the flow.")
    state, until = session.app().state, session.app().clock.now() + ACCEPTED if accept else None
    targets = [*_targets(session, target), *_refused(session, target)]
    shops = [target] if target in session.app().shopify else [*session.app().shopify]
    was = any(map(state.switches.paused, targets))
    for each in targets:
        if until is not None:
            state.switches.accept_deletes(each, until)
        state.switches.resume(each)
    still = {flow.name: reason for flow in flows if (reason := _stopped(session, flow, *shops))}
    ready = [flow for flow in flows if any(not _stopped(session, flow, shop) for shop in shops)]
    answer = {
        "target": target,
        "was_paused": was,
        "released": {flow.name: state.queues.release(flow.name, partial(_put_back, session)) for flow in ready},
        "still_paused": still,
        "deletes_accepted_until": until,
    }
    session.attention = bool(still)
    session.give(answer, lambda: _draw_resumed(session, answer))


def _flows(session: Session, target: str) -> list[Flow]:
    """The flows that a target concerns; a wrong name ends the command."""
    if target in {*map(str, Side), *session.app().shopify}:
        return list(session.app().flows)
    return [flow_of(name) for name in part_names(session.app().settings, flow_of(target).name)]


def _targets(session: Session, target: str) -> list[str]:
    """What is paused under that name: of the tables' flow each table that is carried."""
    return [flow.name for flow in _flows(session, target)] if target == TABLES else [target]


def _refused(session: Session, target: str) -> list[str]:
    """The shops that go on with `shopify`: those that a defect paused. What waits for a person goes on by its name."""
    held = session.app().state.switches.held()
    return [shop for shop in session.app().shopify if shop not in held] if target == Side.SHOPIFY else []


def _put_back(session: Session, message: Message) -> bool:
    """Have workers do a message that was kept, unless another pause still stops it."""
    state = session.app().state
    if stopped(state.switches, message.flow, message.shop):
        return False
    return state.queues.give_back(message)


def _stopped(session: Session, flow: Flow, *shops: str) -> str:
    """Why a flow stays stopped: its own pause, or one of its systems' or shops'."""
    paused = stopped(session.app().state.switches, flow.name, *shops)
    return clean(paused[1]) if paused else ""


def _draw_resumed(session: Session, answer: Answer) -> None:
    note = "" if answer["was_paused"] else " (it was not paused)"
    session.tell(f"{answer['target']} goes on{note}.")
    for flow, count in answer["released"].items():
        session.tell(f"{flow}: messages put back on its queue: {count}")
    for flow, reason in answer["still_paused"].items():
        session.tell(f"{flow} is still paused: {reason}")
    if answer["deletes_accepted_until"]:
        session.tell(f"Its deletes are accepted until {moment(answer['deletes_accepted_until'])} UTC.")
