"""Unconditional writes in bulk: up to 100 rows a transaction, last writer wins.

For rows that may be written twice without harm (runs, parked records, pointers). Must never be used for pairs or
cursors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.state import limits
from shared.state.tables import Change, Conflicted, Row, Table, Verb

_BYTES = limits.TRANSACTION_BYTES - 64 * 1024


def upsert_all(table: Table, rows: Sequence[Row]) -> None:
    """Store all rows; of two with one key the later wins."""
    latest = {(row.partition, row.key): row for row in rows}
    for batch in _batches(list(latest.values())):
        table.submit([Change(Verb.UPSERT, row) for row in batch])


def delete_all(table: Table, rows: Sequence[Row]) -> None:
    """Delete those rows by key; absent ones are fine."""
    bare = {(row.partition, row.key): Row(row.partition, row.key) for row in rows}
    for batch in _batches(list(bare.values())):
        _delete(table, batch)


def _delete(table: Table, batch: list[Row]) -> None:
    """An absent row fails its transaction: then one range tells which are there; whoever races is met one by one."""
    try:
        table.submit([Change(Verb.DELETE, row) for row in batch])
    except Conflicted:
        keys = sorted(row.key for row in batch)
        pages = table.pages(batch[0].partition, keys[0], keys[-1])
        present = {row.key for page in pages for row in page}
        left = [row for row in batch if row.key in present]
    else:
        return
    try:
        if left:
            table.submit([Change(Verb.DELETE, row) for row in left])
    except Conflicted:
        for row in left:
            table.submit([Change(Verb.DELETE, row)])  # alone, an absent row counts as done


def _batches(rows: Sequence[Row]) -> Iterator[list[Row]]:
    by_partition: dict[str, list[Row]] = {}
    for row in rows:
        by_partition.setdefault(row.partition, []).append(row)
    for same in by_partition.values():
        batch: list[Row] = []
        size = 0
        for row in same:
            weight = limits.wire_bytes(row.values)
            if batch and (len(batch) == limits.TRANSACTION_ROWS or size + weight > _BYTES):
                yield batch
                batch, size = [], 0
            batch.append(row)
            size += weight
        yield batch
