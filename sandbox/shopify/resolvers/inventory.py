"""What the API tells of inventory items, their levels and quantities, and groups of adjustments. Reads only."""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, lists, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.lists import Kind
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.resolvers.variants import source as variant_source
from sandbox.shopify.scalars import amount
from sandbox.shopify.search import columns
from sandbox.shopify.search.match import Sql
from sandbox.shopify.store import stock
from sandbox.shopify.store.database import Row

LEVEL_FIELDS = {
    "id": ("l.number", columns.ID),
    "inventory_item_id": ("l.item_id", columns.ID),
    "created_at": ("l.created_at", columns.TIME),
    "updated_at": ("l.updated_at", columns.TIME),
}
LEVEL_ARGUMENTS = f"{registry.CONNECTION_ARGUMENTS} query includeInactive"
NAMES = ("available", "committed", "damaged", "incoming", "on_hand", "quality_control", "reserved", "safety_stock")
# In use from the start (recorded); the others once stock has been put there.
ALWAYS = {"available", "committed", "on_hand", "reserved"}

for _name, _column in (("createdAt", "created_at"), ("updatedAt", "updated_at")):
    for _type in ("InventoryItem", "InventoryLevel", "Location"):
        registry.field(_type, _name)(lambda row, _call, _args, column=_column: iso(row[column]))  # type: ignore[misc]


def item_source(call: Call, number: int | None) -> Row | None:
    """An inventory item with its variant, as the executor passes it on."""
    item = call.db.get("inventory_items", number)
    if item is None:
        return None
    variant = call.db.one("SELECT * FROM variants WHERE inventory_item_id = ?", (number,))
    return item | {"__typename": "InventoryItem", "variant_row": variant}


