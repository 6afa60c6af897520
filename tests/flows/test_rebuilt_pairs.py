"""`pairs rebuild`: all tables are lost in the middle of life, and come back from the marks, with nothing doubled."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shared.errors import Unavailable
from shared.records import PairState
from shared.state.tables import Change, Row, Verb
from tests.flows.restoring import Operator
from tests.support.companies import Business
from tests.support.orders import Trade
from tests.support.papers import Papers, text
from tests.support.plant import SHOP
from tests.support.till import item

PRICE = """mutation($p: ID!, $v: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $p, variants: $v) { userErrors { message } } }"""


def _counts(trade: Trade) -> dict[str, int]:
    tables = {name: len(trade.rows(name)) for name in ("products", "accounts", "contacts", "salesorders")}
    return {**tables, "variants": len(trade._variants())}


def _insert(row: Row) -> Change:
    return Change(Verb.INSERT, row)


def test_all_tables_lost_nothing_is_doubled_and_nothing_written(trader: Operator) -> None:
    """Promise: after a rebuild the pairs and their lines are what they were, and no run writes anything."""
    trade = trader.world
    assert isinstance(trade, Trade)
    links, lines, there = trader.links(), trader.lines(), _counts(trade)
    trader.lose()
    counts = trader.rebuild()
    assert trader.links() == links
    assert {kind: (row["paired"], row["differ"]) for kind, row in counts.items()} == {
        "variants": (3, 0),
        "customers": (1, 0),
        "orders": (2, 0),
    }
    assert trader.lines() <= lines
    trader.quiet()
    assert (trader.links(), trader.lines(), _counts(trade)) == (links, lines, there)
    assert trade.parked_orders() == {}
    assert trader.unsettled() == []


def test_edits_of_both_sides_after_a_rebuild_arrive_as_if_nothing_had_happened(trader: Operator) -> None:
    """Promise: what was equal is agreed on, so an edit made before the next run is known for one, on either side."""
    trade = trader.world
    assert isinstance(trade, Trade)
    there = _counts(trade)
    (order,) = [row for row in trade.crm_orders() if row["totalamount"] > 20]
    number = str(order["new_shopifyorderid_acme"])
    trader.lose()
    trader.rebuild()
    (chair,) = trade.rows("products", "productnumber eq 'CHAIR-1'")
    (variant,) = trade.variants("CHAIR-1")
    price = {"id": variant["id"], "price": "13.00"}  # CRM owns it, and did not touch it
    trade.merchant.call(PRICE, {"p": variant["product"]["id"], "v": [price]})
    (customer,) = trade.rows("accounts")
    trade.edit(str(customer["new_shopifycustomerid_acme"]), firstName="Joan")
    trade.amend(number, Tea=3)
    trade.run(ticks=6)
    (listed,) = trade.rows("productpricelevels", f"_productid_value eq {chair['productid']}")
    assert listed["amount"] == 13
    assert trade.rows("contacts")[0]["firstname"] == "Joan"
    assert trade.equal(number)["totalamount"] > order["totalamount"]
    assert _counts(trade) == there
    assert trade.parked_orders() == {}
    trader.quiet()


def test_edits_that_were_on_their_way_when_the_state_was_lost_are_decided_by_owners(trader: Operator) -> None:
    """Promise: where both sides differ nothing is agreed on; the flow decides, and doubles nothing."""
    trade = trader.world
    assert isinstance(trade, Trade)
    there = _counts(trade)
    (chair,) = trade.rows("products", "productnumber eq 'CHAIR-1'")
    (price,) = trade.rows("productpricelevels", f"_productid_value eq {chair['productid']}")
    trade.change("productpricelevels", price["productpricelevelid"], amount=15)
    (order,) = [row for row in trade.crm_orders() if row["totalamount"] > 20]
    number = str(order["new_shopifyorderid_acme"])
    trade.amend(number, Tea=0)
    trader.lose()
    counts = trader.rebuild()
    assert (counts["variants"]["differ"], counts["orders"]["differ"]) == (1, 1)
    trade.run(ticks=6)
    (variant,) = trade.variants("CHAIR-1")
    assert Decimal(variant["price"]) == 15
    assert trade.equal(number)["totalamount"] < order["totalamount"]
    assert _counts(trade) == there
    assert not list(trade.app.state.parked.list(SHOP, "orders_shopify_to_crm"))
    trader.quiet()


def test_two_rows_that_claim_one_record_are_told_and_left_alone(trader: Operator) -> None:
    """Promise: neither is guessed, no flow touches any of them, and `pairs relink` decides."""
    trade = trader.world
    assert isinstance(trade, Trade)
    (chair,) = trade.variants("CHAIR-1")
    (lamp,), (other,) = (trade.rows("products", f"productnumber eq '{sku}'") for sku in ("L-1", "L-2"))
    mark = "new_shopifyvariantid_acme"
    chairs = str(chair["id"]).rpartition("/")[2]
    trade.change("products", lamp["productid"], **{mark: chairs})  # the chair's own mark names another row
    there = _counts(trade)
    trader.lose()
    counts = trader.rebuild(code=1)
    named = {(each["shopify_id"], each["crm_id"]) for each in trader.answer["contested"]}
    assert {shopify for shopify, _ in named} == {chairs}
    assert len(named) == counts["variants"]["contested"] == 2
    assert trader.rebuild(code=1)["variants"]["contested"] == 2
    trade.change("products", lamp["productid"], description="An edit of a contested row")
    trade.run()
    assert trade.variants("CHAIR-1") == [chair]
    assert _counts(trade) == there
    state = {pair.shopify_id: pair.state for pair in trader.pairs() if pair.kind == "variants"}
    assert state[chairs] is PairState.TOMBSTONE
    assert other["productid"] in {pair.crm_id for pair in trader.pairs() if pair.state is PairState.PAIRED}


def test_a_record_whose_counterpart_is_gone_is_laid_to_rest(trader: Operator) -> None:
    """Promise: what was deleted while there was no state is not made again, and its row in CRM is left as it is."""
    trade = trader.world
    assert isinstance(trade, Trade)
    trade.withdraw("L-1")
    (row,) = trade.rows("products", "productnumber eq 'L-1'")
    trader.lose()
    counts = trader.rebuild()
    assert (counts["variants"]["gone"], counts["variants"]["contested"]) == (2, 0)
    trader.quiet()
    assert trade.rows("products", "productnumber eq 'L-1'") == [row]


def test_a_rebuild_that_was_broken_off_is_finished_by_the_next(
    trader: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: wherever storage fails, a repeat comes to the same pairs, and leaves those that are there."""
    trade = trader.world
    links = trader.links()
    trader.lose()
    table = trade.app.state.tables["crossrefs"]
    submit, left = table.submit, iter([True, True, False])

    def failing(changes: object) -> list[str]:
        if not next(left, False):
            raise Unavailable("Storage is away.")
        return submit(changes)  # type: ignore[arg-type]

    monkeypatch.setattr(table, "submit", failing)
    trader("pairs", "rebuild", code=2)
    monkeypatch.setattr(table, "submit", submit)
    assert 0 < len(trader.links()) < len(links)
    trader.rebuild()
    assert trader.links() == links
    trader.quiet()
    before = dict(table._rows)  # type: ignore[attr-defined]
    counts = trader.rebuild()
    assert all(row["known"] == row["marks"] and not row["paired"] for row in counts.values())
    assert table._rows == before  # type: ignore[attr-defined]


