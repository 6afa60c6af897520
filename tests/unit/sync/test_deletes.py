"""Deletes are believed only when confirmed, retire and never delete, leave tombstones, and never come in masses."""

from __future__ import annotations

from shared.errors import Invalid, TooManyDeletes
from shared.records import Message, Origin, PairState, Verdict
from tests.support.faults import Fault
from tests.support.verdicts import THING, only, paired
from tests.support.world import SHOP, World


def test_a_confirmed_delete_retires_the_counterpart_and_leaves_a_tombstone(world: World) -> None:
    """The CRM row stays, with the state that the mapping names; the pair stays apart with both ids."""
    shopify, crm = paired(world)
    world.shopify.remove(shopify)
    assert only(world.apply(world.inward, shopify, deleted=True))[0] is Verdict.RETIRED
    assert world.crm.value(crm, "state") == 1
    pair = world.pair(shopify=shopify)
    assert pair is not None
    assert (pair.state, pair.crm_id) == (PairState.TOMBSTONE, crm)


def test_a_delete_that_is_none_is_an_ordinary_change(world: World) -> None:
    """The event said deleted, the source still knows the record: it is synced."""
    shopify, crm = paired(world)
    world.shopify.edit(shopify, {"label": "alive"})
    assert only(world.apply(world.inward, shopify, deleted=True))[0] is Verdict.UPDATED
    assert world.crm.value(crm, "label") == "alive"


def test_a_record_that_cannot_be_read_is_not_deleted_for_that(world: World) -> None:
    """Only an event or a listing makes a delete; an id that is not found is skipped."""
    shopify, crm = paired(world)
    world.shopify.remove(shopify)
    assert only(world.apply(world.inward, shopify))[0] is Verdict.SKIPPED
    assert world.crm.value(crm, "state") == 0


def test_a_tombstone_is_skipped_from_both_sides(world: World) -> None:
    """The retired row is not sent back as a new record."""
    shopify, crm = paired(world)
    world.shopify.remove(shopify)
    world.apply(world.inward, shopify, deleted=True)
    world.crm.edit(crm, {"number": "again"})
    assert only(world.apply(world.outward, crm))[0] is Verdict.SKIPPED
    assert not world.shopify.rows


def test_a_counterpart_that_is_gone_is_laid_to_rest_by_the_other_flow(world: World) -> None:
    """Deleted in CRM without an event: the next change in Shopify finds out, and Shopify's record becomes a draft."""
    shopify, crm = paired(world)
    world.crm.remove(crm)
    world.crm.log.clear()
    world.shopify.edit(shopify, {"label": "x"})
    world.send(world.inward, shopify)
    world.drain()
    assert world.shopify.value(shopify, "parent.status") == "DRAFT"
    pair = world.pair(shopify=shopify)
    assert pair is not None
    assert pair.state is PairState.TOMBSTONE
    assert not world.crm.rows


def test_a_retried_delete_stays_a_delete(world: World) -> None:
    """Throttled, it comes back as the delete that it was."""
    shopify, crm = paired(world)
    world.shopify.remove(shopify)
    world.faults.plan(("crm.write", Fault.THROTTLED))
    world.send(world.inward, shopify, deleted=True)
    world.drain()
    assert world.crm.value(crm, "state") == 0
    world.clock.sleep(60)
    world.drain()
    assert world.crm.value(crm, "state") == 1


def test_a_parked_delete_stays_a_delete(world: World) -> None:
    """The retirement was refused: retrying it by its id alone, after the cause is gone, retires the row."""
    shopify, crm = paired(world)
    write = world.crm.write
    world.crm.write = lambda writes: [Invalid("It is on an active price list.") for _ in writes]  # type: ignore[method-assign]
    world.shopify.remove(shopify)
    assert only(world.apply(world.inward, shopify, deleted=True))[0] is Verdict.PARKED
    world.crm.write = write  # type: ignore[method-assign]
    assert only(world.apply(world.inward, shopify))[0] is Verdict.PARKED
    world.state.queues.send(Message(world.inward, SHOP, Origin.RETRY, ids=(shopify,)))
    world.drain()
    assert world.crm.value(crm, "state") == 1
    assert not world.parked(world.inward)


