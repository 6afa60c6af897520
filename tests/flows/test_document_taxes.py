"""Rule 77 of documents on the draft route: CRM's tax where the shop computes another, by DOCUMENT_TAX."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from tests.flows.conftest import OpenPapers
from tests.support.breaking import Breaker
from tests.support.papers import Papers, of_money, text


def titles(papers: Papers) -> dict[str, int]:
    """Units by title, of lines that are still wanted."""
    found: Counter[str] = Counter()
    for line in papers.only()["lineItems"]["nodes"]:
        found[line["title"]] += line["currentQuantity"]
    return dict(+found)


def sums(papers: Papers, document: str) -> None:
    """The order comes to what the document does, tax included, and nothing waits."""
    order, row = papers.only(), papers.paper(document)
    assert of_money(order["currentTotalPriceSet"]) == Decimal(str(row["totalamount"]))
    assert papers.waiting() == {}


def test_rule_77_tax_as_a_line_of_its_own(selling: OpenPapers) -> None:
    """Promise: with DOCUMENT_TAX = line a draft order has one line of all taxes, list prices and discounts stay."""
    papers = selling(DOCUMENT_TAX="line")
    document = papers.sold(text("Tea", 10, 3, tax="5.71", manualdiscountamount=1), text("Cup", 7, tax="0.49"))
    papers.run()
    sums(papers, document)
    assert titles(papers) == {"Tea": 3, "Cup": 1, "Tax": 1}
    (tax,) = [line for line in papers.only()["lineItems"]["nodes"] if line["title"] == "Tax"]
    assert (of_money(tax["originalUnitPriceSet"]), tax["taxLines"]) == (of_money(tax["discountedTotalSet"]), [])
    assert str(papers.only()["sourceIdentifier"]) == "None", "it went by orderCreate"
    papers.silent()


def test_rule_77_the_line_of_taxes_follows(selling: OpenPapers) -> None:
    """Promise: other taxes, none and some again: the one line changes, goes and comes, discounted or not."""
    papers = selling(DOCUMENT_TAX="line")
    document = papers.sold(text("Tea", 10, 3, tax="5.71"), discountamount=3)
    papers.run()
    (line,) = papers.lines_of(document)
    for tax, wanted in ((7, 1), (0, 0), (2, 1)):
        papers.change("salesorderdetails", line["salesorderdetailid"], tax=tax)
        papers.run()
        sums(papers, document)
        assert titles(papers).get("Tax", 0) == wanted
    papers.change("salesorderdetails", line["salesorderdetailid"], quantity=5)
    papers.run()
    sums(papers, document)
    papers.silent()


def test_rule_77_a_lost_edit_of_taxes_is_known_again(selling: OpenPapers) -> None:
    """Promise: an edit of the line of taxes whose answer was lost is not made twice."""
    papers = selling(DOCUMENT_TAX="line")
    document = papers.sold(text("Tea", 10, 3, tax="5.71"))
    papers.run()
    (line,) = papers.lines_of(document)
    papers.change("salesorderdetails", line["salesorderdetailid"], tax=7)
    breaker = Breaker(papers, "OrderEdited", "killed after")
    breaker.run()
    assert breaker.struck
    breaker.point = ""
    papers.run()
    sums(papers, document)
    assert titles(papers) == {"Tea": 3, "Tax": 1}
    papers.silent()


def test_rule_77_another_total_goes_by_ordercreate(selling: OpenPapers) -> None:
    """Promise: with DOCUMENT_TAX = order what the shop would tax otherwise has CRM's tax; all else is a draft order."""
    papers = selling(DOCUMENT_TAX="order")
    taxed = papers.sold(text("Tea", 10, 3, tax="5.71"), paymenttermscode=1)
    plain = papers.sold(text("Cup", 7))
    papers.run()
    order = papers.equals(taxed)
    assert (order["sourceIdentifier"], papers.equals(plain)["sourceIdentifier"]) == (taxed, None)
    assert [draft["status"] for draft in papers.drafts()] == ["COMPLETED"]
    assert (len(papers.made()), papers.waiting(), papers.mails()) == (2, {}, [])
    papers.silent()
