"""Rules 71 to 73, 83 and 84 of documents: which of them are sent, and once."""

from __future__ import annotations

import pytest

from shared.errors import SettingMissing
from shared.records import Item, Origin, Page, Record
from shared.sync.flow import Begun
from tests.flows.conftest import OpenPapers
from tests.support.papers import NEW, OUTWARD, Papers, text
from tests.support.plant import SHOP
from tests.support.till import item

ALL = {"DOCUMENTS": "opportunity,salesorder,invoice"}


def test_rule_71_an_order_is_sent_in_the_status_that_was_chosen(papers: Papers) -> None:
    """Promise: an active order that is New stays where it is, with a reason, and goes once it is Pending."""
    order = papers.write(text("Tea", 10))
    papers.run()
    assert papers.made() == []
    assert "status reason" in papers.reason(order)
    papers.submit(order)
    papers.run()
    papers.equals(order)
    papers.silent()


@pytest.mark.parametrize("table", ["opportunity", "invoice"])
def test_rule_71_opportunities_are_sent_when_won_and_invoices_when_billed(selling: OpenPapers, table: str) -> None:
    """Promise: each table that the settings name is sent in its own states, and no other table is."""
    papers = selling(DOCUMENTS=table)
    other = papers.sold(text("Not this", 1))
    won = papers.opportunity(text("Tea", 10)) if table == "opportunity" else papers.write(text("Tea", 10), table=table)
    papers.run()
    assert papers.made() == []
    (papers.win if table == "opportunity" else papers.bill)(won)
    papers.run()
    papers.equals(won, table)
    assert papers.link(other) is None
    papers.silent()


def test_rule_71_a_status_of_ones_own_choice(selling: OpenPapers) -> None:
    """Promise: the status reasons that are sent are a setting; one that is no number stops the app and is named."""
    papers = selling(DOCUMENT_SALESORDER_REASONS="1, 2")
    order = papers.write(text("Tea", 10))
    papers.run()
    papers.equals(order)
    with pytest.raises(SettingMissing, match="DOCUMENT_SALESORDER_REASONS is '1,sent'"):
        selling(DOCUMENT_SALESORDER_REASONS="1, sent")


def test_rule_71_a_document_that_leaves_its_status_is_told(papers: Papers) -> None:
    """Promise: an order that was sent and is New again is parked with both ways out; back in its status it is fine."""
    order = papers.sold(text("Tea", 10))
    papers.run()
    papers.submit(order, NEW)
    papers.run()
    code, sentence = papers.waiting()[order]
    assert (code, "status reason is 1" in sentence) == ("Conflict", True)
    papers.submit(order)
    papers.run()
    assert papers.waiting() == {}
    papers.only()


def test_rule_72_what_came_from_shopify_is_never_sent_back(selling: OpenPapers) -> None:
    """Promise: an order of the shop that is pending in CRM is skipped with that reason, and so is its invoice."""
    papers = selling(**ALL, ORDERS_SHOPIFY_TO_CRM_MODE="on")
    number = papers.order(item("Lamp", "20.00"))
    papers.run()
    row = papers.crm_order(number)["salesorderid"]
    papers.submit(row)
    invoice = papers.write(text("Lamp", 20), table="invoice", **{"salesorderid@odata.bind": f"/salesorders({row})"})
    second = papers.write(text("Lamp", 20), table="invoice", **{"salesorderid@odata.bind": f"/salesorders({row})"})
    for each in (invoice, second):
        papers.bill(each)
    papers.run()
    assert [order["legacyResourceId"] for order in papers.made()] == [number]
    for each in (row, invoice, second):
        assert "came from Shopify" in papers.reason(each)
    papers.silent()


def test_rule_72_an_order_born_in_crm_never_comes_back_as_another(selling: OpenPapers) -> None:
    """Promise: the orders' flow makes no CRM order of one that was made from a document."""
    papers = selling(ORDERS_SHOPIFY_TO_CRM_MODE="on")
    order = papers.sold(text("Tea", 10))
    papers.run()
    papers.equals(order)
    assert len(papers.crm_orders()) == 1
    papers.silent()


def test_rule_73_one_deal_in_three_documents_is_sent_once(selling: OpenPapers) -> None:
    """Promise: a won opportunity, its order and the order's invoice are one Shopify order, and the others say which."""
    papers = selling(**ALL)
    deal = papers.opportunity(text("Tea", 10, 2))
    papers.win(deal)
    order = papers.sold(text("Tea", 10, 2), **{"opportunityid@odata.bind": f"/opportunities({deal})"})
    invoice = papers.write(text("Tea", 10, 2), table="invoice", **{"salesorderid@odata.bind": f"/salesorders({order})"})
    papers.bill(invoice)
    papers.run()
    papers.equals(deal, "opportunity")
    papers.only()
    for each in (order, invoice):
        assert "Another document of the same deal" in papers.reason(each)
    papers.silent()


def test_rule_73_the_document_that_stands_in_shopify_counts(selling: OpenPapers) -> None:
    """Promise: an order that was sent before its opportunity was won stays the one; the opportunity is not sent."""
    papers = selling(**ALL)
    deal = papers.opportunity(text("Tea", 10))
    order = papers.sold(text("Tea", 10), **{"opportunityid@odata.bind": f"/opportunities({deal})"})
    papers.run()
    papers.equals(order)
    papers.win(deal)
    papers.run()
    papers.only()
    assert "Another document of the same deal" in papers.reason(deal)


