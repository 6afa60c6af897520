"""What tests of the two product flows start from: the shipped mapping files over two systems in memory."""

from __future__ import annotations

import pytest

from tests.support.things import products
from tests.support.world import World


@pytest.fixture
def world() -> World:
    """An empty shop and an empty CRM."""
    return products()
