"""All that the state holds of one shop goes; what it holds of another stays, to the last text."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.lines import LinePair
from shared.records import (
    Cursor,
    Item,
    Origin,
    Outcome,
    Page,
    Pair,
    PairState,
    ParkedRow,
    Record,
    RunRow,
    Side,
    Verdict,
)
from shared.state.purging import purge
from shared.state.store import State
from shared.sync.ports import LineChanges
from tests.contract.state.conftest import Bench
from tests.contract.state.search import everything

KINDS = {"customers": ("",), "variants": ("product", "productpricelevel")}
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def _fill(state: State, shop: str, flow: str, word: str, *, many: int = 1) -> None:
    """Something of the shop in each table and container, with a word in it."""
    born, gone = Side.SHOPIFY, PairState.TOMBSTONE
    numbers = map(str, range(1, many + 1))
    pairs = [Pair(shop, "customers", born, gone, "account", number, evidence=word) for number in numbers]
    assert all(isinstance(stored, Pair) for stored in state.crossrefs.begin(pairs))
    line = LinePair("items", word, "row", {"shopify": {"name": word}})
    state.lines.save([LineChanges(pair, (line,), ()) for pair in pairs])
    state.pointers.put(shop, "productpricelevel", {"11111111-2222-4333-8444-555555555555": word})
    state.cursors.put(shop, flow, "customers", Cursor({"token": word}))
    state.parked.put([ParkedRow(shop, flow, "customers", "7", "Invalid", word, {"about": word}, 1, NOW, NOW, "")])
    blob = state.journal.put_outcomes(shop, flow, "run", [Outcome("7", Verdict.UPDATED, word)])
    counts = {verdict.value: 0 for verdict in Verdict}
    state.runs.put(RunRow(shop, flow, word, Origin.POLL, NOW, 1.0, 1, counts, 0, 0, blob))
    state.journal.put_page(Page(flow, shop, (Item("7", Record("7", {"name": word})),), Origin.POLL, NOW))


def _held(state: State, word: str) -> int:
    return sum(word in text for text in everything(state))


def test_one_shop_goes_and_the_other_stays(bench: Bench) -> None:
    """Promise: pairs, lines, pointers, cursors, runs, parked rows, pages and outcomes of that shop, and of no other."""
    mine, theirs = f"mine-{bench.shop}", f"theirs-{bench.shop}"
    _fill(bench.state, bench.shop, bench.flow, mine)
    _fill(bench.state, f"other-{bench.shop}", bench.flow, theirs)
    before = _held(bench.state, theirs)
    assert _held(bench.state, mine) == before >= 7
    purge(bench.state, bench.shop, [bench.flow], KINDS)
    assert (_held(bench.state, mine), _held(bench.state, theirs)) == (0, before)


def test_it_is_harmless_to_repeat(bench: Bench) -> None:
    """Promise: a purge that died half-way is finished by the next one, and a third finds nothing to do."""
    word = f"mine-{bench.shop}"
    _fill(bench.state, bench.shop, bench.flow, word)
    for flows in ([], [bench.flow], [bench.flow]):
        purge(bench.state, bench.shop, flows, KINDS)
    assert _held(bench.state, word) == 0


def test_more_rows_than_one_page_or_transaction_holds(bench: Bench) -> None:
    """Promise: thousands of pairs go too."""
    word = f"mine-{bench.shop}"
    _fill(bench.state, bench.shop, bench.flow, word, many=1_050)
    purge(bench.state, bench.shop, [bench.flow], KINDS)
    assert _held(bench.state, word) == 0
