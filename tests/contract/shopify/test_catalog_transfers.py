"""Transfers between two locations and the shipments that carry them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.shopify.clock import Clock
from sandbox.shopify.config import DEFAULT_SCOPES, ShopifyConfig
from sandbox.shopify.server import create
from tests.contract.shopify.client import Shop

TRANSFER = """inventoryTransfer { id name status totalQuantity lineItems(first: 3) { nodes { id totalQuantity
  shippableQuantity shippedQuantity processableQuantity pickedForShipmentQuantity } } }"""
ERRORS = "userErrors { field message code }"
NEW = f"""mutation($i: InventoryTransferCreateInput!, $k: String!) {{
  inventoryTransferCreate(input: $i) @idempotent(key: $k) {{ {TRANSFER} {ERRORS} }} }}"""
SHIPMENT = """inventoryShipment { id name status lineItemTotalQuantity totalReceivedQuantity
  lineItems(first: 3) { nodes { id quantity acceptedQuantity unreceivedQuantity } } }"""
SHIP = f"""mutation($i: InventoryShipmentCreateInput!, $k: String!) {{
  inventoryShipmentCreate(input: $i) @idempotent(key: $k) {{ {SHIPMENT} {ERRORS} }} }}"""
LEVELS = """query($i: ID!) { inventoryItem(id: $i) { inventoryLevels(first: 9) { nodes {
  quantities(names: ["available", "reserved", "incoming", "on_hand"]) { quantity } } } } }"""


class Move:
    """A shop with five pieces of an item at the first of two places."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self._keys = 0
        self.item = shop.create()["variants"]["nodes"][0]["inventoryItem"]["id"]
        places = shop.data("{ locations(first: 9) { nodes { id } } }")["locations"]["nodes"]
        self.here, self.there = (place["id"] for place in places)
        self.send(
            """mutation($i: ID!, $l: ID!, $k: String!) { inventoryActivate(inventoryItemId: $i, locationId: $l)
            @idempotent(key: $k) { userErrors { message } } }""",
            i=self.item,
            l=self.there,
        )
        change = {"inventoryItemId": self.item, "locationId": self.here, "delta": 5, "changeFromQuantity": 0}
        self.send(
            """mutation($i: InventoryAdjustQuantitiesInput!, $k: String!) {
            inventoryAdjustQuantities(input: $i) @idempotent(key: $k) { userErrors { message } } }""",
            i={"name": "available", "reason": "correction", "changes": [change]},
        )

    def send(self, query: str, **variables: Any) -> dict[str, Any]:
        """The payload of a mutation, under a fresh key where it takes one."""
        self._keys += 1
        key = {"k": f"key-{self._keys}"} if "$k" in query else {}
        return dict(next(iter(self.shop.data(query, variables | key).values())))

    def new(self, quantity: int = 3, **more: Any) -> dict[str, Any]:
        """The payload of a new draft."""
        lines = [{"inventoryItemId": self.item, "quantity": quantity}]
        ends = {"originLocationId": self.here, "destinationLocationId": self.there}
        return self.send(NEW, i=ends | {"lineItems": lines} | more)

    def step(self, name: str, number: str) -> dict[str, Any]:
        """The payload of a mutation that takes a transfer's id alone."""
        return self.send(f"mutation($i: ID!) {{ {name}(id: $i) {{ {TRANSFER} {ERRORS} }} }}", i=number)

    def ship(self, transfer: str, quantity: int) -> dict[str, Any]:
        """The payload of a new shipment."""
        lines = [{"inventoryItemId": self.item, "quantity": quantity}]
        return self.send(SHIP, i={"movementId": transfer, "lineItems": lines})

    def stock(self) -> list[tuple[int, ...]]:
        """Available, reserved, incoming and on hand at both places."""
        nodes = self.shop.data(LEVELS, {"i": self.item})["inventoryItem"]["inventoryLevels"]["nodes"]
        return [tuple(quantity["quantity"] for quantity in node["quantities"]) for node in nodes]


@pytest.fixture
def move() -> Iterator[Move]:
    """Stock at one of two places."""
    scopes = (*DEFAULT_SCOPES, "write_inventory_shipments_received_items")
    with create(ShopifyConfig(locations=("Here", "There"), scopes=scopes), Clock()) as box:
        yield Move(Shop(box))


def counted(payload: dict[str, Any]) -> tuple[int, ...]:
    """The quantities of a transfer's one line: shippable, shipped, processable, picked."""
    line = payload["inventoryTransfer"]["lineItems"]["nodes"][0]
    names = ("shippableQuantity", "shippedQuantity", "processableQuantity", "pickedForShipmentQuantity")
    return tuple(line[name] for name in names)


