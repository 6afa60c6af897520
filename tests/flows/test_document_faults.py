"""Rule 74 of documents: one order for one document, wherever a call fails and however."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.lines import PARTLY
from shared.records import PairState
from tests.flows.conftest import OpenPapers
from tests.support.breaking import KINDS, Breaker, Killed
from tests.support.paper_runs import LAG_S, NET_30, POINTS, meanwhile, runs
from tests.support.papers import OUTWARD, Papers, mapped, text
from tests.support.plant import SHOP

CASES = [(route, point, kind) for route, points in POINTS.items() for point in points for kind in KINDS]


def one(papers: Papers, document: str) -> None:
    """The document has its one order, equal to the cent, and nothing waits."""
    papers.equals(document)
    assert papers.waiting() == {}
    assert len([order for order in papers.made() if f"crm-{document}" in order["tags"]]) == 1


@pytest.mark.parametrize(("route", "point", "kind"), CASES)
def test_rule_74_one_order_whatever_fails(selling: OpenPapers, route: str, point: str, kind: str) -> None:
    """Promise: each call that makes an order can be lost, refused, killed or stalled: there is one order in the end.

    The search index runs a minute behind, and while a call is stalled another worker does the same work.
    """
    papers = selling(DOCUMENT_ROUTE=route)
    papers.shopify.store.index.lag_s = LAG_S
    lines = (text("Tea", 10, 3, manualdiscountamount=1), text("Cup", 5))
    document = papers.sold(*lines, freightamount=4, paymenttermscode=NET_30)
    breaker = Breaker(papers, point, kind)
    breaker.meanwhile = lambda: meanwhile(papers, breaker, document)
    breaker.run()
    assert breaker.struck, breaker.names
    one(papers, document)
    assert all(draft["status"] == "COMPLETED" for draft in papers.drafts()) or (point, kind) == (
        "DraftOrdersMade", "stalled before",
    )  # fmt: skip
    breaker.point = ""
    papers.silent()
    assert len(papers.made()) == 1


EDIT_POINTS = ("OrderEdit", "OrderEdited", "LinesKept", "OrdersRead", "pairs save")
EDITS = [(point, kind) for point in EDIT_POINTS for kind in KINDS]
WINDOW = ("OrderEdited", "stalled before")
"""The second worker's edit stands already, and Shopify takes both: docs/decisions/0013 names it."""


@pytest.mark.parametrize(("point", "kind"), [case for case in EDITS if case != WINDOW])
def test_rule_74_an_edit_happens_once(selling: OpenPapers, point: str, kind: str) -> None:
    """Promise: lines that an edit adds are added once, wherever its calls are lost, refused or killed."""
    papers = selling()
    document = papers.sold(text("Tea", 10, 3))
    papers.run()
    papers.add_line(document, text("Tray", 7, 3, manualdiscountamount=1))
    breaker = Breaker(papers, point, kind)
    breaker.meanwhile = lambda: meanwhile(papers, breaker, document)
    breaker.run()
    assert breaker.struck, breaker.names
    one(papers, document)
    (order,) = papers.made()
    assert {line["title"]: 0 for line in order["lineItems"]["nodes"]} == {"Tea": 0, "Tray": 0}
    papers.silent()


def test_rule_74_an_edit_that_comes_too_late_is_told(selling: OpenPapers) -> None:
    """Promise: a worker that stalls past its claim inside the commit adds lines twice: parked with both sides."""
    papers = selling()
    document = papers.sold(text("Tea", 10, 3))
    papers.run()
    papers.add_line(document, text("Tray", 7))
    breaker = Breaker(papers, *WINDOW)
    breaker.meanwhile = lambda: meanwhile(papers, breaker, document)
    breaker.run()
    row = papers.parked_paper(document)
    assert (row.code, row.facts["total"]) == ("TotalsDiffer", {"crm": "37", "shopify": "44"})
    assert len(papers.made()) == 1


def _shipped_before_anybody_heard(papers: Papers, breaker: Breaker) -> None:
    """A worker's call breaks, and the merchant ships the order before the next worker looks at it."""
    papers.tick_once()
    with suppress(Killed):
        papers.work_once(OUTWARD)
    assert breaker.struck, breaker.names
    papers.fulfil(papers.only()["legacyResourceId"])
    papers.clock.advance(700)


