"""Actions on documents and products, by the names and parameters they are documented with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import fault
from .selling import KINDS, TOTALS, Shop

INVALID_STATE = (400, "0x80040233")


def act(shop: Shop, path: str, body: dict[str, Any] | None = None, actor: str = "app") -> Any:
    """The answer to an action."""
    return shop.org.call("POST", path, body or {}, actor)


# closing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("action", "status", "state", "reason"), [
    ("FulfillSalesOrder", -1, 3, 100001), ("FulfillSalesOrder", 100002, 3, 100002), ("CancelSalesOrder", -1, 2, 4),
    ("CancelSalesOrder", 4, 2, 4)])
def test_closing_an_order(shop: Shop, action: str, status: int, state: int, reason: int) -> None:
    """Fulfilling and cancelling set state and reason (-1 the default one) and leave an order close activity."""
    # FulfillSalesOrder, CancelSalesOrder; reference b.2
    order = shop.document(lines=[shop.written_in(10)])
    answer = shop.fulfil(order, action, status)
    assert (answer.status_code, answer.content) == (204, b"")
    row = shop.row(order)
    assert (row["statecode"], row["statuscode"], row["totalamount"]) == (state, reason, 10)
    (activity,) = shop.org.get(f"salesorders({order})/SalesOrder_OrderClose")["value"]
    assert (activity["subject"], activity["statecode"], activity["statuscode"]) == ("Done", 1, 2)
    assert (activity["ordernumber"], activity["actualend"]) == (row["ordernumber"], "2026-03-01T12:00:00Z")


def test_closing_an_order_twice(shop: Shop) -> None:
    """A closed order is neither fulfilled nor cancelled again."""
    # create or edit orders: an order can't be changed after it has been closed
    order = shop.document()
    shop.fulfil(order)
    assert fault(shop.fulfil(order)) == INVALID_STATE
    assert fault(shop.fulfil(order, "CancelSalesOrder")) == INVALID_STATE


def test_closing_with_a_reason_of_another_state(shop: Shop) -> None:
    """The status must belong to the state the action sets; nothing changes otherwise."""
    # reference b.2: 0x80048408
    order = shop.document()
    assert fault(shop.fulfil(order, status=4)) == (400, "0x80048408")
    assert (shop.row(order)["statecode"], shop.org.get("ordercloses")["value"]) == (0, [])


@pytest.mark.parametrize("body", [{}, {"OrderClose": {"subject": "x"}}, {"Status": -1},
                                  {"OrderClose": {"subject": "x"}, "Status": -1},
                                  {"OrderClose": {"subject": "x"}, "Status": "now"},
                                  {"OrderClose": {"subject": "x"}, "Status": -1, "Extra": 1}])
def test_actions_check_their_parameters(shop: Shop, body: dict[str, Any]) -> None:
    """A parameter that is missing, of the wrong type or unknown is refused."""
    # use-web-api-actions: parameters
    assert act(shop, "FulfillSalesOrder", body).status_code == 400


def test_closing_an_order_that_is_not_there(shop: Shop) -> None:
    """An unknown order answers 404."""
    # reference a.8: 0x80040217
    assert shop.fulfil("00000000-0000-0000-0000-000000000001").status_code == 404


def test_wrong_verb_on_an_action(shop: Shop) -> None:
    """An action called with GET answers 404."""
    # reference a.5: wrong verb
    assert shop.org.call("GET", "FulfillSalesOrder").status_code == 404


def test_winning_an_opportunity(shop: Shop) -> None:
    """Winning sets state, revenue and close date, and leaves an opportunity close activity."""
    # WinOpportunity; close opportunities as won or lost
    lead = shop.document("opportunity", [shop.written_in(10, 3)], isrevenuesystemcalculated=True)
    assert shop.close_opportunity(lead, status=3).status_code == 204
    row = shop.row(lead, "opportunity")
    assert (row["statecode"], row["statuscode"], row["actualvalue"]) == (1, 3, 30)
    assert row["actualclosedate"].startswith("2026-03-01")
    (activity,) = shop.org.get(f"opportunities({lead})/Opportunity_OpportunityClose")["value"]
    assert (activity["actualrevenue"], activity["statecode"]) == (30, 1)


@pytest.mark.parametrize(("status", "reason"), [(-1, 4), (4, 4), (5, 5)])
def test_losing_an_opportunity(shop: Shop, status: int, reason: int) -> None:
    """Losing takes one of the reasons of lost, and the revenue that was entered."""
    # LoseOpportunity; close opportunities as won or lost
    lead = shop.document("opportunity")
    assert shop.close_opportunity(lead, "LoseOpportunity", status, actualrevenue=7).status_code == 204
    row = shop.row(lead, "opportunity")
    assert (row["statecode"], row["statuscode"], row["actualvalue"]) == (2, reason, 7)


@pytest.mark.parametrize("action", ["WinOpportunity", "LoseOpportunity"])
def test_closing_a_closed_opportunity(shop: Shop, action: str) -> None:
    """An opportunity that is closed cannot be closed again."""
    # troubleshooting opportunities: already closed; error code list, 0x80040515
    lead = shop.document("opportunity")
    shop.close_opportunity(lead)
    assert fault(shop.close_opportunity(lead, action)) == (400, "0x80040515")


@pytest.mark.parametrize("active", [False, True])
def test_open_quotes_keep_an_opportunity_open(shop: Shop, active: bool) -> None:
    """With a draft or active quote the opportunity cannot be closed; with a closed one it can."""
    # troubleshooting opportunities: the opportunity can't be closed; error code list, 0x80040516
    lead = shop.document("opportunity")
    quote = shop.document("quote", **{"opportunityid@odata.bind": f"/opportunities({lead})"})
    if active:
        shop.activate(quote)
    assert fault(shop.close_opportunity(lead)) == (400, "0x80040516")
    if active:
        shop.close_quote(quote)
        assert shop.close_opportunity(lead).status_code == 204


def test_winning_a_quote(shop: Shop) -> None:
    """Winning an active quote sets Won and leaves a quote close activity with number and revision."""
    # WinQuote
    quote = shop.document("quote")
    shop.activate(quote)
    assert shop.close_quote(quote, "WinQuote").status_code == 204
    row = shop.row(quote, "quote")
    assert (row["statecode"], row["statuscode"], row["closedon"]) == (2, 4, "2026-03-01T12:00:00Z")
    (activity,) = shop.org.get(f"quotes({quote})/Quote_QuoteClose")["value"]
    assert (activity["quotenumber"], activity["revision"]) == (row["quotenumber"], 0)


@pytest.mark.parametrize(("status", "reason"), [(-1, 5), (5, 5), (6, 6), (7, 7)])
def test_closing_a_quote(shop: Shop, status: int, reason: int) -> None:
    """An active quote is closed as lost, canceled or revised."""
    # CloseQuote; close a quote: status reason
    quote = shop.document("quote")
    shop.activate(quote)
    assert shop.close_quote(quote, status=status).status_code == 204
    assert [shop.row(quote, "quote")[c] for c in ("statecode", "statuscode")] == [3, reason]


@pytest.mark.parametrize("action", ["WinQuote", "CloseQuote"])
def test_a_draft_quote_cannot_be_closed(shop: Shop, action: str) -> None:
    """A quote is closed or won only when it is active."""
    # close a quote: only when it's in the Active state
    assert fault(shop.close_quote(shop.document("quote"), action)) == INVALID_STATE


# converting -----------------------------------------------------------------------------------------------------


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


# prices ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "action"), [("salesorder", "SalesOrder"), ("invoice", "Invoice")])
def test_locking_twice(shop: Shop, kind: str, action: str) -> None:
    """Locking a locked document and unlocking an unlocked one answer with their own codes."""
    # error code list: 0x80043B1D EntityIsLocked, 0x80043B1E EntityIsUnlocked
    header = shop.document(kind)
    lock = f"{KINDS[kind][0]}({header})/Microsoft.Dynamics.CRM.Lock{action}Pricing"
    unlock = {f"{action}Id": header}
    assert fault(act(shop, f"Unlock{action}Pricing", unlock)) == (400, "0x80043B1E")
    assert act(shop, lock).status_code == 204
    assert shop.row(header, kind)["ispricelocked"] is True
    assert fault(act(shop, lock)) == (400, "0x80043B1D")
    assert act(shop, f"Unlock{action}Pricing", unlock).status_code == 204


def test_locking_a_closed_order(shop: Shop) -> None:
    """The prices of a closed order are neither locked nor unlocked."""
    # create or edit orders: an order can't be changed after it has been closed
    order = shop.document()
    shop.fulfil(order)
    answer = act(shop, f"salesorders({order})/Microsoft.Dynamics.CRM.LockSalesOrderPricing")
    assert fault(answer) == (400, "0x8004022E")


def test_bound_actions_belong_to_their_table(shop: Shop) -> None:
    """A bound action called without its row, on another table or with GET answers 404."""
    # LockSalesOrderPricing: bound to the salesorder entity type
    order = shop.document()
    name = "Microsoft.Dynamics.CRM.LockSalesOrderPricing"
    assert act(shop, "LockSalesOrderPricing").status_code == 404
    assert act(shop, f"accounts({shop.account})/{name}").status_code == 404
    assert shop.org.call("GET", f"salesorders({order})/{name}").status_code == 404
    assert act(shop, f"salesorders(00000000-0000-0000-0000-000000000001)/{name}").status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_recalculating(shop: Shop, kind: str) -> None:
    """RecalculatePrice brings a document's prices up to date without opening it."""
    # RecalculatePrice action page
    header = shop.document(kind, [shop.existing(shop.on_sale(amount=10))])
    _reprice(shop, 12)
    assert act(shop, "RecalculatePrice", {"entityLogicalName": kind, "entityId": header}).status_code == 204
    assert shop.total(header, kind) == 12
    answer = act(shop, "RecalculatePrice", {"entityLogicalName": "account", "entityId": shop.account})
    assert fault(answer) == (400, "0x80100008")


