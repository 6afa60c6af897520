"""What each actor asked of the store: calls, points, written records.

An actor is who a token belongs to, so that a test can tell the app's writes from a merchant's.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from sandbox.shopify.call import Call
from sandbox.shopify.execution import Answer


@dataclass
class Tally:
    """The counts of one actor; `writes` are rows a mutation was asked to write, `targets` the records it named."""

    calls: int = 0
    queries: int = 0
    mutations: int = 0
    throttled: int = 0
    failed: int = 0
    points_requested: int = 0
    points: int = 0
    writes: Counter[str] = field(default_factory=Counter)
    targets: Counter[str] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)

    def shown(self) -> dict[str, Any]:
        """As JSON."""
        plain = {name: getattr(self, name) for name in ("calls", "queries", "mutations", "throttled", "failed")}
        kinds = {name: dict(getattr(self, name)) for name in ("writes", "targets", "operations")}
        sums = {"written_records": self.writes.total(), "written_targets": self.targets.total()}
        return plain | {"points": self.points, "points_requested": self.points_requested} | sums | kinds


class Counters:
    """All tallies of one sandbox and its last calls."""

    def __init__(self, keep: int) -> None:
        self._lock = threading.Lock()
        self._tallies: dict[str, Tally] = {}
        self.calls: deque[dict[str, Any]] = deque(maxlen=keep)

    def __getitem__(self, actor: str) -> Tally:
        with self._lock:
            return self._tallies.setdefault(actor, Tally())

    def note(self, call: Call, answer: Answer, at: str) -> None:
        """Count one GraphQL request that was answered."""
        tally = self[call.actor.name]
        codes = [str((error.get("extensions") or {}).get("code")) for error in answer.errors]
        with self._lock:
            tally.calls += 1
            tally.queries += answer.operation.startswith("query")
            tally.mutations += answer.operation.startswith("mutation")
            tally.throttled += "THROTTLED" in codes
            tally.failed += bool(codes)
            tally.points_requested += answer.requested
            tally.points += answer.actual
            tally.operations[answer.operation or "refused"] += 1
            tally.writes.update(kind for kind, _ in call.written)
            tally.targets.update(kind for kind, _ in call.targets)
            entry = {"at": at, "actor": call.actor.name, "operation": answer.operation or "refused"}
            entry |= {"requested": answer.requested, "actual": answer.actual, "errors": codes}
            self.calls.appendleft(entry)

    def note_refused(self, actor: str, status: int, at: str) -> None:
        """Count one request that was answered with another status than 200."""
        tally = self[actor]
        with self._lock:
            tally.calls += 1
            tally.failed += 1
            tally.operations[f"HTTP {status}"] += 1
            entry = {"at": at, "actor": actor, "operation": f"HTTP {status}", "errors": []}
            self.calls.appendleft(entry | {"requested": 0, "actual": 0})

    def reset(self) -> None:
        """Start all counts anew."""
        with self._lock:
            self._tallies.clear()
            self.calls.clear()

    def shown(self) -> dict[str, Any]:
        """As JSON, by actor."""
        with self._lock:
            return {actor: tally.shown() for actor, tally in self._tallies.items()}
