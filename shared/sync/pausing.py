"""What stops when a connection or a flow is out of order, and what lets it go on.

A pause by a defect ends by itself: after a while one worker tries again, and where that fails the pause is twice as
long, up to an hour. One alert when it begins, one when it works again. What needs a person's word waits for it.
"""

from __future__ import annotations

import logging

from shared.errors import AuthFailed, ConnectionDown, Misconfigured, Retryable, TooManyDeletes
from shared.records import Side
from shared.sync.ports import Switches

log = logging.getLogger("sync")

STORM = 4
"""Times in a row that a whole message got no useful answer, after which its system counts as down."""


def stop(switches: Switches, flow: str, error: Misconfigured) -> None:
    """Pause the connection where its credentials are refused or it does not serve us, else the flow."""
    side = error.facts.get("side")
    connection = isinstance(error, AuthFailed | ConnectionDown) and side in list(Side)
    target = str(side) if connection else flow
    if isinstance(error, TooManyDeletes):
        news = not switches.paused(target)
        if news:
            switches.pause(target, error.in_log)
    else:
        news = switches.back_off(target, error.in_log)
    if news:
        log.error("alert", extra={"alert": "paused", "target": target, "error": error.code, "why": error.in_log})


def stopped(switches: Switches, flow: str) -> tuple[str, str] | None:
    """What is paused that stops this flow, itself or a connection, and why; None where it may run."""
    pauses = switches.all()
    return next(((target, pauses[target]) for target in (flow, *map(str, Side)) if target in pauses), None)


def advice(paused: tuple[str, str]) -> str:
    """The sentence that says what is paused, why, and what lets it go on."""
    target, reason = paused
    return f"{target} is paused: {reason} When mended: python -m ops resume {target}"


def as_down(error: Retryable, attempt: int) -> ConnectionDown | None:
    """The same trouble as one of the whole connection, where it has lasted for too many tries; storage is none."""
    side = error.facts.get("side")
    if attempt + 1 < STORM or side not in list(Side):
        return None
    sentence = f"{side} has not answered usefully for a while: {error.in_log}"
    return ConnectionDown(sentence, facts={**error.facts, "last": error.code})


def works(switches: Switches, flow: str) -> None:
    """Something was done with both systems: pauses whose time was over are taken back, with one alert each."""
    for target in (flow, *Side):
        if switches.recovered(target):
            log.warning("alert", extra={"alert": "resumed", "target": str(target)})
