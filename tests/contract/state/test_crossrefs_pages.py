"""Whole pages of pairs: what they cost, how a failing pair leaves the rest alone, what a lost answer leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.errors import Busy, Retryable
from shared.records import Pair, PairState, Side
from shared.state.bulk import upsert_all
from shared.state.keys import pair_key
from shared.state.pair_rows import to_row
from tests.contract.state.conftest import Bench
from tests.contract.state.pairs import KIND, bad, crm_id, good, intent


def begun_page(bench: Bench, numbers: range) -> list[Pair]:
    """Intents of those numbers, stored."""
    return good(bench.state.crossrefs.begin([intent(bench, n, natural_key=f"key {n}") for n in numbers]))


def completed_page(bench: Bench, numbers: range) -> list[Pair]:
    """Pairs of those numbers, stored."""
    begun = begun_page(bench, numbers)
    return good(bench.state.crossrefs.complete([replace(p, crm_id=crm_id(int(p.shopify_id or 0))) for p in begun]))


def test_a_page_of_a_hundred_costs_a_few_transactions(bench: Bench) -> None:
    """100 pairs: 2 requests to begin, 4 to complete, 1 to save, 1 to read in a stretch; results in order."""
    refs, before = bench.state.crossrefs, bench.cost("crossrefs")
    begun = begun_page(bench, range(100, 200))
    assert bench.cost("crossrefs") - before == 2
    done = good(refs.complete([replace(p, crm_id=crm_id(int(p.shopify_id or 0))) for p in begun]))
    assert bench.cost("crossrefs") - before == 6
    saved = good(refs.save([replace(pair, attempt=1) for pair in done]))
    assert bench.cost("crossrefs") - before == 7
    ids = [str(number) for number in range(100, 200)]
    assert refs.load(bench.shop, KIND, Side.SHOPIFY, ids, dense=True) == dict(zip(ids, saved, strict=True))
    assert bench.cost("crossrefs") - before == 8
    assert [pair.shopify_id for pair in saved] == ids


def test_a_tick_reads_only_the_rows_it_asks_for(bench: Bench) -> None:
    """Scattered ids are point reads, one request each; ids without a pair are left out."""
    completed_page(bench, range(1, 30))
    before = bench.cost("crossrefs")
    found = bench.state.crossrefs.load(bench.shop, KIND, Side.SHOPIFY, ["3", "999999", "27"])
    assert set(found) == {"3", "27"}
    assert bench.cost("crossrefs") - before == 3


def test_a_stretch_by_crm_id_is_two_ranges(bench: Bench) -> None:
    """Dense CRM ids cost one range over their rows and one over the pairs; scattered ones two reads each."""
    done = completed_page(bench, range(200, 240))
    refs, ids = bench.state.crossrefs, [crm_id(number) for number in range(200, 240)]
    before = bench.cost("crossrefs")
    assert refs.load(bench.shop, KIND, Side.CRM, ids, dense=True) == dict(zip(ids, done, strict=True))
    assert bench.cost("crossrefs") - before == 2
    assert refs.load(bench.shop, KIND, Side.CRM, ids[:3]) == dict(zip(ids[:3], done, strict=False))
    assert bench.cost("crossrefs") - before == 8
    upper = ids[0].upper()
    assert refs.load(bench.shop, KIND, Side.CRM, [upper], table="product") == {upper: done[0]}
    assert refs.load(bench.shop, KIND, Side.CRM, [upper], table="account") == {}


def test_a_stretch_that_is_not_dense_falls_back_to_point_reads(bench: Bench) -> None:
    """A range that holds far more rows than were asked for is given up, and the rest read one by one."""
    pairs = [replace(intent(bench, number), state=PairState.PAIRED) for number in range(1300)]
    upsert_all(bench.state.tables["crossrefs"], [to_row(p, pair_key(str(p.shopify_id)), claim="") for p in pairs])
    before = bench.cost("crossrefs")
    ids = ["1", "2", "5", "1298", "1299"]
    assert set(bench.state.crossrefs.load(bench.shop, KIND, Side.SHOPIFY, ids, dense=True)) == set(ids)
    assert bench.cost("crossrefs") - before == 1 + 2
    before = bench.cost("crossrefs")
    assert len(list(bench.state.crossrefs.scan(bench.shop, KIND))) == 1300
    assert bench.cost("crossrefs") - before == 2


def test_a_scan_goes_on_behind_a_pair_that_need_not_exist(bench: Bench) -> None:
    """Behind an id, whatever the ids look like: that pair is not given again, and the next one is not left out."""
    ids = ["7", "9", "10", "a", "a b", "a/b", "ab"]
    pairs = [replace(intent(bench, 0), shopify_id=each, state=PairState.PAIRED) for each in ids]
    upsert_all(bench.state.tables["crossrefs"], [to_row(p, pair_key(str(p.shopify_id)), claim="") for p in pairs])
    order = [pair.shopify_id for pair in bench.state.crossrefs.scan(bench.shop, KIND)]
    assert order[:3] == ["7", "9", "10"]
    for place, each in enumerate(order):
        behind = bench.state.crossrefs.scan(bench.shop, KIND, after=str(each))
        assert [pair.shopify_id for pair in behind] == order[place + 1 :]
    assert [pair.shopify_id for pair in bench.state.crossrefs.scan(bench.shop, KIND, after="8")] == order[1:]


def test_one_failing_pair_leaves_its_page_alone(bench: Bench) -> None:
    """Pairs that another worker holds are taken out one after another; the others of the page are stored."""
    refs = bench.state.crossrefs
    held = begun_page(bench, range(310, 312))
    results = refs.begin([intent(bench, n, natural_key=f"new {n}") for n in range(300, 360)])
    lost = {n - 300 for n in range(310, 312)}
    assert {at for at, result in enumerate(results) if not isinstance(result, Pair)} == lost
    assert refs.load(bench.shop, KIND, Side.SHOPIFY, ["310"])["310"] == held[0]


def test_a_page_that_another_worker_has_costs_a_handful_of_requests(bench: Bench) -> None:
    """When all pairs of a page are taken, they are looked at once, not failed once for each."""
    begun_page(bench, range(400, 450))
    before = bench.cost("crossrefs")
    results = bench.state.crossrefs.begin([intent(bench, n, natural_key=f"key {n}") for n in range(400, 450)])
    assert all(isinstance(result, Busy) for result in results)
    assert bench.cost("crossrefs") - before <= 5


@pytest.mark.parametrize("fault", ["lose", "repeat"])
@pytest.mark.parametrize("step", ["begin", "save", "complete", "abandon"])
def test_a_lost_answer_is_healed_by_reading(bench: Bench, step: str, fault: str) -> None:
    """The service did it and its answer got lost, or the SDK did it twice: the results are those of a success."""
    refs, numbers = bench.state.crossrefs, range(500, 510)
    if step == "begin":
        bench.fail_submit(fault)
        results = refs.begin([intent(bench, n, natural_key=f"key {n}") for n in numbers])
    else:
        pairs = [replace(pair, crm_id=crm_id(int(pair.shopify_id or 0))) for pair in begun_page(bench, numbers)]
        bench.fail_submit(fault)
        results = getattr(refs, step)(pairs)
    stored = good(results)
    found = refs.load(bench.shop, KIND, Side.SHOPIFY, [str(n) for n in numbers])
    assert list(found.values()) == ([] if step == "abandon" else stored)
    if step != "abandon":
        good(refs.save([replace(pair, attempt=9) for pair in stored]))


def test_a_lost_answer_of_a_single_pair_is_healed_too(bench: Bench) -> None:
    """One pair goes as a plain request that the SDK may repeat by itself: it must not meet its own first try."""
    refs = bench.state.crossrefs
    bench.fail_submit("lose")
    (begun,) = good(refs.begin([intent(bench, 600)]))
    bench.fail_submit("lose")
    (saved,) = good(refs.save([replace(begun, attempt=1)]))
    assert refs.load(bench.shop, KIND, Side.SHOPIFY, ["600"]) == {"600": saved}


def test_a_lost_answer_does_not_hide_who_came_after(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """If another worker took the pair between the lost answer and the look, the result is Busy, not a success."""
    refs = bench.state.crossrefs
    begun = begun_page(bench, range(610, 612))
    rival = replace(begun[1], holder="rival")
    original = refs._commits._has_landed

    def and_then_the_rival(changes: object, mark: str) -> bool:
        landed = original(changes, mark)  # type: ignore[arg-type]
        current = refs.load(bench.shop, KIND, Side.SHOPIFY, ["611"])["611"]
        good(refs.save([replace(rival, version=current.version)]))
        return landed

    monkeypatch.setattr(refs._commits, "_has_landed", and_then_the_rival)
    bench.fail_submit("lose")
    results = refs.save([replace(pair, attempt=5) for pair in begun])
    assert isinstance(results[0], Pair)
    assert isinstance(bad(results[1]), Busy)
    assert refs.load(bench.shop, KIND, Side.SHOPIFY, ["611"])["611"].holder == "rival"


def test_a_service_that_stays_away_answers_for_every_pair(bench: Bench) -> None:
    """When the write cannot be sent, every pair of the transaction gets a retryable error and nothing is stored."""
    refs = bench.state.crossrefs
    for _ in range(8):
        bench.fail_submit("vanish")
    try:
        results = refs.begin([intent(bench, n) for n in range(620, 625)])
    finally:
        bench.forget()
    assert all(isinstance(result, Retryable) for result in results)
    assert refs.load(bench.shop, KIND, Side.SHOPIFY, ["620"]) == {}


def test_tombstones_stay(bench: Bench) -> None:
    """A deleted pair is kept with both ids and is still found from both sides."""
    (done,) = completed_page(bench, range(630, 631))
    (gone,) = good(bench.state.crossrefs.save([replace(done, state=PairState.TOMBSTONE, bases={})]))
    assert bench.state.crossrefs.load(bench.shop, KIND, Side.CRM, [crm_id(630)]) == {crm_id(630): gone}
