"""One document made from another: opportunities, quotes, orders, invoices, revisions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.dataverse.test_sales_actions import INVALID_STATE, act

from .conftest import fault
from .selling import KINDS, TOTALS, Shop


@pytest.mark.parametrize(("action", "kind"), [
    ("GenerateQuoteFromOpportunity", "quote"), ("GenerateSalesOrderFromOpportunity", "salesorder"),
    ("GenerateInvoiceFromOpportunity", "invoice")])
def test_generating_from_an_opportunity(shop: Shop, action: str, kind: str) -> None:
    """The new document has the opportunity's lines, existing and written in, its totals and its origin."""
    # convert an opportunity to a quote, sales order, or invoice
    product = shop.on_sale(amount=20)
    lead = shop.document("opportunity", [shop.existing(product, 2, manualdiscountamount=1), shop.written_in(5, tax=2)],
                         freightamount=3, discountpercentage=10)
    made = act(shop, action, {"OpportunityId": lead, "ColumnSet": {"AllColumns": True}})
    assert made.status_code == 200, made.text
    new_id = made.json()[f"{kind}id"]
    assert made.json()["@odata.type"] == f"#Microsoft.Dynamics.CRM.{kind}"
    assert [shop.row(new_id, kind)[t] for t in TOTALS] == [shop.row(lead, "opportunity")[t] for t in TOTALS]
    assert shop.row(new_id, kind)["_opportunityid_value"] == lead
    lines = shop.lines(new_id, kind)
    assert {(line["productname"], line["extendedamount"], line["quantity"]) for line in lines} == {
        ("Product P-1", 39, 2), ("Written in", 7, 1)}


def test_generated_prices_are_not_locked(shop: Shop) -> None:
    """An order generated from an opportunity takes current prices when it is opened."""
    # reference b.2: price-locked are orders from won quotes and invoices from orders
    lead = shop.document("opportunity", [shop.existing(shop.on_sale(amount=20))])
    body = {"OpportunityId": lead, "ColumnSet": {"Columns": ["totalamount"]}}
    made = act(shop, "GenerateSalesOrderFromOpportunity", body).json()
    assert made["totalamount"] == 20
    _reprice(shop, 25)
    assert shop.org.get(f"salesorders({made['salesorderid']})")["totalamount"] == 25


def test_column_set(shop: Shop) -> None:
    """An action answers with the columns its set names; without one, with the primary id alone."""
    # ReviseQuoteRequest.ColumnSet: assign null to retrieve only the primary key
    lead = shop.document("opportunity")
    made = act(shop, "GenerateQuoteFromOpportunity", {"OpportunityId": lead, "ColumnSet": {
        "AllColumns": False, "Columns": ["name", "customerid"]}}).json()
    assert {n for n in made if not n.startswith("@")} == {"quoteid", "name", "_customerid_value"}
    made = act(shop, "GenerateQuoteFromOpportunity", {"OpportunityId": lead}).json()
    assert {n for n in made if not n.startswith("@")} == {"quoteid"}
    answer = act(shop, "GenerateQuoteFromOpportunity", {"OpportunityId": lead, "ColumnSet": {"Columns": ["nope"]}})
    assert fault(answer) == (400, "0x80040203")


def _reprice(shop: Shop, amount: int) -> None:
    (item,) = shop.org.get("productpricelevels?$select=productpricelevelid")["value"]
    assert shop.org.patch(f"productpricelevels({item['productpricelevelid']})", {"amount": amount}).status_code == 204


def won_quote(shop: Shop, **more: Any) -> str:
    """A won quote with one catalogue line."""
    quote = shop.document("quote", [shop.existing(shop.on_sale(amount=20), 2)], **more)
    shop.activate(quote)
    assert shop.close_quote(quote, "WinQuote").status_code == 204
    return quote


def test_an_order_from_a_won_quote(shop: Shop) -> None:
    """The order has the quote's lines and prices, points to it, and is price-locked until it is unlocked."""
    # sample: process quotes, sales orders and invoices
    quote = won_quote(shop)
    made = act(shop, "ConvertQuoteToSalesOrder", {
        "QuoteId": quote, "ColumnSet": {"Columns": ["salesorderid", "totalamount"]}}).json()
    order = made["salesorderid"]
    assert (made["totalamount"], shop.row(order)["ispricelocked"], shop.row(order)["_quoteid_value"]) == (
        40, True, quote)
    (line,), (origin,) = shop.lines(order), shop.lines(quote, "quote")
    assert line["_quotedetailid_value"] == origin["quotedetailid"]
    _reprice(shop, 30)
    assert shop.org.get(f"salesorders({order})")["totalamount"] == 40
    assert act(shop, "UnlockSalesOrderPricing", {"SalesOrderId": order}).status_code == 204
    assert shop.org.get(f"salesorders({order})")["totalamount"] == 60
    assert act(shop, f"salesorders({order})/Microsoft.Dynamics.CRM.LockSalesOrderPricing").status_code == 204
    _reprice(shop, 50)
    assert shop.org.get(f"salesorders({order})")["totalamount"] == 60


