"""The life of a pair: every move from state to state, who makes it, and what a death, a lost answer or a stall leaves.

docs/architecture.md has the same as a table.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

import pytest

from shared.records import PairState, Verdict
from tests.support.faults import Fault, Killed
from tests.support.verdicts import THING, only, paired
from tests.support.world import World

PAST_LEASE = 300.0
CALLS = ["crossrefs.begin", "crm.write", "crossrefs.complete", "parked.known", "crm.marked", "shopify.read"]


def state(world: World, shopify: str) -> PairState | None:
    """What the stored row says."""
    pair = world.pair(shopify=shopify)
    return pair.state if pair else None


def die(world: World, call: str, fault: Fault, act: Callable[[], object]) -> None:
    """Do something and die, or lose the answer, at that call."""
    world.faults.plan((call, fault))
    with suppress(Killed):
        act()
    world.faults.clear()


def test_nothing_to_intent_to_paired(world: World) -> None:
    """A create: the intent stands while the write is on its way, the pair is complete after it."""
    shopify = world.shopify.add(THING)
    seen: list[PairState | None] = []
    world.faults.meanwhile["crm.write"] = lambda: seen.append(state(world, shopify))
    world.apply(world.inward, shopify)
    assert seen == [PairState.INTENT]
    assert state(world, shopify) is PairState.PAIRED


def test_paired_to_writing_to_paired(world: World) -> None:
    """An update holds the pair with a lease that outlives the client's time-out, and lays it down."""
    shopify, _ = paired(world)
    world.shopify.edit(shopify, {"label": "x"})
    leases: list[float] = []

    def look() -> None:
        pair = world.pair(shopify=shopify)
        assert pair is not None
        assert pair.state is PairState.WRITING
        assert pair.lease_until is not None
        leases.append((pair.lease_until - world.clock.now()).total_seconds())

    world.faults.meanwhile["crm.write"] = look
    world.apply(world.inward, shopify)
    assert leases[0] >= world.timing.timeout_s + 120
    pair = world.pair(shopify=shopify)
    assert pair is not None
    assert (pair.state, pair.holder, pair.lease_until, pair.planned) == (PairState.PAIRED, None, None, {})


@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER])
@pytest.mark.parametrize("call", CALLS)
def test_a_worker_that_dies_while_creating_doubles_nothing(world: World, call: str, fault: Fault) -> None:
    """Wherever it died, after the lease one worker completes the one record."""
    shopify = world.shopify.add(THING)
    die(world, call, fault, lambda: world.apply(world.inward, shopify))
    world.clock.sleep(PAST_LEASE)
    assert only(world.apply(world.inward, shopify))[0] in {Verdict.CREATED, Verdict.UNCHANGED}
    assert len(world.crm.rows) == 1
    assert state(world, shopify) is PairState.PAIRED


@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER])
@pytest.mark.parametrize("call", ["crossrefs.begin", "shopify.write", "crossrefs.complete"])
def test_a_death_while_creating_in_shopify_doubles_nothing(world: World, call: str, fault: Fault) -> None:
    """Shopify chooses the id, so the record is found by our mark."""
    crm = world.crm.add({"number": "C-1", "name": "Bolt", "item.amount": Decimal("2.00")})
    die(world, call, fault, lambda: world.apply(world.outward, crm))
    world.clock.sleep(PAST_LEASE)
    world.apply(world.outward, crm)
    assert len(world.shopify.rows) == 1
    pair = world.pair(crm=crm)
    assert pair is not None
    assert pair.state is PairState.PAIRED


def test_an_intent_is_respected_while_its_lease_lasts(world: World) -> None:
    """Whoever comes meanwhile is Busy, touches nothing, and comes back."""
    shopify = world.shopify.add(THING)
    die(world, "crm.write", Fault.KILL_BEFORE, lambda: world.apply(world.inward, shopify))
    result = world.apply(world.inward, shopify)
    assert only(result)[0] is Verdict.LATER
    assert not world.crm.rows


