"""Rules 43 and 55 of orders: what ends an order in CRM comes last, when its totals are right: it is for good."""

from __future__ import annotations

import pytest

from tests.flows.conftest import OpenTrade
from tests.flows.test_order_money import PAID
from tests.flows.test_order_notes import _status
from tests.support.orders import JANE, Trade, item
from tests.support.plant import SHOP

ACTIVE, CANCELED, FULFILLED = 0, 2, 3
PEOPLE = "customers_shopify_to_crm"


def test_rule_43_an_order_whose_totals_differ_is_not_fulfilled_in_crm_until_they_agree(trade: Trade) -> None:
    """Promise: shipped while sales had a line of their own in it, it stays open and says so until it is mended."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    trade.by_hand(order, "By hand", priceperunit=3)
    trade.fulfil(order)
    trade.run()
    assert (trade.crm_order(order)["statecode"], trade.parked_order(order).code) == (ACTIVE, "TotalsDiffer")
    assert _status(trade, order)["new_difference"] == 3
    trade.by_hand(order, "By hand")
    trade.again(order)
    assert (trade.equal(order)["statecode"], trade.parked_orders()) == (FULFILLED, {})
    assert _status(trade, order)["new_difference"] == 0
    trade.quiet()


@pytest.mark.parametrize("end", ["fulfil", "cancel"])
def test_rule_43_an_order_that_had_ended_before_it_came_is_compared_before_it_ends(trade: Trade, end: str) -> None:
    """Promise: the first write leaves it open, the second ends it, and each is told by a verdict of its own."""
    order = trade.order(item("Tea", "10.00", 2, tax="4.00"), by=JANE)
    getattr(trade, end)(order)
    trade.run()
    row = trade.crm_order(order)
    assert (row["statecode"], trade.parked_orders()) == ({"fulfil": FULFILLED, "cancel": CANCELED}[end], {})
    # both runs may bear one time, and then stand in either order
    assert sorted(each.verdict.value for each in trade.outcomes(order)) == ["created", "updated"]
    trade.quiet()


def test_rule_43_lines_that_change_with_the_end_come_before_it(trade: Trade) -> None:
    """Promise: an edit and the shipment in one look: the lines are there, and compared, before the order is locked."""
    order = trade.order(item("Tea", "10.00", 2), item("Pot", "5.00"), by=JANE)
    trade.run()
    trade.amend(order, Pot=0)
    trade.fulfil(order)
    trade.run()
    assert (trade.equal(order)["statecode"], set(trade.lines(order))) == (FULFILLED, {"Tea"})
    trade.quiet()


def test_rule_55_a_closed_order_keeps_its_account_and_is_not_parked(trading: OpenTrade) -> None:
    """Promise: whose customer is linked after the order was fulfilled: the order stays as it was billed, in silence."""
    trade = trading()
    for name in ("One", "Two"):
        trade.person(trade.row("accounts", name=name), emailaddress1=JANE["email"], lastname="Doe")
    order = trade.order(item("Tea", "10.00"), by=JANE, transactions=PAID)
    trade.fulfil(order)
    trade.run()
    assert trade.crm_order(order)["statecode"] == FULFILLED
    trade.change("contacts", trade.rows("contacts")[1]["contactid"], emailaddress1="other@shoe.example")
    parked = [row.source_id for row in trade.app.state.parked.list(SHOP, PEOPLE)]
    trade.again(*parked, flow=PEOPLE)
    trade.update(order, tags=["vip"])
    trade.run()
    assert trade.parked_orders() == {}
    assert _status(trade, order)["new_tags"] == "vip"
