"""`pairs export` and `pairs import`: what is saved, that it comes back as it was, and what an import never does."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.errors import Unavailable
from shared.records import Pair, PairState, Side
from shared.state.tables import Change, Verb
from tests.flows.restoring import Operator
from tests.support.orders import JANE, Trade
from tests.support.plant import SHOP

Lines = list[dict[str, Any]]


def _state(operator: Operator) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Every row of pairs and lines, without the marks of transactions."""
    tables = {name: operator.world.app.state.tables[name] for name in ("crossrefs", "lines")}
    return {
        (name, row.partition, row.key): {each: value for each, value in row.values.items() if each != "mark"}
        for name, table in tables.items()
        for row in table._rows.values()  # type: ignore[attr-defined]
    }


def _counts(answer: dict[str, Any], verdict: str) -> tuple[int, int]:
    return answer["pairs"][verdict], answer["lines"][verdict]


@pytest.mark.parametrize("name", ["pairs.jsonl", "pairs.jsonl.gz"])
def test_what_was_exported_comes_back_as_it_was(trader: Operator, tmp_path: Path, name: str) -> None:
    """Promise: after all tables were lost an import leaves every row as it was, and no run writes anything."""
    file, before = tmp_path / name, _state(trader)
    saved = trader("pairs", "export", file)
    assert file.stat().st_mode & 0o777 == 0o600
    trader.lose()
    planned = trader("pairs", "import", file, "--plan")
    assert _state(trader) == {}
    answer = trader("pairs", "import", file)
    assert {**answer, "planned": True} == planned
    assert _counts(answer, "added") == (saved["pairs"], saved["lines"])
    assert _state(trader) == before
    assert _counts(trader("pairs", "import", file), "same") == (saved["pairs"], saved["lines"])
    assert _state(trader) == before
    trader.quiet()


def test_a_file_holds_nothing_of_anybody(trader: Operator, tmp_path: Path) -> None:
    """Promise: no natural key of a record that is being created, no value; and without digests where that is asked."""
    trade, file = trader.world, tmp_path / "pairs.jsonl"
    lease = trade.clock.now()
    intent = Pair(SHOP, "customers", Side.SHOPIFY, PairState.INTENT, "account", shopify_id="77", lease_until=lease)
    trade.app.state.crossrefs.begin([replace(intent, natural_key="zoe@shoe.example", planned={"crm name": "0f0f"})])
    assert trader.world.held("zoe@shoe.example")
    trader("pairs", "export", file)
    text = file.read_text()
    assert not [each for each in ("zoe", "shoe.example", *JANE.values(), "k~", "natural_key", "claim") if each in text]
    assert '"0f0f' in text.replace("\\", "")
    assert "bases_crm" in text
    trader("pairs", "export", file, "--ids-only")
    assert not [each for each in ("0f0f", "bases_", "planned", "flips", "sent") if each in file.read_text()]
    trader.lose()
    trader("pairs", "import", file)
    pair = trade.pair("77")
    assert pair is not None
    assert (pair.state, pair.natural_key) == (PairState.INTENT, None)
    trader.quiet()


def _with(change: Callable[[Lines], Any]) -> Callable[[Path], None]:
    def apply(file: Path) -> None:
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        change(lines)
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))

    return apply


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_with(lambda lines: lines[0].update(pairs=2)), "has format 2, this release reads 1"),
        (_with(lambda lines: lines[0].update(shops=["other.myshopify.com"])), "holds pairs of other.myshopify.com"),
        (_with(lambda lines: lines[0].update(crm="https://b.crm4.dynamics.com")), "its ids mean nothing there"),
        (_with(lambda lines: lines[0].pop("pairs")), "is no file of `pairs export`"),
        (_with(lambda lines: lines.pop()), "is not whole"),
        (_with(lambda lines: lines.pop(3)), "is not whole"),
        (_with(lambda lines: lines[3].update(partition="other.myshopify.com~orders")), "line 4: this is no row"),
        (_with(lambda lines: lines[3].update(table="switches")), "line 4: this is no row"),
        (lambda file: file.write_text(file.read_text()[:-700]), "this is no JSON"),
        (lambda file: file.write_bytes(gzip.compress(file.read_bytes())), "line 1: this is no JSON"),
        (lambda file: file.unlink(), "cannot be read: No such file"),
    ],
)
def test_a_file_that_is_not_for_here_changes_nothing(
    trader: Operator, tmp_path: Path, spoil: Callable[[Path], None], said: str
) -> None:
    """Promise: another format, shop or environment, a damaged or a shortened file: one sentence, exit code 2."""
    file = tmp_path / "pairs.jsonl"
    trader("pairs", "export", file)
    spoil(file)
    trader.lose()
    error = " ".join(trader("pairs", "import", file, code=2).split())
    assert said in error
    assert "Traceback" not in error
    assert _state(trader) == {}


