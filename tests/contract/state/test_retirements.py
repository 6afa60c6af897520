"""The count of what each flow took out of use: nothing is forgotten within a day, whoever counts beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from shared.errors import Busy
from shared.state.tables import Change
from tests.contract.state.conftest import Bench

HOUR = timedelta(hours=1)


def test_a_count_lasts_a_day_and_at_most_an_hour_more(bench: Bench) -> None:
    """Promise: within any 24 hours nothing that was counted is left out; after 25 it is; flows count for themselves."""
    kept, now = bench.state.retirements, bench.clock.now().replace(minute=59)
    assert kept.add(bench.shop, bench.flow, now, 15) == (15, 0)
    assert kept.add(bench.shop, bench.flow, now + HOUR, 5) == (20, 0)
    assert kept.add(bench.shop, "another", now, 1) == (1, 0)
    assert kept.add("another.example", bench.flow, now, 1) == (1, 0)
    assert kept.add(bench.shop, bench.flow, now + 24 * HOUR - timedelta(seconds=1), 0) == (20, 0)
    assert kept.add(bench.shop, bench.flow, now + 25 * HOUR, 0) == (5, 0)
    assert kept.add(bench.shop, bench.flow, now + 26 * HOUR, 1) == (1, 0)


def test_what_is_taken_back_is_taken_from_its_own_hour(bench: Bench) -> None:
    """Promise: taking back leaves what others counted since, also when its own hour is long forgotten."""
    kept, now = bench.state.retirements, bench.clock.now()
    kept.add(bench.shop, bench.flow, now, 15)
    kept.add(bench.shop, bench.flow, now + 2 * HOUR, 4)
    assert kept.add(bench.shop, bench.flow, now, -10) == (9, 0)
    assert kept.add(bench.shop, bench.flow, now + 26 * HOUR, 0) == (4, 0)
    assert kept.add(bench.shop, bench.flow, now, -10) == (4, 0)


def test_the_kinds_size_is_believed_for_a_day(bench: Bench) -> None:
    """Promise: it is told once and known to every worker until it is a day old; a newer one takes its place."""
    kept, now = bench.state.retirements, bench.clock.now()
    assert kept.add(bench.shop, bench.flow, now, 0, size=2000) == (0, 2000)
    assert kept.add(bench.shop, bench.flow, now + 23 * HOUR, 3) == (3, 2000)
    assert kept.add(bench.shop, bench.flow, now + 24 * HOUR, 0) == (3, 0)
    assert kept.add(bench.shop, bench.flow, now + 24 * HOUR, 0, size=1800) == (3, 1800)


def test_who_counts_at_the_same_moment_is_not_overwritten(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: the row that another worker changed between read and write is read again; both counts stand."""
    kept, now = bench.state.retirements, bench.clock.now()
    table = bench.state.tables["switches"]
    submit, meanwhile = table.submit, [3, 4]

    def raced(changes: Sequence[Change]) -> list[str]:
        if meanwhile:
            count = meanwhile.pop()
            with monkeypatch.context() as alone:
                alone.setattr(table, "submit", submit)
                kept.add(bench.shop, bench.flow, now, count)
        return submit(changes)

    monkeypatch.setattr(table, "submit", raced)
    assert kept.add(bench.shop, bench.flow, now, 10) == (17, 0)


def test_who_always_loses_is_told_to_come_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: what could not be counted is not done: Busy, and the message comes back."""
    kept, now, table = bench.state.retirements, bench.clock.now(), bench.state.tables["switches"]
    kept.add(bench.shop, bench.flow, now, 1)
    stale = table.get

    def always_late(partition: str, key: str) -> object:
        row = stale(partition, key)
        submit(row)
        return row

    def submit(row: object) -> None:
        with monkeypatch.context() as alone:
            alone.setattr(table, "get", stale)
            kept.add(bench.shop, bench.flow, now, 1)

    monkeypatch.setattr(table, "get", always_late)
    with pytest.raises(Busy):
        kept.add(bench.shop, bench.flow, now, 1)
