"""The twelve questions for variants on their way to CRM products, under the mapping file that is shipped."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from shared.errors import Invalid, NotYet
from shared.records import Origin, Page
from tests.support.faults import Fault
from tests.support.world import SHOP, World

SHIRT: dict[str, Any] = {
    "sku": "SHIRT-M",
    "price": Decimal("19.90"),
    "title": "M / Blue",
    "selectedOptions": [{"name": "Size", "value": "M"}, {"name": "Colour", "value": "Blue"}],
    "product.title": "Shirt",
    "product.descriptionHtml": "<p>Soft &amp; warm</p>",
}


def crm_of(world: World, variant: str) -> dict[str, Any]:
    """The CRM product that a variant is paired with."""
    pair = world.pair(shopify=variant)
    assert pair is not None
    return world.crm.rows[str(pair.crm_id)].content


def synced(world: World, **more: Any) -> tuple[str, str]:
    """A shirt that has its product; both ids."""
    variant = world.shopify.add({**SHIRT, **more})
    world.run()
    pair = world.pair(shopify=variant)
    assert pair is not None
    return variant, str(pair.crm_id)


def test_creates(world: World) -> None:
    """A variant becomes one CRM product with every mapped field, published, with unit and price."""
    variant, _ = synced(world)
    product = crm_of(world, variant)
    assert product["productnumber"] == "SHIRT-M"
    assert product["name"] == "Shirt - M / Blue"
    assert product["description"] == "Soft & warm"
    assert product["price_item"] == {"amount": Decimal("19.90")}
    assert (product["statecode"], product["productstructure"], product["quantitydecimal"]) == (0, 1, 0)
    assert (product["defaultuomid"], product["defaultuomscheduleid"]) == ("unit-1", "group-1")
    assert (product["new_shopifytitle"], product["new_shopifyproductid"]) == ("Shirt", f"9{variant}")
    assert product["new_shopifyoptions"] == "Size: M, Colour: Blue"


def test_creates_a_number_where_there_is_no_sku(world: World) -> None:
    """A variant without SKU gets one derived from its id, and Shopify gets it too, because CRM owns the number."""
    variant, _ = synced(world, sku=None)
    assert crm_of(world, variant)["productnumber"] == f"SHOPIFY-{variant}"
    world.run()
    assert world.writes()[1] == 1


def test_updates(world: World) -> None:
    """A new price and a new title arrive, one write for both."""
    variant, _ = synced(world)
    before = world.writes()[1]
    world.shopify.edit(variant, {"price": Decimal("21.00"), "product.title": "Warm shirt"})
    world.run()
    product = crm_of(world, variant)
    assert (product["price_item"]["amount"], product["name"]) == (Decimal("21.00"), "Warm shirt - M / Blue")
    assert world.writes()[1] == before + 1


def test_does_nothing_when_nothing_changed(world: World) -> None:
    """Three further rounds and a whole listing: no write on either side."""
    synced(world)
    before = world.writes()
    for _ in range(3):
        world.round()
    world.tick(world.inward, restart=True)
    world.run()
    assert world.writes() == before


def test_ignores_its_own_echo(world: World) -> None:
    """The product that CRM reports as changed is the one we wrote, also where CRM stores it in its own form."""
    world.crm.normalise = {"name": lambda value: str(value)[:10], "description": lambda value: str(value).upper()}
    _, crm = synced(world)
    before = world.writes()
    world.send(world.outward, crm)
    world.run()
    assert world.writes() == before


def test_survives_the_same_message_twice(world: World) -> None:
    """Two webhooks for one new variant, worked on at the same moment: one product."""
    variant = world.shopify.add(SHIRT)
    world.send(world.inward, variant)
    world.send(world.inward, variant)
    world.faults.meanwhile["crm.write"] = lambda: world.work(world.inward)
    world.drain()
    world.run()
    assert len(world.crm.rows) == 1


def test_survives_messages_out_of_order(world: World) -> None:
    """A page journaled before the newest edit arrives after it: the newest value stays."""
    variant, _ = synced(world)
    world.shopify.edit(variant, {"price": Decimal("20.00")})
    old = world.shopify.listing("")
    world.clock.sleep(10)
    world.shopify.edit(variant, {"price": Decimal("30.00")})
    world.send(world.inward, variant)
    world.drain()
    world.clock.sleep(10)
    page = Page(world.inward, SHOP, old.items, Origin.POLL, old.read_at, world.shopify.selection)
    world.engine(world.inward).apply(page)
    assert crm_of(world, variant)["price_item"]["amount"] == Decimal("30.00")


def test_waits_for_a_missing_dependency(world: World) -> None:
    """The unit does not exist in CRM yet: the variant comes back until it does, and is not parked meanwhile."""

    def missing() -> dict[str, str]:
        raise NotYet("The unit 'Primary Unit' does not exist yet.")

    world.change(world.inward, constants=missing)
    variant = world.shopify.add(SHIRT)
    world.send(world.inward, variant)
    world.drain()
    assert not world.crm.rows
    assert not world.parked(world.inward)
    world.change(world.inward, constants=lambda: world.constants)
    world.clock.sleep(120)
    world.run()
    assert crm_of(world, variant)["defaultuomid"] == "unit-1"


def test_matches_an_existing_record_instead_of_duplicating(world: World) -> None:
    """The product with the same number is linked and marked; what Shopify owns reaches it, what CRM owns stays."""
    crm = world.crm.add({"productnumber": "SHIRT-M", "name": "Old name", "price_item.amount": Decimal("9.00")})
    variant, linked = synced(world)
    assert (linked, len(world.crm.rows), world.crm.rows[crm].marker) == (crm, 1, variant)
    assert world.crm.value(crm, "name") == "Shirt - M / Blue"
    world.run()
    assert world.shopify.value(variant, "price") == world.crm.value(crm, "price_item.amount") == Decimal("9.00")


def test_reports_ambiguity(world: World) -> None:
    """Two variants with one SKU: both parked with a sentence that names the fix, the rest goes on."""
    one, two = world.shopify.add(SHIRT), world.shopify.add(SHIRT)
    other = world.shopify.add({**SHIRT, "sku": "SHIRT-L"})
    world.run()
    assert world.parked(world.inward) == {one: "Ambiguous", two: "Ambiguous"}
    (row, _) = world.state.parked.list(SHOP, world.inward)
    assert "Give each its own key" in row.sentence
    assert [pair.shopify_id for pair in world.pairs()] == [other]


def test_handles_a_rejected_write(world: World) -> None:
    """CRM refuses one product: it is parked with CRM's sentence, and tried again when it changes."""
    write = world.crm.write
    refusal = Invalid("The name is too long for CRM.", facts={"field": "name"})
    world.crm.write = lambda writes: [  # type: ignore[method-assign]
        refusal if "x" * 50 in str(each.values.get("name")) else write([each])[0] for each in writes
    ]
    bad = world.shopify.add({**SHIRT, "product.title": "x" * 60})
    good = world.shopify.add({**SHIRT, "sku": "SHIRT-L"})
    world.run()
    assert world.parked(world.inward) == {bad: "Invalid"}
    assert crm_of(world, good)["productnumber"] == "SHIRT-L"
    world.shopify.edit(bad, {"product.title": "Short"})
    world.run()
    assert not world.parked(world.inward)
    assert crm_of(world, bad)["name"] == "Short - M / Blue"


