"""Rules 43, 53 and 55 of orders: what an order that differs says of itself in CRM, and that it stops saying so."""

from __future__ import annotations

from typing import Any

import pytest

from shared import app as actions
from shared.errors import AuthFailed
from tests.flows.test_order_money import PAID
from tests.flows.test_order_notes import _status
from tests.support.orders import JANE, Trade
from tests.support.till import item

CANCELED = 2


def _told(trade: Trade, order: str) -> tuple[Any, Any]:
    row = _status(trade, order)
    return row["new_check"] or None, row["new_difference"] or None


def test_rule_55_what_stands_beside_a_locked_order_goes_back_with_shopify(trade: Trade) -> None:
    """Promise: a value that went into the row of a parked order follows Shopify back to what was agreed on before."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE, tags=["vip"])
    trade.fulfil(order)
    trade.run()
    trade.update(order, note="After the lock", tags=["vip", "late"])
    trade.run()
    assert (trade.parked_order(order).code, _status(trade, order)["new_tags"]) == ("Conflict", "late, vip")
    trade.update(order, tags=["vip"])
    trade.run()
    assert _status(trade, order)["new_tags"] == "vip"


def test_rule_55_a_change_that_is_taken_back_takes_the_check_with_it(trade: Trade) -> None:
    """Promise: the merchant undoes what he did after the lock: nothing is parked, the row says what it did before."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE, note="Ring", tags=["vip"])
    trade.fulfil(order)
    trade.run()
    trade.update(order, note="After the lock", tags=["vip", "late"])
    trade.run()
    assert _status(trade, order)["new_check"]
    trade.update(order, note="Ring", tags=["vip"])
    trade.run()
    assert trade.parked_orders() == {}
    assert (_told(trade, order), _status(trade, order)["new_tags"]) == ((None, None), "vip")
    trade.quiet()


def test_rule_43_the_check_goes_though_something_else_parked_the_order_last(trade: Trade) -> None:
    """Promise: totals differed, then the currency was missing; once both are mended the row says nothing any more."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    trade.by_hand(order, "Pot", priceperunit=7)
    trade.update(order, note="Ring")
    trade.run()
    assert trade.parked_order(order).code == "TotalsDiffer"
    (euro,) = trade.rows("transactioncurrencies", "isocurrencycode eq 'EUR'")
    trade.change("transactioncurrencies", euro["transactioncurrencyid"], statecode=1, statuscode=2)
    trade.clock.advance(900)
    trade.update(order, note="Ring twice")
    trade.run()
    assert trade.parked_order(order).code == "Invalid"
    trade.change("transactioncurrencies", euro["transactioncurrencyid"], statecode=0, statuscode=1)
    trade.by_hand(order, "Pot")
    trade.clock.advance(900)
    trade.again(order)
    assert (trade.parked_orders(), _told(trade, order)) == ({}, (None, None))


def test_rule_43_a_mark_that_nobody_is_let_in_to_put_is_put_after_the_pause(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: refused credentials pause, they park nothing; the order that differs is told so once they are good."""
    order = trade.order(item("Tea", "10.00", 2))
    trade.run()
    trade.by_hand(order, "By hand", priceperunit=3)
    trade.update(order, note="Ring twice")
    real, refused = trade.app.crm.batch, list[str]()

    def batch(items: Any, *, name: str) -> Any:
        if name == "say how orders stand" and not refused:
            refused.append(name)
            raise AuthFailed("No.", facts={"side": "crm"})
        return real(items, name=name)

    monkeypatch.setattr(trade.app.crm, "batch", batch)
    trade.run(ticks=1)
    assert (refused, list(trade.app.state.switches.all())) == (["say how orders stand"], ["crm"])
    assert trade.parked_order(order).code == "TotalsDiffer"
    trade.clock.advance(7200)
    actions.housekeeping()
    trade.run()
    assert (trade.parked_order(order).code, _told(trade, order)[1]) == ("TotalsDiffer", 3)


def test_rule_53_no_task_asks_what_becomes_of_an_order_that_crm_cancelled(trade: Trade) -> None:
    """Promise: neither an order cancelled on both sides nor one that is still open in CRM gives anybody a task."""
    odd = trade.order(item("Tea", "10.00", 2), by=JANE)
    late = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    trade.by_hand(odd, "Pot", priceperunit=7)
    trade.cancel(odd)
    trade.cancel(late)
    trade.run()
    trade.update(late, note="After")
    trade.run()
    assert [trade.crm_order(each)["statecode"] for each in (odd, late)] == [0, CANCELED]
    assert [trade.parked_order(each).code for each in (odd, late)] == ["TotalsDiffer", "Conflict"]
    assert trade.rows("tasks") == []


@pytest.mark.parametrize("call", ["say how orders stand", "park"])
def test_rule_43_a_worker_that_dies_before_it_parks_loses_no_difference(
    trade: Trade, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Promise: the order is written, its totals differ, the worker dies: the next finds that, or that it is mended."""
    order = trade.order(item("Tea", "10.00", 2))
    trade.run()
    trade.by_hand(order, "By hand", priceperunit=3)
    trade.update(order, note="Ring twice")
    real = trade.app.crm.batch

    def batch(items: Any, *, name: str) -> Any:
        if name == call:
            raise KeyboardInterrupt
        return real(items, name=name)

    def put(rows: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        if call == "park":
            patched.setattr(trade.app.state.parked, "put", put)
        else:
            patched.setattr(trade.app.crm, "batch", batch)
        with pytest.raises(KeyboardInterrupt):
            trade.again(order, work=False)
    assert (trade.crm_order(order)["description"], trade.parked_orders()) == ("Ring twice", {})
    if call == "park":
        trade.by_hand(order, "By hand")
    trade.clock.advance(900)
    trade.run()
    wanted = {} if call == "park" else {order: ("TotalsDiffer", 3)}
    found = {each: (code, _told(trade, each)[1]) for each, (code, _) in trade.parked_orders().items()}
    assert (found, _told(trade, order)[0] is None) == (wanted, call == "park")


def test_rule_55_a_locked_order_whose_pair_was_lost_is_told_as_well(trade: Trade) -> None:
    """Promise: the state is lost and the order differs after its lock: found by its mark it is parked and says so."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE, transactions=PAID)
    trade.fulfil(order)
    trade.run()
    pair = trade.paired(order)
    assert pair is not None
    trade.app.state.lines.remove([pair])
    trade.app.state.crossrefs.abandon([pair])
    trade.refund(order, "10.00", Tea=1)
    trade.run()
    assert (trade.parked_order(order).code, _told(trade, order)[1]) == ("Conflict", 10)
