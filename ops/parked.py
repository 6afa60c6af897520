"""`parked`: the records that wait for a person: list, show, retry, discard.

Retrying puts ids on the flow's queue, nothing else; discarding forgets the row and touches no record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated

import typer

from ops.ids import FlowName, OneFlow, RecordId, of_side
from ops.session import Session, flow_of, refuse, session_of
from ops.show import clean, grid, moment, value_text
from shared.records import Message, Origin, ParkedRow
from shared.sync.dispatch import CHUNK

cli = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Records that wait for a person.")


@cli.command("list")
def list_(context: typer.Context, flow: OneFlow = "") -> None:
    """Every record that waits, with what to do about it. Exit code 1 when there are any."""
    session = session_of(context)
    rows = [shown(row) for row in _rows(session, flow)]
    session.attention = bool(rows)
    session.give({"parked": rows}, lambda: _draw(session, rows))


@cli.command()
def show(context: typer.Context, flow: FlowName, record: RecordId) -> None:
    """One waiting record with all its facts."""
    session = session_of(context)
    rows = [shown(row) for row in _named(session, flow, record)]
    session.give({"parked": rows}, lambda: _draw_whole(session, rows))


@cli.command()
def retry(
    context: typer.Context,
    flow: FlowName,
    record: Annotated[str, typer.Argument(metavar="ID", help="Only this record.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every parked record of the flow.")] = False,
) -> None:
    """Try parked records again: their ids go on the flow's queue, and the app's workers (or `sync`) take them."""
    session = session_of(context)
    if bool(record) == every:
        refuse("Name one ID, or all of them with --all.")
    rows = list(_rows(session, flow)) if every else _named(session, flow, record)
    for message in _messages(rows):
        session.app().state.queues.send(message)
    session.give({"flow": flow, "records": len(rows)}, lambda: session.tell(f"{len(rows)} on the queue of {flow}."))


@cli.command()
def discard(
    context: typer.Context,
    flow: FlowName,
    record: RecordId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget that a record is parked. It comes back when it changes and still cannot be applied."""
    session = session_of(context)
    rows = _named(session, flow, record)
    if not yes:
        typer.confirm(f"Forget that {rows[0].source_id} is parked ({rows[0].code})?", abort=True, err=True)
    session.app().state.parked.remove(rows)
    session.give({"flow": flow, "records": len(rows)}, lambda: session.tell("It is not parked any more."))


def shown(row: ParkedRow) -> ParkedRow:
    """A parked row without secrets and personal data."""
    facts = {name: clean(fact) if isinstance(fact, str) else fact for name, fact in row.facts.items()}
    return replace(row, sentence=clean(row.sentence), facts=facts)


def _rows(session: Session, flow: str) -> Iterator[ParkedRow]:
    for job, shop in session.jobs([flow] if flow else []):
        yield from session.app().state.parked.list(shop, job.name)


def _named(session: Session, flow: str, record: str) -> list[ParkedRow]:
    """That record's row in every shop asked about; none ends the command."""
    record_id = of_side(record, flow_of(flow).source)
    found = (session.app().state.parked.known(shop, flow, [record_id]).get(record_id) for shop in session.shops())
    rows = [row for row in found if row is not None]
    if not rows:
        session.say(f"{record_id} is not parked in {flow}.")
        raise typer.Exit(1)
    return rows


def _messages(rows: Sequence[ParkedRow]) -> Iterator[Message]:
    """Ids in messages of a page each; rows parked as deletes or under another table's ids keep being that."""
    groups: dict[tuple[str, str, str, bool], list[str]] = defaultdict(list)
    for row in rows:
        table, deleted = str(row.facts.get("table", "")), bool(row.facts.get("deleted"))
        groups[row.flow, row.shop, table, deleted].append(row.source_id)
    for (flow, shop, table, deleted), ids in groups.items():
        for start in range(0, len(ids), CHUNK):
            part = tuple(ids[start : start + CHUNK])
            live, gone = ((), part) if deleted else (part, ())
            yield Message(flow, shop, Origin.RETRY, ids=live, deleted=gone, table=table)


def _draw(session: Session, rows: Sequence[ParkedRow]) -> None:
    cells = [(row.flow, row.source_id, row.code, moment(row.first_at), row.sentence) for row in rows]
    session.out.print(grid(("flow", "id", "code", "since", "what to do"), cells) if rows else "Nothing is parked.")


def _draw_whole(session: Session, rows: Sequence[ParkedRow]) -> None:
    for row in rows:
        facts = [(name, value_text(fact, 400)) for name, fact in row.facts.items()]
        tried = f"{row.attempts} times, first {moment(row.first_at)}, last {moment(row.last_at)} UTC"
        head = [("record", f"{row.kind} {row.source_id}, {row.flow}, {row.shop}"), ("code", row.code)]
        tail = [("what to do", row.sentence), *facts, ("tried", tried), ("goes on with", row.releases)]
        session.out.print(grid(("", ""), [*head, *tail]))
