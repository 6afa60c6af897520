"""Every choice of a simulated life, drawn from one seed and written down, so that the seed alone repeats it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Choices and the trace of what came of them. `digest` is equal for two runs that went the same way."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.trace: list[str] = []
        self._random = random.Random(seed)
        self._hash = hashlib.sha256()

    def below(self, count: int) -> int:
        """A number from 0 to count - 1."""
        return self._random.randrange(count)

    def happens(self, share: float) -> bool:
        """Whether something of that likelihood happens."""
        return self._random.random() < share

    def among(self, options: Sequence[T]) -> T:
        """One of them."""
        return options[self._random.randrange(len(options))]

    def between(self, low: float, high: float) -> float:
        """A number in that range, to the millisecond."""
        return round(self._random.uniform(low, high), 3)

    def unit(self) -> float:
        """A number from 0 up to 1."""
        return self._random.random()

    def note(self, text: str) -> None:
        """What happened, in one line."""
        self.trace.append(text)
        self._hash.update(text.encode() + b"\n")

    @property
    def digest(self) -> str:
        """The hash of the trace."""
        return self._hash.hexdigest()[:16]
