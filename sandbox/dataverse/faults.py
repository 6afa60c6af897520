"""Switches for everything that goes wrong: one-shot or by rate, matched to calls by method, path and actor.

Faults answer what the vendor would answer; they never change rows except that a lost answer was executed.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import dataclass, field

from .errors import DataverseError, error

KINDS = ("unauthorized", "throttled", "server_error", "slow", "lost_answer", "deadlock", "webhook_loss",
         "webhook_duplicate", "webhook_delay")


@dataclass
class Fault:
    """One armed fault: how often it strikes and whom."""

    kind: str
    count: int = 1
    rate: float = 0.0
    match: str = ""
    actor: str = ""
    status: int = 503
    seconds: float = 1.0
    retry_after_s: int = 5

    def fits(self, what: str, actor: str) -> bool:
        """Whether the fault is meant for this call."""
        return self.match in what and self.actor in ("", actor)


@dataclass
class Latency:
    """Artificial time per call and per row, in seconds of the sandbox clock."""

    per_call_s: float = 0.0
    per_row_s: float = 0.0


@dataclass
class Faults:
    """The armed faults and the latency of one sandbox."""

    latency: Latency = field(default_factory=Latency)
    random: random.Random = field(default_factory=lambda: random.Random(7))
    armed: list[Fault] = field(default_factory=list)
    struck: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, **facts: object) -> Fault:
        """Arm a fault: `count` times, or with probability `rate` for as long as it is armed."""
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}: one of {', '.join(KINDS)}")
        fault = Fault(kind, **facts)  # type: ignore[arg-type]
        with self._lock:
            self.armed.append(fault)
        return fault

    def clear(self) -> None:
        """Disarm everything."""
        with self._lock:
            self.armed.clear()

    def take(self, what: str, actor: str, kinds: tuple[str, ...]) -> Fault | None:
        """The first armed fault of these kinds that strikes now; one-shot faults are used up."""
        with self._lock:
            for fault in self.armed:
                if fault.kind not in kinds or not fault.fits(what, actor):
                    continue
                if fault.rate > 0:
                    if self.random.random() < fault.rate:
                        self.struck[fault.kind] += 1
                        return fault
                    continue
                self.struck[fault.kind] += 1
                fault.count -= 1
                if fault.count <= 0:
                    self.armed.remove(fault)
                return fault
        return None


def answer(fault: Fault) -> DataverseError | None:
    """The error a fault answers instead of running the call; None for those that let it run."""
    if fault.kind == "unauthorized":
        return error("AccessTokenExpired")
    if fault.kind == "throttled":
        refused = error("ThrottlingBurstRequestLimitExceededError", 6000, 300)
        refused.headers["Retry-After"] = str(fault.retry_after_s)
        return refused
    if fault.kind == "deadlock":
        return error("unManagedidssqlerror")
    if fault.kind == "server_error":
        return error("UnExpected", status=fault.status)
    return None
