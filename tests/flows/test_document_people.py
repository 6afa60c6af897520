"""Rules 76, 81 and 86 of documents: who buys, who is written to, and who has paid."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.conftest import OpenPapers
from tests.support.orders import JANE
from tests.support.papers import Papers, text

ROUTES = ["draft", "order"]
ADDRESS = {
    "shipto_name": "Shoe Ltd",
    "shipto_line1": "1 High Street",
    "shipto_city": "London",
    "shipto_postalcode": "E1 6AN",
    "shipto_country": "UK",
}


def buyer(account: str) -> dict[str, str]:
    """A document's customer."""
    return {"customerid_account@odata.bind": f"/accounts({account})"}


@pytest.mark.parametrize("route", ROUTES)
def test_rule_81_the_customer_who_is_linked(selling: OpenPapers, route: str) -> None:
    """Promise: the account's own customer gets the order, whatever address CRM has for it."""
    papers = selling(DOCUMENT_ROUTE=route, CUSTOMERS_SHOPIFY_TO_CRM_MODE="on")
    jane = papers.customer(**JANE)
    papers.run()
    account = papers.account_of(jane)["accountid"]
    papers.change("accounts", account, emailaddress1="other@shoe.example")
    sold = papers.sold(text("Tea", 10), **buyer(account))
    papers.run()
    assert papers.equals(sold)["customer"]["legacyResourceId"] == jane


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("reach", ["emailaddress1", "telephone1"])
def test_rule_81_a_customer_with_the_same_address_or_number(selling: OpenPapers, route: str, reach: str) -> None:
    """Promise: an account that nobody linked buys for the customer with its e-mail address, else with its number."""
    papers = selling(DOCUMENT_ROUTE=route)
    jane = papers.customer(email="Jane@shoe.example", phone="+442079460018")
    given = {"emailaddress1": "jane@shoe.example"} if reach == "emailaddress1" else {"telephone1": "020 7946 0018"}
    account = papers.account(address1_country="GB", **given)
    sold = papers.sold(text("Tea", 10), **buyer(account))
    papers.run()
    assert papers.equals(sold)["customer"]["legacyResourceId"] == jane
    papers.silent()


@pytest.mark.parametrize("route", ROUTES)
def test_rule_81_nobody_to_be_found_keeps_the_addresses(selling: OpenPapers, route: str) -> None:
    """Promise: an order without any customer is sent with its addresses; a country's other name is understood."""
    papers = selling(DOCUMENT_ROUTE=route)
    sold = papers.sold(text("Tea", 10), **ADDRESS, billto_line1="2 Low Road", billto_city="Leeds", billto_country="GB")
    papers.run()
    order = papers.equals(sold)
    where = {"firstName": None, "lastName": "Shoe Ltd", "company": "Shoe Ltd", "address1": "1 High Street"}
    assert order["shippingAddress"] == {**where, "city": "London", "country": "United Kingdom", "zip": "E1 6AN"}
    assert (order["billingAddress"]["city"], order["customer"]) == ("Leeds", None)
    papers.silent()


def test_rule_81_an_opportunity_takes_its_accounts_address(selling: OpenPapers) -> None:
    """Promise: what has no address of its own is sent to the account's, for the person who is its contact."""
    papers = selling(DOCUMENTS="opportunity")
    account = papers.account(address1_line1="3 Mill Lane", address1_city="York", address1_country="GB")
    papers.person(account, firstname="Jane", lastname="Doe", emailaddress1="jane@shoe.example")
    deal = papers.win(papers.opportunity(text("Tea", 10), **buyer(account)))
    papers.run()
    order = papers.of(deal)
    assert (order["shippingAddress"]["address1"], order["shippingAddress"]["lastName"]) == ("3 Mill Lane", "Doe")
    assert order["email"] == "jane@shoe.example"


def test_rule_81_a_country_nobody_knows_is_parked(papers: Papers) -> None:
    """Promise: an address that Shopify takes for none parks the document, and nothing is sold."""
    sold = papers.sold(text("Tea", 10), **{**ADDRESS, "shipto_country": "Atlantis"})
    papers.run()
    code, sentence = papers.waiting()[sold]
    assert (code, "ountry" in sentence, papers.made()) == ("Invalid", True, [])
    papers.change("salesorders", sold, shipto_country="Germany")
    papers.run()
    papers.equals(sold)


