"""How long a queue listener waits between two empty polls: 100 ms, growing to host.json's maxPollingInterval.

The figures are those of the storage extension's randomised exponential back-off. Must stay pure: randomness is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MINIMUM_S = 0.1
_SPREAD = 0.2


@dataclass(frozen=True)
class Backoff:
    """Where the back-off stands: the delay to wait now, and how often it has grown."""

    delay_s: float = 0.0
    exponent: int = 0


def next_backoff(current: Backoff, *, found: bool, maximum_s: float, random: Callable[[], float]) -> Backoff:
    """The next delay: the minimum after messages were found, else twice as long (±20 %) up to the maximum.

    `random` returns a number in [0, 1).
    """
    if found or current.exponent == 0:
        return Backoff(min(MINIMUM_S, maximum_s), 1)
    factor = 1 - _SPREAD + 2 * _SPREAD * random()
    delay_s = MINIMUM_S + factor * 2 ** (current.exponent - 1) * MINIMUM_S
    if delay_s >= maximum_s:
        # The exponent stays where it is: the interval is at its maximum and must not overflow in the years to come.
        return Backoff(maximum_s, current.exponent)
    return Backoff(delay_s, current.exponent + 1)
