"""inventoryItemUpdate and inventorySetQuantities.

Stock that moves counts as an update of the product, as the schema says of `updatedAt`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.clock import iso
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.mutations import variant_fields as fields
from sandbox.shopify.resolvers.variants import item_source, location_source
from sandbox.shopify.store import products, variants
from sandbox.shopify.store.database import Row

LIMIT = 1_000_000_000
REASONS = (
    "correction, cycle_count_available, damaged, movement_canceled, movement_created, movement_received, "
    "movement_updated, other, promotion, quality_control, received, reservation_created, reservation_deleted, "
    "reservation_updated, restock, safety_stock, shrinkage"
)
registry.inputs("InventorySetQuantitiesInput", "name quantities reason referenceDocumentUri")
registry.inputs("InventoryQuantityInput", "inventoryItemId locationId quantity changeFromQuantity")
registry.keys("InventoryAdjustmentGroup", "id createdAt reason referenceDocumentUri changes")
registry.keys("InventoryChange", "name delta quantityAfterChange item location ledgerDocumentUri")


@registry.mutation("inventoryItemUpdate", "id input", "inventoryItem userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    number = gid.number(args["id"], "InventoryItem")
    item = item_source(call, number)
    if item is None or number is None:
        raise refuse(["id"], "The product couldn't be updated because it does not exist.")
    given = args["input"]
    _check_item(given)
    call.target("InventoryItem", number)
    variant = item["variant_row"]
    columns = fields.columns({"inventoryItem": given})
    variants.change(call.store, variant, columns, fields.item_columns(given))
    _touch(call, [number])
    return {"inventoryItem": item_source(call, number), "userErrors": []}


def _check_item(given: Row) -> None:
    if given.get("cost") is not None and Decimal(str(given["cost"])) < 0:
        raise refuse(["input", "cost"], "Cost must be greater than or equal to 0")
    weight = (given.get("measurement") or {}).get("weight")
    if weight and weight["value"] < 0:
        value = f"{weight['value']:g}"
        message = f"Measurement weight value {value} {UNITS[weight['unit']]} must be >= 0 {UNITS[weight['unit']]}"
        raise refuse(["input", "measurement", "weight"], message)
    code = given.get("harmonizedSystemCode")
    if code is not None and not 6 <= sum(letter.isdigit() for letter in code) <= 13:
        message = "Harmonized system code must be a number between six and thirteen digits"
        raise refuse(["input", "harmonizedSystemCode"], message)


UNITS = {"KILOGRAMS": "kg", "GRAMS": "g", "POUNDS": "lb", "OUNCES": "oz"}


def _touch(call: Call, items: list[int]) -> None:
    for item in dict.fromkeys(items):
        product = call.db.value("SELECT product_id FROM variants WHERE inventory_item_id = ?", (item,))
        if product is not None:
            products.touch(call.store, product)
            products.reindex(call.store, product)


@registry.mutation("inventorySetQuantities", "input", "inventoryAdjustmentGroup userErrors")
def _set(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    for entry in given["quantities"]:
        if "changeFromQuantity" not in entry:
            text = "InventoryQuantityInput must include the following argument: changeFromQuantity."
            failed = FieldFailed(text, "INVALID_FIELD_ARGUMENTS")
            failed.locate = [call.input_node] if call.input_node else []
            raise failed
    _check_form(given)
    levels = _levels(call, given)
    group = _change(call, given, levels)
    return {"inventoryAdjustmentGroup": group, "userErrors": []}


def _check_form(given: Row) -> None:
    if given["name"] not in {"available", "on_hand"}:
        message = "The quantity name must be either 'available' or 'on_hand'."
        raise refuse(["input", "name"], message, "INVALID_NAME")
    if given["reason"] not in REASONS.split(", "):
        message = f"The specified reason is invalid. Valid values are: {REASONS}."
        raise refuse(["input", "reason"], message, "INVALID_REASON")
    errors = _bounds(given)
    places = [(entry["inventoryItemId"], entry["locationId"]) for entry in given["quantities"]]
    for place in range(len(places)):
        if places.count(places[place]) > 1:
            path = ["input", "quantities", str(place)]
            text = "The combination of inventoryItemId and locationId must be unique."
            code = "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"
            errors.append(user_error([*path, "locationId"], text, code))
    if errors:
        raise UserErrors(errors)


def _bounds(given: Row) -> list[Row]:
    errors: list[Row] = []
    for place, entry in enumerate(given["quantities"]):
        path = ["input", "quantities", str(place)]
        quantity = entry["quantity"]
        if given["name"] == "on_hand" and quantity < 0:
            text = "The quantity can't be negative."
            errors.append(user_error([*path, "quantity"], text, "INVALID_QUANTITY_NEGATIVE"))
        elif quantity < -LIMIT:
            text = f"The quantity can't be lower than -{LIMIT:,}."
            errors.append(user_error([*path, "quantity"], text, "INVALID_QUANTITY_TOO_LOW"))
        elif quantity > LIMIT:
            text = f"The quantity can't be higher than {LIMIT:,}."
            errors.append(user_error([*path, "quantity"], text, "INVALID_QUANTITY_TOO_HIGH"))
    return errors


def _levels(call: Call, given: Row) -> list[Row]:
    errors: list[Row] = []
    found: list[Row] = []
    for place, entry in enumerate(given["quantities"]):
        path = ["input", "quantities", str(place)]
        item = call.db.get("inventory_items", gid.number(entry["inventoryItemId"], "InventoryItem"))
        location = call.db.get("locations", gid.number(entry["locationId"], "Location"))
        if item is None:
            text = "The specified inventory item could not be found."
            errors.append(user_error([*path, "inventoryItemId"], text, "INVALID_INVENTORY_ITEM"))
        elif location is None:
            text = "The specified location could not be found."
            errors.append(user_error([*path, "locationId"], text, "INVALID_LOCATION"))
        else:
            level = _level(call, item["id"], location["id"])
            expected = entry["changeFromQuantity"]
            if expected is not None and expected != level[given["name"]]:
                text = "The changeFromQuantity argument does not match the persisted quantity."
                errors.append(user_error([*path, "changeFromQuantity"], text, "CHANGE_FROM_QUANTITY_STALE"))
            found.append(level)
    if errors:
        raise UserErrors(errors)
    return found


def _level(call: Call, item: int, location: int) -> Row:
    sql = "SELECT * FROM inventory_levels WHERE item_id = ? AND location_id = ?"
    row = call.db.one(sql, (item, location))
    if row is None:
        variants.stock(call.store, item, location, {})
        row = call.db.one(sql, (item, location))
    assert row is not None  # noqa: S101 - just stocked
    return row


def _change(call: Call, given: Row, levels: list[Row]) -> Row | None:
    changes: list[Row] = []
    for entry, level in zip(given["quantities"], levels, strict=True):
        call.target("InventoryLevel", level["id"])
        delta = entry["quantity"] - level[given["name"]]
        if delta == 0:
            continue
        after = {"available": level["available"] + delta, "on_hand": level["on_hand"] + delta}
        variants.stock(call.store, level["item_id"], level["location_id"], after)
        call.store.event("inventory_levels/update", level["id"])
        for name in ("available", "on_hand") if given["name"] == "available" else ("on_hand", "available"):
            change = {"name": name, "delta": delta, "quantityAfterChange": after[name], "ledgerDocumentUri": None}
            change["item"] = item_source(call, level["item_id"])
            change["location"] = location_source(call.db.get("locations", level["location_id"]))
            changes.append(change)
    if not changes:
        return None
    _touch(call, [level["item_id"] for level in levels])
    return {
        "id": gid.make("InventoryAdjustmentGroup", call.db.next_id("InventoryAdjustmentGroup")),
        "createdAt": iso(call.store.now()),
        "reason": given["reason"],
        "referenceDocumentUri": given.get("referenceDocumentUri"),
        "changes": changes,
    }
