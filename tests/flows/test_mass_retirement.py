"""Archiving and retiring in masses: a flow that would take a tenth of a kind out of use in a day stops and asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.records import Item, Origin, Page, Side
from tests.support.world import SHOP, World

ALL, MANY = 60, 25


def kept(world: World, side: Side) -> list[str]:
    """Sixty products in step, born on that side, sold in the shop."""
    if side is Side.SHOPIFY:
        ids = [world.shopify.add({"sku": f"A-{number}", "product.title": "Bolt"}) for number in range(ALL)]
    else:
        bolts = ({"productnumber": f"A-{number}", "name": "Bolt", "statecode": 0} for number in range(ALL))
        ids = [world.crm.add({**bolt, "price_item": {"amount": 1}}) for bolt in bolts]
    world.run()
    for variant in world.shopify.rows:
        world.shopify.edit(variant, {"product.status": "ACTIVE"})
    world.run()
    return ids


def ended(world: World, side: Side, ids: list[str]) -> None:
    """Somebody archives them in the shop, or retires them in CRM, and the flow hears of it."""
    for each in ids:
        if side is Side.SHOPIFY:
            world.shopify.edit(each, {"product.status": "ARCHIVED"})
        else:
            world.crm.edit(each, {"statecode": 1})
    world.send(world.inward if side is Side.SHOPIFY else world.outward, *ids)
    world.drain()


def out_of_use(world: World, side: Side) -> int:
    """How many counterparts of that side's records are out of use."""
    if side is Side.SHOPIFY:
        return sum(row.content["statecode"] == 1 for row in world.crm.rows.values())
    return sum(row.content["product"]["status"] == "DRAFT" for row in world.shopify.rows.values())


def flow_of(world: World, side: Side) -> str:
    """The flow whose source that side is."""
    return world.inward if side is Side.SHOPIFY else world.outward


@pytest.mark.parametrize("side", list(Side))
def test_many_of_a_day_pause_the_flow_and_ask(world: World, side: Side) -> None:
    """Promise: a catalogue archived or retired by mistake takes nothing out of use before a person says it is meant."""
    ids, flow, switches = kept(world, side), flow_of(world, side), world.state.switches
    ended(world, side, ids[:MANY])
    assert f"{MANY} of {ALL} variants were deleted, retired or archived in {side.value}" in switches.paused(flow)
    assert out_of_use(world, side) == 0
    switches.accept_deletes(flow, world.clock.now() + timedelta(hours=24))
    switches.resume(flow)
    world.state.queues.release(flow)
    world.drain()
    assert out_of_use(world, side) == MANY


@pytest.mark.parametrize("side", list(Side))
def test_those_of_a_day_count_together_with_deletes(world: World, side: Side) -> None:
    """Fifteen archived and fifteen deleted, page by page, are thirty: twenty pass, the flow stops at the next."""
    ids, flow = kept(world, side), flow_of(world, side)
    ended(world, side, ids[:15])
    assert out_of_use(world, side) == 15
    assert world.state.runs.last(SHOP, flow, 1)[0].counts["retired"] == 15
    for each in ids[15:30]:
        (world.shopify if side is Side.SHOPIFY else world.crm).remove(each)
        world.send(flow, each, deleted=True)
        world.drain()
    assert out_of_use(world, side) == 20
    assert world.state.switches.paused(flow)
    world.clock.sleep(timedelta(hours=25).total_seconds())
    world.state.switches.resume(flow)
    world.state.queues.release(flow)
    world.drain()
    assert out_of_use(world, side) == 30


def test_few_of_a_large_kind_pass(world: World) -> None:
    """Twenty are let through whatever the share; an update that only changes them is none of these."""
    ids = kept(world, Side.SHOPIFY)
    ended(world, Side.SHOPIFY, ids[:20])
    assert (out_of_use(world, Side.SHOPIFY), world.state.switches.paused(world.inward)) == (20, "")
    for each in ids[20:]:
        world.shopify.edit(each, {"product.title": "Nut"})
    world.send(world.inward, *ids[20:])
    world.drain()
    assert world.state.switches.paused(world.inward) == ""


def test_what_is_found_archived_when_it_is_first_linked_is_no_news(world: World) -> None:
    """Promise: a first load that links many archived records does not stop: nobody took them out of use today."""
    for number in range(30):
        shared: dict[str, Any] = {"productnumber": f"A-{number}", "name": "Bolt", "statecode": 0}
        world.crm.add({**shared, "price_item": {"amount": 1}})
        world.shopify.add({"sku": f"A-{number}", "product.title": "Bolt", "product.status": "ARCHIVED"})
    world.tick(world.inward)
    world.drain()
    assert (out_of_use(world, Side.SHOPIFY), world.state.switches.paused(world.inward)) == (30, "")


def test_a_plan_says_that_it_would_retire(world: World) -> None:
    """A dry run names them apart from other updates."""
    (first, *_) = kept(world, Side.SHOPIFY)
    world.shopify.edit(first, {"product.status": "ARCHIVED"})
    page = Page(world.inward, SHOP, (Item(first),), Origin.COMMAND)
    (outcome,) = world.engine(world.inward).apply(page, write=False).outcomes
    assert (outcome.verdict.value, outcome.reason) == ("retired", "Its counterpart would be retired.")
