"""Alerts on either backend: one event when a trouble begins, one when it is over, whoever meets it."""

from __future__ import annotations

import logging

import pytest

from shared.state.alerts import StoredAlerts
from shared.state.tables import Row, Table
from tests.contract.state.conftest import Bench

WRONG = "It is wrong. Mend it."


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Kind and target of every event so far."""
    return [(event.alert, event.target) for event in caplog.records if event.message == "alert"]  # type: ignore[attr-defined]


def test_a_trouble_is_told_once_and_its_end_once(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """Three findings make one event; so does its end, and coming back is news again."""
    caplog.set_level(logging.WARNING)
    alerts, topic = bench.state.alerts, ("lag", bench.flow)
    for why in (WRONG, WRONG, "Worse.", "", "", WRONG):
        alerts.settle({topic: why})
        assert alerts.open().get(topic, "") == (WRONG if why else "")
    assert told(caplog) == [topic, ("cleared", bench.flow), topic]
    assert caplog.records[0].why == WRONG  # type: ignore[attr-defined]
    assert caplog.records[1].cleared == "lag"  # type: ignore[attr-defined]


def test_nothing_wrong_costs_one_read_and_what_was_not_checked_stays(bench: Bench) -> None:
    """All is well with ten targets: one request; an open alert about something else is left alone."""
    alerts, other = bench.state.alerts, ("lag", f"{bench.flow}-other")
    alerts.settle({other: WRONG})
    before = bench.cost("switches")
    alerts.settle({("lag", f"{bench.flow}-{number}"): "" for number in range(10)})
    assert bench.cost("switches") - before == 1
    assert other in alerts.open()


class Late:
    """A table on which another instance has always been a moment faster: it settles between our read and our write."""

    def __init__(self, table: Table, rival: StoredAlerts, topic: tuple[str, str], why: str) -> None:
        self._table, self._rival, self._found = table, rival, {topic: why}

    def pages(self, partition: str) -> list[list[Row]]:
        """What stood there before the other one came."""
        rows = list(self._table.pages(partition))
        self._rival.settle(self._found)
        return rows

    def __getattr__(self, name: str) -> object:
        return getattr(self._table, name)


def test_of_two_instances_one_speaks(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """Both find the trouble in the same moment, and its end: one event each."""
    topic, now = ("queue", bench.flow), bench.clock.now
    for why in (WRONG, ""):
        slow = StoredAlerts(Late(bench.state.tables["switches"], bench.state.alerts, topic, why), now)  # type: ignore[arg-type]
        slow.settle({topic: why})
    assert told(caplog) == [topic, ("cleared", bench.flow)]


class Dying:
    """A table whose process dies after the first change."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def submit(self, changes: object) -> list[str]:
        """Done, and dead before anybody hears of it."""
        self._table.submit(changes)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    def __getattr__(self, name: str) -> object:
        return getattr(self._table, name)


def test_an_alert_whose_process_died_before_telling_is_told_later(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """Stored and not told: silent while somebody may be about to tell it, told by the next check after that, once."""
    topic, now = ("api_version", bench.flow), bench.clock.now
    with pytest.raises(KeyboardInterrupt):
        StoredAlerts(Dying(bench.state.tables["switches"]), now).settle({topic: WRONG})  # type: ignore[arg-type]
    bench.state.alerts.settle({topic: WRONG})
    assert told(caplog) == []
    bench.clock.advance(600)
    for _ in range(2):
        bench.state.alerts.settle({topic: WRONG})
    assert told(caplog) == [topic]
