"""Rule 82 of documents: a discount on the whole document that changes, or whose lines do; and how it is shared out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.shopify.sale_discounts import Sharing, shared_out
from tests.flows.conftest import OpenPapers
from tests.support.breaking import KINDS, Breaker
from tests.support.papers import Papers, of_money, text

ROUTES = ["draft", "order"]
CENT = Decimal("0.01")


def total(papers: Papers) -> Decimal:
    """What the one order comes to."""
    return of_money(papers.only()["currentTotalPriceSet"])


@pytest.mark.parametrize("route", ROUTES)
def test_rule_82_a_discount_on_the_whole_comes_changes_and_goes(selling: OpenPapers, route: str) -> None:
    """Promise: each change of it reaches the order, to the cent, whatever the units of its lines; then silence."""
    papers = selling(DOCUMENT_ROUTE=route)
    document = papers.sold(text("Tea", 10, 3), text("Cup", "7.99", 7), discountamount=4)
    papers.run()
    for amount in (10, "3.33", 0, 5):
        papers.change("salesorders", document, discountamount=Decimal(str(amount)))
        papers.run()
        papers.equals(document)
        assert (total(papers), papers.waiting()) == (Decimal("85.93") - Decimal(str(amount)), {})
    papers.silent()


@pytest.mark.parametrize("route", ROUTES)
def test_rule_82_lines_change_under_a_discount_on_the_whole(selling: OpenPapers, route: str) -> None:
    """Promise: a percentage on the whole holds for lines that come, grow, shrink, change their price and go."""
    papers = selling(DOCUMENT_ROUTE=route)
    document = papers.sold(text("Tea", 10, 3), text("Cup", 5, 2, manualdiscountamount=1), discountpercentage=10)
    papers.run()
    lines = {line["productdescription"]: line["salesorderdetailid"] for line in papers.lines_of(document)}
    steps: list[Any] = [
        lambda: papers.change("salesorderdetails", lines["Tea"], quantity=5),
        lambda: papers.add_line(document, text("Tray", "7.77", 3)),
        lambda: papers.change("salesorderdetails", lines["Cup"], priceperunit=6),
        lambda: papers.change("salesorderdetails", lines["Tea"], quantity=1),
        lambda: papers.delete("salesorderdetails", lines["Cup"]),
    ]
    for step in steps:
        step()
        papers.run()
        papers.equals(document)
        assert papers.waiting() == {}
    papers.silent()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("point", ["OrderEdit", "OrderEdited", "OrdersRead", "pairs save"])
def test_rule_82_a_discount_is_changed_once(selling: OpenPapers, point: str, kind: str) -> None:
    """Promise: wherever its edit is lost, refused, killed or stalled, the discount on the whole is CRM's in the end."""
    papers = selling()
    document = papers.sold(text("Tea", 10, 3), text("Cup", 5), discountamount=4)
    papers.run()
    papers.change("salesorders", document, discountamount=10)
    breaker = Breaker(papers, point, kind)
    breaker.run()
    assert breaker.struck, breaker.names
    breaker.point = ""
    papers.run()
    papers.equals(document)
    assert (total(papers), papers.waiting(), len(papers.made())) == (25, {}, 1)
    papers.silent()


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 9_999), st.booleans()), min_size=1, max_size=30),
    st.floats(0, 1, allow_nan=False),
)
def test_a_discount_is_shared_out_to_the_cent(lines: list[tuple[int, int, bool]], part: float) -> None:
    """Promise: its parts come to the whole, none is above its line, and one at most has no value per unit."""
    sharing = [Sharing(quantity, quantity * price * CENT, own) for quantity, price, own in lines]
    total = sum((line.amount for line in sharing), Decimal(0))
    whole = (total * Decimal(str(part))).quantize(CENT)
    shares = shared_out(whole, sharing, CENT)
    assert sum(shares, Decimal(0)) == whole
    assert all(0 <= share <= line.amount for share, line in zip(shares, sharing, strict=True))
    odd = [line for share, line in zip(shares, sharing, strict=True) if share % (CENT * line.quantity)]
    assert len(odd) <= 1
