"""Messages are stored before the cursor moves; a crash anywhere means reading again, never missing anything."""

from __future__ import annotations

from contextlib import suppress

import pytest

from shared.errors import Busy, TokenExpired
from shared.records import Changes, Item, Message, Origin
from shared.state.queues import LOAD, from_text, queue_name
from shared.sync.flow import Mode
from shared.sync.poll import LISTING
from tests.support.faults import Fault, Killed
from tests.support.verdicts import THING
from tests.support.world import SHOP, World


def many(world: World, count: int) -> list[str]:
    """So many things in Shopify."""
    return [world.shopify.add({**THING, "sku": f"A-{number:03d}"}) for number in range(count)]


@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.FAIL_AFTER])
@pytest.mark.parametrize(
    "call",
    ["cursors.get", "cursors.put", "queues.send", "journal.put_page", "shopify.start_token", "shopify.listing"],
)
def test_a_poll_that_dies_anywhere_misses_nothing(world: World, call: str, fault: Fault) -> None:
    """First load: every record is created once, wherever the poll died."""
    world.shopify.page_size = 2
    ids = many(world, 5)
    for _ in range(3):
        world.faults.plan((call, fault))
        with suppress(Killed, Exception):
            world.tick(world.inward)
    world.faults.clear()
    world.run()
    assert {pair.shopify_id for pair in world.pairs()} == set(ids)
    assert len(world.crm.rows) == 5


@pytest.mark.parametrize("call", ["cursors.put", "queues.send", "shopify.changes"])
def test_changes_survive_a_death_between_queue_and_cursor(world: World, call: str) -> None:
    """The same page is read again."""
    (shopify,) = many(world, 1)
    world.run()
    world.shopify.edit(shopify, {"label": "x"})
    world.faults.plan((call, Fault.KILL_BEFORE))
    with suppress(Killed):
        world.tick(world.inward)
    world.faults.clear()
    world.run()
    assert [row.content["label"] for row in world.crm.rows.values()] == ["x"]


def test_a_quiet_source_costs_one_call_and_no_message(world: World) -> None:
    """Nothing changed: one read per source table, nothing stored."""
    many(world, 3)
    world.run()
    world.faults.calls.clear()
    report = world.tick(world.inward)
    assert (report.pages, report.more) == (0, False)
    assert [name for name in world.faults.calls if name.startswith("shopify.")] == ["shopify.changes"]
    assert world.faults.calls["shopify.changes"] == 1
    assert world.faults.calls["cursors.put"] == 0


def test_a_poll_stores_a_bounded_number_of_pages(world: World) -> None:
    """Ten pages a tick, and it says that there are more."""
    world.shopify.page_size = 1
    many(world, 25)
    report = world.tick(world.inward)
    assert (report.pages, report.more) == (10, True)
    assert world.tick(world.inward).pages == 10


def test_a_full_queue_holds_a_poll_back(world: World) -> None:
    """Twenty pages outstanding: the listing waits until workers have taken some."""
    world.shopify.page_size = 1
    many(world, 30)
    world.tick(world.inward)
    world.tick(world.inward)
    world.faults.calls.clear()
    report = world.tick(world.inward)
    assert (report.pages, report.more) == (0, False)
    assert "shopify.listing" not in world.faults.calls
    world.run()
    assert len(world.pairs()) == 30


def test_what_waits_for_a_later_try_does_not_close_the_way_for_changes(world: World) -> None:
    """Messages hidden until their next try count as outstanding, for up to a day: a page of changes still comes."""
    (shopify,) = many(world, 1)
    world.run()
    for number in range(25):
        later = Message(world.inward, SHOP, Origin.RETRY, ids=(str(number),), attempt=5)
        world.state.queues.send(later, delay_s=86_000)
    world.shopify.edit(shopify, {"label": "x"})
    report = world.tick(world.inward)
    assert (report.pages, report.more, report.full) == (1, False, False)
    for number in range(200):
        world.state.queues.send(Message(world.inward, SHOP, Origin.RETRY, ids=(str(number),)), delay_s=86_000)
    world.shopify.edit(shopify, {"label": "y"})
    report = world.tick(world.inward)
    assert (report.pages, report.full) == (0, True)


def test_changes_made_during_a_listing_are_found(world: World) -> None:
    """The token is taken before the walk begins: an edit behind the walk is a change."""
    world.shopify.page_size = 1
    ids = many(world, 15)
    world.tick(world.inward)
    world.drain()
    world.shopify.edit(ids[0], {"label": "edited behind the walk"})
    world.run()
    pair = world.pair(shopify=ids[0])
    assert pair is not None
    assert world.crm.value(str(pair.crm_id), "label") == "edited behind the walk"


