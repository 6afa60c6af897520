"""What goes wrong at each call to the outside: decided anew for every HTTP request and every storage operation.

A trouble strikes before the call (nothing happened), after it (it happened, nobody was told), or makes it last so long
that others act meanwhile and leases run out. A killed worker is dead at once: nothing of it is heard any more. What is
delivered (messages, webhooks) may come twice, late or never.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from tests.simulation.chance import Chance

T = TypeVar("T")
SHARES = (0.004, 0.012, 0.03)
MAIL_SHARES = (0.02, 0.1, 0.3)
SPOTS = (
    *["shopify mutation"] * 4, *["crm POST $batch"] * 3, *["crossrefs.submit"] * 2,
    "shopify query", "crm GET products", "cursors.submit", "queues.send", "blobs.put",
)  # fmt: skip
"""Kinds of calls that a life's weather may be at: writes above all."""
SPOT_SHARES = (0.2, 0.4, 0.8)
STALLS_S = (0.5, 3.0, 20.0, 60.0, 130.0, 260.0, 700.0)
"""From a slow answer to one that outlasts the lease (240 s) and the host's message lock (600 s)."""


class Trouble(StrEnum):
    """One way a call or a delivery can go wrong."""

    REFUSED = "never arrived"
    LOST = "carried out, the answer was lost"
    BROKEN = "answered with a server error, not carried out"
    CRASHED = "answered with a server error, carried out"
    THROTTLED = "asked to wait"
    EXPIRED = "the credential was refused"
    SLOW = "took long before it was carried out"
    LATE = "carried out, its answer took long"
    KILLED = "the worker died before it"
    KILLED_AFTER = "the worker died after it"
    DOUBLED = "delivered twice"
    DELAYED = "delivered late"
    MISSED = "a webhook that never came"


AT_DELIVERIES = (Trouble.DOUBLED, Trouble.DELAYED, Trouble.MISSED)
AT_CALLS = tuple(trouble for trouble in Trouble if trouble not in AT_DELIVERIES)
AT_SPOTS = (*AT_CALLS, Trouble.SLOW, Trouble.LATE)
OUTLASTING = "slow past the lease"
"""Counted beside SLOW and LATE: how many of those stalls outlasted a claim."""
LEASE_S = 240.0


class Killed(BaseException):
    """The worker's process ended here. Not an Exception: no handler of the program may see it."""


@dataclass
class Actor:
    """One invocation of a function in one process. `looked`: it has read Shopify and may write on what it saw."""

    name: str
    host: int
    dead: bool = False
    looked: bool = False


@dataclass
class Weather:
    """Decides for every call. Each life has its own climate: which troubles occur at all, and how often."""

    chance: Chance
    sleep: Callable[[float], None]
    meanwhile: Callable[[float], None] = lambda seconds: None
    shares: dict[Trouble, float] = field(default_factory=dict)
    spots: dict[str, tuple[Trouble, float]] = field(default_factory=dict)
    actors: list[Actor] = field(default_factory=list)
    struck: Counter[str] = field(default_factory=Counter)
    calls: int = 0

    def settle_climate(self) -> None:
        """Draw which troubles this life has: half of them, at their own rates; one life in eight has none.

        One to three kinds of calls have a trouble of their own that strikes them often, stalls above all.
        """
        if self.chance.happens(0.125):
            return
        for trouble in Trouble:
            if self.chance.happens(0.5):
                self.shares[trouble] = self.chance.among(SHARES if trouble in AT_CALLS else MAIL_SHARES)
        for _ in range(1 + self.chance.below(3)):
            self.spots[self.chance.among(SPOTS)] = (self.chance.among(AT_SPOTS), self.chance.among(SPOT_SHARES))

    def clear(self) -> None:
        """Fair weather from now on."""
        self.shares, self.spots = {}, {}

    def call(self, name: str, run: Callable[[], T], fail: Callable[[Trouble], T]) -> T:
        """Carry out a call in this weather; `fail` gives or raises what the caller gets of a trouble."""
        actor = self.actors[-1] if self.actors else None
        if actor is None:
            return run()
        if actor.dead:
            raise Killed
        self.calls += 1
        drawn = self.chance.of(f"call {name}")
        trouble = self._drawn(AT_CALLS, drawn) or self._at_spot(name, drawn)
        if trouble is None:
            return run()
        self._strikes(trouble, f"{actor.name}@{actor.host} {name}")
        return self._befall(trouble, actor, run, fail)

    def delivery(self, name: str, kinds: Sequence[Trouble]) -> Trouble | None:
        """What happens to something on its way: one of these kinds, or nothing."""
        trouble = self._drawn(kinds, self.chance.of(name))
        if trouble is not None:
            self._strikes(trouble, name)
        return trouble

    def _drawn(self, kinds: Sequence[Trouble], chance: Chance) -> Trouble | None:
        point = chance.unit()
        for trouble in kinds:
            point -= self.shares.get(trouble, 0.0)
            if point < 0:
                return trouble
        return None

    def _at_spot(self, name: str, chance: Chance) -> Trouble | None:
        trouble, share = self.spots.get(name, (None, 0.0))
        return trouble if trouble is not None and chance.happens(share) else None

    def _strikes(self, trouble: Trouble, name: str) -> None:
        self.struck[trouble.value] += 1
        self.chance.note(f"    {name}: {trouble.name}")

    def _befall(self, trouble: Trouble, actor: Actor, run: Callable[[], T], fail: Callable[[Trouble], T]) -> T:
        if trouble is Trouble.KILLED:
            self._kill(actor)
        if trouble is Trouble.SLOW:
            self._pass()
            return run()
        if trouble in {Trouble.LOST, Trouble.CRASHED, Trouble.LATE, Trouble.KILLED_AFTER}:
            answer = run()
            if trouble is Trouble.KILLED_AFTER:
                self._kill(actor)
            if trouble is Trouble.LATE:
                self._pass()
                return answer
        return fail(trouble)

    def _kill(self, actor: Actor) -> None:
        actor.dead = True
        raise Killed

    def _pass(self) -> None:
        """Time goes by, and others act in it."""
        seconds = self.chance.of("stall").among(STALLS_S)
        self.struck[OUTLASTING] += seconds > LEASE_S
        parts = 1 + int(seconds > LEASE_S) + int(seconds > 2 * LEASE_S)
        for _ in range(parts):
            self.sleep(seconds / (parts + 1))
            self.meanwhile(seconds / (parts + 1))
        self.sleep(seconds / (parts + 1))
