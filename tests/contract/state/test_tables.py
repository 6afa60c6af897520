"""The table seam: conditions, transactions, pages, and the limits that the emulator does not keep."""

from __future__ import annotations

import pytest

from shared.errors import Busy, Invalid
from shared.state.tables import Change, Conflicted, Found, Row, Table, Verb
from tests.contract.state.conftest import Bench


@pytest.fixture
def table(bench: Bench) -> Table:
    """The table of runs; each test has a partition of its own."""
    return bench.state.tables["runs"]


def put(table: Table, verb: Verb, row: Row) -> str:
    """One change."""
    return table.submit([Change(verb, row)])[0]


def test_values_come_back_as_they_went(bench: Bench, table: Table) -> None:
    """Texts, small and large whole numbers, floats and booleans are exact, and the etag is the one given out."""
    values = {
        "text": "é \U0001f600 'x' <&>",
        "small": 7,
        "large": 2**53 + 1,
        "less": -(2**40),
        "half": 0.5,
        "yes": True,
    }
    etag = put(table, Verb.INSERT, Row(bench.shop, "r", values))
    assert table.get(bench.shop, "r") == Row(bench.shop, "r", values, etag)
    assert table.get(bench.shop, "absent") is None


def test_an_insert_meets_a_row_that_exists(bench: Bench, table: Table) -> None:
    """Inserting twice is a conflict, not a second row and not an overwrite."""
    put(table, Verb.INSERT, Row(bench.shop, "r", {"n": 1}))
    with pytest.raises(Conflicted) as caught:
        put(table, Verb.INSERT, Row(bench.shop, "r", {"n": 2}))
    assert caught.value.found is Found.EXISTS
    row = table.get(bench.shop, "r")
    assert row is not None
    assert row.values == {"n": 1}


@pytest.mark.parametrize("verb", [Verb.REPLACE, Verb.MERGE, Verb.DELETE])
def test_an_old_etag_changes_nothing(bench: Bench, table: Table, verb: Verb) -> None:
    """A change under an etag that has moved on is refused, alone and in a transaction."""
    old = put(table, Verb.INSERT, Row(bench.shop, "r", {"n": 1}))
    put(table, Verb.UPSERT, Row(bench.shop, "r", {"n": 2}))
    for others in ([], [Change(Verb.INSERT, Row(bench.shop, "other"))]):
        with pytest.raises(Conflicted) as caught:
            table.submit([*others, Change(verb, Row(bench.shop, "r", {}, old))])
        assert (caught.value.found, caught.value.index) == (Found.MOVED, len(others))
    assert table.get(bench.shop, "other") is None


def test_replace_drops_what_merge_keeps(bench: Bench, table: Table) -> None:
    """MERGE leaves columns that it does not name, REPLACE does not."""
    etag = put(table, Verb.INSERT, Row(bench.shop, "r", {"a": 1, "b": 1}))
    etag = put(table, Verb.MERGE, Row(bench.shop, "r", {"b": 2}, etag))
    merged = table.get(bench.shop, "r")
    assert merged is not None
    assert merged.values == {"a": 1, "b": 2}
    put(table, Verb.REPLACE, Row(bench.shop, "r", {"c": 3}, etag))
    replaced = table.get(bench.shop, "r")
    assert replaced is not None
    assert replaced.values == {"c": 3}


def test_an_upsert_leaves_nothing_of_what_was_there(bench: Bench, table: Table) -> None:
    """UPSERT stores the row whole, alone and in a transaction, whether there was one or not."""
    for key in ("alone", "one", "two"):
        put(table, Verb.UPSERT, Row(bench.shop, key, {"old": 1}))
    put(table, Verb.UPSERT, Row(bench.shop, "alone", {"new": 1}))
    table.submit([Change(Verb.UPSERT, Row(bench.shop, key, {"new": 1})) for key in ("one", "two", "three")])
    assert [row.values for page in table.pages(bench.shop) for row in page] == [{"new": 1}] * 4


def test_an_absent_row_is_missing_except_for_a_single_delete(bench: Bench, table: Table) -> None:
    """REPLACE of an absent row, and a DELETE of one within a transaction, are conflicts; a lone DELETE is done."""
    etag = put(table, Verb.INSERT, Row(bench.shop, "gone"))
    put(table, Verb.DELETE, Row(bench.shop, "gone", etag=etag))
    put(table, Verb.DELETE, Row(bench.shop, "gone"))
    with pytest.raises(Conflicted) as caught:
        put(table, Verb.REPLACE, Row(bench.shop, "gone", {}, etag))
    assert caught.value.found is Found.MISSING
    with pytest.raises(Conflicted) as caught:
        table.submit([Change(Verb.UPSERT, Row(bench.shop, "a")), Change(Verb.DELETE, Row(bench.shop, "gone"))])
    assert (caught.value.found, caught.value.index) == (Found.MISSING, 1)