def test_an_import_that_was_killed_is_finished_by_the_next(
    trader: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: wherever it is broken off, a repeat comes to the whole state."""
    file, before = tmp_path / "pairs.jsonl", _state(trader)
    trader("pairs", "export", file)
    trader.lose()
    for name, after in (("crossrefs", 1), ("lines", 1)):
        table = trader.world.app.state.tables[name]
        submit, left = table.submit, iter(range(after))

        def failing(changes: Any, submit: Any = submit, left: Any = left) -> list[str]:
            if next(left, None) is None:
                raise Unavailable("Storage is away.")
            done: list[str] = submit(changes)
            return done

        monkeypatch.setattr(table, "submit", failing)
        trader("pairs", "import", file, code=2)
        assert 0 < len(_state(trader)) < len(before)
        monkeypatch.setattr(table, "submit", submit)
    trader("pairs", "import", file)
    assert _state(trader) == before
    trader.quiet()


def test_what_the_state_knows_better_is_kept_and_what_it_knows_worse_replaced(
    trader: Operator, tmp_path: Path
) -> None:
    """Promise: an old backup changes nothing in a newer state; a newer one brings an older state up to date."""
    old, new, trade = tmp_path / "old.jsonl", tmp_path / "new.jsonl", trader.world
    assert isinstance(trade, Trade)
    trader("pairs", "export", old)
    (account,) = trade.rows("accounts")
    trade.edit(str(account["new_shopifycustomerid_acme"]), firstName="Joan")
    (order,) = [row for row in trade.crm_orders() if row["totalamount"] > 20]
    trade.amend(str(order["new_shopifyorderid_acme"]), Tea=3)
    trade.run(ticks=6)
    trader("pairs", "export", new)
    newer = _state(trader)
    answer = trader("pairs", "import", old)
    assert (answer["pairs"]["kept"], answer["pairs"]["replaced"]) == (2, 0)
    assert _state(trader) == newer
    trader.lose()
    trader("pairs", "import", old)
    assert trader("pairs", "import", new)["pairs"]["replaced"] == 2
    assert _state(trader) == newer
    trader.quiet()


def test_a_pair_that_the_state_contradicts_is_left_out_and_named(trader: Operator, tmp_path: Path) -> None:
    """Promise: who was linked with another since is not taken away from it, and its lines are not mixed."""
    file, trade = tmp_path / "pairs.jsonl", trader.world
    assert isinstance(trade, Trade)
    trader("pairs", "export", file)
    (pair,) = [each for each in trader.pairs() if each.kind == "customers"]
    trader.lose()
    other = replace(pair, shopify_id="99", version=None)
    trade.app.state.crossrefs.complete([other])
    answer = trader("pairs", "import", file, code=1)
    assert answer["contested"] == [
        {"shop": SHOP, "kind": "customers", "shopify_id": pair.shopify_id, "crm_id": pair.crm_id}
    ]
    found = trade.app.state.crossrefs.sharing(SHOP, "customers", [str(pair.crm_id)])[str(pair.crm_id)]
    assert [each.shopify_id for each in found] == ["99"]


def test_the_lines_of_a_pair_that_is_left_out_stay_out_too(trader: Operator, tmp_path: Path) -> None:
    """Promise: an order that was paired with another row since does not get the old row's lines."""
    file, trade = tmp_path / "pairs.jsonl", trader.world
    trader("pairs", "export", file)
    order = next(each for each in trader.pairs() if each.kind == "orders" and trade.app.state.lines.load([each])[0])
    trader.lose()
    other = replace(order, crm_id="00000000-0000-4000-8000-000000000001", version=None)
    trade.app.state.crossrefs.complete([other])
    answer = trader("pairs", "import", file, code=1)
    assert answer["lines"]["contested"] > 0
    assert trade.app.state.lines.load([other]) == [{}]


def test_who_was_erased_since_rests(trader: Operator, tmp_path: Path) -> None:
    """Promise: a backup from before does not bring a customer back whom Shopify had erased."""
    file, trade = tmp_path / "pairs.jsonl", trader.world
    trader("pairs", "export", file)
    (account,) = trade.rows("accounts")
    customer = str(account["new_shopifycustomerid_acme"])
    trade.redacted(customer)
    trade.work()
    notes = list(trade.app.state.tables["switches"]._rows.values())  # type: ignore[attr-defined]
    trader.lose()
    for row in notes:
        trade.app.state.tables["switches"].submit([Change(Verb.INSERT, row)])
    trader("pairs", "import", file)
    pair = trade.pair(customer)
    assert pair is not None
    assert (pair.state, pair.bases) == (PairState.TOMBSTONE, {})
