"""Orders recorded from real stores: those that add up in themselves arrive, those that do not are refused.

order__ruby_order_14 contradicts itself: a line refunded, and the current total still what it was before.
order__monei_order_res_list_0 and order__pyapi_orders_0 are older than current totals and cannot be brought into shape.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.errors import TotalsDiffer
from shared.flows.orders.amounts import DiscountMethod, MoneySide
from shared.flows.orders.money import money_of
from tests.contract.order_money.arriving import arrives
from tests.contract.order_money.ledger import Ledger, settings
from tests.contract.order_money.recorded import FOLDER, created_orders, from_created, from_rest, rest_orders

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the recorded orders are not on this machine")
WITHOUT_SHAPE = ["order__monei_order_res_list_0", "order__pyapi_orders_0"]
CONTRADICTORY = ["order__ruby_order_14"]


def test_recorded_rest_orders_arrive(ledger: Ledger) -> None:
    """Promise: every recorded order arrives under both methods, or is one of the three that are named here."""
    shapeless, contradictory, arrived = [], [], 0
    for name, recorded in rest_orders():
        content = from_rest(recorded)
        if content is None:
            shapeless.append(name)
            continue
        try:
            for method in DiscountMethod:
                arrives(content, settings(method, content["currencyCode"]), ledger)
            arrived += 1
        except TotalsDiffer:
            contradictory.append(name)
    assert (shapeless, contradictory, arrived) == (WITHOUT_SHAPE, CONTRADICTORY, 6)


def test_what_order_create_answered_arrives(ledger: Ledger) -> None:
    """Promise: the five recorded orders of orderCreate arrive in either currency."""
    found = {name: from_created(recorded) for name, recorded in created_orders()}
    assert [name for name, content in found.items() if content is None] == []
    assert len(found) == 5
    for content in found.values():
        assert content is not None
        for side in MoneySide:
            currency = content["currencyCode" if side is MoneySide.SHOP else "presentmentCurrencyCode"]
            for method in DiscountMethod:
                arrives(content, replace(settings(method, currency), side=side), ledger)


def test_the_contradiction_is_told_with_both_sides() -> None:
    """Promise: what a person reads of such an order are Shopify's total and what its parts come to."""
    recorded = dict(rest_orders())[CONTRADICTORY[0]]
    content = from_rest(recorded)
    assert content is not None
    with pytest.raises(TotalsDiffer) as refused:
        money_of(content, settings(DiscountMethod.LINE_ITEM, "USD"))
    assert (refused.value.facts["shopify"], refused.value.facts["currency"]) == ("598.94", "USD")
