"""Rules 75 and 77 to 80 of documents: lines, taxes, discounts, freight and currencies, equal to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.flows.conftest import OpenPapers
from tests.support.papers import Papers, of_money, product_line, text

ROUTES = ["draft", "order"]


def net(order: dict[str, Any], title: str) -> Decimal:
    """What the lines of a title come to, their own discounts taken off."""
    lines = [line for line in order["lineItems"]["nodes"] if line["title"] == title]
    return sum((of_money(line["discountedTotalSet"]) for line in lines), Decimal(0))


def units(order: dict[str, Any], title: str) -> int:
    """The units of a title."""
    return sum(line["quantity"] for line in order["lineItems"]["nodes"] if line["title"] == title)


@pytest.mark.parametrize("route", ROUTES)
def test_rule_75_line_discounts_are_kept_or_net(selling: OpenPapers, route: str) -> None:
    """Promise: three units with one amount off are exact; a draft shows the list price, an order names it."""
    papers = selling(DOCUMENT_ROUTE=route)
    sold = papers.sold(text("Cup", 5, 3, manualdiscountamount=1), text("Tea", "10.00"))
    papers.run()
    order = papers.equals(sold)
    assert (net(order, "Cup"), units(order, "Cup")) == (14, 3)
    cups = [line for line in order["lineItems"]["nodes"] if line["title"] == "Cup"]
    prices = {of_money(line["originalUnitPriceSet"]) for line in cups}
    listed = {each["value"] for line in cups for each in line["customAttributes"] if each["key"] == "_list_price"}
    assert (prices, listed) == (
        ({Decimal(5)}, set()) if route == "draft" else ({Decimal("4.66"), Decimal("4.67")}, {"5"})
    )
    papers.silent()


@pytest.mark.parametrize("route", ROUTES)
def test_rule_75_prices_finer_than_a_cent_are_exact(selling: OpenPapers, route: str) -> None:
    """Promise: 1,000 units at 1.2345 come to 1,234.50, though no price of Shopify's has four decimals."""
    papers = selling(DOCUMENT_ROUTE=route)
    papers.pricing_precision(4)
    sold = papers.sold(text("Screw", "1.2345", 1000))
    papers.run()
    order = papers.equals(sold)
    assert (net(order, "Screw"), units(order, "Screw")) == (Decimal("1234.5"), 1000)


@pytest.mark.parametrize("route", ROUTES)
def test_rule_75_a_discount_on_the_whole_and_freight(selling: OpenPapers, route: str) -> None:
    """Promise: a header's discount, in percent and as an amount, comes off the order; freight is its shipping line."""
    papers = selling(DOCUMENT_ROUTE=route)
    sold = papers.sold(text("Tea", 30, 2), text("Cup", 40), discountpercentage=10, discountamount=3, freightamount=4.9)
    papers.run()
    order = papers.equals(sold)
    assert of_money(order["currentTotalPriceSet"]) == Decimal("91.9")
    papers.silent()


@pytest.mark.parametrize("route", ["order", "auto"])
def test_rule_77_crms_tax_stands_on_its_line(selling: OpenPapers, route: str) -> None:
    """Promise: one amount of tax a line, prices without it, and the total is CRM's; `auto` takes orderCreate for it."""
    papers = selling(DOCUMENT_ROUTE=route)
    sold = papers.sold(text("Tea", 10, 3, tax="5.71"), text("Cup", 7))
    papers.run()
    order = papers.equals(sold)
    taxes = {
        line["title"]: [of_money(each["priceSet"]) for each in line["taxLines"]] for line in order["lineItems"]["nodes"]
    }
    assert taxes == {"Tea": [Decimal("5.71")], "Cup": []}
    assert order["sourceIdentifier"] == sold
    papers.silent()


def test_rule_77_a_draft_whose_tax_would_differ_sells_nothing(papers: Papers) -> None:
    """Promise: a draft that would come to another total is taken away, the document parked with both sides."""
    sold = papers.sold(text("Tea", 10, 3, tax="5.71"))
    papers.run()
    assert (papers.made(), papers.drafts()) == ([], [])
    code, sentence = papers.waiting()[sold]
    assert (code, "DOCUMENT_TAX" in sentence) == ("TotalsDiffer", True)
    assert papers.parked_paper(sold).facts["total"] == {"crm": "35.7100", "shopify": "30.0"}


@pytest.mark.parametrize("route", ROUTES)
def test_rule_78_a_linked_product_is_its_variant_at_crms_price(selling: OpenPapers, route: str) -> None:
    """Promise: the line names the paired variant, with its SKU, at the document's price; a written-in one is custom."""
    papers = selling(DOCUMENT_ROUTE=route, PRODUCTS_CRM_TO_SHOPIFY_MODE="on", PRODUCTS_SHOPIFY_TO_CRM_MODE="on")
    lamp = papers.goods("L-1", "20.00")
    papers.run()
    sold = papers.sold(product_line(papers, lamp, 2, 17.5, manualdiscountamount=5), text("Wrap", 2))
    papers.run()
    order = papers.equals(sold)
    lines = {line["sku"] or line["title"]: line for line in order["lineItems"]["nodes"]}
    (variant,) = papers.variants("L-1")
    assert lines["L-1"]["variant"]["legacyResourceId"] == variant["id"].rpartition("/")[2]
    assert (lines["Wrap"]["variant"], net(order, lines["L-1"]["title"])) == (None, 30)
    papers.silent()


