"""The commands by their names, the global options, and the exit codes.

0 fine, 1 something needs attention, 2 wrong use or settings, 130 Ctrl-C. What this product raises on purpose ends in
one sentence on standard error, never in a traceback.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from ops import (
    applying,
    erasing,
    explaining,
    granting,
    installing,
    mappings,
    matching,
    pairs,
    parked,
    planning,
    replaying,
    running,
    syncing,
    tables,
)
from ops.session import Session, WrongUse
from ops.show import clean
from shared.errors import SyncError
from shared.mapping.problems import Problem

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they print local variables, and those may hold secrets
    rich_markup_mode=None,
    help="Keeps Dynamics 365 Sales and Shopify the same: plan, run, explain and mend. Every command: docs/commands.md.",
)
for name, action in (
    ("plan", planning.plan),
    ("apply", applying.apply),
    ("match", matching.match),
    ("sync", syncing.sync),
    ("replay", replaying.replay),
    ("explain", explaining.explain),
    ("runs", running.runs),
    ("setup", installing.setup),
    ("grant", granting.grant),
    ("doctor", installing.doctor),
    ("erase", erasing.erase_),
    ("pause", running.pause),
    ("resume", running.resume),
):
    cli.command(name)(action)
cli.add_typer(pairs.cli, name="pairs")
cli.add_typer(parked.cli, name="parked")
cli.add_typer(mappings.cli, name="mapping")
cli.add_typer(tables.cli, name="tables")


@cli.callback()
def options(
    context: typer.Context,
    shop: Annotated[str, typer.Option(metavar="SHOP", help="Only this shop (domain or its first part).")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object; its shape: docs/commands.md.")] = False,
    settings: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A local.settings.json; the environment's own settings win over its Values."),
    ] = None,
) -> None:
    """Keep what was asked for all commands."""
    session = context.ensure_object(Session)
    session.only, session.as_json, session.file = shop, as_json, settings


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] | None = None) -> int:
    """Run one command line and return its exit code; `environment` replaces the process's own."""
    logging.getLogger().addHandler(logging.NullHandler())  # what matters is said by the commands themselves
    session = Session(environment)
    try:
        cli(args=list(arguments) if arguments is not None else None, prog_name="python -m ops", obj=session)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
        return code or int(session.attention)
    except (SyncError, WrongUse) as error:
        sentence = _sentence(error) if isinstance(error, SyncError) else str(error)
        session.err.print(sentence, style="red", markup=False, highlight=False, soft_wrap=True)
        return 2
    finally:
        session.close()
    return int(session.attention)


def _sentence(error: SyncError) -> str:
    """The error's own sentence; for mapping files every problem on a line of its own."""
    problems = error.facts.get("problems")
    if not isinstance(problems, list):
        return clean(error.sentence)
    return "\n".join(Problem(**each).sentence for each in problems)
