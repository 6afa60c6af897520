"""Our picture of Shopify's cost bucket, so that we wait before a query instead of being refused after it.

The vendor's own figures correct it with every answer; before the first answer it lets everything through.
It never sleeps: it says how long to wait.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any


class Bucket:
    """The points of one app in one shop. Shared by all threads of the process; other processes show in the answers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._level = 0.0
        self._maximum = 0.0
        self._rate = 0.0
        self._level_at: datetime | None = None
        self._in_flight = 0.0

    def reserve(self, cost: float, now: datetime) -> float:
        """Take the points, or say how many seconds to wait before asking again. 0.0 means they are taken."""
        with self._lock:
            wanted = min(cost, self._maximum)  # a query larger than the bucket must be refused by the vendor, not here
            missing = wanted - self._available(now)
            if self._level_at is not None and self._rate > 0 and missing > 0:
                return missing / self._rate
            self._in_flight += cost
            return 0.0

    def settle(self, reserved: float, status: Mapping[str, Any] | None, now: datetime) -> None:
        """A request ended: give its reservation back and believe the vendor's `throttleStatus` where there is one."""
        with self._lock:
            self._in_flight = max(0.0, self._in_flight - reserved)
            if status:
                self._maximum = float(status["maximumAvailable"])
                self._rate = float(status["restoreRate"])
                self._level = float(status["currentlyAvailable"])
                self._level_at = now

    def wait_s(self, cost: float, now: datetime) -> float:
        """How long the vendor's bucket needs until it holds `cost` points, by its last word."""
        with self._lock:
            if self._level_at is None or self._rate <= 0:
                return 1.0
            return max(0.0, (min(cost, self._maximum) - self._available(now)) / self._rate)

    def _available(self, now: datetime) -> float:
        if self._level_at is None:
            return 0.0
        restored = max(0.0, (now - self._level_at).total_seconds()) * self._rate
        return min(self._maximum, self._level + restored) - self._in_flight
