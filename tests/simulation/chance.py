"""Every choice of a simulated life, drawn from one seed and written down, so that the seed alone repeats it.

Choices are drawn by name and step: what the eleventh step decides of a call to Shopify depends on the seed, on that
step, on that kind of call, and on how many of them came before it in that step, on nothing else. So a change of the app
that makes a call more or less moves little of a life, and a seed that showed a defect mostly shows it still.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass
class _Life:
    """What all names of one life share."""

    seed: int
    step: int = 0
    streams: dict[str, random.Random] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)
    hash: Any = field(default_factory=hashlib.sha256)


class Chance:
    """Choices and the trace of what came of them. `digest` is equal for two runs that went the same way."""

    def __init__(self, seed: int, name: str = "", life: _Life | None = None) -> None:
        self._life = life or _Life(seed)
        self._name = name

    def of(self, name: str) -> Chance:
        """The choices of that name, which no other name's choices move."""
        return Chance(self._life.seed, name, self._life)

    def step(self) -> None:
        """From here on every name draws anew."""
        self._life.step += 1
        self._life.streams.clear()

    @property
    def _random(self) -> random.Random:
        life = self._life
        found = life.streams.get(self._name)
        if found is None:
            found = life.streams[self._name] = random.Random(f"{life.seed}/{life.step}/{self._name}")
        return found

    def below(self, count: int) -> int:
        """A number from 0 to count - 1."""
        return self._random.randrange(count)

    def happens(self, share: float) -> bool:
        """Whether something of that likelihood happens."""
        return self._random.random() < share

    def among(self, options: Sequence[T]) -> T:
        """One of them."""
        return options[self._random.randrange(len(options))]

    def unit(self) -> float:
        """A number from 0 up to 1."""
        return self._random.random()

    @property
    def trace(self) -> list[str]:
        """What happened so far, a line each."""
        return self._life.trace

    def note(self, text: str) -> None:
        """What happened, in one line."""
        self._life.trace.append(text)
        self._life.hash.update(text.encode() + b"\n")

    @property
    def digest(self) -> str:
        """The hash of the trace."""
        return str(self._life.hash.hexdigest()[:16])
