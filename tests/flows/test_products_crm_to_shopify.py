"""The twelve questions for CRM products on their way to Shopify variants, under the mapping file that is shipped."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from shared.errors import Invalid, NotYet
from tests.support.faults import Fault
from tests.support.world import SHOP, World

BOLT: dict[str, Any] = {
    "productnumber": "BOLT-8",
    "name": "Bolt M8",
    "description": "Zinc < plated",
    "price_item.amount": Decimal("0.35"),
    "statecode": 0,
    "vendorpartnumber": "V-77",
}


def synced(world: World, **more: Any) -> tuple[str, str]:
    """A bolt that is sold in Shopify; its CRM id and its variant's."""
    crm = world.crm.add({**BOLT, **more})
    world.run()
    pair = world.pair(crm=crm)
    assert pair is not None
    return crm, str(pair.shopify_id)


def test_creates(world: World) -> None:
    """A product becomes a draft Shopify product with one variant, price, SKU, description and vendor's number."""
    _, variant = synced(world)
    content = world.shopify.rows[variant].content
    assert (content["sku"], content["price"]) == ("BOLT-8", Decimal("0.35"))
    assert (content["product"]["title"], content["product"]["status"]) == ("Bolt M8", "DRAFT")
    assert content["product"]["descriptionHtml"] == "<p>Zinc &lt; plated</p>"
    assert content["metafields"] == {"dynamics.vendor_part_number": "V-77"}


def test_the_new_products_shopify_fields_reach_crm(world: World) -> None:
    """A record born in CRM is never created back; what Shopify owns of it still flows."""
    crm, variant = synced(world)
    assert world.crm.value(crm, "new_shopifyproductid") == f"9{variant}"
    assert world.crm.value(crm, "new_shopifytitle") == "Bolt M8"
    assert len(world.crm.rows) == 1


def test_updates(world: World) -> None:
    """A new price and vendor's number arrive in one write; a product's name is Shopify's after the create."""
    crm, variant = synced(world)
    before = world.writes()[0]
    world.crm.edit(crm, {"price_item.amount": Decimal("0.40"), "vendorpartnumber": "V-78"})
    world.run()
    assert world.shopify.value(variant, "price") == Decimal("0.40")
    assert world.shopify.value(variant, 'metafields."dynamics.vendor_part_number"') == "V-78"
    assert world.writes()[0] == before + 1


def test_does_nothing_when_nothing_changed(world: World) -> None:
    """Three further rounds and a whole listing: no write on either side."""
    synced(world)
    before = world.writes()
    for _ in range(3):
        world.round()
    world.tick(world.outward, restart=True)
    world.run()
    assert world.writes() == before


def test_ignores_its_own_echo(world: World) -> None:
    """Shopify stores prices to the cent and SKUs without spaces: what it returns is no edit."""
    cent = Decimal("0.01")
    world.shopify.normalise = {"price": lambda value: value.quantize(cent), "sku": lambda value: value.strip()}
    crm, variant = synced(world, productnumber="BOLT-8 ", **{"price_item.amount": Decimal("0.355")})
    before = world.writes()
    world.send(world.inward, variant)
    world.send(world.outward, crm)
    world.run()
    assert world.writes() == before
    assert world.crm.value(crm, "price_item.amount") == Decimal("0.355")


def test_survives_the_same_message_twice(world: World) -> None:
    """Two messages for one new product, worked on at the same moment: one Shopify product."""
    crm = world.crm.add(BOLT)
    world.send(world.outward, crm)
    world.send(world.outward, crm)
    world.faults.meanwhile["shopify.write"] = lambda: world.work(world.outward)
    world.drain()
    world.run()
    assert len(world.shopify.rows) == 1


def test_survives_messages_out_of_order(world: World) -> None:
    """Messages carry ids: an old one reads what the product is now."""
    crm, variant = synced(world)
    world.crm.edit(crm, {"price_item.amount": Decimal("1.00")})
    world.tick(world.outward)
    world.crm.edit(crm, {"price_item.amount": Decimal("2.00")})
    world.send(world.outward, crm)
    world.drain()
    world.run()
    assert world.shopify.value(variant, "price") == Decimal("2.00")


def test_waits_for_a_missing_dependency(world: World) -> None:
    """What the product needs is not there yet: it comes back until it is, and is not parked meanwhile."""

    def missing() -> dict[str, str]:
        raise NotYet("The price list does not exist yet.")

    world.change(world.outward, constants=missing)
    crm = world.crm.add(BOLT)
    world.send(world.outward, crm)
    world.drain()
    assert not world.shopify.rows
    assert not world.parked(world.outward)
    world.change(world.outward, constants=dict)
    world.clock.sleep(120)
    world.run()
    assert world.pair(crm=crm) is not None


