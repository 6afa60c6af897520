"""Documents of accounts that are companies in Shopify (B2B): whose they are there, where, and who is written to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from shared.documenting import companies
from tests.flows.conftest import _opening
from tests.support.companies import QUAY, YARD, Business
from tests.support.papers import Papers, text

KATE = {"firstName": "Kate", "lastName": "Kay", "email": "kate@acme.example"}
JIM = {"firstName": "Jim", "lastName": "Jay", "email": "jim@acme.example"}
WHOSE = """query { orders(first: 9, sortKey: ID) { nodes { id email sourceIdentifier customer { email }
  purchasingEntity { ... on PurchasingCompany { company { name } contact { customer { email } }
    location { id shippingAddress { city } } } } paymentTerms { paymentTermsName } } } }"""


class Trading(Business, Papers):
    """Both the companies' and the documents' flows, and the people of both."""


@pytest.fixture
def dealing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes an app with companies and documents on."""
    yield from _opening(monkeypatch, Trading)


def acme(trading: Trading) -> str:
    """A company of two locations and two people that CRM knows as an account; the account's id."""
    company = trading.company("Acme", person=KATE)
    trading.open(company, "Acme yard", shippingAddress=YARD)
    trading.join(company, **JIM)
    trading.run()
    return str(trading.account(company)["accountid"])


def whose(trading: Trading) -> dict[str, Any]:
    """The one order's buyer."""
    (order,) = trading.merchant.call(WHOSE)["orders"]["nodes"]
    return dict(order)


def sold_to(trading: Trading, account: str, **columns: Any) -> str:
    """An order of an account."""
    bind = {"customerid_account@odata.bind": f"/accounts({account})"}
    return trading.sold(text("Tea", 10, 3, manualdiscountamount=1), **bind, **columns)


@pytest.mark.parametrize("route", ["draft", "order", "auto"])
def test_a_companys_order_is_the_companys_and_nobody_is_written_to(dealing: Any, route: str) -> None:
    """Promise: on every route the order is of the company, its main contact and its oldest location, without a mail."""
    trading = dealing(DOCUMENT_ROUTE=route)
    document = sold_to(trading, acme(trading), paymenttermscode=1)
    trading.run()
    trading.equals(document)
    order = whose(trading)
    buys = order["purchasingEntity"]
    assert (buys["company"]["name"], buys["location"]["shippingAddress"]["city"]) == ("Acme", QUAY["city"])
    assert (order["customer"]["email"], order["paymentTerms"]["paymentTermsName"]) == (KATE["email"], "Net 30")
    assert (trading.mails(), trading.waiting()) == ([], {})
    trading.silent()


def test_a_companys_draft_order_where_people_may_be_written_to(dealing: Any) -> None:
    """Promise: with DOCUMENT_NOTIFY it goes as a draft order of company, contact and location, and is told of once."""
    trading = dealing(DOCUMENT_NOTIFY="true")
    document = sold_to(trading, acme(trading))
    trading.run()
    trading.equals(document)
    order = whose(trading)
    buys = order["purchasingEntity"]
    assert (order["sourceIdentifier"], buys["contact"]["customer"]["email"]) == (None, KATE["email"])
    assert [mail.to for mail in trading.mails()] == [KATE["email"]]
    trading.silent()


def test_contact_and_location_are_those_of_the_document(dealing: Any) -> None:
    """Promise: the contact with the document's e-mail address buys, for the location at its shipping address."""
    trading = dealing(DOCUMENT_NOTIFY="true")
    account = acme(trading)
    trading.change("accounts", account, emailaddress1=JIM["email"].upper())
    sold_to(trading, account, shipto_line1=" yard  2", shipto_city="LYON", shipto_postalcode="69001")
    trading.run()
    buys = whose(trading)["purchasingEntity"]
    assert buys["location"]["shippingAddress"]["city"] == YARD["city"]
    assert buys["contact"]["customer"]["email"] == JIM["email"]


def test_the_last_of_many_people_and_locations_is_found(dealing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: who buys, and for where, is sought on every page of a company's people and locations."""
    small = replace(companies._COMPANIES, text=companies._COMPANIES.text.replace("first: 50", "first: 1"))
    monkeypatch.setattr(companies, "_COMPANIES", small)
    trading = dealing(DOCUMENT_NOTIFY="true")
    account = acme(trading)
    trading.change("accounts", account, emailaddress1=JIM["email"])
    sold_to(trading, account, shipto_line1="Yard 2", shipto_city="Lyon", shipto_postalcode="69001")
    trading.run()
    buys = whose(trading)["purchasingEntity"]
    found = buys["location"]["shippingAddress"]["city"], buys["contact"]["customer"]["email"]
    assert found == (YARD["city"], JIM["email"])


def test_a_company_without_people_buys_for_its_location(dealing: Any) -> None:
    """Promise: nobody is needed for a company's order: it goes by orderCreate then, also where people may be told."""
    trading = dealing(DOCUMENT_NOTIFY="true")
    company = trading.company("Lone")
    trading.run()
    document = sold_to(trading, str(trading.account(company)["accountid"]))
    trading.run()
    trading.equals(document)
    order = whose(trading)
    assert (order["purchasingEntity"]["company"]["name"], order["customer"]) == ("Lone", None)
    trading.silent()


def test_a_company_that_is_gone_is_an_account_like_any_other(dealing: Any) -> None:
    """Promise: a document of an account whose company was deleted in Shopify is sent, to no company."""
    trading = dealing()
    company = trading.company("Gone")
    trading.run()
    account = str(trading.account(company)["accountid"])
    trading.dissolve(company)
    document = sold_to(trading, account)
    trading.run()
    trading.equals(document)
    assert whose(trading)["purchasingEntity"] in (None, {})
