"""A clock for tests of the transport: it moves only when somebody sleeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class StillClock:
    """Starts at noon; `slept` lists every wait."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)
