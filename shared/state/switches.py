"""Pauses of flows and of connections: ports.Switches on table `switches`.

All pauses are read together and believed for a moment, so that a worker's three questions cost one request. A pause
by a person lasts until a person ends it; one by a defect has a time, after which somebody tries again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.state import keys
from shared.state.bulk import delete_all, upsert_all
from shared.state.tables import Row, Table, Value

_ACCEPTED = "accepted"
_PLACE = "pauses"
_FIRST_S, _LONGEST_S = 60, 3600


@dataclass(frozen=True, slots=True)
class _Pause:
    """One row. `until` None: only a person ends it. `tries`: how often in a row it had to be renewed."""

    reason: str
    until: datetime | None
    tries: int
    since: datetime

    def holds(self, now: datetime) -> bool:
        return self.until is None or now < self.until


class StoredSwitches:
    """ports.Switches on a table: one row per pause. `believed_s`: how long an answer is used again."""

    def __init__(self, table: Table, now: Callable[[], datetime], *, believed_s: float = 2.0) -> None:
        self._table = table
        self._now = now
        self._believed = timedelta(seconds=believed_s)
        self._lock = threading.Lock()
        self._read_at: datetime | None = None
        self._pauses: Mapping[str, _Pause] = {}

    def paused(self, target: str) -> str:
        """The reason why a flow or a side is paused; empty when it is not, or when it is time to try again."""
        return self.all().get(target, "")

    def all(self) -> Mapping[str, str]:
        """Every target that is paused now, with its reason."""
        now = self._now()
        return {target: pause.reason for target, pause in self._read().items() if pause.holds(now)}

    def held(self) -> Mapping[str, tuple[str, datetime]]:
        """What waits for a person's word, with its reason and since when."""
        return {target: (each.reason, each.since) for target, each in self._read().items() if each.until is None}

    def _read(self) -> Mapping[str, _Pause]:
        with self._lock:
            now = self._now()
            if self._read_at is None or now - self._read_at >= self._believed:
                rows = [row for page in self._table.pages(_PLACE) for row in page]
                self._pauses = {str(row.values["target"]): _pause(row) for row in rows}
                self._read_at = now
            return self._pauses

    def pause(self, target: str, reason: str) -> None:
        """Pause it until a person resumes it; a reason is needed, because an empty one means 'not paused'."""
        self._put(target, _Pause(reason or "paused", None, 0, self._now()))

    def back_off(self, target: str, reason: str) -> bool:
        """Pause it for a while: a minute, then twice as long each time in a row, up to an hour. True where it is news.

        Whoever comes while the pause holds changes nothing, so that many workers failing together count once.
        """
        row, now = self._table.get(_PLACE, keys.encode(target)), self._now()
        before = _pause(row) if row else None
        if before is not None and before.holds(now):
            return False
        tries = before.tries + 1 if before else 0
        until = now + timedelta(seconds=min(_LONGEST_S, _FIRST_S * 2 ** min(tries, 10)))
        self._put(target, _Pause(reason or "paused", until, tries, now))
        return before is None

    def recovered(self, target: str) -> bool:
        """It works: forget a pause whose time was over; whether there was one. Costs nothing where there is none."""
        pause = self._read().get(target)
        if pause is None or pause.holds(self._now()):
            return False
        self.resume(target)
        return True

    def _put(self, target: str, pause: _Pause) -> None:
        values: dict[str, Value] = {"target": target, "reason": pause.reason, "tries": pause.tries}
        values |= {"since": pause.since.isoformat(), **({"until": pause.until.isoformat()} if pause.until else {})}
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


def _pause(row: Row) -> _Pause:
    until = row.values.get("until")
    return _Pause(
        str(row.values["reason"]),
        datetime.fromisoformat(str(until)) if until else None,
        int(row.values.get("tries", 0)),
        datetime.fromisoformat(str(row.values["since"])),
    )
