"""Cursors, runs, parked records, pointers and pauses: the small tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.errors import Busy
from shared.records import Cursor, Origin, ParkedRow, RunRow
from tests.contract.state.conftest import Bench

START = datetime(2026, 3, 1, 12, 0, 0, 1, tzinfo=UTC)


def test_a_cursor_moves_under_its_version_only(bench: Bench) -> None:
    """The first of two polls stores its place; the other, with the same version, is Busy and changes nothing."""
    cursors = bench.state.cursors
    assert cursors.get(bench.shop, bench.flow, "product") == Cursor({})
    first = cursors.put(bench.shop, bench.flow, "product", Cursor({"token": "a/b?c", "since": START}))
    assert cursors.get(bench.shop, bench.flow, "product") == first
    second = cursors.put(bench.shop, bench.flow, "product", replace(first, value={"token": "2"}))
    for stale in (first, Cursor({"token": "3"})):
        with pytest.raises(Busy) as caught:
            cursors.put(bench.shop, bench.flow, "product", stale)
        assert type(caught.value) is Busy
    assert cursors.get(bench.shop, bench.flow, "product") == second
    assert cursors.get(bench.shop, bench.flow, "productpricelevel") == Cursor({})


def test_a_cursor_survives_a_lost_answer(bench: Bench) -> None:
    """The move that happened unseen counts, and the next one goes on from it."""
    cursors = bench.state.cursors
    bench.fail_submit("lose")
    first = cursors.put(bench.shop, bench.flow, "t", Cursor({"token": "1"}))
    bench.fail_submit("lose")
    second = cursors.put(bench.shop, bench.flow, "t", replace(first, value={"token": "2"}))
    assert cursors.get(bench.shop, bench.flow, "t") == second


def run_row(bench: Bench, number: int) -> RunRow:
    """A run that started that many minutes after the first."""
    return RunRow(
        shop=bench.shop,
        flow=bench.flow,
        run_id=f"run/{number}",
        origin=Origin.POLL,
        started_at=START + timedelta(minutes=number),
        duration_s=1.25,
        read=250,
        counts={"created": 1, "unchanged": 249},
        calls=4,
        points=19,
        outcomes_blob="outcomes/x",
    )


def test_the_last_runs_come_newest_first_for_one_request(bench: Bench) -> None:
    """Runs come back as stored, the newest first, no more than asked for."""
    rows = [run_row(bench, number) for number in range(5)]
    for row in (rows[2], rows[0], rows[4], rows[1], rows[3], rows[3]):
        bench.state.runs.put(row)
    before = bench.cost("runs")
    assert bench.state.runs.last(bench.shop, bench.flow, 3) == rows[:1:-1]
    assert bench.cost("runs") - before == 1
    assert bench.state.runs.last(bench.shop, "another_flow", 3) == []


def test_old_runs_are_forgotten(bench: Bench) -> None:
    """Only runs that started before the moment go, however many."""
    runs = bench.state.runs
    for number in range(130):
        runs.put(run_row(bench, number))
    assert runs.delete_older(bench.shop, bench.flow, START + timedelta(minutes=125)) == 125
    assert [row.run_id for row in runs.last(bench.shop, bench.flow, 99)] == [f"run/{n}" for n in range(129, 124, -1)]
    assert runs.delete_older(bench.shop, bench.flow, START) == 0


def parked_row(bench: Bench, source_id: str, **changes: object) -> ParkedRow:
    """A record that was refused."""
    row = ParkedRow(
        shop=bench.shop,
        flow=bench.flow,
        kind="product",
        source_id=source_id,
        code="Invalid",
        sentence="The name is empty: fill it in.",
        facts={"field": "name", "limit": Decimal("1.50"), "at": START, "none": None},
        attempts=2,
        first_at=START,
        last_at=START + timedelta(hours=1),
        releases="product:7",
        seen="ab12",
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def test_parked_records_of_a_page_are_known_for_one_request(bench: Bench) -> None:
    """All kinds of ids are found whatever their order; those not asked for are left out."""
    ids = ["7", "70", "9007199254740993", "00000000-0000-4000-8000-000000000001", "a/b", "007"]
    rows = {identifier: parked_row(bench, identifier) for identifier in ids}
    bench.state.parked.put(list(rows.values()))
    before = bench.cost("parked")
    for asked in (ids, ids[::-2], ["7"], ["8"]):
        expected = {identifier: rows[identifier] for identifier in asked if identifier in rows}
        assert bench.state.parked.known(bench.shop, bench.flow, asked) == expected
    assert bench.cost("parked") - before == 4
    assert bench.state.parked.known(bench.shop, bench.flow, []) == {}
    assert {row.source_id for row in bench.state.parked.list(bench.shop, bench.flow)} == set(ids)


def test_parking_again_refreshes_and_removing_twice_is_fine(bench: Bench) -> None:
    """One row per record; a removal takes those that are there, even when most are gone already."""
    parked = bench.state.parked
    rows = [parked_row(bench, str(number)) for number in range(150)]
    parked.put(rows)
    parked.put([replace(rows[0], attempts=3), replace(rows[0], attempts=4)])
    assert parked.known(bench.shop, bench.flow, ["0"])["0"].attempts == 4
    parked.remove([row for at, row in enumerate(rows) if at % 3 == 0])
    assert len(list(parked.list(bench.shop, bench.flow))) == 100
    before = bench.cost("parked")
    parked.remove(rows[:2] + rows[4:80])
    parked.remove(rows)
    assert bench.cost("parked") - before <= 9
    parked.remove(rows[:3])
    assert list(parked.list(bench.shop, bench.flow)) == []


def test_an_error_that_says_too_much_still_parks_its_record(bench: Bench) -> None:
    """A sentence and facts beyond a column's limit are shortened, and the row says so."""
    facts = {"field": "name", "body": "x" * 200_000, "odd": object()}
    bench.state.parked.put([parked_row(bench, "1", sentence="y" * 100_000, facts=facts)])
    kept = bench.state.parked.known(bench.shop, bench.flow, ["1"])["1"]
    assert kept.facts["field"] == "name"
    assert kept.facts["shortened"] is True
    assert kept.sentence.endswith("…")


