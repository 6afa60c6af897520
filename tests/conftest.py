"""What holds for every test: Hypothesis judges results, never speed, and what belongs together runs in one process."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

HERE = Path(__file__).parent
TOGETHER = ("e2e", "contract/dataverse")
"""Folders whose tests run in one process, one after the other: they share a world, or count what all of them did."""

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the marks in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell pytest-xdist which tests stay together."""
    for item in items:
        for folder in TOGETHER:
            if item.path.is_relative_to(HERE / folder):
                item.add_marker(pytest.mark.xdist_group(folder))
