"""The leaky bucket of query points: one per app and store.

Reserve what is asked for, give back what was not used, restore continuously by the sandbox's clock.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from sandbox.shopify.clock import Clock

MAX_SINGLE_QUERY = 1000


class Buckets:
    """The buckets of one store: every app has its own."""

    def __init__(self, clock: Clock, maximum: float, rate: float) -> None:
        self._make = lambda: Bucket(clock, maximum, rate)
        self._lock = threading.Lock()
        self._made: dict[str, Bucket] = {}

    def of(self, app: str) -> Bucket:
        """The bucket of an app."""
        with self._lock:
            return self._made.setdefault(app, self._made.get(app) or self._make())


@dataclass
class Bucket:
    """`maximum` points, `rate` of them restored each second."""

    clock: Clock
    maximum: float
    rate: float

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._available = self.maximum
        self._seen_at = self.clock.timestamp()

    def reserve(self, points: float) -> bool:
        """Take the points, or take nothing and say no."""
        with self._lock:
            self._restore()
            if self._available < points:
                return False
            self._available -= points
            return True

    def refund(self, points: float) -> None:
        """Give back what was reserved and not used."""
        with self._lock:
            self._restore()
            self._available = min(self.maximum, self._available + points)

    def status(self) -> dict[str, Any]:
        """As it stands in `extensions.cost.throttleStatus`."""
        with self._lock:
            self._restore()
            return {
                "maximumAvailable": self.maximum,
                "currentlyAvailable": int(self._available),
                "restoreRate": self.rate,
            }

    def _restore(self) -> None:
        now = self.clock.timestamp()
        elapsed = max(0.0, now - self._seen_at)
        self._seen_at = now
        self._available = min(self.maximum, self._available + elapsed * self.rate)
