"""States of opportunities, quotes, orders and invoices: what changes them, and what closed documents refuse."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.dataverse.test_documents import READ_ONLY

from .conftest import fault
from .selling import KINDS, Shop


def closed(shop: Shop, kind: str) -> str:
    """A document with one line in a state that is read-only."""
    header = shop.document(kind, [shop.written_in(10)])
    if kind == "salesorder":
        assert shop.fulfil(header).status_code == 204
    elif kind == "invoice":
        assert shop.org.patch(f"invoices({header})", {"statecode": 2}).status_code == 204
    elif kind == "quote":
        shop.activate(header)
    else:
        assert shop.close_opportunity(header).status_code == 204
    return header


@pytest.mark.parametrize("kind", KINDS)
def test_closed_documents_are_read_only(shop: Shop, kind: str) -> None:
    """A fulfilled order, a paid invoice, an active quote and a won opportunity refuse edits."""
    # sales privacy page: states in which records become read-only; close opportunities
    header = closed(shop, kind)
    assert fault(shop.org.patch(f"{KINDS[kind][0]}({header})", {"description": "later"})) == READ_ONLY


@pytest.mark.parametrize("kind", KINDS)
def test_lines_of_closed_documents_are_read_only(shop: Shop, kind: str) -> None:
    """Lines of a closed document can be neither added nor changed nor deleted."""
    # error code list, 0x80043B09
    header = closed(shop, kind)
    (line,) = shop.lines(header, kind)
    key = "opportunityproductid" if kind == "opportunity" else f"{KINDS[kind][2][:-1]}id"
    path = f"{KINDS[kind][2]}({line[key]})"
    for answer in (shop.add(header, shop.written_in(), kind), shop.org.patch(path, {"quantity": 2}),
                   shop.org.call("DELETE", path)):
        assert fault(answer) == (400, "0x80043B09")
    assert shop.total(header, kind) == 10


@pytest.mark.parametrize("kind", ["salesorder", "invoice", "quote"])
def test_administrators_may_edit_closed_documents(shop: Shop, kind: str) -> None:
    """A system administrator may still change plain columns of a closed quote, order or invoice."""
    # sales privacy page: a system administrator can edit read-only records
    header = closed(shop, kind)
    changed = shop.org.patch(f"{KINDS[kind][0]}({header})", {"description": "erased"}, actor="admin")
    assert changed.status_code == 204


@pytest.mark.parametrize("kind", KINDS)
def test_deleting_a_closed_document_takes_its_lines(shop: Shop, kind: str) -> None:
    """A document that is deleted takes its lines along, whatever its state."""
    # entity reference: order_details and its kin, Delete: Cascade
    header = closed(shop, kind)
    assert shop.org.call("DELETE", f"{KINDS[kind][0]}({header})").status_code == 204
    assert shop.lines(header, kind) == []


def test_lines_show_state_and_lock(shop: Shop) -> None:
    """Lines repeat the state and the price lock of their order."""
    # salesorderdetail entity page: salesorderstatecode, salesorderispricelocked
    header = shop.document(lines=[shop.written_in()], ispricelocked=True)
    shop.fulfil(header)
    (line,) = shop.lines(header)
    assert (line["salesorderstatecode"], line["salesorderispricelocked"]) == (3, True)


def test_submitting_an_order(shop: Shop) -> None:
    """An order is submitted and taken back by its state; submitted it is read-only."""
    # reference b.2: salesorder Active to Submitted; sales privacy page
    header = shop.document()
    assert shop.org.patch(f"salesorders({header})", {"statecode": 1, "statuscode": 3}).status_code == 204
    assert fault(shop.org.patch(f"salesorders({header})", {"name": "x"})) == READ_ONLY
    assert shop.org.patch(f"salesorders({header})", {"statecode": 0, "statuscode": 1}).status_code == 204


@pytest.mark.parametrize(("state", "word"), [
    (2, "use the CancelSalesOrderRequest Request message instead."),
    (3, "use the FullfillSalesOrder Request. Request message instead."), (4, "ConvertSalesOrderToInvoice")])
def test_orders_close_by_actions_only(shop: Shop, state: int, word: str) -> None:
    """Canceled, Fulfilled and Invoiced cannot be set by an update; the answer names the action."""
    # forum answer and issue with the platform's text; SetStateSalesOrder: not to Invoiced
    header = shop.document()
    answer = shop.org.patch(f"salesorders({header})", {"statecode": state})
    assert (answer.status_code, word in answer.json()["error"]["message"]) == (400, True)
    assert shop.row(header)["statecode"] == 0


def test_reason_within_the_state(shop: Shop) -> None:
    """A status reason of the same state may be set by itself, one of another state not."""
    # reference b.2: 0x80048408
    header = shop.document()
    assert shop.org.patch(f"salesorders({header})", {"statuscode": 2}).status_code == 204
    assert fault(shop.org.patch(f"salesorders({header})", {"statuscode": 100001})) == (400, "0x80048408")


def test_a_fulfilled_order_stays(shop: Shop) -> None:
    """A fulfilled order is not made active again, nor its reason changed, by an update."""
    # create or edit orders: you can't update or change an order after it has been closed
    header = closed(shop, "salesorder")
    for body in ({"statecode": 0}, {"statuscode": 100002}):
        assert fault(shop.org.patch(f"salesorders({header})", body)) == READ_ONLY


def test_paying_and_cancelling_invoices(shop: Shop) -> None:
    """An active invoice is paid, an active or paid one cancelled, by its state."""
    # create or edit an invoice: closed by canceling or setting the status as paid
    header = shop.document("invoice")
    assert shop.org.patch(f"invoices({header})", {"statecode": 2, "statuscode": 100002}).status_code == 204
    assert shop.org.patch(f"invoices({header})", {"statecode": 3}).status_code == 204
    assert shop.row(header, "invoice")["statuscode"] == 100003


@pytest.mark.parametrize(("first", "then", "code"), [
    (2, 2, "0x80100000"), (3, 2, "0x80100000"), (3, 3, "0x80100001"), (0, 1, "0x80043B25"), (2, 0, "0x8004022E")])
def test_refused_invoice_states(shop: Shop, first: int, then: int, code: str) -> None:
    """Only an active invoice is paid, only an active or paid one cancelled, and none closed the deprecated way."""
    # error code list: CannotPayNonActiveInvoice, CannotCancelInvoice, the deprecated Invoice Close API
    header = shop.document("invoice")
    if first:
        assert shop.org.patch(f"invoices({header})", {"statecode": first}).status_code == 204
    assert fault(shop.org.patch(f"invoices({header})", {"statecode": then})) == (400, code)


def test_quote_states_by_update(shop: Shop) -> None:
    """A quote is activated from draft only, and an active one may go back to draft."""
    # sales-transactions: understanding quote stages; error code list, 0x80100003
    quote = shop.document("quote")
    shop.activate(quote)
    assert fault(shop.org.patch(f"quotes({quote})", {"statecode": 1})) == (400, "0x80100003")
    assert shop.org.patch(f"quotes({quote})", {"statecode": 0}).status_code == 204


@pytest.mark.parametrize(("state", "word"), [(2, "WinQuoteRequest"), (3, "CloseQuoteRequest")])
def test_quotes_close_by_actions_only(shop: Shop, state: int, word: str) -> None:
    """Won and Closed cannot be set by an update; the answer names the request."""
    # blog with the platform's text: please use the CloseQuoteRequest instead
    quote = shop.document("quote")
    shop.activate(quote)
    answer = shop.org.patch(f"quotes({quote})", {"statecode": state})
    assert (answer.status_code, word in answer.text) == (400, True)


def test_a_won_quote_becomes_editable_as_a_draft(shop: Shop) -> None:
    """A won quote may be set back to draft and is editable then."""
    # markcarrington.dev, read-only sales entities: make it editable by changing the state back to Draft
    quote = shop.document("quote")
    shop.activate(quote)
    assert shop.close_quote(quote, "WinQuote").status_code == 204
    assert shop.org.patch(f"quotes({quote})", {"statecode": 0}).status_code == 204
    assert shop.org.patch(f"quotes({quote})", {"description": "x"}).status_code == 204


@pytest.mark.parametrize(("state", "word"), [(1, "won"), (2, "lost")])
def test_opportunities_close_by_actions_only(shop: Shop, state: int, word: str) -> None:
    """Won and lost cannot be set by an update; the answer names the message."""
    # error code list, 0x80100005
    header = shop.document("opportunity")
    answer = shop.org.patch(f"opportunities({header})", {"statecode": state})
    assert fault(answer) == (400, "0x80100005")
    assert answer.json()["error"]["message"] == (
        f"This message can not be used to set the state of opportunity to {word}. In order to set state of "
        f"opportunity to {word}, use the {word} message instead.")


def test_reopening_an_opportunity(shop: Shop) -> None:
    """A closed opportunity is reopened by its state and editable again; an open one cannot be reopened."""
    # close opportunities: reopen a closed opportunity; error code list, 0x8004051A
    header = closed(shop, "opportunity")
    assert shop.org.patch(f"opportunities({header})", {"statecode": 0, "statuscode": 1}).status_code == 204
    assert shop.org.patch(f"opportunities({header})", {"description": "x"}).status_code == 204
    assert fault(shop.org.patch(f"opportunities({header})", {"statecode": 0})) == (400, "0x8004051A")
    assert shop.org.patch(f"opportunities({header})", {"statecode": 0, "statuscode": 2}).status_code == 204


def test_default_price_lists_stay_active(shop: Shop) -> None:
    """A price list that is somebody's default cannot be deactivated."""
    # error code list, 0x80043B04
    path = f"pricelevels({shop.org.id_of('pricelevel')})"
    shop.org.patch(f"accounts({shop.account})", {"defaultpricelevelid@odata.bind": f"/{path}"})
    assert fault(shop.org.patch(path, {"statecode": 1})) == (400, "0x80043B04")


