"""Bodies of webhooks: REST-shaped records as they are at the time of the event.

Snake case, numeric ids, times in the shop's offset, money with two places; a delete carries the id alone.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.shopify import gid
from sandbox.shopify.scalars import money
from sandbox.shopify.store import options, products, variants
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

GRAMS = {"KILOGRAMS": 1000.0, "GRAMS": 1.0, "POUNDS": 453.59237, "OUNCES": 28.349523125}
UNITS = {"KILOGRAMS": "kg", "GRAMS": "g", "POUNDS": "lb", "OUNCES": "oz"}


def build(store: Store, topic: str, number: int) -> Row | None:
    """The body of a topic for a record; None when the record is gone before the event was told."""
    if topic.endswith("/delete"):
        return {"id": number}
    if topic.startswith("products/"):
        row = products.get(store, number)
        return None if row is None else _product(store, row)
    if topic.startswith("inventory_items/"):
        return _item(store, number)
    row = store.db.get("inventory_levels", number)
    return None if row is None else _level(store, row)


def local(store: Store, micros: int | None) -> str | None:
    """A time with the shop's offset."""
    if micros is None:
        return None
    zone = ZoneInfo(store.config.time_zone)
    return datetime.fromtimestamp(micros // 1_000_000, UTC).astimezone(zone).isoformat()


def _product(store: Store, row: Row) -> Row:
    found = variants.of_product(store, row["id"])
    items = {item["id"]: item for item in variants.items_of_product(store, row["id"])}
    return {
        "id": row["id"],
        "admin_graphql_api_id": gid.make("Product", row["id"]),
        "title": row["title"],
        "body_html": row["description_html"],
        "vendor": row["vendor"],
        "product_type": row["product_type"],
        "created_at": local(store, row["created_at"]),
        "handle": row["handle"],
        "updated_at": local(store, row["updated_at"]),
        "published_at": local(store, row["published_at"]),
        "template_suffix": row["template_suffix"],
        "published_scope": "global",
        "tags": ", ".join(json.loads(row["tags"])),
        "status": row["status"].lower(),
        "variants": [_variant(store, one, items[one["inventory_item_id"]]) for one in found],
        "options": [_option(store, one) for one in options.of_product(store, row["id"])],
        "images": [],
        "image": None,
        "media": [],
        "variant_gids": [
            {"admin_graphql_api_id": gid.make("ProductVariant", one["id"]), "updated_at": _utc(one["updated_at"])}
            for one in found
        ],
        "has_variants_that_requires_components": any(one["requires_components"] for one in found),
        "category": None,
    }


def _utc(micros: int) -> str:
    return datetime.fromtimestamp(micros // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _option(store: Store, row: Row) -> Row:
    values = [value["name"] for value in options.values_of(store, row["id"])]
    return {
        "id": row["id"],
        "product_id": row["product_id"],
        "name": row["name"],
        "position": row["position"],
        "values": values,
    }


def _variant(store: Store, row: Row, item: Row) -> Row:
    names: list[str | None] = [entry["value"] for entry in variants.selected(store, row)]
    names += [None] * (3 - len(names))
    quantity = variants.quantity(store, row)
    compared = row["compare_at_price"]
    body: dict[str, Any] = {
        "id": row["id"],
        "admin_graphql_api_id": gid.make("ProductVariant", row["id"]),
        "product_id": row["product_id"],
        "title": row["title"],
        "price": money(row["price"]),
        "position": row["position"],
        "inventory_policy": row["inventory_policy"].lower(),
        "compare_at_price": None if compared is None else money(compared),
        "option1": names[0],
        "option2": names[1],
        "option3": names[2],
        "created_at": local(store, row["created_at"]),
        "updated_at": local(store, row["updated_at"]),
        "taxable": bool(row["taxable"]),
        "barcode": row["barcode"],
        "sku": row["sku"],
        "inventory_item_id": row["inventory_item_id"],
        "inventory_quantity": quantity,
        "old_inventory_quantity": quantity,
        "image_id": None,
    }
    weight = {
        "fulfillment_service": "manual",
        "grams": round(item["weight_value"] * GRAMS[item["weight_unit"]]),
        "inventory_management": "shopify" if item["tracked"] else None,
        "requires_shipping": bool(item["requires_shipping"]),
        "weight": item["weight_value"],
        "weight_unit": UNITS[item["weight_unit"]],
    }
    return body | weight


def _item(store: Store, number: int) -> Row | None:
    row = store.db.get("inventory_items", number)
    if row is None:
        return None
    sku = store.db.value("SELECT sku FROM variants WHERE inventory_item_id = ?", (number,))
    return {
        "id": row["id"],
        "sku": sku,
        "created_at": local(store, row["created_at"]),
        "updated_at": local(store, row["updated_at"]),
        "requires_shipping": bool(row["requires_shipping"]),
        "cost": None if row["cost"] is None else money(row["cost"]),
        "country_code_of_origin": row["country_code_of_origin"],
        "province_code_of_origin": row["province_code_of_origin"],
        "harmonized_system_code": row["harmonized_system_code"],
        "tracked": bool(row["tracked"]),
        "country_harmonized_system_codes": [],
        "weight_value": row["weight_value"],
        "weight_unit": UNITS[row["weight_unit"]],
        "admin_graphql_api_id": gid.make("InventoryItem", row["id"]),
    }


def _level(store: Store, row: Row) -> Row:
    return {
        "inventory_item_id": row["item_id"],
        "location_id": row["location_id"],
        "available": row["available"],
        "updated_at": local(store, row["updated_at"]),
        "admin_graphql_api_id": gid.make("InventoryLevel", f"{row['id']}?inventory_item_id={row['item_id']}"),
    }
