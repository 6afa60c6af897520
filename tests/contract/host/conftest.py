"""Azurite for the whole run; each test gets its own world on it, and its host processes end with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.azurite import Azurite, running_azurite
from tests.contract.host.world import World


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    """One emulator for all tests of this folder."""
    with running_azurite() as running:
        yield running


@pytest.fixture
def world(azurite: Azurite, tmp_path: Path) -> Iterator[World]:
    """A fresh world for one test."""
    world = World(azurite, tmp_path)
    yield world
    world.close()
