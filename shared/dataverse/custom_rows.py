"""Rows of custom tables: as any other's, but that a row whose record is gone may be deleted itself.

A deleted row takes its lines' rows with it (the relationships that `setup` makes cascade).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shared.dataverse import odata
from shared.dataverse.batch import MAX_PARTS, Operation
from shared.dataverse.client import refusal
from shared.dataverse.faults import RowGone
from shared.dataverse.tables import TableEntity
from shared.errors import SyncError
from shared.records import Write, WriteResult, Written

GONE = '"@gone"'
"""Stands among the values of a write for the row as a whole (shared/mapping/tables.py has the same word)."""


class CustomRows(TableEntity):
    """A TableEntity that can delete."""

    def write(self, writes: Sequence[Write]) -> Sequence[WriteResult]:
        """See TableEntity; what is to go is deleted, whatever it holds by now."""
        rest = [write for write in writes if GONE not in write.values]
        results = dict(zip(map(id, rest), super().write(rest) if rest else [], strict=True))
        going = [write for write in writes if GONE in write.values]
        for start in range(0, len(going), MAX_PARTS):
            part = going[start : start + MAX_PARTS]
            results.update(zip(map(id, part), self._delete(part), strict=True))
        return [results[id(write)] for write in writes]

    def _delete(self, writes: Sequence[Write]) -> list[WriteResult]:
        table, call = self._metadata.table(self.config.table), f"take away rows of {self.config.table}"
        urls = [odata.row(table.entity_set, odata.guid(str(write.id))) for write in writes]
        try:
            reply = self._client.batch([Operation("DELETE", url) for url in urls], name=call)
        except SyncError as error:
            return [error for _ in writes]
        refused = [refusal(result, call=call, answer=reply.answer) for result in reply.results]
        return [_settled(write, error, reply.answer.at) for write, error in zip(writes, refused, strict=True)]


def _settled(write: Write, error: SyncError | None, at: datetime) -> WriteResult:
    """A row that was gone already is as good as deleted."""
    if write.current is None or (error is not None and not isinstance(error, RowGone)):
        return error or RowGone("It was gone already.")
    return Written(write.current, at)
