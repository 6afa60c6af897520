"""`erase`: take a person out of what the app keeps for itself: journal, verdicts, parked records, pairs.

Words come from a file or standard input, never from the command line, which shells remember. Must never print one,
nor touch a record in either system.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer

from ops.ids import parse
from ops.session import refuse, session_of
from ops.show import Answer, counted, moment
from shared.errors import Busy
from shared.membership import Membership, forget, memberships
from shared.state.erasing import REPEAT_S, Person, erase
from shared.wiring import App

ONE_A_LINE = "One word a line: e-mail, phone, names, addresses"
NUMBERS = ("pages", "outcomes", "parked", "pairs", "busy")


def erase_(
    context: typer.Context,
    ids: Annotated[
        list[str] | None, typer.Option("--id", metavar="ID", help="A record of the person, on either side; repeatable.")
    ] = None,
    words: Annotated[
        typer.FileText | None,
        typer.Option(metavar="FILE", encoding="utf-8-sig", errors="replace", help=f"{ONE_A_LINE}; `-`: from a pipe."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person from all that the app keeps for itself. Neither system is touched, nothing is sent again.

    Ids are of the person's records, of either side; whatever else holds one of the words is emptied too. What becomes
    of the records themselves is decided in both systems. Repeat it after the time that it tells: a worker that had
    read the person before may have stored it after.
    Exit code 1: something was being written just then and was left for the repeat.
    """
    session, app = session_of(context), session_of(context).app()
    told = [word for line in words or () if (word := line.strip())]
    named = [parse(each)[1] for each in ids or []]
    if not told and not named:
        refuse("Name the person's records with --id, or words in a file with --words.")
    shops = session.shops()
    if not yes:
        what = f"{len(named)} records and whatever holds one of {len(told)} words"
        typer.confirm(f"Erase {what}, in {', '.join(shops)}? It cannot be brought back.", abort=True, err=True)
    rows: list[Answer] = []
    with session.progress("looking through the journal") as tell:
        for shop in shops:
            members = [found for each in named for found in memberships(app.state, shop, each)]
            called = [word for found in members for word in found.called]
            person = Person({flow.kind: named for flow in app.flows}, [*told, *called])
            done = erase(app.state, shop, [flow.name for flow in app.flows], person, app.clock.now(), tell)
            done.busy += sum(not _forgotten(app, shop, found) for found in members)
            rows.append({"shop": shop, **asdict(done)})
    session.attention = any(row["busy"] for row in rows)
    again = app.clock.now() + timedelta(seconds=REPEAT_S)
    session.give({"shops": rows, "repeat_at": again}, lambda: session.out.print(counted(("shop",), NUMBERS, rows)))
    session.say(f"Repeat it after {moment(again)} UTC.")


def _forgotten(app: App, shop: str, found: Membership) -> bool:
    """Whether what the state knows of a person of a company is emptied; not while that company is written."""
    try:
        forget(app.state, shop, found, app.clock.now())
    except Busy:
        return False
    return True
