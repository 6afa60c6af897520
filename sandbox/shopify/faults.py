"""Faults that a test orders: once, a number of times, or at a rate; per actor, per operation, per endpoint.

The sandbox never makes a fault that nobody ordered.
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
FROZEN = "frozen"
LOCKED = "locked"
INTERNAL = "internal_server_error"
REPLY_LOST = "reply_lost"
REQUEST_LOST = "request_lost"
SLOW = "slow"
# Status and words of those that answer without running anything; the codes are those of
# https://shopify.dev/docs/api/admin-graphql#status-and-error-codes
STATUSES: dict[str, tuple[int, str]] = {
    UNAUTHORIZED: (401, "[API] Invalid API key or access token (unrecognized login or wrong password)"),
    FROZEN: (402, "Unavailable Shop"),
    LOCKED: (423, "Unavailable Shop"),
    TOO_MANY: (429, "Exceeded 2 calls per second for api client. Reduce request rates."),
    SERVER_ERROR: (503, "Internal Server Error"),
}
KINDS = frozenset({*STATUSES, THROTTLE, INTERNAL, REPLY_LOST, REQUEST_LOST, SLOW})
ENDPOINTS = frozenset({"graphql", "grant", "scopes", "shop"})


@dataclass
class Fault:
    """One ordered fault: `times` it still strikes (None: always), at `rate` of the requests that fit it.

    `operation` is part of the root field's name. `reply_lost` runs the request and drops the connection, `request_lost`
    drops it before anything ran; `internal_server_error` with `executed` runs a mutation and answers as if it had
    failed; `slow` waits `delay_s` seconds before it answers. THROTTLE and INTERNAL strike GraphQL requests only.
    """

    kind: str
    times: int | None = 1
    rate: float = 1.0
    actor: str | None = None
    operation: str | None = None
    status: int = 503
    retry_after_s: float = 2.0
    executed: bool = False
    delay_s: float = 1.0
    endpoint: str = "graphql"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known are {', '.join(sorted(KINDS))}")
        if self.endpoint not in ENDPOINTS:
            raise ValueError(f"unknown endpoint {self.endpoint!r}; known are {', '.join(sorted(ENDPOINTS))}")

    def refusal(self) -> tuple[int, str] | None:
        """Status and words when the request is answered without running, else None."""
        if self.kind not in STATUSES:
            return None
        status, words = STATUSES[self.kind]
        return (self.status if self.kind == SERVER_ERROR else status), words


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

    def strike(self, actor: str, query: str, endpoint: str = "graphql") -> Fault | None:
        """The fault that hits this request, used up by it."""
        with self._lock:
            for fault in self._ordered:
                if not _fits(fault, actor, query, endpoint) or self._random.random() >= fault.rate:
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


def _fits(fault: Fault, actor: str, query: str, endpoint: str) -> bool:
    if fault.endpoint != endpoint or fault.actor not in {None, actor}:
        return False
    return not fault.operation or fault.operation in query
