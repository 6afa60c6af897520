"""Transfers of stock between two locations, and the shipments that carry them.

What is ready to ship is reserved at the origin; in transit it is incoming at the destination; what is accepted there
becomes available (recorded up to the transit).
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify.store import products, stock
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

ON_THE_WAY = ("IN_TRANSIT", "PARTIALLY_RECEIVED", "RECEIVED")


def get(store: Store, number: int | None) -> Row | None:
    """A transfer by its number."""
    return store.db.get("inventory_transfers", number)


def lines(store: Store, transfer: int) -> list[Row]:
    """The lines of a transfer."""
    return store.db.all("SELECT * FROM inventory_transfer_lines WHERE transfer_id = ? ORDER BY id", (transfer,))


def shipments(store: Store, transfer: int) -> list[Row]:
    """The shipments of a transfer."""
    return store.db.all("SELECT * FROM inventory_shipments WHERE transfer_id = ? ORDER BY id", (transfer,))


def shipment_lines(store: Store, shipment: int) -> list[Row]:
    """The lines of a shipment."""
    return store.db.all("SELECT * FROM inventory_shipment_lines WHERE shipment_id = ? ORDER BY id", (shipment,))


def create(store: Store, values: Row, items: list[tuple[int, int]]) -> int:
    """Add a draft with its lines."""
    now = store.now()
    number = store.db.next_id("InventoryTransfer")
    count = store.db.value("SELECT COALESCE(MAX(number), 0) + 1 FROM inventory_transfers")
    row: dict[str, Any] = {"id": number, "number": count, "status": "DRAFT", "tags": []} | values
    store.db.insert("inventory_transfers", row | {"created_at": now, "updated_at": now})
    for item, quantity in items:
        add_line(store, number, item, quantity)
    return number


def add_line(store: Store, transfer: int, item: int, quantity: int) -> None:
    """Add a line for an item, titled as its product."""
    sql = "SELECT p.title FROM variants v JOIN products p ON p.id = v.product_id WHERE v.inventory_item_id = ?"
    row: Row = {"id": store.db.next_id("InventoryTransferLineItem"), "transfer_id": transfer, "item_id": item}
    row |= {"title": store.db.value(sql, (item,)) or "", "quantity": quantity}
    store.db.insert("inventory_transfer_lines", row)


def change(store: Store, number: int, values: Row) -> None:
    """Change a transfer's own columns."""
    store.db.update("inventory_transfers", number, values | {"updated_at": store.now()})


def delete(store: Store, number: int) -> None:
    """Remove a draft."""
    store.db.run("DELETE FROM inventory_transfer_lines WHERE transfer_id = ?", (number,))
    store.db.run("DELETE FROM inventory_transfers WHERE id = ?", (number,))


def quantities(store: Store, transfer: Row, line: Row) -> Row:
    """How much of a line is picked, shipped, still to be processed, and could be shipped now."""
    sql = (
        "SELECT COALESCE(SUM(l.quantity), 0) FROM inventory_shipment_lines l JOIN inventory_shipments s "
        "ON s.id = l.shipment_id WHERE s.transfer_id = ? AND l.item_id = ? AND s.status "
    )
    place = (transfer["id"], line["item_id"])
    picked = int(store.db.value(f"{sql} = 'DRAFT'", place))
    shipped = int(store.db.value(f"{sql} <> 'DRAFT'", place))
    left = line["quantity"] - picked - shipped
    return {"picked": picked, "shipped": shipped, "processable": left, "shippable": shippable(transfer, left)}


def shippable(transfer: Row, left: int) -> int:
    """What of the rest could be shipped: nothing of a draft or of what is over."""
    return left if transfer["status"] in {"READY_TO_SHIP", "IN_PROGRESS"} else 0


def reserve(store: Store, transfer: Row, sign: int) -> None:
    """Reserve what a transfer still has to ship at its origin, or let go of it."""
    for line in lines(store, transfer["id"]):
        counted = quantities(store, transfer, line)
        amount = sign * (line["quantity"] - counted["shipped"])
        _move(store, line["item_id"], transfer["origin_id"], {"available": -amount, "reserved": amount})


def _move(store: Store, item: int, location: int | None, deltas: dict[str, int]) -> None:
    if location is not None:
        stock.shift(store, item, location, deltas)
        products.stock_moved(store, [item])


def ship(store: Store, shipment: Row, transfer: Row) -> None:
    """Send a shipment: from reserved at the origin to incoming at the destination."""
    for line in shipment_lines(store, shipment["id"]):
        _move(store, line["item_id"], transfer["origin_id"], {"reserved": -line["quantity"]})
        _move(store, line["item_id"], transfer["destination_id"], {"incoming": line["quantity"]})
    store.db.update("inventory_shipments", shipment["id"], {"status": "IN_TRANSIT", "date_shipped": store.now()})
    change(store, transfer["id"], {"status": "IN_PROGRESS"})


def receive(store: Store, transfer: Row, line: Row, accepted: int, rejected: int) -> None:
    """Take in a line of a shipment: what is accepted is available, what is rejected is gone."""
    deltas = {"incoming": -(accepted + rejected), "available": accepted}
    _move(store, line["item_id"], transfer["destination_id"], deltas)
    sums = {"accepted": line["accepted"] + accepted, "rejected": line["rejected"] + rejected}
    store.db.update("inventory_shipment_lines", line["id"], sums)


def settle(store: Store, shipment: int, transfer: Row) -> None:
    """Set the states of a shipment and its transfer after something was received."""
    found = shipment_lines(store, shipment)
    open_ = sum(line["quantity"] - line["accepted"] - line["rejected"] for line in found)
    taken = sum(line["accepted"] + line["rejected"] for line in found)
    if taken:
        status = "PARTIALLY_RECEIVED" if open_ else "RECEIVED"
        store.db.update("inventory_shipments", shipment, {"status": status, "date_received": store.now()})
    whole = sum(line["quantity"] for line in lines(store, transfer["id"]))
    sql = (
        "SELECT COALESCE(SUM(l.accepted + l.rejected), 0) FROM inventory_shipment_lines l "
        "JOIN inventory_shipments s ON s.id = l.shipment_id WHERE s.transfer_id = ?"
    )
    if whole and int(store.db.value(sql, (transfer["id"],))) >= whole:
        change(store, transfer["id"], {"status": "TRANSFERRED"})


def create_shipment(store: Store, transfer: Row, values: Row, items: list[tuple[int, int]]) -> int:
    """Add a draft shipment with its lines; its number counts on even when an earlier one was deleted (recorded)."""
    now = store.now()
    number = store.db.next_id("InventoryShipment")
    count = transfer["shipments_made"] + 1
    change(store, transfer["id"], {"shipments_made": count})
    row = {"id": number, "transfer_id": transfer["id"], "number": count, "status": "DRAFT"} | values
    store.db.insert("inventory_shipments", row | {"created_at": now, "updated_at": now})
    for item, quantity in items:
        line = {"id": store.db.next_id("InventoryShipmentLineItem"), "shipment_id": number, "item_id": item}
        store.db.insert("inventory_shipment_lines", line | {"quantity": quantity})
    return number


def delete_shipment(store: Store, number: int) -> None:
    """Remove a draft shipment."""
    store.db.run("DELETE FROM inventory_shipment_lines WHERE shipment_id = ?", (number,))
    store.db.run("DELETE FROM inventory_shipments WHERE id = ?", (number,))
