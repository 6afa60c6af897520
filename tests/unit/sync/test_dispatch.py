"""A message always ends: in a run row, in a new message, or held. Retries end by age."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import pytest

from shared.errors import AuthFailed, SchemaMismatch, Unavailable
from shared.records import Changes, Item, Message, Origin
from shared.state.queues import HELD, LIVE, from_text, queue_name
from shared.sync.dispatch import CHUNK
from shared.sync.flow import Mode
from tests.support.faults import Fault, Killed
from tests.support.verdicts import THING, paired
from tests.support.world import SHOP, World


def waiting(world: World, use: str = LIVE) -> list[Message]:
    """What lies on the inward flow's queue, delayed messages included."""
    world.clock.sleep(7200)
    name = queue_name(use, world.inward)
    found = world.state.queue_service.receive(name, 32, 1)
    world.clock.sleep(2)
    return [from_text(each.text) for each in found]


def fail_reads(world: World, error: Exception) -> None:
    """The source answers nothing but this error."""

    def read(ids: object) -> object:
        raise error

    world.shopify.read = read  # type: ignore[assignment, method-assign]


def test_only_the_records_that_failed_come_back(world: World) -> None:
    """Two of three are done; the third is the whole content of the retry."""
    ids = [world.shopify.add({**THING, "sku": f"A-{number}"}) for number in range(3)]
    world.crm.batch_size = 1
    world.faults.plan(("crm.write", Fault.THROTTLED))
    world.send(world.inward, *ids)
    world.drain()
    (retry,) = waiting(world)
    assert (retry.ids, retry.origin, retry.attempt) == ((ids[0],), Origin.RETRY, 1)


def test_a_page_that_could_not_be_read_comes_back_whole(world: World) -> None:
    """The source does not answer: the message itself is sent again, one try older."""
    shopify, _ = paired(world)
    fail_reads(world, Unavailable("Shopify is away."))
    world.send(world.inward, shopify)
    world.drain()
    (retry,) = waiting(world)
    assert (retry.ids, retry.attempt) == ((shopify,), 1)


@pytest.mark.parametrize("whole", [True, False])
def test_retries_end_by_age(world: World, whole: bool) -> None:
    """After a day of trying, every record of the message is parked, whether it or its whole page failed."""
    shopify, _ = paired(world)
    world.shopify.edit(shopify, {"label": "x"})
    if whole:
        fail_reads(world, Unavailable("Shopify is away."))
    else:
        world.faults.choose = lambda name: Fault.THROTTLED if name == "crm.write" else None
    world.send(world.inward, shopify)
    for _ in range(60):
        world.drain()
        world.clock.sleep(1900)
    assert set(world.parked(world.inward)) == {shopify}
    assert world.waiting() == 0
    (row,) = world.state.parked.list(SHOP, world.inward)
    assert row.sentence.startswith("Tried for 24 hours")


def test_waiting_before_the_first_try_is_no_failure(world: World) -> None:
    """A message that was held for three days is not given up at its first trouble."""
    shopify, _ = paired(world)
    world.shopify.edit(shopify, {"label": "x"})
    world.state.switches.pause(world.inward, "test")
    world.clock.sleep(5)
    world.send(world.inward, shopify)
    world.drain()
    world.clock.sleep(3 * 86_400)
    world.state.switches.resume(world.inward)
    world.clock.sleep(5)
    world.state.queues.release(world.inward)
    world.faults.plan(("crm.write", Fault.THROTTLED))
    world.drain()
    assert not world.parked(world.inward)
    assert len(waiting(world)) == 1


def test_a_paused_flow_keeps_its_messages(world: World) -> None:
    """They are held, not worked on and not dequeued to death."""
    shopify, _ = paired(world)
    world.state.switches.pause("crm", "maintenance")
    world.clock.sleep(5)
    world.send(world.inward, shopify)
    world.drain()
    assert len(waiting(world, HELD)) == 1
    assert not world.faults.calls["shopify.read"]


@pytest.mark.parametrize(
    ("error", "target"),
    [
        (AuthFailed("The token was refused.", facts={"side": "crm"}), "crm"),
        (AuthFailed("A permission is missing."), "things_shopify_to_crm"),
        (SchemaMismatch("Column thing.label does not exist."), "things_shopify_to_crm"),
    ],
)
def test_trouble_of_the_connection_pauses_and_parks_nothing(
    world: World, error: Exception, target: str, caplog: pytest.LogCaptureFixture
) -> None:
    """One alert, the whole page held, no parked records."""
    ids = [world.shopify.add({**THING, "sku": f"A-{number}"}) for number in range(3)]
    world.crm.write = lambda writes: [error for _ in writes]  # type: ignore[method-assign, misc]
    world.send(world.inward, *ids)
    world.send(world.inward, *ids)
    world.drain()
    world.clock.sleep(5)
    assert world.state.switches.paused(target)
    assert not world.parked(world.inward)
    assert [record.message for record in caplog.records].count("alert") == 1
    assert [message.ids for message in waiting(world, HELD)] == [tuple(ids), tuple(ids)]


