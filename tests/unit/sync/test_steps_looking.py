"""Steps 6 and 7: look and plan, each by its own promise, on two systems in memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.mapping.rules import MatchRule
from shared.records import Origin, Page, Verdict
from tests.support.faults import Fault
from tests.support.verdicts import THING, only, paired
from tests.support.world import SHOP, World

# 6 look


def test_look_asks_for_a_whole_page_at_once(world: World) -> None:
    """Ten changed records cost one read of the source and one of the target."""
    ids = [world.shopify.add({**THING, "sku": f"A-{number}"}) for number in range(10)]
    world.run()
    for record_id in ids:
        world.shopify.edit(record_id, {"label": "changed"})
    world.faults.calls.clear()
    world.apply(world.inward, *ids)
    calls = world.faults.calls
    assert (calls["shopify.read"], calls["crm.read"], calls["crm.write"], calls["crm.find"]) == (1, 1, 1, 0)


def test_look_adopts_the_one_record_with_the_same_key(world: World) -> None:
    """It is linked and marked, never made twice."""
    crm = world.crm.add({"number": "A-1", "name": "Shirt"})
    shopify = world.shopify.add(THING)
    world.apply(world.inward, shopify)
    assert list(world.crm.rows) == [crm]
    assert world.crm.rows[crm].marker == shopify


def test_two_source_records_with_one_key_are_both_parked(world: World) -> None:
    """Also when the vendor's search has not seen the second one yet: the page itself says so."""
    world.faults.choose = lambda name: None
    world.shopify.find = lambda path, values, fold=False: {}  # type: ignore[method-assign] # an index that lags behind
    one, two = world.shopify.add(THING), world.shopify.add(THING)
    result = world.apply(world.inward, one, two)
    assert {each.verdict for each in result.outcomes} == {Verdict.PARKED}
    assert not world.crm.rows


def test_a_twin_that_appears_later_is_parked_and_the_first_goes_on(world: World) -> None:
    """What is paired stays paired; the newcomer's key belongs to somebody."""
    shopify, crm = paired(world)
    twin = world.shopify.add(THING)
    assert only(world.apply(world.inward, twin))[0] is Verdict.PARKED
    world.shopify.edit(shopify, {"label": "still in sync"})
    world.apply(world.inward, shopify)
    assert world.crm.value(crm, "label") == "still in sync"


def test_twins_are_looked_at_again_when_one_of_them_gets_its_own_key(world: World) -> None:
    """Neither has to be retried by hand."""
    one, two = world.shopify.add(THING), world.shopify.add(THING)
    world.run()
    assert set(world.parked(world.inward)) == {one, two}
    world.shopify.edit(two, {"sku": "A-2"})
    world.run()
    assert not world.parked(world.inward)
    assert len(world.pairs()) == 2


@pytest.mark.parametrize("call", ["queues.send", "parked.remove"])
@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER])
def test_a_worker_s_death_does_not_keep_a_twin_from_being_looked_at(world: World, call: str, fault: Fault) -> None:
    """Promise: that its twin has a key of its own is forgotten only after the other is on its way."""
    one, two = world.shopify.add(THING), world.shopify.add(THING)
    world.run()
    world.shopify.edit(two, {"sku": "A-2"})
    world.send(world.inward, two)
    world.faults.plan((call, fault))
    world.work(world.inward)
    world.faults.clear()
    world.clock.sleep(400)
    world.drain()  # no poll: only the message that comes again knows of it
    assert not world.parked(world.inward)
    assert {pair.shopify_id for pair in world.pairs()} == {one, two}


def test_a_counterpart_that_belongs_to_another_is_not_taken(world: World) -> None:
    """Its mark says whose it is, even when the state does not."""
    crm = world.crm.add({"number": "A-1"})
    world.crm.rows[crm].marker = "4711"
    shopify = world.shopify.add(THING)
    assert only(world.apply(world.inward, shopify))[0] is Verdict.PARKED
    assert world.crm.rows[crm].marker == "4711"


def test_a_key_that_its_owner_has_given_up_is_waited_for(world: World) -> None:
    """A person renumbers one record and uses its old key for another before the first change has arrived."""
    shopify, crm = paired(world)
    world.crm.edit(crm, {"number": "A-2"})
    newcomer = world.crm.add({"number": "A-1"})
    assert only(world.apply(world.outward, newcomer))[0] is Verdict.LATER
    world.run()
    assert not world.parked(world.outward)
    made = world.pair(crm=newcomer)
    assert made is not None
    assert world.shopify.value(shopify, "sku") == "A-2"
    assert world.shopify.value(str(made.shopify_id), "sku") == "A-1"


