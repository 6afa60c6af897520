"""How long a claim keeps others from a record: no longer than there is something to wait for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shared.errors import Throttled, Unavailable
from shared.records import Message, Origin, PairState, Record, Write, WriteResult
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


def test_a_pair_that_cannot_be_stored_keeps_no_other_records_claim(world: World) -> None:
    """Promise: storage that does not answer after a write leaves the claim of that write alone standing."""
    done, refused = (world.shopify.add({**THING, "sku": sku}) for sku in ("A", "B"))
    write, complete = world.crm.write, world.state.crossrefs.complete

    def half(writes: Sequence[Write]) -> Sequence[WriteResult]:
        return [*write(writes[:1]), *[Throttled("wait", retry_after_s=10.0) for _ in writes[1:]]]

    def away(pairs: object) -> object:
        raise Unavailable("Storage is away.", retry_after_s=10.0)

    world.crm.write, world.state.crossrefs.complete = half, away  # type: ignore[method-assign, assignment]
    world.send(world.inward, done, refused)
    world.drain()
    world.crm.write, world.state.crossrefs.complete = write, complete  # type: ignore[method-assign]
    assert world.pair(shopify=refused) is None
    world.clock.sleep(Timing().lease_s + 20)
    world.run()
    assert {pair.state for pair in world.pairs()} == {PairState.PAIRED}
    assert len(world.crm.rows) == 2
