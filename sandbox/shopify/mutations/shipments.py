"""inventoryShipmentCreate, …CreateInTransit, …MarkInTransit, …SetTracking, …SetBarcode, …Receive, …Delete.

A shipment carries lines of one transfer; its texts are recorded for deletion, the others follow them.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.clock import parse_micros
from sandbox.shopify.resolvers.transfers import shipment
from sandbox.shopify.store import transfers
from sandbox.shopify.store.database import Row

registry.inputs("InventoryShipmentCreateInput", "movementId trackingInput lineItems barcode dateCreated")
registry.inputs("InventoryShipmentTrackingInput", "trackingNumber company trackingUrl arrivesAt")
registry.inputs("InventoryShipmentLineItemInput", "inventoryItemId quantity")
registry.inputs("InventoryShipmentReceiveItemInput", "shipmentLineItemId quantity reason")


@registry.mutation("inventoryShipmentCreate", "input", "inventoryShipment userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _answer(call, _new(call, args["input"]))


@registry.mutation("inventoryShipmentCreateInTransit", "input", "inventoryShipment userErrors")
def _create_in_transit(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    number = _new(call, args["input"])
    _send(call, number)
    return _answer(call, number)


def _answer(call: Call, number: int) -> Row:
    call.target("InventoryShipment", number)
    return {"inventoryShipment": shipment(call, gid.make("InventoryShipment", number)), "userErrors": []}


def _send(call: Call, number: int) -> None:
    row = call.db.get("inventory_shipments", number) or {}
    transfers.ship(call.store, row, transfers.get(call.store, row["transfer_id"]) or {})


def _new(call: Call, given: Row) -> int:
    transfer = transfers.get(call.store, gid.number(given["movementId"], "InventoryTransfer"))
    if transfer is None:
        raise refuse(["input", "movementId"], "The transfer can't be found.", "NOT_FOUND")
    left = {
        line["item_id"]: transfers.quantities(call.store, transfer, line)["shippable"]
        for line in transfers.lines(call.store, transfer["id"])
    }
    errors: list[Row] = []
    items: list[tuple[int, int]] = []
    for place, one in enumerate(given["lineItems"]):
        path = ["input", "lineItems", str(place)]
        item = gid.number(one["inventoryItemId"], "InventoryItem") or 0
        if item not in left:
            text = "The inventory item could not be found."
            errors.append(user_error([*path, "inventoryItemId"], text, "ITEM_NOT_FOUND"))
        elif not 0 < one["quantity"] <= left[item]:
            errors.append(user_error([*path, "quantity"], "The quantity is invalid.", "INVALID_QUANTITY"))
        items.append((item, one["quantity"]))
    if errors:
        raise UserErrors(errors)
    created = parse_micros(str(given["dateCreated"])) if given.get("dateCreated") else None
    values: Row = {"barcode": given.get("barcode"), "date_created": created}
    if given.get("trackingInput"):
        values["tracking"] = json.dumps(given["trackingInput"])
    return transfers.create_shipment(call.store, transfer, values, items)


def _standing(call: Call, identifier: str) -> Row:
    row = call.db.get("inventory_shipments", gid.number(identifier, "InventoryShipment"))
    if row is None:
        raise refuse(["id"], "The shipment can't be found.", "SHIPMENT_NOT_FOUND")
    return row


@registry.mutation("inventoryShipmentMarkInTransit", "id", "inventoryShipment userErrors")
def _mark(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _standing(call, args["id"])
    if row["status"] != "DRAFT":
        raise refuse(["id"], "Shipment can only be marked in transit in a Draft state.", "INVALID_SHIPMENT_STATUS")
    _send(call, row["id"])
    return _answer(call, row["id"])


@registry.mutation("inventoryShipmentSetTracking", "id tracking", "inventoryShipment userErrors")
def _set_tracking(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _standing(call, args["id"])
    call.db.update("inventory_shipments", row["id"], {"tracking": json.dumps(args["tracking"])})
    return _answer(call, row["id"])


@registry.mutation("inventoryShipmentSetBarcode", "id barcode", "inventoryShipment userErrors")
def _set_barcode(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _standing(call, args["id"])
    call.db.update("inventory_shipments", row["id"], {"barcode": args["barcode"]})
    return _answer(call, row["id"])


@registry.mutation("inventoryShipmentReceive", "id lineItems bulkReceiveAction", "inventoryShipment userErrors")
def _receive(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _standing(call, args["id"])
    if row["status"] not in {"IN_TRANSIT", "PARTIALLY_RECEIVED"}:
        raise refuse(["id"], "Shipment can only be received once it is in transit.", "INVALID_SHIPMENT_STATUS")
    transfer = transfers.get(call.store, row["transfer_id"]) or {}
    lines = {line["id"]: line for line in transfers.shipment_lines(call.store, row["id"])}
    for number, quantity, reason in _wanted(args, lines):
        line = lines[number]
        if not 0 < quantity <= line["quantity"] - line["accepted"] - line["rejected"]:
            raise refuse(["lineItems"], "The quantity is invalid.", "INVALID_QUANTITY")
        accepted = quantity if reason == "ACCEPTED" else 0
        transfers.receive(call.store, transfer, line, accepted, quantity - accepted)
        lines[number] = call.db.get("inventory_shipment_lines", number) or line
    transfers.settle(call.store, row["id"], transfer)
    return _answer(call, row["id"])


def _wanted(args: dict[str, Any], lines: dict[int, Row]) -> list[tuple[int, int, str]]:
    found = []
    for place, one in enumerate(args.get("lineItems") or []):
        number = gid.number(one["shipmentLineItemId"], "InventoryShipmentLineItem")
        if number not in lines:
            path = ["lineItems", str(place), "shipmentLineItemId"]
            raise refuse(path, "The item could not be found.", "ITEM_NOT_FOUND")
        found.append((number, one["quantity"], one["reason"]))
    if args.get("bulkReceiveAction"):
        named = {number for number, _, _ in found}
        for number, line in lines.items():
            rest = line["quantity"] - line["accepted"] - line["rejected"]
            if number not in named and rest:
                found.append((number, rest, args["bulkReceiveAction"]))
    return found


@registry.mutation("inventoryShipmentDelete", "id", "id userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _standing(call, args["id"])
    if row["status"] != "DRAFT":
        raise refuse(["id"], "Shipment can only be deleted in a Draft state.", "INVALID_SHIPMENT_STATUS")
    call.target("InventoryShipment", row["id"])
    transfers.delete_shipment(call.store, row["id"])
    return {"id": args["id"], "userErrors": []}
