"""Orders that the mapping leaves alone, whatever is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared import wiring
from shared.completing import left_out
from shared.mapping.load import parse
from shared.mapping.rules import join
from tests.support.plant import SHOP, Plant

FLOW = "orders_shopify_to_crm"
CREATE = """mutation($order: OrderCreateOrderInput!) { orderCreate(order: $order) {
  order { id } userErrors { field message } } }"""
UNKNOWN = "SEK"
"""A currency that CRM does not have."""


@pytest.fixture
def plant(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    """The orders' flow, from the day on that the test says."""
    made = Plant(ORDERS_SHOPIFY_TO_CRM_MODE="on", ORDERS_SINCE=request.param)
    monkeypatch.setattr(wiring, "app", lambda: made.app)
    yield made
    made.close()


def order(plant: Plant, **more: Any) -> None:
    """An order in the unknown currency."""
    price = {"shopMoney": {"amount": "9.99", "currencyCode": UNKNOWN}}
    given = {"currency": UNKNOWN, "lineItems": [{"title": "Tea", "quantity": 1, "priceSet": price}], **more}
    answer = plant.merchant.call(CREATE, {"order": given})["orderCreate"]
    assert answer["userErrors"] == []


def parked(plant: Plant) -> list[str]:
    """The codes of the orders that wait for a person, after a run."""
    plant.run()
    return [row.code for row in plant.app.state.parked.list(SHOP, FLOW)]


@pytest.mark.parametrize("plant", ["2030-01-01"], indirect=True)
def test_an_order_from_before_the_start_is_never_parked(plant: Plant) -> None:
    """Promise: orders older than ORDERS_SINCE are skipped, even in a currency that CRM does not have."""
    order(plant)
    assert parked(plant) == []


@pytest.mark.parametrize("plant", ["2020-01-01"], indirect=True)
def test_a_test_order_is_never_parked(plant: Plant) -> None:
    """Promise: a test order is skipped, even in a currency that CRM does not have; another one is parked."""
    order(plant, test=True)
    assert parked(plant) == []
    order(plant)
    assert parked(plant) == ["Invalid"]


def test_a_filter_of_money_waits_for_the_money() -> None:
    """Promise: a filter that reads what is added to an order is held against the whole order alone."""
    text = (Path(__file__).parents[2] / "mappings" / f"{FLOW}.toml").read_text("utf-8")
    unpaid = '[[skip]]\nwhen = "!(money.lines)"\nreason = "Nothing is left of it."\n\n[deleted]'
    alone = left_out(join(parse(text.replace("[deleted]", unpaid)), None, settings={}))
    assert not alone({"test": False, "crm": {"before_start": False}})
    assert alone({"test": True, "crm": {"before_start": False}})
