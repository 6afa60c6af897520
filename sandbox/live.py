"""`make run LIVE=1`: the same local host against the real store and the real Dataverse of local.settings.json.

Starts Azurite where the settings say UseDevelopmentStorage=true. Names every missing setting with where to find it,
and starts nothing until none is missing. Flows run in the mode their settings say; the default is off.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from sandbox import watch
from sandbox.azurite import start_azurite
from sandbox.processes import start_process
from sandbox.world import complete
from shared import settings, wiring
from shared.errors import SyncError
from shared.flows import FLOWS

FILE = "local.settings.json"


def run(root: Path, console: Console, stop: threading.Event) -> int:
    """Run until Ctrl-C; 2 when a setting is missing."""
    values = _values(root, console)
    if values is None:
        return 2
    with ExitStack() as stack:
        if values.get("AzureWebJobsStorage") == "UseDevelopmentStorage=true":
            azurite = start_azurite(root / ".run" / "live")
            stack.callback(azurite.stop)
            values["AzureWebJobsStorage"] = azurite.connection_string
        try:
            app = wiring.open_app(settings.read(values, flows=FLOWS))
        except SyncError as error:
            console.print(f"[red]{error.sentence}[/red]")
            return 2
        info = root / ".run" / "live.info.json"
        info.unlink(missing_ok=True)
        host = start_process(
            "Functions host",
            [sys.executable, "-m", "sandbox.host", "--app", str(root), "--port", "0", "--info", str(info)],
            ready=lambda _: complete(info),
            environment={**os.environ, "PYTHONPATH": str(root), **values},
            log_file=root / ".run" / "live.log",
            timeout_s=60,
        )
        stack.callback(host.stop)
        modes = ", ".join(f"{name} {mode.value}" for name, mode in app.settings.modes.items())
        console.print(f"running: {modes}. Ctrl-C ends it.")
        watch.follow(app, host, stop, console)
    return 0


def _values(root: Path, console: Console) -> dict[str, str] | None:
    """The settings of local.settings.json under the environment's own; None after naming what is missing."""
    path = root / FILE
    if not path.is_file():
        console.print(f"[red]There is no {FILE}.[/red] Copy local.settings.example.json to {FILE} and fill it in:")
        values: dict[str, str] = {}
    else:
        values = {key: str(value) for key, value in json.loads(path.read_text()).get("Values", {}).items()}
    sentences = settings.missing({**values, **os.environ})
    for sentence in sentences:
        console.print(f"- {sentence}")
    return None if sentences or not values else values
