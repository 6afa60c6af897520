"""How long a claim keeps others from a record: no longer than there is something to wait for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shared.errors import Unavailable
from shared.records import Message, Origin, PairState, Record
from shared.sync.flow import Timing
from tests.support.faults import Fault
from tests.support.verdicts import THING
from tests.support.world import SHOP, World


def test_a_create_in_doubt_comes_back_when_its_claim_is_over(world: World) -> None:
    """Promise: a lost answer costs one lease, and not a multiple of it because its record had waited before."""
    crm = world.crm.add({"number": "C-1", "name": "Bolt"})
    now = world.clock.now()
    world.state.queues.send(Message(world.outward, SHOP, Origin.RETRY, ids=(crm,), attempt=4, first_at=now))
    world.faults.plan(("shopify.write", Fault.FAIL_AFTER))
    world.drain()
    world.clock.sleep(Timing().lease_s + 10)
    world.drain()
    pair = world.pair(crm=crm)
    assert pair is not None
    assert pair.state is PairState.PAIRED
    assert (world.waiting(), len(world.shopify.rows)) == (0, 1)


def test_a_create_that_cannot_be_judged_lays_its_claim_down(world: World) -> None:
    """Promise: storage that does not answer between claim and write costs its own wait, not the lease."""
    answers = iter([Unavailable("Storage is away.", retry_after_s=10.0)])

    def rivals(records: Sequence[Record]) -> list[None]:
        for error in answers:
            raise error
        return [None for _ in records]

    world.change(world.inward, beside=replace(world.jobs[world.inward].beside, rivals=rivals))
    shopify = world.shopify.add(THING)
    world.send(world.inward, shopify)
    world.drain()
    world.clock.sleep(11)
    world.drain()
    pair = world.pair(shopify=shopify)
    assert pair is not None
    assert pair.state is PairState.PAIRED
