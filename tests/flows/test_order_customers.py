"""Rules 1, 4, 14, 51, 63 and 91 of orders: whose they are, what they wait for, and where they go."""

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
from tests.support.clientele import MARK
from tests.support.commands import commands
from tests.support.orders import JANE, ORDERS, Trade
from tests.support.paper_lines import SHIPPED
from tests.support.plant import SHOP
from tests.support.till import bought, item

HOME = {
    "firstName": "Jane", "lastName": "Doe", "address1": "Veldstraat 1", "address2": "Box 2", "city": "Ghent",
    "zip": "9000", "countryCode": "BE",
}  # fmt: skip


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
    shipped = copytree(SHIPPED, tmp_path / "mappings") / "orders_shopify_to_crm.toml"
    skip = '[[skip]]\nwhen = "crm.replaced"\nreason = "Nobody is there."\n\n'
    shipped.write_text(shipped.read_text("utf-8").replace("[[skip]]", skip + "[[skip]]", 1), "utf-8")
    trade = trading(MAPPINGS_DIR=str(tmp_path / "mappings"))
    trade.run()
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


def test_rule_01_a_guest_order_has_no_account_and_keeps_its_addresses(trade: Trade) -> None:
    """Promise: without a guest account the order's account stays empty; both addresses are on the order."""
    billed = {**HOME, "address1": "Koornmarkt 3"}
    order = trade.order(item("Tea", "10.00"), billingAddress=billed, shippingAddress=HOME)
    trade.run()
    row = trade.equal(order)
    assert row["_customerid_value"] is None
    assert (row["billto_name"], row["billto_line1"], row["shipto_line1"], row["shipto_line2"]) == (
        "Jane Doe", "Koornmarkt 3", "Veldstraat 1", "Box 2",
    )  # fmt: skip
    assert (row["shipto_city"], row["shipto_postalcode"], row["shipto_country"]) == ("Ghent", "9000", "Belgium")
    assert trade.rows("accounts") == []


def _guests(trading: OpenTrade) -> tuple[Trade, str]:
    trade = trading(CRM_GUEST_ACCOUNT="Guests")
    return trade, trade.row("accounts", name="Guests")


def test_rule_01_an_address_brings_company_person_and_phone(trade: Trade) -> None:
    """Promise: a company's address names the company, the person as its contact, and the phone to ring."""
    home = {"firstName": "Jane", "lastName": "Doe", "address1": "Veldstraat 1", "city": "Ghent", "countryCode": "BE"}
    works = {**home, "company": "Shoe Works", "phone": "+3225551234"}
    order = trade.order(item("Tea", "10.00"), billingAddress=works, shippingAddress=home)
    trade.run()
    row = trade.equal(order)
    names = ("name", "contactname", "telephone")
    assert [row[f"billto_{name}"] for name in names] == ["Shoe Works", "Jane Doe", "+3225551234"]
    assert [row[f"shipto_{name}"] for name in names] == ["Jane Doe", "Jane Doe", None]


def test_rule_01_a_guest_order_belongs_to_the_guest_account(trading: OpenTrade) -> None:
    """Promise: where a guest account is named every order without a customer is its, and no other account is made."""
    trade, guests = _guests(trading)
    orders = [trade.order(item("Tea", "10.00"), billingAddress=HOME), trade.order(item("Pot", "3.00"))]
    trade.run()
    assert [trade.equal(order)["_customerid_value"] for order in orders] == [guests, guests]
    assert len(trade.rows("accounts")) == 1
    assert trade.rows("accounts")[0]["address1_line1"] is None


def test_rule_04_two_accounts_with_one_e_mail_park_the_customer_and_not_the_order(trading: OpenTrade) -> None:
    """Promise: the customer waits for a person, his order comes over with the guest account."""
    trade, guests = _guests(trading)
    for name in ("Shoe A", "Shoe B"):
        trade.row("accounts", name=name, emailaddress1=JANE["email"])
    order = trade.order(item("Tea", "10.00"), by=JANE)
    trade.run()
    assert [row.code for row in trade.app.state.parked.list(SHOP, CUSTOMERS)] == ["Ambiguous"]
    assert trade.equal(order)["_customerid_value"] == guests
    assert trade.parked_orders() == {}