@pytest.mark.parametrize("call", ["crm.write", "crossrefs.complete", "runs.put"])
@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.FAIL_AFTER])
def test_survives_a_crash_between_create_and_remember(world: World, call: str, fault: Fault) -> None:
    """The message comes back, the product is found by the id that we chose: one product, one pair."""
    variant = world.shopify.add(SHIRT)
    world.send(world.inward, variant)
    world.faults.plan((call, fault))
    with suppress(Exception):
        world.drain()
    world.faults.clear()
    world.clock.sleep(400)
    world.run()
    assert len(world.crm.rows) == len(world.pairs()) == 1


def test_respects_ownership_when_both_sides_changed(world: World) -> None:
    """Price and number are CRM's, the name is Shopify's: each side's own edit ends on both."""
    variant, crm = synced(world)
    world.shopify.edit(variant, {"price": Decimal("50.00"), "sku": "MINE", "product.title": "Theirs"})
    world.crm.edit(crm, {"price_item.amount": Decimal("25.00"), "productnumber": "CRM-1", "name": "Renamed in CRM"})
    world.run()
    assert world.shopify.value(variant, "price") == world.crm.value(crm, "price_item.amount") == Decimal("25.00")
    assert world.shopify.value(variant, "sku") == world.crm.value(crm, "productnumber") == "CRM-1"
    assert world.crm.value(crm, "name") == "Theirs - M / Blue"


def test_archiving_retires_and_gift_cards_are_left_alone(world: World) -> None:
    """An archived product is retired in CRM and stays archived in Shopify; gift cards never come."""
    variant, crm = synced(world)
    world.shopify.add({**SHIRT, "sku": "GIFT", "product.isGiftCard": True})
    world.shopify.edit(variant, {"product.status": "ARCHIVED"})
    world.run()
    assert world.crm.value(crm, "statecode") == 1
    assert world.shopify.value(variant, "product.status") == "ARCHIVED"
    assert len(world.crm.rows) == 1


def test_an_archived_variant_is_created_retired(world: World) -> None:
    """The default 'active' of a new product gives way to what the product's own status says."""
    variant, _ = synced(world, **{"product.status": "ARCHIVED"})
    assert crm_of(world, variant)["statecode"] == 1
    assert world.shopify.value(variant, "product.status") == "ARCHIVED"


def test_a_deleted_variant_retires_its_product(world: World) -> None:
    """It is never deleted in CRM."""
    variant, crm = synced(world)
    world.shopify.remove(variant)
    world.send(world.inward, variant, deleted=True)
    world.run()
    assert (world.crm.value(crm, "statecode"), world.crm.value(crm, "statuscode")) == (1, 2)
