"""The nightly comparison over fakes: what it queues, what it leaves alone, its bounds, and going on after a crash."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.errors import Busy
from shared.records import Message, PairState
from shared.state.queues import LOAD, from_text, queue_name
from shared.sync.comparing import COMPARISON, THOROUGH, in_window
from tests.support.faults import Fault, Killed
from tests.support.verdicts import THING
from tests.support.world import SHOP, World

DAY = 86_400.0


def many(world: World, count: int) -> list[str]:
    """So many things in Shopify, paired, and one comparison behind them; then a day passes."""
    ids = [world.shopify.add({**THING, "sku": f"A-{number:03d}"}) for number in range(count)]
    world.run()
    world.clock.sleep(600)
    for flow in (world.inward, world.outward):
        world.tick(flow)  # the second tick of a listing notes that it is confirmed
        world.compare(flow)
    world.drain()
    world.clock.sleep(DAY)
    return ids


def sent(world: World, flow: str) -> list[Message]:
    """What lies on the load queue, taken from it."""
    taken = world.state.queue_service.receive(queue_name(LOAD, flow), 32, 1)
    for message in taken:
        world.state.queue_service.delete(queue_name(LOAD, flow), message)
    return [from_text(message.text) for message in taken]


def cursor(world: World, flow: str) -> Any:
    """Where the comparison stands."""
    return world.state.cursors.get(SHOP, flow, COMPARISON).value


def forget_events(world: World) -> None:
    """The logs that polls read are behind their cursors: nobody will be told."""
    for flow, entity in ((world.inward, world.shopify), (world.outward, world.crm)):
        for table in entity.tables:
            here = world.state.cursors.get(SHOP, flow, table)
            world.state.cursors.put(SHOP, flow, table, replace(here, value={"token": str(len(entity.log))}))


def test_nothing_missed_is_nothing_queued(world: World) -> None:
    """Night after night without an edit: no message, on either side, thorough nights included."""
    many(world, 5)
    for _ in range(THOROUGH + 1):
        for flow in (world.inward, world.outward):
            report = world.compare(flow)
            assert (report.records, report.more) == (0, False)
        world.clock.sleep(DAY)


def test_it_waits_for_the_full_listing(world: World) -> None:
    """Before the first load is done there is nothing to compare with: no page, no cursor."""
    world.shopify.add(THING)
    report = world.compare(world.inward)
    assert (report.pages, report.more, cursor(world, world.inward)) == (0, False, {})


def test_a_record_nobody_told_of_is_queued_on_either_side(world: World) -> None:
    """New in Shopify, new in CRM, edited in each: exactly those four, on the queue that live changes overtake."""
    ids = many(world, 4)
    pairs = [world.pair(shopify=each) for each in ids]
    new = world.shopify.add({**THING, "sku": "NEW-1"})
    row = world.crm.add({"number": "NEW-2", "name": "x"}, record_id="crm-new")
    world.shopify.edit(ids[1], {"label": "edited"})
    world.crm.edit(str(pairs[2].crm_id), {"part": "edited"})  # type: ignore[union-attr]
    forget_events(world)
    assert [world.compare(flow).records for flow in (world.inward, world.outward)] == [2, 2]
    inward, outward = sent(world, world.inward), sent(world, world.outward)
    assert [set(message.ids) for message in inward] == [{new, ids[1]}]
    assert [set(message.ids) for message in outward] == [{row, str(pairs[2].crm_id)}]  # type: ignore[union-attr]
    assert not any(message.deleted for message in (*inward, *outward))


def test_a_record_that_is_gone_is_a_suspect_and_retired_only_after_a_read(world: World) -> None:
    """It is queued as deleted; one that is there again when the engine looks stays as it is."""
    ids = many(world, 3)
    crm = [str(world.pair(shopify=each).crm_id) for each in ids]  # type: ignore[union-attr]
    kept = world.shopify.rows[ids[1]]
    world.shopify.remove(ids[0])
    world.shopify.remove(ids[1])
    forget_events(world)
    assert world.compare(world.inward).records == 2
    world.shopify.rows[ids[1]] = kept
    world.drain()
    assert [world.crm.value(each, "state") for each in crm] == [1, 0, 0]
    assert [pair.shopify_id for pair in world.pairs()] == ids[1:]


def test_what_the_mapping_skips_is_read_again_one_night_in_seven(world: World) -> None:
    """A skipped record is asked about once after it changed, then only by the thorough comparison."""
    many(world, 2)
    skipped = world.shopify.add({**THING, "sku": "S-1", "secret": True})
    world.clock.sleep(1000)
    nights = []
    for _ in range(2 * THOROUGH):
        nights.append(world.compare(world.inward).records)
        assert {each for message in sent(world, world.inward) for each in message.ids} <= {skipped}
        world.clock.sleep(DAY)
    assert nights == [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]


def test_tombstones_are_left_alone(world: World) -> None:
    """A record whose pair was laid to rest, edited since: a person relinks it, not the night."""
    ids = many(world, 2)
    pair = world.pair(shopify=ids[0])
    assert pair is not None
    world.crm.remove(str(pair.crm_id))
    world.run()
    assert world.pair(shopify=ids[0]).state is PairState.TOMBSTONE  # type: ignore[union-attr]
    world.shopify.edit(ids[0], {"label": "edited"})
    forget_events(world)
    assert [world.compare(flow).records for flow in (world.inward, world.outward)] == [0, 0]


def test_each_run_is_bounded_and_the_whole_is_gone_through(world: World) -> None:
    """Two pages a run; every run says that there is more until all is listed and asked for."""
    ids = many(world, 9)
    for each in ids:
        world.shopify.edit(each, {"label": "edited"})
    forget_events(world)
    world.shopify.page_size = 2
    reports = [world.compare(world.inward, pages_per_run=2)]
    while reports[-1].more:
        reports.append(world.compare(world.inward, restart=False, pages_per_run=2))
    assert all(report.pages <= 2 for report in reports)
    assert sum(report.pages for report in reports) == 6  # five of the listing, one of pairs
    assert sorted(each for message in sent(world, world.inward) for each in message.ids) == sorted(ids)


def test_a_full_queue_holds_it_back(world: World) -> None:
    """As many messages as may wait and no more; it goes on when workers have taken them."""
    ids = many(world, 6)
    for each in ids:
        world.shopify.edit(each, {"label": "edited"})
    forget_events(world)
    world.shopify.page_size = 1
    report = world.compare(world.inward, outstanding=2)
    assert (report.records, report.more) == (3, True)
    assert world.compare(world.inward, restart=False, outstanding=2).pages == 0
    world.drain()
    while world.compare(world.inward, restart=False, outstanding=2).more:
        world.drain()
    world.drain()
    assert [row.content["label"] for row in world.crm.rows.values()] == ["edited"] * 6


@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.FAIL_AFTER])
@pytest.mark.parametrize("call", ["cursors.get", "cursors.put", "queues.send", "shopify.listing", "shopify.read"])
@pytest.mark.parametrize("done", [0, 2], ids=["while it lists", "while it asks"])
def test_a_death_in_the_middle_misses_nothing(world: World, call: str, fault: Fault, done: int) -> None:
    """Wherever a run dies, the next goes on: an edit and a delete that nobody told of arrive."""
    ids = many(world, 5)
    gone = str(world.pair(shopify=ids[0]).crm_id)  # type: ignore[union-attr]
    world.shopify.remove(ids[0])
    world.shopify.edit(ids[4], {"label": "edited"})
    edited = str(world.pair(shopify=ids[4]).crm_id)  # type: ignore[union-attr]
    forget_events(world)
    world.shopify.page_size = 2
    world.compare(world.inward, pages_per_run=done)
    for _ in range(2):
        world.faults.plan((call, fault))
        with suppress(Killed, Exception):
            world.compare(world.inward, restart=False)
    world.faults.clear()
    while world.compare(world.inward, restart=False).more:
        pass
    world.drain()
    assert (world.crm.value(gone, "state"), world.crm.value(edited, "label")) == (1, "edited")
    assert cursor(world, world.inward)["done"]


def test_a_night_that_did_not_reach_its_end_hands_its_start_on(world: World) -> None:
    """What changed before a broken comparison began is judged by the next one."""
    ids = many(world, 3)
    world.shopify.edit(ids[2], {"label": "edited"})
    forget_events(world)
    world.shopify.page_size = 1
    world.clock.sleep(1000)
    assert world.compare(world.inward, pages_per_run=1).more
    world.clock.sleep(2 * DAY)
    assert world.compare(world.inward, restart=False).records == 1


def test_of_two_at_once_one_gives_way(world: World) -> None:
    """The second meets the cursor as the first left it."""
    many(world, 3)
    world.shopify.edit("1001", {"label": "edited"})
    world.faults.meanwhile["queues.send"] = lambda: world.compare(world.inward, restart=False) and None
    with pytest.raises(Busy):
        world.compare(world.inward)


def test_it_begins_once_a_night_within_its_hours() -> None:
    """From its hour on, for four hours, midnight or not."""
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    hours = [hour for hour in range(24) if in_window(noon + timedelta(hours=hour), 23)]
    assert [(12 + hour) % 24 for hour in hours] == [23, 0, 1, 2]
