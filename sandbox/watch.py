"""Watches the running app through its own state: waits until nothing is left to do, and prints what changes.

Reads run rows, queue depths and outcomes only; it never calls the two systems and never writes.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime

from rich.console import Console
from rich.markup import escape

from sandbox.processes import ChildProcess, ProcessFailedError
from shared import wiring
from shared.flows import FLOWS
from shared.records import RunRow, Verdict
from shared.sync.flow import Mode
from shared.sync.poll import LISTING

LOUD = (Verdict.CREATED.value, Verdict.UPDATED.value, Verdict.PARKED.value, Verdict.RETIRED.value)
QUIET_S = 8.0
STEP_S = 1.0
TELL_S = 5.0
ROWS = 1000


def until_quiet(app: wiring.App, host: ChildProcess, stop: threading.Event, console: Console) -> None:
    """Return once every listing is done, every queue empty, and no run handled anything for a while."""
    quiet_since = told_at = time.monotonic()
    last = ""
    with console.status("the first load begins") as status:
        while not stop.wait(STEP_S):
            _alive(host)
            waiting = {flow.name: app.state.queues.depth(flow.name) for flow in FLOWS}
            done = sum(sum(row.counts.values()) for flow in app.flows for row in _rows(app, flow.name))
            now = f"{done} records handled; waiting: " + ", ".join(f"{name} {n}" for name, n in waiting.items())
            status.update(now)
            if not console.is_terminal and now != last and time.monotonic() - told_at > TELL_S:
                console.print(now)
                told_at = time.monotonic()
            if now != last or any(waiting.values()) or not _listed(app):
                quiet_since, last = time.monotonic(), now
            if time.monotonic() - quiet_since > QUIET_S:
                return


def _alive(host: ChildProcess) -> None:
    if not host.running:
        raise ProcessFailedError(f"The Functions host ended:\n{host.last_lines()}")


def _listed(app: wiring.App) -> bool:
    return all(
        app.state.cursors.get(shop.shop, flow.name, LISTING).value.get("done")
        for flow in app.flows
        for shop in app.settings.shops
        if app.settings.modes[flow.name] is not Mode.OFF
    )


def _rows(app: wiring.App, flow: str) -> Iterator[RunRow]:
    for shop in app.settings.shops:
        yield from app.state.runs.last(shop.shop, flow, ROWS)


def follow(app: wiring.App, host: ChildProcess, stop: threading.Event, console: Console) -> None:
    """Print every change as it arrives, until told to stop."""
    seen = {row.run_id for flow in app.flows for row in _rows(app, flow.name)}
    while not stop.wait(STEP_S):
        _alive(host)
        for flow in app.flows:
            for row in sorted(_rows(app, flow.name), key=lambda row: row.started_at):
                if row.run_id not in seen:
                    seen.add(row.run_id)
                    _tell(app, row, console)


def _tell(app: wiring.App, row: RunRow, console: Console) -> None:
    if not row.outcomes_blob:
        return
    for outcome in app.state.journal.get_outcomes(row.outcomes_blob):
        if outcome.verdict.value in LOUD:
            changes = "; ".join(f"{c.name}: {_short(c.before)} → {_short(c.after)}" for c in outcome.changes)
            line = f"{_clock(row.started_at)} {row.flow} {outcome.source_id} → {outcome.target_id or '-'} "
            console.print(escape(f"{line}{outcome.verdict.value}: {changes or outcome.reason}"), soft_wrap=True)


def _short(value: object) -> str:
    text = (
        json.dumps(value, default=str) if isinstance(value, dict | list) else "nothing" if value is None else str(value)
    )
    return text if len(text) <= 60 else text[:57] + "..."


def _clock(moment: datetime) -> str:
    return moment.strftime("%H:%M:%S")
