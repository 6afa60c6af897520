"""Rule 82 of documents: what becomes of their orders when they change, and what when their orders do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.conftest import OpenPapers
from tests.support.papers import Papers, mapped, of_money, text

ROUTES = ["draft", "order"]


def lines(order: dict[str, Any]) -> dict[str, int]:
    """Units by title, of lines that are still wanted."""
    found: dict[str, int] = {}
    for line in order["lineItems"]["nodes"]:
        found[line["title"]] = found.get(line["title"], 0) + line["currentQuantity"]
    return {title: units for title, units in found.items() if units}


def test_rule_82_note_address_and_the_merchants_tags(papers: Papers) -> None:
    """Promise: note and address follow the document, the merchant's tags stay, and no line is touched."""
    order = papers.sold(text("Tea", 10), shipto_line1="1 High Street", shipto_city="London", shipto_country="GB")
    papers.run()
    number = papers.only()["legacyResourceId"]
    papers.update(number, tags=["vip", *papers.only()["tags"]])
    papers.change("salesorders", order, description="Ring twice", shipto_city="Leeds")
    papers.run()
    found = papers.equals(order)
    assert (found["note"], found["shippingAddress"]["city"], found["shippingAddress"]["address1"]) == (
        "Ring twice", "Leeds", "1 High Street",
    )  # fmt: skip
    assert {"vip", "CRM salesorder", f"crm-{order}"} <= set(found["tags"])
    papers.silent()


def test_rule_82_a_po_number_in_a_column_of_ones_own(selling: OpenPapers, tmp_path: Any) -> None:
    """Promise: a field that the user adds to the mapping flows at creation and later; here the name as PO number."""
    more = '[fields.po_number]\nfrom = "name"\nto = "poNumber"\n\n[lines.items]\n'
    papers = selling(MAPPINGS_DIR=mapped(tmp_path, "[lines.items]\n", more))
    order = papers.sold(text("Tea", 10), name="PO 1")
    papers.run()
    assert papers.of(order)["poNumber"] == "PO 1"
    papers.change("salesorders", order, name="PO 2")
    papers.run()
    assert papers.of(order)["poNumber"] == "PO 2"
    papers.silent()


@pytest.mark.parametrize("route", ROUTES)
def test_rule_82_lines_follow_by_an_order_edit(selling: OpenPapers, route: str) -> None:
    """Promise: another quantity, another price, a line more and one less: the order is CRM's to the cent, and one."""
    papers = selling(DOCUMENT_ROUTE=route)
    order = papers.sold(text("Tea", 10, 2), text("Cup", 5, 3), text("Pot", 20))
    papers.run()
    by_title = {line["productdescription"]: line["salesorderdetailid"] for line in papers.lines_of(order)}
    papers.change("salesorderdetails", by_title["Tea"], quantity=5)
    papers.change("salesorderdetails", by_title["Cup"], priceperunit=6, manualdiscountamount=1)
    papers.delete("salesorderdetails", by_title["Pot"])
    papers.add_line(order, text("Tray", 7, 2))
    papers.run()
    found = papers.equals(order)
    assert lines(found) == {"Tea": 5, "Cup": 3, "Tray": 2}
    papers.only()
    papers.silent()


@pytest.mark.parametrize("route", ROUTES)
def test_rule_82_a_line_that_an_edit_added_can_change_again(selling: OpenPapers, route: str) -> None:
    """Promise: lines of an edit take no property in Shopify, and are known all the same: changed and removed later."""
    papers = selling(DOCUMENT_ROUTE=route)
    order = papers.sold(text("Tea", 10))
    papers.run()
    tray = papers.add_line(order, text("Tray", 7, 3, manualdiscountamount=1))
    papers.run()
    assert lines(papers.equals(order)) == {"Tea": 1, "Tray": 3}
    papers.change("salesorderdetails", tray, quantity=4, manualdiscountamount=0)
    papers.run()
    assert lines(papers.equals(order)) == {"Tea": 1, "Tray": 4}
    papers.delete("salesorderdetails", tray)
    papers.run()
    assert lines(papers.equals(order)) == {"Tea": 1}
    papers.silent()


