"""Steps 8 and 9: claim and write, remember; and what becomes of records that are parked."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shared.errors import AuthFailed, Misconfigured
from shared.records import Side, Verdict
from tests.support.faults import Fault, Killed
from tests.support.verdicts import THING, only, paired
from tests.support.world import World

# 8 claim and write


def test_a_page_is_written_in_calls_of_the_targets_size(world: World) -> None:
    """Claims and writes go in chunks, so that no claim waits for a long call of others."""
    world.crm.batch_size = 4
    ids = [world.shopify.add({**THING, "sku": f"A-{number}"}) for number in range(10)]
    world.apply(world.inward, *ids)
    assert world.faults.calls["crm.write"] == 3
    assert len(world.crm.rows) == 10


def test_a_refused_write_is_parked_and_the_rest_goes_on(world: World) -> None:
    """The target's refusal of one record is that record's; its claim is taken back."""
    world.crm.add({"number": "taken"}, record_id="crm-x")
    bad = world.shopify.add({**THING, "sku": "TAKEN"})
    world.crm.find = lambda path, values, fold=False: {}  # type: ignore[method-assign] # exact in case, the unique key is not
    world.crm.normalise = {"number": lambda value: str(value).lower()}
    world.crm._doubled = lambda record_id, values: (  # type: ignore[method-assign]
        type(world.crm)._doubled(world.crm, record_id, {"number": str(values.get("number")).lower()})
    )
    good = world.shopify.add(THING)
    verdicts = {each.source_id: each.verdict for each in world.apply(world.inward, bad, good).outcomes}
    assert verdicts == {bad: Verdict.PARKED, good: Verdict.CREATED}
    assert world.pair(shopify=bad) is None


def test_a_throttled_write_leaves_no_claim(world: World) -> None:
    """It surely did not happen, so the next try need not wait for a lease."""
    shopify, crm = paired(world)
    world.shopify.edit(shopify, {"label": "x"})
    world.faults.plan(("crm.write", Fault.THROTTLED))
    assert only(world.apply(world.inward, shopify))[0] is Verdict.LATER
    assert only(world.apply(world.inward, shopify))[0] is Verdict.UPDATED
    assert world.crm.value(crm, "label") == "x"


def test_trouble_in_the_middle_of_a_page_keeps_what_was_done(world: World) -> None:
    """Credentials refused at the second call: the first call's records are remembered, the trouble is reported."""
    world.crm.batch_size = 1
    one, two = world.shopify.add(THING), world.shopify.add({**THING, "sku": "A-2"})
    write = world.crm.write
    world.crm.write = lambda writes: (  # type: ignore[method-assign]
        [AuthFailed("The token was refused.")] if writes[0].source_id == two else write(writes)
    )
    result = world.apply(world.inward, one, two)
    assert isinstance(result.trouble, Misconfigured)
    assert world.pair(shopify=one) is not None
    assert not world.parked(world.inward)


# 9 remember


def test_remember_keeps_what_the_target_returned(world: World) -> None:
    """A normalised value is no edit: the echo of our own write changes nothing on either side."""
    world.crm.normalise = {"number": lambda value: str(value).upper()}
    shopify = world.shopify.add({**THING, "sku": "low"})
    world.run()
    pair = world.pair(shopify=shopify)
    assert pair is not None
    before = world.writes()
    assert only(world.apply(world.outward, str(pair.crm_id)))[0] is Verdict.UNCHANGED
    assert only(world.apply(world.inward, shopify))[0] is Verdict.UNCHANGED
    assert world.writes() == before


def test_an_edit_between_look_and_write_is_left_to_the_other_flow(world: World) -> None:
    """A field of the read-back that we did not write and did not see so keeps its old base."""
    shopify, crm = paired(world)
    world.crm.edit(crm, {"part": "P-1"})
    world.faults.meanwhile["shopify.write"] = lambda: world.shopify.edit(shopify, {"price": Decimal("12.00")})
    result = world.apply(world.outward, crm)
    assert result.reverse == (shopify,)
    world.apply(world.inward, shopify)
    assert world.crm.value(crm, "item.amount") == Decimal("12.00")


