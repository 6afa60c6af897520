"""How many orders a minute a development store takes: five, as the documentation of `orderCreate` says.

Off unless the shop is configured as a development store. The wording of the refusal is an assumption.
"""

from __future__ import annotations

from collections import deque

from sandbox.shopify.call import Call, refuse

LIMITED = "orderCreate"
ORDERS_PER_MINUTE = 5
MINUTE_S = 60.0
TOO_MANY = "Too many attempts. Please try again later."


class Pace:
    """The moments at which orders were made."""

    def __init__(self) -> None:
        self._made: deque[float] = deque(maxlen=ORDERS_PER_MINUTE)

    def check(self, call: Call) -> None:
        """Raise UserErrors when the store has made its orders of this minute."""
        now = call.store.clock.timestamp()
        if len(self._made) == ORDERS_PER_MINUTE and now - self._made[0] < MINUTE_S:
            raise refuse(None, TOO_MANY)

    def note(self, call: Call) -> None:
        """Remember that an order was made."""
        self._made.append(call.store.clock.timestamp())