def test_calculate_price_does_nothing_by_itself(shop: Shop) -> None:
    """CalculatePrice is accepted and changes nothing: it exists for plug-ins."""
    # use-custom-pricing-products: the message doesn't have any usage scenario of its own
    header = shop.document(lines=[shop.existing(shop.on_sale(amount=10))])
    _reprice(shop, 12)
    target = {"@odata.type": "Microsoft.Dynamics.CRM.salesorder", "salesorderid": header}
    assert act(shop, "CalculatePrice", {"Target": target}).status_code == 204
    assert shop.total(header) == 10


def test_deleting_a_line_without_calculating(shop: Shop) -> None:
    """The line goes and the header keeps its totals until it is calculated again."""
    # DeleteOQOILineWithSkipPricingCalculation page
    header = shop.document(lines=[shop.written_in(10), shop.written_in(5)])
    (first, _) = shop.lines(header)
    body = {"entityLogicalName": "salesorderdetail", "entityId": first["salesorderdetailid"]}
    assert act(shop, "DeleteOQOILineWithSkipPricingCalculation", body).status_code == 204
    assert (len(shop.lines(header)), shop.total(header)) == (1, 15)
    assert act(shop, "DeleteOQOILineWithSkipPricingCalculation", body).status_code == 404
    assert shop.org.get(f"salesorders({header})")["totalamount"] == 5


