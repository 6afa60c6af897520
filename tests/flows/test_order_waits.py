"""Rule 91 of orders: what they wait for, for how long, and what becomes of them where it does not come."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from shutil import copytree

import pytest

from ops import pages
from shared import app as actions
from shared.records import Item
from tests.flows.conftest import OpenTrade
from tests.support.clientele import FLOW as CUSTOMERS
from tests.support.orders import JANE, ORDERS, Trade
from tests.support.paper_lines import SHIPPED
from tests.support.plant import SHOP
from tests.support.till import bought, item

ADD_VARIANT = """mutation($id: ID!, $variantId: ID!, $quantity: Int!) {
  orderEditAddVariant(id: $id, variantId: $variantId, quantity: $quantity) { userErrors { field message } } }"""


def test_rule_91_an_order_waits_for_its_customer_and_product(trade: Trade) -> None:
    """Promise: an order that is seen before its customer and product names both once they are there, at first write."""
    (lamp,) = trade.offer("L-1")
    order = trade.order(bought(lamp, "20.00"), by=JANE)
    trade.clock.advance(120)
    trade.again(order, work=False)
    (outcome,) = trade.outcomes(order)
    assert (outcome.error.code if outcome.error else "", trade.crm_orders()) == ("NotYet", [])
    trade.run()
    row = trade.equal(order)
    assert row["_customerid_value"] == trade.rows("accounts")[0]["accountid"]
    assert trade.lines(order) == {"L-1": (1, 20)}
    assert [each.verdict.value for each in trade.outcomes(order)].count("created") == 1


def _orders_first(trade: Trade) -> None:
    trade.clock.advance(7200)
    actions.tick(ORDERS)
    while trade._work_one(ORDERS, "load"):
        pass


def test_rule_91_an_old_order_waits_while_customers_and_products_are_first_loaded(trade: Trade) -> None:
    """Promise: where all flows are switched on at once, history does not come over with written-in lines for ever."""
    (lamp,) = trade.offer("L-1")
    order = trade.order(bought(lamp, "20.00"), by=JANE)
    _orders_first(trade)
    assert trade.crm_orders() == []
    trade.run()
    assert trade.equal(order)["_customerid_value"] == trade.rows("accounts")[0]["accountid"]
    assert trade.lines(order) == {"L-1": (1, 20)}


def _at_work(trade: Trade, flow: str) -> None:
    """Its timer fires, and its queue is worked once."""
    actions.tick(flow)
    while trade._work_one(flow, "sync"):
        pass


def test_rule_91_after_an_outage_an_order_waits_for_a_customer_who_is_found_later(trade: Trade) -> None:
    """Promise: an order that is hours old when it is first seen still names its customer and product."""
    trade.run()
    (lamp,) = trade.offer("L-1")
    order = trade.order(bought(lamp, "20.00"), by=JANE)
    trade.clock.advance(5 * 3600)
    _at_work(trade, ORDERS)
    assert trade.crm_orders() == []
    trade.run()
    assert trade.equal(order)["_customerid_value"] == trade.rows("accounts")[0]["accountid"]
    assert trade.lines(order) == {"L-1": (1, 20)}
    trade.quiet()


def test_rule_91_who_does_not_come_is_waited_for_a_quarter_of_an_hour_and_comes_in_later(trade: Trade) -> None:
    """Promise: an order goes on without a customer whose flow stands still, and gets him untouched once he is there."""
    trade.run()
    order = trade.order(item("Tea", "10.00"), by=JANE)
    trade.clock.advance(5 * 3600)
    began = trade.clock.now()
    while not trade.crm_orders():
        _at_work(trade, ORDERS)
        trade.clock.advance(60)
    waited = trade.clock.now() - began
    assert timedelta(minutes=15) < waited < timedelta(minutes=23)
    assert trade.equal(order)["_customerid_value"] is None
    trade.run()
    assert trade.equal(order)["_customerid_value"] is None
    trade.clock.advance(4 * 3600)
    actions.housekeeping()
    trade.work()
    assert trade.equal(order)["_customerid_value"] == trade.rows("accounts")[0]["accountid"]
    assert trade.app.state.due.ripe(SHOP, ORDERS, trade.clock.now() + timedelta(days=99)) == []
    trade.quiet()


def test_rule_91_an_order_edited_during_an_outage_waits_for_the_product_that_it_got(trade: Trade) -> None:
    """Promise: a line of a product that was made in the outage names it, in an order that had come over before."""
    order = trade.order(item("Tea", "10.00"), by=JANE)
    trade.run()
    (lamp,) = trade.offer("L-1")
    given = {"variantId": f"gid://shopify/ProductVariant/{lamp}", "quantity": 1}
    trade.amend(order, (ADD_VARIANT, given))
    trade.clock.advance(5 * 3600)
    _at_work(trade, ORDERS)
    trade.run()
    assert trade.equal(order)
    assert trade.lines(order)["L-1"] == (1, 20)
    trade.quiet()


def test_rule_91_a_plan_waits_for_nobody(trade: Trade) -> None:
    """Promise: what a person asks for about an old order is answered, though its customer may never come."""
    trade.run()
    order = trade.order(item("Tea", "10.00"), by=JANE)
    trade.clock.advance(5 * 3600)
    job = trade.app.job(ORDERS, SHOP)
    (page,) = pages.of_items(job, [Item(order)])
    (outcome,) = trade.app.engine(job).apply(page, write=False).outcomes
    assert outcome.verdict.value == "created"


def test_rule_91_a_skip_of_who_is_replaced_lets_him_come_first(trading: OpenTrade, tmp_path: Path) -> None:
    """Promise: `crm.replaced` says that the wait is over, so a mapping that skips by it skips nobody too early."""
    trade = _skipping(trading, tmp_path, ORDERS, "crm.replaced")
    order = trade.order(item("Tea", "10.00"), by=JANE)
    trade.clock.advance(5 * 3600)
    _at_work(trade, ORDERS)
    trade.run()
    assert trade.equal(order)["_customerid_value"] == trade.rows("accounts")[0]["accountid"]


def test_rule_91_an_old_order_does_not_wait_for_flows_that_are_paused(trade: Trade) -> None:
    """Promise: a pause of the other flows does not hold an order that has waited long enough."""
    (lamp,) = trade.offer("L-1")
    order = trade.order(bought(lamp, "20.00"), by=JANE)
    for flow in (CUSTOMERS, "products_shopify_to_crm"):
        trade.app.state.switches.pause(flow, "A person paused it.")
    _orders_first(trade)
    assert trade.equal(order)["order_details"][0]["isproductoverridden"] is True


def _without_people(trading: OpenTrade, folder: Path) -> Trade:
    """A mapping that leaves every customer out: he is never paired and never parked."""
    return _skipping(trading, folder, CUSTOMERS, "id")


def _skipping(trading: OpenTrade, folder: Path, flow: str, when: str) -> Trade:
    """The shipped mappings, where this flow skips some records more."""
    shipped = copytree(SHIPPED, folder / "mappings") / f"{flow}.toml"
    skip = f'[[skip]]\nwhen = "{when}"\nreason = "Nobody is wanted."\n\n'
    shipped.write_text(shipped.read_text("utf-8").replace("[[skip]]", skip + "[[skip]]", 1), "utf-8")
    trade = trading(MAPPINGS_DIR=str(folder / "mappings"))
    trade.run()
    return trade


def test_rule_91_a_change_of_an_order_waits_for_nobody_who_did_not_come(trading: OpenTrade, tmp_path: Path) -> None:
    """Promise: an order whose customer is left out on purpose waits for him once, and not at every change."""
    trade = _without_people(trading, tmp_path)
    order = trade.order(item("Tea", "10.00"), by=JANE)
    trade.run()
    assert trade.equal(order)["_customerid_value"] is None
    (lamp,) = trade.offer("L-1")
    given = {"variantId": f"gid://shopify/ProductVariant/{lamp}", "quantity": 1}
    trade.amend(order, (ADD_VARIANT, given))
    trade.clock.advance(60)
    _at_work(trade, ORDERS)
    assert set(trade.lines(order)) == {"Tea"}
    began = trade.clock.now()
    trade.run(ticks=1)
    assert trade.lines(order)["L-1"] == (1, 20)
    assert trade.clock.now() - began < timedelta(minutes=4)


def test_rule_91_an_order_that_is_touched_all_the_time_comes(trading: OpenTrade, tmp_path: Path) -> None:
    """Promise: an app that touches an order every few minutes does not have it wait anew for who is left out."""
    trade = _without_people(trading, tmp_path)
    order = trade.order(item("Tea", "10.00"), by=JANE)
    began = trade.clock.now()
    while not trade.crm_orders() and trade.clock.now() - began < timedelta(hours=2):
        trade.update(order, note=f"Touched at {trade.clock.now()}")
        for _ in range(4):
            trade.clock.advance(60)
            _at_work(trade, ORDERS)
    assert trade.crm_orders()
    assert timedelta(minutes=15) < trade.clock.now() - began < timedelta(minutes=30)
    trade.run()
    assert trade.equal(order)


@pytest.mark.parametrize("off", ["PRODUCTS_SHOPIFY_TO_CRM_MODE", "CUSTOMERS_SHOPIFY_TO_CRM_MODE"])
def test_rule_91_an_order_does_not_wait_for_a_flow_that_is_off(trading: OpenTrade, off: str) -> None:
    """Promise: what no flow brings over is not waited for: the line is written in, the account left empty."""
    trade = trading(**{off: "off"})
    (lamp,) = trade.offer("L-1")
    order = trade.order(bought(lamp, "20.00"), by=JANE)
    trade.run()
    row = trade.equal(order)
    assert (row["_customerid_value"] is None) == off.startswith("CUSTOMERS")
    assert row["order_details"][0]["isproductoverridden"] == off.startswith("PRODUCTS")


def test_rule_91_an_order_goes_on_without_a_product_that_is_parked(trade: Trade) -> None:
    """Promise: two variants of one SKU park each other, and the order of one of them has a written-in line at once."""
    first, _ = trade.offer("SAME", "L-2")
    trade.offer("SAME")
    trade.run()
    order = trade.order(bought(first, "20.00"))
    trade.run()
    assert trade.equal(order)["order_details"][0]["isproductoverridden"] is True
    assert trade.parked_orders() == {}