@registry.field("QueryRoot", "inventoryItem", "id")
def _inventory_item(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return item_source(call, gid.number(args["id"], "InventoryItem"))


@registry.node("InventoryItem")
def _item_node(call: Call, identifier: str) -> Row | None:
    return item_source(call, gid.number(identifier, "InventoryItem"))


ITEM_ORDERS = {"ID": Order("i.id")}
ITEM_KIND = Kind("InventoryItem", "i.*", "inventory_items i", "i.id", ITEM_ORDERS, "i.updated_at", indexed=False)


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
    return variant_source(row["variant_row"])


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


@registry.field("InventoryItem", "locationsCount")
def _places(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    sql = "SELECT COUNT(*) FROM inventory_levels WHERE item_id = ? AND is_active = 1"
    return {"count": call.db.value(sql, (row["id"],)), "precision": "EXACT"}


def _levels(call: Call, where: Sql, args: dict[str, Any]) -> Connection:
    found = columns.condition(call, args.get("query"), LEVEL_FIELDS)
    active = "1" if args.get("includeInactive") else "l.is_active = 1"
    text = f"({where.text}) AND {active} AND ({found.text})"
    parameters = [*where.parameters, *found.parameters]
    return page(call.db, Select("l.*", "inventory_levels l", text, parameters, "l.id", Order("l.id"), str), args)


@registry.field("InventoryItem", "inventoryLevels", LEVEL_ARGUMENTS)
def _item_levels(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return _levels(call, Sql("l.item_id = ?", [row["id"]]), args)


@registry.field("Location", "inventoryLevels", LEVEL_ARGUMENTS)
def _location_levels(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return _levels(call, Sql("l.location_id = ?", [row["id"]]), args)


def _at(call: Call, item: int | None, location: int | None, args: dict[str, Any]) -> Row | None:
    row = stock.level(call.store, item, location)
    return row if row is not None and (row["is_active"] or args.get("includeInactive")) else None


@registry.field("InventoryItem", "inventoryLevel", "locationId includeInactive")
def _item_level(row: Row, call: Call, args: dict[str, Any]) -> Row | None:
    return _at(call, row["id"], gid.number(args["locationId"], "Location"), args)


@registry.field("Location", "inventoryLevel", "inventoryItemId includeInactive")
def _location_level(row: Row, call: Call, args: dict[str, Any]) -> Row | None:
    return _at(call, gid.number(args["inventoryItemId"], "InventoryItem"), row["id"], args)


@registry.field("QueryRoot", "inventoryLevel", "id")
def _level(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return stock.by_gid(call.store, args["id"])


@registry.node("InventoryLevel")
def _level_node(call: Call, identifier: str) -> Row | None:
    row = stock.by_gid(call.store, identifier)
    return row and row | {"__typename": "InventoryLevel"}


@registry.field("InventoryLevel", "id")
def _level_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return stock.level_gid(row)


@registry.field("InventoryLevel", "item")
def _level_item(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return item_source(call, row["item_id"])


@registry.field("InventoryLevel", "location")
def _level_location(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return location_source(call.db.get("locations", row["location_id"]))


@registry.field("InventoryLevel", "isActive")
def _level_active(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return bool(row["is_active"])


@registry.field("InventoryLevel", "canDeactivate")
def _can_deactivate(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    sql = "SELECT COUNT(*) FROM inventory_levels WHERE item_id = ? AND is_active = 1"
    return bool(row["is_active"]) and int(call.db.value(sql, (row["item_id"],))) > 1


@registry.field("InventoryLevel", "quantities", "names")
def _quantities(row: Row, _call: Call, args: dict[str, Any]) -> list[Row]:
    for name in args["names"]:
        if name not in NAMES:
            raise registry.not_built(f"the quantity {name} of InventoryLevel.quantities")
    return [stock.quantity(row, name) for name in args["names"]]


registry.keys("InventoryQuantity", "name quantity")


@registry.field("InventoryQuantity", "id")
def _quantity_id(entry: Row, _call: Call, _args: dict[str, Any]) -> str:
    tail = stock.level_gid(entry["level"]).rsplit("/", 1)[-1]
    return gid.make("InventoryQuantity", f"{tail}&name={entry['name']}")


@registry.field("InventoryQuantity", "updatedAt")
def _quantity_time(entry: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(json.loads(entry["level"]["changed"]).get(entry["name"]))


@registry.node("InventoryQuantity")
def _quantity_node(call: Call, identifier: str) -> Row | None:
    row = stock.by_gid(call.store, identifier, "InventoryQuantity")
    name = identifier.rpartition("&name=")[2]
    return stock.quantity(row, name) if row is not None and name in NAMES else None


@registry.field("QueryRoot", "inventoryProperties")
def _properties(_source: Any, call: Call, _args: dict[str, Any]) -> Row:
    used = set(ALWAYS)
    for name in NAMES:
        if name not in used and call.db.value(f"SELECT 1 FROM inventory_levels WHERE {name} <> 0 LIMIT 1"):  # noqa: S608
            used.add(name)
    return {"quantityNames": [_name_entry(name, name in used) for name in NAMES]}


def _name_entry(name: str, used: bool) -> Row:
    whole = name == "on_hand"
    return {
        "name": name,
        "displayName": name.replace("_", " ").capitalize(),
        "isInUse": used,
        "belongsTo": ["on_hand"] if name in stock.ON_HAND else [],
        "comprises": sorted(stock.ON_HAND) if whole else [],
    }


registry.keys("InventoryProperties", "quantityNames")
registry.keys("InventoryQuantityName", "name displayName isInUse belongsTo comprises")


@registry.node("InventoryAdjustmentGroup")
def group_source(call: Call, identifier: str) -> Row | None:
    """A group of adjustments with its changes, as it was made."""
    row = call.db.get("inventory_groups", gid.number(identifier, "InventoryAdjustmentGroup"))
    return row and row | {"__typename": "InventoryAdjustmentGroup"}


registry.keys("InventoryAdjustmentGroup", "reason referenceDocumentUri")
registry.keys("InventoryChange", "name delta ledgerDocumentUri")


@registry.field("InventoryAdjustmentGroup", "id")
def _group_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("InventoryAdjustmentGroup", row["id"])


@registry.field("InventoryAdjustmentGroup", "createdAt")
def _group_time(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["created_at"])


@registry.field("InventoryAdjustmentGroup", "changes", "inventoryItemIds locationIds quantityNames")
def _changes(row: Row, _call: Call, args: dict[str, Any]) -> list[Row]:
    found: list[Row] = json.loads(row["changes"])
    for argument, key, kind in (("inventoryItemIds", "item", "InventoryItem"), ("locationIds", "location", "Location")):
        if args.get(argument) is not None:
            wanted = {gid.number(identifier, kind) for identifier in args[argument]}
            found = [change for change in found if change[key] in wanted]
    names = args.get("quantityNames")
    return [change for change in found if names is None or change["name"] in names]


@registry.field("InventoryChange", "quantityAfterChange")
def _after(_change: Row, _call: Call, _args: dict[str, Any]) -> None:
    # Null in all 38 recorded changes; the schema says it is given for a few quantities only. Null is what was seen.
    return None


@registry.field("InventoryChange", "item")
def _change_item(change: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return item_source(call, change["item"])


@registry.field("InventoryChange", "location")
def _change_location(change: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return location_source(call.db.get("locations", change["location"]))


def location_source(row: Row | None) -> Row | None:
    """A location row as the executor passes it on."""
    return None if row is None else row | {"__typename": "Location"}