def test_actions_in_a_change_set(shop: Shop) -> None:
    """An order that is made and fulfilled in one change set is priced and closed, or neither."""
    # execute-batch-operations: change sets
    def run(status: int) -> Any:
        close = {"OrderClose": {"subject": "x", "salesorderid@odata.bind": "$1"}, "Status": status}
        parts = [("salesorders", {**shop.head(), "order_details": [shop.written_in(10)]}), ("FulfillSalesOrder", close)]
        text = "".join(
            f"--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {n}\r\n\r\n"
            f"POST /api/data/v9.2/{path} HTTP/1.1\r\nContent-Type: application/json; type=entry\r\n\r\n"
            f"{json.dumps(body)}\r\n" for n, (path, body) in enumerate(parts, 1))
        body = f"--b\r\nContent-Type: multipart/mixed; boundary=\"c\"\r\n\r\n{text}--c--\r\n--b--\r\n"
        return shop.org.call("POST", "$batch", body.encode(), Content_Type='multipart/mixed; boundary="b"')

    assert run(4).status_code == 400
    assert shop.org.get("salesorders")["value"] == []
    assert run(-1).status_code == 200
    (row,) = shop.org.get("salesorders")["value"]
    assert (row["totalamount"], row["statecode"]) == (10, 3)


# products -------------------------------------------------------------------------------------------------------


def family(shop: Shop) -> tuple[str, str, str]:
    """A family with a family below and a product in that."""
    top = shop.org.product("F1", productstructure=2)
    middle = shop.org.product("F2", productstructure=2, **{"parentproductid@odata.bind": f"/products({top})"})
    leaf = shop.org.product("C", **{"parentproductid@odata.bind": f"/products({middle})"})
    return top, middle, leaf


def states(shop: Shop, *products: str) -> list[int]:
    """The states of products."""
    return [shop.org.get(f"products({p})?$select=statecode")["statecode"] for p in products]


