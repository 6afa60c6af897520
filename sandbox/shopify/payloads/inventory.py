"""Bodies of inventory_items/* and inventory_levels/*.

Straight from the rows: they are told in great numbers, and each of their fields is a column.
"""

from __future__ import annotations

from sandbox.shopify import gid
from sandbox.shopify.inside import Inside
from sandbox.shopify.payloads.rest import UNITS, amount, local
from sandbox.shopify.store import stock
from sandbox.shopify.store.database import Row


def item(inside: Inside, number: int) -> Row | None:
    """An inventory item."""
    store = inside.store
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
        "cost": amount(row["cost"]),
        "country_code_of_origin": row["country_code_of_origin"],
        "province_code_of_origin": row["province_code_of_origin"],
        "harmonized_system_code": row["harmonized_system_code"],
        "tracked": bool(row["tracked"]),
        "country_harmonized_system_codes": [],
        "weight_value": row["weight_value"],
        "weight_unit": UNITS[row["weight_unit"]],
        "admin_graphql_api_id": gid.make("InventoryItem", row["id"]),
    }


def item_ended(_inside: Inside, number: int) -> Row:
    """An inventory item that is gone."""
    return {
        "id": number,
        "country_code_of_origin": None,
        "province_code_of_origin": None,
        "harmonized_system_code": None,
        "country_harmonized_system_codes": [],
        "admin_graphql_api_id": gid.make("InventoryItem", number),
    }


def level(inside: Inside, number: int) -> Row | None:
    """A quantity at a location."""
    row = inside.store.db.get("inventory_levels", number)
    if row is None:
        return None
    return {
        "inventory_item_id": row["item_id"],
        "location_id": row["location_id"],
        "available": row["available"],
        "updated_at": local(inside.store, row["updated_at"]),
        "admin_graphql_api_id": stock.level_gid(row),
    }


def level_ended(inside: Inside, number: int) -> Row | None:
    """An item that is no longer stocked at a location: told before its row goes."""
    row = inside.store.db.get("inventory_levels", number)
    return None if row is None else {"inventory_item_id": row["item_id"], "location_id": row["location_id"]}
