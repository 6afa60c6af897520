"""What workers do with the pages and pairs of a person who was erased: they read live, and nothing comes back."""

from __future__ import annotations

import pytest

from shared.records import Page, PairState, Side, Verdict
from shared.state.erasing import Person, erase
from shared.state.queues import LIVE, LOAD, from_text, queue_name
from tests.support.verdicts import THING, only, paired
from tests.support.world import SHOP, World

WAS, IS = "Marisol Quintanilla", "redacted"


def erased(world: World, record_id: str) -> None:
    """Her record was redacted in Shopify, and the state was asked to forget her."""
    world.shopify.edit(record_id, {"label": IS})
    flows = [world.inward, world.outward]
    erase(world.state, SHOP, flows, Person({"things": [record_id]}, [WAS]), world.clock.now(), lambda _: None)


def labels(world: World) -> list[object]:
    """What CRM holds."""
    return [row.content["label"] for row in world.crm.rows.values()]


def queued(world: World, use: str) -> Page:
    """The page that the next message on that queue points at, as a worker opens it."""
    (text,) = world.state.queue_service.peek(queue_name(use, world.inward))
    return world.state.journal.get_page(from_text(text).blob)


@pytest.mark.parametrize("forgotten", [True, False])
def test_a_page_that_waits_is_read_live(world: World, forgotten: bool) -> None:
    """Promise: what an erased item held is not written; one that was not erased is (so this could fail)."""
    thing = world.shopify.add({**THING, "label": WAS})
    other = world.shopify.add({**THING, "sku": "B-1", "label": "other"})
    world.tick(world.inward)
    assert [item.record is not None for item in queued(world, LOAD).items] == [True, True]
    if forgotten:
        erased(world, thing)
        assert [item.id for item in queued(world, LOAD).items if item.record is None] == [thing]
    world.drain()
    assert sorted(map(str, labels(world))) == sorted(["other", IS if forgotten else WAS])
    assert {pair.shopify_id for pair in world.pairs()} == {thing, other}


def test_a_worker_that_had_it_open_reads_again(world: World) -> None:
    """Promise: a page that was opened before is not applied after: the pair sends its worker to the source."""
    thing, _ = paired(world)
    world.shopify.edit(thing, {"label": WAS})
    world.tick(world.inward)
    opened = queued(world, LIVE)
    erased(world, thing)
    verdict, _ = only(world.engine(world.inward).apply(opened))
    assert (verdict, labels(world)) == (Verdict.UPDATED, [IS])
    assert WAS not in str(world.crm.writes)


def test_an_erased_record_that_is_gone_costs_nothing(world: World) -> None:
    """Promise: where the source does not know her any more, the emptied item ends as skipped, without a write."""
    thing = world.shopify.add({**THING, "label": WAS})
    world.tick(world.inward)
    erased(world, thing)
    world.shopify.remove(thing)
    world.drain()
    assert (labels(world), world.parked(world.inward), world.waiting()) == ([], {}, 0)


def test_a_pair_without_digests_comes_to_rest_again(world: World) -> None:
    """Promise: the next look at both sides agrees on them anew, and writes only what she was replaced by."""
    thing, row = paired(world)
    erased(world, thing)
    pair = world.pair(shopify=thing)
    assert pair is not None
    assert (pair.state, pair.bases) == (PairState.WRITING, {})
    world.run()
    pair = world.pair(shopify=thing)
    assert pair is not None
    assert (pair.state, pair.crm_id, set(pair.bases)) == (PairState.PAIRED, row, set(Side))
    assert (labels(world), world.writes()) == ([IS], (0, 1))
