"""Service protection limits and counters, per user, on the sandbox clock.

Three sliding windows of five minutes: requests, execution time, and how many run at once. Reference:
api-limits.md. Execution time is charged by a stated cost per request and row, an assumption of the sandbox.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .config import DataverseConfig
from .errors import DataverseError, error


@dataclass
class Tally:
    """What one actor has done since the last reset."""

    requests: int = 0
    batch_parts: int = 0
    reads: int = 0
    rows_read: int = 0
    writes: int = 0
    rows_written: int = 0
    throttled: int = 0
    errors: int = 0


@dataclass
class Counters:
    """Tallies per actor."""

    actors: dict[str, Tally] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, actor: str) -> Tally:
        """The actor's tally, created on first use."""
        with self._lock:
            return self.actors.setdefault(actor, Tally())

    def reset(self) -> None:
        """Start again at zero."""
        with self._lock:
            self.actors.clear()

    def as_dict(self) -> dict[str, dict[str, int]]:
        """All tallies as plain numbers."""
        with self._lock:
            return {name: dict(vars(tally)) for name, tally in self.actors.items()}


@dataclass
class Window:
    """One user's calls within the window."""

    calls: deque[datetime] = field(default_factory=deque)
    spent: deque[tuple[datetime, float]] = field(default_factory=deque)
    spent_ms: float = 0.0
    running: int = 0
    refusals: int = 0


class Limits:
    """Admits or refuses calls; every answer can tell what is left."""

    def __init__(self, config: DataverseConfig) -> None:
        self._config = config
        self._windows: dict[str, Window] = {}
        self._lock = threading.Lock()

    def _window(self, user: str, now: datetime) -> Window:
        window = self._windows.setdefault(user, Window())
        oldest = now - timedelta(seconds=self._config.window_s)
        while window.calls and window.calls[0] <= oldest:
            window.calls.popleft()
        while window.spent and window.spent[0][0] <= oldest:
            window.spent_ms -= window.spent.popleft()[1]
        return window

    def enter(self, user: str, now: datetime) -> None:
        """Admit a call that will run until `leave`; 429 when a limit is reached."""
        with self._lock:
            window = self._window(user, now)
            if self._config.enforce_limits:
                self._check(window, now)
            window.running += 1
            window.refusals = 0
            window.calls.append(now)

    def count(self, user: str, now: datetime) -> None:
        """Count one request inside a batch; 429 when the request limit is reached."""
        with self._lock:
            window = self._window(user, now)
            if self._config.enforce_limits and len(window.calls) >= self._config.requests_per_window:
                raise self._refusal(window, now, "requests")
            window.calls.append(now)

    def _check(self, window: Window, now: datetime) -> None:
        if len(window.calls) >= self._config.requests_per_window:
            raise self._refusal(window, now, "requests")
        if window.spent_ms >= self._config.execution_s_per_window * 1000:
            raise self._refusal(window, now, "time")
        if window.running >= self._config.concurrent_requests:
            raise self._refusal(window, now, "concurrent")

    def _refusal(self, window: Window, now: datetime, which: str) -> DataverseError:
        config = self._config
        window.refusals += 1
        if which == "concurrent":
            refused = error("ThrottlingConcurrencyLimitExceededError", config.concurrent_requests)
            wait = 1.0
        elif which == "time":
            limit = f"{config.execution_s_per_window * 1000:,}"
            refused = error("ThrottlingTimeExceededError", limit, config.window_s)
            wait = (window.spent[0][0] - now).total_seconds() + config.window_s
        else:
            refused = error("ThrottlingBurstRequestLimitExceededError", config.requests_per_window, config.window_s)
            wait = (window.calls[0] - now).total_seconds() + config.window_s
        # The wait grows when it is ignored.
        refused.headers["Retry-After"] = str(max(1, round(wait)) + 2 * (window.refusals - 1))
        return refused

    def leave(self, user: str, now: datetime, cost_ms: float) -> None:
        """Charge a finished call."""
        with self._lock:
            window = self._window(user, now)
            window.running -= 1
            window.spent.append((now, cost_ms))
            window.spent_ms += cost_ms

    def headers(self, user: str, now: datetime) -> dict[str, str]:
        """The informational headers about what is left in the window."""
        with self._lock:
            window = self._window(user, now)
            requests = max(0, self._config.requests_per_window - len(window.calls))
            seconds = max(0.0, self._config.execution_s_per_window - window.spent_ms / 1000)
        return {
            "x-ms-ratelimit-burst-remaining-xrm-requests": str(requests),
            "x-ms-ratelimit-time-remaining-xrm-requests": f"{seconds:.2f}"}

    def cost(self, rows_read: int, rows_written: int) -> float:
        """Milliseconds of execution time a call is charged."""
        costs = self._config.costs_ms
        return costs["request"] + rows_read * costs["row_read"] + rows_written * costs["row_write"]
