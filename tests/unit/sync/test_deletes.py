"""Deletes are believed only when confirmed, retire and never delete, leave tombstones, and never come in masses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from shared.errors import AuthFailed, Invalid, SyncError, Throttled, TooManyDeletes
from shared.records import Message, Origin, Pair, PairState, Verdict, Write, WriteResult
from shared.sync.flow import Mode
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


def _many(world: World, count: int = 60) -> list[str]:
    """So many records in step."""
    first = len(world.crm.rows)
    ids = [world.shopify.add({**THING, "sku": f"A-{first + number}"}) for number in range(count)]
    world.run(rounds=200)
    return ids


def _gone(world: World, ids: list[str]) -> None:
    """They are deleted, and one message says so."""
    for each in ids:
        world.shopify.remove(each)
    world.send(world.inward, *ids, deleted=True)


def _retired(world: World) -> int:
    return sum(row.content["state"] == 1 for row in world.crm.rows.values())


def test_workers_side_by_side_and_parts_of_one_message_are_counted_together(world: World) -> None:
    """Promise: nobody passes because the others have not ended: none of these pages has stored a run yet."""
    ids = _many(world, 400)
    for each in ids[:200]:
        world.shopify.remove(each)
    troubles = [world.apply(world.inward, *ids[at : at + 10], deleted=True).trouble for at in range(0, 200, 10)]
    assert [isinstance(each, TooManyDeletes) for each in troubles] == [False] * 3 + [True] * 17
    assert _retired(world) == 30


def test_what_a_plan_would_have_retired_does_not_count(world: World) -> None:
    """Promise: the first day of mode `on` does not stop for what mode `plan` only reported."""
    ids = _many(world)
    world.change(world.inward, mode=Mode.PLAN)
    _gone(world, ids[:15])
    world.drain()
    assert (_retired(world), world.state.runs.last(SHOP, world.inward, 1)[0].counts["retired"]) == (0, 15)
    world.change(world.inward, mode=Mode.ON)
    world.send(world.inward, *ids[:15], deleted=True)
    world.drain()
    assert (_retired(world), world.state.switches.paused(world.inward)) == (15, "")


def test_the_kind_is_counted_once_a_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: a busy day of single deletes reads all pairs of the kind once, not with every delete above twenty."""
    ids, scans, scan = _many(world, 400), list[str](), world.state.crossrefs.scan

    def counted(shop: str, kind: str, *, after: str = "") -> Iterable[Pair]:
        scans.append(kind)
        return scan(shop, kind, after=after)

    monkeypatch.setattr(world.state.crossrefs, "scan", counted)
    for each in ids[:35]:
        _gone(world, [each])
        world.drain()
    assert (_retired(world), len(scans)) == (35, 1)


def test_a_kind_that_has_grown_since_is_counted_again_before_it_stops(world: World) -> None:
    """Promise: the size that is known from before may let deletes pass; it stops none that the kind of now allows."""
    ids = _many(world, 210)
    _gone(world, ids[:21])
    world.drain()
    ids += _many(world, 300)
    _gone(world, ids[21:40])
    world.drain()
    assert (_retired(world), world.state.switches.paused(world.inward)) == (40, "")


@pytest.mark.parametrize("error", [Throttled("Wait."), Invalid("No."), AuthFailed("No.", facts={"side": "crm"})])
def test_a_delete_that_was_refused_counts_no_more(world: World, error: SyncError) -> None:
    """Promise: fifteen that are refused three times are fifteen, whatever refuses them."""
    ids, write, tries = _many(world), world.crm.write, list[int]()

    def refused(writes: Sequence[Write]) -> Sequence[WriteResult]:
        tries.append(len(writes))
        return [error for _ in writes]

    world.crm.write = refused  # type: ignore[method-assign]
    for each in ids[:15]:
        world.shopify.remove(each)
    for _ in range(3):
        world.apply(world.inward, *ids[:15], deleted=True, origin=Origin.RETRY)
        world.clock.sleep(600)
    world.crm.write = write  # type: ignore[method-assign]
    assert (len(tries) >= 3, world.state.retirements.add(SHOP, world.inward, world.clock.now(), 0)[0]) == (True, 0)
    assert world.apply(world.inward, *ids[:15], deleted=True, origin=Origin.RETRY).trouble is None
    assert _retired(world) == 15


@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.FAIL_AFTER])
def test_a_delete_that_perhaps_happened_goes_on_counting(world: World, fault: Fault) -> None:
    """Promise: a worker that died, or got no answer, may have retired its twelve: twelve others are too many."""
    ids = _many(world)
    world.faults.plan(("crm.write", fault))
    _gone(world, ids[:12])
    world.drain()
    world.faults.clear()
    for each in ids[12:24]:
        world.shopify.remove(each)
    before = _retired(world)
    assert isinstance(world.apply(world.inward, *ids[12:24], deleted=True).trouble, TooManyDeletes)
    assert _retired(world) == before
