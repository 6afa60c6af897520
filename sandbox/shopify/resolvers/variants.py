"""What the API tells of variants, inventory items, levels and locations.

Reads only.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, lists, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.lists import Kind
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.scalars import amount
from sandbox.shopify.search.match import Sql
from sandbox.shopify.store import products, variants
from sandbox.shopify.store.database import Row

# One product's variants may be read 2,000 at a time.
VARIANT_PAGE = 2000
ORDERS = {
    "ID": Order("v.id"),
    "RELEVANCE": Order("v.id"),
    "TITLE": Order("v.title", nocase=True),
    "SKU": Order("v.sku", nullable=True),
    "POSITION": Order("v.position"),
}
KIND = Kind("ProductVariant", "v.*", "variants v", "v.id", ORDERS)

registry.keys("ProductVariant", "title sku barcode position inventoryPolicy taxCode")
registry.keys("SelectedOption", "name value")
registry.keys("UnitPriceMeasurement", "quantityValue quantityUnit referenceValue referenceUnit")


def source(row: Row | None) -> Row | None:
    """A variant row as the executor passes it on."""
    return None if row is None else row | {"__typename": "ProductVariant"}


@registry.field("QueryRoot", "productVariants", "first last after before reverse query sortKey")
def _variants(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    key = args.get("sortKey")
    if key and key not in ORDERS:
        raise registry.not_built(f"the sort key {key} of QueryRoot.productVariants")
    return lists.connection(call, KIND, args)


@registry.field("QueryRoot", "productVariantsCount", "query limit")
def _variants_count(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return lists.count(call, KIND, args)


@registry.field("QueryRoot", "productVariant", "id")
def _variant(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return source(variants.get(call.store, gid.number(args["id"], "ProductVariant")))


@registry.node("ProductVariant")
def _variant_node(call: Call, identifier: str) -> Row | None:
    return source(variants.get(call.store, gid.number(identifier, "ProductVariant")))


@registry.field("ProductVariant", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("ProductVariant", row["id"])


@registry.field("ProductVariant", "legacyResourceId")
def _legacy(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["id"])


@registry.field("ProductVariant", "price")
def _price(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["price"])


@registry.field("ProductVariant", "compareAtPrice")
def _compare_at(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return row["compare_at_price"]


for _name, _column in (
    ("taxable", "taxable"),
    ("requiresComponents", "requires_components"),
    ("showUnitPrice", "show_unit_price"),
):
    registry.field("ProductVariant", _name)(lambda row, _call, _args, column=_column: bool(row[column]))  # type: ignore[misc]
for _name, _column in (("createdAt", "created_at"), ("updatedAt", "updated_at")):
    for _type in ("ProductVariant", "InventoryItem", "InventoryLevel", "Location"):
        registry.field(_type, _name)(lambda row, _call, _args, column=_column: iso(row[column]))  # type: ignore[misc]


@registry.field("ProductVariant", "unitPriceMeasurement")
def _measurement(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    return json.loads(row["unit_price_measurement"]) if row["unit_price_measurement"] else None


@registry.field("ProductVariant", "displayName")
def _display_name(row: Row, call: Call, _args: dict[str, Any]) -> str:
    product = products.get(call.store, row["product_id"])
    assert product is not None  # noqa: S101 - a variant never outlives its product
    return f"{product['title']} - {row['title']}"


@registry.field("ProductVariant", "product")
def _product(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    key = ("product", row["product_id"])
    if key not in call.cache or call.written:
        found = products.get(call.store, row["product_id"])
        call.cache[key] = found and found | {"__typename": "Product"}
    return call.cache[key]  # type: ignore[no-any-return]


@registry.field("ProductVariant", "selectedOptions")
def _selected(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    return variants.selected(call.store, row)


@registry.field("ProductVariant", "inventoryQuantity")
def _quantity(row: Row, call: Call, _args: dict[str, Any]) -> int:
    return variants.quantity(call.store, row)


@registry.field("ProductVariant", "availableForSale")
def _available(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    item = call.db.get("inventory_items", row["inventory_item_id"])
    tracked = bool(item and item["tracked"])
    return not tracked or row["inventory_policy"] == "CONTINUE" or variants.quantity(call.store, row) > 0


@registry.field("ProductVariant", "inventoryItem")
def _item(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return item_source(call, row["inventory_item_id"], row)


def item_source(call: Call, number: int | None, variant: Row | None = None) -> Row | None:
    """An inventory item with its variant, as the executor passes it on."""
    item = call.db.get("inventory_items", number)
    if item is None:
        return None
    if variant is None:
        variant = call.db.one("SELECT * FROM variants WHERE inventory_item_id = ?", (number,))
    return item | {"__typename": "InventoryItem", "variant_row": variant}


@registry.field("QueryRoot", "inventoryItem", "id")
def _inventory_item(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return item_source(call, gid.number(args["id"], "InventoryItem"))


@registry.node("InventoryItem")
def _item_node(call: Call, identifier: str) -> Row | None:
    return item_source(call, gid.number(identifier, "InventoryItem"))


ITEM_KIND = Kind("InventoryItem", "i.*", "inventory_items i", "i.id", {"ID": Order("i.id")}, "i.updated_at")


@registry.field("QueryRoot", "inventoryItems", "first last after before reverse query")
def _inventory_items(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    found = lists.connection(call, ITEM_KIND, args)
    found.rows = [item_source(call, row["id"]) or row for row in found.rows]
    return found


@registry.field("InventoryItem", "id")
def _item_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("InventoryItem", row["id"])


@registry.field("InventoryItem", "legacyResourceId")
def _item_legacy(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["id"])


@registry.field("InventoryItem", "sku")
def _item_sku(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return row["variant_row"]["sku"] if row["variant_row"] else None


@registry.field("InventoryItem", "variant")
def _item_variant(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    return source(row["variant_row"])


@registry.field("InventoryItem", "duplicateSkuCount")
def _duplicates(row: Row, call: Call, _args: dict[str, Any]) -> int:
    sku = row["variant_row"]["sku"] if row["variant_row"] else None
    if not sku:
        return 0
    return int(call.db.value("SELECT COUNT(*) FROM variants WHERE sku = ?", (sku,)))


@registry.field("InventoryItem", "tracked")
def _tracked(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return bool(row["tracked"])


@registry.field("InventoryItem", "requiresShipping")
def _requires_shipping(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return bool(row["requires_shipping"])


registry.keys("InventoryItem", "countryCodeOfOrigin provinceCodeOfOrigin harmonizedSystemCode")
registry.keys("InventoryItemMeasurement", "weight")
registry.keys("Weight", "value unit")


@registry.field("InventoryItem", "unitCost")
def _unit_cost(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    if row["cost"] is None:
        return None
    return {"amount": amount(row["cost"]), "currencyCode": call.store.config.currency}


@registry.field("InventoryItem", "measurement")
def _weight(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    return {"weight": {"value": row["weight_value"], "unit": row["weight_unit"]}}


def _levels(call: Call, where: Sql, args: dict[str, Any]) -> Connection:
    select = Select("l.*", "inventory_levels l", where.text, where.parameters, "l.id", Order("l.id"))
    return page(call.db, select, args)


@registry.field("InventoryItem", "inventoryLevels", registry.CONNECTION_ARGUMENTS)
def _item_levels(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return _levels(call, Sql("l.item_id = ?", [row["id"]]), args)


@registry.field("Location", "inventoryLevels", registry.CONNECTION_ARGUMENTS)
def _location_levels(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return _levels(call, Sql("l.location_id = ?", [row["id"]]), args)


@registry.field("InventoryItem", "inventoryLevel", "locationId")
def _item_level(row: Row, call: Call, args: dict[str, Any]) -> Row | None:
    sql = "SELECT * FROM inventory_levels WHERE item_id = ? AND location_id = ?"
    return call.db.one(sql, (row["id"], gid.number(args["locationId"], "Location")))


@registry.field("QueryRoot", "inventoryLevel", "id")
def _level(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return call.db.get("inventory_levels", gid.number(args["id"].split("?")[0], "InventoryLevel"))


@registry.field("InventoryLevel", "id")
def _level_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("InventoryLevel", f"{row['id']}?inventory_item_id={row['item_id']}")


@registry.field("InventoryLevel", "item")
def _level_item(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return item_source(call, row["item_id"])


@registry.field("InventoryLevel", "location")
def _level_location(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return location_source(call.db.get("locations", row["location_id"]))


@registry.field("InventoryLevel", "isActive")
def _level_active(_row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return True


@registry.field("InventoryLevel", "quantities", "names")
def _quantities(row: Row, _call: Call, args: dict[str, Any]) -> list[Row]:
    known = {"available": row["available"], "on_hand": row["on_hand"]}
    return [
        {"name": name, "quantity": known.get(name, 0), "updatedAt": iso(row["updated_at"])} for name in args["names"]
    ]


registry.keys("InventoryQuantity", "name quantity updatedAt")


def location_source(row: Row | None) -> Row | None:
    """A location row as the executor passes it on."""
    return None if row is None else row | {"__typename": "Location"}
