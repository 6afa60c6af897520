"""A message that failed every worker is taken apart; a record that fails alone comes once more, and is parked then."""

from __future__ import annotations

from collections.abc import Sequence

from shared.errors import AuthFailed
from shared.records import Changes, Item, Message, Origin
from shared.state.queues import from_text, to_text
from shared.sync.dispatch import ONCE_MORE_S
from tests.support.verdicts import THING
from tests.support.world import SHOP, World
from tests.unit.sync.test_dispatch import waiting


def test_what_fails_every_message_for_a_while_parks_nobody(world: World) -> None:
    """Promise: a record whose message failed every worker comes again after a quarter of an hour, and is done then."""
    shopify = world.shopify.add(THING)
    world.dispatch(world.inward).poisoned(Message(world.inward, SHOP, Origin.WEBHOOK, ids=(shopify,)))
    assert not world.parked(world.inward)
    world.clock.sleep(ONCE_MORE_S - 10)
    assert world.drain() == 0  # not before: what fails every message may last
    world.clock.sleep(20)
    world.drain()
    assert world.pair(shopify=shopify) is not None
    assert not world.parked(world.inward)


def test_a_delete_that_failed_every_worker_comes_once_more_as_a_delete(world: World) -> None:
    """Promise: the second try knows that it is the second, through the queue's own form, and what was deleted."""
    world.dispatch(world.inward).poisoned(Message(world.inward, SHOP, Origin.WEBHOOK, deleted=("77",)))
    (again,) = waiting(world)
    assert (again.ids, again.deleted, from_text(to_text(again)).poisoned) == ((), ("77",), 1)
    world.dispatch(world.inward).poisoned(again)
    (row,) = world.state.parked.list(SHOP, world.inward)
    assert (row.code, row.facts["deleted"]) == ("WorkerFailed", True)


def test_a_poisoned_message_whose_records_cannot_be_asked_for_is_not_parked_for_that(world: World) -> None:
    """Promise: access that is lost just then is told by a pause when the message comes again, and parks nothing."""

    def fail(table: str, ids: Sequence[str]) -> Changes:
        raise AuthFailed("The token was refused.", facts={"side": "shopify"})

    world.shopify.members = fail  # type: ignore[method-assign]
    about = Message(world.inward, SHOP, Origin.WEBHOOK, ids=("p1",), table="products")
    world.dispatch(world.inward).poisoned(about)
    (again,) = waiting(world)
    assert (again.ids, again.table) == (("p1",), "products")
    world.drain()
    world.clock.sleep(5)
    assert world.state.switches.paused("shopify")
    assert not world.parked(world.inward)


def test_a_poisoned_page_is_split_and_the_record_that_fails_alone_is_parked(world: World) -> None:
    """Promise: its neighbours are done, and the sentence names the command that tries it again."""
    ids = [world.shopify.add({**THING, "sku": f"A-{number}"}) for number in range(3)]
    dispatch = world.dispatch(world.inward)
    dispatch.poisoned(Message(world.inward, SHOP, Origin.POLL, ids=tuple(ids)))
    singles = waiting(world)
    assert [message.ids for message in singles] == [(record_id,) for record_id in ids]
    dispatch.poisoned(singles[1])
    (again,) = [message for message in waiting(world) if message.poisoned]
    dispatch.poisoned(again)
    assert world.parked(world.inward) == {ids[1]: "WorkerFailed"}
    (row,) = world.state.parked.list(SHOP, world.inward)
    assert f"`python -m ops parked retry {world.inward} {ids[1]}`" in row.sentence
    world.drain()
    assert {pair.shopify_id for pair in world.pairs()} == set(ids)
    assert not world.parked(world.inward)


def test_a_poisoned_page_of_many_is_split_in_tenths(world: World) -> None:
    """A hundred records of a page that met a dying process are ten messages, not a hundred."""
    known, gone = tuple(map(str, range(90))), tuple(map(str, range(90, 100)))
    world.dispatch(world.inward).poisoned(Message(world.inward, SHOP, Origin.POLL, ids=known, deleted=gone))
    parts = waiting(world)
    assert [len(part.ids) + len(part.deleted) for part in parts] == [10] * 10
    assert parts[-1].deleted == gone


def test_a_poisoned_message_about_another_table_parks_its_record_as_that_record(world: World) -> None:
    """Parked under the table's name it would be given back as a row of that table, which it is not."""
    shopify = world.shopify.add(THING)
    world.shopify.members = lambda table, ids: Changes((Item(shopify),), world.clock.now())  # type: ignore[method-assign]
    poisoned = Message(world.inward, SHOP, Origin.WEBHOOK, ids=("p1",), table="products")
    world.dispatch(world.inward).poisoned(poisoned)
    (again,) = waiting(world)
    assert (again.ids, again.table) == ((shopify,), "")
    world.dispatch(world.inward).poisoned(again)
    (row,) = world.state.parked.list(SHOP, world.inward)
    assert (row.source_id, "rows_of" in row.facts) == (shopify, False)
