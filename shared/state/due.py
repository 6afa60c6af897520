"""When records are to be read again although nobody will say that they changed: table `switches`.

A partition per shop and flow, a row per record: its id and a moment. Losing a row loses nothing but the earlier look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from shared.state import keys
from shared.state.bulk import delete_all, upsert_all
from shared.state.tables import Row, Table

_AT = "at"


def partition(shop: str, flow: str) -> str:
    """Where a flow's rows of a shop are."""
    return keys.join("due", shop, flow)


class StoredDue:
    """The moments on a table; a record has one, the last that was said."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, shop: str, flow: str, moments: Mapping[str, datetime]) -> None:
        """Note or replace them; one request for a hundred."""
        place = partition(shop, flow)
        rows = [Row(place, keys.encode(each), {"id": each, _AT: at.isoformat()}) for each, at in moments.items()]
        upsert_all(self._table, rows)

    def ripe(self, shop: str, flow: str, now: datetime) -> list[str]:
        """The records whose moment has come; one request for a thousand that are noted."""
        rows = [row for page in self._table.pages(partition(shop, flow)) for row in page]
        return [str(row.values["id"]) for row in rows if datetime.fromisoformat(str(row.values[_AT])) <= now]

    def remove(self, shop: str, flow: str, ids: Sequence[str]) -> None:
        """Forget them."""
        delete_all(self._table, [Row(partition(shop, flow), keys.encode(each)) for each in ids])
