"""The flows once more with the real clients over both sandboxes in process: what the fakes could flatter shows here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal

import pytest

from shared.records import PairState
from tests.support.faults import Fault
from tests.support.sandboxes import Sandboxes


@pytest.fixture
def both() -> Iterator[Sandboxes]:
    """Two sandboxes, set up, nothing in them but what they come with."""
    made = Sandboxes()
    yield made
    made.close()


def quiet(both: Sandboxes) -> None:
    """Three further rounds write nothing."""
    before = both.world.writes()
    for _ in range(3):
        both.world.round()
    assert both.world.writes() == before


def test_creates_and_adopts_both_ways_once_and_then_is_silent(both: Sandboxes) -> None:
    """Variants become products, products become variants, an equal SKU is adopted, and everything is equal."""
    world = both.world
    shirts = both.sell("Shirt", ["S-1", "S-2", "BOTH-1"])
    bolt, known = both.stock("BOLT-8", "Bolt M8", "0.35"), both.stock("BOTH-1", "Old name", "7.00")
    world.run()
    variants, products = world.shopify.all(), world.crm.all()
    assert not world.parked(world.inward)
    assert not world.parked(world.outward)
    assert len(variants) == len(products) == len(world.pairs()) == 4
    for pair in world.pairs():
        variant, product = variants[str(pair.shopify_id)].content, products[str(pair.crm_id)].content
        assert variant["sku"] == product["productnumber"]
        assert variant["price"] == product["price_item"]["amount"]
        assert product["new_shopifytitle"] == variant["product"]["title"]
    adopted = world.pair(crm=known)
    assert adopted is not None
    assert adopted.shopify_id == shirts[2]
    assert variants[shirts[2]].content["price"] == Decimal("7.00")
    assert world.pair(crm=bolt) is not None
    quiet(both)


def test_edits_of_both_sides_end_as_their_owners_have_them(both: Sandboxes) -> None:
    """CRM's number and price, Shopify's title, whoever edited last."""
    world = both.world
    (variant,) = both.sell("Shirt", ["S-1"])
    world.run()
    pair = world.pair(shopify=variant)
    assert pair is not None
    crm = str(pair.crm_id)
    world.clock.sleep(120)
    both.amend(crm, productnumber="CRM-1", name="Renamed in CRM")
    both.retitle(both.product, "Warm shirt")
    both.reprice(both.product, variant, "12.00")
    world.run()
    content, product = world.shopify.all()[variant].content, world.crm.all()[crm].content
    assert content["sku"] == product["productnumber"] == "CRM-1"
    assert content["price"] == product["price_item"]["amount"] == Decimal("12.00")
    assert content["product"]["title"] == "Warm shirt"
    assert product["name"].startswith("Warm shirt")
    quiet(both)


def test_variants_that_share_a_sku_are_parked_and_the_rest_goes_on(both: Sandboxes) -> None:
    """Neither is created, both say why."""
    world = both.world
    twins = [both.sell("One", ["TWIN"])[0], both.sell("Two", ["TWIN"])[0]]
    (other,) = both.sell("Three", ["ALONE"])
    world.run()
    assert world.parked(world.inward) == dict.fromkeys(twins, "Ambiguous")
    assert [pair.shopify_id for pair in world.pairs()] == [other]


@pytest.mark.parametrize("call", ["crossrefs.begin", "crossrefs.complete", "runs.put"])
@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER])
def test_a_crash_around_a_create_doubles_nothing(both: Sandboxes, call: str, fault: Fault) -> None:
    """The real marks and ids are found again, in both directions."""
    world = both.world
    both.sell("Shirt", ["S-1"])
    both.stock("BOLT-8", "Bolt M8", "0.35")
    world.faults.plan((call, fault), (call, fault))
    for _ in range(2):
        with suppress(Exception):
            world.round()
    world.faults.clear()
    world.clock.sleep(400)
    world.run()
    assert len(world.shopify.all()) == len(world.crm.all()) == len(world.pairs()) == 2
    quiet(both)


def test_a_retired_and_a_deleted_record(both: Sandboxes) -> None:
    """A variant whose delete was told retires its product; the pair rests, and nothing comes back."""
    world = both.world
    variants = both.sell("Shirt", ["S-1", "S-2"])
    world.run()
    gone = variants[0]
    crm = str(world.pair(shopify=gone).crm_id)  # type: ignore[union-attr]
    both.discard(both.product, gone)
    world.send(world.inward, gone, deleted=True)
    world.run()
    assert world.crm.all()[crm].content["statecode"] == 1
    pair = world.pair(shopify=gone)
    assert pair is not None
    assert pair.state is PairState.TOMBSTONE
    assert set(world.shopify.all()) == {variants[1]}
    quiet(both)


def test_a_deleted_product_retires_what_was_born_on_either_side(both: Sandboxes) -> None:
    """A product's delete names no variant: all that were its own are found, born in Shopify or in CRM, and retired."""
    world = both.world
    born_here = both.sell("Shirt", ["S-1", "S-2"])
    bolt = both.stock("BOLT-8", "Bolt M8", "0.35")
    world.run()
    variant = str(world.pair(crm=bolt).shopify_id)  # type: ignore[union-attr]
    parent = world.shopify.all()[variant].content["product"]["id"]
    rows = [str(world.pair(shopify=each).crm_id) for each in born_here] + [bolt]  # type: ignore[union-attr]
    for product in (both.product, parent):
        both.remove(product)
        world.send(world.inward, product.rpartition("/")[2], table="products")
    world.run()
    assert [world.crm.all()[row].content["statecode"] for row in rows] == [1, 1, 1]
    assert not world.pairs()
    quiet(both)


