"""The twin state is whole: every port is there and has the port's own signature."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime

import pytest

from shared.sync import ports
from tests.support.memory import memory_state


class Fixed:
    """A clock that stands."""

    def now(self) -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC)

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here waits")


PORTS = {
    "crossrefs": ports.CrossRefs,
    "parked": ports.Parked,
    "cursors": ports.Cursors,
    "pointers": ports.Pointers,
    "journal": ports.Journal,
    "runs": ports.Runs,
    "queues": ports.Queues,
    "permits": ports.Permits,
    "switches": ports.Switches,
}


@pytest.mark.parametrize("name", PORTS)
def test_each_port_is_implemented_as_declared(name: str) -> None:
    """Every method of the port exists and takes at least the port's parameters, by name and kind."""
    part = getattr(memory_state(Fixed()), name)
    declared = inspect.getmembers(PORTS[name], inspect.isfunction)
    checked = 0
    for method, function in declared:
        if method.startswith("_"):
            continue
        wanted = list(inspect.signature(function).parameters.values())[1:]
        given = inspect.signature(getattr(part, method)).parameters
        assert [p.name for p in wanted] == list(given)[: len(wanted)], method
        assert [p.kind for p in wanted] == [given[p.name].kind for p in wanted], method
        checked += 1
    assert checked


def test_transactions_are_counted_per_part() -> None:
    """A fresh state has cost nothing, and every service is in the account."""
    counted = memory_state(Fixed()).transactions()
    assert set(counted) == {"crossrefs", "lines", "cursors", "runs", "parked", "switches", "blobs", "queues"}
    assert set(counted.values()) == {0}
