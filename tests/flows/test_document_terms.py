"""Rule 86 of documents: payment terms, a payment that is pending, and one that came."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.conftest import OpenPapers
from tests.flows.test_document_notes import beside
from tests.support.papers import OUTWARD, Papers, mapped, text
from tests.support.plant import SHOP

ROUTES = ["draft", "order"]
NET_30, NET_60 = 1, 4
TERMS = """query { orders(first: 9, sortKey: ID) { nodes { id displayFinancialStatus paymentTerms { paymentTermsName
  paymentSchedules(first: 2) { nodes { issuedAt dueAt } } } transactions { kind status gateway } } } }"""
GIVE = """mutation($of: ID!, $t: PaymentTermsCreateInput!) { paymentTermsCreate(referenceId: $of,
  paymentTermsAttributes: $t) { userErrors { message } } }"""
BY_DATE = """from = "document.terms"
to = "sale.terms"
values = { 1 = "Net 30", 2 = "Net 30", 3 = "Net 45", 4 = "Net 60" }"""


def net(template: int) -> dict[str, Any]:
    """Terms as the merchant gives them."""
    issued = [{"issuedAt": "2026-11-23T00:00:00Z"}]
    return {"paymentTermsTemplateId": f"gid://shopify/PaymentTermsTemplate/{template}", "paymentSchedules": issued}


def order_of(papers: Papers) -> dict[str, Any]:
    """The one order, with its terms and payments."""
    (order,) = papers.merchant.call(TERMS)["orders"]["nodes"]
    return dict(order)


def named(order: dict[str, Any]) -> str | None:
    """The name of an order's terms."""
    return order["paymentTerms"] and str(order["paymentTerms"]["paymentTermsName"])


@pytest.mark.parametrize("route", ROUTES)
def test_rule_86_terms_stand_on_the_order_and_follow(selling: OpenPapers, route: str) -> None:
    """Promise: CRM's terms are the order's, on both routes; other terms are changed, none taken away, then silence."""
    papers = selling(DOCUMENT_ROUTE=route)
    document = papers.sold(text("Tea", 10), paymenttermscode=NET_30)
    papers.run()
    papers.equals(document)
    order = order_of(papers)
    assert (named(order), order["displayFinancialStatus"]) == ("Net 30", "PENDING")
    (first,) = order["paymentTerms"]["paymentSchedules"]["nodes"]
    papers.clock.advance(86_400)
    papers.change("salesorders", document, paymenttermscode=NET_60)
    papers.run()
    changed = order_of(papers)
    (second,) = changed["paymentTerms"]["paymentSchedules"]["nodes"]
    assert (named(changed), second["issuedAt"]) == ("Net 60", first["issuedAt"])
    assert beside(papers, document)["new_terms"] == "Net 60"
    papers.silent()
    papers.change("salesorders", document, paymenttermscode=None)
    papers.run()
    assert (named(order_of(papers)), papers.waiting()) == (None, {})
    papers.silent()


@pytest.mark.parametrize("route", ROUTES)
def test_rule_86_without_terms_payment_is_pending(selling: OpenPapers, route: str) -> None:
    """Promise: an unpaid document without terms is one sale whose payment is to come."""
    papers = selling(DOCUMENT_ROUTE=route)
    papers.sold(text("Tea", 10))
    papers.run()
    order = order_of(papers)
    assert (named(order), order["displayFinancialStatus"]) == (None, "PENDING")
    assert [(each["kind"], each["status"]) for each in order["transactions"]] == [("SALE", "PENDING")]


@pytest.mark.parametrize("route", ROUTES)
def test_rule_86_a_paid_invoice_has_one_payment_and_no_terms(selling: OpenPapers, route: str) -> None:
    """Promise: what CRM has as paid is paid by one payment; its terms are over and nothing is parked for them."""
    papers = selling(DOCUMENTS="invoice", DOCUMENT_INVOICE_REASONS="4,100001", DOCUMENT_ROUTE=route)
    papers.pay(papers.write(text("Tea", 10), table="invoice", paymenttermscode=NET_30))
    papers.run()
    order = order_of(papers)
    assert (named(order), order["displayFinancialStatus"]) == (None, "PAID")
    assert [(each["kind"], each["status"]) for each in order["transactions"]] == [("SALE", "SUCCESS")]
    assert papers.waiting() == {}
    papers.silent()


