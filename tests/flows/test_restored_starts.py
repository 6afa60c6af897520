"""The start of orders and documents, where no setting says it, survives the loss of the state."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared import wiring
from tests.flows.conftest import OpenPapers, OpenTrade
from tests.flows.restoring import Operator
from tests.support.orders import JANE, ORDERS
from tests.support.papers import text
from tests.support.plant import SHOP
from tests.support.till import item

LATER = datetime(2030, 1, 1, tzinfo=UTC)


def test_orders_placed_while_the_state_was_lost_come_over(
    trading: OpenTrade, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Promise: export, loss, import, rebuild: an order placed between comes over, an older one goes on being synced."""
    trade, file = trading(ORDERS_SINCE=""), tmp_path / "pairs.jsonl.gz"
    trade.run()
    trade.clock.advance(3600)
    paired = trade.order(item("Tea", "5.00", 2), by=JANE)
    trade.run()
    (start,) = trade.app.state.starts.all().values()
    operator = Operator(trade, monkeypatch, capsys)
    operator("pairs", "export", file)
    between = trade.order(item("Pot", "7.00"))
    trade.clock.advance(60)
    operator.lose()
    trade.run()  # nobody paused the app in time: it takes this moment for the first one
    (told,) = operator("pairs", "import", file)["starts"]
    assert (told["flow"], told["shop"], told["at"]) == (ORDERS, SHOP, start.isoformat())
    operator.rebuild()
    operator("sync", ORDERS, "--all")  # it has skipped what it took for history
    trade.amend(paired, Tea=5)
    trade.run(ticks=6)
    assert trade.equal(between)["totalamount"] == 7
    assert trade.equal(paired)["totalamount"] == 25
    assert len(trade.crm_orders()) == 2


def test_documents_made_while_the_state_was_lost_are_sent(
    selling: OpenPapers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Promise: export, loss, import, rebuild: a document of the time between becomes its order, once."""
    papers, file = selling(DOCUMENTS_SINCE=""), tmp_path / "pairs.jsonl.gz"
    papers.run()
    papers.clock.advance(3600)
    papers.sold(text("Tea", 10, 2))
    papers.run(ticks=4)
    operator = Operator(papers, monkeypatch, capsys)
    operator("pairs", "export", file)
    papers.sold(text("Pot", 5))
    papers.clock.advance(60)
    operator.lose()
    operator("pairs", "import", file)
    operator("pairs", "rebuild")
    papers.run(ticks=6)
    assert len(papers.made()) == 2


def test_a_rebuild_without_a_start_is_refused(
    trading: OpenTrade, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Promise: with nothing that tells from when on orders count nothing is done, and the setting is named; with it,
    the rebuild runs.
    """
    trade = trading(ORDERS_SINCE="")
    trade.run()
    trade.clock.advance(60)
    trade.order(item("Tea", "5.00", 2), by=JANE)
    trade.run()
    operator = Operator(trade, monkeypatch, capsys)
    operator.lose()
    said = " ".join(operator("pairs", "rebuild", code=2).split())
    assert "set ORDERS_SINCE to the day" in said
    assert (operator.pairs(), dict(trade.app.state.starts.all())) == ([], {})
    trade.environment = {**trade.environment, "ORDERS_SINCE": "2026-01-01"}
    assert operator.rebuild()["orders"]["paired"] == 1


def test_a_later_start_does_not_end_what_came_over(trading: OpenTrade) -> None:
    """Promise: an order that is paired is kept the same, also when ORDERS_SINCE is moved behind it."""
    trade = trading(ORDERS_SINCE="2020-01-01")
    order = trade.order(item("Tea", "5.00", 2), by=JANE)
    trade.run()
    trade.app = wiring.open_app(
        replace(trade.app.settings, orders_since=LATER), clock=trade.clock, state=trade.app.state
    )
    trade.mount(trade.app.crm.transport.session, trade.crm.wsgi)
    trade.mount(trade.app.shopify[SHOP].transport.session, trade.shopify.wsgi)
    trade.amend(order, Tea=3)
    trade.run(ticks=4)
    assert trade.equal(order)["totalamount"] == 15


def test_a_file_without_starts_is_taken_and_one_with_odd_ones_is_not(trader: Operator, tmp_path: Path) -> None:
    """Promise: an export of an older release comes in as before; what is no moment is refused, and nothing stored."""
    file = tmp_path / "pairs.jsonl"
    trader("pairs", "export", file)
    head, *rest = file.read_text().splitlines()
    older = {name: value for name, value in json.loads(head).items() if name != "starts"}
    file.write_text("\n".join([json.dumps({**older, "starts": [["a", "b", "soon"]]}), *rest]) + "\n")
    trader.lose()
    assert "its starts are no moments" in " ".join(trader("pairs", "import", file, code=2).split())
    assert trader.pairs() == []
    file.write_text("\n".join([json.dumps(older), *rest]) + "\n")
    assert trader("pairs", "import", file)["starts"] == []
    assert trader.pairs()
