"""Every recorded order through the whole app: into the shop, over to CRM, and equal to the recording's own amounts.

Those that contradict themselves are named in `expected.py` and parked with both sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from shared import wiring
from tests.contract.recorded_orders import recordings
from tests.contract.recorded_orders.expected import OUTCOMES
from tests.contract.recorded_orders.shop import GUESTS, Recorded, letting_tests_through
from tests.contract.recorded_orders.wanted import found, wanted
from tests.support.orders import Trade
from tests.support.till import SHIP, gid

pytestmark = pytest.mark.skipif(not recordings.FOLDER.exists(), reason="the recorded orders are not on this machine")
ORDER = "query($id: ID!) { order(id: $id) { displayFinancialStatus totalRefundedSet { shopMoney { amount } } } }"
OPEN, CANCELED, FULFILLED = 0, 2, 3


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Trade]]:
    """The worlds of a test, which are closed with it."""
    made: list[Trade] = []
    monkeypatch.setattr(wiring, "app", lambda: made[-1].app)
    yield made
    for trade in made:
        trade.close()


def shop(opened: list[Trade], **more: str) -> Recorded:
    """Every recorded order in one shop, nothing run yet."""
    trade = Trade(ORDERS_SINCE="2000-01-01", CRM_GUEST_ACCOUNT=GUESTS, **more)
    opened.append(trade)
    trade.shopify.__enter__()
    return Recorded(trade)


@pytest.fixture(scope="session")
def mappings(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The mapping files that let test orders through."""
    return letting_tests_through(tmp_path_factory.mktemp("mappings"))


@pytest.fixture(scope="module", params=["shop", "presentment"])
def recorded(request: pytest.FixtureRequest, mappings: str) -> Iterator[Recorded]:
    """The orders after the app has run, test orders let through, in the shop's and in the buyer's currency."""
    made: list[Trade] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "app", lambda: made[-1].app)
        world = shop(made, MAPPINGS_DIR=mappings, ORDER_CURRENCY=request.param)
        world.side = request.param
        world.trade.run()
        yield world
    made[0].close()


def test_every_recorded_order_is_equal_or_parked_as_the_table_says(recorded: Recorded) -> None:
    """Promise: what adds up is in CRM equal to the cent in every row of the money table; all else is parked by both."""
    trade, parked = recorded.trade, recorded.trade.parked_orders()
    numbers = {row["productid"]: row["productnumber"] for row in trade.rows("products")}
    assert set(recorded.numbers) == set(OUTCOMES)
    for name, order in recorded.numbers.items():
        apart = {total: (Decimal(a), Decimal(b)) for total, (a, b) in (OUTCOMES[name].apart or {}).items()}
        assert (name, recorded.differences[name]) == (name, apart)
        if recorded.contradicts(name):
            facts, sums = trade.parked_order(order).facts, OUTCOMES[name].sums
            assert sums is not None, name
            assert (name, parked[order][0], trade.crm_orders(order)) == (name, "TotalsDiffer", [])
            assert [Decimal(facts[side]) for side in ("shopify", "parts")] == [Decimal(each) for each in sums]
            assert all(f"{Decimal(facts[side])}" in parked[order][1] for side in ("shopify", "parts"))
            continue
        assert (name, order in parked, OUTCOMES[name].sums) == (name, False, None)
        got = found(trade.crm_order(order), numbers)
        assert (name, got) == (name, wanted(recorded.by_name[name].order, recorded.side))
    trade.quiet()
    assert trade.parked_orders().keys() == parked.keys()


