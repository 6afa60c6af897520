"""Where each flow stands in each source table: ports.Cursors on table `cursors`.

A cursor moves only under the version that was read, so two polls never both go on from one place. Must never move
a cursor by itself.
"""

from __future__ import annotations

from dataclasses import replace

from shared.errors import Busy, SyncError
from shared.records import Cursor
from shared.state import exact, keys
from shared.state.commits import Commits, NewId, Refusal, Unit
from shared.state.reads import Pool
from shared.state.tables import Change, Row, Table, Verb

_VALUE = "value"


class StoredCursors:
    """ports.Cursors on a table: one row per shop, flow and source table."""

    def __init__(self, table: Table, pool: Pool, new_id: NewId) -> None:
        self._table = table
        self._commits = Commits(table, pool, new_id)

    def get(self, shop: str, flow: str, table: str) -> Cursor:
        """The stored cursor; an empty value with no version where there is none."""
        row = self._table.get(keys.encode(shop), keys.join(flow, table))
        return Cursor({}) if row is None else Cursor(exact.loads(str(row.values[_VALUE])), row.etag)

    def put(self, shop: str, flow: str, table: str, cursor: Cursor) -> Cursor:
        """Store under its version; raises Busy when another process moved it."""
        row = Row(keys.encode(shop), keys.join(flow, table), {_VALUE: exact.dumps(cursor.value)}, cursor.version or "")
        change = Change(Verb.REPLACE if cursor.version else Verb.INSERT, row)
        answer = self._commits.run([Unit(0, (change,))], _moved)[0]
        if isinstance(answer, SyncError):
            raise answer
        return replace(cursor, version=answer[0])


def _moved(refusal: Refusal) -> Busy:
    facts = {"cursor": refusal.change.row.key, "found": refusal.found.value}
    return Busy("Another process moved this cursor.", facts=facts)
