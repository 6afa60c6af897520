"""Rules 55 and 60 of orders: what ORDERS_REOPEN, ORDERS_WHEN and ORDERS_WAIT_DAYS change."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.seed import Crm
from tests.flows.conftest import OpenTrade
from tests.flows.test_order_money import PAID
from tests.support.orders import JANE, Trade
from tests.support.plant import CRM_URL
from tests.support.till import bag, gid, item

SUBMITTED, CANCELED, FULFILLED = 1, 2, 3
IN_PROGRESS = 3
A_DAY = 86_400
AUTHORIZED = [{"kind": "AUTHORIZATION", "status": "SUCCESS", "gateway": "manual", "amountSet": bag("20.00")}]
PAY = "mutation($i: OrderMarkAsPaidInput!) { orderMarkAsPaid(input: $i) { userErrors { field message } } }"


def _submitted(trade: Trade, order: str) -> str:
    row = str(trade.crm_order(order)["salesorderid"])
    trade.change("salesorders", row, statecode=SUBMITTED, statuscode=IN_PROGRESS)
    return row


def _state(trade: Trade, order: str) -> tuple[Any, Any]:
    row = trade.crm_order(order)
    return row["statecode"], row["statuscode"]


def test_rule_55_a_submitted_order_is_reopened_for_a_change_and_submitted_again(trading: OpenTrade) -> None:
    """Promise: with ORDERS_REOPEN note and lines of a submitted order follow Shopify; it is submitted as it was."""
    trade = trading(ORDERS_REOPEN="true")
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    _submitted(trade, order)
    trade.update(order, note="Ring twice")
    trade.amend(order, Tea=3)
    trade.run()
    assert (trade.equal(order)["description"], trade.parked_orders()) == ("Ring twice", {})
    assert _state(trade, order) == (SUBMITTED, IN_PROGRESS)
    trade.quiet()


@pytest.mark.parametrize("note", ["", "Ring twice"])
@pytest.mark.parametrize("end", ["fulfil", "cancel"])
def test_rule_55_a_submitted_order_is_reopened_for_its_end(trading: OpenTrade, end: str, note: str) -> None:
    """Promise: with ORDERS_REOPEN what Shopify ships or cancels ends in CRM, with all that changed before."""
    trade = trading(ORDERS_REOPEN="true")
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    _submitted(trade, order)
    if note:
        trade.update(order, note=note)
    getattr(trade, end)(order)
    trade.run()
    assert (_state(trade, order)[0], trade.parked_orders()) == ({"fulfil": FULFILLED, "cancel": CANCELED}[end], {})
    assert trade.crm_order(order)["description"] == (note or None)
    trade.quiet()


def test_rule_55_the_end_of_a_submitted_order_is_parked_with_the_way_out(trade: Trade) -> None:
    """Promise: without ORDERS_REOPEN it is not tried: the row says to reopen it in CRM, and then it ends there, too."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    row = _submitted(trade, order)
    trade.fulfil(order)
    trade.run()
    parked = trade.parked_order(order)
    assert (parked.code, _state(trade, order)) == ("Conflict", (SUBMITTED, IN_PROGRESS))
    assert "Reopen it in CRM" in parked.sentence
    trade.change("salesorders", row, statecode=0, statuscode=1)
    trade.again(order)
    assert (_state(trade, order)[0], trade.parked_orders()) == (FULFILLED, {})


def test_rule_55_a_row_beside_a_submitted_order_does_not_reopen_it(trading: OpenTrade) -> None:
    """Promise: a tag goes into the row beside the order; the submitted order itself is not touched for it."""
    trade = trading(ORDERS_REOPEN="true")
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    row = _submitted(trade, order)
    before = trade.sales.get(f"salesorders({row})?$select=versionnumber")["versionnumber"]
    trade.update(order, tags=["vip"])
    trade.run()
    (status,) = trade.rows("new_shopifyordernotes")
    assert (status["new_tags"], trade.parked_orders()) == ("vip", {})
    assert trade.sales.get(f"salesorders({row})?$select=versionnumber")["versionnumber"] == before