def test_a_create_whose_answer_was_lost_keeps_its_claim_and_is_found(world: World) -> None:
    """An unknown outcome is looked up before anything is sent again; until then the claim stands."""
    crm = world.crm.add({"number": "C-1", "name": "Bolt"})
    die(world, "shopify.write", Fault.FAIL_AFTER, lambda: world.apply(world.outward, crm))
    pair = world.pair(crm=crm)
    assert pair is not None
    assert pair.state is PairState.INTENT
    world.clock.sleep(PAST_LEASE)
    assert only(world.apply(world.outward, crm)) == (
        Verdict.CREATED,
        "An earlier try had created it; its answer was lost.",
    )
    assert len(world.shopify.rows) == 1
    assert len(world.shopify.writes) == 1


def test_a_refused_create_leaves_no_intent(world: World) -> None:
    """It surely did not happen: the anchor and the claim on the key are gone."""
    shopify = world.shopify.add(THING)
    die(world, "crm.write", Fault.THROTTLED, lambda: world.apply(world.inward, shopify))
    assert state(world, shopify) is None
    assert only(world.apply(world.inward, shopify))[0] is Verdict.CREATED


def test_the_other_flow_waits_for_an_intent_and_then_completes_it(world: World) -> None:
    """The new Shopify record carries our mark before its pair is stored: it is neither created back nor doubled."""
    crm = world.crm.add({"number": "C-1", "name": "Bolt"})
    die(world, "shopify.write", Fault.KILL_AFTER, lambda: world.apply(world.outward, crm))
    (shopify,) = world.shopify.rows
    assert only(world.apply(world.inward, shopify))[0] is Verdict.LATER
    world.clock.sleep(PAST_LEASE)
    world.apply(world.inward, shopify)
    pair = world.pair(crm=crm)
    assert pair is not None
    assert (pair.state, pair.shopify_id) == (PairState.PAIRED, shopify)
    assert (len(world.crm.rows), len(world.shopify.rows)) == (1, 1)


def test_an_edit_made_while_a_create_was_lost_stands(world: World) -> None:
    """The owner's side holds only what we made it with: the other side's edit since is nobody's conflict."""
    shopify = world.shopify.add(THING)
    world.faults.plan(("crossrefs.complete", Fault.KILL_BEFORE))
    with suppress(Killed):
        world.apply(world.inward, shopify)
    (crm,) = world.crm.rows
    world.shopify.edit(shopify, {"sku": "EDITED"})  # CRM owns the number
    world.clock.sleep(1000)
    world.apply(world.outward, crm)
    world.apply(world.outward, crm)
    world.run()
    assert (world.shopify.value(shopify, "sku"), world.crm.value(crm, "number")) == ("EDITED", "EDITED")


def test_an_adoption_that_died_is_completed(world: World) -> None:
    """The record with the same key is linked once, whoever comes second."""
    crm = world.crm.add({"number": "A-1", "name": "Shirt"})
    shopify = world.shopify.add(THING)
    die(world, "crm.write", Fault.KILL_AFTER, lambda: world.apply(world.inward, shopify))
    world.clock.sleep(PAST_LEASE)
    world.apply(world.outward, crm)
    world.run()
    assert len(world.pairs()) == len(world.crm.rows) == len(world.shopify.rows) == 1


@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.FAIL_AFTER])
@pytest.mark.parametrize("call", ["crossrefs.save", "crm.write"])
def test_an_update_that_was_lost_is_made_once_more_only_where_needed(world: World, call: str, fault: Fault) -> None:
    """After the lease both sides are read live; what landed is not written again."""
    shopify, crm = paired(world)
    world.shopify.edit(shopify, {"label": "x"})
    with suppress(Exception):
        die(world, call, fault, lambda: world.apply(world.inward, shopify))
    landed = len(world.crm.writes)
    world.clock.sleep(PAST_LEASE)
    world.apply(world.inward, shopify)
    assert world.crm.value(crm, "label") == "x"
    assert len(world.crm.writes) == 1 or not landed
    assert state(world, shopify) is PairState.PAIRED


def test_what_a_lost_write_left_is_not_taken_for_an_edit(world: World) -> None:
    """Our value landed without an answer, then the source went on: the newer value wins, also in CRM's own field."""
    shopify, crm = paired(world)
    world.shopify.edit(shopify, {"sku": "B-1"})
    die(world, "crm.write", Fault.KILL_AFTER, lambda: world.apply(world.inward, shopify))
    assert world.crm.value(crm, "number") == "B-1"
    world.shopify.edit(shopify, {"sku": "B-2"})
    world.clock.sleep(PAST_LEASE)
    world.run()
    assert world.shopify.value(shopify, "sku") == world.crm.value(crm, "number") == "B-2"


