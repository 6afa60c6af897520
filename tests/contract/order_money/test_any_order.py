"""Any order that the Shopify sandbox can hold, drawn by Hypothesis, in both currencies and under both methods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import assume, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.flows.orders.amounts import DiscountMethod, MoneySettings, MoneySide
from shared.flows.orders.money import money_of
from tests.contract.order_money.arriving import arrives
from tests.contract.order_money.drawn import Drawn, orders
from tests.contract.order_money.ledger import Ledger, settings
from tests.contract.order_money.shop import Store


def discounted_below_nought(content: Mapping[str, Any]) -> bool:
    """Whether edits took more off a line than it cost: the sandbox lets them, and no CRM holds the negative tax."""
    return any(
        sum(one["allocatedAmountSet"]["shopMoney"]["amount"] for one in line["discountAllocations"])
        > line["originalTotalSet"]["shopMoney"]["amount"]
        for line in content["lineItems"]["nodes"]
    )


def exact_up_to(chosen: MoneySettings) -> int:
    """From how many units on a price's last decimal is worth the currency's smallest unit."""
    return 10 ** (chosen.price_digits - chosen.currency_precision)


def priced_or_refused(content: Mapping[str, Any], chosen: MoneySettings) -> bool:
    """Whether the order can be priced; if not, it is a price that has too few decimals, and nothing else."""
    try:
        return bool(money_of(content, chosen))
    except Invalid as refused:
        if refused.facts["field"] != "priceperunit":
            raise
        return False


@examples(max_examples=25)
@given(drawn=orders(), side=st.sampled_from(MoneySide))
def test_any_order_arrives(store: Store, ledger: Ledger, even_ledger: Ledger, drawn: Drawn, side: MoneySide) -> None:
    """Promise: every order arrives to the unit; per unit, only lines of very many units may be refused."""
    content = store.read(drawn.make(store))
    assume(not discounted_below_nought(content))
    currency = drawn.currency if side is MoneySide.SHOP else drawn.presentment
    once, each = (replace(settings(method, currency), side=side) for method in DiscountMethod)
    arrives(content, once, ledger)
    most = max(Decimal(line["currentQuantity"]) for line in content["lineItems"]["nodes"])
    if most < exact_up_to(each) or priced_or_refused(content, each):
        arrives(content, each, even_ledger)