def test_a_pointer_leads_from_a_child_to_its_parent(bench: Bench) -> None:
    """Known children give their parents, refreshed by the last put; unknown ones are left out."""
    pointers, shop = bench.state.pointers, bench.shop
    pointers.put(shop, "variant", {str(number): f"p{number % 3}" for number in range(230)})
    pointers.put(shop, "variant", {"7": "moved", "guid-1": "p"})
    found = pointers.get(shop, "variant", ["7", "8", "guid-1", "999"])
    assert found == {"7": "moved", "8": "p2", "guid-1": "p"}
    assert pointers.get(shop, "lineitem", ["7"]) == {}
    pointers.put(shop, "variant", {})


def test_a_pause_is_seen_with_its_reason_until_the_resume(bench: Bench) -> None:
    """What is paused names its reason; three questions in a row are one request; a resume is seen at once here."""
    switches, target = bench.state.switches, f"{bench.flow}@{bench.shop}"
    assert switches.paused(target) == ""
    switches.pause(target, "401 from the shop")
    before = bench.cost("switches")
    assert [switches.paused(target) for _ in range(3)] == ["401 from the shop"] * 3
    assert bench.cost("switches") - before == 1
    bench.clock.advance(3)
    assert switches.paused(target)
    assert bench.cost("switches") - before == 2
    switches.resume(target)
    switches.resume(target)
    assert switches.paused(target) == ""
    bench.state.switches.accept_deletes(target, bench.clock.now() + timedelta(hours=1))
    assert switches.deletes_accepted(target, bench.clock.now())
    assert not switches.deletes_accepted(target, bench.clock.now() + timedelta(hours=1))
    assert not switches.deletes_accepted("another", bench.clock.now())
    assert target not in switches.all()
    switches.pause(target, "")
    assert switches.paused(target) == "paused"
    switches.resume(target)


def test_a_start_never_moves_to_a_later_moment(bench: Bench) -> None:
    """A start comes back exact, the first that is kept stands, and only an earlier one takes its place."""
    starts, begun, late = bench.state.starts, (bench.flow, "acme.myshopify.com"), START + timedelta(days=1)
    assert starts.first(begun, late, keep=False) == late
    assert begun not in starts.all()
    assert starts.first(begun, late, keep=True) == starts.first(begun, late + timedelta(1), keep=True) == late
    assert starts.earlier(begun, late + timedelta(1)) == late
    assert starts.earlier(begun, START, write=False) == START
    assert starts.all()[begun] == late
    assert starts.earlier(begun, START) == starts.all()[begun] == START


def test_the_last_note_of_a_name_stands(bench: Bench) -> None:
    """Notes come back as they were, times exact; writing and reading all of them cost one request each."""
    notes, name = bench.state.notes, f"poll {bench.flow}"
    before = bench.cost("switches")
    for at in (START, START + timedelta(minutes=1)):
        notes.put(name, {"at": at, "waiting": [1, 2]})
    assert notes.all()[name] == {"at": START + timedelta(minutes=1), "waiting": [1, 2]}
    assert bench.cost("switches") - before == 3
