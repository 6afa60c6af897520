"""Child row → parent record, because a delete names only the child: ports.Pointers on table `lines`.

Must never be asked what a record holds: it knows ids only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.state import keys
from shared.state.bulk import upsert_all
from shared.state.reads import Pool, fetch
from shared.state.tables import Row, Table

_PARENT = "parent"


class StoredPointers:
    """ports.Pointers on a table: PartitionKey shop and child table, RowKey child id."""

    def __init__(self, table: Table, pool: Pool) -> None:
        self._table = table
        self._pool = pool

    def put(self, shop: str, table: str, parents: Mapping[str, str]) -> None:
        """Remember or refresh."""
        place = keys.join(shop, table)
        upsert_all(
            self._table, [Row(place, keys.padded(child), {_PARENT: parent}) for child, parent in parents.items()]
        )

    def get(self, shop: str, table: str, children: Sequence[str]) -> Mapping[str, str]:
        """The parents that are known."""
        by_key = {keys.padded(child): child for child in children}
        rows = fetch(self._table, self._pool, keys.join(shop, table), list(by_key))
        return {by_key[key]: str(row.values[_PARENT]) for key, row in rows.items()}
