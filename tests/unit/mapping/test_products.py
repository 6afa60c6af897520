"""The two product mappings as shipped: joined, applied to records of both sides, and quick."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.mapping.apply import KEEP, match_keys, skip_reason, wanted
from shared.mapping.load import load
from shared.mapping.rules import Rules, join
from shared.records import Side

MAPPINGS = Path(__file__).parents[3] / "mappings"
CONSTANTS = {"unit": "unit-id", "unit_group": "group-id"}


def rules(flow: str, *, publish: bool = True) -> Rules:
    """A product flow's rules."""
    other = {"products_shopify_to_crm": "products_crm_to_shopify", "products_crm_to_shopify": "products_shopify_to_crm"}
    return join(load(MAPPINGS, flow), load(MAPPINGS, other[flow]), settings={"publish": publish})


def variant(**changes: Any) -> dict[str, Any]:
    """A variant as the Shopify side reads it."""
    product = {
        "title": "Wool Hat",
        "descriptionHtml": "<p>Soft &amp; warm</p>",
        "status": "ACTIVE",
        "isGiftCard": False,
        "legacyResourceId": "900",
    }
    plain = {
        "sku": "HAT-L",
        "title": "L / Red",
        "legacyResourceId": "41",
        "price": Decimal("19.90"),
        "selectedOptions": [{"name": "Size", "value": "L"}, {"name": "Color", "value": "Red"}],
        "product": product,
    }
    return {**plain, **changes, "product": {**product, **changes.get("product", {})}}


def to_crm(content: dict[str, Any], *, publish: bool = True) -> dict[str, Any]:
    """What the CRM should hold for a variant."""
    found = rules("products_shopify_to_crm", publish=publish)
    return wanted(found, content, constants=CONSTANTS, references={})


def test_a_variant() -> None:
    """A variant's fields arrive as the product flow's page says."""
    assert to_crm(variant()) == {
        "number": "HAT-L",
        "name": "Wool Hat - L / Red",
        "description": "Soft & warm",
        "price": Decimal("19.90"),
        "state": KEEP,
        "state_on_create": 0,
        "unit_group": "group-id",
        "unit": "unit-id",
        "quantity_decimals": 0,
        "structure": 1,
        "shopify_title": "Wool Hat",
        "shopify_options": "Size: L, Color: Red",
        "shopify_product": "900",
    }


def test_a_product_without_options() -> None:
    """'Default Title' is never shown."""
    options = [{"name": "Title", "value": "Default Title"}]
    values = to_crm(variant(title="Default Title", selectedOptions=options))
    assert (values["name"], values["shopify_options"]) == ("Wool Hat", None)


@pytest.mark.parametrize("sku", [None, ""])
def test_a_variant_without_sku(sku: str | None) -> None:
    """A blank SKU becomes a number made from the variant's id."""
    assert to_crm(variant(sku=sku))["number"] == "SHOPIFY-41"


def test_long_texts_fit() -> None:
    """Name and description are cut to their columns."""
    values = to_crm(variant(product={"title": "👍" * 200, "descriptionHtml": "x" * 5000}))
    assert values["name"] == "👍" * 50
    assert len(values["description"]) == 2000


def test_archived_and_unpublished() -> None:
    """An archived product is retired; without publishing there is no state on create."""
    assert to_crm(variant(product={"status": "ARCHIVED"}))["state"] == 1
    assert "state_on_create" not in to_crm(variant(), publish=False)


def test_gift_cards_are_skipped() -> None:
    """A gift card is left alone with a reason."""
    assert skip_reason(rules("products_shopify_to_crm"), variant(product={"isGiftCard": True})) == (
        "Gift card products are not kept as CRM products."
    )


PRODUCT: dict[str, Any] = {
    "productnumber": " P-1 ",
    "name": "Scarf",
    "description": "Warm\n\nSoft",
    "statecode": 0,
    "productstructure": 1,
    "vendorpartnumber": "V9",
    "new_shopifyproductid": None,
    "price_item": {"amount": Decimal("7.5000")},
}


def test_a_crm_product() -> None:
    """A CRM product becomes a draft with its price, text and part number."""
    found = rules("products_crm_to_shopify")
    values = wanted(found, PRODUCT, constants={}, references={})
    assert values == {
        "number": " P-1 ",
        "price": Decimal("7.5000"),
        "title": "Scarf",
        "description_on_create": "<p>Warm</p><p>Soft</p>",
        "status_on_create": "DRAFT",
        "status": KEEP,
        "vendor_part": "V9",
    }
    assert match_keys(found, {}, values) == {"number": "P-1"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"productstructure": 2}, "Families and bundles are not sent in the flat model."),
        ({"statecode": 2}, "The product is a draft in CRM; it is sent once it is published."),
        ({"statecode": 2, "new_shopifyproductid": "900"}, None),
    ],
)
def test_crm_products_that_are_skipped(changes: dict[str, Any], reason: str | None) -> None:
    """Families, bundles and drafts never sent before are left alone."""
    assert skip_reason(rules("products_crm_to_shopify"), {**PRODUCT, **changes}) == reason


def test_a_product_without_a_price() -> None:
    """A product that is not in the price list leaves the variant's price as it is."""
    content = {**PRODUCT, "price_item": None}
    assert wanted(rules("products_crm_to_shopify"), content, constants={}, references={})["price"] is KEEP


def test_ownership() -> None:
    """Number and price are joined and belong to the CRM; everything else is written by one flow only."""
    for flow in ("products_shopify_to_crm", "products_crm_to_shopify"):
        joined = {rule.name: rule.owner for rule in rules(flow).fields if rule.two_way}
        assert joined == {"number": "crm", "price": "crm"}


def test_both_flows_see_the_same_paths() -> None:
    """The two flows of the kind select the same fields on each side, whichever of them reads."""
    inward, outward = rules("products_shopify_to_crm"), rules("products_crm_to_shopify")
    for side in Side:
        assert inward.paths(side) == outward.paths(side)
