"""`make run`: the whole integration on this machine, over the sandboxes or, with LIVE=1, over the real systems.

Starts the world, seeds it, sets both systems up, starts the Functions host, waits until nothing is left to do, prints
what each flow did and whether both sides agree, and then prints every change as it arrives until Ctrl-C.
The one sandbox module that may import the app: it asks the app's own state and mappings, never its memory.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from sandbox import clientele, firms, live, orderbook, world
from sandbox.catalogue import build
from sandbox.documents_seed import enter_all
from sandbox.firms_seed import establish
from sandbox.orders_seed import order_all
from sandbox.processes import ChildProcess, start_process
from sandbox.report import agreement, table
from sandbox.seed import seed as plant
from sandbox.seed import welcome
from sandbox.tables_seed import furnish
from sandbox.watch import follow, until_quiet
from shared import install, settings, wiring
from shared.flows import FLOWS
from shared.sync.flow import Mode

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".run"
SHORT = "*/2 * * * * *"
TABLES = "locations,collections,gift_cards,size_charts"
"""Those whose rows refer to nothing that may be parked; the environment's own TABLES replaces them."""
SETTINGS = "local.settings.json"
"""The settings of what runs, for `python -m ops` beside it: in the world's folder, readable by its owner alone."""
HOST_TIMES = ("--message-lock-s", "60", "--timer-lock-s", "15", "--timer-poll-s", "1")
"""A host that was killed is survived within a minute here; Azure's own times are ten minutes and one."""

console = Console(width=None if sys.stdout.isatty() else 160)


def main(
    once: Annotated[
        bool, typer.Option(help="Exit when nothing is left to do: 0 when both sides agree, else 1.")
    ] = False,
    fresh: Annotated[bool, typer.Option(help="Forget the state of earlier runs.")] = False,
    against_live: Annotated[
        bool, typer.Option("--live", help="Run against the systems in local.settings.json.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of the catalogue.")] = 1,
) -> None:
    """Run the integration on this machine."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if against_live:
        raise typer.Exit(live.run(ROOT, console, stop))
    folder = FOLDER / "world"
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    with world.running(folder, say=_say) as running:
        catalogue, people = build(seed), clientele.build(seed)
        plant(running.info, catalogue, _say)
        welcome(running.info, people, _say)
        establish(running.info, firms.build(seed), _say)
        order_all(running.info, orderbook.build(catalogue, people, seed), _say)
        enter_all(running.info, catalogue, _say, seed)
        furnish(running.info, _say)
        environment = app_environment(running.info)
        set_up(environment, running.info["dataverse"]["admin_token"])
        _say(f"Shopify sandbox, a page to look at and edit: {running.info['shopify']['url']}/")
        _say(f"Dataverse sandbox, likewise: {running.info['dataverse']['url']}/")
        raise typer.Exit(integrate(environment, folder, stop, once=once))


def app_environment(info: Mapping[str, Any]) -> dict[str, str]:
    """The app's settings for a running world: every flow on, short schedules, short times."""
    environment = {
        "AzureWebJobsStorage": info["azurite"]["connection_string"],
        "SHOPIFY_SHOPS": info["shopify"]["shop"],
        "SHOPIFY_ENDPOINT": info["shopify"]["url"],
        "SHOPIFY_CLIENT_ID": info["shopify"]["client_id"],
        "SHOPIFY_CLIENT_SECRET": info["shopify"]["client_secret"],
        "DATAVERSE_URL": info["dataverse"]["url"],
        "DATAVERSE_TOKEN": info["dataverse"]["token"],
        "DATAVERSE_WEBHOOK_KEY": info["dataverse"].get("webhook_key", ""),
        "CRM_PRICE_LIST": "Standard",
        "CRM_GUEST_ACCOUNT": orderbook.GUESTS,
        "ORDERS_SINCE": "2020-01-01",
        "DOCUMENTS": "opportunity,salesorder,invoice",
        "DOCUMENTS_SINCE": "2020-01-01",
        "DOCUMENT_ROUTE": "auto",
        "TABLES": os.environ.get("TABLES", TABLES),
        "SYNC_LAG_S": "1",
        "SYNC_OVERLAP_S": "10",
        "HOUSEKEEPING_SCHEDULE": "*/20 * * * * *",
    }
    for flow in FLOWS:
        environment[f"{flow.setting}_MODE"] = Mode.ON.value
        environment[f"{flow.setting}_SCHEDULE"] = SHORT
    return environment


def start_host(
    environment: Mapping[str, str], folder: Path, name: str = "host", options: Sequence[str] = ()
) -> ChildProcess:
    """The local Functions host with the app, ready when it listens; `options` are further ones of sandbox.host.

    Both systems' webhooks are sent to it, subscribed by the app's own setup before it starts.
    """
    port = _free_port()
    environment = {"WEBHOOKS_URL": f"http://127.0.0.1:{port}", **environment}
    set_up(environment, world.told(folder, "dataverse")["admin_token"], install.subscribe)
    keep_settings(environment, folder)
    info = folder / f"{name}.info.json"
    info.unlink(missing_ok=True)
    command = [sys.executable, "-m", "sandbox.host", "--app", str(ROOT), "--port", str(port), "--info", str(info)]
    command += [*HOST_TIMES, *options]
    return start_process(
        "Functions host",
        command,
        ready=lambda _: world.complete(info),
        environment={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        log_file=folder / f"{name}.log",
        timeout_s=60,
    )


def keep_settings(environment: Mapping[str, str], folder: Path) -> None:
    """Write the app's settings to where `ops --settings` reads them; they hold the sandboxes' tokens."""
    path = folder / SETTINGS
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps({"IsEncrypted": False, "Values": dict(environment)}, indent=2), encoding="utf-8")


def _free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def integrate(environment: dict[str, str], folder: Path, stop: threading.Event, *, once: bool) -> int:
    """Run a host until nothing is left to do and print the result; 0 when both sides agree or `once` is False."""
    app = wiring.open_app(settings.read(environment, flows=FLOWS))
    _say("starting the Functions host")
    host = start_host(environment, folder)
    _say(f"Functions host: {json.loads((folder / 'host.info.json').read_text()).get('url', '')}/")
    _say(f"in a second terminal: .venv/bin/python -m ops --settings {_shown(folder / SETTINGS)} doctor")
    started = app.clock.now()
    try:
        until_quiet(app, host, stop, console)
        console.print(table(app, started))
        agreed = agreement(app, console)
        if once:
            return 0 if agreed else 1
        console.print("Edit a record on either page; changes are printed as they arrive. Ctrl-C ends everything.")
        follow(app, host, stop, console)
        return 0
    finally:
        host.stop()


def set_up(
    environment: Mapping[str, str],
    admin_token: str,
    steps: Callable[[wiring.App], Iterable[install.Step]] = install.set_up,
) -> None:
    """What `python -m ops setup` does, or some of it, as the administrator of the sandbox organisation."""
    app = wiring.open_app(settings.read({**environment, "DATAVERSE_TOKEN": admin_token}, flows=FLOWS))
    for step in steps(app):
        if step.needed:
            _say(f"setup, {step.side}: {step.name}")
    app.close()


def _shown(path: Path) -> Path:
    """A path as it is typed in the project's folder."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def _say(text: str) -> None:
    console.print(f"[dim]{text}[/dim]")


if __name__ == "__main__":
    typer.run(main)
