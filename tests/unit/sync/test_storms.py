"""What looks like an outage and is none: it must not stop others, nor itself for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from shared.errors import Unavailable
from shared.records import Changes, Item, Message, Origin, Side
from shared.sync.pausing import works
from tests.support.verdicts import THING, paired
from tests.support.world import SHOP, World
from tests.unit.sync.test_dispatch import fail_reads


@pytest.mark.parametrize("whom", [{"side": "shopify"}, {"side": "shopify", "shop": SHOP}])
def test_one_record_that_never_answers_does_not_take_its_page_with_it(world: World, whom: dict[str, object]) -> None:
    """It looks like an outage once; after the connection has worked meanwhile its message is taken apart."""
    good, bad = (world.shopify.add({**THING, "sku": sku}) for sku in ("A", "B"))
    read = world.shopify.read

    def half(ids: Sequence[str]) -> object:
        if bad in ids:
            raise Unavailable("HTTP 500.", facts=whom)
        return read(ids)

    world.shopify.read = half  # type: ignore[assignment, method-assign]
    world.send(world.inward, good, bad)
    for _ in range(60):
        world.drain()
        if not world.state.switches.all():
            world.state.queues.release(world.inward)
            works(world.state.switches, world.outward, [*Side, SHOP])
        world.clock.sleep(900)
    assert world.pair(shopify=good) is not None
    assert world.parked(world.inward) == {bad: "WorkerFailed"}


def test_a_busy_record_is_no_sign_of_an_outage(world: World) -> None:
    """Three tries because another worker had the pair, then one time-out: nothing is paused."""
    shopify, _ = paired(world)
    fail_reads(world, Unavailable("No answer.", facts={"side": "shopify"}))
    world.state.queues.send(Message(world.inward, SHOP, Origin.RETRY, ids=(shopify,), attempt=3))
    world.drain()
    assert not world.state.switches.all()


def test_what_could_not_be_found_is_fine_when_its_message_is(world: World) -> None:
    """A row of another table, parked because its records were never found, is not kept once they were."""
    shopify = world.shopify.add(THING)
    fail_reads(world, Unavailable("No answer."))
    long_ago = world.clock.now() - timedelta(days=2)

    def fail(table: str, ids: Sequence[str]) -> Changes:
        raise Unavailable("No answer.")

    world.shopify.members = fail  # type: ignore[method-assign]
    about = Message(world.inward, SHOP, Origin.WEBHOOK, ids=("p1",), table="products", attempt=1, first_at=long_ago)
    world.dispatch(world.inward).handle(about)
    assert list(world.parked(world.inward)) == ["p1"]
    del world.shopify.read
    world.shopify.members = lambda table, ids: Changes((Item(shopify),), world.clock.now())  # type: ignore[method-assign]
    world.dispatch(world.inward).handle(Message(world.inward, SHOP, Origin.RETRY, ids=("p1",), table="products"))
    assert not world.parked(world.inward)
    assert world.pair(shopify=shopify) is not None
