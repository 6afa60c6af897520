"""`pairs export` and `pairs import`: the cross references into a file, and back.

What a row means is the state's business, what the file looks like ops/pair_files.py's. Must never change a pair that
the state knows better.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

from ops import pair_files
from ops.session import Session, Tell, session_of
from ops.show import Answer, counted, moment
from shared.opening import POOL
from shared.records import Pair
from shared.state.backup import LINES, PAIRS, Restore, dump
from shared.state.tables import Row
from shared.wiring import App

VERDICTS = ("added", "replaced", "same", "kept", "contested", "busy")
SHOWN = 200


def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; compressed where the name ends with .gz.")],
    ids_only: Annotated[bool, typer.Option("--ids-only", help="Leave out the digests of values.")] = False,
) -> None:
    """Save the pairs to FILE: with their lines, tombstones and pointers, readable by you alone.

    It holds ids, times and digests of values, no value. A short value, such as a phone number, can be guessed from its
    digest: keep the file as you keep the state, or take `--ids-only`; what is equal then is agreed on again, and where
    both sides differ their owners decide. An older file of that name is replaced once the new one is whole.
    """
    session = session_of(context)
    app, shops = session.app(), session.shops()
    counts = {PAIRS: 0, LINES: 0}
    with session.progress("reading the pairs") as tell:
        found = (each for shop in shops for each in dump(app.state, shop, ids_only=ids_only))

        def told() -> Iterator[tuple[str, Row]]:
            for table, row in found:
                counts[table] += 1
                yield table, row
                tell(f"{counts[PAIRS]} pairs, {counts[LINES]} lines and pointers")

        origin = pair_files.Origin(shops, _crm(app), app.state.starts.all())
        pair_files.save(file, origin, app.clock.now().isoformat(), told())
    answer = {"file": str(file), "shops": shops, "pairs": counts[PAIRS], "lines": counts[LINES]}
    said = f"{file}: {counts[PAIRS]} pairs, {counts[LINES]} lines and pointers, of {', '.join(shops)}."
    session.give(answer, lambda: session.tell(said))


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of `pairs export`.")],
    plan: Annotated[bool, typer.Option("--plan", help="Only say what would be done.")] = False,
) -> None:
    """Put the pairs of FILE back. What the state knows better is kept; a repeat finishes what was broken off.

    Pause `shopify` and `crm` before, and resume them after. A pair that the state contradicts (one of its records is
    paired with another) is left out and named. Who was erased since is laid to rest. From when on orders and documents
    count, where no setting says it, is put back too: the earlier of the file's moment and the state's.
    Exit code 1: there are such pairs, or a worker was writing some just then.
    """
    session = session_of(context)
    app = session.app()
    ours = pair_files.Origin([shop.shop for shop in app.settings.shops], _crm(app))
    only = session.shops()[0] if session.only else ""
    with session.progress("reading the file") as tell, ThreadPoolExecutor(POOL) as pool:
        shops = pair_files.check(file, ours, only, tell)
        saved = pair_files.starts(file, shops)
        if not plan:
            app.state.ensure(())
        starts = {begun: app.state.starts.earlier(begun, at, write=not plan) for begun, at in saved.items()}
        restore = Restore(app.state, pool, app.clock.now, app.ids.new, write=not plan)
        restore.pairs(_told(pair_files.rows(file, PAIRS, shops), "pairs", tell))
        restore.lines(_told(pair_files.rows(file, LINES, shops), "lines", tell))
    done = restore.done
    answer: Answer = {
        "planned": plan,
        "pairs": {verdict: done.counts[PAIRS][verdict] for verdict in VERDICTS},
        "lines": {verdict: done.counts[LINES][verdict] for verdict in VERDICTS},
        "starts": [{"flow": flow, "shop": shop, "at": at} for (flow, shop), at in starts.items()],
        "contested": [ids(pair) for pair in done.contested[:SHOWN]],
    }
    session.attention = any(answer[name][verdict] for name in ("pairs", "lines") for verdict in VERDICTS[-2:])
    session.give(answer, lambda: _draw(session, answer))


def ids(pair: Pair) -> Answer:
    """Which pair that is."""
    return {"shop": pair.shop, "kind": pair.kind, "shopify_id": pair.shopify_id, "crm_id": pair.crm_id}


def _told(rows: Iterator[Row], what: str, tell: Tell) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        tell(f"{number} {what} put back")
        yield row


def _crm(app: App) -> str:
    return app.settings.dataverse.url.rstrip("/").lower()


def _draw(session: Session, answer: Answer) -> None:
    rows = [{"what": name, **answer[name]} for name in ("pairs", "lines")]
    session.out.print(counted(("what",), VERDICTS, rows))
    for each in answer["starts"]:
        session.tell(f"{each['flow']}: what is from {moment(each['at'])} on counts ({each['shop']}).")
    for each in answer["contested"]:
        session.tell(f"left out: {each['kind']} shopify {each['shopify_id']} ↔ crm {each['crm_id']} ({each['shop']})")
    if answer["contested"]:
        session.tell("The state has one of their records in another pair; `pairs show ID` shows which.", "red")
    if answer["planned"]:
        session.tell("Nothing was stored.")
