"""inventoryTransferCreate, …CreateAsReadyToShip, …Edit, …SetItems, …MarkAsReadyToShip, …Duplicate, …Cancel, …Delete.

Texts and codes as recorded; what a transfer does to stock is in the store.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.resolvers.transfers import transfer
from sandbox.shopify.store import products, transfers
from sandbox.shopify.store.database import Row

FIELDS = "originLocationId destinationLocationId lineItems note referenceName tags dateCreated"
registry.inputs("InventoryTransferCreateInput", FIELDS)
registry.inputs("InventoryTransferCreateAsReadyToShipInput", FIELDS)
registry.inputs("InventoryTransferEditInput", "originId destinationId note referenceName tags")
registry.inputs("InventoryTransferSetItemsInput", "id lineItems")
registry.inputs("InventoryTransferRemoveItemsInput", "id transferLineItemIds")
registry.inputs("InventoryTransferLineItemInput", "inventoryItemId quantity")
NOT_FOUND = ("The transfer can't be found.", "TRANSFER_NOT_FOUND")
DRAFT_ONLY = ("The transfer can only be edited in a draft status.", "INVALID_TRANSFER_STATUS")


@registry.mutation("inventoryTransferCreate", "input", "inventoryTransfer userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _answer(call, _new(call, args["input"]))


@registry.mutation("inventoryTransferCreateAsReadyToShip", "input", "inventoryTransfer userErrors")
def _create_ready(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    number = _new(call, args["input"])
    _make_ready(call, number)
    return _answer(call, number)


def _answer(call: Call, number: int) -> Row:
    call.target("InventoryTransfer", number)
    return {"inventoryTransfer": transfer(call, gid.make("InventoryTransfer", number)), "userErrors": []}


def _new(call: Call, given: Row) -> int:
    origin = _location(call, given.get("originLocationId"), "originLocationId")
    destination = _location(call, given.get("destinationLocationId"), "destinationLocationId")
    _check_ends(origin, destination, "destinationLocationId")
    items = _items(call, given["lineItems"])
    values = {"origin_id": origin, "destination_id": destination, "tags": products.sort_tags(given.get("tags") or [])}
    values |= {"note": given.get("note"), "reference_name": given.get("referenceName")}
    return transfers.create(call.store, values, items)


def _location(call: Call, identifier: str | None, name: str) -> int | None:
    if identifier is None:
        return None
    row = call.db.get("locations", gid.number(identifier, "Location"))
    if row is None:
        raise refuse(["input", name], "The location selected can't be found.", "LOCATION_NOT_FOUND")
    return int(row["id"])


def _check_ends(origin: int | None, destination: int | None, name: str) -> None:
    if origin is not None and origin == destination:
        text = "The origin location cannot be the same as the destination location."
        raise refuse(["input", name], text, "TRANSFER_ORIGIN_CANNOT_BE_THE_SAME_AS_DESTINATION")


def _items(call: Call, given: list[Row]) -> list[tuple[int, int]]:
    errors: list[Row] = []
    found: list[tuple[int, int]] = []
    named = [one["inventoryItemId"] for one in given]
    for place, one in enumerate(given):
        path = ["input", "lineItems", str(place)]
        item = call.db.get("inventory_items", gid.number(one["inventoryItemId"], "InventoryItem"))
        if item is None:
            text = "The inventory item could not be found."
            errors.append(user_error([*path, "inventoryItemId"], text, "ITEM_NOT_FOUND"))
        elif named.count(one["inventoryItemId"]) > 1:
            text = "The inventory item is already present in the list. Each item must be unique."
            errors.append(user_error([*path, "inventoryItemId"], text, "DUPLICATE_ITEM"))
        elif one["quantity"] < 0:
            errors.append(user_error([*path, "quantity"], "The quantity can't be negative.", "INVALID_QUANTITY"))
        else:
            found.append((item["id"], one["quantity"]))
    if errors:
        raise UserErrors(errors)
    return found


def _standing(call: Call, identifier: str, path: list[str], draft: bool = False) -> Row:
    row = transfers.get(call.store, gid.number(identifier, "InventoryTransfer"))
    if row is None:
        raise refuse(path, *NOT_FOUND)
    if draft and row["status"] != "DRAFT":
        raise refuse(path, *DRAFT_ONLY)
    return row


@registry.mutation("inventoryTransferEdit", "id input", "inventoryTransfer userErrors")
def _edit(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row, given = _standing(call, args["id"], ["id"]), args["input"]
    changes: Row = {"note": given["note"]} if "note" in given else {}
    if "referenceName" in given:
        changes["reference_name"] = given["referenceName"]
    if "tags" in given:
        changes["tags"] = products.sort_tags(given["tags"] or [])
    for name, column in (("originId", "origin_id"), ("destinationId", "destination_id")):
        if name in given:
            changes[column] = _location(call, given[name], name)
            if row["status"] != "DRAFT" and changes[column] != row[column]:
                raise refuse(["id"], *DRAFT_ONLY)
    ends = row | changes
    _check_ends(ends["origin_id"], ends["destination_id"], "destinationId")
    transfers.change(call.store, row["id"], changes)
    return _answer(call, row["id"])


@registry.mutation("inventoryTransferSetItems", "input", "inventoryTransfer updatedLineItems userErrors")
def _set_items(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    row = _standing(call, given["id"], ["input", "id"], draft=True)
    items = dict(_items(call, given["lineItems"]))
    before = {line["item_id"]: line for line in transfers.lines(call.store, row["id"])}
    for item, line in before.items():
        if item not in items:
            call.db.run("DELETE FROM inventory_transfer_lines WHERE id = ?", (line["id"],))
    updates = []
    for item, quantity in items.items():
        standing = before.get(item)
        if standing is None:
            transfers.add_line(call.store, row["id"], item, quantity)
        else:
            call.db.update("inventory_transfer_lines", standing["id"], {"quantity": quantity})
        updates.append(_update(item, quantity, standing["quantity"] if standing else 0))
    return _answer(call, row["id"]) | {"updatedLineItems": updates}


def _update(item: int, quantity: int, before: int) -> Row:
    identifier = gid.make("InventoryItem", item)
    return {"inventoryItemId": identifier, "newQuantity": quantity, "deltaQuantity": quantity - before}


@registry.mutation("inventoryTransferRemoveItems", "input", "inventoryTransfer removedQuantities userErrors")
def _remove_items(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    row = _standing(call, given["id"], ["input", "id"], draft=True)
    wanted = {gid.number(one, "InventoryTransferLineItem") for one in given.get("transferLineItemIds") or []}
    removed = []
    for line in transfers.lines(call.store, row["id"]):
        if line["id"] in wanted:
            call.db.run("DELETE FROM inventory_transfer_lines WHERE id = ?", (line["id"],))
            removed.append(_update(line["item_id"], 0, line["quantity"]))
    return _answer(call, row["id"]) | {"removedQuantities": removed}


@registry.mutation("inventoryTransferMarkAsReadyToShip", "id", "inventoryTransfer userErrors")
def _ready(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _standing(call, args["id"], ["id"], draft=True)
    _make_ready(call, row["id"])
    return _answer(call, row["id"])


def _make_ready(call: Call, number: int) -> None:
    transfers.change(call.store, number, {"status": "READY_TO_SHIP"})
    transfers.reserve(call.store, transfers.get(call.store, number) or {}, 1)


@registry.mutation("inventoryTransferDuplicate", "id", "inventoryTransfer userErrors")
def _duplicate(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _standing(call, args["id"], ["id"])
    values = {name: row[name] for name in ("origin_id", "destination_id", "note", "reference_name")}
    items = [(line["item_id"], line["quantity"]) for line in transfers.lines(call.store, row["id"])]
    return _answer(call, transfers.create(call.store, values | {"tags": json.loads(row["tags"])}, items))


@registry.mutation("inventoryTransferCancel", "id", "inventoryTransfer userErrors")
def _cancel(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _standing(call, args["id"], ["id"])
    errors = []
    if row["status"] not in {"DRAFT", "READY_TO_SHIP"}:
        text = "The transfer can only be canceled in a draft or a ready to ship status."
        errors.append(user_error(["id"], text, "INVALID_TRANSFER_STATUS"))
    if any(one["status"] == "IN_TRANSIT" for one in transfers.shipments(call.store, row["id"])):
        text = "Can't cancel the transfer if it has in transit shipments."
        errors.append(user_error(["id"], text, "SHIPMENT_EXISTS"))
    if errors:
        raise UserErrors(errors)
    if row["status"] == "READY_TO_SHIP":
        transfers.reserve(call.store, row, -1)
    transfers.change(call.store, row["id"], {"status": "CANCELED"})
    return _answer(call, row["id"])


@registry.mutation("inventoryTransferDelete", "id", "deletedId userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _standing(call, args["id"], ["id"])
    if row["status"] != "DRAFT":
        text = "Can't delete the transfer if it's not in the draft status."
        raise refuse(["id"], text, "INVALID_TRANSFER_STATUS")
    call.target("InventoryTransfer", row["id"])
    transfers.delete(call.store, row["id"])
    return {"deletedId": args["id"], "userErrors": []}
