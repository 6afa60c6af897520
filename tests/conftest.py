"""What holds for every test: no secret and nothing personal gets into a log (tests/support/leaks.py).

Hypothesis judges results, never speed, for a busy machine is no defect.
"""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from tests.support.leaks import pytest_configure, pytest_runtest_teardown

__all__ = ["pytest_configure", "pytest_runtest_teardown"]

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

gc.set_threshold(50_000, 20, 50)
"""Looking for garbage as often as by default costs an eighth of the processor here."""

SLOW_FIRST = ("tests/e2e", "tests/simulation", "tests/contract/host", "tests/contract/runtime")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests that run hosts wait for timers and queues a fifth of the time."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(SLOW_FIRST))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """A pair of pytest and xdist that no longer knows groups says nothing and spreads them; this does.

    pytest 9.2 with xdist 3.8 is one: https://github.com/pytest-dev/pytest-xdist/issues/1386.
    """
    if not getattr(session.config.option, "loadgroup", False):
        return
    grouped = [item.nodeid for item in session.items if item.get_closest_marker("xdist_group")]
    spread = [name for name in grouped if "@" not in name]
    if spread:
        raise pytest.UsageError(f"{len(spread)} grouped tests would be spread over all workers, first {spread[0]}")