@pytest.mark.parametrize(("amounts", "body", "code"), [
    (True, {"amount": 1, "percentage": 2}, "0x80043B1F"), (True, {"percentage": 2}, "0x80043B20"),
    (False, {"amount": 1}, "0x80043B21"), (True, {"amount": 1, "lowquantity": 9, "highquantity": 8}, "0x80043B01"),
    (True, {"amount": 1, "lowquantity": 3, "highquantity": 8}, "0x80043B02")])
def test_refused_discounts(shop: Shop, amounts: bool, body: dict[str, Any], code: str) -> None:
    """A discount is an amount or a percentage as its list says, in a range that overlaps no other."""
    # error code list: DiscountAmountAndPercent, DiscountAmount, DiscountPercent, LowQuantity..., DiscountRangeOverlap
    kind = shop.org.create("discounttypes", {"name": "D", "isamounttype": amounts})
    base = {"name": "R", "discounttypeid@odata.bind": f"/discounttypes({kind})"}
    worth = {"amount": 1} if amounts else {"percentage": 1}
    shop.org.create("discounts", {**base, "lowquantity": 1, "highquantity": 5, **worth})
    answer = shop.org.call("POST", "discounts", {**base, "lowquantity": 6, "highquantity": 9, **body})
    assert fault(answer) == (400, code)