def test_an_expired_token_leads_to_a_full_listing(world: World) -> None:
    """What changed while the token was lost is found by listing everything again."""
    ids = many(world, 3)
    world.run()
    world.shopify.edit(ids[1], {"label": "missed"})
    changes = world.shopify.changes
    expired = [TokenExpired("too old")]

    def once(table: str, token: str) -> Changes:
        if expired:
            raise expired.pop()
        return changes(table, token)

    world.shopify.log.clear()
    world.shopify.changes = once  # type: ignore[method-assign]
    world.run()
    pair = world.pair(shopify=ids[1])
    assert pair is not None
    assert world.crm.value(str(pair.crm_id), "label") == "missed"


def test_a_death_between_a_new_token_and_its_listing_starts_the_listing_again(world: World) -> None:
    """A token without its listing would hide everything that changed before it."""
    ids = many(world, 3)
    world.run()
    world.shopify.edit(ids[0], {"label": "missed"})
    world.shopify.log.clear()
    changes = world.shopify.changes

    def only_new(table: str, token: str) -> Changes:
        if token != "0":
            raise TokenExpired("too old")
        return changes(table, token)

    world.shopify.changes = only_new  # type: ignore[method-assign]
    puts: list[str] = []

    def second_put(name: str) -> Fault | None:
        puts.extend([name] if name == "cursors.put" else [])
        return Fault.KILL_BEFORE if len(puts) == 2 else None

    world.faults.choose = second_put
    with suppress(Killed):
        world.tick(world.inward)
    world.faults.clear()
    world.run()
    pair = world.pair(shopify=ids[0])
    assert pair is not None
    assert world.crm.value(str(pair.crm_id), "label") == "missed"


def test_a_create_whose_answer_was_lost_is_found_when_its_source_is_gone(world: World) -> None:
    """The CRM row was made, nobody was told, the variant was deleted: the next full listing retires the row."""
    shopify = world.shopify.add(THING)
    world.faults.plan(("crossrefs.complete", Fault.KILL_BEFORE))
    with suppress(Killed):
        world.apply(world.inward, shopify)
    (crm,) = world.crm.rows
    world.shopify.remove(shopify)
    world.clock.sleep(1000)
    world.tick(world.inward, restart=True)
    world.drain()
    assert world.crm.value(crm, "state") == 1


def test_a_listing_is_named_as_what_it_is(world: World) -> None:
    """Its pages carry the listing's start and go to the queue that live changes overtake."""
    started = world.clock.now()
    many(world, 1)
    world.tick(world.inward)
    (taken,) = world.state.queue_service.receive(queue_name(LOAD, world.inward), 1, 60)
    page = world.state.journal.get_page(from_text(taken.text).blob)
    assert page.listed_from == started


def test_a_deleted_child_leads_to_its_parent(world: World) -> None:
    """A delete names only the child; the pointer that was kept says whose it was."""
    (shopify,) = many(world, 1)
    world.run()
    answers = [
        Changes((), world.clock.now(), "2", more=False, orphans=("line-1", "unknown")),
        Changes((Item(shopify),), world.clock.now(), "1", more=False, pointers={"line-1": shopify}),
    ]
    world.shopify.changes = lambda table, token: answers.pop()  # type: ignore[method-assign]
    world.tick(world.inward)
    world.drain()
    world.shopify.edit(shopify, {"label": "after the line went"})
    assert world.tick(world.inward).records == 1
    world.drain()
    assert [row.content["label"] for row in world.crm.rows.values()] == ["after the line went"]


def test_what_mode_plan_saw_is_written_once_the_flow_is_on(world: World) -> None:
    """Planning moves the cursors and writes nothing: the first poll in mode on lists everything, once."""
    (before,) = many(world, 1)
    world.change(world.inward, mode=Mode.PLAN)
    world.run()
    (meanwhile,) = [world.shopify.add({**THING, "sku": "B"})]
    world.run()
    assert world.crm.rows == {}
    world.change(world.inward, mode=Mode.ON)
    world.run()
    assert {pair.shopify_id for pair in world.pairs()} == {before, meanwhile}
    world.faults.calls.clear()
    world.run()
    assert "shopify.listing" not in world.faults.calls


def test_two_polls_at_once_do_not_move_a_cursor_twice(world: World) -> None:
    """The second meets the row as the first left it."""
    many(world, 2)
    world.faults.meanwhile["journal.put_page"] = lambda: world.tick(world.inward) and None
    with pytest.raises(Busy):
        world.tick(world.inward)
    assert world.state.cursors.get(SHOP, world.inward, LISTING).value["done"] is True
    world.run()
    assert len(world.crm.rows) == 2
