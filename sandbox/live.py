"""`make run LIVE=1`: the same local host against the real store and the real Dataverse of local.settings.json.

Starts Azurite where the settings say UseDevelopmentStorage=true, on the ports that this means, so that `python -m ops
--settings local.settings.json` finds the same state. The environment's own settings win over the file's, as they do
there. Names every missing setting with where to find it, and starts nothing until none is missing. Flows run in the
mode their settings say; the default is off.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from sandbox import watch
from sandbox.azurite import DEVELOPMENT_PORTS, start_azurite
from sandbox.processes import ProcessFailedError, start_process
from sandbox.world import complete
from shared import settings, wiring
from shared.errors import SyncError
from shared.flows import FLOWS

FILE = "local.settings.json"


def run(root: Path, console: Console, stop: threading.Event) -> int:
    """Run until Ctrl-C; 2 when a setting is missing or a port is taken."""
    values = _values(root, console)
    if values is None:
        return 2
    with ExitStack() as stack:
        if values.get("AzureWebJobsStorage") == "UseDevelopmentStorage=true":
            try:
                azurite = start_azurite(root / ".run" / "live", ports=DEVELOPMENT_PORTS)
            except ProcessFailedError as error:
                console.print(f"[red]{escape(str(error))}[/red]")
                return 2
            stack.callback(azurite.stop)
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
            environment={**values, "PYTHONPATH": str(root)},
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
    given: dict[str, str] = {}
    if not path.is_file():
        console.print(f"[red]There is no {FILE}.[/red] Copy local.settings.example.json to {FILE} and fill it in:")
    else:
        given = {key: str(value) for key, value in json.loads(path.read_text()).get("Values", {}).items()}
    values = {**given, **os.environ}
    sentences = settings.missing(values)
    for sentence in sentences:
        console.print(f"- {sentence}")
    return None if sentences or not given else values