def test_rule_78_an_unlinked_product_is_waited_for(selling: OpenPapers) -> None:
    """Promise: a product that its own flow is about to send is waited for; then the order goes with its variant."""
    papers = selling(PRODUCTS_CRM_TO_SHOPIFY_MODE="on", PRODUCTS_SHOPIFY_TO_CRM_MODE="on")
    papers.run()
    lamp = papers.goods("L-1")
    sold = papers.sold(product_line(papers, lamp))
    papers.again(sold, flow="sales_documents_crm_to_shopify", work=False)
    assert "on its way" in papers.reason(sold)
    papers.run()
    (line,) = papers.equals(sold)["lineItems"]["nodes"]
    assert line["variant"] is not None


@pytest.mark.parametrize(("unlinked", "made"), [("wait", 0), ("park", 0), ("line", 1)])
def test_rule_78_an_unlinked_product_by_setting(selling: OpenPapers, unlinked: str, made: int) -> None:
    """Promise: without its flow it is parked; with DOCUMENT_UNLINKED = line it is a line with its SKU."""
    papers = selling(DOCUMENT_UNLINKED=unlinked)
    sold = papers.sold(product_line(papers, papers.goods("L-1", "20.00"), 2))
    papers.run()
    assert len(papers.made()) == made
    if made:
        (line,) = papers.equals(sold)["lineItems"]["nodes"]
        assert (line["title"], line["sku"], line["variant"]) == ("Product L-1", "L-1", None)
    else:
        code, sentence = papers.waiting()[sold]
        assert (code, "L-1 is not in Shopify" in sentence) == ("Invalid", True)


@pytest.mark.parametrize("route", ROUTES)
def test_rule_79_a_part_of_a_unit_is_parked_or_one_line(selling: OpenPapers, route: str) -> None:
    """Promise: 2.5 units are parked and named; with DOCUMENT_FRACTIONS = line they are one unit of the whole amount."""
    papers = selling(DOCUMENT_ROUTE=route)
    sold = papers.sold(text("Cable", 4, 2.5))
    papers.run()
    assert papers.waiting()[sold] == (
        "Invalid",
        "The line 'Cable' has 2.5 units, and Shopify knows whole ones. Use whole units in CRM, or let "
        "DOCUMENT_FRACTIONS be line.",
    )
    other = selling(DOCUMENT_ROUTE=route, DOCUMENT_FRACTIONS="line")
    again = other.sold(text("Cable", 4, 2.5))
    other.run()
    assert units(other.equals(again), "2.5 x Cable") == 1


def test_rule_79_a_line_below_zero_is_parked_or_a_discount(selling: OpenPapers) -> None:
    """Promise: a negative line is parked; with DOCUMENT_NEGATIVE = discount it comes off the whole order."""
    papers = selling()
    sold = papers.sold(text("Tea", 10, 2), text("Credit", -5))
    papers.run()
    assert "is negative" in papers.waiting()[sold][1]
    other = selling(DOCUMENT_NEGATIVE="discount")
    again = other.sold(text("Tea", 10, 2), text("Credit", -5), text("Back", 3, -1))
    other.run()
    order = other.equals(again)
    assert (of_money(order["currentTotalPriceSet"]), len(order["lineItems"]["nodes"])) == (12, 1)
    other.silent()


def test_rule_79_a_line_of_nothing_is_left_out(papers: Papers) -> None:
    """Promise: a line without units is no line; one that is free stays."""
    sold = papers.sold(text("Tea", 10), text("Nothing", 5, 0), text("Gift", 0, 2))
    papers.run()
    order = papers.equals(sold)
    assert {line["title"]: line["quantity"] for line in order["lineItems"]["nodes"]} == {"Tea": 1, "Gift": 2}
    papers.silent()


def test_rule_80_a_currency_the_shop_does_not_sell_in(papers: Papers) -> None:
    """Promise: it is parked, and the sentence says what to enable and where."""
    sold = papers.in_currency("CHF", text("Tea", 10))
    papers.run()
    code, sentence = papers.waiting()[sold]
    assert (code, papers.parked_paper(sold).facts["currency"]) == ("Invalid", "CHF")
    assert "enable it" in sentence
    assert papers.made() == []


def test_rule_80_an_enabled_currency_is_sent_in_its_own_amounts(papers: Papers) -> None:
    """Promise: a document in another currency that the shop sells in holds CRM's amounts, discounts included."""
    papers.shopify.config.exchange_rates["CHF"] = "0.95"
    sold = papers.in_currency("CHF", text("Tea", 10, 3, manualdiscountamount=1), freightamount=2.5)
    papers.run()
    order = papers.equals(sold)
    assert (order["presentmentCurrencyCode"], of_money(order["currentTotalPriceSet"])) == ("CHF", Decimal("31.5"))
    papers.silent()


def test_totals_that_crm_itself_contradicts_are_not_sent(papers: Papers) -> None:
    """Promise: where CRM's own total is not what its lines come to, nothing is sent and the numbers are told."""
    sold = papers.sold(text("Tea", 10))
    papers.switch_off_pricing()
    papers.change("salesorders", sold, totalamount=99)
    papers.run()
    code, sentence = papers.waiting()[sold]
    assert (code, "do not add up" in sentence, papers.made()) == ("TotalsDiffer", True, [])