def test_matches_an_existing_record_instead_of_duplicating(world: World) -> None:
    """The variant with the same SKU is linked and marked, keeps its title, and gets CRM's price."""
    variant = world.shopify.add({"sku": "BOLT-8", "price": Decimal("9.99"), "product.title": "Bolt, eight"})
    crm = world.crm.add(BOLT)
    world.apply(world.outward, crm)
    assert (len(world.shopify.rows), world.shopify.rows[variant].marker) == (1, crm)
    world.run()
    assert world.shopify.value(variant, "price") == Decimal("0.35")
    assert world.crm.value(crm, "name") == world.shopify.value(variant, "product.title") == "Bolt, eight"


def test_reports_ambiguity(world: World) -> None:
    """Two variants have the product's number as SKU: parked with both ids, never the first hit."""
    variants = [world.shopify.add({"sku": "BOLT-8", "product.title": "Bolt"}) for _ in range(2)]
    crm = world.crm.add(BOLT)
    world.run()
    assert world.parked(world.outward) == {crm: "Ambiguous"}
    (row,) = world.state.parked.list(SHOP, world.outward)
    assert sorted(row.facts["same_key_in_shopify"]) == sorted(variants)
    assert not world.pairs()


def test_handles_a_rejected_write(world: World) -> None:
    """Shopify refuses one product: it is parked, its intent is gone, and it is tried again when it changes."""
    write = world.shopify.write
    refusal = Invalid("Price must be greater than or equal to 0.", facts={"field": "price"})
    world.shopify.write = lambda writes: [  # type: ignore[method-assign]
        refusal if each.values.get("price", 0) < 0 else write([each])[0] for each in writes
    ]
    bad = world.crm.add({**BOLT, "productnumber": "BAD", "price_item.amount": Decimal("-1")})
    good = world.crm.add(BOLT)
    world.run()
    assert world.parked(world.outward) == {bad: "Invalid"}
    assert world.pair(crm=bad) is None
    assert world.pair(crm=good) is not None
    world.crm.edit(bad, {"price_item.amount": Decimal("1")})
    world.run()
    assert not world.parked(world.outward)
    assert len(world.shopify.rows) == 2


@pytest.mark.parametrize("call", ["shopify.write", "crossrefs.complete", "runs.put"])
@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.FAIL_AFTER])
def test_survives_a_crash_between_create_and_remember(world: World, call: str, fault: Fault) -> None:
    """The Shopify product is found by the mark that its create carried: one product, one pair, whichever flow comes."""
    crm = world.crm.add(BOLT)
    world.send(world.outward, crm)
    world.faults.plan((call, fault))
    with suppress(Exception):
        world.drain()
    world.faults.clear()
    world.clock.sleep(400)
    world.run()
    assert len(world.shopify.rows) == len(world.crm.rows) == len(world.pairs()) == 1


def test_respects_ownership_when_both_sides_changed(world: World) -> None:
    """Price and number are CRM's, the title is Shopify's: each side's own edit ends on both."""
    crm, variant = synced(world)
    world.crm.edit(crm, {"price_item.amount": Decimal("0.50"), "name": "CRM's name"})
    world.shopify.edit(variant, {"price": Decimal("7.00"), "product.title": "Shop's title"})
    world.run()
    assert world.shopify.value(variant, "price") == world.crm.value(crm, "price_item.amount") == Decimal("0.50")
    assert world.shopify.value(variant, "product.title") == world.crm.value(crm, "name") == "Shop's title"


def test_a_retired_product_is_not_sold_any_more(world: World) -> None:
    """Retired in CRM: the Shopify product becomes a draft. Published again by a person, it stays published."""
    crm, variant = synced(world)
    world.shopify.edit(variant, {"product.status": "ACTIVE"})
    world.run()
    world.crm.edit(crm, {"statecode": 1})
    world.run()
    assert world.shopify.value(variant, "product.status") == "DRAFT"
    world.shopify.edit(variant, {"product.status": "ACTIVE"})
    world.run()
    assert world.shopify.value(variant, "product.status") == "ACTIVE"
    assert world.crm.value(crm, "statecode") == 1


def test_drafts_wait_until_they_are_published(world: World) -> None:
    """A draft is skipped with its reason; published, it is sent."""
    crm = world.crm.add({**BOLT, "statecode": 2})
    world.run()
    assert not world.shopify.rows
    world.crm.edit(crm, {"statecode": 0})
    world.run()
    assert len(world.shopify.rows) == 1


def test_a_deleted_product_makes_its_shopify_product_a_draft(world: World) -> None:
    """It is never deleted in Shopify."""
    crm, variant = synced(world)
    world.shopify.edit(variant, {"product.status": "ACTIVE"})
    world.run()
    world.crm.remove(crm)
    world.run()
    assert world.shopify.value(variant, "product.status") == "DRAFT"
    assert len(world.shopify.rows) == 1