def test_what_is_archived_before_it_was_ever_kept_arrives_retired(both: Sandboxes) -> None:
    """Dataverse retires no draft and nothing that is priced: the new product is published, then retired, unpriced."""
    world = both.world
    (variant,) = both.sell("Old shirt", ["OLD-1"])
    both.archive(both.product)
    world.run()
    assert not world.parked(world.inward)
    product = world.crm.all()[str(world.pair(shopify=variant).crm_id)].content  # type: ignore[union-attr]
    assert (product["productnumber"], product["statecode"], product["price_item"]) == ("OLD-1", 1, None)
    quiet(both)


def test_a_product_retired_before_it_was_ever_sold_is_not_sent(both: Sandboxes) -> None:
    """No draft without a price appears in the shop."""
    world = both.world
    both.retire(both.stock("GONE-1", "Gone", "9.00"))
    world.run()
    assert not world.shopify.all()
    assert not world.parked(world.outward)


def test_a_retired_product_takes_no_changes_until_it_is_active_again(both: Sandboxes) -> None:
    """A new title in the shop is skipped with the reason, parks nothing, and arrives once CRM activates the product."""
    world = both.world
    (variant,) = both.sell("Shirt", ["S-1"])
    world.run()
    crm = str(world.pair(shopify=variant).crm_id)  # type: ignore[union-attr]
    both.retire(crm)
    world.run()
    both.retitle(both.product, "Warm shirt")
    world.run()
    assert not world.parked(world.inward)
    assert world.crm.all()[crm].content["new_shopifytitle"] == "Shirt"
    (outcome,) = world.apply(world.inward, variant).outcomes
    assert "retired" in outcome.reason
    both.amend(crm, statecode=0, statuscode=1)
    world.run()
    assert world.crm.all()[crm].content["new_shopifytitle"] == "Warm shirt"
    quiet(both)


def test_a_rename_amid_the_write_of_a_price_is_put_right(both: Sandboxes) -> None:
    """Promise: CRM's edit that our write of another row neither overwrote nor was refused for is repaired at once.

    A price is a row of its own, whose version says nothing of the product's; the other flow does not carry names.
    """
    world = both.world
    (variant,) = both.sell("Shirt", ["S-1"])
    world.run()
    pair = world.pair(shopify=variant)
    assert pair is not None
    crm = str(pair.crm_id)
    name = world.crm.all()[crm].content["name"]
    world.clock.sleep(120)
    both.reprice(both.product, variant, "12.00")
    world.faults.meanwhile["crm.write"] = lambda: both.amend(crm, name="Renamed in CRM")
    assert world.apply(world.inward, variant).again == (variant,)
    assert world.crm.all()[crm].content["name"] == "Renamed in CRM"
    world.apply(world.inward, variant)
    assert world.crm.all()[crm].content["name"] == name
    quiet(both)


@pytest.mark.parametrize("first", ["outward", "inward"])
def test_one_number_that_both_sides_enter_at_once_is_one_record(both: Sandboxes, first: str) -> None:
    """Promise: a number that Shopify's search does not show yet is linked, whichever flow comes first."""
    world = both.world
    both.store.store.index.lag_s = 120
    (variant,) = both.sell("Shirt", ["S-1"])
    crm = both.stock("S-1", "Old name", "7.00")
    flow = getattr(world, first)
    world.apply(flow, crm if first == "outward" else variant)
    world.run()
    assert list(world.shopify.all()) == [variant]
    pair = world.pair(shopify=variant)
    assert pair is not None
    assert pair.crm_id == crm
    quiet(both)
