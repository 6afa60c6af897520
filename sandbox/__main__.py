"""`python -m sandbox up`: Azurite and both sandboxes without the app, until they are told to stop.

Writes how to reach them to `--info` once all of it listens; SIGTERM or Ctrl-C ends every process it started.
"""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from sandbox import world
from sandbox.catalogue import build
from sandbox.seed import seed as plant

cli = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Local stand-ins for Shopify, Dataverse and storage."
)


@cli.callback()
def root() -> None:
    """Local stand-ins for Shopify, Dataverse and Azure storage, on loopback only."""


@cli.command()
def up(
    info: Annotated[Path, typer.Option(help="File that says how to reach everything, written once it listens.")],
    seed: Annotated[int, typer.Option(help="Seed of the catalogue; 0 leaves both systems empty.")] = 0,
    tls: Annotated[Path | None, typer.Option(help="Folder for a self-made CA; both sandboxes then speak TLS.")] = None,
    folder: Annotated[Path, typer.Option(help="Where the state is kept between runs.")] = Path(".run/up"),
) -> None:
    """Start Azurite and both sandboxes, seed them, and stay until SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with world.running(folder, tls=tls, say=typer.echo) as running:
        if seed:
            plant(running.info, build(seed), typer.echo)
        info.parent.mkdir(parents=True, exist_ok=True)
        info.write_text(json.dumps(running.info, indent=2))
        typer.echo(f"ready; see {info}")
        stop.wait()
    typer.echo("stopped")


if __name__ == "__main__":
    cli()
