"""What was held of a flow, given back: by its own timer soon after the pause, by housekeeping whatever the timers do.

Reads the held queue alone where nothing is held: one request. Never gives back what may not run.
"""

from __future__ import annotations

import logging
from itertools import product

from shared import aside
from shared.carrying import part_names
from shared.errors import SyncError
from shared.mapping.tables import stem_of
from shared.records import Message
from shared.sync.flow import Mode
from shared.sync.pausing import concerned, stopped
from shared.wiring import App

log = logging.getLogger("sync")

TRIAL = 32
"""How many held messages a timer looks at where something of the flow still stands, or has yet to be seen to work."""


def release(app: App, flow_name: str, *, wholly: bool = True) -> None:
    """Give back what was held of what may run again; what is of a table that is carried no more is set aside.

    Not `wholly`: a few where the others might only be held again, so that a timer does not move all of them each time.
    """
    if not app.state.queues.held(flow_name):
        return
    every = set(product(part_names(app.settings, flow_name), (shop.shop for shop in app.settings.shops)))
    ready = {(name, shop) for name, shop in every if _may_run(app, name, shop)}

    def handle(message: Message) -> bool:
        if (message.flow, message.shop) in every - ready:
            return False
        if stem_of(message.flow) and message.flow not in {name for name, _ in every}:
            aside.uncarried(app, message)
        else:  # a worker sets aside what nobody can work
            app.state.queues.give_back(message)
        return True

    if ready:
        whole = wholly or (ready == every and not any(_troubled(app, *each) for each in every))
        app.state.queues.release(flow_name, handle, most=None if whole else TRIAL)


def soon(app: App, flow_name: str) -> None:
    """The timer's part, where the flow is on; what goes wrong is left to housekeeping."""
    if app.settings.modes[flow_name] is not Mode.ON:
        return
    try:
        release(app, flow_name, wholly=False)
    except SyncError as error:
        log.warning("not released", extra={"flow": flow_name, "error": error.code, "why": error.in_log})


def _may_run(app: App, flow_name: str, shop: str) -> bool:
    if app.settings.modes[flow_name] is not Mode.ON or stopped(app.state.switches, flow_name, shop):
        return False
    try:
        return not app.dispatch(app.job(flow_name, shop)).paused()
    except SyncError as error:
        log.warning("not released", extra={"flow": flow_name, "error": error.code, "why": error.in_log})
        return False


def _troubled(app: App, flow_name: str, shop: str) -> bool:
    return any(map(app.state.switches.troubled, concerned(flow_name, shop)))