def test_rule_73_siblings_are_sales_of_their_own(selling: OpenPapers) -> None:
    """Promise: a second order of an opportunity, and a second invoice of an order, are sent beside the first."""
    papers = selling(**ALL)
    deal = papers.win(papers.opportunity(text("Tea", 10)))
    link = {"opportunityid@odata.bind": f"/opportunities({deal})"}
    first = papers.sold(text("Tea", 10), **link)
    papers.clock.advance(5)
    second = papers.sold(text("More tea", 7), **link)
    papers.clock.advance(5)
    bill = papers.write(text("Tea", 10), table="invoice", **{"salesorderid@odata.bind": f"/salesorders({first})"})
    papers.clock.advance(5)
    rest = papers.write(text("Rest", 3), table="invoice", **{"salesorderid@odata.bind": f"/salesorders({first})"})
    for each in (bill, rest):
        papers.bill(each)
    papers.run()
    assert {order["mark"]["value"] for order in papers.made()} == {deal, second, rest}
    papers.silent()


def test_rule_73_siblings_can_be_parked(selling: OpenPapers) -> None:
    """Promise: with SIBLINGS = park the second is parked, and names the first."""
    papers = selling(SIBLINGS="park")
    deal = papers.opportunity(text("Tea", 10))
    link = {"opportunityid@odata.bind": f"/opportunities({deal})"}
    first = papers.sold(text("Tea", 10), **link)
    papers.clock.advance(5)
    second = papers.sold(text("More tea", 7), **link)
    papers.run()
    papers.equals(first)
    code, sentence = papers.waiting()[second]
    assert (code, first in sentence) == ("Ambiguous", True)
    assert papers.parked_paper(second).facts["sibling"] == first


def test_rule_83_an_opportunity_without_products_makes_no_order(selling: OpenPapers) -> None:
    """Promise: it is skipped with that reason, and an order made from it is sent in its place."""
    papers = selling(**ALL)
    deal = papers.win(papers.opportunity(isrevenuesystemcalculated=False, estimatedvalue=500))
    papers.run()
    assert papers.made() == []
    assert "no lines" in papers.reason(deal)
    order = papers.sold(text("Tea", 10), **{"opportunityid@odata.bind": f"/opportunities({deal})"})
    papers.run()
    papers.equals(order)


def test_rule_84_a_revenue_of_ones_own_is_sent_as_one_line_where_that_is_wanted(selling: OpenPapers) -> None:
    """Promise: with DOCUMENT_ESTIMATE its estimated value is one custom line; lines count where CRM computes it."""
    papers = selling(DOCUMENTS="opportunity", DOCUMENT_ESTIMATE="true")
    guess = papers.win(papers.opportunity(name="Big deal", isrevenuesystemcalculated=False, estimatedvalue=1234.5))
    summed = papers.win(papers.opportunity(text("Tea", 10)))
    papers.run()
    (line,) = papers.of(guess)["lineItems"]["nodes"]
    assert (line["title"], line["originalUnitPriceSet"]["presentmentMoney"]["amount"]) == ("Big deal", "1234.5")
    papers.equals(summed, "opportunity")
    papers.silent()


def test_history_is_a_decision(selling: OpenPapers) -> None:
    """Promise: without DOCUMENTS_SINCE a document from before the app first ran is skipped; a later one is sent."""
    papers = selling(DOCUMENTS_SINCE="")
    old = papers.sold(text("Old", 10))
    papers.clock.advance(60)
    papers.run()
    assert (papers.made(), "older than" in papers.reason(old)) == ([], True)
    new = papers.sold(text("New", 10))
    papers.run()
    papers.equals(new)


@pytest.mark.parametrize(("chosen", "verdict"), [("", "created"), ("other.myshopify.com", "skipped")])
def test_a_document_goes_to_one_shop(selling: OpenPapers, chosen: str, verdict: str) -> None:
    """Promise: of several shops the first gets the documents, or the one that DOCUMENTS_SHOP names, and no other."""
    papers = selling(SHOPIFY_SHOPS=f"{SHOP},other.myshopify.com", DOCUMENTS_SHOP=chosen)
    order = papers.sold(text("Tea", 10))
    page = Page(OUTWARD, SHOP, (Item(order),), Origin.COMMAND)
    (outcome,) = papers.app.engine(papers.app.job(OUTWARD, SHOP)).apply(page).outcomes
    assert outcome.verdict == verdict


def test_a_page_of_many_documents_is_asked_about_in_parts(papers: Papers) -> None:
    """Promise: the links of more documents than one filter takes are found, and none of them is lost."""
    waiting = [papers.write(text("Tea", 1)) for _ in range(101)]
    job = papers.app.job(OUTWARD, SHOP)
    assert job.beside.complete is not None
    records = list(job.source.read(waiting).records.values())
    made = job.beside.complete(records, [Begun()] * len(records))
    assert sum(isinstance(each, Record) and each.content["document"]["waits"] for each in made) == 101


def test_rule_73_a_deal_that_was_sold_twice_is_told(selling: OpenPapers) -> None:
    """Promise: two documents that were sent and turn out to be one deal: the later is parked and names the other."""
    papers = selling(**ALL)
    deal = papers.win(papers.opportunity(text("Tea", 10)))
    papers.clock.advance(5)
    order = papers.sold(text("Tea", 10))
    papers.run()
    assert len(papers.made()) == 2
    papers.change("salesorders", order, **{"opportunityid@odata.bind": f"/opportunities({deal})"})
    papers.run()
    code, sentence = papers.waiting()[order]
    assert (code, f"opportunity {deal}" in sentence) == ("Ambiguous", True)
    assert list(papers.waiting()) == [order]
    papers.silent()
