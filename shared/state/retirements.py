"""How many records each flow took out of use within a day, and how many there are: ports.Retirements on `switches`.

One row per shop and flow, changed under its ETag, so that workers side by side see what each of them is about to do.
Whole hours are counted, and one counts until all of it is a day old. Must never count less than was done: an answer
that is lost counts twice.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.errors import Busy
from shared.state import exact, keys
from shared.state.tables import Change, Conflicted, Row, Table, Verb

_DAY = timedelta(hours=24)
_HOUR = timedelta(hours=1)
_KEY, _KEPT = "count", "kept"
_TRIES = 20


def partition(shop: str, flow: str) -> str:
    """Where a flow's row of a shop is."""
    return keys.join("retired", shop, flow)


class StoredRetirements:
    """ports.Retirements on a table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, shop: str, flow: str, at: datetime, count: int, *, size: int = 0) -> tuple[int, int]:
        """See the port. Raises Busy where others change the row all the time."""
        place = partition(shop, flow)
        for _ in range(_TRIES):
            row = self._table.get(place, _KEY)
            kept = _added(exact.loads(str(row.values[_KEPT])) if row else {}, at.astimezone(UTC), count, size)
            changed = Row(place, _KEY, {_KEPT: exact.dumps(kept)}, row.etag if row else "")
            try:
                self._table.submit([Change(Verb.REPLACE if row else Verb.INSERT, changed)])
            except Conflicted:
                continue
            return sum(kept["hours"].values()), kept["size"]
        raise Busy("Many workers retire records of this flow.", retry_after_s=5.0)


def _added(kept: dict[str, Any], at: datetime, count: int, size: int) -> dict[str, Any]:
    """The row's content with that count in its hour, without what is a day old."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    before = kept.get("hours", {}).items()
    hours = {each: some for each, some in before if datetime.fromisoformat(each) + _HOUR > at - _DAY}
    hours[hour.isoformat()] = max(0, hours.get(hour.isoformat(), 0) + count)
    sized_at = at if size else kept.get("sized_at")
    known = size or (kept.get("size", 0) if sized_at and sized_at > at - _DAY else 0)
    return {"hours": hours, "size": known, "sized_at": sized_at}
