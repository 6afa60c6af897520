"""Rule 73 where a person took an order of a deal away: nothing is sold again unasked, and every way out works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from shared.records import PairState
from tests.flows.conftest import OpenPapers
from tests.support.papers import Papers, text

ALL = {"DOCUMENTS": "opportunity,salesorder,invoice"}


def _number(papers: Papers, document: str) -> str:
    """The id of a document's order."""
    pair = papers.link(document)
    assert pair is not None
    return str(pair.shopify_id)


def _delete(papers: Papers, document: str) -> None:
    """The merchant deletes a document's order, and Shopify tells of it."""
    number = _number(papers, document)
    papers.erase(number)
    papers.told_of_deletion(number)
    papers.run()


def _unlink(papers: Papers, document: str) -> None:
    """Somebody takes a document's link apart, as `pairs unlink` does; the order stands."""
    pair = papers.link(document)
    assert pair is not None
    papers.app.state.crossrefs.save([replace(pair, state=PairState.TOMBSTONE, lease_until=None)])


def _cancel(papers: Papers, document: str) -> None:
    papers.cancel(_number(papers, document))


def _made_from(deal: str) -> dict[str, str]:
    return {"opportunityid@odata.bind": f"/opportunities({deal})"}


@pytest.mark.parametrize("rest", [_delete, _unlink])
def test_rule_73_a_deal_whose_order_is_gone_is_a_persons_to_send(
    selling: OpenPapers, rest: Callable[[Papers, str], None]
) -> None:
    """Promise: a due order of a deal whose Shopify order was deleted, or unlinked, is parked and names the other
    document, and its invoice with it is not sent; without what joins it to the other it is sent, once."""
    papers = selling(**ALL)
    deal = papers.win(papers.opportunity(text("Tea", 10)))
    papers.run()
    rest(papers, deal)
    left = len(papers.made())
    order = papers.sold(text("Tea", 10), **_made_from(deal))
    papers.clock.advance(5)
    bill = papers.write(text("Tea", 10), table="invoice", **{"salesorderid@odata.bind": f"/salesorders({order})"})
    papers.bill(bill)
    papers.run()
    code, sentence = papers.waiting()[order]
    assert (code, f"opportunity {deal}" in sentence, list(papers.waiting())) == ("Ambiguous", True, [order])
    assert "Another document of the same deal" in papers.reason(bill)
    papers.silent()
    assert len(papers.made()) == left
    papers.change("salesorders", order, **{"opportunityid@odata.bind": None})
    papers.run()
    papers.equals(order)
    assert (len(papers.made()), papers.waiting()) == (left + 1, {})


def test_rule_73_a_sale_that_is_off_in_both_is_left_alone(selling: OpenPapers) -> None:
    """Promise: an order that is not due yet is not parked for its deal's deleted order, and one that was parked for it
    and is cancelled in CRM is parked no more; nothing is sent."""
    papers = selling(**ALL)
    deal = papers.win(papers.opportunity(text("Tea", 10)))
    papers.run()
    _delete(papers, deal)
    order = papers.write(text("Tea", 10), **_made_from(deal))
    papers.run()
    assert papers.waiting() == {}
    papers.submit(order)
    papers.run()
    assert list(papers.waiting()) == [order]
    papers.stop(order)
    papers.run()
    assert (papers.waiting(), papers.made()) == ({}, [])


@pytest.mark.parametrize("undo", [_cancel, _delete, _unlink])
@pytest.mark.parametrize("which", [0, 1])
def test_rule_73_a_deal_that_was_sold_twice_is_settled(
    selling: OpenPapers, undo: Callable[[Papers, str], None], which: int
) -> None:
    """Promise: once either of the two orders is cancelled, deleted or unlinked, the later document is parked no more,
    and its changes come over as long as its own order stands."""
    papers = selling(**ALL)
    deal = papers.win(papers.opportunity(text("Tea", 10)))
    papers.clock.advance(5)
    order = papers.sold(text("Tea", 10))
    papers.run()
    papers.change("salesorders", order, **_made_from(deal))
    papers.run()
    assert list(papers.waiting()) == [order]
    undo(papers, (deal, order)[which])
    papers.run()
    papers.retry(order)
    assert papers.waiting() == {}
    papers.change("salesorders", order, description="Ring twice")
    papers.run()
    assert papers.waiting() == {}
    if which == 0:
        assert papers.of(order)["note"] == "Ring twice"
    papers.silent()
