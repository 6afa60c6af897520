"""Webhooks of both systems: which ones the flows want, at which address, and housekeeping's look at them.

The clients know how to make, correct and remove them; here is decided what is wanted. Where WEBHOOKS_URL is empty
nothing is asked and nothing changed: the timers alone find what changed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.carrying import part_names
from shared.dataverse.selection import Watched
from shared.dataverse.solution import SOLUTION
from shared.dataverse.subscriptions import Listener, register
from shared.errors import Retryable, SyncError
from shared.flows import FLOWS, flow_named
from shared.records import Side
from shared.shopify import setup as shop_setup
from shared.shopify.subscriptions import subscribe
from shared.shopify.webhooks import COMPLIANCE
from shared.sync.flow import Flow, Mode
from shared.wiring import App

log = logging.getLogger("sync")

WEBHOOKS = "webhooks"
"""The step that stands for all of them where a setting is missing, the kind of their alert, the note of a look."""
OFF = "off: WEBHOOKS_URL is empty, so the timers alone find what changed"
UNSIGNED = "Set SHOPIFY_CLIENT_SECRET: without it no webhook can be told from a forged one."
KEYLESS = "Set DATAVERSE_WEBHOOK_KEY to a long random text: without it no webhook can be told from a forged one."
LOOK_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of `setup`: on which side, what, whether it was needed and done."""

    side: str
    name: str
    needed: bool
    done: bool
    detail: str = ""

    @property
    def failed(self) -> bool:
        """Needed, and not done."""
        return self.needed and not self.done


def of_shop(shop: str, step: shop_setup.Step) -> Step:
    """A step at a shop."""
    return Step(f"shopify {shop}", step.name, step.state != "present", step.state == "done", step.detail)


def complaint(step: Step) -> str:
    """What a person should know of a step that is still needed; what a vendor said of it is left to `setup`."""
    return step.detail if step.name == WEBHOOKS else f"Not in order: {step.name}. Run: python -m ops setup"


def places(app: App) -> tuple[str, ...]:
    """Where webhooks are to be sent from: CRM and every shop; none where they are off."""
    return (Side.CRM, *app.shopify) if app.settings.webhooks_url else ()


def webhooks(app: App, place: str, *, dry_run: bool) -> Iterator[Step]:
    """The webhooks of CRM or of one shop, made, corrected and removed as the flows that are not off want them."""
    return _of_crm(app, dry_run) if place == Side.CRM else _of_shop(app, place, dry_run)


def _of_crm(app: App, dry_run: bool) -> Iterator[Step]:
    key = app.settings.dataverse.webhook_key
    if not key:
        yield Step("crm", WEBHOOKS, needed=True, done=False, detail=KEYLESS)
        return
    listeners = [
        Listener(flow.name, f"{_address(app)}/{flow.name}", _watched(app, flow) if _on(app, flow) else ())
        for flow in FLOWS
        if flow.source is Side.CRM
    ]
    for step in register(app.crm, key, listeners, dry_run=dry_run, solution=SOLUTION):
        yield Step("crm", step.name, step.needed, step.done, step.detail)


def _of_shop(app: App, shop: str, dry_run: bool) -> Iterator[Step]:
    if not app.shop(shop).client_secret:
        yield Step(f"shopify {shop}", WEBHOOKS, needed=True, done=False, detail=UNSIGNED)
        return
    flows = {flow.name: _topics(app, flow, shop) for flow in FLOWS if flow.source is Side.SHOPIFY}
    for step in subscribe(app.shopify[shop], _address(app), flows, dry_run=dry_run):
        yield of_shop(shop, step)


def _topics(app: App, flow: Flow, shop: str) -> list[str]:
    """What a flow hears of. That the app is gone concerns all flows, so it is told although this one is off."""
    if _on(app, flow):
        return sorted({*_heard(app, flow, shop), *flow.notices} - COMPLIANCE)
    return [topic for topic in flow.notices if topic == "app/uninstalled"]


def _heard(app: App, flow: Flow, shop: str) -> set[str]:
    """The topics of the flow, or of all tables that its functions serve."""
    return {topic for name in part_names(app.settings, flow.name) for topic in app.topics(flow_named(name), shop)}


def _address(app: App) -> str:
    return f"{app.settings.webhooks_url}/api/webhooks"


def _on(app: App, flow: Flow) -> bool:
    return app.settings.modes[flow.name] is not Mode.OFF


def _watched(app: App, flow: Flow) -> list[Watched]:
    """The tables a flow listens to, with the columns that matter to any of the shops."""
    found: dict[str, Watched] = {}
    for shop in (shop.shop for shop in app.settings.shops):
        rules, _ = app.rules(flow, shop)
        for table in app.bare(shop, rules)[1].watched(rules.reads()):
            known = found.get(table.name, table)
            found[table.name] = replace(table, columns=table.columns | known.columns)
    return [found.get(name, Watched(name)) for name in flow.topics]


def look_after(app: App) -> None:
    """Housekeeping's part, once an hour: mend what this identity may mend, and alert once where it may not."""
    if not places(app):
        return
    looked = app.state.notes.all().get(WEBHOOKS, {})
    if looked and app.clock.now() - looked["at"] < LOOK_EVERY:
        return
    note(app)
    for place in places(app):
        if not any(map(app.state.switches.paused, {place, Side.CRM if place == Side.CRM else Side.SHOPIFY})):
            _look(app, place)


def note(app: App) -> None:
    """They were just looked at."""
    app.state.notes.put(WEBHOOKS, {"at": app.clock.now()})


def _look(app: App, place: str) -> None:
    try:
        why = " ".join(complaint(step) for step in webhooks(app, place, dry_run=False) if step.failed)
    except Retryable as error:
        log.warning("webhooks not seen", extra={"target": place, "error": error.code, "why": error.in_log})
        return
    except SyncError as error:
        why = error.in_log
    app.state.alerts.settle({(WEBHOOKS, place): why})
