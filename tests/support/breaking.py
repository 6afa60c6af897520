"""Breaks one call of a worker in a chosen way: lost before or after it was carried out, refused, killed, stalled.

A call is a request to Shopify, by its document's name, or a method of the pairs' store, by its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shared.errors import Throttled, Unavailable, UnknownOutcome
from shared.shopify.client import Document
from tests.support.papers import OUTWARD, Papers
from tests.support.plant import SHOP

KINDS = (
    "lost before",
    "lost after",
    "refused",
    "throttled",
    "killed before",
    "killed after",
    "stalled before",
    "stalled after",
)
STALL_S = 400.0
"""Longer than a lease."""


class Killed(BaseException):
    """The process is gone: nothing catches this."""


@dataclass
class Breaker:
    """What breaks, how, and how often it did. `meanwhile`: what others do while the call is stalled."""

    papers: Papers
    point: str = ""
    kind: str = ""
    meanwhile: Callable[[], None] = lambda: None
    struck: int = 0
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Stand between the app and its calls."""
        client = self.papers.app.shopify[SHOP]
        execute = client.execute

        def broken(document: Document, variables: Any) -> Any:
            return self._call(document.name, lambda: execute(document, variables), mutation=document.is_mutation)

        client.execute = broken  # type: ignore[method-assign] # that is what a breaker is for
        refs = self.papers.app.state.crossrefs
        for name in ("begin", "save", "complete"):
            inner = getattr(refs, name)
            setattr(refs, name, self._store(f"pairs {name}", inner))

    def _store(self, name: str, inner: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **more: self._call(name, lambda: inner(*args, **more), mutation=True)

    def _call(self, name: str, carry_out: Callable[[], Any], *, mutation: bool) -> Any:
        self.names.append(name)
        if name != self.point or self.struck:
            return carry_out()
        self.struck += 1
        how, _, when = self.kind.partition(" ")
        if when == "before":
            self._strike(how, mutation)
            return carry_out()
        if when == "after":
            done = carry_out()
            self._strike(how, mutation)
            return done
        raise (Throttled if how == "throttled" else Unavailable)(f"{name}: broken", retry_after_s=5.0)

    def _strike(self, how: str, mutation: bool) -> None:
        if how == "killed":
            raise Killed
        if how == "stalled":
            self.papers.clock.advance(STALL_S)
            self.meanwhile()
            return
        raise (UnknownOutcome if mutation else Unavailable)("broken", retry_after_s=5.0)

    def run(self) -> None:
        """Timers and workers until nothing is left; who was killed comes back when its message does."""
        for _ in range(4):
            try:
                self.papers.run(ticks=1)
            except Killed:
                self.papers.clock.advance(700)
        self.papers.clock.advance(700)
        self.papers.run()

    def again(self) -> None:
        """Another worker takes the same documents up, as a second message about them has it do."""
        kept, self.point = self.point, ""
        for _ in range(40):
            if not self.papers.work_once(OUTWARD):
                self.papers.clock.advance(10)
        self.point = kept

    def chosen(self, chance: random.Random, points: tuple[str, ...]) -> None:
        """Some break of some call."""
        self.point, self.kind, self.struck = chance.choice(points), chance.choice(KINDS), 0
