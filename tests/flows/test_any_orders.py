"""Orders that Hypothesis draws, many at once, through the whole app while they are edited, refunded and cancelled.

What each must be in CRM is the money of the order as Shopify shows it at that moment, whose sums two ledgers judge in
tests/contract/order_money; here it is whether all of it gets there, round after round, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from shared import wiring
from shared.dataverse.edits import child_id
from shared.flows.orders.amounts import DiscountMethod, MoneySettings, MoneySide
from shared.flows.orders.money import OrderMoney, money_of
from tests.contract.order_money.arriving import shown
from tests.contract.order_money.drawn import Drawn, orders
from tests.contract.order_money.ledger import PRECISIONS
from tests.contract.order_money.shop import Store
from tests.contract.order_money.test_any_order import discounted_below_nought, priced_or_refused
from tests.support.expected_money import expectations
from tests.support.orders import Trade

CANCELED = 2
SIZE = 20
WIDE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
"""A batch is drawn as one, and is large. Nor is it made smaller when it fails: that would take minutes."""
HEADER = ("totalamount", "totaltax", "freightamount", "discountamount", "totallineitemamount", "totalamountlessfreight")
LINE = ("quantity", "priceperunit", "manualdiscountamount", "baseamount", "tax", "extendedamount")
Amounts = Mapping[str, Decimal]


@dataclass
class Batch:
    """A world with drawn orders in it; `ended`: those that CRM takes no changes of any more, as last seen.

    Left out of what must be equal: what the sandbox lets be discounted below nought, per unit lines of so many units
    that no price is exact (parked), and what changes after CRM closed the order (parked).
    """

    trade: Trade
    store: Store
    method: DiscountMethod
    side: MoneySide
    drawn: dict[str, Drawn] = field(default_factory=dict)
    ended: dict[str, OrderMoney] = field(default_factory=dict)
    equal: int = 0

    def begin(self, drawn: Sequence[Drawn]) -> None:
        """All of them are placed."""
        self.drawn = {one.begin(self.store).rpartition("/")[2]: one for one in drawn}

    def happen(self, place: int) -> bool:
        """The event at that place of every order that has one; whether any has."""
        events = [(order, one, one.events[place]) for order, one in self.drawn.items() if place < len(one.events)]
        for order, one, event in events:
            one.happen(self.store, f"gid://shopify/Order/{order}", *event)
        self.trade.clock.advance(5)
        return bool(events)

    def compare(self) -> None:
        """Every order is in CRM with every row of the money table, or parked for one of the reasons there are."""
        rows = {row["ordernumber"].rpartition("-")[2]: row for row in self.trade.crm_orders()}
        parked = self.trade.parked_orders()
        for order, one in self.drawn.items():
            content = self.store.read(f"gid://shopify/Order/{order}")
            if discounted_below_nought(content):
                assert order in rows or order in parked
                continue
            currency = one.currency if self.side is MoneySide.SHOP else one.presentment
            chosen = MoneySettings(self.side, self.method, 4, PRECISIONS[currency])
            if not priced_or_refused(content, chosen):
                assert (self.method, parked[order][0]) == (DiscountMethod.PER_UNIT, "Invalid")
                continue
            money = money_of(content, chosen)
            self._one(order, money, rows.get(order), parked.get(order))
            assert money.total == shown(content, "currentTotalPriceSet", chosen) - money.channel_tax

    def _one(self, order: str, money: OrderMoney, row: Mapping[str, Any] | None, parked: Any) -> None:
        if order in self.ended and expected(money, row) != expected(self.ended[order], row):
            assert parked is not None, (order, "changed after CRM closed it, and nobody is told")
            return
        assert parked is None, (order, parked)
        assert row is not None, (order, "is in neither CRM nor among the parked")
        assert held(row) == expected(money, row), order
        self.equal += 1
        if row["statecode"] == CANCELED:
            self.ended[order] = money


def held(row: Mapping[str, Any]) -> dict[str, Amounts]:
    """What CRM holds: the order's amounts, and its lines' by their id."""
    lines = {line["salesorderdetailid"]: _amounts(line, LINE) for line in row["order_details"]}
    return {"": _amounts(row, HEADER), **lines}


def expected(money: OrderMoney, row: Mapping[str, Any] | None) -> dict[str, Amounts]:
    """What CRM must hold: every amount of the money table, by the ids that the app gives lines."""
    wanted: dict[str, dict[str, Decimal]] = {"": {}}
    for one in expectations(money):
        name = child_id(row["salesorderid"], f"items|{one.line}") if one.line and row else one.line
        wanted.setdefault(name, {})[one.column] = one.amount
    return wanted


def _amounts(row: Mapping[str, Any], columns: Sequence[str]) -> Amounts:
    return {column: Decimal(str(row[column] or 0)) for column in columns}


@contextmanager
def world(method: DiscountMethod, side: MoneySide) -> Iterator[Batch]:
    """A world with the currencies of the drawn orders, under a way of discounting and one of the two currencies."""
    trade = Trade(ORDER_CURRENCY=side.value)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "app", lambda: trade.app)
        trade.shopify.__enter__()
        trade.discount_method(int(method))
        for code in ("JPY", "KWD"):
            body = {"currencyname": code, "isocurrencycode": code, "currencysymbol": code, "exchangerate": 2}
            trade.row("transactioncurrencies", **body, currencyprecision=PRECISIONS[code])
        yield Batch(trade, Store(trade.shopify), method, side)
    trade.close()


@pytest.mark.parametrize("side", MoneySide)
@pytest.mark.parametrize("method", DiscountMethod)
@examples(max_examples=2, phases=[Phase.generate], suppress_health_check=WIDE)
@given(drawn=st.lists(orders(), min_size=SIZE, max_size=SIZE))
def test_any_orders_arrive_and_follow(method: DiscountMethod, side: MoneySide, drawn: list[Drawn]) -> None:
    """Promise: whatever orders there are and whatever happens to them, CRM equals Shopify after every round of it."""
    with world(method, side) as batch:
        batch.begin(drawn)
        batch.trade.run()
        batch.compare()
        place = 0
        while batch.happen(place):
            batch.trade.run(ticks=2)
            batch.compare()
            place += 1
        batch.trade.quiet()
        assert batch.equal >= SIZE  # otherwise the exceptions are the rule
