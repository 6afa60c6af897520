"""Rules 1, 4, 14, 51, 63 and 91 of orders: whose they are, what they wait for, and where they go."""

from __future__ import annotations

import pytest

from tests.flows.conftest import OpenTrade
from tests.support.clientele import FLOW as CUSTOMERS
from tests.support.clientele import MARK
from tests.support.commands import commands
from tests.support.orders import JANE, ORDERS, Trade
from tests.support.plant import SHOP
from tests.support.till import item

HOME = {
    "firstName": "Jane", "lastName": "Doe", "address1": "Veldstraat 1", "address2": "Box 2", "city": "Ghent",
    "zip": "9000", "countryCode": "BE",
}  # fmt: skip


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
