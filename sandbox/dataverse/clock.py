"""Time and ids of the sandbox: real by default, moved by hand in tests.

Everything that depends on time (windows of limits, token expiry, keys becoming active, modifiedon) asks this
clock and never the operating system.
"""

from __future__ import annotations

import threading
import time
import uuid
from datetime import UTC, datetime, timedelta

NAMESPACE = uuid.UUID("6f0a3c1e-93a4-4c6f-9a56-0d2f9bb6f5a1")


class SandboxClock:
    """UTC now. `freeze` or `advance` turns it into a clock that only moves by hand (advance) or keeps pace."""

    def __init__(self, start: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._frozen = start
        self._offset = timedelta()

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        with self._lock:
            return self._frozen if self._frozen is not None else datetime.now(UTC) + self._offset

    def freeze(self, at: datetime | None = None) -> None:
        """Stop the clock, at the given time or at the present one."""
        moment = at or self.now()
        with self._lock:
            self._frozen = moment

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        with self._lock:
            step = timedelta(seconds=seconds)
            if self._frozen is None:
                self._offset += step
            else:
                self._frozen += step

    def sleep(self, seconds: float) -> None:
        """Really wait when the clock runs by itself; only move it when it is frozen."""
        with self._lock:
            frozen = self._frozen is not None
        if frozen:
            self.advance(seconds)
        else:
            time.sleep(seconds)


class IdSource:
    """New GUIDs: derived from a seed and a running number when a seed is given, random otherwise."""

    def __init__(self, seed: str | None, start: int = 0) -> None:
        self._seed = seed
        self.number = start

    def new(self) -> str:
        """The next id, lower-case with hyphens."""
        self.number += 1
        if self._seed is None:
            return str(uuid.uuid4())
        return str(uuid.uuid5(NAMESPACE, f"{self._seed}/{self.number}"))
