"""Rules 43, 44, 55, 57 to 61 and 67 of orders: what stands beside an order, which a locked order could not take."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared import wiring
from shared.errors import Unavailable
from tests.flows.conftest import OpenTrade
from tests.flows.test_order_money import PAID, POST
from tests.support.orders import JANE, Trade
from tests.support.plant import ENVIRONMENT
from tests.support.till import item


def _notes(trade: Trade, order: str) -> dict[str, dict[str, Any]]:
    """The rows beside an order, by their names."""
    row = trade.crm_order(order)["salesorderid"]
    return {each["new_name"]: each for each in trade.rows("new_shopifyordernotes", f"_new_salesorderid_value eq {row}")}


def _status(trade: Trade, order: str) -> dict[str, Any]:
    return _notes(trade, order)["Status"]


def _refund(trade: Trade, order: str) -> dict[str, Any]:
    (found,) = [row for name, row in _notes(trade, order).items() if name != "Status"]
    return found


def test_rule_57_a_refund_has_a_row_with_what_it_gave_back(trade: Trade) -> None:
    """Promise: money, goods, shipping, tax and units of a refund stand beside the order, with its lines in words."""
    lines = [item("Tea", "10.00", 2, tax="4.00"), item("Pot", "5.00", tax="1.00")]
    order = trade.order(*lines, shippingLines=POST, transactions=PAID, by=JANE)
    trade.run()
    trade.refund(order, "16.90", shipping="4.90", Tea=1)
    trade.run()
    assert trade.equal(order)
    row = _refund(trade, order)
    names = ("amount", "goods", "shipping", "tax", "units", "pending")
    amounts = [Decimal(str(row[f"new_{name}"])) for name in names]
    assert (row["new_kind"], amounts) == ("refund", [Decimal(each) for each in ("16.9", "10", "4.9", "2.98", "1", "0")])
    assert "1 x Tea" in row["new_text"]
    assert row["new_at"].startswith("2026-11-23T")
    assert _status(trade, order)["new_refunded"] == 16.9
    trade.quiet()


def test_rule_58_goodwill_is_an_amount_without_goods(trade: Trade) -> None:
    """Promise: money that took no goods is a row of that amount."""
    order = trade.order(item("Tea", "10.00", 2), transactions=PAID)
    trade.run()
    trade.refund(order, "3.00")
    trade.run()
    row = _refund(trade, order)
    assert (row["new_amount"], row["new_goods"], row["new_units"], row["new_text"]) == (3, 0, 0, "no goods")


def test_rule_55_a_refund_after_the_lock_stands_beside_the_order_with_the_difference(trade: Trade) -> None:
    """Promise: the locked order is left, the refund has its row, and the status row says by how much CRM is above."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE, transactions=PAID)
    trade.fulfil(order)
    trade.run()
    assert (_status(trade, order)["new_check"], _status(trade, order)["new_difference"]) == (None, None)
    trade.refund(order, "10.00", Tea=1)
    trade.run()
    assert trade.parked_order(order).code == "Conflict"
    row, status = trade.crm_order(order), _status(trade, order)
    assert (row["totalamount"], _refund(trade, order)["new_amount"], status["new_refunded"]) == (20, 10, 10)
    assert row["totalamount"] - status["new_difference"] == 10
    assert "order_details" in status["new_check"]
    trade.quiet()