# 7 plan


def test_plan_writes_nothing_at_all_in_a_dry_run(world: World) -> None:
    """Steps 1 to 7 report what would be done and leave both systems and the state as they are."""
    world.shopify.add(THING)
    page = world.shopify.listing("")
    result = world.engine(world.inward).apply(
        Page(world.inward, SHOP, page.items, Origin.COMMAND, page.read_at, world.shopify.selection), write=False
    )
    assert only(result) == (Verdict.CREATED, "It would be created.")
    assert {change.name for change in result.outcomes[0].changes} >= {"key", "amount", "label"}
    assert not world.crm.rows
    assert not world.pairs()
    assert not any(name in world.faults.calls for name in ("crossrefs.begin", "crossrefs.save", "parked.put"))


def test_plan_breaks_a_field_that_goes_back_and_forth(world: World) -> None:
    """Something else keeps undoing our write: after three turns within an hour the record is read live, then parked."""
    shopify, crm = paired(world)
    for turn in range(5):
        world.crm.edit(crm, {"name": "Somebody's"})
        world.shopify.edit(shopify, {"label": f"seen {turn}"})
        world.clock.sleep(30)
        result = world.apply(world.inward, shopify)
    assert only(result)[0] is Verdict.PARKED
    assert world.parked(world.inward) == {shopify: "LoopSuspected"}
    world.clock.sleep(4000)
    world.apply(world.inward, shopify, deleted=False)
    world.shopify.edit(shopify, {"label": "an hour later"})
    assert only(world.apply(world.inward, shopify))[0] is Verdict.UPDATED


def test_edits_back_and_forth_by_a_person_are_not_a_loop_yet(world: World) -> None:
    """The breaker counts turns of one field, not edits."""
    shopify, crm = paired(world)
    for label in ("a", "b", "c", "d", "e", "f", "g"):
        world.shopify.edit(shopify, {"label": label})
        world.clock.sleep(2)
        world.apply(world.inward, shopify)
    assert world.crm.value(crm, "label") == "g"


def test_a_source_that_turns_by_itself_is_followed(world: World) -> None:
    """What no flow writes back, and nobody undid in the target, is the source's own word: A, B, A, B, A arrive."""
    shopify, crm = paired(world)
    for label in ("a", "b") * 5:
        world.shopify.edit(shopify, {"label": label})
        world.clock.sleep(30)
        assert only(world.apply(world.inward, shopify))[0] is Verdict.UPDATED
        assert world.crm.value(crm, "label") == label


# 6 look, by a key that several may share


def _shared_key(world: World) -> None:
    """Things are matched by their label, which is nobody's alone; the fake refuses two of one number."""
    rules = world.jobs[world.inward].rules
    world.change(world.inward, rules=replace(rules, matches=(MatchRule("label", "label", "label", several="next"),)))


def test_a_key_that_may_be_shared_finds_the_one_that_is_free(world: World) -> None:
    """Where it is one record's on both sides it counts as any other key."""
    _shared_key(world)
    crm = world.crm.add({"label": "new"})
    shopify = world.shopify.add(THING)
    world.apply(world.inward, shopify)
    assert world.crm.rows[crm].marker == shopify
    assert len(world.crm.rows) == 1


@pytest.mark.parametrize("rows", [2, 3])
def test_a_key_that_several_targets_share_says_nothing(world: World, rows: int) -> None:
    """The record gets one of its own, and none of them is touched."""
    _shared_key(world)
    there = [world.crm.add({"label": "new"}) for _ in range(rows)]
    assert only(world.apply(world.inward, world.shopify.add(THING)))[0] is Verdict.CREATED
    assert [world.crm.rows[each].marker for each in there] == [None] * rows


def test_a_key_that_several_sources_share_says_nothing(world: World) -> None:
    """Also where one page holds both: neither takes the one target, neither is parked."""
    _shared_key(world)
    crm = world.crm.add({"label": "new"})
    one, two = world.shopify.add(THING), world.shopify.add({**THING, "sku": "A-2"})
    world.run()
    assert world.parked(world.inward) == {}
    assert world.crm.rows[crm].marker is None
    assert {world.pair(shopify=each) is not None for each in (one, two)} == {True}


def test_a_key_of_somebody_elses_target_says_nothing(world: World) -> None:
    """Its mark says that it is taken: the record is not made to wait for a key that nobody will give up."""
    _shared_key(world)
    crm = world.crm.add({"label": "new"})
    world.crm.rows[crm].marker = "4711"
    assert only(world.apply(world.inward, world.shopify.add(THING)))[0] is Verdict.CREATED
    assert world.crm.rows[crm].marker == "4711"
