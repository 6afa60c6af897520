"""What the API tells of inventory transfers and shipments.

Reads only. All quantities but the planned ones are computed from the shipments.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.paging import Connection, Order, Select, listed, page
from sandbox.shopify.resolvers.inventory import item_source, location_source
from sandbox.shopify.search import columns
from sandbox.shopify.store import transfers
from sandbox.shopify.store.database import Row

ORDERS = {
    "ID": Order("t.id"),
    "RELEVANCE": Order("t.id"),
    "CREATED_AT": Order("t.created_at", time=True),
    "NAME": Order("t.number"),
    "STATUS": Order("t.status"),
}
SEARCH = {
    "id": ("t.id", columns.ID),
    "origin_id": ("t.origin_id", columns.ID),
    "destination_id": ("t.destination_id", columns.ID),
    "status": ("t.status", columns.TEXT),
    "created_at": ("t.created_at", columns.TIME),
}
registry.keys("InventoryTransfer", "status note referenceName")
registry.keys("InventoryTransferLineItem", "title")
registry.keys("InventoryShipment", "status barcode")
registry.keys("InventoryShipmentTracking", "trackingNumber company trackingUrl arrivesAt")
registry.keys("InventoryShipmentLineItem", "quantity")
registry.keys("InventoryTransferLineItemUpdate", "inventoryItemId newQuantity deltaQuantity")
registry.keys("LocationSnapshot", "name location")
LINES = registry.CONNECTION_ARGUMENTS


def source(kind: str, row: Row | None) -> Row | None:
    """A row as the executor passes it on."""
    return None if row is None else row | {"__typename": kind}


@registry.node("InventoryTransfer")
def transfer(call: Call, identifier: str) -> Row | None:
    """A transfer by its global id."""
    return source("InventoryTransfer", transfers.get(call.store, gid.number(identifier, "InventoryTransfer")))


@registry.node("InventoryShipment")
def shipment(call: Call, identifier: str) -> Row | None:
    """A shipment by its global id."""
    kind = "InventoryShipment"
    return source(kind, call.db.get("inventory_shipments", gid.number(identifier, kind)))


@registry.node("InventoryTransferLineItem")
def _line(call: Call, identifier: str) -> Row | None:
    kind = "InventoryTransferLineItem"
    return source(kind, call.db.get("inventory_transfer_lines", gid.number(identifier, kind)))


@registry.node("InventoryShipmentLineItem")
def _shipment_line(call: Call, identifier: str) -> Row | None:
    kind = "InventoryShipmentLineItem"
    return source(kind, call.db.get("inventory_shipment_lines", gid.number(identifier, kind)))


@registry.field("QueryRoot", "inventoryTransfer", "id")
def _transfer(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return transfer(call, args["id"])


@registry.field("QueryRoot", "inventoryShipment", "id")
def _shipment(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return shipment(call, args["id"])


@registry.field("QueryRoot", "inventoryTransfers", f"{LINES} query sortKey")
def _transfers(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    found = columns.condition(call, args.get("query"), SEARCH)
    order = ORDERS.get(args.get("sortKey") or "ID")
    if order is None:
        raise registry.not_built(f"the sort key {args['sortKey']} of QueryRoot.inventoryTransfers")
    select = Select("t.*", "inventory_transfers t", found.text, found.parameters, "t.id", order)
    return page(call.db, select, args)


for _kind in ("InventoryTransfer", "InventoryTransferLineItem", "InventoryShipment", "InventoryShipmentLineItem"):
    registry.field(_kind, "id")(lambda row, _call, _args, kind=_kind: gid.make(kind, row["id"]))  # type: ignore[misc]
for _name in ("InventoryTransferLineItem", "InventoryShipmentLineItem"):
    registry.field(_name, "inventoryItem")(lambda row, call, _args: item_source(call, row["item_id"]))


@registry.field("InventoryTransfer", "name")
def _name_of(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return f"#T{row['number']:04d}"


@registry.field("InventoryTransfer", "dateCreated")
def _created(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["created_at"])


@registry.field("InventoryTransfer", "tags")
def _tags(row: Row, _call: Call, _args: dict[str, Any]) -> list[str]:
    return list(json.loads(row["tags"]))


def _place(column: str) -> registry.Resolver:
    def resolve(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
        location = location_source(call.db.get("locations", row[column]))
        return location and {"name": location["name"], "location": location}

    return resolve


registry.field("InventoryTransfer", "origin")(_place("origin_id"))
registry.field("InventoryTransfer", "destination")(_place("destination_id"))


@registry.field("InventoryTransfer", "totalQuantity")
def _total(row: Row, call: Call, _args: dict[str, Any]) -> int:
    return sum(line["quantity"] for line in transfers.lines(call.store, row["id"]))


@registry.field("InventoryTransfer", "receivedQuantity")
def _received(row: Row, call: Call, _args: dict[str, Any]) -> int:
    found = [transfers.shipment_lines(call.store, one["id"]) for one in transfers.shipments(call.store, row["id"])]
    return sum(line["accepted"] + line["rejected"] for lines in found for line in lines)


@registry.field("InventoryTransfer", "lineItems", LINES)
def _lines(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return listed(transfers.lines(call.store, row["id"]), args)


@registry.field("InventoryTransfer", "lineItemsCount")
def _lines_count(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    return {"count": len(transfers.lines(call.store, row["id"])), "precision": "EXACT"}


@registry.field("InventoryTransfer", "shipments", LINES)
def _shipments(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return listed(transfers.shipments(call.store, row["id"]), args)


registry.field("InventoryTransferLineItem", "totalQuantity")(lambda row, _call, _args: row["quantity"])


def _counted(name: str) -> registry.Resolver:
    def resolve(row: Row, call: Call, _args: dict[str, Any]) -> int:
        parent = transfers.get(call.store, row["transfer_id"]) or {}
        return int(transfers.quantities(call.store, parent, row)[name])

    return resolve


for _field, _part in (
    ("shippableQuantity", "shippable"),
    ("shippedQuantity", "shipped"),
    ("processableQuantity", "processable"),
    ("pickedForShipmentQuantity", "picked"),
):
    registry.field("InventoryTransferLineItem", _field)(_counted(_part))


@registry.field("InventoryShipment", "name")
def _shipment_name(row: Row, call: Call, _args: dict[str, Any]) -> str:
    parent = transfers.get(call.store, row["transfer_id"]) or {"number": 0}
    return f"#T{parent['number']:04d}-{row['number']}"


@registry.field("InventoryShipment", "tracking")
def _tracking(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    blank = dict.fromkeys(("trackingNumber", "company", "trackingUrl", "arrivesAt"))
    return blank | json.loads(row["tracking"]) if row["tracking"] else None


for _field in ("dateCreated", "dateShipped", "dateReceived"):
    _column = f"date_{_field[4:].lower()}"
    registry.field("InventoryShipment", _field)(
        lambda row, _call, _args, column=_column: iso(row[column])  # type: ignore[misc]
    )


@registry.field("InventoryShipment", "lineItems", LINES)
def _shipment_lines(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return listed(transfers.shipment_lines(call.store, row["id"]), args)


@registry.field("InventoryShipment", "lineItemsCount")
def _shipment_count(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    return {"count": len(transfers.shipment_lines(call.store, row["id"])), "precision": "EXACT"}


def _summed(*parts: str) -> registry.Resolver:
    def resolve(row: Row, call: Call, _args: dict[str, Any]) -> int:
        return sum(line[part] for line in transfers.shipment_lines(call.store, row["id"]) for part in parts)

    return resolve


registry.field("InventoryShipment", "lineItemTotalQuantity")(_summed("quantity"))
registry.field("InventoryShipment", "totalAcceptedQuantity")(_summed("accepted"))
registry.field("InventoryShipment", "totalRejectedQuantity")(_summed("rejected"))
registry.field("InventoryShipment", "totalReceivedQuantity")(_summed("accepted", "rejected"))
registry.field("InventoryShipmentLineItem", "acceptedQuantity")(lambda row, _call, _args: row["accepted"])
registry.field("InventoryShipmentLineItem", "rejectedQuantity")(lambda row, _call, _args: row["rejected"])


@registry.field("InventoryShipmentLineItem", "unreceivedQuantity")
def _unreceived(row: Row, _call: Call, _args: dict[str, Any]) -> int:
    return int(row["quantity"] - row["accepted"] - row["rejected"])