def test_a_transfer_moves_stock_step_by_step(move: Move) -> None:
    """A draft moves nothing; ready reserves, in transit is incoming, received is available at the other place."""
    made = move.new()
    number = made["inventoryTransfer"]["id"]
    assert made["inventoryTransfer"]["status"] == "DRAFT"
    assert counted(made) == (0, 0, 3, 0)
    assert move.stock() == [(5, 0, 0, 5), (0, 0, 0, 0)]
    ready = move.step("inventoryTransferMarkAsReadyToShip", number)
    assert counted(ready) == (3, 0, 3, 0)
    assert move.stock() == [(2, 3, 0, 5), (0, 0, 0, 0)]
    shipment = move.ship(number, 3)["inventoryShipment"]
    assert shipment["name"] == f"{ready['inventoryTransfer']['name']}-1"
    sent = move.send(
        f"mutation($i: ID!) {{ inventoryShipmentMarkInTransit(id: $i) {{ {SHIPMENT} {ERRORS} }} }}", i=shipment["id"]
    )
    assert sent["inventoryShipment"]["status"] == "IN_TRANSIT"
    assert move.stock() == [(2, 0, 0, 2), (0, 0, 3, 0)]
    receive = f"""mutation($i: ID!, $l: [InventoryShipmentReceiveItemInput!], $k: String!) {{
      inventoryShipmentReceive(id: $i, lineItems: $l) @idempotent(key: $k) {{ {SHIPMENT} {ERRORS} }} }}"""
    line = {"shipmentLineItemId": shipment["lineItems"]["nodes"][0]["id"]}
    part = move.send(receive, i=shipment["id"], l=[line | {"quantity": 2, "reason": "ACCEPTED"}])
    assert part["inventoryShipment"]["status"] == "PARTIALLY_RECEIVED"
    rest = move.send(receive, i=shipment["id"], l=[line | {"quantity": 1, "reason": "REJECTED"}])
    assert rest["inventoryShipment"]["status"] == "RECEIVED"
    assert move.stock() == [(2, 0, 0, 2), (2, 0, 0, 2)]
    status = move.shop.data("query($i: ID!) { inventoryTransfer(id: $i) { status } }", {"i": number})
    assert status["inventoryTransfer"]["status"] == "TRANSFERRED"


def test_a_draft_shipment_picks_and_its_number_is_not_given_again(move: Move) -> None:
    """What a draft shipment holds is picked; a deleted one gives it back, and the next has the next number."""
    number = move.new()["inventoryTransfer"]["id"]
    move.step("inventoryTransferMarkAsReadyToShip", number)
    first = move.ship(number, 2)["inventoryShipment"]
    read = f"query($i: ID!) {{ {TRANSFER.replace('inventoryTransfer', 'inventoryTransfer(id: $i)', 1)} }}"
    assert counted(move.shop.data(read, {"i": number})) == (1, 0, 1, 2)
    gone = move.send("mutation($i: ID!) { inventoryShipmentDelete(id: $i) { id userErrors { code } } }", i=first["id"])
    assert gone["id"] == first["id"]
    assert move.ship(number, 1)["inventoryShipment"]["name"].endswith("-2")


def test_cancelling_gives_back_what_was_reserved(move: Move) -> None:
    """A ready transfer can be cancelled and not deleted; one with goods in transit neither."""
    number = move.new()["inventoryTransfer"]["id"]
    move.step("inventoryTransferMarkAsReadyToShip", number)
    delete = f"mutation($i: ID!) {{ inventoryTransferDelete(id: $i) {{ deletedId {ERRORS} }} }}"
    assert move.send(delete, i=number)["userErrors"][0]["field"] == ["id"]
    assert move.step("inventoryTransferCancel", number)["inventoryTransfer"]["status"] == "CANCELED"
    assert move.stock()[0] == (5, 0, 0, 5)
    other = move.new()["inventoryTransfer"]["id"]
    move.step("inventoryTransferMarkAsReadyToShip", other)
    shipment = move.ship(other, 1)["inventoryShipment"]["id"]
    move.send(f"mutation($i: ID!) {{ inventoryShipmentMarkInTransit(id: $i) {{ {ERRORS} }} }}", i=shipment)
    codes = [error["code"] for error in move.step("inventoryTransferCancel", other)["userErrors"]]
    assert codes == ["INVALID_TRANSFER_STATUS", "SHIPMENT_EXISTS"]


def test_what_a_transfer_needs(move: Move) -> None:
    """Places must differ and exist, items exist once, and amounts are not negative."""
    line = {"inventoryItemId": move.item, "quantity": 1}
    strange = line | {"inventoryItemId": "gid://shopify/InventoryItem/1"}
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"destinationLocationId": move.here}, ["TRANSFER_ORIGIN_CANNOT_BE_THE_SAME_AS_DESTINATION"]),
        ({"originLocationId": "gid://shopify/Location/1"}, ["LOCATION_NOT_FOUND"]),
        ({"lineItems": [strange]}, ["ITEM_NOT_FOUND"]),
        ({"lineItems": [line, line]}, ["DUPLICATE_ITEM", "DUPLICATE_ITEM"]),
        ({"lineItems": [line | {"quantity": -1}]}, ["INVALID_QUANTITY"]),
    ]
    for given, codes in cases:
        told = move.new(**given)
        assert told["inventoryTransfer"] is None
        assert [error["code"] for error in told["userErrors"]] == codes


def test_items_are_set_and_drafts_copied(move: Move) -> None:
    """Setting items tells what changed by how much; a copy is a draft with the same lines and the next name."""
    made = move.new(2)["inventoryTransfer"]
    query = f"""mutation($i: InventoryTransferSetItemsInput!, $k: String!) {{
      inventoryTransferSetItems(input: $i) @idempotent(key: $k) {{ {TRANSFER} {ERRORS}
        updatedLineItems {{ inventoryItemId newQuantity deltaQuantity }} }} }}"""
    given = {"id": made["id"], "lineItems": [{"inventoryItemId": move.item, "quantity": 5}]}
    told = move.send(query, i=given)
    assert told["updatedLineItems"] == [{"inventoryItemId": move.item, "newQuantity": 5, "deltaQuantity": 3}]
    assert told["inventoryTransfer"]["lineItems"]["nodes"][0]["id"] == made["lineItems"]["nodes"][0]["id"]
    copy = f"""mutation($i: ID!, $k: String!) {{ inventoryTransferDuplicate(id: $i) @idempotent(key: $k) {{
      {TRANSFER} {ERRORS} }} }}"""
    copied = move.send(copy, i=made["id"])["inventoryTransfer"]
    assert (copied["status"], copied["totalQuantity"]) == ("DRAFT", 5)
    assert (made["name"], copied["name"]) == ("#T0001", "#T0002")
