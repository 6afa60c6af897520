"""Rule 9 for orders that were made from documents: they rest, and nothing of the person is sent again."""

from __future__ import annotations

from shared.records import PairState
from tests.support.papers import Papers, text

WORDS = ("hadewijch", "ooievaarsnest")
HERS = {
    "shipto_name": "Hadewijch Zonderland",
    "shipto_line1": "Ooievaarsnest 12",
    "shipto_city": "Gent",
    "shipto_country": "Belgium",
    "description": "For Hadewijch",
}


def test_rule_09_the_order_of_a_document_rests_and_the_state_forgets_her(papers: Papers) -> None:
    """Promise: an order named in the request that a document became rests, nothing of her is left in the state, a task
    names it, and a later change of the document writes her address nowhere."""
    document = papers.sold(text("Tea", 10), **HERS)
    papers.run()
    number = papers.only()["legacyResourceId"]
    assert papers.held(*WORDS)
    papers.redacted("4711", [int(number)])
    papers.work()
    assert papers.held(*WORDS) == []
    pair = papers.link(document)
    assert pair is not None
    assert (pair.state, pair.shopify_id, pair.bases) == (PairState.TOMBSTONE, number, {})
    (task,) = papers.rows("tasks")
    assert number in task["description"]
    before = papers.writes()
    papers.change("salesorders", document, shipto_line1="Ooievaarsnest 14")
    papers.run()
    papers.update(number, note="Ring")
    papers.run()
    assert (papers.writes(), papers.waiting()) == (before, {})


def test_rule_09_orders_without_a_document_are_no_documents(papers: Papers) -> None:
    """Promise: a request about orders of the shop leaves nothing behind among the documents."""
    number = papers.order()
    papers.run()
    papers.redacted("4711", [int(number)])
    papers.work()
    assert list(papers.app.state.crossrefs.scan("acme.myshopify.com", "documents")) == []
