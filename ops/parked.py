"""`parked`: the records that wait for a person: list, show, retry, discard; one, many or all of a code or a flow.

Retrying puts ids on the flow's queue, nothing else; discarding forgets the row and touches no record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Annotated

import typer

from ops.ids import FlowName, OneFlow, RecordId, of_side
from ops.session import Session, flow_of, refuse, session_of
from ops.show import clean, grid, moment, value_text
from shared.records import ParkedRow
from shared.sync.returning import MESSAGE, messages

MANY = 1000
"""Rows in memory at a time."""
cli = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Records that wait for a person.")


Every = Annotated[bool, typer.Option("--all", help="Every parked record of the flow.")]
Code = Annotated[str, typer.Option(metavar="CODE", help="Only records parked with this error.")]
Records = Annotated[list[str] | None, typer.Argument(metavar="ID", help="These records' ids in the source system.")]


@cli.command("list")
def list_(context: typer.Context, flow: OneFlow = "", code: Code = "") -> None:
    """Every record that waits, with what to do about it. Exit code 1 when there are any."""
    session = session_of(context)
    rows = [shown(row) for row in _rows(session, flow, code)]
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
    context: typer.Context, flow: FlowName, records: Records = None, code: Code = "", every: Every = False
) -> None:
    """Try parked records again: their ids go on the flow's queue, and the app's workers (or `sync`) take them."""
    session, count = session_of(context), 0
    for rows in _chosen(session, flow, records, code, every=every):
        tried = [row for row in rows if row.kind != MESSAGE]
        for message in messages(tried):
            session.app().state.queues.send(message)
        count += len(tried)
    session.give({"flow": flow, "records": count}, lambda: session.tell(f"{count} on the queue of {flow}."))


@cli.command()
def discard(
    context: typer.Context,
    flow: FlowName,
    records: Records = None,
    code: Code = "",
    every: Every = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget that records are parked. Each comes back when it changes and still cannot be applied."""
    session, count = session_of(context), 0
    for rows in _chosen(session, flow, records, code, every=every):
        if not yes:
            first = f"{rows[0].source_id} ({rows[0].code})" + (f" and {len(rows) - 1} more" if len(rows) > 1 else "")
            typer.confirm(f"Forget that {first} is parked?", abort=True, err=True)
        session.app().state.parked.remove(rows)
        count += len(rows)
    session.give({"flow": flow, "records": count}, lambda: session.tell(f"{count} not parked any more."))


def shown(row: ParkedRow) -> ParkedRow:
    """A parked row without secrets and personal data."""
    facts = {name: clean(fact) if isinstance(fact, str) else fact for name, fact in row.facts.items()}
    return replace(row, sentence=clean(row.sentence), facts=facts)


def _rows(session: Session, flow: str, code: str) -> Iterator[ParkedRow]:
    for job, shop in session.jobs([flow] if flow else []):
        rows = session.app().state.parked.list(shop, job.name)
        yield from (row for row in rows if code in ("", row.code))


def _chosen(
    session: Session, flow: str, records: Sequence[str] | None, code: str, *, every: bool
) -> Iterator[list[ParkedRow]]:
    """The rows that were named, or those of a code, or all; so many at a time."""
    if bool(records) + bool(code) + every != 1:
        refuse("Name records by their ids, or those of an error with --code, or all of them with --all.")
    rows = (row for each in records for row in _named(session, flow, each)) if records else _rows(session, flow, code)
    while part := list(islice(rows, MANY)):
        yield part


def _named(session: Session, flow: str, record: str) -> list[ParkedRow]:
    """That record's row in every shop asked about; none ends the command."""
    record_id = record if record.startswith(f"{MESSAGE}-") else of_side(record, flow_of(flow).source)
    found = (session.app().state.parked.known(shop, flow, [record_id]).get(record_id) for shop in session.shops())
    rows = [row for row in found if row is not None]
    if not rows:
        session.say(f"{record_id} is not parked in {flow}.")
        raise typer.Exit(1)
    return rows


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