def test_publishing_a_hierarchy(shop: Shop) -> None:
    """A family is published with every family and product below it; the action is bound to the product."""
    # PublishProductHierarchy; publish, revise, revert, retire
    members = family(shop)
    path = f"products({members[0]})/Microsoft.Dynamics.CRM.PublishProductHierarchy"
    assert act(shop, path).status_code == 204
    assert states(shop, *members) == [0, 0, 0]


def test_publishing_a_single_product_as_hierarchy(shop: Shop) -> None:
    """The message works with a family only."""
    # publish, revise, ...: you can use this message only with a product family record
    path = f"products({shop.org.product('P')})/Microsoft.Dynamics.CRM.PublishProductHierarchy"
    assert fault(act(shop, path)) == (400, "0x8004F90A")


def test_revising_and_retiring_a_family(shop: Shop) -> None:
    """Revising a family revises its children, retiring it retires them, and none comes back."""
    # publish, revise, ...: revise and retire a product family; you can't activate a retired family
    members = family(shop)
    act(shop, f"products({members[0]})/Microsoft.Dynamics.CRM.PublishProductHierarchy")
    shop.org.patch(f"products({members[0]})", {"statecode": 3})
    assert states(shop, *members) == [3, 3, 3]
    assert shop.org.patch(f"products({members[0]})", {"statecode": 1}).status_code == 204
    assert states(shop, *members) == [1, 1, 1]
    for member in members:
        assert fault(shop.org.patch(f"products({member})", {"statecode": 0})) == (400, "0x80081017")


def test_a_child_that_cannot_retire(shop: Shop) -> None:
    """When a child cannot follow its family, the whole operation fails and names it."""
    # error code list, 0x8008100F HierarchicalOperationFailed
    members = family(shop)
    act(shop, f"products({members[0]})/Microsoft.Dynamics.CRM.PublishProductHierarchy")
    shop.org.price(members[2])
    answer = shop.org.patch(f"products({members[1]})", {"statecode": 1})
    assert fault(answer) == (400, "0x8008100F")
    assert "Product C" in answer.text
    assert states(shop, *members) == [0, 0, 0]


def test_reverting_a_product(shop: Shop) -> None:
    """A product under revision goes back to its last active version; what was changed since is lost."""
    # RevertProduct; publish, revise, revert
    product = shop.on_sale(quantitydecimal=1)
    shop.org.patch(f"products({product})", {"statecode": 3})
    shop.org.patch(f"products({product})", {"name": "Draft name", "quantitydecimal": 4})
    target = {"Target": {"@odata.type": "Microsoft.Dynamics.CRM.product", "productid": product}}
    assert act(shop, "RevertProduct", target).status_code == 204
    row = shop.org.get(f"products({product})")
    assert (row["name"], row["quantitydecimal"], row["statecode"], row["statuscode"]) == ("Product P-1", 1, 0, 1)
    assert fault(act(shop, "RevertProduct", target)) == INVALID_STATE


def test_reverting_a_family(shop: Shop) -> None:
    """A family is reverted together with its children."""
    # publish, revise, revert: it reverts the product family and its child records
    members = family(shop)
    act(shop, f"products({members[0]})/Microsoft.Dynamics.CRM.PublishProductHierarchy")
    shop.org.patch(f"products({members[0]})", {"statecode": 3})
    shop.org.patch(f"products({members[2]})", {"name": "New"})
    assert act(shop, "RevertProduct", {"Target": {"productid": members[0]}}).status_code == 204
    assert states(shop, *members) == [0, 0, 0]
    assert shop.org.get(f"products({members[2]})")["name"] == "Product C"


@pytest.mark.parametrize(("structure", "code"), [(1, "0x8004F998"), (3, "0x8004F998"), (2, "0x8004F906")])
def test_parents_are_families(shop: Shop, structure: int, code: str) -> None:
    """Only a family, draft or active, may be a parent."""
    # create and manage product families: a product or bundle can't be set as a parent; 0x8004F906
    parent = shop.org.product("A", productstructure=structure)
    if structure == 2:
        shop.org.patch(f"products({parent})", {"statecode": 0})
        shop.org.patch(f"products({parent})", {"statecode": 1})
    answer = shop.org.call("POST", "products", {
        "name": "B", "productnumber": "B", "parentproductid@odata.bind": f"/products({parent})"})
    assert fault(answer) == (400, code)
