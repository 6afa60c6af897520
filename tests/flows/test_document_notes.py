"""What became of a closed document's order stands in the row beside it: nothing is parked, nothing is left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.flows.conftest import OpenPapers
from tests.flows.test_least_privilege import GRANTED, _restricted
from tests.support.papers import BACK, Papers, text
from tests.support.plant import SHOP

LOOKUPS = {"salesorder": "new_salesorderid", "invoice": "new_invoiceid", "opportunity": "new_opportunityid"}


def beside(papers: Papers, document: str, table: str = "salesorder") -> dict[str, Any]:
    """The one row beside a document."""
    (row,) = papers.rows("new_shopifyordernotes", f"_{LOOKUPS[table]}_value eq {document}")
    return row


def told(row: dict[str, Any]) -> tuple[Any, ...]:
    """Number, status, payment, fulfilment and tracking as the row has them."""
    names = ("ordername", "status", "financialstatus", "fulfillmentstatus", "tracking")
    return tuple(row[f"new_{name}"] for name in names)


def close_order(papers: Papers) -> str:
    """A sent order that CRM has fulfilled."""
    document = papers.sold(text("Tea", 10))
    papers.run()
    papers.finish(document)
    return document


def close_invoice(papers: Papers) -> str:
    """A sent invoice that CRM has as paid."""
    document = papers.bill(papers.write(text("Tea", 10), table="invoice"))
    papers.run()
    papers.pay(document)
    return document


def close_opportunity(papers: Papers) -> str:
    """A won opportunity, which was closed before anything came back."""
    return papers.win(papers.opportunity(text("Tea", 10)))


CLOSED: dict[str, Callable[[Papers], str]] = {
    "salesorder": close_order,
    "invoice": close_invoice,
    "opportunity": close_opportunity,
}


@pytest.mark.parametrize("table", CLOSED)
def test_a_closed_document_says_beside_it_what_became_of_its_order(selling: OpenPapers, table: str) -> None:
    """Promise: payment, shipping and cancelling reach the row beside a closed document; nothing waits, then silence."""
    papers = selling(DOCUMENTS=table)
    document = CLOSED[table](papers)
    papers.run()
    number = papers.only()["legacyResourceId"]
    papers.fulfil(number)
    papers.run()
    row = beside(papers, document, table)
    assert told(row) == ("#1001", "OPEN", papers.only()["displayFinancialStatus"], "FULFILLED", None)
    assert row["new_shopifyid"] == number
    assert (papers.waiting(), list(papers.app.state.parked.list(SHOP, BACK))) == ({}, [])
    assert papers.app.state.switches.all() == {}
    papers.silent()
    assert beside(papers, document, table)["modifiedon"] == row["modifiedon"]


@pytest.mark.parametrize("table", CLOSED)
def test_the_role_is_enough_for_documents(selling: OpenPapers, table: str) -> None:
    """Promise: with the privileges of the shipped role a document is sent, closed, and told of beside it."""
    papers = selling(DOCUMENTS=table)
    _restricted(papers, GRANTED)
    document = CLOSED[table](papers)
    papers.run()
    papers.fulfil(papers.only()["legacyResourceId"])
    papers.run()
    assert told(beside(papers, document, table))[3] == "FULFILLED"
    assert (papers.waiting(), papers.app.state.switches.all()) == ({}, {})


def test_columns_of_a_closed_document_stay_as_they_were(papers: Papers) -> None:
    """Promise: a closed order's own columns keep the day it was closed, and the outcome says why."""
    document = close_order(papers)
    number = papers.only()["legacyResourceId"]
    papers.fulfil(number)
    papers.run()
    row = papers.paper(document)
    assert (row["new_shopifyordername"], row["new_shopifyfulfilment"]) == ("#1001", "UNFULFILLED")
    decisions = {change.name: change.decision for change in papers.told_of(number, BACK)[-1].changes}
    assert decisions["fulfilment"] == "the target's state has gone beyond it"


def test_an_open_document_has_the_row_too(papers: Papers) -> None:
    """Promise: the row beside a document is there from the first day on and is one, whatever changes after it."""
    document = papers.sold(text("Tea", 10))
    papers.run()
    assert told(beside(papers, document)) == ("#1001", "OPEN", "PENDING", "UNFULFILLED", None)
    papers.cancel(papers.only()["legacyResourceId"])
    papers.run()
    assert told(beside(papers, document))[1] == "CANCELLED"
    assert papers.paper(document)["new_shopifystatus"] == "CANCELLED"


def test_a_row_that_somebody_deleted_comes_back(papers: Papers) -> None:
    """Promise: the row beside a document is the product's: deleted by hand, it is there again with the next change."""
    document = papers.sold(text("Tea", 10))
    papers.run()
    papers.delete("new_shopifyordernotes", beside(papers, document)["new_shopifyordernoteid"])
    papers.fulfil(papers.only()["legacyResourceId"])
    papers.run()
    assert told(beside(papers, document))[3] == "FULFILLED"
    papers.silent()
