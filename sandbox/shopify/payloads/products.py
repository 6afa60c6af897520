"""Bodies of products/create and products/update.

Straight from the rows, because a first load tells thousands of products. Variants have the fields that webhooks of
this version have: weight, shipping and inventory management belong to the inventory item now.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid
from sandbox.shopify.inside import Inside
from sandbox.shopify.payloads import media
from sandbox.shopify.payloads.rest import amount, local, utc
from sandbox.shopify.store import options, products, variants
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store


def body(inside: Inside, number: int) -> Row | None:
    """A product with its variants and options."""
    store = inside.store
    row = products.get(store, number)
    if row is None:
        return None
    found = variants.of_product(store, number)
    seen = media.of_product(store, number)
    asked = [(option, options.values_of(store, option["id"])) for option in options.of_product(store, number)]
    recent = sorted(found, key=lambda one: (-one["updated_at"], one["position"]))
    return {
        "admin_graphql_api_id": gid.make("Product", number),
        "body_html": row["description_html"],
        "created_at": local(store, row["created_at"]),
        "handle": row["handle"],
        "id": number,
        "product_type": row["product_type"],
        "published_at": local(store, row["published_at"]),
        "template_suffix": row["template_suffix"],
        "title": row["title"],
        "updated_at": local(store, row["updated_at"]),
        "vendor": row["vendor"],
        "status": row["status"].lower(),
        "published_scope": "global",
        "tags": ", ".join(json.loads(row["tags"])),
        "variants": _variants(store, found, asked, seen.of_variant),
        "options": [_option(row, values) for row, values in asked],
        "images": seen.images,
        "image": seen.images[0] if seen.images else None,
        "media": seen.media,
        "variant_gids": [
            {"admin_graphql_api_id": gid.make("ProductVariant", one["id"]), "updated_at": utc(one["updated_at"])}
            for one in recent
        ],
        "has_variants_that_requires_components": any(one["requires_components"] for one in found),
        "category": None,
    }


def _option(row: Row, values: list[Row]) -> Row:
    return {
        "name": row["name"],
        "id": row["id"],
        "product_id": row["product_id"],
        "position": row["position"],
        "values": [value["name"] for value in values],
    }


def _variants(
    store: Store, rows: list[Row], asked: list[tuple[Row, list[Row]]], images: dict[int, int]
) -> list[Row]:
    """All variants by a few queries, however many there are."""
    sql = (
        "SELECT v.id, COALESCE(SUM(l.available), 0) AS quantity FROM variants v LEFT JOIN inventory_levels l "
        "ON l.item_id = v.inventory_item_id AND l.is_active = 1 WHERE v.product_id = ? GROUP BY v.id"
    )
    product = rows[0]["product_id"] if rows else None
    stock = {row["id"]: row["quantity"] for row in store.db.all(sql, (product,))}
    named = {value["id"]: (place, value["name"]) for place, (_, values) in enumerate(asked) for value in values}
    found = []
    for row in rows:
        names: list[str | None] = [None, None, None]
        for place, name in (named[choice] for choice in variants.choices_of(row)):
            names[place] = name
        shown = _variant(store, row, names, stock[row["id"]])
        found.append(shown | {"image_id": images.get(row["id"])})
    return found


def _variant(store: Store, row: Row, names: list[str | None], quantity: int) -> Row:
    shown: dict[str, Any] = {
        "admin_graphql_api_id": gid.make("ProductVariant", row["id"]),
        "barcode": row["barcode"],
        "compare_at_price": amount(row["compare_at_price"]),
        "created_at": local(store, row["created_at"]),
        "id": row["id"],
        "inventory_policy": row["inventory_policy"].lower(),
        "position": row["position"],
        "price": amount(row["price"]),
        "product_id": row["product_id"],
        "sku": row["sku"],
        "taxable": bool(row["taxable"]),
        "title": row["title"],
        "updated_at": local(store, row["updated_at"]),
        "option1": names[0],
        "option2": names[1],
        "option3": names[2],
        "image_id": None,
        "inventory_item_id": row["inventory_item_id"],
        "inventory_quantity": quantity,
        "old_inventory_quantity": quantity,
    }
    return shown
