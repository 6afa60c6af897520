"""Short words that tests of single pages share: the usual thing, the one verdict, a pair in peace."""

from __future__ import annotations

from decimal import Decimal

from shared.records import Verdict
from shared.sync.work import Result
from tests.support.world import World

THING = {"sku": "A-1", "price": Decimal("10.00"), "parent.title": "Shirt", "label": "new"}


def only(result: Result) -> tuple[Verdict, str]:
    """The one verdict of a page of one, and its reason."""
    (outcome,) = result.outcomes
    return outcome.verdict, outcome.reason


def paired(world: World) -> tuple[str, str]:
    """A thing born in Shopify that has its CRM row; both ids. What it took is forgotten."""
    shopify = world.shopify.add(THING)
    world.run()
    pair = world.pair(shopify=shopify)
    assert pair is not None
    world.faults.calls.clear()
    world.shopify.writes.clear()
    world.crm.writes.clear()
    return shopify, str(pair.crm_id)