def test_rule_04_once_the_customer_is_linked_his_order_moves_to_him(trading: OpenTrade) -> None:
    """Promise: the order that went to the guest account is his as soon as he is linked and the order is looked at."""
    trade, _ = _guests(trading)
    twins = [trade.row("accounts", name=name, emailaddress1=JANE["email"]) for name in ("Shoe A", "Shoe B")]
    order = trade.order(item("Tea", "10.00"), by=JANE)
    trade.run()
    trade.change("accounts", twins[1], emailaddress1="other@shoe.example")
    trade.again(*[row.source_id for row in trade.app.state.parked.list(SHOP, CUSTOMERS)], flow=CUSTOMERS)
    trade.list_orders()
    assert trade.crm_order(order)["_customerid_value"] == twins[0]


def test_rule_56_a_hand_chosen_account_stays(trading: OpenTrade) -> None:
    """Promise: an account that a salesperson gave the order stays through edits, and when its customer is linked."""
    trade, _ = _guests(trading)
    twins = [trade.row("accounts", name=name, emailaddress1=JANE["email"]) for name in ("Shoe A", "Shoe B")]
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    chosen = trade.row("accounts", name="Chosen")
    whole = {"customerid_account@odata.bind": f"/accounts({chosen})"}
    trade.change("salesorders", trade.crm_order(order)["salesorderid"], **whole)
    trade.amend(order, Tea=1)
    trade.update(order, note="Ring twice")
    trade.run()
    assert trade.equal(order)["_customerid_value"] == chosen
    trade.change("accounts", twins[1], emailaddress1="other@shoe.example")
    trade.again(*[row.source_id for row in trade.app.state.parked.list(SHOP, CUSTOMERS)], flow=CUSTOMERS)
    trade.update(order, note="Ring once")
    trade.run()
    assert trade.account_of(trade.rows("accounts", f"{MARK} ne null")[0][MARK])["accountid"] == twins[0]
    assert trade.crm_order(order)["_customerid_value"] == chosen


def test_rule_51_an_order_without_shipping_address_is_will_call(trade: Trade) -> None:
    """Promise: nothing shipped means the flag and no invented address; one with an address is not flagged."""
    pickup = trade.order(item("Tea", "10.00"), billingAddress=HOME)
    shipped = trade.order(item("Tea", "10.00"), shippingAddress=HOME)
    trade.run()
    there, sent = trade.equal(pickup), trade.equal(shipped)
    assert (there["willcall"], there["shipto_line1"], there["shipto_city"]) == (True, None, None)
    assert (sent["willcall"], sent["shipto_line1"]) == (False, "Veldstraat 1")


def test_rule_63_a_pos_order_comes_as_a_guest_order(trading: OpenTrade) -> None:
    """Promise: an order of the point of sale, without customer and address, is the guest account's."""
    trade, guests = _guests(trading)
    order = trade.order(item("Tea", "10.00"), sourceName="pos")
    trade.run()
    row = trade.equal(order)
    assert (row["_customerid_value"], row["willcall"]) == (guests, True)


def test_rule_91_an_account_deleted_in_crm_parks_the_order_with_the_way_out(
    trade: Trade, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Promise: the order that names a deleted account says what to do; done so, customer and order come anew."""
    trade.order(item("Tea", "10.00"), by=JANE)
    trade.run()
    (account,) = trade.rows("accounts")
    trade.delete("contacts", trade.rows("contacts")[0]["contactid"])
    for order in trade.crm_orders():
        trade.delete("salesorders", order["salesorderid"])
    trade.delete("accounts", account["accountid"])
    order = trade.order(item("Pot", "5.00"), by=JANE)
    trade.run()
    sentence = trade.parked_order(order).sentence
    assert "row of account that CRM does not have (any more)" in sentence
    assert "`pairs unlink`" in sentence
    run = commands(trade, monkeypatch)
    assert run("pairs", "unlink", account[MARK], "--yes") in (0, 1)
    assert [run("parked", "retry", flow, "--all") for flow in (CUSTOMERS, ORDERS)] == [0, 0]
    capsys.readouterr()
    trade.run()
    assert trade.equal(order)["_customerid_value"] == trade.rows("accounts")[0]["accountid"]
    assert trade.rows("accounts")[0][MARK] == account[MARK]
