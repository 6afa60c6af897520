"""From when on a flow's records of a shop count, where no setting says it: table `switches`, one row per flow and shop.

Which records come over depends on it, so `pairs export` saves it. Must never be moved to a later moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shared.state import keys
from shared.state.bulk import upsert_all
from shared.state.tables import Row, Table

_PLACE = "starts"
Begun = tuple[str, str]
"""A flow's name, and a shop's domain."""


class StoredStarts:
    """The starts on a table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def all(self) -> Mapping[Begun, datetime]:
        """Every start; one request."""
        rows = [row.values for page in self._table.pages(_PLACE) for row in page]
        return {(str(row["flow"]), str(row["shop"])): datetime.fromisoformat(str(row["at"])) for row in rows}

    def first(self, begun: Begun, at: datetime, *, keep: bool) -> datetime:
        """The start that is known; this moment, where none is, stored where `keep` says so."""
        known = self.all().get(begun)
        if known is None and keep:
            self._put(begun, at)
        return known or at

    def earlier(self, begun: Begun, at: datetime, *, write: bool = True) -> datetime:
        """The earlier of this one and of what is known, stored from now on."""
        known = self.all().get(begun)
        if known is not None and known <= at:
            return known
        if write:
            self._put(begun, at)
        return at

    def _put(self, begun: Begun, at: datetime) -> None:
        flow, shop = begun
        values = {"flow": flow, "shop": shop, "at": at.isoformat()}
        upsert_all(self._table, [Row(_PLACE, keys.join(flow, shop), values)])
