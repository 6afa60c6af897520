"""When something is tried again, and since when it is tried: what a message says of that. Pure."""

from __future__ import annotations

import math
from datetime import datetime

from shared.errors import Retryable, SyncError
from shared.records import Message, Origin
from shared.sync.flow import WAITED

BACKGROUND = frozenset({Origin.LOAD, Origin.REPLAY})
"""Origins that leave a share of the permits to live changes."""


def tried_at(message: Message) -> datetime | None:
    """Since when it is tried; WAITED for what waits for nobody: a listing, whose pages would keep others from coming,
    and a reminder, whose record has waited before."""
    if message.attempt:
        return message.first_at
    return WAITED if message.origin in {*BACKGROUND, Origin.REMINDER} else None


def delay(error: SyncError | None, attempt: int) -> float:
    """What a vendor asks for, or a lease still lasts, is waited for, not longer; other waits double with every try."""
    if not isinstance(error, Retryable):
        error = Retryable("No error is known.")
    wait_s = max(1.0, error.retry_after_s)
    if error.exact:
        return min(Retryable.longest_s, wait_s)
    return min(error.longest_s, wait_s * 2.0 ** min(attempt, 6))


def rounded(seconds: float) -> float:
    """Retries of one page travel together: waits are grouped to whole steps of five seconds, none shorter."""
    return 1.0 if seconds <= 1.0 else 5.0 * math.ceil(seconds / 5.0)
