"""Parked records come back by themselves when their cause may be gone: once for each change, in bounded portions."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

import pytest

from shared.mapping.load import parse
from shared.mapping.rules import join
from shared.records import Message, Origin, ParkedRow, Verdict
from shared.state.queues import LIVE, from_text, queue_name
from shared.sync.flow import Mode
from shared.sync.poll import LISTING, RULES
from shared.sync.returning import causes
from tests.support.faults import Fault, Killed
from tests.support.things import INWARD, OUTWARD
from tests.support.verdicts import THING, only, paired
from tests.support.world import SHOP, World

BAD = INWARD.replace('from = "parent.title"', 'from = "to_number(parent.title)"\nrequired = true')


def remapped(world: World, inward: str, in_force: str) -> None:
    """Another mapping file, as a new process finds it."""
    rules = join(parse(inward), parse(OUTWARD))
    world.change(world.inward, rules=rules, in_force=in_force)
    world.change(world.outward, reverse_rules=rules, in_force=in_force)


def attempts(world: World) -> Mapping[str, int]:
    """How often each parked record was tried."""
    return {row.source_id: row.attempts for row in world.state.parked.list(SHOP, world.inward)}


def sent(world: World) -> int:
    """Messages on the live queue."""
    return world.state.queue_service.depth(queue_name(LIVE, world.inward))


@pytest.fixture
def waiting(world: World) -> World:
    """Three records parked by a mapping that cannot compute a name."""
    assert BAD != INWARD
    remapped(world, BAD, "bad")
    for number in range(3):
        world.shopify.add({**THING, "sku": f"A-{number}"})
    world.run()
    assert list(world.parked(world.inward).values()) == ["MappingFailed"] * 3
    return world


def test_a_mended_mapping_brings_them_back_at_the_next_tick(waiting: World) -> None:
    """Promise: after the file was mended one tick and its work are enough, and no row is left."""
    remapped(waiting, INWARD, "good")
    waiting.tick(waiting.inward)
    waiting.drain()
    assert (len(waiting.crm.rows), attempts(waiting)) == (3, {})


def test_records_that_wait_for_a_later_try_do_not_keep_the_parked_ones(waiting: World) -> None:
    """Promise: thirty hidden retries fill no queue for what was parked: it comes back at the next tick all the same."""
    for number in range(30):
        later = Message(waiting.inward, SHOP, Origin.RETRY, ids=(f"9{number}",), attempt=5)
        waiting.state.queues.send(later, delay_s=86_000)
    remapped(waiting, INWARD, "good")
    waiting.tick(waiting.inward)
    waiting.drain()
    assert (len(waiting.crm.rows), attempts(waiting)) == (3, {})


def test_what_still_fails_is_tried_once_for_each_change(waiting: World) -> None:
    """Promise: a change that mends nothing costs one try each; ten more ticks cost none."""
    before = attempts(waiting)
    remapped(waiting, BAD, "bad as well")
    for _ in range(10):
        waiting.tick(waiting.inward)
        waiting.drain()
        waiting.clock.sleep(61)
    assert attempts(waiting) == {each: tries + 1 for each, tries in before.items()}


def test_once_a_day_each_is_tried_again(waiting: World) -> None:
    """Promise: what was mended elsewhere, or is gone by now, does not wait for ever; ten ticks a day cost one try."""
    before = attempts(waiting)
    gone = next(iter(before))
    waiting.shopify.remove(gone)
    waiting.clock.sleep(90_000)
    for _ in range(10):
        waiting.tick(waiting.inward)
        waiting.drain()
        waiting.clock.sleep(61)
    assert attempts(waiting) == {each: tries + 1 for each, tries in before.items() if each != gone}


@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.FAIL_AFTER])
@pytest.mark.parametrize("call", ["queues.send", "parked.due"])
def test_a_tick_that_dies_on_the_way_gives_back_all_the_same(waiting: World, call: str, fault: Fault) -> None:
    """Promise: whatever a dying tick left behind, the next ones bring every record back."""
    remapped(waiting, INWARD, "good")
    waiting.faults.plan((call, fault))
    with suppress(Killed, Exception):
        waiting.tick(waiting.inward)
    waiting.faults.clear()
    waiting.run()
    assert (len(waiting.crm.rows), attempts(waiting)) == (3, {})


def test_a_flow_that_may_not_write_keeps_its_chance(waiting: World) -> None:
    """Promise: a dry run uses up no try; the records come back when the flow may write."""
    remapped(waiting, INWARD, "good")
    waiting.change(waiting.inward, mode=Mode.PLAN)
    waiting.run()
    assert len(attempts(waiting)) == 3
    waiting.change(waiting.inward, mode=Mode.ON)
    waiting.run()
    assert attempts(waiting) == {}


def test_a_worker_that_was_faster_is_not_undone(waiting: World) -> None:
    """Promise: a record that was freed while the tick noted it does not come back as parked."""
    remapped(waiting, INWARD, "good")
    job, parked = waiting.jobs[waiting.inward], waiting.state.parked
    due = parked.due(SHOP, waiting.inward, lambda rows: causes(job, waiting.clock.now(), rows))
    rows = next(due)
    parked.remove(rows[:1])
    assert list(due) == []
    assert [row.tried for row in parked.list(SHOP, waiting.inward)] == ["good", "good"]


def test_very_many_come_back_in_portions(world: World) -> None:
    """Promise: one tick sends ten messages at most, of a hundred ids each, and says that there is more."""
    now = world.clock.now()
    rows = [
        ParkedRow(SHOP, world.inward, "things", str(number), "Invalid", "No.", {}, 1, now, now)
        for number in range(1_250)
    ]
    world.run()
    world.state.parked.put(rows)
    world.change(world.inward, in_force="new")
    report = world.tick(world.inward)
    assert (report.records, report.more, sent(world)) == (1_000, True, 10)
    report = world.tick(world.inward)
    assert (report.records, report.more, sent(world)) == (250, False, 13)
    assert world.tick(world.inward).records == 0


REFERRING = INWARD + '\n[fields.maker]\nto = "maker"\npair = { kind = "makers", id = "maker" }\n'


def test_a_record_waits_for_what_it_refers_to(world: World) -> None:
    """Promise: it comes back until its time is over, is parked then, and returns when the other record is paired."""
    paired: dict[tuple[str, str], str] = {}
    remapped(world, REFERRING, "one")
    world.change(world.inward, resolve=lambda asked: {each: paired[each] for each in asked & paired.keys()})
    thing = world.shopify.add({**THING, "maker": "7"})
    world.tick(world.inward)
    world.drain()
    assert (world.parked(world.inward), world.waiting()) == ({}, 1)
    for _ in range(40):
        world.clock.sleep(3_600)
        world.drain()
    assert world.parked(world.inward) == {thing: "NotYet"}
    world.run()
    assert attempts(world)[thing] > 1
    paired["makers", "7"] = "crm-7"
    world.tick(world.inward)
    world.drain()
    assert [row.content["maker"] for row in world.crm.rows.values()] == ["crm-7"]
    assert world.parked(world.inward) == {}


def test_a_change_of_the_mapping_is_told_once(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Promise: whoever reads the log learns once that unchanged records need `sync --all`; a listing ends it."""
    world.run()
    remapped(world, BAD, "new")
    for _ in range(3):
        world.tick(world.inward)
    assert caplog.text.count(f"python -m ops sync {world.inward} --all") == 1
    world.tick(world.inward, restart=True)
    digest = world.jobs[world.inward].rules.digest
    assert world.state.cursors.get(SHOP, world.inward, LISTING).value[RULES] == digest
    world.tick(world.inward)
    assert caplog.text.count("python -m ops sync") == 1


