"""The sandbox's own time: the machine's, shifted or held still by a test.

Everything that depends on time (bucket, tokens, search lag, webhook retries) asks here, never the machine.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime


class Clock:
    """Real time plus an offset; `hold()` freezes it and `advance()` moves it, so tests decide what time it is."""

    def __init__(self, start: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._offset_s = 0.0
        self._held_at: float | None = start.timestamp() if start else None

    def timestamp(self) -> float:
        """Seconds since the epoch."""
        with self._lock:
            return self._held_at if self._held_at is not None else time.time() + self._offset_s

    def micros(self) -> int:
        """Microseconds since the epoch, as the store keeps times."""
        return round(self.timestamp() * 1_000_000)

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def hold(self) -> None:
        """Stop the flow of time where it is."""
        moment = self.timestamp()
        with self._lock:
            self._held_at = moment

    def release(self) -> None:
        """Let time flow on from where it was held."""
        moment = self.timestamp()
        with self._lock:
            self._held_at = None
            self._offset_s = moment - time.time()

    def advance(self, seconds: float) -> None:
        """Move time forward by that many seconds, held or not."""
        with self._lock:
            if self._held_at is not None:
                self._held_at += seconds
            else:
                self._offset_s += seconds


def parse_micros(text: str) -> int:
    """Microseconds of an ISO 8601 text; raises ValueError for anything else."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1_000_000)


def iso(micros: int | None) -> str | None:
    """How the API prints a time: whole seconds, UTC."""
    if micros is None:
        return None
    return datetime.fromtimestamp(micros // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def sql_moment(micros: int) -> str:
    """A time as it stands in the cursors of unsearched lists."""
    return datetime.fromtimestamp(micros // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S.") + f"{micros % 1_000_000:06d}"