def test_who_was_erased_does_not_come_back(trader: Operator) -> None:
    """Promise: a customer whom Shopify had erased rests after a rebuild too, as long as the note of it is there."""
    trade = trader.world
    (account,) = trade.rows("accounts")
    customer = str(account["new_shopifycustomerid_acme"])
    trade.redacted(customer)
    trade.work()
    tables = trade.app.state.tables
    notes = list(tables["switches"]._rows.values())  # type: ignore[attr-defined]
    trader.lose()
    for row in notes:
        trade.app.state.tables["switches"].submit([_insert(row)])
    assert trader.rebuild()["customers"]["erased"] == 1
    pair = trade.pair(customer)
    assert pair is not None
    assert (pair.state, pair.bases) == (PairState.TOMBSTONE, {})


def test_documents_come_back_from_the_marks_of_their_orders(
    papers: Papers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Promise: a document that was sent is not sent again; its edits and the order's status go on arriving."""
    document, other = papers.sold(text("Tea", 10, 2)), papers.sold(text("Pot", 5))
    papers.run()
    operator = Operator(papers, monkeypatch, capsys)
    links, orders = operator.links(), papers.made()
    operator.lose()
    counts = operator.rebuild()["documents"]
    assert counts["paired"] == 2
    assert operator.links() == links
    operator.quiet()
    assert papers.made() == orders
    papers.add_line(document, text("Cup", 3))
    papers.cancel(papers.of(other)["legacyResourceId"])
    papers.run(ticks=6)
    papers.equals(document)
    assert papers.paper(other)["new_shopifystatus"]
    assert len(papers.made()) == 2
    papers.silent()


def test_companies_come_back_with_their_people(
    firm: Business, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Promise: a company, its people and its locations are known again; a person who comes after is one contact."""
    company = firm.company(person={"email": "ann@shoe.example", "firstName": "Ann", "lastName": "Lee"})
    firm.bought_by(company, item("Tea", "5.00"))
    firm.run()
    operator = Operator(firm, monkeypatch, capsys)
    links, lines, people = operator.links(), operator.lines(), len(firm.rows("contacts"))
    operator.lose()
    assert operator.rebuild()["companies"]["paired"] == 1
    operator.quiet()
    assert (operator.links(), operator.lines()) == (links, lines)
    firm.join(company, email="bob@shoe.example", firstName="Bob", lastName="Ray")
    firm.run()
    assert len(firm.rows("contacts")) == people + 1
    operator.quiet()