def test_a_hundred_rows_go_in_one_transaction_or_not_at_all(bench: Bench, table: Table) -> None:
    """100 changes are one request with an etag each; one that conflicts takes all with it and is named."""
    rows = [Row(bench.shop, f"r{n:03d}", {"n": n}) for n in range(100)]
    before = table.transactions
    etags = table.submit([Change(Verb.INSERT, row) for row in rows])
    assert table.transactions - before == 1
    assert [row.etag for page in table.pages(bench.shop) for row in page] == etags
    with pytest.raises(Conflicted) as caught:
        table.submit(
            [Change(Verb.INSERT, Row(bench.shop, f"s{n:03d}")) for n in range(60)] + [Change(Verb.INSERT, rows[5])]
        )
    assert caught.value.index == 60
    assert table.get(bench.shop, "s000") is None


def test_pages_hold_a_range_in_key_order_at_one_request_each(bench: Bench, table: Table) -> None:
    """Both ends of a range are included, other partitions are not, and each page is one request."""
    for place in (bench.shop, bench.shop + "0"):
        table.submit([Change(Verb.INSERT, Row(place, f"k{n:02d}")) for n in range(25)])
    before = table.transactions
    pages = list(table.pages(bench.shop, "k03", "k20", size=7))
    assert table.transactions - before == 3
    assert [row.key for page in pages for row in page] == [f"k{n:02d}" for n in range(3, 21)]
    assert [len(page) for page in pages] == [7, 7, 4]
    assert list(table.pages(bench.shop, "x")) == []


def refused(table: Table, changes: list[Change]) -> Invalid:
    """The refusal, which must cost no request."""
    before = table.transactions
    with pytest.raises(Invalid) as caught:
        table.submit(changes)
    assert table.transactions == before
    return caught.value


def test_what_the_service_would_refuse_is_refused_before_it_is_sent(bench: Bench, table: Table) -> None:
    """Over 100 rows, two partitions, a row twice, 253 columns, over 1 MiB, over 64 KiB of UTF-16, over 4 MiB."""
    place = bench.shop

    def inserts(*rows: Row) -> list[Change]:
        return [Change(Verb.INSERT, row) for row in rows]

    refused(table, inserts(*(Row(place, f"r{n}") for n in range(101))))
    refused(table, [])
    refused(table, inserts(Row(place, "a"), Row(place + "0", "b")))
    refused(table, inserts(Row(place, "a"), Row(place, "a")))
    refused(table, inserts(Row(place, "a", {f"c{n}": n for n in range(253)})))
    refused(table, inserts(Row(place, "a", {f"c{n}": "x" * 32_000 for n in range(17)})))
    refused(table, inserts(Row(place, "a", {"c": "x" * 32_769})))
    refused(table, inserts(Row(place, "a", {"c": "\U0001f600" * 16_385})))
    refused(table, inserts(Row(place, "a", {"1c": 1})))
    refused(table, inserts(*(Row(place, f"r{n}", {f"c{m}": "x" * 30_000 for m in range(3)}) for n in range(50))))
    refused(table, [Change(Verb.REPLACE, Row(place, "a"))])


@pytest.mark.parametrize("key", ["a/b", "a\\b", "a#b", "a?b", "a\nb", "a\x7fb", "a\x85b", "k" * 513, "é" * 513])
def test_keys_the_service_would_refuse_are_refused(bench: Bench, table: Table, key: str) -> None:
    """Forbidden characters and keys over 1 KiB never leave, as a PartitionKey or a RowKey."""
    refused(table, [Change(Verb.INSERT, Row(bench.shop, key))])
    refused(table, [Change(Verb.INSERT, Row(key, "r"))])
    with pytest.raises(Invalid):
        table.get(bench.shop, key)


def test_what_just_fits_is_stored(bench: Bench, table: Table) -> None:
    """252 columns, 32,768 characters in one, 512 in a key and almost 1 MiB in a row are accepted."""
    wide = {f"c{n}": n for n in range(252)}
    large = {f"c{n}": "x" * 32_768 for n in range(15)}
    for values in (wide, large):
        put(table, Verb.UPSERT, Row(bench.shop, "k" * 512, values))
        row = table.get(bench.shop, "k" * 512)
        assert row is not None
        assert row.values == values


def test_a_conflict_is_busy_to_everybody_else(bench: Bench, table: Table) -> None:
    """The seam's own error is a Busy, so that nothing else can leave by accident."""
    put(table, Verb.INSERT, Row(bench.shop, "r"))
    with pytest.raises(Busy):
        put(table, Verb.INSERT, Row(bench.shop, "r"))
