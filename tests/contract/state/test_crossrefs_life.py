"""A pair's life from intent to pair: who may begin it, complete it, take it over, and what each step costs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from shared.errors import Busy, Invalid
from shared.records import Pair, PairState, Side
from shared.state import keys
from shared.state.pair_rows import claim_row
from shared.state.tables import Change, Row, Verb
from tests.contract.state.conftest import Bench
from tests.contract.state.pairs import KIND, TABLE, bad, crm_id, good, intent


def load(bench: Bench, side: Side, identifier: str) -> Pair | None:
    """One pair by one id, or None."""
    return bench.state.crossrefs.load(bench.shop, KIND, side, [identifier]).get(identifier)


def claimed(bench: Bench, natural_key: str) -> str:
    """The anchor that a natural key's claim names, '' where there is none."""
    row = bench.state.tables["crossrefs"].get(f"{bench.shop}~{KIND}", keys.claim_key(natural_key))
    return "" if row is None else str(row.values["anchor"])


def test_a_create_from_shopify_ends_as_one_pair_seen_from_both_sides(bench: Bench) -> None:
    """begin, then complete: the pair is found by either id, is PAIRED and held by nobody."""
    refs = bench.state.crossrefs
    (begun,) = good(refs.begin([intent(bench, 1, natural_key="SKU 1")]))
    assert load(bench, Side.SHOPIFY, "1") == begun
    (done,) = good(refs.complete([replace(begun, crm_id=crm_id(1))]))
    assert (done.state, done.holder, done.lease_until) == (PairState.PAIRED, None, None)
    assert done.paired_at == bench.clock.now()
    assert load(bench, Side.SHOPIFY, "1") == done == load(bench, Side.CRM, crm_id(1))


def test_a_create_from_crm_moves_from_its_crm_row_to_the_pair(bench: Bench) -> None:
    """An intent born in CRM is found by its CRM id alone, and by both once Shopify has answered."""
    refs = bench.state.crossrefs
    (begun,) = good(refs.begin([intent(bench, 2, born=Side.CRM)]))
    assert load(bench, Side.CRM, crm_id(2)) == begun
    assert list(refs.scan(bench.shop, KIND)) == []
    (done,) = good(refs.complete([replace(begun, shopify_id="77")]))
    assert load(bench, Side.SHOPIFY, "77") == done == load(bench, Side.CRM, crm_id(2))
    assert list(refs.scan(bench.shop, KIND)) == [done]


def test_whoever_begins_second_is_busy_until_the_lease_runs_out(bench: Bench) -> None:
    """A record in work is Busy, and the error says who holds it and to come back soon: claims rarely stand long."""
    good(bench.state.crossrefs.begin([intent(bench, 3)]))
    bench.clock.advance(100)
    error = bad(bench.state.crossrefs.begin([intent(bench, 3, holder="other")])[0])
    assert isinstance(error, Busy)
    assert error.code == "Busy"
    assert error.facts["holder"] == "worker"
    assert error.retry_after_s == 5
    bench.clock.advance(138)
    last = bad(bench.state.crossrefs.begin([intent(bench, 3, holder="other")])[0])
    assert isinstance(last, Busy)
    assert last.retry_after_s == 2


def test_an_intent_is_taken_over_under_the_version_that_was_read(bench: Bench) -> None:
    """The first to take a crashed worker's intent over has it; the second, with the same version, is Busy."""
    refs = bench.state.crossrefs
    good(refs.begin([intent(bench, 4, natural_key="key 4")]))
    bench.clock.advance(300)
    left = load(bench, Side.SHOPIFY, "4")
    assert left is not None
    until = bench.clock.now() + timedelta(seconds=240)
    (taken,) = good(refs.begin([replace(left, holder="second", lease_until=until, attempt=1)]))
    assert isinstance(bad(refs.begin([replace(left, holder="third", lease_until=until)])[0]), Busy)
    assert load(bench, Side.SHOPIFY, "4") == taken
    good(refs.complete([replace(taken, crm_id=crm_id(4))]))
    good(refs.begin([intent(bench, 5, natural_key="key 4")]))


def test_eight_threads_compete_and_exactly_one_wins(bench: Bench) -> None:
    """Of eight workers that begin, save and complete one record at once, each step has exactly one winner."""
    refs = bench.state.crossrefs
    with ThreadPoolExecutor(8) as pool:

        def winners(step: object, pairs: list[Pair]) -> list[Pair]:
            results = [result for (result,) in pool.map(lambda pair: step([pair]), pairs)]  # type: ignore[operator]
            assert all(isinstance(result, Pair | Busy) for result in results), results
            return [result for result in results if isinstance(result, Pair)]

        rivals = [intent(bench, 6, holder=f"worker {n}", natural_key="one key") for n in range(8)]
        (begun,) = winners(refs.begin, rivals)
        (saved,) = winners(refs.save, [replace(begun, attempt=n) for n in range(8)])
        (done,) = winners(refs.complete, [replace(saved, crm_id=crm_id(100 + n)) for n in range(8)])
    assert load(bench, Side.SHOPIFY, "6") == done
    found = refs.load(bench.shop, KIND, Side.CRM, [crm_id(100 + n) for n in range(8)])
    assert list(found.values()) == [done]


