"""One world for all tests that need a finished first load; those that break things make their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from sandbox import catalogue, run
from tests.e2e.auditor import Audit, audit
from tests.e2e.running import Counted, Running, integrated

HANGS_S = 900


@dataclass
class Loaded:
    """A world after its first load, and what was seen right then."""

    running: Running
    exit_code: int
    seconds: float
    counted: Counted
    audit: Audit
    ended: frozenset[str] = frozenset()

    @property
    def shared(self) -> frozenset[str]:
        """The SKUs that several variants carry."""
        return self.running.catalogue.shared

    def once(self) -> int:
        """What `make run ONCE=1` does on this state: its exit code."""
        return run.integrate(self.running.environment, self.running.folder, threading.Event(), once=True)


def pytest_itemcollected(item: pytest.Item) -> None:
    """One worker of xdist runs what shares a world, so that no world is made twice.

    `settle` has a deadline of its own that says what is still at work; pytest's is for what hangs without saying so,
    and lies above two of those and a first load, since a slow machine needs the most of each.
    """
    shares = "loaded" if "loaded" in getattr(item, "fixturenames", ()) else item.path.stem
    item.add_marker(pytest.mark.xdist_group(shares))
    if item.get_closest_marker("timeout") is None:
        item.add_marker(pytest.mark.timeout(HANGS_S))


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """The whole catalogue, loaded once."""
    folder = tmp_path_factory.mktemp("world")
    with integrated(folder, catalogue.build(1)) as running:
        before, started = running.counted(), time.monotonic()
        code = run.integrate(running.environment, folder, threading.Event(), once=True)
        seconds = time.monotonic() - started
        found = audit(running.info, shared=running.catalogue.shared)
        yield Loaded(running, code, seconds, running.counted().since(before), found)
