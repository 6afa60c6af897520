"""Quantities at locations: setting, adjusting, moving, stocking and unstocking."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.server import create
from tests.contract.shopify.client import Shop

LEVELS = """query($i: ID!, $all: Boolean) { inventoryItem(id: $i) { inventoryLevels(first: 9, includeInactive: $all) {
  nodes { id isActive location { name } quantities(names: ["available", "damaged", "incoming", "on_hand", "reserved"])
    { id name quantity updatedAt } } } } }"""
GROUP = "inventoryAdjustmentGroup { changes { name delta ledgerDocumentUri quantityAfterChange } }"
ADJUST = f"""mutation($i: InventoryAdjustQuantitiesInput!, $k: String!) {{
  inventoryAdjustQuantities(input: $i) @idempotent(key: $k) {{ {GROUP} userErrors {{ field message code }} }} }}"""
MOVE = f"""mutation($i: InventoryMoveQuantitiesInput!, $k: String!) {{
  inventoryMoveQuantities(input: $i) @idempotent(key: $k) {{ {GROUP} userErrors {{ field message code }} }} }}"""
ON_HAND = f"""mutation($i: InventorySetOnHandQuantitiesInput!, $k: String!) {{
  inventorySetOnHandQuantities(input: $i) @idempotent(key: $k) {{ {GROUP} userErrors {{ field code }} }} }}"""
ACTIVATE = """mutation($i: ID!, $l: ID!, $a: Int, $h: Int, $k: String!) {
  inventoryActivate(inventoryItemId: $i, locationId: $l, available: $a, onHand: $h) @idempotent(key: $k) {
    inventoryLevel { id isActive quantities(names: ["available"]) { quantity } } userErrors { field message } } }"""
DEACTIVATE = """mutation($l: ID!) { inventoryDeactivate(inventoryLevelId: $l) { userErrors { field message } } }"""


class Stock:
    """A shop with two locations and one item."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.item = shop.create()["variants"]["nodes"][0]["inventoryItem"]["id"]
        nodes = shop.data("{ locations(first: 9) { nodes { id name } } }")["locations"]["nodes"]
        self.places = {node["name"]: node["id"] for node in nodes}
        self._keys = 0

    def send(self, query: str, **variables: Any) -> dict[str, Any]:
        """The payload of a mutation under a fresh key."""
        self._keys += 1
        data = self.shop.data(query, variables | {"k": f"key-{self._keys}"})
        return dict(next(iter(data.values())))

    def levels(self, inactive: bool = False) -> list[dict[str, Any]]:
        """The item's levels, quantities by name."""
        nodes = self.shop.data(LEVELS, {"i": self.item, "all": inactive})["inventoryItem"]["inventoryLevels"]["nodes"]
        return [node | {q["name"]: q["quantity"] for q in node["quantities"]} for node in nodes]

    def adjust(self, name: str, delta: int, ledger: str | None = None, expected: int | None = None) -> dict[str, Any]:
        """Adjust one quantity at the first place."""
        change = {"inventoryItemId": self.item, "locationId": self.places["Here"], "delta": delta}
        change |= {"changeFromQuantity": expected, "ledgerDocumentUri": ledger}
        return self.send(ADJUST, i={"name": name, "reason": "correction", "changes": [change]})


@pytest.fixture
def stock() -> Any:
    """Two places, one item that is stocked at the first."""
    with create(ShopifyConfig(locations=("Here", "There")), Clock()) as box:
        yield Stock(Shop(box))


def test_on_hand_is_the_sum_and_has_no_time(stock: Stock) -> None:
    """What is put by counts on hand, what is incoming does not, and only quantities that moved carry a time."""
    for name, delta in (("available", 3), ("damaged", 2), ("incoming", 7)):
        told = stock.adjust(name, delta, None if name == "available" else "https://example.com/doc")
        assert told["userErrors"] == []
        assert [change["delta"] for change in told["inventoryAdjustmentGroup"]["changes"]] == (
            [delta] if name == "incoming" else [delta, delta]
        )
    (level,) = stock.levels()
    assert (level["available"], level["damaged"], level["incoming"], level["on_hand"]) == (3, 2, 7, 5)
    timed = {quantity["name"] for quantity in level["quantities"] if quantity["updatedAt"]}
    assert timed == {"available", "damaged", "incoming"}


def test_nothing_to_change_makes_no_group(stock: Stock) -> None:
    """A delta of zero, or a quantity that is already so, answers without a group and without an error."""
    told = stock.adjust("available", 0)
    assert told == {"inventoryAdjustmentGroup": None, "userErrors": []}
    given = {"inventoryItemId": stock.item, "locationId": stock.places["Here"], "quantity": 0, "changeFromQuantity": 0}
    told = stock.send(ON_HAND, i={"reason": "correction", "setQuantities": [given]})
    assert told == {"inventoryAdjustmentGroup": None, "userErrors": []}