def test_a_natural_key_is_claimed_by_one_record_at_a_time(bench: Bench) -> None:
    """Two records with one natural key: the second is Busy and hears which record has it; then it may."""
    refs = bench.state.crossrefs
    (first,) = good(refs.begin([intent(bench, 7, natural_key="a/b#c?")]))
    error = bad(refs.begin([intent(bench, 8, natural_key="a/b#c?")])[0])
    assert isinstance(error, Busy)
    assert error.facts["anchor"] == "s~00000000000000000007"
    assert load(bench, Side.SHOPIFY, "8") is None
    good(refs.complete([replace(first, crm_id=crm_id(7))]))
    good(refs.begin([intent(bench, 8, natural_key="a/b#c?")]))


def test_two_records_of_one_page_with_one_natural_key_do_not_fail_together(bench: Bench) -> None:
    """Within one call the first gets the key and the second is Busy; the others go through."""
    pairs = [intent(bench, number, natural_key="same" if number < 12 else f"key {number}") for number in range(10, 15)]
    results = bench.state.crossrefs.begin(pairs)
    assert [isinstance(result, Pair) for result in results] == [True, False, True, True, True]


def test_a_claim_follows_a_natural_key_that_changed(bench: Bench) -> None:
    """Taking an intent over under another natural key frees the old key and holds the new one."""
    refs = bench.state.crossrefs
    (begun,) = good(refs.begin([intent(bench, 15, natural_key="old")]))
    good(refs.begin([replace(begun, natural_key="new")]))
    assert claimed(bench, "old") == ""
    good(refs.begin([intent(bench, 16, natural_key="old")]))
    assert isinstance(bad(refs.begin([intent(bench, 17, natural_key="new")])[0]), Busy)


def test_a_claim_whose_record_is_gone_is_stale_and_taken_over(bench: Bench) -> None:
    """A claim that names no open intent any more stops nobody, and two takers cannot both have it."""
    refs = bench.state.crossrefs
    (begun,) = good(refs.begin([intent(bench, 18, natural_key="stale")]))
    # what only a hand in the storage can leave behind: the anchor without its claim's knowledge
    table = bench.state.tables["crossrefs"]
    place = f"{bench.shop}~{KIND}"
    table.submit([Change(Verb.DELETE, Row(place, "s~00000000000000000018"))])
    (second,) = good(refs.begin([intent(bench, 19, natural_key="stale")]))
    assert isinstance(bad(refs.begin([intent(bench, 20, natural_key="stale")])[0]), Busy)
    assert isinstance(bad(refs.complete([replace(begun, crm_id=crm_id(18))])[0]), Busy)
    good(refs.complete([replace(second, crm_id=crm_id(19))]))


def test_a_claim_that_names_a_finished_pair_is_stale(bench: Bench) -> None:
    """A claim left over beside a pair that is complete stops nobody either."""
    refs = bench.state.crossrefs
    (begun,) = good(refs.begin([intent(bench, 60)]))
    good(refs.complete([replace(begun, crm_id=crm_id(60))]))
    left = claim_row(f"{bench.shop}~{KIND}", keys.claim_key("left"), "s~00000000000000000060")
    bench.state.tables["crossrefs"].submit([Change(Verb.INSERT, left)])
    good(refs.begin([intent(bench, 61, natural_key="left")]))
    assert claimed(bench, "left") == "s~00000000000000000061"


def test_a_pair_made_anew_with_another_crm_row_leaves_the_old_one(bench: Bench) -> None:
    """After a re-creation the old CRM id leads nowhere, although its pointer row is still there."""
    refs = bench.state.crossrefs
    (begun,) = good(refs.begin([intent(bench, 62)]))
    (first,) = good(refs.complete([replace(begun, crm_id=crm_id(62))]))
    (second,) = good(refs.complete([replace(first, crm_id=crm_id(63), generation=1)]))
    assert load(bench, Side.CRM, crm_id(62)) is None
    assert load(bench, Side.CRM, crm_id(63)) == second


def test_abandon_takes_the_intent_and_its_claim_back(bench: Bench) -> None:
    """After a refused create nothing is left, and the natural key is free again."""
    refs = bench.state.crossrefs
    begun = good(refs.begin([intent(bench, number, natural_key=f"n{number}") for number in (21, 22)]))
    gone = good(refs.abandon(begun))
    assert [pair.version for pair in gone] == [None, None]
    assert load(bench, Side.SHOPIFY, "21") is None
    good(refs.begin([intent(bench, 23, natural_key="n21")]))
    good(refs.abandon(begun))


def test_abandon_leaves_an_intent_that_somebody_took_over(bench: Bench) -> None:
    """A worker that was thought dead cannot take back what now belongs to another; its neighbours go."""
    refs = bench.state.crossrefs
    begun = good(refs.begin([intent(bench, number) for number in (24, 25, 26)]))
    (taken,) = good(refs.begin([replace(begun[1], holder="second")]))
    results = refs.abandon(begun)
    assert [isinstance(result, Pair) for result in results] == [True, False, True]
    assert load(bench, Side.SHOPIFY, "25") == taken
    assert load(bench, Side.SHOPIFY, "24") is None


