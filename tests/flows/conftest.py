"""What tests of the flows start from: the shipped mapping files over two systems in memory, or the whole app."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from shared import wiring
from tests.support.clientele import Clientele
from tests.support.companies import Business
from tests.support.orders import Trade
from tests.support.papers import Papers
from tests.support.things import products
from tests.support.world import World

Open = Callable[..., Clientele]
OpenTrade = Callable[..., Trade]
OpenBusiness = Callable[..., Business]
OpenPapers = Callable[..., Papers]


@pytest.fixture
def world() -> World:
    """An empty shop and an empty CRM."""
    return products()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Makes an app with the customers' flow on, over two empty systems, under the settings that are given."""
    made: list[Clientele] = []

    def opening(**environment: str) -> Clientele:
        world = Clientele(**environment)
        monkeypatch.setattr(wiring, "app", lambda: world.app)
        world.shopify.__enter__()
        made.append(world)
        return world

    yield opening
    for world in made:
        world.close()


@pytest.fixture
def people(opened: Open) -> Clientele:
    """The app as it is shipped, with the customers' flow on."""
    return opened()


@pytest.fixture
def trading(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenTrade]:
    """Makes an app with customers, products and orders on, under the settings that are given."""
    made: list[Trade] = []

    def opening(**environment: str) -> Trade:
        world = Trade(**environment)
        monkeypatch.setattr(wiring, "app", lambda: world.app)
        world.shopify.__enter__()
        made.append(world)
        return world

    yield opening
    for world in made:
        world.close()


@pytest.fixture
def firms(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenBusiness]:
    """Makes an app with companies, customers and orders on, under the settings that are given."""
    made: list[Business] = []

    def opening(**environment: str) -> Business:
        world = Business(**environment)
        monkeypatch.setattr(wiring, "app", lambda: world.app)
        world.shopify.__enter__()
        made.append(world)
        return world

    yield opening
    for world in made:
        world.close()


@pytest.fixture
def firm(firms: OpenBusiness) -> Business:
    """The app as it is shipped, with companies, customers and orders on."""
    return firms()


@pytest.fixture
def trade(trading: OpenTrade) -> Trade:
    """The app as it is shipped, with customers, products and orders on."""
    return trading()


@pytest.fixture
def selling(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPapers]:
    """Makes an app with the documents' flows on, under the settings that are given."""
    made: list[Papers] = []

    def opening(**environment: str) -> Papers:
        world = Papers(**environment)
        monkeypatch.setattr(wiring, "app", lambda: world.app)
        world.shopify.__enter__()
        made.append(world)
        return world

    yield opening
    for world in made:
        world.close()


@pytest.fixture
def papers(selling: OpenPapers) -> Papers:
    """The app as it is shipped, with the documents' flows on."""
    return selling()