@pytest.mark.parametrize(
    ("name", "ledger", "code"),
    [
        ("on_hand", "https://example.com/doc", "INVALID_QUANTITY_NAME"),
        ("committed", "https://example.com/doc", "INVALID_QUANTITY_NAME"),
        ("damaged", None, "INVALID_QUANTITY_DOCUMENT"),
        ("available", "https://example.com/doc", "INVALID_AVAILABLE_DOCUMENT"),
        ("reserved", "gid://shopify/Order/1", "INTERNAL_LEDGER_DOCUMENT"),
    ],
)
def test_names_and_documents_are_checked(stock: Stock, name: str, ledger: str | None, code: str) -> None:
    """Only six quantities may be adjusted, all but available with one document that is not Shopify's own."""
    told = stock.adjust(name, 1, ledger)
    assert [error["code"] for error in told["userErrors"]] == [code]
    assert stock.levels()[0]["on_hand"] == 0


def test_a_stale_quantity_stops_an_adjustment(stock: Stock) -> None:
    """What is there must be what the caller took it to be."""
    assert stock.adjust("available", 4, expected=0)["userErrors"] == []
    assert stock.adjust("available", 4, expected=0)["userErrors"][0]["code"] == "CHANGE_FROM_QUANTITY_STALE"
    assert stock.levels()[0]["available"] == 4


def test_moving_keeps_the_sum(stock: Stock) -> None:
    """A move between two quantities tells of those two and not of what is on hand; places cannot differ."""
    stock.adjust("available", 5)
    here = {"locationId": stock.places["Here"], "changeFromQuantity": None}
    to = here | {"name": "damaged", "ledgerDocumentUri": "https://example.com/doc"}
    change = {"inventoryItemId": stock.item, "quantity": 2, "from": here | {"name": "available"}, "to": to}
    given = {"reason": "damaged", "referenceDocumentUri": "https://example.com/ref", "changes": [change]}
    changes = stock.send(MOVE, i=given)["inventoryAdjustmentGroup"]["changes"]
    assert [(one["name"], one["delta"], one["ledgerDocumentUri"]) for one in changes] == [
        ("available", -2, None),
        ("damaged", 2, "https://example.com/doc"),
    ]
    assert {one["quantityAfterChange"] for one in changes} == {None}
    level = stock.levels()[0]
    assert (level["available"], level["damaged"], level["on_hand"]) == (3, 2, 5)
    change["to"] = to | {"locationId": stock.places["There"]}
    assert stock.send(MOVE, i=given)["userErrors"][0]["code"] == "DIFFERENT_LOCATIONS"


def test_stocking_a_second_place(stock: Stock) -> None:
    """An item is stocked with what is given, once; a place it is stocked at takes no quantity that way."""
    place = stock.places["There"]
    told = stock.send(ACTIVATE, i=stock.item, l=place, h=8)
    assert told["inventoryLevel"]["quantities"] == [{"quantity": 8}]
    again = stock.send(ACTIVATE, i=stock.item, l=place, a=1)
    assert again["inventoryLevel"]["quantities"] == [{"quantity": 8}]
    assert again["userErrors"][0]["field"] == ["available"]
    assert [level["location"]["name"] for level in stock.levels()] == ["Here", "There"]
    both = stock.send(ACTIVATE, i=stock.item, l=place, a=1, h=1)
    assert [error["field"] for error in both["userErrors"]] == [["available"], ["onHand"]]


def test_unstocking_hides_a_level_and_keeps_its_quantities(stock: Stock) -> None:
    """A level that is taken away is inactive with its quantities, comes back with them, and one place always stays."""
    stock.send(ACTIVATE, i=stock.item, l=stock.places["There"], a=6)
    second = stock.levels()[1]["id"]
    assert stock.shop.data(DEACTIVATE, {"l": second})["inventoryDeactivate"]["userErrors"] == []
    assert [level["location"]["name"] for level in stock.levels()] == ["Here"]
    assert [(level["isActive"], level["available"]) for level in stock.levels(inactive=True)] == [(True, 0), (False, 6)]
    first = stock.levels()[0]["id"]
    error = stock.shop.data(DEACTIVATE, {"l": first})["inventoryDeactivate"]["userErrors"][0]
    assert error["field"] is None
    assert "minimum of 1 location" in error["message"]
    back = stock.send(ACTIVATE, i=stock.item, l=stock.places["There"])["inventoryLevel"]
    assert back["quantities"] == [{"quantity": 6}]


def test_levels_of_a_place_share_their_number(stock: Stock) -> None:
    """A level's id is its place's number with the item behind it, and node finds levels, quantities and groups."""
    other = stock.shop.create()["variants"]["nodes"][0]["inventoryItem"]["id"]
    mine = stock.levels()[0]
    theirs = stock.shop.data(LEVELS, {"i": other})["inventoryItem"]["inventoryLevels"]["nodes"][0]
    assert mine["id"].split("?")[0] == theirs["id"].split("?")[0]
    assert mine["id"] != theirs["id"]
    quantity = mine["quantities"][0]["id"]
    found = stock.shop.data("query($i: [ID!]!) { nodes(ids: $i) { id __typename } }", {"i": [mine["id"], quantity]})
    assert [node["__typename"] for node in found["nodes"]] == ["InventoryLevel", "InventoryQuantity"]
