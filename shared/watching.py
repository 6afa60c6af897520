"""What housekeeping looks at: flows that stand still, changes that wait too long, growing queues, an old API version.

Each check ends as an alert that begins once and ends once (shared/state/alerts.py), with a sentence that says what to
do. A paused flow is not looked at: its pause has an alert of its own, and one more where nobody ends it. Never changes
anything but alerts and notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from shared.flows import FLOWS
from shared.records import Side
from shared.state.alerts import Topic
from shared.sync.flow import Flow, Mode
from shared.sync.pausing import advice, stopped
from shared.wiring import App

STANDSTILL, LAG, QUEUE, API_VERSION = "standstill", "lag", "queue", "api_version"
HELD, FORGOTTEN = "held", "forgotten"
FORGETS = timedelta(hours=24)
"""After so long a pause that waits for a person's word may have been forgotten."""
GROWTHS = 3
"""How often in a row a queue has to have grown."""
NOTICE = timedelta(days=60)
"""How long before the end of an API version the alert is raised."""

_WATCHED = "watched"


def polled(app: App, flow_name: str) -> None:
    """Note that a flow's timer has polled every shop: what `watch` looks for. One request."""
    app.state.notes.put(f"poll {flow_name}", {"at": app.clock.now()})


def watch(app: App) -> None:
    """Check everything once. Three requests to the storage for a flow, three for all together."""
    notes = app.state.notes.all()
    before = notes.get(_WATCHED, {})
    found: dict[Topic, str] = {**dict(_versions(app)), **_held(app)}
    now: dict[str, Any] = {}
    for flow in FLOWS:
        if app.settings.modes[flow.name] is Mode.OFF:
            found |= {(kind, flow.name): "" for kind in (STANDSTILL, LAG, QUEUE)}
        elif any(stopped(app.state.switches, flow.name, shop) is None for shop in app.shopify):
            seen = _seen(app, flow, before.get(flow.name, {}))
            now[flow.name] = seen
            found |= _flow(app, flow, seen, notes.get(f"poll {flow.name}", {}))
    if now != before:
        app.state.notes.put(_WATCHED, now)
    app.state.alerts.settle(found)


def _held(app: App) -> dict[Topic, str]:
    """What a person has to let go on: told when it is found, once more after a day, and when it is over."""
    held, found = app.state.switches.held(), dict[Topic, str]()
    for target in (*dict.fromkeys(flow.name for flow in (*FLOWS, *app.flows)), *map(str, Side), *app.shopify):
        found |= {(HELD, target): "", (FORGOTTEN, target): ""}
        if target in held:
            reason, since = held[target]
            found[HELD, target] = f"Nothing but a person ends this pause. {advice((target, reason))}"
            if app.clock.now() - since > FORGETS:
                found[FORGOTTEN, target] = f"Nobody has ended this pause for a day. {advice((target, reason))}"
    return found


def _seen(app: App, flow: Flow, before: Mapping[str, Any]) -> dict[str, Any]:
    """Since when this flow has been on without a break, and how much waited for it the last few times."""
    waiting = [*before.get("waiting", ()), app.state.queues.depth(flow.name)]
    return {"since": before.get("since", app.clock.now()), "waiting": waiting[-GROWTHS - 1 :]}


def _flow(app: App, flow: Flow, seen: Mapping[str, Any], poll: Mapping[str, Any]) -> dict[Topic, str]:
    name, now, limits = flow.name, app.clock.now(), app.settings.limits
    found: dict[Topic, str] = {(STANDSTILL, name): "", (LAG, name): ""}
    silent = now - max(seen["since"], poll.get("at", seen["since"]))
    if silent > timedelta(minutes=limits.poll_min):
        found[STANDSTILL, name] = (
            f"{name} has not finished a poll for {_minutes(silent)} minutes. See whether its timer runs "
            f"({flow.setting}_SCHEDULE) and what it logs; `python -m ops sync {name}` shows what stops it."
        )
    oldest = app.state.queues.oldest(name)
    if oldest is not None and now - oldest > timedelta(seconds=limits.lag_s):
        found[LAG, name] = (
            f"A change has waited for {name} for {_minutes(now - oldest)} minutes. See whether {name}_worker runs and "
            f"what `python -m ops runs {name}` says it waits for; more SYNC_PERMITS let more workers write."
        )
    growing = _growing(seen["waiting"], limits.queue)
    if growing is not None:
        found[QUEUE, name] = growing * (
            f"{seen['waiting'][-1]} messages wait for {name}, more at every look. See whether its workers run and what "
            f"`python -m ops parked list` and `runs` say; a one-time import ends by itself."
        )
    return found


def _growing(waiting: Sequence[int], limit: float) -> bool | None:
    """Whether more waited at every look; None: neither, so that an alert neither begins nor ends."""
    if waiting[-1] <= limit:
        return False
    grew = all(one < other for one, other in pairwise(waiting))
    return True if grew and len(waiting) > GROWTHS else None


def _versions(app: App) -> Iterator[tuple[Topic, str]]:
    for shop in app.shopify:
        yield (API_VERSION, shop), version(app, shop)


def version(app: App, shop: str) -> str:
    """Whether a shop's API version ends soon, or has ended: Shopify then answers with its oldest one, silently.

    A version is served for at least twelve months from the first of its month (shopify.dev/docs/api/usage/versioning).
    """
    client = app.shopify[shop]
    asked, why, ends = client.version, "", end_of(client.version)
    if client.served not in ("", asked):
        why = f"{shop} answers with API version {client.served}: {asked}, which the app asks for, has ended."
    elif ends is not None and app.clock.now() > ends - NOTICE:
        why = f"Shopify serves API version {asked} until {ends:%Y-%m-%d} and may end it then."
    return why and f"{why} Install a release of this app that was made for a later one, and set SHOPIFY_API_VERSION."


def end_of(version: str) -> datetime | None:
    """Until when a version is served at least; None where it names no month."""
    named = re.fullmatch(r"(\d{4})-(\d\d)", version)
    return datetime(int(named[1]) + 1, int(named[2]), 1, tzinfo=UTC) if named else None


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)