def test_rows_keep_being_deletes_and_rows_of_another_table(world: World) -> None:
    """Promise: a parked delete returns as a delete, ids of another table as that table's."""
    now = world.clock.now()
    row = ParkedRow(SHOP, world.inward, "things", "7", "Busy", "Wait.", {"deleted": True}, 1, now, now)
    world.run()
    world.state.parked.put([row, replace(row, source_id="8", facts={"rows_of": "parents"})])
    world.change(world.inward, in_force="new")
    world.tick(world.inward)
    taken = world.state.queue_service.receive(queue_name(LIVE, world.inward), 10, 60)
    found = [(each.ids, each.deleted, each.table) for each in (from_text(one.text) for one in taken)]
    assert found == [((), ("7",), ""), (("8",), (), "parents")]


def test_a_pair_that_is_parked_waits_until_its_record_is_seen_or_deleted(world: World) -> None:
    """Promise: a parked record that the source does not show is kept in the list; a delete that is named ends it."""
    shopify, crm = paired(world)
    remapped(world, BAD, "bad")
    world.apply(world.inward, shopify)
    world.shopify.remove(shopify)
    world.clock.sleep(90_000)
    world.tick(world.inward)
    world.drain()
    assert only(world.apply(world.inward, shopify, origin=Origin.RETRY))[0] is Verdict.PARKED
    assert (world.parked(world.inward), world.crm.value(crm, "state")) == ({shopify: "MappingFailed"}, 0)
    assert only(world.apply(world.inward, shopify, deleted=True))[0] is Verdict.RETIRED
    assert world.parked(world.inward) == {}