def test_whose_the_recorded_orders_are(recorded: Recorded) -> None:
    """Promise: every recorded customer is an account with its contact, and his orders are his; else the guests'."""
    trade = recorded.trade
    (guests,) = trade.rows("accounts", f"name eq '{GUESTS}'")
    orders = [one.order for one in recorded.by_name.values() if _his(one.order)]
    latest = {order["customer"]["id"]: order["customer"] for order in orders}
    for number, customer in latest.items():
        ours = str(recorded.loader.customers[number])
        contact, account = trade.contact_of(ours), trade.account_of(ours)
        assert account["_primarycontactid_value"] == contact["contactid"]
        assert (contact["emailaddress1"], contact["firstname"]) == (customer["email"], customer["first_name"])
    assert len(latest) == 2
    for name, one in recorded.by_name.items():
        if recorded.contradicts(name) or one.given is not None:
            continue
        row = trade.crm_order(recorded.numbers[name])
        ours = str(recorded.loader.customers[one.order["customer"]["id"]]) if _his(one.order) else ""
        account = trade.account_of(ours) if ours else guests
        assert (name, row["_customerid_value"]) == (name, account["accountid"])


def _his(order: recordings.Order) -> bool:
    return bool(order.get("customer"))


def test_how_the_recorded_orders_stand(recorded: Recorded) -> None:
    """Promise: a cancelled order is cancelled in CRM, a wholly shipped one fulfilled, every other one open."""
    for name, order in recorded.numbers.items():
        if recorded.contradicts(name):
            continue
        told = recorded.by_name[name].order
        shipped = FULFILLED if told.get("fulfillment_status") == "fulfilled" else OPEN
        state = CANCELED if told.get("cancelled_at") else shipped
        assert (name, recorded.trade.crm_order(order)["statecode"]) == (name, state)


def test_a_contradiction_ends_when_shopify_counts_anew(opened: list[Trade]) -> None:
    """Promise: a parked order is not lost: once its money has moved and its totals are its parts', it arrives equal."""
    made = shop(opened)
    order = made.numbers["order__monei_order_res_list_0"]
    made.trade.run()
    assert made.trade.parked_orders()[order][0] == "TotalsDiffer"
    made.trade.amend(order, (SHIP, {"s": {"title": "Post", "price": {"amount": "5.00", "currencyCode": "USD"}}}))
    made.trade.run()
    assert made.trade.equal(order)["totalamount"] == 215.94
    assert order not in made.trade.parked_orders()


def test_what_happened_to_recorded_orders_follows(opened: list[Trade]) -> None:
    """Promise: after the recorded refund and cancellation Shopify shows what was recorded, and CRM follows.

    What the order's total was after the refund is not recorded: CRM has what the shop's parts come to.
    """
    made = shop(opened)
    trade = made.trade
    trade.run()
    refunded, cancelled = (made.numbers[name] for name in ("refund-create-full-parity", "orderCancel-parity"))
    trade.refund(refunded, "15.00", shipping="5.00", **{"Hermes refundable full item": 1})
    trade.cancel(cancelled)
    trade.run()
    told = trade.merchant.call(ORDER, {"id": gid(refunded)})["order"]
    assert (told["displayFinancialStatus"], told["totalRefundedSet"]["shopMoney"]["amount"]) == ("REFUNDED", "15.0")
    assert trade.equal(refunded)["totalamount"] == 0
    assert (trade.equal(cancelled)["totalamount"], trade.crm_order(cancelled)["statecode"]) == (0, CANCELED)
    trade.quiet()


def test_recorded_test_orders_are_skipped_as_shipped(opened: list[Trade]) -> None:
    """Promise: with the mapping as it is shipped, test orders leave no row and no parked one, and the run says why."""
    made = shop(opened)
    made.trade.run()
    tests = {name for name, one in made.by_name.items() if one.order["test"]}
    assert tests == {name for name, outcome in OUTCOMES.items() if outcome.test}
    for name in tests:
        order = made.numbers[name]
        told = {(each.verdict.value, each.reason) for each in made.trade.outcomes(order)}
        assert (name, made.trade.crm_orders(order), told) == (name, [], {("skipped", "It is a test order.")})
        assert order not in made.trade.parked_orders()
