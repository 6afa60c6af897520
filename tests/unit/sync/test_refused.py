"""One record that is refused as if access were lost: its neighbours go on, it is parked; a real loss parks none."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from shared.errors import AuthFailed, SchemaMismatch, SyncError, TooManyDeletes
from shared.records import Message, Origin, Side, Write
from shared.sync.flow import Mode
from shared.sync.pausing import stop
from shared.telemetry import spend
from tests.support.verdicts import THING
from tests.support.world import SHOP, World

DENIED = AuthFailed("things: access is denied to this row.", facts={"vendor_code": "0x80048306"})
ROUND_S = 600


def refuse(world: World, error: SyncError, *refused: str) -> None:
    """CRM answers with this error to writes of these records; to all where none is named. Others count as answers."""
    write = world.crm.write

    def some(writes: Sequence[Write]) -> Sequence[object]:
        good = [each for each in writes if refused and each.source_id not in refused]
        for side in Side if good else ():
            spend(answered=side)
        answers = dict(zip((each.source_id for each in good), write(good) if good else (), strict=True))
        return [answers.get(each.source_id, error) for each in writes]

    world.crm.write = some  # type: ignore[assignment, method-assign]


def rounds(world: World, count: int, *, traffic: bool = True, resumed: bool = False) -> int:
    """So many rounds of work and housekeeping, with a new record in each; how many of them ended in a pause."""
    paused = 0
    for number in range(count):
        if traffic:
            world.send(world.inward, world.shopify.add({**THING, "sku": f"N-{world.clock.now():%d%H%M%S}-{number}"}))
        world.drain()
        if resumed:
            world.state.switches.resume(world.inward)
        if not world.state.switches.all():
            world.state.queues.release(world.inward)
        world.drain()
        world.clock.sleep(61)
        world.drain()
        paused += bool(world.state.switches.all())
        world.clock.sleep(ROUND_S - 61)
    return paused


@pytest.mark.parametrize("batch_size", [1, 50])
@pytest.mark.parametrize("error", [DENIED, SchemaMismatch("things: property `x` does not exist.")])
def test_one_record_that_is_refused_does_not_stop_its_flow_for_ever(
    world: World, error: SyncError, batch_size: int
) -> None:
    """Promise: its page is taken apart, the others are paired, and it is parked with the refusal's own sentence."""
    ids = [world.shopify.add({**THING, "sku": f"A-{number}"}) for number in range(20)]
    world.crm.batch_size = batch_size
    refuse(world, error, ids[5])
    world.send(world.inward, *ids)
    rounds(world, 30)
    assert world.parked(world.inward) == {ids[5]: error.code}
    (row,) = world.state.parked.list(SHOP, world.inward)
    assert row.sentence == error.sentence
    assert {pair.shopify_id for pair in world.pairs()} >= {*ids} - {ids[5]}
    assert rounds(world, 5) == 0
    assert world.state.queues.held(world.inward) == 0


@pytest.mark.parametrize("resumed", [False, True])
def test_a_loss_of_access_parks_nothing(world: World, resumed: bool) -> None:
    """Promise: where every write is refused the flow stands and all is kept, however often somebody resumes it."""
    refuse(world, DENIED)
    for number in range(5):
        world.send(world.inward, world.shopify.add({**THING, "sku": f"A-{number}"}))
    assert rounds(world, 40, traffic=not resumed, resumed=resumed) > 5
    assert not world.parked(world.inward)
    del world.crm.write
    world.state.switches.resume(world.inward)
    rounds(world, 3)
    assert len(world.pairs()) == len(world.shopify.rows)


def test_a_dry_run_s_counts_do_not_say_that_a_flow_works(world: World) -> None:
    """Promise: what a run would have written proves nothing of access, so the refused record is not parked for it."""
    refuse(world, DENIED)
    shopify = world.shopify.add(THING)
    world.send(world.inward, shopify)
    world.drain()
    world.clock.sleep(ROUND_S)
    world.change(world.inward, mode=Mode.PLAN)
    world.send(world.inward, shopify)
    world.drain()
    world.change(world.inward, mode=Mode.ON)
    world.state.switches.resume(world.inward)
    rounds(world, 2, traffic=False)
    assert not world.parked(world.inward)


def test_many_deletes_are_never_one_record_s_fault(world: World) -> None:
    """Promise: a person's word is waited for, also where this message was refused before and the flow wrote since."""
    shopify = world.shopify.add(THING)
    refused_at = world.clock.now()
    world.clock.sleep(1)
    rounds(world, 1)
    refuse(world, TooManyDeletes("300 of 400 were deleted."), shopify)
    again = Message(world.inward, SHOP, Origin.RETRY, ids=(shopify,), refused_at=refused_at)
    world.dispatch(world.inward).handle(again)
    assert not world.parked(world.inward)
    assert world.state.switches.held()


def test_what_was_refused_is_tried_behind_the_others(world: World) -> None:
    """Promise: those held with it show first whether their flow works; ahead of them it would stop them each time."""
    bad, good = (world.shopify.add({**THING, "sku": sku}) for sku in ("A", "B"))
    refuse(world, DENIED, bad)
    world.send(world.inward, bad)
    world.send(world.inward, good)
    world.drain()
    world.clock.sleep(ROUND_S)
    world.state.queues.release(world.inward)
    world.drain()
    assert world.pair(shopify=good) is not None
    assert not world.state.switches.troubled(world.inward)
    stop(world.state.switches, world.inward, DENIED)
    world.clock.sleep(61)
    world.drain()
    assert not world.parked(world.inward)  # it comes while the flow is troubled: that is no news
    assert world.state.queues.held(world.inward) == 1
