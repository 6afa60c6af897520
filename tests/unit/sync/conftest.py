"""What the engine's unit tests start from."""

from __future__ import annotations

import pytest

from tests.support.things import things
from tests.support.world import World


@pytest.fixture
def world() -> World:
    """Two empty systems, the real engine between them."""
    return things()
