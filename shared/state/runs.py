"""What ran, what it did and what it cost: ports.Runs on table `runs`, the newest first.

Must never hold anything of a record: verdicts with values are in the outcomes blob that a row names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from shared.records import Origin, RunRow
from shared.state import exact, keys
from shared.state.bulk import delete_all, upsert_all
from shared.state.tables import PAGE_ROWS, Row, Table, Value


class StoredRuns:
    """ports.Runs on a table: PartitionKey shop and flow, RowKey the reversed start."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, row: RunRow) -> None:
        """Store one run; storing it again replaces it."""
        upsert_all(self._table, [_to_row(row)])

    def last(self, shop: str, flow: str, count: int) -> Sequence[RunRow]:
        """The newest first."""
        pages = self._table.pages(keys.join(shop, flow), size=max(1, min(count, PAGE_ROWS)))
        return [_from_row(row) for row in islice(_flat(pages), count)]

    def between(self, shop: str, flow: str, since: datetime, until: datetime) -> Iterator[RunRow]:
        """Those that started between two moments, both included, the newest first."""
        first, last = keys.reverse_time(until.astimezone(UTC)), keys.reverse_time(since.astimezone(UTC))
        yield from map(_from_row, _flat(self._table.pages(keys.join(shop, flow), first, last + "~~")))

    def delete_older(self, shop: str, flow: str, before: datetime) -> int:
        """Forget runs that started before that moment; returns how many."""
        rows = list(_flat(self._table.pages(keys.join(shop, flow), keys.reverse_time(before) + "~~")))
        delete_all(self._table, rows)
        return len(rows)


def _flat(pages: Iterator[list[Row]]) -> Iterator[Row]:
    for rows in pages:
        yield from rows


def _to_row(run: RunRow) -> Row:
    values: dict[str, Value] = {
        "run_id": run.run_id,
        "origin": run.origin.value,
        "started_at": run.started_at.astimezone(UTC).isoformat(),
        "duration_s": run.duration_s,
        "read": run.read,
        "counts": exact.dumps(run.counts),
        "calls": run.calls,
        "points": run.points,
        "outcomes_blob": run.outcomes_blob,
        "planned": run.planned,
    }
    started = run.started_at.astimezone(UTC)
    return Row(keys.join(run.shop, run.flow), f"{keys.reverse_time(started)}~{keys.encode(run.run_id)}", values)


def _from_row(row: Row) -> RunRow:
    shop, flow = keys.split(row.partition)
    values = row.values
    return RunRow(
        shop=shop,
        flow=flow,
        run_id=str(values["run_id"]),
        origin=Origin(str(values["origin"])),
        started_at=datetime.fromisoformat(str(values["started_at"])),
        duration_s=float(values["duration_s"]),
        read=int(values["read"]),
        counts=exact.loads(str(values["counts"])),
        calls=int(values["calls"]),
        points=int(values["points"]),
        outcomes_blob=str(values.get("outcomes_blob", "")),
        planned=bool(values.get("planned", False)),
    )