def test_rule_86_an_invoice_is_paid_after_its_goods_were_shipped(selling: OpenPapers) -> None:
    """Promise: terms changed and money come after the shipping reach the order: none of it is what was shipped."""
    papers = selling(DOCUMENTS="invoice")
    invoice = papers.bill(papers.write(text("Tea", 10), table="invoice", paymenttermscode=NET_30))
    papers.run()
    papers.fulfil(papers.only()["legacyResourceId"])
    papers.change("invoices", invoice, paymenttermscode=NET_60)
    papers.run()
    assert named(order_of(papers)) == "Net 60"
    papers.pay(invoice)
    papers.run()
    assert (order_of(papers)["displayFinancialStatus"], papers.waiting()) == ("PAID", {})
    papers.silent()


@pytest.mark.parametrize("route", ROUTES)
def test_rule_86_a_due_date_can_be_the_terms(selling: OpenPapers, tmp_path: Any, route: str) -> None:
    """Promise: mapped to the invoice's due date the order has fixed terms of that very day, and follows it."""
    by_date = 'from = "document.due"\nto = "sale.terms"'
    folder = mapped(tmp_path, BY_DATE, by_date)
    papers = selling(DOCUMENTS="invoice", DOCUMENT_ROUTE=route, MAPPINGS_DIR=folder)
    invoice = papers.bill(papers.write(text("Tea", 10), table="invoice", duedate="2027-01-15"))
    papers.run()
    order = order_of(papers)
    (schedule,) = order["paymentTerms"]["paymentSchedules"]["nodes"]
    assert (named(order), schedule["dueAt"][:10]) == ("Fixed", "2027-01-15")
    papers.change("invoices", invoice, duedate="2027-02-15")
    papers.run()
    (schedule,) = order_of(papers)["paymentTerms"]["paymentSchedules"]["nodes"]
    assert (schedule["dueAt"][:10], papers.waiting()) == ("2027-02-15", {})
    papers.silent()


@pytest.mark.parametrize("route", ROUTES)
def test_rule_86_terms_that_shopify_does_not_have(selling: OpenPapers, tmp_path: Any, route: str) -> None:
    """Promise: unknown terms park the document before anything is sold, and the sentence names those there are."""
    folder = mapped(tmp_path, '1 = "Net 30", 2', '1 = "Net 33", 2')
    papers = selling(DOCUMENT_ROUTE=route, MAPPINGS_DIR=folder)
    document = papers.sold(text("Tea", 10), paymenttermscode=NET_30)
    papers.run()
    code, sentence = papers.waiting()[document]
    assert (code, "'Net 33'" in sentence, "Net 30, Net 45" in sentence) == ("Invalid", True, True)
    assert (papers.made(), papers.drafts()) == ([], [])
    papers.change("salesorders", document, paymenttermscode=NET_60)
    papers.run()
    assert (named(order_of(papers)), papers.waiting()) == ("Net 60", {})


def test_terms_that_the_merchant_gives_stay(papers: Papers) -> None:
    """Promise: terms given in Shopify to an order whose document has none are left, and shown beside the document."""
    document = papers.sold(text("Tea", 10))
    papers.run()
    papers.done(GIVE, of=papers.only()["id"], t=net(3))
    papers.run()
    papers.change("salesorders", document, description="changed")
    papers.run()
    assert (named(order_of(papers)), beside(papers, document)["new_terms"]) == ("Net 15", "Net 15")
    assert list(papers.app.state.parked.list(SHOP, OUTWARD)) == []
    papers.silent()


def test_terms_of_a_shops_own_order_reach_its_crm_order(selling: OpenPapers) -> None:
    """Promise: the orders' flow has the name of the terms in the CRM order, and another when they change."""
    papers = selling(ORDERS_SHOPIFY_TO_CRM_MODE="on", ORDERS_SINCE="2020-01-01")
    number = papers.order()
    papers.done(GIVE, of=f"gid://shopify/Order/{number}", t=net(4))
    papers.run()
    (order,) = papers.crm_orders()
    assert order["new_shopifyterms"] == "Net 30"