def test_rule_55_a_refused_change_leaves_the_order_submitted(
    trading: OpenTrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: what CRM refuses between reopening and submitting leaves neither a change nor an open order."""
    trade = trading(ORDERS_REOPEN="true")
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    row = _submitted(trade, order)
    trade.update(order, note="x" * 1000)
    real = trade.app.crm.batch

    def batch(items: Any, *, name: str) -> Any:
        changed = [
            tuple(each if each.body is None or "description" not in each.body else _unwritable(each) for each in part)
            if isinstance(part, tuple) else part
            for part in items
        ]  # fmt: skip
        return real(changed, name=name)

    monkeypatch.setattr(trade.app.crm, "batch", batch)
    trade.run()
    assert (_state(trade, order), trade.crm_order(order)["description"]) == ((SUBMITTED, IN_PROGRESS), None)
    assert trade.parked_order(order).source_id == order
    monkeypatch.setattr(trade.app.crm, "batch", real)
    trade.again(order)
    assert (trade.equal(order)["description"], trade.parked_orders()) == ("x" * 1000, {})
    assert (_state(trade, order), trade.crm_order(order)["salesorderid"]) == ((SUBMITTED, IN_PROGRESS), row)


def _unwritable(operation: Any) -> Any:
    return type(operation)(operation.method, operation.url, {**operation.body, "freightamount": "much"},
                           operation.headers)  # fmt: skip


def test_rule_55_sales_who_change_it_meanwhile_are_not_overwritten(
    trading: OpenTrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: a submitted order that changes between the look and the write is looked at again first."""
    trade = trading(ORDERS_REOPEN="true")
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    row = _submitted(trade, order)
    trade.update(order, note="Ring twice")
    real, once = trade.app.crm.batch, list[str]()

    def batch(items: Any, *, name: str) -> Any:
        if name == "write salesorder" and not once:
            once.append(name)
            trade.change("salesorders", row, statecode=0, statuscode=1)
            trade.change("salesorders", row, name="By hand")
        return real(items, name=name)

    monkeypatch.setattr(trade.app.crm, "batch", batch)
    trade.run()
    trade.clock.advance(60)
    trade.run()
    found = trade.equal(order)
    assert (found["name"], found["description"], found["statecode"]) == ("By hand", "Ring twice", 0)
    assert (once, trade.parked_orders()) == (["write salesorder"], {})


def test_rule_55_order_processing_that_lets_nobody_reopen_parks_the_order(trading: OpenTrade) -> None:
    """Promise: where an ERP holds submitted orders, CRM's refusal is parked as it is, and the order stays submitted."""
    trade = trading(ORDERS_REOPEN="true")
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    _submitted(trade, order)
    admin = Crm({"url": CRM_URL, "salesperson_token": "admin-token"})
    trade.mount(admin._session, trade.crm.wsgi)
    (organization,) = admin.get("organizations")["value"]
    admin.send("PATCH", f"organizations({organization['organizationid']})", {"issopintegrationenabled": True})
    trade.update(order, note="Ring twice")
    trade.run()
    assert (trade.crm_order(order)["description"], _state(trade, order)) == (None, (SUBMITTED, IN_PROGRESS))
    assert list(trade.parked_orders()) == [order]


@pytest.mark.parametrize(("when", "comes"), [("always", True), ("authorized", True), ("paid", False)])
def test_rule_60_an_authorized_order_comes_by_the_rule(trading: OpenTrade, when: str, comes: bool) -> None:
    """Promise: ORDERS_WHEN says what of its payment an order has to have; what waits is skipped with the reason."""
    trade = trading(ORDERS_WHEN=when)
    order = trade.order(item("Tea", "10.00", 2), by=JANE, transactions=AUTHORIZED)
    unpaid = trade.order(item("Pot", "10.00"), by=JANE)
    trade.run()
    assert bool(trade.crm_orders(order)) is comes
    assert bool(trade.crm_orders(unpaid)) is (when == "always")
    reasons = {each.reason for each in trade.outcomes(unpaid)}
    assert ("It waits for its payment (ORDERS_WHEN)." in reasons) is (when != "always")
    assert trade.parked_orders() == {}


def test_rule_60_an_order_comes_when_it_is_paid_and_stays_whatever_follows(trading: OpenTrade) -> None:
    """Promise: the payment brings it; an edit that has to be paid again, and a refund, reach it all the same."""
    trade = trading(ORDERS_WHEN="paid")
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    assert trade.crm_orders(order) == []
    trade.done(PAY, i={"id": gid(order)})
    trade.run()
    assert trade.equal(order)
    trade.amend(order, Tea=4)
    trade.run()
    assert trade.equal(order)["totalamount"] == 40
    trade.quiet()


def test_rule_60_a_refunded_order_was_paid(trading: OpenTrade) -> None:
    """Promise: what was paid and given back before the first sync comes over as well."""
    trade = trading(ORDERS_WHEN="paid")
    order = trade.order(item("Tea", "10.00", 2), by=JANE, transactions=PAID)
    trade.refund(order, "10.00", Tea=1)
    trade.run()
    assert trade.equal(order)["totalamount"] == 10


def test_rule_60_who_waits_too_long_is_parked_and_comes_when_it_is_paid(trading: OpenTrade) -> None:
    """Promise: after ORDERS_WAIT_DAYS a person is told what to do; the payment still brings the order."""
    trade = trading(ORDERS_WHEN="paid", ORDERS_WAIT_DAYS="3")
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    trade.clock.advance(4 * A_DAY)
    trade.list_orders()
    parked = trade.parked_order(order)
    assert "not paid 3 days after it was placed" in parked.sentence
    trade.done(PAY, i={"id": gid(order)})
    trade.run()
    assert (bool(trade.equal(order)), trade.parked_orders()) == (True, {})


def test_rule_60_who_was_cancelled_unpaid_or_is_a_test_is_never_parked_for_it(trading: OpenTrade) -> None:
    """Promise: nobody is asked about the payment of a cancelled order or of a test, however old."""
    trade = trading(ORDERS_WHEN="paid", ORDERS_WAIT_DAYS="3")
    gone = trade.order(item("Tea", "10.00", 2), by=JANE)
    test = trade.order(item("Tea", "10.00", 2), test=True)
    trade.cancel(gone)
    trade.run()
    trade.clock.advance(4 * A_DAY)
    trade.list_orders()
    assert (trade.crm_orders(), trade.parked_orders()) == ([], {})
    assert trade.outcomes(gone)[-1].reason == "It was cancelled before it was paid."
    assert trade.outcomes(test)[-1].reason == "It is a test order."
