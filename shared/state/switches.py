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
from shared.state.tables import Change, Conflicted, Row, Table, Value, Verb

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
    by: str = ""

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

    def back_off(self, target: str, reason: str, *, by: str = "") -> bool:
        """Pause it for a while: a minute, then twice as long each time in a row, up to an hour. True where it is news.

        Whoever comes while the pause holds changes nothing, so that many workers failing together count once; nor
        does who loses against somebody else's change. `by`: what met the trouble.
        """
        row, now = self._table.get(_PLACE, keys.encode(target)), self._now()
        before = _pause(row) if row else None
        if before is not None and before.holds(now):
            return False
        tries = before.tries + 1 if before else 0
        until = now + timedelta(seconds=min(_LONGEST_S, _FIRST_S * 2 ** min(tries, 10)))
        changed = _row(target, _Pause(reason or "paused", until, tries, now, by), row.etag if row else "")
        return self._submitted(Verb.REPLACE if row else Verb.INSERT, changed) and before is None

    def recovered(self, target: str, *, by: str = "") -> bool:
        """It works: forget a pause whose time was over; whether there was one. Costs nothing where there is none.

        `by`: only where this met the trouble. Read again before it is deleted: a person may have paused it meanwhile.
        """
        known, now = self._read().get(target), self._now()
        if known is None or known.holds(now) or (by and known.by not in ("", by)):
            return False
        row = self._table.get(_PLACE, keys.encode(target))
        return row is not None and not _pause(row).holds(now) and self._submitted(Verb.DELETE, row)

    def troubled(self, target: str) -> bool:
        """Whether it is paused, or was and has not been seen to work since."""
        return target in self._read()

    def _submitted(self, verb: Verb, row: Row) -> bool:
        """Whether the change was made before anybody else's."""
        try:
            self._table.submit([Change(verb, row)])
        except Conflicted:
            return False
        finally:
            self._forget()
        return True

    def _put(self, target: str, pause: _Pause) -> None:
        upsert_all(self._table, [_row(target, pause)])
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
        str(row.values.get("by", "")),
    )


def _row(target: str, pause: _Pause, etag: str = "") -> Row:
    values: dict[str, Value] = {"target": target, "reason": pause.reason, "tries": pause.tries, "by": pause.by}
    values |= {"since": pause.since.isoformat(), **({"until": pause.until.isoformat()} if pause.until else {})}
    return Row(_PLACE, keys.encode(target), values, etag)
