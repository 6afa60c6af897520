"""Rules 43 and 55 of orders: what ends an order in CRM comes last, when its totals are right: it is for good."""

from __future__ import annotations

from typing import Any

import pytest

from shared.records import Message, Origin
from shared.sync.deciding import TURNS
from tests.flows.conftest import OpenTrade
from tests.flows.test_order_money import PAID
from tests.flows.test_order_notes import _status
from tests.support.orders import JANE, ORDERS, Trade
from tests.support.plant import SHOP
from tests.support.till import item

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


@pytest.mark.parametrize("at", [1, 2], ids=["before the note", "before the end"])
@pytest.mark.parametrize("end", ["fulfil", "cancel"])
def test_rule_43_a_line_of_sales_in_that_very_moment_leaves_the_order_open(
    trade: Trade, monkeypatch: pytest.MonkeyPatch, end: str, at: int
) -> None:
    """Promise: a line that sales add between the look and a write never ends up in an order that is locked for good."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    trade.update(order, note="Ring")
    getattr(trade, end)(order)
    real, writes = trade.app.crm.batch, list[str]()

    def batch(items: Any, *, name: str) -> Any:
        writes.extend([name] if name == "write salesorder" else [])
        if name == "write salesorder" and len(writes) == at:
            trade.by_hand(order, "Gift wrap", priceperunit=3, ispriceoverridden=True)
        return real(items, name=name)

    monkeypatch.setattr(trade.app.crm, "batch", batch)
    trade.run()
    trade.clock.advance(60)
    trade.run()
    assert (len(writes), trade.crm_order(order)["statecode"]) == (2, ACTIVE)
    assert trade.parked_order(order).code == "TotalsDiffer"
    trade.by_hand(order, "Gift wrap")
    trade.again(order)
    assert (trade.crm_order(order)["statecode"] != ACTIVE, trade.parked_orders()) == (True, {})


@pytest.mark.parametrize("origin", list(Origin))
def test_rule_43_no_way_by_which_it_comes_ends_an_order_with_other_changes(trade: Trade, origin: Origin) -> None:
    """Promise: whoever names it (a retry, a replay, a person), a note and the shipment are two writes."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    trade.by_hand(order, "Gift wrap", priceperunit=3, ispriceoverridden=True)
    trade.update(order, note="Ring")
    trade.fulfil(order)
    trade.app.state.queues.send(Message(ORDERS, SHOP, origin, ids=(order,)))
    trade.work()
    row = trade.crm_order(order)
    assert (row["statecode"], row["description"], trade.parked_order(order).code) == (ACTIVE, "Ring", "TotalsDiffer")


def test_rule_43_an_order_that_never_comes_to_rest_is_left_open_and_parked(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: one that differs again after every write is written a few times, not for ever, and ends at rest."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    trade.update(order, note="0")
    trade.fulfil(order)
    real, writes = trade.app.crm.batch, list[str]()

    def batch(items: Any, *, name: str) -> Any:
        if name == "write salesorder":
            writes.append(name)
            trade.update(order, note=str(len(writes)))
            trade.clock.advance(1)
        return real(items, name=name)

    monkeypatch.setattr(trade.app.crm, "batch", batch)
    trade.again(order)
    parked = trade.parked_order(order)
    assert (parked.code, parked.facts["fields"], len(writes)) == ("LoopSuspected", ["description"], TURNS)
    assert trade.crm_order(order)["statecode"] == ACTIVE
    monkeypatch.setattr(trade.app.crm, "batch", real)
    trade.again(order)
    assert (trade.equal(order)["statecode"], trade.parked_orders()) == (FULFILLED, {})


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
