"""Unconditional bulk writes: few transactions, and absent rows are no reason to fail."""

from __future__ import annotations

from collections.abc import Iterator

from shared.state.bulk import delete_all, upsert_all
from shared.state.tables import Change, Row, Verb
from tests.support.memory import MemoryTable


def test_rows_of_several_partitions_take_one_transaction_a_hundred() -> None:
    """250 rows of two partitions are four transactions; a row given twice is written once, the later one."""
    table = MemoryTable("t")
    upsert_all(table, [Row(f"p{n % 2}", f"r{n}", {"n": n}) for n in range(250)] + [Row("p0", "r0", {"n": -1})])
    assert table.transactions == 4
    row = table.get("p0", "r0")
    assert row is not None
    assert row.values == {"n": -1}


def test_large_rows_are_shared_out_by_size() -> None:
    """Rows of 600 KB go six to a transaction, because 4 MiB is the limit."""
    table = MemoryTable("t")
    upsert_all(table, [Row("p", f"r{n}", {f"c{m}": "x" * 30_000 for m in range(17)}) for n in range(20)])
    assert table.transactions <= 4


def test_absent_rows_cost_one_look_and_one_more_transaction() -> None:
    """Deleting 100 rows of which some are gone takes three requests, not a hundred; rows that go meanwhile are fine."""
    table = MemoryTable("t")
    rows = [Row("p", f"r{n:03d}") for n in range(100)]
    upsert_all(table, [*rows[40:], Row("p", "r0505")])
    before = table.transactions
    delete_all(table, rows)
    assert table.transactions - before == 3
    assert [row.key for page in table.pages("p") for row in page] == ["r0505"]
    delete_all(table, rows)


class Racing(MemoryTable):
    """A table on which somebody deletes a row right after each look."""

    def pages(self, partition: str, first: str = "", last: str = "", *, size: int = 1000) -> Iterator[list[Row]]:
        found = list(super().pages(partition, first, last, size=size))
        self.submit([Change(Verb.DELETE, found[0][0])])
        return iter(found)


def test_a_race_with_another_deleter_ends_with_all_gone() -> None:
    """A row that vanishes between the look and the delete does not keep the others."""
    table = Racing("t")
    rows = [Row("p", f"r{n}") for n in range(10)]
    upsert_all(table, rows[3:])
    delete_all(table, rows)
    assert [row for row in rows if table.get("p", row.key)] == []
