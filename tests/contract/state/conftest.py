"""One bench per backend: the same promises are tried on the in-memory twins and on Azurite."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.azurite import Azurite, running_azurite
from shared.state import wire
from shared.state.reads import InTurn
from shared.state.store import TABLES, Seams, State, assemble, open_state
from tests.contract.state.faults import FaultyTable, FaultyTransport
from tests.support.memory import MemoryBlobs, MemoryQueues

_shops = itertools.count(1)


class ManualClock:
    """Time that moves when it is told to; waiting moves it."""

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=seconds)


@dataclass
class Bench:
    """A state to try, a shop nobody else uses, and the ways to make the service fail."""

    name: str
    state: State
    clock: ManualClock
    shop: str
    flow: str
    fail_submit: Callable[[str], None]
    service_wait: Callable[[float], None]
    forget: Callable[[], None]
    new_id: Callable[[], str] = lambda: uuid.uuid4().hex

    def cost(self, table: str) -> int:
        """Requests so far."""
        return self.state.transactions()[table]


def pytest_itemcollected(item: pytest.Item) -> None:
    """One worker of xdist runs them all, on one Azurite."""
    item.add_marker(pytest.mark.xdist_group("state"))


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    """One Azurite for the session."""
    with running_azurite() as running:
        yield running


@pytest.fixture(scope="session")
def account(azurite: Azurite) -> Iterator[tuple[State, ManualClock, FaultyTransport]]:
    """One state on it, created once; tests keep apart by shop and flow."""
    clock, transport = ManualClock(), FaultyTransport(wire.network(16))
    with ThreadPoolExecutor(8) as pool:
        state = open_state(azurite.connection_string, clock=clock, pool=pool, transport=transport)
        state.ensure([])
        yield state, clock, transport
        state.close()


@pytest.fixture(params=["memory", "azurite"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """The state on each backend in turn."""
    number = next(_shops)
    shop, flow = f"shop{number}.example", f"flow_{number}"
    if request.param == "memory":
        return memory_bench(shop, flow)
    state, clock, transport = request.getfixturevalue("account")

    def fail(fault: str) -> None:
        transport.plan(fault, lambda sent: sent.method != "GET")

    return Bench("azurite", state, clock, shop, flow, fail, time.sleep, transport.forget)


def memory_bench(shop: str, flow: str) -> Bench:
    """The state on the twins."""
    clock = ManualClock()
    tables = {name: FaultyTable(name) for name in TABLES}
    seams = Seams(tables, MemoryBlobs(clock.now), MemoryQueues(clock.now))
    marks = itertools.count(1)
    state = assemble(seams, clock=clock, pool=InTurn(), new_id=lambda: f"id{next(marks)}")

    def fail(fault: str) -> None:
        for table in tables.values():
            table.plan(fault)

    def forget() -> None:
        for table in tables.values():
            table.forget()

    return Bench("memory", state, clock, shop, flow, fail, clock.advance, forget)
