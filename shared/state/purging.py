"""All that the state holds of one shop, removed: after its app was uninstalled. Harmless to repeat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.state import due, keys, retirements
from shared.state.bulk import delete_all
from shared.state.journal import OUTCOMES, PAGES
from shared.state.store import State


def purge(state: State, shop: str, flows: Iterable[str], kinds: Mapping[str, Iterable[str]]) -> None:
    """Remove pairs, their lines, pointers, cursors, runs, parked rows, reminders, counts, pages and verdicts of a shop.

    `kinds`: each kind with the tables its children are pointed from.
    """
    for kind, tables in kinds.items():
        _empty(state, "crossrefs", keys.join(shop, kind))
        _empty(state, "lines", f"{keys.join(shop, kind)}~", beneath=True)
        for table in {*tables} - {""}:
            _empty(state, "lines", keys.join(shop, table))
    _empty(state, "cursors", keys.encode(shop))
    for flow in flows:
        for table in ("runs", "parked"):
            _empty(state, table, keys.join(shop, flow))
        for place in (due.partition(shop, flow), retirements.partition(shop, flow)):
            _empty(state, "switches", place)
    for container in (PAGES, OUTCOMES):
        for blob in list(state.blobs.list(f"{container}/{keys.encode(shop)}/")):
            state.blobs.delete(blob.name)


def _empty(state: State, table: str, partition: str, *, beneath: bool = False) -> None:
    """Page by page, so that memory stays flat; `beneath`: every partition whose key begins so."""
    rows = state.tables[table]
    while page := next(iter(rows.beneath(partition) if beneath else rows.pages(partition)), []):
        delete_all(rows, page)
