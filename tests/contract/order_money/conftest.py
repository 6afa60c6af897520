"""One store and one organization for all orders of the suite; every test makes orders of its own in them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.order_money.ledger import Ledger
from tests.contract.order_money.shop import Store


def pytest_itemcollected(item: pytest.Item) -> None:
    """The store is shared, so one worker runs them all."""
    item.add_marker(pytest.mark.xdist_group("order_money"))


@pytest.fixture(scope="session")
def store() -> Iterator[Store]:
    """The Shopify sandbox."""
    made = Store()
    yield made
    made.close()


@pytest.fixture(scope="session")
def ledger() -> Iterator[Ledger]:
    """The Dataverse sandbox."""
    made = Ledger()
    yield made
    made.close()


@pytest.fixture(scope="session")
def even_ledger() -> Iterator[Ledger]:
    """A Dataverse that rounds halves the other way, because nobody knows which way the real one does."""
    made = Ledger(rounding="ROUND_HALF_EVEN")
    yield made
    made.close()