@pytest.mark.parametrize("kind", ["killed after", "lost after"])
@pytest.mark.parametrize("point", ["OrderEdited", "LinesKept"])
def test_rule_74_an_edit_that_nobody_heard_of_is_no_change_of_a_shipped_order(
    selling: OpenPapers, point: str, kind: str
) -> None:
    """Promise: lines that came into an order before it was shipped are agreed on, not parked as a change of it.

    Three units at a discount have no price per unit, so the edit brought two lines, at prices that are not CRM's.
    """
    papers = selling()
    document = papers.sold(text("Tea", 10, 3))
    papers.run()
    papers.add_line(document, text("Tray", "60.94", 3, manualdiscountamount="0.35"))
    breaker = Breaker(papers, point, kind)
    _shipped_before_anybody_heard(papers, breaker)
    papers.run()
    one(papers, document)
    papers.silent()


def test_rule_82_a_shipped_order_takes_no_other_tax(selling: OpenPapers) -> None:
    """Promise: where the tax of a line changes and nothing else of it, a shipped order's document is parked."""
    papers = selling(DOCUMENT_ROUTE="order")
    document = papers.sold(text("Tea", 10, 2, tax="1.00"))
    papers.run()
    papers.fulfil(papers.only()["legacyResourceId"])
    papers.run()
    (line,) = papers.lines_of(document)
    papers.change("salesorderdetails", line["salesorderdetailid"], tax=3)
    papers.run()
    code, sentence = papers.waiting()[document]
    assert (code, "takes no changes of" in sentence) == ("Conflict", True)


def test_rule_74_an_unheard_edit_beside_a_discount_on_the_whole_is_no_change(selling: OpenPapers) -> None:
    """Promise: also where a discount was spread over its lines nothing is edited, and so nothing refused, twice."""
    papers = selling(DOCUMENT_ROUTE="order")
    document = papers.sold(text("Tea", 10, 3), discountamount=3)
    papers.run()
    papers.add_line(document, text("Tray", 20, 2))
    breaker = Breaker(papers, "OrderEdited", "killed after")
    _shipped_before_anybody_heard(papers, breaker)
    breaker.names.clear()
    papers.run()
    one(papers, document)
    assert not {"OrderEdit", "OrderEdited"} & set(breaker.names)


def test_rule_74_another_route_finds_what_a_draft_became(selling: OpenPapers) -> None:
    """Promise: an order whose draft was completed and not yet marked is found, though the route changed meanwhile."""
    papers = selling(DOCUMENT_ROUTE="draft")
    papers.shopify.store.index.lag_s = LAG_S
    document = papers.sold(text("Tea", 10))
    breaker = Breaker(papers, "DraftOrdersCompleted", "killed after")
    with pytest.raises(Killed):
        papers.run()
    sales = papers.app.job(OUTWARD, SHOP).target
    sales.options = replace(sales.options, route="order")  # type: ignore[attr-defined]
    breaker.run()
    one(papers, document)


def test_rule_74_an_order_of_which_a_part_is_refused_is_found_again(selling: OpenPapers, tmp_path: Any) -> None:
    """Promise: an address refused after the order was made parks the document; mended, it is that very order."""
    papers = selling(MAPPINGS_DIR=mapped(tmp_path, 'from = "document.email"', 'from = "name"'))
    document = papers.sold(text("Tea", 10), name="no address")
    papers.run(ticks=1)
    row, link = papers.parked_paper(document), papers.link(document)
    assert (row.code, row.facts[PARTLY]) == ("Invalid", True)
    assert link is not None, "the intent was laid down as if nothing had been made"
    assert link.state is not PairState.PAIRED
    papers.change("salesorders", document, name="jane@shoe.example")
    papers.clock.advance(300)
    papers.run()
    one(papers, document)
    assert papers.only()["email"] == "jane@shoe.example"
    papers.silent()


@pytest.mark.parametrize("route", ["draft", "order"])
def test_rule_74_any_faults_leave_one_order(route: str) -> None:
    """Promise: 20 documents a route, each with up to three breaks of any kind at any call: 0 doubled, 0 lost."""
    assert [run for run in runs(route, range(20)) if not run.fine] == []


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
@pytest.mark.parametrize("route", ["draft", "order"])
@pytest.mark.timeout(3600)
def test_rule_74_a_thousand_runs_leave_one_order_each(route: str, part: int) -> None:
    """Promise: the same over 500 documents a route; tests/support/paper_runs.py keeps a log of them, and goes on."""
    assert [run for run in runs(route, range(100 + part * 50, 150 + part * 50)) if not run.fine] == []


def test_runs_go_on_behind_their_log(tmp_path: Path) -> None:
    """Promise: a run that was ended does not begin anew: what the log has is not run a second time."""
    log = tmp_path / "runs.jsonl"
    first = [run.seed for run in runs("order", range(2), log=log)]
    then = [run.seed for run in runs("order", range(3), log=log)]
    assert (first, then, len(log.read_text().splitlines())) == ([0, 1], [2], 3)
