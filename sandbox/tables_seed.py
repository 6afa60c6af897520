"""What the shop has besides products, people and orders: locations, collections, gift cards, size charts.

Idempotent per database: a shop that has a size chart is left alone. Never touches a sandbox's insides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.seed import Progress, SeedFailedError, Shop

KIND = "size_chart"
PLACES = (("Antwerp", "Meir 1", "2000", "BE"), ("Lyon", "Rue Victor Hugo 2", "69002", "FR"))
CHARTS = (("men", "EU", "96.5", "48\n50\n52"), ("women", "EU", "88", "36\n38\n40"), ("kids", "EU", "64", "104\n110"))
CARDS = (("anniversary2026", "50"), ("welcomehome12", "25"), ("thankyou2026", "100"))
GROUPS = ("Winter", "Summer", "Gifts")
FIELDS = (("region", "single_line_text_field"), ("chest", "number_decimal"), ("sizes", "multi_line_text_field"))
COUNT = f'{{ metaobjectDefinitionByType(type: "{KIND}") {{ id }} }}'
PRODUCTS = "{ products(first: 12, sortKey: ID) { nodes { id } } }"
LOCATION = "mutation($i: LocationAddInput!) { locationAdd(input: $i) { userErrors { message } } }"
DEFINITION = """mutation($i: MetaobjectDefinitionCreateInput!) {
  metaobjectDefinitionCreate(definition: $i) { userErrors { message } } }"""
ENTRY = "mutation($i: MetaobjectCreateInput!) { metaobjectCreate(metaobject: $i) { userErrors { message } } }"
CARD = "mutation($i: GiftCardCreateInput!) { giftCardCreate(input: $i) { userErrors { message } } }"
COLLECTION = "mutation($i: CollectionInput!) { collectionCreate(input: $i) { userErrors { message } } }"


def furnish(info: Mapping[str, Any], progress: Progress) -> None:
    """Enter all of it, unless the shop has it."""
    shop = Shop(info["shopify"])
    if shop.call(COUNT)["metaobjectDefinitionByType"] is None:
        enter(shop)
        progress(f"Shopify: {len(PLACES)} locations, {len(GROUPS)} collections, {len(CARDS)} gift cards, size charts")


def enter(shop: Shop) -> None:
    """The merchant enters all of it."""
    for name, street, code, country in PLACES:
        address = {"address1": street, "city": name, "zip": code, "countryCode": country}
        _enter(shop, LOCATION, {"name": name, "address": address})
    fields = [{"key": key, "name": key.capitalize(), "type": kind} for key, kind in FIELDS]
    _enter(shop, DEFINITION, {"type": KIND, "name": "Size chart", "fieldDefinitions": fields})
    for handle, *values in CHARTS:
        given = [{"key": key, "value": value} for (key, _), value in zip(FIELDS, values, strict=True)]
        _enter(shop, ENTRY, {"type": KIND, "handle": handle, "fields": given})
    for code, value in CARDS:
        _enter(shop, CARD, {"code": code, "initialValue": value})
    products = [node["id"] for node in shop.call(PRODUCTS)["products"]["nodes"]]
    for number, title in enumerate(GROUPS):
        _enter(shop, COLLECTION, {"title": title, "products": products[number::3]})


def _enter(shop: Shop, text: str, given: Mapping[str, Any]) -> None:
    (payload,) = shop.call(text, {"i": dict(given)}).values()
    if payload["userErrors"]:
        raise SeedFailedError(f"Shopify sandbox refused a seed record: {payload['userErrors']}")
