"""Deals that move: documents issued anew, deleted, parked, sent to another shop, worked on by two at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared import app as actions
from shared.records import Item, Message, Origin, Page, Pair, PairState, Side
from tests.flows.conftest import OpenPapers
from tests.support.breaking import Breaker
from tests.support.papers import OUTWARD, Papers, product_line, text
from tests.support.plant import SHOP

ALL = "opportunity,salesorder,invoice"
OTHER = "other.myshopify.com"
TEA = text("Tea", 10, 2)
CANCELLED = {"statecode": 3, "statuscode": 100003}


def made_from(table: str, row: str) -> dict[str, str]:
    """The column that says what a document was made from."""
    column, rows = {"order": ("salesorderid", "salesorders"), "deal": ("opportunityid", "opportunities")}[table]
    return {f"{column}@odata.bind": f"/{rows}({row})"}


def billed(papers: Papers, order: str) -> str:
    """An invoice of an order, as billed."""
    invoice = papers.write(TEA, table="invoice", **made_from("order", order))
    papers.bill(invoice)
    return invoice


def test_rule_72_an_invoice_issued_anew_is_the_same_sale(selling: OpenPapers) -> None:
    """Promise: an order was sent; its invoice is cancelled and made anew: Shopify has one order."""
    papers = selling(DOCUMENTS="salesorder,invoice")
    order = papers.sold(TEA)
    papers.run()
    first = billed(papers, order)
    papers.run()
    papers.change("invoices", first, **CANCELLED)
    papers.clock.advance(60)
    second = billed(papers, order)
    papers.run()
    papers.only()
    assert (papers.reason(second), papers.waiting()) == ("Another document of the same deal is sent for it.", {})


def test_rule_72_an_order_made_anew_is_the_same_sale(selling: OpenPapers) -> None:
    """Promise: a won opportunity was sent; its order is cancelled, and another one made from it: still one order."""
    papers = selling(DOCUMENTS=ALL)
    deal = papers.win(papers.opportunity(TEA))
    papers.run()
    first = papers.sold(TEA, **made_from("deal", deal))
    papers.run()
    papers.stop(first)
    papers.clock.advance(60)
    papers.sold(TEA, **made_from("deal", deal))
    papers.run()
    papers.only()
    assert papers.waiting() == {}


def test_rule_72_a_second_invoice_that_was_sent_stays_a_sale_of_its_own(selling: OpenPapers) -> None:
    """Promise: two invoices of one order are two sales; when the first is cancelled later nothing is called doubled."""
    papers = selling(DOCUMENTS="salesorder,invoice")
    order = papers.sold(TEA)
    first = billed(papers, order)
    papers.clock.advance(60)
    billed(papers, order)
    papers.run()
    assert len(papers.made()) == 2
    papers.change("invoices", first, **CANCELLED)
    papers.change("salesorders", order, description="Looked at again")
    papers.run()
    assert (len(papers.made()), papers.waiting()) == (2, {})


@pytest.mark.parametrize("sent", ["deal", "order"])
def test_rule_72_what_was_made_from_a_deleted_document_is_not_sent_once_more(selling: OpenPapers, sent: str) -> None:
    """Promise: CRM forgets what a document was made from when that is deleted; we do not, and a person is asked."""
    papers = selling(DOCUMENTS=ALL)
    first = papers.win(papers.opportunity(TEA)) if sent == "deal" else papers.sold(TEA)
    papers.run()
    second = papers.sold(TEA, **made_from("deal", first)) if sent == "deal" else billed(papers, first)
    papers.run()
    papers.delete("opportunities" if sent == "deal" else "salesorders", first)
    papers.run()
    papers.change("salesorders" if sent == "deal" else "invoices", second, description="Looked at again")
    papers.run()
    papers.only()
    code, sentence = papers.waiting()[second]
    assert code == "Ambiguous"
    assert f" {first}, for which an order was sent to Shopify" in sentence


def test_a_parked_document_keeps_no_other_of_its_deal_back(selling: OpenPapers) -> None:
    """Promise: an opportunity that cannot be sent is parked; the order made from it is sent, and it then is not."""
    papers = selling(DOCUMENTS="opportunity,salesorder")
    deal = papers.win(papers.opportunity(text("Tea", 10, 1.5)))
    papers.run()
    assert deal in papers.waiting()
    order = papers.sold(TEA, **made_from("deal", deal))
    papers.run()
    assert papers.link(order) is not None
    papers.retry(deal)
    papers.run()
    papers.only()
    assert papers.waiting() == {}


def _hours(papers: Papers, hours: int) -> None:
    """So long housekeeping runs every hour, timers fire and workers work; products are on their way all the time."""
    for _ in range(hours):
        actions.housekeeping()
        for _ in range(3):
            papers.clock.advance(1200)
            actions.tick(OUTWARD)
            while papers.work_once(OUTWARD):
                pass


def _reminders(papers: Papers) -> int:
    """How many of the last runs were looks that nobody told of."""
    return sum(run.origin is Origin.REMINDER for run in papers.app.state.runs.last(SHOP, OUTWARD, 2000))


def _on_its_way(selling: OpenPapers) -> tuple[Papers, str, str]:
    """A won opportunity whose product never comes, and an order made from it, which is left alone for that."""
    papers = selling(DOCUMENTS="opportunity,salesorder", PRODUCTS_CRM_TO_SHOPIFY_MODE="on")
    papers.run()
    deal = papers.win(papers.opportunity(product_line(papers, papers.goods("L-1"))))
    order = papers.sold(TEA, **made_from("deal", deal))
    _hours(papers, 1)
    assert "on its way" in papers.reason(deal)
    assert papers.reason(order) == "Another document of the same deal is sent for it."
    return papers, deal, order


def test_a_document_is_sent_soon_after_the_other_of_its_deal_was_parked(selling: OpenPapers) -> None:
    """Promise: an order is left alone for an opportunity that waits for its product; within about an hour of that being
    parked it is sent, once, and is not looked at any more."""
    papers, deal, order = _on_its_way(selling)
    _hours(papers, 22)
    assert (papers.made(), papers.waiting()) == ([], {})
    while deal not in papers.waiting():
        _hours(papers, 1)
    _hours(papers, 2)
    assert papers.link(order) is not None
    looks = _reminders(papers)
    _hours(papers, 5)
    papers.only()
    assert _reminders(papers) == looks <= 27


def test_a_document_is_sent_soon_after_the_other_of_its_deal_is_not_due_any_more(selling: OpenPapers) -> None:
    """Promise: an opportunity that waits holds its order back; it is reopened, and the order is sent by itself."""
    papers, deal, order = _on_its_way(selling)
    papers.change("opportunities", deal, statecode=0, statuscode=1)
    _hours(papers, 3)
    assert papers.link(order) is not None
    assert (papers.link(deal), papers.waiting()) == (None, {})
    papers.only()


def test_a_document_is_looked_at_again_where_the_other_of_its_deal_is_about_to_be_sent(selling: OpenPapers) -> None:
    """Promise: an order that is left alone for an opportunity that a worker has just claimed is noted: it may fail."""
    papers = selling(DOCUMENTS="opportunity,salesorder")
    deal = papers.win(papers.opportunity(TEA))
    order = papers.sold(TEA, **made_from("deal", deal))
    state = papers.app.state
    state.crossrefs.begin([Pair(SHOP, "documents", Side.CRM, PairState.INTENT, "document", crm_id=deal)])
    page = Page(OUTWARD, SHOP, (Item(order),), Origin.POLL)
    (outcome,) = papers.app.engine(papers.app.job(OUTWARD, SHOP)).apply(page).outcomes
    assert outcome.verdict == "skipped"
    assert state.due.ripe(SHOP, OUTWARD, papers.clock.now() + timedelta(hours=1)) == [order]


def test_a_document_that_another_one_was_sent_for_is_not_looked_at_again(selling: OpenPapers) -> None:
    """Promise: where the other of its deal has its order, or a document is not due itself, no look is noted."""
    papers = selling(DOCUMENTS="opportunity,salesorder", PRODUCTS_CRM_TO_SHOPIFY_MODE="on")
    deal = papers.win(papers.opportunity(TEA))
    papers.run()
    sent_for = papers.sold(TEA, **made_from("deal", deal))
    waits = papers.win(papers.opportunity(product_line(papers, papers.goods("L-1"))))
    undue = papers.write(TEA, **made_from("deal", waits))
    _hours(papers, 5)
    assert papers.reason(sent_for) == "Another document of the same deal is sent for it."
    assert {each.verdict for each in papers.told_of(undue)} == {"skipped"}
    assert _reminders(papers) == 0
    papers.only()


def test_a_deal_that_is_never_sent_is_looked_at_ever_more_rarely(selling: OpenPapers) -> None:
    """Promise: an opportunity that the mapping leaves out keeps its order back; that costs a look an hour for two days,
    then one a day, and after sixty days none."""
    papers, deal, order = _on_its_way(selling)
    state = papers.app.state
    job = papers.app.job(OUTWARD, SHOP)
    page = Page(OUTWARD, SHOP, (Item(order),), Origin.REMINDER)
    (entered,) = (each for key, each in job.source.read([order]).records.items() if key == order)
    assert entered.modified_at is not None
    for days, wait in ((1, 1), (3, 24), (59, 24), (61, None)):
        state.due.remove(SHOP, OUTWARD, [order])
        papers.clock.advance((entered.modified_at + timedelta(days=days) - papers.clock.now()).total_seconds())
        papers.app.engine(job).apply(page)
        ripe = [h for h in (1, 24) if state.due.ripe(SHOP, OUTWARD, papers.clock.now() + timedelta(hours=h))]
        assert (ripe or [None])[0] == wait, days
    assert deal not in papers.waiting()


def test_two_workers_of_one_deal_make_one_order(selling: OpenPapers) -> None:
    """Promise: an order is decided on, and while its worker waits its opportunity is won and sent: one order."""
    papers = selling(DOCUMENTS=ALL)
    deal = papers.opportunity(TEA)
    papers.sold(TEA, **made_from("deal", deal))
    breaker = Breaker(papers, "pairs begin", "stalled before")

    def meanwhile() -> None:
        papers.win(deal)
        papers.app.state.queues.send(Message(OUTWARD, SHOP, Origin.COMMAND, ids=(deal,)))
        breaker.again()

    breaker.meanwhile = meanwhile
    breaker.run()
    papers.run()
    assert breaker.struck
    papers.only()
    assert papers.waiting() == {}


def test_documents_go_on_in_the_shop_they_were_sent_to(selling: OpenPapers) -> None:
    """Promise: with DOCUMENTS_SHOP changed what was sent is not sent to the new shop; its changes reach the old one."""
    papers = selling(SHOPIFY_SHOPS=f"{SHOP},{OTHER}", DOCUMENTS_SHOP="")
    order = papers.sold(TEA)
    here = Page(OUTWARD, SHOP, (Item(order),), Origin.COMMAND)
    (outcome,) = papers.app.engine(papers.app.job(OUTWARD, SHOP)).apply(here).outcomes
    assert outcome.verdict == "created"
    moved = papers.wired({**papers.environment, "DOCUMENTS_SHOP": OTHER})
    moved.state = papers.app.state
    there = Page(OUTWARD, OTHER, (Item(order),), Origin.COMMAND)
    (outcome,) = moved.engine(moved.job(OUTWARD, OTHER)).apply(there).outcomes
    assert (outcome.verdict, outcome.reason) == ("skipped", "Documents go to another shop (DOCUMENTS_SHOP).")
    papers.change("salesorders", order, description="Ring twice")
    (outcome,) = moved.engine(moved.job(OUTWARD, SHOP)).apply(here).outcomes
    assert outcome.verdict == "updated"
    assert papers.only()["note"] == "Ring twice"