@pytest.mark.parametrize("route", ROUTES)
def test_rule_76_nobody_is_written_to(selling: OpenPapers, route: str) -> None:
    """Promise: the order has its customer and e-mail address, and a real shop would have mailed nobody."""
    papers = selling(DOCUMENT_ROUTE=route)
    papers.customer(**JANE)
    account = papers.account(emailaddress1=JANE["email"])
    sold = papers.sold(text("Tea", 10), **buyer(account))
    papers.run()
    order = papers.of(sold)
    assert (order["email"], order["customer"]["email"]) == (JANE["email"], JANE["email"])
    papers.stop(sold)
    papers.run()
    assert papers.only()["cancelledAt"] is not None
    assert papers.mails() == []


@pytest.mark.parametrize("route", ROUTES)
def test_rule_76_where_it_is_switched_on_the_customer_is_written_to(selling: OpenPapers, route: str) -> None:
    """Promise: with DOCUMENT_NOTIFY the customer gets the confirmation, once."""
    papers = selling(DOCUMENT_ROUTE=route, DOCUMENT_NOTIFY="true")
    papers.customer(**JANE)
    papers.sold(text("Tea", 10), **buyer(papers.account(emailaddress1=JANE["email"])))
    papers.run()
    assert [(mail.why, mail.to) for mail in papers.mails()] == [("order confirmation", JANE["email"])]


@pytest.mark.parametrize(("stock", "left"), [("bypass", 5), ("decrement", 3), ("obey", 3)])
def test_rule_76_stock_is_a_choice(selling: OpenPapers, stock: str, left: int) -> None:
    """Promise: what orderCreate does about stock is what DOCUMENT_STOCK says."""
    papers = selling(
        DOCUMENT_ROUTE="order",
        DOCUMENT_STOCK=stock,
        PRODUCTS_SHOPIFY_TO_CRM_MODE="on",
        PRODUCTS_CRM_TO_SHOPIFY_MODE="on",
    )
    papers.offer("L-1")
    papers.run()
    item = papers.stocked("L-1", 5)
    (product,) = papers.rows("products", "productnumber eq 'L-1'")
    papers.sold(papers.line_of(product["productid"], 2))
    papers.run()
    papers.only()
    assert papers.available(item) == left


@pytest.mark.parametrize("route", ROUTES)
def test_rule_86_an_invoice_that_is_not_paid_is_pending_and_paid_later(selling: OpenPapers, route: str) -> None:
    """Promise: a billed invoice is payment pending, on both routes; once CRM says that it is paid so does Shopify."""
    papers = selling(DOCUMENTS="invoice", DOCUMENT_ROUTE=route)
    bill = papers.bill(papers.write(text("Tea", 10), table="invoice"))
    papers.run()
    assert papers.of(bill)["displayFinancialStatus"] == "PENDING"
    papers.pay(bill)
    papers.run()
    assert papers.of(bill)["displayFinancialStatus"] == "PAID"
    papers.silent()


@pytest.mark.parametrize("route", ROUTES)
def test_rule_86_a_paid_invoice_has_one_payment(selling: OpenPapers, route: str) -> None:
    """Promise: an invoice paid before it was sent is paid in Shopify by one transaction of the whole amount."""
    papers = selling(DOCUMENTS="invoice", DOCUMENT_ROUTE=route)
    bill = papers.write(text("Tea", 10, 2), table="invoice")
    papers.pay(bill)
    papers.run()
    order = papers.equals(bill, "invoice")
    assert (order["displayFinancialStatus"], payments(papers, order)) == ("PAID", [("SALE", "SUCCESS", "20.0")])


def payments(papers: Papers, order: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The transactions of an order."""
    query = "query($id: ID!) { order(id: $id) { transactions { kind status amountSet { shopMoney { amount } } } } }"
    found = papers.merchant.call(query, {"id": order["id"]})["order"]["transactions"]
    return [(each["kind"], each["status"], each["amountSet"]["shopMoney"]["amount"]) for each in found]
