"""The token of a poll by `updatedAt`: which window is being read, how far, and what was given out already.

A window ends `lag_s` before the source's own clock, because Shopify's search index runs behind; the next one begins
`overlap_s` earlier than the last one ended. It never holds more than MOST_SEEN entries: what it forgets is given out
again, which costs a comparison and no write.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.errors import TokenExpired
from shared.shopify.graph import Connection, moment, number

MOST_SEEN = 500


@dataclass(frozen=True, slots=True)
class Window:
    """Where a poll stands. `until` and `cursor` are set while a window is being paged through.

    `seen` maps a record's id to the `updatedAt` under which it was given out, for records inside the next overlap.
    """

    since: datetime
    until: datetime | None = None
    cursor: str = ""
    seen: Mapping[str, int] = field(default_factory=dict)

    def token(self) -> str:
        """As text, small enough for a property of Table Storage."""
        parts: dict[str, object] = {"since": _text(self.since), "seen": self.seen}
        if self.until is not None:
            parts |= {"until": _text(self.until), "cursor": self.cursor}
        return json.dumps(parts, separators=(",", ":"))

    def search(self, overlap_s: float) -> str:
        """The `query:` argument: from the overlap on, open at the end (the end is cut by the source's own clock)."""
        start = self.since - timedelta(seconds=overlap_s)
        return f"updated_at:>='{_text(start)}'"

    def gave(self, record_id: str, updated_at: datetime) -> bool:
        """Whether this very version was given out before."""
        return self.seen.get(record_id) == int(updated_at.timestamp())

    def paged(self, until: datetime, cursor: str, given: Mapping[str, datetime]) -> Window:
        """In the middle of a window."""
        return replace(self, until=until, cursor=cursor, seen=self._remember(given, datetime.min.replace(tzinfo=UTC)))

    def closed(self, until: datetime, overlap_s: float, given: Mapping[str, datetime]) -> Window:
        """The window is read to its end: the next one starts there."""
        since = max(self.since, until)
        return Window(since, seen=self._remember(given, since - timedelta(seconds=overlap_s)))

    def _remember(self, given: Mapping[str, datetime], oldest: datetime) -> dict[str, int]:
        """What the next overlap may meet again, the newest MOST_SEEN of it."""
        limit = oldest.timestamp() if oldest.year > 1 else 0.0
        known = {**self.seen, **{key: int(value.timestamp()) for key, value in given.items()}}
        kept = sorted((stamp, key) for key, stamp in known.items() if stamp >= limit)[-MOST_SEEN:]
        return {key: stamp for stamp, key in kept}


@dataclass(frozen=True, slots=True)
class Fresh:
    """What one page of a poll brought that is old enough and was not given out before; the token to go on from."""

    nodes: tuple[Mapping[str, Any], ...]
    token: str
    more: bool


def fresh(
    start: Window, page: Connection, at: datetime, *, overlap_s: float, lag_s: float, newest_first: bool = False
) -> Fresh:
    """Read one page sorted by `updatedAt`, whose nodes have `id` and `updatedAt`; `at` is the source's own clock.

    Newest first where the search may begin long before it should: customers' `updated_at` is compared by whole days.
    """
    until = start.until or max(start.since, at - timedelta(seconds=lag_s))
    floor = start.since - timedelta(seconds=overlap_s)
    times = [moment(node["updatedAt"]) for node in page["nodes"]]
    due = [node for node, time in zip(page["nodes"], times, strict=True) if floor <= time <= until]
    new = tuple(node for node in due if not start.gave(number(node["id"]), moment(node["updatedAt"])))
    given = {number(node["id"]): moment(node["updatedAt"]) for node in new}
    more = times[-1] >= floor if newest_first and times else len(due) == len(times)
    if page["pageInfo"]["hasNextPage"] and more:
        return Fresh(new, start.paged(until, page["pageInfo"]["endCursor"], given).token(), True)
    return Fresh(new, start.closed(until, overlap_s, given).token(), False)


def window(token: str) -> Window:
    """The window of a token. Raises TokenExpired for text that is none: a full listing is due."""
    try:
        parts = json.loads(token)
        until = parts.get("until")
        return Window(
            datetime.fromisoformat(parts["since"]),
            datetime.fromisoformat(until) if until else None,
            str(parts.get("cursor", "")),
            {str(key): int(value) for key, value in parts.get("seen", {}).items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise TokenExpired("The stored position in Shopify cannot be read; everything is listed again.") from None


def _text(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