def test_a_second_try_that_is_refused_does_not_forget_the_first(world: World) -> None:
    """Taken over and throttled: the pair stays in doubt, free for the next one at once."""
    shopify, crm = paired(world)
    world.shopify.edit(shopify, {"sku": "B-1"})
    die(world, "crm.write", Fault.KILL_AFTER, lambda: world.apply(world.inward, shopify))
    world.shopify.edit(shopify, {"sku": "B-2"})
    world.clock.sleep(PAST_LEASE)
    die(world, "crm.write", Fault.THROTTLED, lambda: world.apply(world.inward, shopify))
    assert state(world, shopify) is PairState.WRITING
    world.run()
    assert world.shopify.value(shopify, "sku") == world.crm.value(crm, "number") == "B-2"


# a worker that stalls past its lease and wakes up


def stalled(world: World, call: str, meanwhile: Callable[[], object]) -> None:
    """At that call the worker freezes past its lease, another one works, and it goes on as if nothing had been."""

    def freeze() -> None:
        world.clock.sleep(PAST_LEASE)
        meanwhile()

    world.faults.meanwhile[call] = freeze


def test_a_stalled_update_of_crm_is_refused_by_its_etag(world: World) -> None:
    """Its late write meets the row version that another worker left, and its late save loses."""
    shopify, crm = paired(world)
    world.shopify.edit(shopify, {"label": "old"})

    def meanwhile() -> None:
        world.shopify.edit(shopify, {"label": "newer"})
        assert only(world.apply(world.inward, shopify))[0] is Verdict.UPDATED

    stalled(world, "crm.write", meanwhile)
    assert only(world.apply(world.inward, shopify))[0] is Verdict.LATER
    assert world.crm.value(crm, "label") == "newer"
    world.run()
    assert world.crm.value(crm, "label") == "newer"


def test_a_stalled_update_of_shopify_is_detected_and_put_right(world: World) -> None:
    """Shopify takes the late write; the late save loses, so the record is read again and ends as the owner has it."""
    shopify, crm = paired(world)
    world.crm.edit(crm, {"number": "B-1"})

    def meanwhile() -> None:
        world.crm.edit(crm, {"number": "B-2"})
        assert only(world.apply(world.outward, crm))[0] is Verdict.UPDATED

    stalled(world, "shopify.write", meanwhile)
    assert only(world.apply(world.outward, crm))[0] is Verdict.LATER
    world.run()
    assert world.shopify.value(shopify, "sku") == world.crm.value(crm, "number") == "B-2"


@pytest.mark.parametrize("flow", ["inward", "outward"])
def test_a_stalled_create_doubles_nothing(world: World, flow: str) -> None:
    """CRM knows the id already, Shopify the mark: the late create makes no second record."""
    source = world.shopify.add(THING) if flow == "inward" else world.crm.add({"number": "C-1", "name": "Bolt"})
    name = world.inward if flow == "inward" else world.outward
    call = "crm.write" if flow == "inward" else "shopify.write"
    stalled(world, call, lambda: world.apply(name, source))
    world.apply(name, source)
    world.run()
    assert len(world.shopify.rows) == len(world.crm.rows) == len(world.pairs()) == 1


def test_a_claim_that_took_too_long_is_renewed_before_sending(world: World) -> None:
    """Nothing is sent under a lease that could end before the client's time-out does."""
    shopify, _ = paired(world)
    world.shopify.edit(shopify, {"label": "x"})
    save = world.state.crossrefs.save
    slow = [200.0]

    def slowly(pairs: object) -> object:
        answer = save(pairs)  # type: ignore[arg-type]
        world.clock.sleep(slow.pop() if slow else 0)
        return answer

    world.state.crossrefs.save = slowly  # type: ignore[assignment, method-assign]
    left: list[float] = []

    def look() -> None:
        pair = world.pair(shopify=shopify)
        assert pair is not None
        assert pair.lease_until is not None
        left.append((pair.lease_until - world.clock.now()).total_seconds())

    world.faults.meanwhile["crm.write"] = look
    world.apply(world.inward, shopify)
    assert left[0] > world.timing.timeout_s * 2
