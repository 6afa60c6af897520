"""Small facts the app notes for itself (when a flow last finished a poll, how long its queue was): table `switches`.

One row per name, the last writer wins. Must never hold what a record or a cursor depends on: from when on records
count is shared/state/starts.py's, and who was erased is a tombstone among the pairs besides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.state import exact, keys
from shared.state.bulk import delete_all, upsert_all
from shared.state.tables import Row, Table

_PLACE = "notes"


class StoredNotes:
    """Notes on a table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, name: str, note: Mapping[str, Any]) -> None:
        """Store or replace one; one request."""
        upsert_all(self._table, [Row(_PLACE, keys.encode(name), {"name": name, "note": exact.dumps(note)})])

    def remove(self, name: str) -> None:
        """Forget one."""
        delete_all(self._table, [Row(_PLACE, keys.encode(name))])

    def all(self) -> Mapping[str, Mapping[str, Any]]:
        """Every note by its name; one request."""
        rows = [row for page in self._table.pages(_PLACE) for row in page]
        return {str(row.values["name"]): exact.loads(str(row.values["note"])) for row in rows}