def test_a_change_that_its_owner_refuses_is_put_right_by_the_owners_flow(world: World) -> None:
    """CRM's edit of a price that Shopify owns, when both changed: CRM gets Shopify's price."""
    shopify, crm = paired(world)
    world.shopify.edit(shopify, {"price": Decimal("11.00")})
    world.crm.edit(crm, {"item.amount": Decimal("99.00")})
    assert world.apply(world.outward, crm).reverse == (shopify,)
    world.run()
    assert world.shopify.value(shopify, "price") == world.crm.value(crm, "item.amount") == Decimal("11.00")


def test_drift_is_repaired_where_the_mapping_says_so(world: World) -> None:
    """The name belongs to Shopify and is repaired; the label may drift."""
    shopify, crm = paired(world)
    world.crm.edit(crm, {"name": "Renamed", "label": "Relabelled"})
    world.run()
    assert world.crm.value(crm, "name") == "Shirt"
    assert world.crm.value(crm, "label") == "Relabelled"
    assert world.shopify.value(shopify, "label") == "new"


def test_a_create_settles_the_other_flow_too(world: World) -> None:
    """What was just made needs no look from the other side: a first load does not cost everything twice."""
    world.shopify.add(THING)
    result = world.apply(world.inward, "1001")
    assert result.reverse == ()
    world.faults.calls.clear()
    assert only(world.apply(world.outward, str(result.outcomes[0].target_id)))[0] is Verdict.UNCHANGED
    assert not any(name.startswith("shopify.") for name in world.faults.calls)


def test_owned_fields_reach_a_record_born_on_the_other_side(world: World) -> None:
    """CRM's record gets what the other mapping says of it: here the fixed origin."""
    crm = world.crm.add({"number": "C-1", "name": "Bolt"})
    world.run()
    assert world.crm.value(crm, "origin") == "shop"
    pair = world.pair(crm=crm)
    assert pair is not None
    assert pair.born is Side.CRM


# parked records


def test_a_parked_record_that_is_seen_again_costs_no_call(world: World) -> None:
    """Neither its content nor the mapping changed: nothing is asked, and it stays parked."""
    one, two = world.shopify.add(THING), world.shopify.add(THING)
    world.apply(world.inward, one, two)
    world.faults.calls.clear()
    assert {each.verdict for each in world.apply(world.inward, one, two).outcomes} == {Verdict.PARKED}
    assert set(world.faults.calls) == {"crossrefs.load", "parked.known", "shopify.read"}


def test_a_parked_record_that_is_fine_is_not_parked_any_more(world: World) -> None:
    """Its row goes away with the verdict that says so, whichever that is."""
    one, two = world.shopify.add(THING), world.shopify.add(THING)
    world.apply(world.inward, one, two)
    world.shopify.edit(one, {"secret": True})
    world.shopify.edit(two, {"sku": "A-2"})
    world.send(world.inward, one, two)
    world.work(world.inward)
    assert not world.parked(world.inward)


def test_a_refused_create_that_was_begun_before_looks_for_its_key_once_more(world: World) -> None:
    """While a lost create was waited for, somebody made the record by hand: it is adopted, and nobody is parked."""
    world.faults.plan(("crm.write", Fault.KILL_BEFORE))
    shopify = world.shopify.add(THING)
    with pytest.raises(Killed):
        world.apply(world.inward, shopify)
    by_hand = world.crm.add({"number": "A-1"}, record_id="crm-by-hand")
    world.clock.sleep(600)
    world.run()
    pair = world.pair(shopify=shopify)
    assert pair is not None
    assert pair.crm_id == by_hand
    assert not world.parked(world.inward)
    assert not world.parked(world.outward)
