"""Faults that a test orders: once, a number of times, or at a rate; per actor and per operation.

They act on GraphQL requests only. The sandbox never makes a fault that nobody ordered.
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from typing import Any

THROTTLE = "throttle"
UNAUTHORIZED = "unauthorized"
TOO_MANY = "too_many_requests"
SERVER_ERROR = "server_error"
INTERNAL = "internal_server_error"
REPLY_LOST = "reply_lost"
KINDS = frozenset({THROTTLE, UNAUTHORIZED, TOO_MANY, SERVER_ERROR, INTERNAL, REPLY_LOST})


@dataclass
class Fault:
    """One ordered fault: `times` it still strikes (None: always), at `rate` of the requests that fit it.

    `operation` is part of the root field's name. `reply_lost` runs the request and drops the connection;
    `internal_server_error` with `executed` runs a mutation and answers as if it had failed.
    """

    kind: str
    times: int | None = 1
    rate: float = 1.0
    actor: str | None = None
    operation: str | None = None
    status: int = 503
    retry_after_s: float = 2.0
    executed: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known are {', '.join(sorted(KINDS))}")


class Faults:
    """The faults in force, oldest first."""

    def __init__(self, seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._ordered: list[Fault] = []
        self.latency_per_call_s = 0.0
        self.latency_per_row_s = 0.0

    def add(self, fault: Fault | str, **more: Any) -> Fault:
        """Order a fault."""
        ordered = fault if isinstance(fault, Fault) else Fault(fault, **more)
        with self._lock:
            self._ordered.append(ordered)
        return ordered

    def clear(self) -> None:
        """Take back every fault and all latency."""
        with self._lock:
            self._ordered.clear()
        self.latency_per_call_s = self.latency_per_row_s = 0.0

    def strike(self, actor: str, query: str) -> Fault | None:
        """The fault that hits this request, used up by it."""
        with self._lock:
            for fault in self._ordered:
                if fault.actor not in {None, actor} or (fault.operation and fault.operation not in query):
                    continue
                if self._random.random() >= fault.rate:
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._ordered.remove(fault)
                return fault
        return None

    def shown(self) -> list[dict[str, Any]]:
        """As JSON."""
        with self._lock:
            return [dict(vars(fault)) for fault in self._ordered]
