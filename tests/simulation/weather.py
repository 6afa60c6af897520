"""What goes wrong at each call to the outside: decided anew for every HTTP request and every storage operation.

A trouble strikes before the call (nothing happened), after it (it happened, nobody was told), or makes it last so long
that others act meanwhile and leases run out. A killed worker is dead at once: nothing of it is heard any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from tests.simulation.chance import Chance

T = TypeVar("T")
SHARES = (0.004, 0.012, 0.03)
STALLS_S = (0.5, 3.0, 20.0, 130.0, 260.0, 700.0)
"""From a slow answer to one that outlasts the lease (240 s) and the host's message lock (600 s)."""


class Trouble(StrEnum):
    """One way a call can go wrong."""

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


class Killed(BaseException):
    """The worker's process ended here. Not an Exception: no handler of the program may see it."""


@dataclass
class Actor:
    """One invocation of a function in one process."""

    name: str
    host: int
    dead: bool = False


@dataclass
class Weather:
    """Decides for every call. Each life has its own climate: which troubles occur at all, and how often."""

    chance: Chance
    sleep: Callable[[float], None]
    meanwhile: Callable[[], None] = lambda: None
    shares: dict[Trouble, float] = field(default_factory=dict)
    actors: list[Actor] = field(default_factory=list)
    struck: Counter[Trouble] = field(default_factory=Counter)
    calls: int = 0

    def settle_climate(self) -> None:
        """Draw which troubles this life has: half of them, at their own rates; one life in eight has none."""
        if self.chance.happens(0.125):
            return
        for trouble in Trouble:
            if self.chance.happens(0.5):
                self.shares[trouble] = self.chance.among(SHARES)

    def clear(self) -> None:
        """Fair weather from now on."""
        self.shares = {}

    def call(self, name: str, run: Callable[[], T], fail: Callable[[Trouble], T]) -> T:
        """Carry out a call in this weather; `fail` gives or raises what the caller gets of a trouble."""
        actor = self.actors[-1] if self.actors else None
        if actor is None:
            return run()
        if actor.dead:
            raise Killed
        self.calls += 1
        trouble = self._drawn()
        if trouble is None:
            return run()
        self.struck[trouble] += 1
        self.chance.note(f"    {actor.name}@{actor.host} {name}: {trouble.name}")
        return self._strike(trouble, actor, run, fail)

    def _drawn(self) -> Trouble | None:
        point = self.chance.unit()
        for trouble, share in self.shares.items():
            point -= share
            if point < 0:
                return trouble
        return None

    def _strike(self, trouble: Trouble, actor: Actor, run: Callable[[], T], fail: Callable[[Trouble], T]) -> T:
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
        seconds = self.chance.among(STALLS_S)
        self.sleep(seconds * 0.5)
        self.meanwhile()
        self.sleep(seconds * 0.5)