def test_a_record_deleted_before_its_create_came_through_is_forgotten(world: World) -> None:
    """The intent is taken back; nothing is created for a record that is gone."""
    shopify = world.shopify.add(THING)
    world.faults.plan(("crm.write", Fault.KILL_BEFORE))
    world.send(world.inward, shopify)
    world.work(world.inward)
    world.faults.clear()
    world.shopify.remove(shopify)
    world.clock.sleep(400)
    assert only(world.apply(world.inward, shopify, deleted=True))[0] is Verdict.SKIPPED
    assert world.pair(shopify=shopify) is None
    assert not world.crm.rows


def test_a_record_deleted_after_its_create_was_lost_is_retired(world: World) -> None:
    """The row that the lost create made is found, retired and laid to rest."""
    crm = world.crm.add({"number": "C-1", "name": "Bolt"})
    world.faults.plan(("shopify.write", Fault.FAIL_AFTER))
    world.apply(world.outward, crm)
    (shopify,) = world.shopify.rows
    world.crm.remove(crm)
    world.clock.sleep(400)
    assert only(world.apply(world.outward, crm, deleted=True))[0] is Verdict.RETIRED
    assert world.shopify.value(shopify, "parent.status") == "DRAFT"
    pair = world.pair(shopify=shopify)
    assert pair is not None
    assert pair.state is PairState.TOMBSTONE


def test_many_deletes_pause_the_flow_and_ask(world: World) -> None:
    """More than a tenth and more than twenty within a day: nothing is retired until a person says that it is meant."""
    ids = [world.shopify.add({**THING, "sku": f"A-{number}"}) for number in range(60)]
    world.run()
    for record_id in ids[:25]:
        world.shopify.remove(record_id)
    assert isinstance(world.apply(world.inward, *ids[:25], deleted=True).trouble, TooManyDeletes)
    world.send(world.inward, *ids[:25], deleted=True)
    world.drain()
    assert world.state.switches.paused(world.inward)
    assert not any(row.content["state"] for row in world.crm.rows.values())
    world.state.switches.accept_deletes(world.inward, world.clock.now().replace(year=2027))
    world.state.switches.resume(world.inward)
    world.clock.sleep(10)
    world.state.queues.release(world.inward)
    world.drain()
    assert sum(row.content["state"] == 1 for row in world.crm.rows.values()) == 25


def test_deletes_that_come_one_by_one_are_counted_over_the_day(world: World) -> None:
    """The share counts what earlier runs of the last 24 hours retired."""
    ids = [world.shopify.add({**THING, "sku": f"A-{number}"}) for number in range(60)]
    world.run()
    for record_id in ids[:25]:
        world.shopify.remove(record_id)
        world.send(world.inward, record_id, deleted=True)
        world.drain()
    assert sum(row.content["state"] == 1 for row in world.crm.rows.values()) == 20
    assert world.state.switches.paused(world.inward)


def test_a_full_listing_finds_deletes_that_no_event_told(world: World) -> None:
    """Pairs older than the listing are asked for by id; what is gone is retired, what is younger is left alone."""
    shopify, crm = paired(world)
    kept = world.shopify.add({**THING, "sku": "A-2"})
    world.run()
    world.shopify.remove(shopify)
    world.run()
    assert world.crm.value(crm, "state") == 0
    world.clock.sleep(60)
    world.tick(world.inward, restart=True)
    world.run()
    assert world.crm.value(crm, "state") == 1
    pair = world.pair(shopify=kept)
    assert pair is not None
    assert pair.state is PairState.PAIRED
    assert [row.origin for row in world.state.runs.last(SHOP, world.inward, 50)].count("load") >= 2
