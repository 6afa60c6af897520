"""Time and identifiers that a test owns: nothing waits, and every run gives out the same ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class VirtualClock:
    """A clock that moves only when it is told to, or when somebody sleeps."""

    def __init__(self, start: datetime = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        """The present moment of the test."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Time passes at once."""
        self._now += timedelta(seconds=seconds)


class CountedIds:
    """Identifiers in the order they were asked for."""

    def __init__(self, prefix: str = "id") -> None:
        self._prefix = prefix
        self._last = 0

    def new(self) -> str:
        """The next one."""
        self._last += 1
        return f"{self._prefix}-{self._last:05d}"