def test_several_customers_share_one_account(bench: Bench) -> None:
    """Completing three Shopify records onto one CRM row keeps all three reachable from it."""
    refs = bench.state.crossrefs
    begun = good(refs.begin([intent(bench, number) for number in (27, 28, 29)]))
    done = good(refs.complete([replace(pair, crm_id=crm_id(27)) for pair in begun]))
    assert refs.sharing(bench.shop, KIND, [crm_id(27)]) == {crm_id(27): done}
    (gone,) = good(refs.save([replace(done[0], state=PairState.TOMBSTONE)]))
    assert load(bench, Side.CRM, crm_id(27)) == done[1]
    assert load(bench, Side.SHOPIFY, "27") == gone


def test_an_existing_record_is_adopted_without_an_intent(bench: Bench) -> None:
    """A pair that was never begun is completed as new; a second adopter of the same record is Busy."""
    refs = bench.state.crossrefs
    known = replace(intent(bench, 30), crm_id=crm_id(30))
    (done,) = good(refs.complete([known]))
    assert load(bench, Side.CRM, crm_id(30)) == done
    assert isinstance(bad(refs.complete([replace(known, crm_id=crm_id(31))])[0]), Busy)
    assert load(bench, Side.CRM, crm_id(31)) is None


def test_a_marker_met_meanwhile_is_busy_and_after_the_lease_completes_the_pair(bench: Bench) -> None:
    """A Shopify record that names a CRM row in work waits for it; when that worker is dead, it is completed."""
    refs = bench.state.crossrefs
    good(refs.begin([intent(bench, 32, born=Side.CRM, natural_key="n32")]))
    met = replace(intent(bench, 32, born=Side.CRM), shopify_id="3200", holder=None, lease_until=None)
    error = bad(refs.complete([met])[0])
    assert isinstance(error, Busy)
    assert error.facts["holder"] == "worker"
    bench.clock.advance(241)
    (done,) = good(refs.complete([met]))
    assert load(bench, Side.CRM, crm_id(32)) == done == load(bench, Side.SHOPIFY, "3200")
    assert claimed(bench, "n32") == ""
    good(refs.begin([intent(bench, 33, natural_key="n32")]))


def test_the_worker_thought_dead_cannot_complete_a_second_time(bench: Bench) -> None:
    """After its intent was completed by another, its own answer ends as Busy and the pair stays as it is."""
    refs = bench.state.crossrefs
    (begun,) = good(refs.begin([intent(bench, 34, born=Side.CRM)]))
    bench.clock.advance(241)
    (done,) = good(refs.complete([replace(begun, shopify_id="3400", version=None)]))
    for shopify_id in ("3400", "3401"):
        assert isinstance(bad(refs.complete([replace(begun, shopify_id=shopify_id)])[0]), Busy)
    assert load(bench, Side.CRM, crm_id(34)) == done
    assert load(bench, Side.SHOPIFY, "3401") is None


def test_what_cannot_be_stored_is_refused_with_a_reason(bench: Bench) -> None:
    """Saving what was never stored, completing without both ids, or under another id is Invalid."""
    refs = bench.state.crossrefs
    (begun,) = good(refs.begin([intent(bench, 35)]))
    assert isinstance(bad(refs.save([intent(bench, 36)])[0]), Invalid)
    assert isinstance(bad(refs.abandon([intent(bench, 36)])[0]), Invalid)
    assert isinstance(bad(refs.complete([begun])[0]), Invalid)
    assert isinstance(bad(refs.complete([replace(begun, shopify_id="36", crm_id=crm_id(36))])[0]), Invalid)
    assert isinstance(bad(refs.begin([replace(intent(bench, 37), shopify_id=None)])[0]), Invalid)


def test_a_pair_too_large_for_a_row_is_refused_alone(bench: Bench) -> None:
    """A column over 64 KiB names itself and its size; the rest of the page is stored."""
    refs = bench.state.crossrefs
    begun = good(refs.begin([intent(bench, number) for number in (40, 41, 42)]))
    wide = {Side.CRM: {f"field_{n}": "0123456789abcdef" for n in range(2000)}}
    results = refs.save([begun[0], replace(begun[1], bases=wide), begun[2]])
    assert [isinstance(result, Pair) for result in results] == [True, False, True]
    error = bad(results[1])
    assert isinstance(error, Invalid)
    assert error.facts["column"] == "bases_crm"


def test_kinds_and_shops_keep_apart(bench: Bench) -> None:
    """The same id in another shop or kind, however named, is another pair."""
    refs = bench.state.crossrefs
    one = intent(bench, 50)
    others = [replace(one, kind="tables/über shop"), replace(one, shop=f"x{bench.shop}"), replace(one, crm_table=TABLE)]
    results = refs.begin([one, *others])
    assert [isinstance(result, Pair) for result in results] == [True, True, True, False]
    assert len(list(refs.scan(bench.shop, "tables/über shop"))) == 1
