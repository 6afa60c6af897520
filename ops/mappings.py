"""`mapping check` and `mapping schema`: the mapping files held against the schemas of both systems.

Reads schemas, never a record.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Annotated

import typer

from ops import checking
from ops.ids import OneFlow
from ops.session import Session, session_of
from ops.show import Answer, grid, moment
from shared.dataverse import snapshot
from shared.mapping.schema import schema_text
from shared.wiring import App

LIVE, SAVED = "live", "saved"

cli = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The mapping files.")


@cli.command()
def check(
    context: typer.Context,
    flow: OneFlow = "",
    live: Annotated[bool, typer.Option("--live", help="Ask Dataverse, and keep what it says.")] = False,
) -> None:
    """Hold each mapping file against the schemas of both systems: fields, types, lengths, options, owners.

    Shopify's schema is the one this version was made for. Dataverse's is what `setup` kept in the mappings' folder
    (dataverse.json); where nothing of this organization was kept yet, and with --live, Dataverse is asked itself.

    A file that no flow has, and a folder of keys for one shop that no shop has, is an error too.
    Exit code 1: an error was found. A flow does not run with one that shows without asking Dataverse, a table
    with none at all (docs/mapping.md, "The check"); what belongs to nobody they do not see.
    """
    session = session_of(context)
    app = session.app()
    jobs = session.jobs([flow] if flow else [])
    jobs += [] if flow else product(checking.uncarried(app), session.shops())
    folder = app.settings.mappings
    kept = None if live else _kept(app)
    found = set(checking.strays(folder, [shop.key for shop in app.settings.shops]))
    with session.progress("reading both schemas") as tell:
        asked = checking.unasking(app, kept) if kept else app
        for job, shop in jobs:
            tell(f"{job.name}, {shop}")
            found.update(checking.check_flow(asked, job, shop))
        if live:
            _keep(session, app, folder)
    session.attention = any(each.level == "error" for each in found)
    answer = {
        "files": sorted({f"{folder.name}/{checking.file_of(job)}" for job, _ in jobs}),
        "dataverse": SAVED if kept else LIVE,
        "dataverse_at": kept.at if kept else app.clock.now(),
        "findings": checking.ordered(found),
    }
    session.give(answer, lambda: _draw(session, answer))


def _kept(app: App) -> snapshot.Snapshot | None:
    """What was kept of this organization; another one's definitions say nothing."""
    kept = snapshot.read(app.settings.mappings)
    return kept if kept and kept.organization == app.settings.dataverse.url else None


def _keep(session: Session, app: App, folder: Path) -> None:
    with suppress(OSError):
        checking.keep(app, folder)
        return
    session.say(f"{folder.name} cannot be written to: what Dataverse said is not kept for the next check.")


def _draw(session: Session, answer: Answer) -> None:
    findings = answer["findings"]
    if findings:
        rows = [(e.level, f"{e.file}:{e.line}:{e.column}", e.sentence) for e in findings]
        session.out.print(grid(("", "where", "what"), rows))
    errors = sum(1 for each in findings if each.level == "error")
    session.tell(f"{', '.join(answer['files'])}: errors: {errors}", "red" if errors else "green")
    if answer["dataverse"] == SAVED:
        session.tell(f"Dataverse as it was at {moment(answer['dataverse_at'])}; --live asks it again.")


@cli.command()
def schema() -> None:
    """The JSON Schema of a mapping file, for editors (`#:schema ./mapping.schema.json` in the file's first line)."""
    typer.echo(schema_text(), nl=False)