def test_a_worker_hands_on_before_its_time_is_over(world: World) -> None:
    """After four minutes the rest of a long message goes back to the queue, by offset."""
    ids = [world.shopify.add({**THING, "sku": f"A-{number:03d}"}) for number in range(CHUNK + 5)]
    world.send(world.inward, *ids)
    world.faults.meanwhile["crm.write"] = lambda: world.clock.sleep(200)
    world.faults.meanwhile["parked.known"] = lambda: world.clock.sleep(100)
    world.work(world.inward)
    assert len(world.crm.rows) == CHUNK
    (rest,) = waiting(world)
    assert rest.offset == CHUNK
    world.drain()
    assert len(world.crm.rows) == CHUNK + 5


def test_the_same_message_twice_writes_once(world: World) -> None:
    """A redelivered page is read live and found settled."""
    world.shopify.add(THING)
    world.tick(world.inward)
    name = queue_name("load", world.inward)
    (taken,) = world.state.queue_service.receive(name, 1, 60)
    message = from_text(taken.text)
    world.dispatch(world.inward).handle(message)
    world.dispatch(world.inward).handle(message, delivery=2)
    assert (len(world.crm.writes), len(world.crm.rows)) == (1, 1)


@pytest.mark.parametrize("call", ["runs.put", "queues.send", "journal.put_outcomes"])
def test_a_death_after_the_writes_loses_nothing(world: World, call: str) -> None:
    """The message is still there; what it asked of the other flow is asked again."""
    crm = world.crm.add({"number": "C-1", "name": "Bolt"})
    world.send(world.outward, crm)
    world.faults.plan((call, Fault.KILL_BEFORE))
    with suppress(Killed):
        world.work(world.outward)
    world.faults.clear()
    world.clock.sleep(400)
    world.run()
    assert world.crm.value(crm, "origin") == "shop"
    assert len(world.shopify.rows) == 1


def test_plan_mode_writes_nothing_and_wakes_nobody(world: World) -> None:
    """A flow in plan mode reports what it would do, and not even the other flow hears of it."""
    shopify, crm = paired(world)
    world.crm.remove(crm)
    world.crm.log.clear()
    world.shopify.edit(shopify, {"label": "x"})
    world.change(world.inward, mode=Mode.PLAN)
    world.send(world.inward, shopify)
    world.drain()
    assert world.waiting() == 0
    assert world.writes() == (0, 0)
    assert world.state.runs.last(SHOP, world.inward, 1)[0].counts["skipped"] == 1


def test_every_message_leaves_a_run_row_with_its_counts(world: World) -> None:
    """What was read and what became of it; outcomes with values are in the named blob."""
    world.shopify.add(THING)
    world.shopify.add({**THING, "sku": "A-2", "secret": True})
    world.send(world.inward, "1001", "1002")
    world.drain()
    (row,) = world.state.runs.last(SHOP, world.inward, 5)
    assert (row.read, row.counts["created"], row.counts["skipped"]) == (2, 1, 1)
    assert row.outcomes_blob


def test_a_message_about_another_table_is_about_that_tables_members(world: World) -> None:
    """A product's webhook names the product; its variants are the records."""
    shopify = world.shopify.add(THING)

    def named(table: str, ids: Sequence[str]) -> Changes:
        assert (table, ids) == ("products", ("p1",))
        return Changes((Item(shopify),), world.clock.now())

    world.shopify.members = named  # type: ignore[method-assign]
    world.state.queues.send(Message(world.inward, SHOP, Origin.WEBHOOK, ids=("p1",), table="products"))
    world.drain()
    assert world.pair(shopify=shopify) is not None


def test_a_record_that_is_too_old_is_parked_as_that_record(world: World) -> None:
    """So is one that an event about another table led to."""
    shopify = world.shopify.add(THING)
    world.shopify.members = lambda table, ids: Changes((Item(shopify),), world.clock.now())  # type: ignore[method-assign]
    world.faults.choose = lambda name: Fault.THROTTLED if name == "crm.write" else None
    long_ago = world.clock.now() - timedelta(days=2)
    about = Message(world.inward, SHOP, Origin.WEBHOOK, ids=("p1",), table="products", attempt=1, first_at=long_ago)
    world.dispatch(world.inward).handle(about)
    (row,) = world.state.parked.list(SHOP, world.inward)
    assert (row.source_id, "rows_of" in row.facts) == (shopify, False)


def test_a_retry_waits_longer_each_time(world: World) -> None:
    """Ten seconds, then twenty, up to an hour, where the wait is our own choice."""
    assert 4 <= tries_in_ten_minutes(world, Fault.FAIL_BEFORE) <= 8


def test_what_a_vendor_asks_for_is_not_doubled(world: World) -> None:
    """A vendor that asks for five seconds each time is asked again every five seconds, not after hours at last."""
    assert tries_in_ten_minutes(world, Fault.THROTTLED) > 60


def tries_in_ten_minutes(world: World, fault: Fault) -> int:
    """How often a record is tried whose writes all meet this fault."""
    shopify = world.shopify.add(THING)
    world.faults.choose = lambda name: fault if name == "crm.write" else None
    world.send(world.inward, shopify)
    tries = 0
    for _ in range(100):
        tries += world.drain()
        world.clock.sleep(6)
    return tries