def test_converting_an_active_quote_wins_it(shop: Shop) -> None:
    """An active quote is closed as won on the way, with the subject and date that were given."""
    # close a quote: when you create an order from a quote, the quote is automatically closed as won
    quote = shop.document("quote", [shop.written_in(10)])
    shop.activate(quote)
    answer = act(shop, "ConvertQuoteToSalesOrder", {
        "QuoteId": quote, "QuoteCloseSubject": "Yes", "QuoteCloseDate": "2026-02-01T00:00:00Z", "QuoteCloseStatus": 4})
    assert answer.status_code == 200
    (activity,) = shop.org.get(f"quotes({quote})/Quote_QuoteClose")["value"]
    assert (activity["subject"], activity["actualend"]) == ("Yes", "2026-02-01T00:00:00Z")
    assert shop.row(quote, "quote")["statecode"] == 2


def test_a_draft_quote_is_not_converted(shop: Shop) -> None:
    """A draft or closed quote does not become an order."""
    # sample: winning is necessary in order to convert a quote into a sales order
    quote = shop.document("quote")
    assert fault(act(shop, "ConvertQuoteToSalesOrder", {"QuoteId": quote})) == INVALID_STATE
    shop.activate(quote)
    shop.close_quote(quote)
    assert fault(act(shop, "ConvertQuoteToSalesOrder", {"QuoteId": quote})) == INVALID_STATE


def test_an_invoice_from_an_order(shop: Shop) -> None:
    """The invoice has the order's lines, points to it and is price-locked; the order becomes Invoiced."""
    # ConvertSalesOrderToInvoice; SetStateSalesOrder: Invoiced only by converting
    order = shop.document(lines=[shop.existing(shop.on_sale(amount=20), 2, tax=4)], freightamount=1)
    made = act(shop, "ConvertSalesOrderToInvoice", {"SalesOrderId": order, "ColumnSet": {"AllColumns": True}}).json()
    invoice = made["invoiceid"]
    assert (made["totalamount"], made["ispricelocked"], made["_salesorderid_value"]) == (45, True, order)
    assert made["invoicenumber"].startswith("INV-1000")
    (line,), (origin,) = shop.lines(invoice, "invoice"), shop.lines(order)
    assert line["_salesorderdetailid_value"] == origin["salesorderdetailid"]
    assert [shop.row(order)[c] for c in ("statecode", "statuscode")] == [4, 100003]
    assert fault(act(shop, "ConvertSalesOrderToInvoice", {"SalesOrderId": order})) == INVALID_STATE
    _reprice(shop, 30)
    assert shop.org.get(f"invoices({invoice})")["totalamount"] == 45
    assert act(shop, "UnlockInvoicePricing", {"InvoiceId": invoice}).status_code == 204
    assert shop.org.get(f"invoices({invoice})")["totalamount"] == 65


def test_a_canceled_order_is_not_invoiced(shop: Shop) -> None:
    """A canceled order does not become an invoice."""
    # create or edit orders: cancel orders for products that are not shipped
    order = shop.document()
    shop.fulfil(order, "CancelSalesOrder")
    assert fault(act(shop, "ConvertSalesOrderToInvoice", {"SalesOrderId": order})) == INVALID_STATE


def test_revising_a_quote(shop: Shop) -> None:
    """A closed quote becomes a new draft with the same number, its lines, and the next revision."""
    # ReviseQuote; sales transactions: the revision ID will increase by one
    quote = shop.document("quote", [shop.written_in(10)])
    shop.activate(quote)
    shop.close_quote(quote, status=7)
    made = act(shop, "ReviseQuote", {"QuoteId": quote, "ColumnSet": {"AllColumns": True}}).json()
    assert (made["revisionnumber"], made["statecode"], made["totalamount"]) == (1, 0, 10)
    assert made["quotenumber"] == shop.row(quote, "quote")["quotenumber"]
    assert made["quoteid"] != quote


@pytest.mark.parametrize("state", ["draft", "active", "revised"])
def test_revising_with_an_open_revision(shop: Shop, state: str) -> None:
    """While a draft or active quote of the number exists, none is revised."""
    # error code list, 0x80048D00
    quote = shop.document("quote")
    if state != "draft":
        shop.activate(quote)
    if state == "revised":
        shop.close_quote(quote, status=7)
        assert act(shop, "ReviseQuote", {"QuoteId": quote}).status_code == 200
    assert fault(act(shop, "ReviseQuote", {"QuoteId": quote})) == (400, "0x80048D00")


def test_a_won_quote_is_not_revised(shop: Shop) -> None:
    """After a quote is accepted it cannot be revised."""
    # create or edit orders: after a quote is accepted, you won't be able to revise it
    assert fault(act(shop, "ReviseQuote", {"QuoteId": won_quote(shop)})) == INVALID_STATE


@pytest.mark.parametrize(("kind", "action"), [
    ("quote", "GetQuoteProductsFromOpportunity"), ("salesorder", "GetSalesOrderProductsFromOpportunity"),
    ("invoice", "GetInvoiceProductsFromOpportunity")])
def test_getting_products_from_an_opportunity(shop: Shop, kind: str, action: str) -> None:
    """The opportunity's lines are added to an existing document."""
    # convert an opportunity ...: copying products; GetSalesOrderProductsFromOpportunity is bound to the order
    lead = shop.document("opportunity", [shop.written_in(10, 2)])
    header = shop.document(kind, [shop.written_in(1)])
    path = f"{KINDS[kind][0]}({header})/Microsoft.Dynamics.CRM.{action}"
    assert act(shop, path, {"Opportunity": {"opportunityid": lead}}).status_code == 204
    assert shop.total(header, kind) == 21
    assert act(shop, path, {"Opportunity": {"accountid": lead}}).status_code == 400
