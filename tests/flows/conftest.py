"""What tests of the flows start from: the shipped mapping files over two systems in memory, or the whole app."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TypeVar

import pytest

from sandbox.catalogue import CrmProduct
from shared import wiring
from tests.flows.restoring import Operator
from tests.support.clientele import Clientele
from tests.support.companies import Business
from tests.support.orders import JANE, Trade
from tests.support.papers import Papers
from tests.support.tables import Tables
from tests.support.things import products
from tests.support.till import bag, bought, item
from tests.support.world import World

Open = Callable[..., Clientele]
OpenTrade = Callable[..., Trade]
OpenBusiness = Callable[..., Business]
OpenPapers = Callable[..., Papers]
OpenTables = Callable[..., Tables]
Made = TypeVar("Made", bound=Clientele)


def _opening(monkeypatch: pytest.MonkeyPatch, kind: type[Made]) -> Iterator[Callable[..., Made]]:
    """Makes worlds of that kind, each the app of the process from then on, and closes all of them in the end."""
    made: list[Made] = []

    def opening(**environment: str) -> Made:
        world = kind(**environment)
        monkeypatch.setattr(wiring, "app", lambda: world.app)
        world.shopify.__enter__()
        made.append(world)
        return world

    yield opening
    for world in made:
        world.close()


@pytest.fixture
def world() -> World:
    """An empty shop and an empty CRM."""
    return products()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Makes an app with the customers' flow on, over two empty systems, under the settings that are given."""
    yield from _opening(monkeypatch, Clientele)


@pytest.fixture
def people(opened: Open) -> Clientele:
    """The app as it is shipped, with the customers' flow on."""
    return opened()


@pytest.fixture
def trading(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenTrade]:
    """Makes an app with customers, products and orders on, under the settings that are given."""
    yield from _opening(monkeypatch, Trade)


@pytest.fixture
def firms(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenBusiness]:
    """Makes an app with companies, customers and orders on, under the settings that are given."""
    yield from _opening(monkeypatch, Business)


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
    yield from _opening(monkeypatch, Papers)


@pytest.fixture
def papers(selling: OpenPapers) -> Papers:
    """The app as it is shipped, with the documents' flows on."""
    return selling()


@pytest.fixture
def tabling(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenTables]:
    """Makes an app with the tables on that TABLES names, over two empty systems."""
    yield from _opening(monkeypatch, Tables)


@pytest.fixture
def trader(trade: Trade, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Operator:
    """Products both ways, a customer, and orders in several states, all in step."""
    paid = {"kind": "SALE", "status": "SUCCESS", "gateway": "manual", "amountSet": bag("5.00")}
    post = [{"title": "Post", "priceSet": bag("4.00")}]
    (lamp, _) = trade.offer("L-1", "L-2")
    trade.sales.create(CrmProduct("CHAIR-1", "Chair", "Kept by sales.", Decimal("12.00"), "VP-1"))
    trade.run()
    first = trade.order(bought(lamp, "20.00", 2, tax="8.00"), item("Tea", "5.00", 2), by=JANE, shippingLines=post)
    third = trade.order(item("Pot", "5.00"), transactions=[paid])
    trade.run()
    trade.amend(first, Tea=1)
    trade.fulfil(third)
    trade.run(ticks=6)
    return Operator(trade, monkeypatch, capsys)
