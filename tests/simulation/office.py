"""What a merchant and a salesperson have in common: the book, new names and prices, and what they just talked about.

In some lives both keep coming back to one record and one field, as people do who correct each other. Nothing here
knows the app.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.simulation.book import Book
from tests.simulation.chance import Chance

MOST_RECORDS = 14
FOCUS = (0.0, 0.4, 0.8)


@dataclass
class Office:
    """`focus`: how likely the next edit is of the last one's record; `topic`: its number and the field."""

    chance: Chance
    between: Callable[[], bool]
    book: Book = field(default_factory=Book)
    focus: float = 0.0
    topic: tuple[str, str] = ("", "")
    made: int = 0
    gone: set[str] = field(default_factory=set)

    def full(self) -> bool:
        """Whether there is enough to do with what there is."""
        return self.made >= MOST_RECORDS

    def any(self, options: list[Any], number: str) -> Any:
        """One of them (the one they talk about, perhaps); `number` names the key that holds a record's number."""
        known = [each for each in options if each.get(number) and each[number] == self.topic[0]]
        if known and self.chance.happens(self.focus):
            return known[0]
        return self.chance.among(options) if options else None

    def fresh(self, prefix: str) -> str:
        """A number nobody has used."""
        self.made += 1
        return f"{prefix}-{self.made:03d}"

    def price(self) -> Decimal:
        """A price in cents."""
        return Decimal(self.chance.below(90_000) + 100) / 100
