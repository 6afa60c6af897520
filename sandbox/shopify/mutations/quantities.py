"""inventorySetQuantities, inventorySetOnHandQuantities, inventoryAdjustQuantities, inventoryMoveQuantities.

All four check names, reasons, documents, then amounts, then records, and write one group of adjustments.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.mutations.ledgers import check_ledgers
from sandbox.shopify.resolvers.inventory import group_source
from sandbox.shopify.store import products, stock
from sandbox.shopify.store.database import Row

LIMIT = 1_000_000_000
NAMES = ("available", "damaged", "incoming", "quality_control", "reserved", "safety_stock")
REASONS = (
    "correction, cycle_count_available, damaged, movement_canceled, movement_created, movement_received, "
    "movement_updated, other, promotion, quality_control, received, reservation_created, reservation_deleted, "
    "reservation_updated, restock, safety_stock, shrinkage"
)
# A reference document is a URI of any scheme; the words are the schema's.
DOCUMENT = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+$")
registry.inputs("InventorySetQuantitiesInput", "name quantities reason referenceDocumentUri")
registry.inputs("InventoryQuantityInput", "inventoryItemId locationId quantity changeFromQuantity")
registry.inputs("InventorySetOnHandQuantitiesInput", "setQuantities reason referenceDocumentUri")
registry.inputs("InventorySetQuantityInput", "inventoryItemId locationId quantity changeFromQuantity")
registry.inputs("InventoryAdjustQuantitiesInput", "name changes reason referenceDocumentUri")
registry.inputs("InventoryChangeInput", "inventoryItemId locationId delta changeFromQuantity ledgerDocumentUri")
registry.inputs("InventoryMoveQuantitiesInput", "changes reason referenceDocumentUri")
registry.inputs("InventoryMoveQuantityChange", "inventoryItemId quantity from to")
registry.inputs("InventoryMoveQuantityTerminalInput", "locationId name changeFromQuantity ledgerDocumentUri")


@dataclass
class Change:
    """One quantity that is to move: where its input stands, what it is, by how much, and what it is to have been."""

    path: list[str]
    item: str
    place: list[str]
    location: str
    name: str
    delta: int = 0
    target: int | None = None
    expected: int | None = None
    ledger: str | None = None


@registry.mutation("inventorySetQuantities", "input", "inventoryAdjustmentGroup userErrors")
def _set(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    _expectations(call, given["quantities"], "InventoryQuantityInput")
    if given["name"] not in {"available", "on_hand"}:
        message = "The quantity name must be either 'available' or 'on_hand'."
        raise refuse(["input", "name"], message, "INVALID_NAME")
    _check_reason(given)
    changes = _targets(given["quantities"], "quantities", given["name"])
    errors = [error for change in changes for error in _bounds(change)]
    places = [(change.item, change.location) for change in changes]
    for change, place in zip(changes, places, strict=True):
        if places.count(place) > 1:
            text = "The combination of inventoryItemId and locationId must be unique."
            code = "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"
            errors.append(user_error([*change.path, "locationId"], text, code))
    return _apply(call, given, changes, errors)


@registry.mutation("inventorySetOnHandQuantities", "input", "inventoryAdjustmentGroup userErrors")
def _set_on_hand(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    _expectations(call, given["setQuantities"], "InventorySetQuantityInput")
    _check_reason(given)
    changes = _targets(given["setQuantities"], "setQuantities", "on_hand")
    return _apply(call, given, changes, [error for change in changes for error in _bounds(change)])


def _targets(given: list[Row], root: str, name: str) -> list[Change]:
    found = []
    for place, one in enumerate(given):
        path = ["input", root, str(place)]
        item, location, expected = one["inventoryItemId"], one["locationId"], one.get("changeFromQuantity")
        found.append(Change(path, item, path, location, name, target=one["quantity"], expected=expected))
    return found


@registry.mutation("inventoryAdjustQuantities", "input", "inventoryAdjustmentGroup userErrors")
def _adjust(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    _expectations(call, given["changes"], "InventoryChangeInput")
    _check_name(given["name"], ["input", "name"])
    _check_reason(given)
    changes = []
    for place, one in enumerate(given["changes"]):
        path = ["input", "changes", str(place)]
        change = Change(path, one["inventoryItemId"], path, one["locationId"], given["name"], one["delta"])
        change.expected, change.ledger = one.get("changeFromQuantity"), one.get("ledgerDocumentUri")
        changes.append(change)
    check_ledgers([(change.path, change.name, change.ledger) for change in changes], ["input", "changes"])
    return _apply(call, given, changes, [])


@registry.mutation("inventoryMoveQuantities", "input", "inventoryAdjustmentGroup userErrors")
def _move(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    ends = [one[end] for one in given["changes"] for end in ("from", "to")]
    _expectations(call, ends, "InventoryMoveQuantityTerminalInput")
    for place, one in enumerate(given["changes"]):
        for end in ("from", "to"):
            _check_name(one[end]["name"], ["input", "changes", str(place), end, "name"])
    _check_reason(given)
    changes: list[Change] = []
    for place, one in enumerate(given["changes"]):
        changes += _ends(one, ["input", "changes", str(place)])
    check_ledgers([(change.place, change.name, change.ledger) for change in changes], None)
    return _apply(call, given, changes, [])


def _ends(one: Row, path: list[str]) -> list[Change]:
    first, second = one["from"], one["to"]
    if first["locationId"] != second["locationId"]:
        raise refuse(path, "The quantities can't be moved between different locations.", "DIFFERENT_LOCATIONS")
    if first["name"] == second["name"]:
        raise refuse(path, "The quantity names for each change can't be the same.", "SAME_QUANTITY_NAME")
    if one["quantity"] < 0:
        raise refuse([*path, "quantity"], "The quantity can't be negative.", "INVALID_QUANTITY_NEGATIVE")
    if one["quantity"] > LIMIT:
        raise refuse([*path, "quantity"], f"The quantity can't be higher than {LIMIT:,}.", "INVALID_QUANTITY_TOO_HIGH")
    found = []
    for name, end, sign in (("from", first, -1), ("to", second, 1)):
        change = Change(path, one["inventoryItemId"], [*path, name], end["locationId"], end["name"])
        change.delta, change.expected = sign * one["quantity"], end.get("changeFromQuantity")
        change.ledger = end.get("ledgerDocumentUri")
        found.append(change)
    return found


def _expectations(call: Call, given: list[Row], input_name: str) -> None:
    if call.api_version < "2026-04":
        return
    for entry in given:
        if "changeFromQuantity" not in entry:
            text = f"{input_name} must include the following argument: changeFromQuantity."
            failed = FieldFailed(text, "INVALID_FIELD_ARGUMENTS")
            failed.locate = [call.input_node] if call.input_node else []
            raise failed


def _check_reason(given: Row) -> None:
    if given["reason"] not in REASONS.split(", "):
        message = f"The specified reason is invalid. Valid values are: {REASONS}."
        raise refuse(["input", "reason"], message, "INVALID_REASON")
    document = given.get("referenceDocumentUri")
    if document and not DOCUMENT.match(document):
        message = "The specified reference document is invalid."
        raise refuse(["input", "referenceDocumentUri"], message, "INVALID_REFERENCE_DOCUMENT")


def _check_name(name: str, path: list[str]) -> None:
    if name not in NAMES:
        message = f"The specified quantity name is invalid. Valid values are: {', '.join(NAMES)}."
        raise refuse(path, message, "INVALID_QUANTITY_NAME")


def _bounds(change: Change) -> list[Row]:
    quantity, path = change.target or 0, [*change.path, "quantity"]
    if change.name == "on_hand" and quantity < 0:
        return [user_error(path, "The quantity can't be negative.", "INVALID_QUANTITY_NEGATIVE")]
    if quantity < -LIMIT:
        return [user_error(path, f"The quantity can't be lower than -{LIMIT:,}.", "INVALID_QUANTITY_TOO_LOW")]
    if quantity > LIMIT:
        return [user_error(path, f"The quantity can't be higher than {LIMIT:,}.", "INVALID_QUANTITY_TOO_HIGH")]
    return []


def _apply(call: Call, given: Row, changes: list[Change], errors: list[Row]) -> Row:
    if errors:
        raise UserErrors(errors)
    levels = _levels(call, changes)
    entries: list[Row] = []
    for change, level in zip(changes, levels, strict=True):
        entries += _write(call, change, level)
    if not entries:
        return {"inventoryAdjustmentGroup": None, "userErrors": []}
    products.stock_moved(call.store, [level["item_id"] for level in levels])
    entries.sort(key=lambda entry: entry["name"] == "on_hand")
    number = call.db.next_id("InventoryAdjustmentGroup")
    row = {"id": number, "reason": given["reason"], "reference_document_uri": given.get("referenceDocumentUri")}
    call.db.insert("inventory_groups", row | {"changes": json.dumps(entries), "created_at": call.store.now()})
    group = group_source(call, gid.make("InventoryAdjustmentGroup", number))
    return {"inventoryAdjustmentGroup": group, "userErrors": []}


def _levels(call: Call, changes: list[Change]) -> list[Row]:
    found: list[Row] = []
    errors: list[Row] = []
    for change in changes:
        level = _level(call, change, errors)
        if level is not None:
            found.append(level)
    if errors:
        raise UserErrors(_once(errors))
    return found


def _level(call: Call, change: Change, errors: list[Row]) -> Row | None:
    item = call.db.get("inventory_items", gid.number(change.item, "InventoryItem"))
    location = call.db.get("locations", gid.number(change.location, "Location"))
    if item is None:
        text = "The specified inventory item could not be found."
        errors.append(user_error([*change.path, "inventoryItemId"], text, "INVALID_INVENTORY_ITEM"))
        return None
    if location is None:
        text = "The specified location could not be found."
        errors.append(user_error([*change.place, "locationId"], text, "INVALID_LOCATION"))
        return None
    level = stock.connect(call.store, item["id"], location["id"])
    standing = stock.quantity(level, change.name)["quantity"]
    if change.expected is not None and change.expected != standing:
        text = "The changeFromQuantity argument does not match the persisted quantity."
        errors.append(user_error([*change.place, "changeFromQuantity"], text, "CHANGE_FROM_QUANTITY_STALE"))
    return level


def _once(errors: list[Row]) -> list[Row]:
    return [error for place, error in enumerate(errors) if error not in errors[:place]]


def _write(call: Call, change: Change, level: Row) -> list[Row]:
    call.target("InventoryLevel", level["id"])
    standing = stock.quantity(level, change.name)["quantity"]
    delta = change.delta if change.target is None else change.target - standing
    if delta == 0:
        return []
    name = "available" if change.name == "on_hand" else change.name
    stock.shift(call.store, level["item_id"], level["location_id"], {name: delta})
    place = {"item": level["item_id"], "location": level["location_id"]}
    entry = {"name": name, "delta": delta, "ledger_document_uri": change.ledger, **place}
    # A move between two quantities on hand leaves their sum alone, and no change of it is told (recorded).
    if name not in stock.ON_HAND or change.path != change.place:
        return [entry]
    return [entry, {"name": "on_hand", "delta": delta, "ledger_document_uri": None, **place}]