def test_discount_list_in_another_currency(shop: Shop) -> None:
    """A list of amounts must be in the price list's currency; one of percentages need not."""
    # error code list, 0x80048CF8
    product, usd = shop.on_sale(amount=None), f"/transactioncurrencies({shop.org.id_of('currency/USD')})"
    for amounts, expected in ((True, 400), (False, 204)):
        kind = shop.org.create("discounttypes", {
            "name": "D", "isamounttype": amounts, "transactioncurrencyid@odata.bind": usd})
        answer = shop.org.call("POST", "productpricelevels", {
            **shop.org.price_body(product), "discounttypeid@odata.bind": f"/discounttypes({kind})"})
        assert answer.status_code == expected
        if amounts:
            assert fault(answer) == (400, "0x80048CF8")


def test_percentage_price_in_another_currency(shop: Shop) -> None:
    """A percentage of a product's price needs a price list in the product's currency."""
    # error code list, 0x80048CF9
    product = shop.org.product(price=5, **{
        "transactioncurrencyid@odata.bind": f"/transactioncurrencies({shop.org.id_of('currency/USD')})"})
    answer = shop.org.call("POST", "productpricelevels", {
        **shop.org.price_body(product), "pricingmethodcode": 2, "percentage": 90})
    assert fault(answer) == (400, "0x80048CF9")


def test_header_price_list_change_reprices_the_lines(shop: Shop) -> None:
    """With another price list on the header its lines take that list's prices."""
    # reference b.4: price lookup by the record's price list
    product = shop.on_sale(amount=10)
    other = shop.org.create("pricelevels", {"name": "Cheap"})
    bind = {"pricelevelid@odata.bind": f"/pricelevels({other})"}
    shop.org.create("productpricelevels", {**shop.org.price_body(product, 7), **bind})
    header = shop.document(lines=[shop.existing(product, 2)])
    shop.org.patch(f"salesorders({header})", bind)
    assert shop.total(header) == 14


def test_totals_show_in_change_tracking(shop: Shop) -> None:
    """A header whose total moved with a line is among the changed rows."""
    # reference a.6: a line change also touches the header through pricing [M]
    header = shop.document()
    shop.org.track("salesorder")
    first = shop.org.get("salesorders?$select=totalamount", Prefer="odata.track-changes")["@odata.deltaLink"]
    shop.line(header, shop.written_in(10))
    (changed,) = shop.org.get(first, Prefer="odata.track-changes")["value"]
    assert changed["totalamount"] == 10
