"""What stops when a connection or a flow is out of order, and what lets it go on.

A pause by a defect ends by itself: after a while one worker tries again, and where that fails the pause is twice as
long, up to an hour. One alert when it begins, one when it works again. What needs a person's word waits for it.
A shop that does not serve us is paused under its domain, so that the other shops go on.
A system works again when it has answered, a flow when what had stopped it (its polling, its work) has come to its end.
"""

from __future__ import annotations

import logging
from collections.abc import Collection

from shared.errors import AuthFailed, ConnectionDown, Misconfigured, Retryable, SettingMissing, TooManyDeletes
from shared.records import Message, Side, Verdict
from shared.sync.ports import Runs, Switches

log = logging.getLogger("sync")

STORM = 4
"""Times in a row that a whole message got no useful answer, after which its system counts as down."""

RUNS = 200
"""So many of a flow's newest runs are asked for one that wrote something."""

_WRITES = (Verdict.CREATED, Verdict.UPDATED, Verdict.RETIRED)

POLL, WORK = "poll", "work"
"""What of a flow met the trouble."""


def stop(switches: Switches, flow: str, error: Misconfigured, *, by: str = WORK) -> None:
    """Pause the connection where its credentials are refused or it does not serve us, else the flow."""
    target = _target(flow, error)
    if isinstance(error, TooManyDeletes):
        news = not switches.paused(target)
        if news:
            switches.pause(target, error.in_log)
    else:
        news = switches.back_off(target, error.in_log, by=by)
    if news:
        log.error("alert", extra={"alert": "paused", "target": target, "error": error.code, "why": error.in_log})


def _target(flow: str, error: Misconfigured) -> str:
    of_connection = isinstance(error, AuthFailed | ConnectionDown | SettingMissing)
    return (connection(error) if of_connection else "") or flow


def is_news(switches: Switches, flow: str, error: Misconfigured) -> bool:
    """Whether this stops what has worked so far; many deletes are never one record's fault, a person answers them."""
    return not isinstance(error, TooManyDeletes) and not switches.troubled(_target(flow, error))


def has_written(runs: Runs, message: Message) -> bool:
    """Whether a run that began after the message was refused wrote something; never of one that was not refused."""
    if message.refused_at is None:
        return False
    since = [row for row in runs.last(message.shop, message.flow, RUNS) if row.started_at > message.refused_at]
    return any(row.counts.get(verdict, 0) for row in since if not row.planned for verdict in _WRITES)


def connection(error: Misconfigured | Retryable) -> str:
    """What did not serve us: of Shopify the one shop, where it is named; empty where the error is of no system."""
    side = error.facts.get("side")
    return str(error.facts.get("shop") or side) if side in list(Side) else ""


def concerned(flow: str, *shops: str) -> tuple[str, ...]:
    """Whose pause stops a flow of those shops: its own, a system's, a shop's."""
    return (flow, *map(str, Side), *shops)


def stopped(switches: Switches, flow: str, *shops: str) -> tuple[str, str] | None:
    """What is paused that stops this flow, itself, a system or one of the shops, and why; None where it may run."""
    pauses = switches.all()
    return next(((target, pauses[target]) for target in concerned(flow, *shops) if target in pauses), None)


def advice(paused: tuple[str, str]) -> str:
    """The sentence that says what is paused, why, and what lets it go on."""
    target, reason = paused
    return f"{target} is paused: {reason} When mended: python -m ops resume {target}"


def as_down(error: Retryable, failed: int) -> ConnectionDown | None:
    """The same trouble as one of the whole connection, where it has lasted for too many tries; storage is none."""
    if failed + 1 < STORM or not connection(error):
        return None
    sentence = f"{connection(error)} has not answered usefully for a while: {error.in_log}"
    return ConnectionDown(sentence, facts={**error.facts, "last": error.code})


def works(switches: Switches, flow: str, answered: Collection[str], *, by: str = WORK) -> None:
    """Something came to its end: pauses whose time was over are taken back, with one alert each.

    `answered`: the systems and shops that gave a useful answer in it. Work that asked only one system proves little of
    a flow.
    """
    proved = bool(answered) if by == POLL else set(Side) <= set(answered)
    for target in (*([flow] if proved else []), *sorted(answered)):
        if switches.recovered(target, by=by if target == flow else ""):
            log.warning("alert", extra={"alert": "resumed", "target": str(target)})
