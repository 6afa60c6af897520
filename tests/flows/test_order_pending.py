"""Rule 58 of orders: money that is on its way is asked for again, though nobody says that the order changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared import app as actions
from shared.errors import Unavailable
from shared.pending import next_look, next_try
from shared.records import Record
from shared.state.due import StoredDue
from tests.flows.test_order_money import PAID
from tests.flows.test_order_notes import _refund, _status
from tests.support.orders import JANE, ORDERS, Trade
from tests.support.plant import SHOP
from tests.support.till import item

AN_HOUR = 3600
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def _settle(trade: Trade, order: str, status: str, kind: str = "REFUND") -> None:
    """A payment provider says what became of the money; nothing documents that the order's own time moves."""
    with trade.shopify.store.db.transaction():
        for row in trade.shopify.store.db.all("SELECT id FROM order_transactions WHERE order_id = ? AND kind = ?",
                                              (int(order), kind)):  # fmt: skip
            trade.shopify.store.db.update("order_transactions", row["id"], {"status": status})


def _given_back(trade: Trade) -> str:
    """An order with a refund whose money is on its way."""
    order = trade.order(item("Tea", "10.00", 2), transactions=PAID, by=JANE)
    trade.run()
    trade.refund(order, "10.00", Tea=1)
    _settle(trade, order, "PENDING")
    trade.run()
    return order


def test_rule_58_a_pending_refund_is_told_and_asked_for_again_until_it_is_done(trade: Trade) -> None:
    """Promise: the amount on its way stands beside the order; when it has arrived CRM says so, without any event."""
    order = _given_back(trade)
    assert (_refund(trade, order)["new_pending"], _refund(trade, order)["new_amount"]) == (10, 0)
    _settle(trade, order, "SUCCESS")
    trade.run()
    assert _refund(trade, order)["new_pending"] == 10  # nothing told anybody
    trade.clock.advance(AN_HOUR)
    actions.housekeeping()
    trade.work()
    assert (_refund(trade, order)["new_pending"], _refund(trade, order)["new_amount"]) == (0, 10)
    assert (_status(trade, order)["new_refunded"], trade.parked_orders()) == (10, {})
    assert trade.app.state.due.ripe(SHOP, ORDERS, trade.clock.now() + timedelta(days=99)) == []
    trade.quiet()


def test_rule_58_what_is_still_on_its_way_is_asked_for_again_and_writes_nothing(trade: Trade) -> None:
    """Promise: each look notes the next one; an order that is not due is left alone, and CRM is not touched."""
    order, before = _given_back(trade), trade.writes()
    for _ in range(3):
        trade.clock.advance(AN_HOUR)
        actions.housekeeping()
        trade.work()
        assert trade.app.state.due.ripe(SHOP, ORDERS, trade.clock.now()) == []
        assert trade.app.state.due.ripe(SHOP, ORDERS, trade.clock.now() + timedelta(days=1)) == [order]
    assert trade.writes() == before


def test_rule_58_a_refund_that_fails_leaves_no_amount(trade: Trade) -> None:
    """Promise: what was on its way and failed is neither pending nor given back."""
    order = _given_back(trade)
    _settle(trade, order, "FAILURE")
    trade.clock.advance(AN_HOUR)
    actions.housekeeping()
    trade.work()
    assert (_refund(trade, order)["new_pending"], _refund(trade, order)["new_amount"]) == (0, 0)


def test_rule_58_a_reminder_that_cannot_be_noted_brings_the_page_back(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: storage that fails at the note costs a second try, never the later look."""
    order = trade.order(item("Tea", "10.00", 2), transactions=PAID, by=JANE)
    trade.run()
    trade.refund(order, "10.00", Tea=1)
    _settle(trade, order, "PENDING")
    failing = iter([True, False, False, False])
    real = StoredDue.put

    def put(self: StoredDue, *given: Any) -> None:
        if next(failing):
            raise Unavailable("Storage gave no answer.", retry_after_s=5.0)
        real(self, *given)

    monkeypatch.setattr(StoredDue, "put", put)
    trade.run()
    trade.clock.advance(60)
    trade.run()
    assert trade.app.state.due.ripe(SHOP, ORDERS, trade.clock.now() + timedelta(days=1)) == [order]


@pytest.mark.parametrize(("age", "wait"), [(timedelta(0), 1), (timedelta(hours=8), 4), (timedelta(days=9), 24)])
def test_rule_58_the_longer_it_takes_the_less_often_it_is_asked_for(age: timedelta, wait: int) -> None:
    """Promise: after half its age again, between an hour and a day."""
    refund = {"at": (NOW - age).isoformat(), "pending": 5}
    assert next_look({"money": {"payments": {"refunds": [refund]}}}, NOW) == NOW + timedelta(hours=wait)


def test_rule_58_nobody_asks_for_ever() -> None:
    """Promise: after sixty days, and where nothing is on its way, no look is noted; a payment counts like a refund."""
    old = {"at": (NOW - timedelta(days=61)).isoformat(), "pending": 5}
    done = {"at": NOW.isoformat(), "pending": 0}
    assert next_look({"money": {"payments": {"refunds": [old, done]}}}, NOW) is None
    assert next_look({}, NOW) is None
    paying = {"payments": {"refunds": [], "pending": 5}}
    assert next_look({"createdAt": NOW.isoformat(), "money": paying}, NOW) == NOW + timedelta(hours=1)


def test_rule_91_who_was_replaced_is_looked_for_less_and_less_often_and_for_a_week() -> None:
    """Promise: an order that went on without its customer is read about a dozen times more, and then never."""
    order, now, looks = Record("1", {"crm": {"replaced": True}}, modified_at=NOW), NOW + timedelta(minutes=16), []
    while (at := next_try(order, now)) is not None:
        looks.append(at - now)
        now = at
    assert looks == sorted(looks)
    assert (looks[0], looks[-1]) == (timedelta(hours=1), timedelta(days=1))
    assert 10 <= len(looks) <= 16
    assert timedelta(days=7) <= now - NOW < timedelta(days=8)
    assert next_try(replace(order, content={"crm": {"replaced": False}}), NOW) is None