def test_rule_82_a_product_line_more_is_its_variant_at_crms_price(selling: OpenPapers) -> None:
    """Promise: an added variant is discounted to the document's price; a dearer one is parked, unchanged."""
    papers = selling(PRODUCTS_CRM_TO_SHOPIFY_MODE="on", PRODUCTS_SHOPIFY_TO_CRM_MODE="on")
    lamp = papers.goods("L-1", "20.00")
    papers.run()
    order = papers.sold(text("Tea", 10))
    papers.run()
    row = papers.add_line(order, {**papers.line_of(lamp, 3), "manualdiscountamount": 1})
    papers.run()
    found = papers.equals(order)
    assert [line["sku"] for line in found["lineItems"]["nodes"] if line["variant"]] == ["L-1", "L-1"]
    papers.change("salesorderdetails", row, ispriceoverridden=True, priceperunit=25)
    papers.run()
    code, sentence = papers.waiting()[order]
    assert (code, "adds no dearer variant" in sentence) == ("Conflict", True)
    assert of_money(papers.only()["currentTotalPriceSet"]) == 69
    papers.change("salesorderdetails", row, priceperunit=19)
    papers.run()
    papers.equals(order)
    assert papers.waiting() == {}


def test_rule_82_freight_follows(papers: Papers) -> None:
    """Promise: freight that comes, changes and goes is the order's shipping."""
    order = papers.sold(text("Tea", 10))
    papers.run()
    for freight in (4.5, 6, 0):
        papers.change("salesorders", order, freightamount=freight)
        papers.run()
        papers.equals(order)
    papers.silent()


@pytest.mark.parametrize("ended", ["fulfil", "cancel"])
def test_rule_82_a_shipped_or_cancelled_order_takes_no_lines(papers: Papers, ended: str) -> None:
    """Promise: a line changed after shipping or cancelling is parked with the difference; a note goes through."""
    order = papers.sold(text("Tea", 10, 2))
    papers.run()
    number = papers.only()["legacyResourceId"]
    getattr(papers, ended)(number)
    papers.run()
    papers.change("salesorders", order, description="Thank you")
    papers.run()
    assert (papers.only()["note"], papers.waiting()) == ("Thank you", {})
    papers.change("salesorderdetails", papers.lines_of(order)[0]["salesorderdetailid"], quantity=3)
    papers.run()
    row = papers.parked_paper(order)
    assert (row.code, row.facts["state"]) == ("Conflict", {"fulfil": "fulfilled", "cancel": "cancelled"}[ended])
    assert row.facts["total"]["crm"] == "30.0000"
    papers.silent()


def test_rule_82_a_cancelled_document_cancels_its_order(papers: Papers) -> None:
    """Promise: restocked, nothing given back by itself, nobody written to; afterwards there is silence."""
    order = papers.sold(text("Tea", 10))
    papers.run()
    papers.stop(order)
    papers.run()
    found = papers.only()
    assert (found["cancelledAt"] is not None, papers.mails(), papers.waiting()) == (True, [], {})
    papers.silent()


def test_rule_82_a_cancelled_document_can_be_a_persons_to_decide(selling: OpenPapers) -> None:
    """Promise: with DOCUMENT_CANCEL = park the order stays and the document is parked."""
    papers = selling(DOCUMENT_CANCEL="park")
    order = papers.sold(text("Tea", 10))
    papers.run()
    papers.stop(order)
    papers.run()
    assert (papers.only()["cancelledAt"], papers.waiting()[order][0]) == (None, "Conflict")


def test_rule_82_a_cancelled_document_that_was_shipped_is_parked(papers: Papers) -> None:
    """Promise: a shipped order is never cancelled from CRM; the document is parked and says so."""
    order = papers.sold(text("Tea", 10))
    papers.run()
    papers.fulfil(papers.only()["legacyResourceId"])
    papers.stop(order)
    papers.run()
    assert (papers.only()["cancelledAt"], papers.waiting()[order][0]) == (None, "Conflict")


@pytest.mark.parametrize("route", ROUTES)
def test_lines_that_somebody_changes_in_shopify_are_put_right(selling: OpenPapers, route: str) -> None:
    """Promise: lines and money of an order born in CRM are CRM's: an edit of theirs in Shopify is taken back."""
    papers = selling(DOCUMENT_ROUTE=route)
    order = papers.sold(text("Tea", 10, 4), text("Cup", 5))
    papers.run()
    papers.amend(papers.only()["legacyResourceId"], Tea=1)
    assert of_money(papers.only()["currentTotalPriceSet"]) == 15
    papers.run()
    assert lines(papers.equals(order)) == {"Tea": 4, "Cup": 1}
    papers.silent()


def test_a_refund_is_no_change_of_what_was_ordered(papers: Papers) -> None:
    """Promise: units and money given back in Shopify leave the document alone; both go on, and nothing is parked."""
    order = papers.sold(text("Tea", 10, 4))
    papers.run()
    number = papers.only()["legacyResourceId"]
    papers.refund(number, Tea=1)
    papers.run()
    assert (papers.waiting(), lines(papers.only())) == ({}, {"Tea": 3})
    papers.change("salesorders", order, description="One came back")
    papers.run()
    assert (papers.only()["note"], papers.waiting()) == ("One came back", {})
    papers.silent()