def test_rule_55_what_stood_beside_a_locked_order_is_settled_once_it_is_open(trade: Trade) -> None:
    """Promise: reopened and retried, the order agrees, the check is empty and the refund still has one row."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE, transactions=PAID)
    trade.run()
    row = trade.crm_order(order)["salesorderid"]
    trade.change("salesorders", row, statecode=1, statuscode=3)
    trade.refund(order, "10.00", Tea=1)
    trade.run()
    assert _status(trade, order)["new_difference"] == 10
    trade.change("salesorders", row, statecode=0, statuscode=1)
    trade.again(order)
    assert (trade.equal(order)["totalamount"], trade.parked_orders()) == (10, {})
    assert (_status(trade, order)["new_check"], _status(trade, order)["new_difference"]) == (None, 0)
    assert _refund(trade, order)["new_amount"] == 10
    trade.quiet()


def test_rule_43_an_order_whose_totals_differ_is_marked_until_they_do_not(trade: Trade) -> None:
    """Promise: both sides of the difference stand beside the order in CRM, and go when the totals are right again."""
    order = trade.order(item("Tea", "10.00", 2), item("Pot", "5.00"), by=JANE)
    trade.run()
    trade.by_hand(order, "Pot", priceperunit=7)
    trade.update(order, note="Ring twice")
    trade.run()
    assert "totalamount: Shopify 25, CRM 27" in _status(trade, order)["new_check"]
    assert _status(trade, order)["new_difference"] == 2
    trade.by_hand(order, "Pot", priceperunit=5)
    trade.again(order)
    assert (_status(trade, order)["new_check"], _status(trade, order)["new_difference"]) == (None, 0)


def test_rule_43_an_order_that_cannot_be_marked_now_comes_back(trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: where CRM does not answer when the mark is put, the order is tried again until it stands there."""
    order = trade.order(item("Tea", "10.00", 2))
    trade.run()
    trade.by_hand(order, "By hand", priceperunit=3)
    trade.update(order, note="Ring twice")
    real, asked = trade.app.crm.batch, list[str]()

    def batch(items: Any, *, name: str) -> Any:
        if name == "say how orders stand":
            asked.append(name)
            if len(asked) == 1:
                raise Unavailable("Dataverse did not answer.")
        return real(items, name=name)

    monkeypatch.setattr(trade.app.crm, "batch", batch)
    trade.run()
    trade.clock.advance(900)
    trade.work()
    assert len(asked) == 2
    assert (trade.parked_order(order).code, _status(trade, order)["new_difference"]) == ("TotalsDiffer", 3)


def test_rule_60_paid_after_the_lock_changes_the_status_row_alone(trade: Trade) -> None:
    """Promise: a fulfilled order that is paid later is not parked: its payment stands beside it."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE, financialStatus="PENDING")
    trade.fulfil(order)
    trade.run()
    before = _status(trade, order)
    assert (before["new_financialstatus"], before["new_fulfillmentstatus"]) == ("PENDING", "FULFILLED")
    text = "mutation($i: OrderMarkAsPaidInput!) { orderMarkAsPaid(input: $i) { userErrors { message } } }"
    trade.done(text, i={"id": f"gid://shopify/Order/{order}"})
    trade.run()
    after = _status(trade, order)
    assert (after["new_financialstatus"], after["new_received"], after["new_outstanding"]) == ("PAID", 20, 0)
    assert trade.parked_orders() == {}
    trade.quiet()


def test_rule_61_several_payments_are_listed_and_called_multiple(trade: Trade) -> None:
    """Promise: one method is named; of several all are listed."""
    card = {**PAID[0], "gateway": "card", "amountSet": {"shopMoney": {"amount": "10.00", "currencyCode": "EUR"}}}
    one = trade.order(item("Tea", "10.00"), transactions=[card])
    two = trade.order(item("Tea", "20.00"), transactions=[card, {**card, "gateway": "cash"}])
    trade.run()
    assert [_status(trade, each)["new_payment"] for each in (one, two)] == ["card", "multiple"]
    assert _status(trade, two)["new_payments"] == "card, cash"


def test_rule_67_po_number_channel_tags_and_shipping_method_arrive(trade: Trade) -> None:
    """Promise: they have columns of their own, tags where a locked order can still take them."""
    order = trade.order(item("Tea", "10.00"), poNumber="PO-7", sourceName="pos", shippingLines=POST, tags=["vip"])
    trade.run()
    row = trade.equal(order)
    columns = [row[f"new_shopify{name}"] for name in ("ponumber", "channel", "shipping")]
    assert (columns, _status(trade, order)["new_tags"]) == (["PO-7", "pos", "Post"], "vip")


def test_rule_44_an_order_keeps_the_currency_it_came_in(trading: OpenTrade) -> None:
    """Promise: where ORDER_CURRENCY is changed, older orders go on in theirs, and new ones follow the setting."""
    trade = trading()
    both = {"shopMoney": {"amount": "10.00", "currencyCode": "EUR"}}
    both |= {"presentmentMoney": {"amount": "11.00", "currencyCode": "USD"}}
    line = {"title": "Tea", "quantity": 2, "priceSet": both}
    old = trade.order(line, presentmentCurrency="USD")
    trade.run()
    state = trade.app.state
    trade.app = trade.wired({**ENVIRONMENT, **trade.environment, "ORDER_CURRENCY": "presentment"})
    trade.app.state = state
    assert wiring.app() is trade.app
    new = trade.order(line, presentmentCurrency="USD")
    trade.amend(old, Tea=1)
    trade.run()
    assert (trade.crm_order(old)["totalamount"], trade.crm_order(new)["totalamount"]) == (10, 22)
    assert trade.parked_orders() == {}
