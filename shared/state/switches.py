"""Pauses of flows and of connections: ports.Switches on table `switches`.

All pauses are read together and believed for a moment, so that a worker's three questions cost one request. Must
never resume anything by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from shared.state import keys
from shared.state.bulk import delete_all, upsert_all
from shared.state.tables import Row, Table

_ACCEPTED = "accepted"
_PLACE = "pauses"


class StoredSwitches:
    """ports.Switches on a table: one row per pause. `believed_s`: how long an answer is used again."""

    def __init__(self, table: Table, now: Callable[[], datetime], *, believed_s: float = 2.0) -> None:
        self._table = table
        self._now = now
        self._believed = timedelta(seconds=believed_s)
        self._lock = threading.Lock()
        self._read_at: datetime | None = None
        self._pauses: Mapping[str, str] = {}

    def paused(self, target: str) -> str:
        """The reason why a flow or a side is paused; empty when it is not."""
        return self.all().get(target, "")

    def all(self) -> Mapping[str, str]:
        """Every paused target with its reason."""
        with self._lock:
            now = self._now()
            if self._read_at is None or now - self._read_at >= self._believed:
                rows = [row for page in self._table.pages(_PLACE) for row in page]
                self._pauses = {str(row.values["target"]): str(row.values["reason"]) for row in rows}
                self._read_at = now
            return self._pauses

    def pause(self, target: str, reason: str) -> None:
        """Pause it; a reason is needed, because an empty one means 'not paused'."""
        values = {"target": target, "reason": reason or "paused", "since": self._now().isoformat()}
        upsert_all(self._table, [Row(_PLACE, keys.encode(target), values)])
        self._forget()

    def resume(self, target: str) -> None:
        """Let it go on."""
        delete_all(self._table, [Row(_PLACE, keys.encode(target))])
        self._forget()

    def accept_deletes(self, flow: str, until: datetime) -> None:
        """A person said that the many deletes of this flow are meant."""
        upsert_all(self._table, [Row(_ACCEPTED, keys.encode(flow), {"until": until.isoformat()})])

    def deletes_accepted(self, flow: str, now: datetime) -> bool:
        """Whether that word still holds."""
        row = self._table.get(_ACCEPTED, keys.encode(flow))
        return row is not None and now < datetime.fromisoformat(str(row.values["until"]))

    def _forget(self) -> None:
        with self._lock:
            self._read_at = None
