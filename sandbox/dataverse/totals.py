"""Sums and averages inside SQLite for numbers that SQLite does not know: decimals packed in text.

A float never touches money; empty values do not count, and a total of nothing is empty.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .values import EXACT_TYPES, pack, unpack


class Total:
    """The sum of the values of one group."""

    def __init__(self) -> None:
        self._sum: Decimal | float = Decimal(0)
        self._count = 0
        self._kind = ""

    def step(self, value: Any, kind: str) -> None:
        """Add one value of a column type."""
        if value is None:
            return
        number = unpack(value) if kind in EXACT_TYPES else value
        self._sum = number if self._count == 0 else self._sum + number
        self._count += 1
        self._kind = kind

    def finalize(self) -> Any:
        """The result as SQLite stores that type."""
        return self._stored(self._sum) if self._count else None

    def _stored(self, number: Any) -> Any:
        return pack(number) if self._kind in EXACT_TYPES else number


class Average(Total):
    """The mean of the values that are there; of whole numbers a whole one, as in SQL Server."""

    def finalize(self) -> Any:
        """The result as SQLite stores that type."""
        if not self._count:
            return None
        if self._kind in ("Integer", "BigInt"):
            return int(Decimal(self._sum) / self._count)
        return self._stored(self._sum / self._count)
