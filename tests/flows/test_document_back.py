"""What became of an order that was made from a document comes back into the document's columns; rule 85, the pace."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from shared.records import Origin
from tests.flows.conftest import OpenPapers
from tests.support.papers import BACK, OUTWARD, Papers, text
from tests.support.plant import SHOP

SHIPPED = """mutation($f: FulfillmentInput!) { fulfillmentCreate(fulfillment: $f) { userErrors { field message } } }"""
PAID = "mutation($i: OrderMarkAsPaidInput!) { orderMarkAsPaid(input: $i) { userErrors { message } } }"
PARTS = """query($id: ID!) { order(id: $id) { fulfillmentOrders(first: 5) { nodes {
  id lineItems(first: 9) { nodes { id } } } } } }"""


def told(papers: Papers, document: str, table: str = "salesorder") -> tuple[Any, ...]:
    """Number, status, payment, fulfilment and tracking as CRM has them."""
    row = papers.paper(document, table)
    return tuple(row[f"new_shopify{name}"] for name in ("ordername", "status", "payment", "fulfilment", "tracking"))


@pytest.mark.parametrize("table", ["salesorder", "invoice"])
def test_number_status_payment_and_fulfilment_come_back(selling: OpenPapers, table: str) -> None:
    """Promise: at once the number, and then each change of payment, shipping (with tracking) and state."""
    papers = selling(DOCUMENTS=table)
    line = text("Tea", 10, 2)
    document = papers.sold(line) if table == "salesorder" else papers.bill(papers.write(line, table=table))
    papers.run(ticks=1)
    assert told(papers, document, table) == ("#1001", "OPEN", "PENDING", "UNFULFILLED", None)
    order = papers.only()
    papers.done(PAID, i={"id": order["id"]})
    part_shipped(papers)
    papers.run()
    assert told(papers, document, table) == ("#1001", "OPEN", "PAID", "PARTIALLY_FULFILLED", "1Z999")
    papers.silent()
    assert papers.waiting() == {}


def test_what_comes_back_has_nothing_written_again(papers: Papers) -> None:
    """Promise: number and status go into CRM without the order being written a second time."""
    document = papers.sold(text("Tea", 10), description="A note")
    papers.run(ticks=6)
    assert told(papers, document)[0] == "#1001"
    assert [outcome.verdict for outcome in papers.told_of(document)] == ["created"]
    origins = {run.origin for run in papers.app.state.runs.last(SHOP, OUTWARD, 200) if run.read}
    assert Origin.REVERSE not in origins, "what comes back woke the flow it came from"


@pytest.mark.parametrize("route", ["draft", "order"])
def test_an_order_edited_shipped_in_part_and_refunded_is_one_and_still(selling: OpenPapers, route: str) -> None:
    """Promise: one document on each side at every moment; lines and money stay CRM's, note and status are Shopify's;
    each step is seen in CRM, nothing is parked, and in the end there is silence."""
    papers = selling(DOCUMENT_ROUTE=route, ORDERS_SHOPIFY_TO_CRM_MODE="on")
    lines = (text("Tea", 10, 4, manualdiscountamount=2), text("Cup", 5))
    document = papers.sold(*lines, description="Ring", freightamount=3)
    papers.run()
    number = papers.only()["legacyResourceId"]
    papers.update(number, note="Gift wrap")
    crm = {name: papers.paper(document)[name] for name in ("totalamount", "description", "statecode")}
    seen = []
    for step in (
        lambda: papers.amend(number, Cup=0),
        lambda: papers.update(number, tags=["vip", *papers.only()["tags"]]),
        lambda: part_shipped(papers),
        lambda: papers.refund(number, Tea=1),
        lambda: papers.done(PAID, i={"id": papers.only()["id"]}),
        lambda: papers.fulfil(number),
    ):
        step()
        for ticks in (1, 3):
            papers.run(ticks=ticks)
            assert (len(papers.made()), len(papers.crm_orders()), papers.waiting()) == (1, 1, {})
        assert {name: papers.paper(document)[name] for name in crm} == crm
        assert papers.only()["note"] == "Gift wrap"
        seen.append(told(papers, document)[1:])
    assert [each[1:] for each in seen] == [
        ("PENDING", "UNFULFILLED", None),
        ("PENDING", "UNFULFILLED", None),
        ("PENDING", "PARTIALLY_FULFILLED", "1Z999"),
        ("PENDING", "PARTIALLY_FULFILLED", "1Z999"),
        ("PAID", "PARTIALLY_FULFILLED", "1Z999"),
        ("PAID", "FULFILLED", "1Z999"),
    ]
    wanted: Counter[str] = Counter()
    for line in papers.only()["lineItems"]["nodes"]:
        wanted[line["title"]] += line["quantity"] if line["currentQuantity"] or line["title"] == "Tea" else 0
    assert wanted == {"Tea": 4, "Cup": 1}
    assert {"vip", f"crm-{document}"} <= set(papers.only()["tags"])
    papers.silent()


def part_shipped(papers: Papers) -> None:
    """The merchant ships one unit, with a tracking number."""
    part = papers.merchant.call(PARTS, {"id": papers.only()["id"]})["order"]["fulfillmentOrders"]["nodes"][0]
    one = [{"id": part["lineItems"]["nodes"][0]["id"], "quantity": 1}]
    given = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": part["id"], "fulfillmentOrderLineItems": one}]}
    papers.done(SHIPPED, f={**given, "trackingInfo": {"number": "1Z999", "company": "UPS"}})


def test_orders_of_the_shop_are_left_to_their_own_flow(papers: Papers) -> None:
    """Promise: an order that was made from no document is skipped with that reason, and makes none."""
    number = papers.order()
    papers.run()
    assert "not made from the other side" in papers.told_of(number, BACK)[-1].reason
    assert papers.crm_orders() == []


def test_an_order_that_was_deleted_in_shopify_is_told(papers: Papers) -> None:
    """Promise: the link rests, the document stays, and no second order is made of it."""
    document = papers.sold(text("Tea", 10))
    papers.run()
    papers.erase(papers.only()["legacyResourceId"])
    papers.change("salesorders", document, description="changed")
    papers.run(ticks=6)
    assert papers.made() == []


def test_rule_85_a_development_store_is_waited_for(selling: OpenPapers) -> None:
    """Promise: of 12 orders five are made a minute; none is parked, all come, and another flow is not held up."""
    papers = selling(DOCUMENT_ROUTE="order", PRODUCTS_CRM_TO_SHOPIFY_MODE="on", PRODUCTS_SHOPIFY_TO_CRM_MODE="on")
    papers.run()
    papers.development_store()
    sold = [papers.sold(text(f"Tea {number}", 10)) for number in range(12)]
    papers.goods("L-1")
    papers.tick_once()
    assert papers.work_once(OUTWARD)
    assert len(papers.made()) == 5
    while papers.work_once("products_crm_to_shopify"):
        pass
    assert len(papers.variants("L-1")) == 1
    papers.run(ticks=2)
    assert {order["mark"]["value"] for order in papers.made()} == set(sold)
    assert (len(papers.made()), list(papers.app.state.parked.list(SHOP, OUTWARD))) == (12, [])


def test_a_webhook_of_a_document_or_a_line_leads_to_it(papers: Papers) -> None:
    """Promise: CRM's notice of an order, or of one of its lines, has that order handled without a poll."""
    document = papers.sold(text("Tea", 10))
    assert papers.told_by_crm("salesorder", document) == 200
    papers.work()
    papers.equals(document)
    line = papers.add_line(document, text("Cup", 5))
    assert papers.told_by_crm("salesorderdetail", line) == 200
    papers.work()
    assert len(papers.equals(document)["lineItems"]["nodes"]) == 2
