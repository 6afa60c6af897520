"""Inventory quantities with idempotency, inventory items, options, tags, node look-ups, asynchronous productSet."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop, sized

QUANTITIES = """mutation($i: InventorySetQuantitiesInput!, $k: String!) {
  inventorySetQuantities(input: $i) @idempotent(key: $k) {
    inventoryAdjustmentGroup { reason changes { name delta quantityAfterChange } }
    userErrors { field message code } } }"""


@pytest.fixture
def stocked(shop: Shop) -> dict[str, Any]:
    """An input for one item at the one location."""
    product = shop.create()
    item = product["variants"]["nodes"][0]["inventoryItem"]["id"]
    location = shop.data("{ locations(first: 1) { nodes { id } } }")["locations"]["nodes"][0]["id"]
    entry = {"inventoryItemId": item, "locationId": location, "quantity": 5, "changeFromQuantity": 0}
    return {"name": "available", "reason": "correction", "quantities": [entry]}


def test_the_directive_and_the_old_quantity_are_required(shop: Shop, stocked: dict[str, Any]) -> None:
    """Since 2026-04 the mutation needs @idempotent, and each entry must name changeFromQuantity."""
    bare = "mutation($i: InventorySetQuantitiesInput!) { inventorySetQuantities(input: $i) { userErrors { code } } }"
    body = shop.run(bare, {"i": stocked})
    assert body["data"] == {"inventorySetQuantities": None}
    assert "@idempotent directive is required" in body["errors"][0]["message"]
    del stocked["quantities"][0]["changeFromQuantity"]
    error = shop.run(QUANTITIES, {"i": stocked, "k": "k1"})["errors"][0]
    assert error["extensions"]["code"] == "INVALID_FIELD_ARGUMENTS"
    assert len(error["locations"]) == 2


def test_a_key_runs_once(shop: Shop, stocked: dict[str, Any]) -> None:
    """The same key with the same input answers the same again, with another input it is refused."""
    first = shop.data(QUANTITIES, {"i": stocked, "k": "k1"})["inventorySetQuantities"]
    changes = first["inventoryAdjustmentGroup"]["changes"]
    assert [(change["name"], change["delta"]) for change in changes] == [("available", 5), ("on_hand", 5)]
    assert shop.data(QUANTITIES, {"i": stocked, "k": "k1"})["inventorySetQuantities"] == first
    other = stocked | {"reason": "received"}
    refused = shop.data(QUANTITIES, {"i": other, "k": "k1"})["inventorySetQuantities"]
    assert refused["userErrors"][0]["code"] == "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"


def test_a_stale_quantity_is_refused_and_its_key_spent(shop: Shop, stocked: dict[str, Any]) -> None:
    """changeFromQuantity that does not hold changes nothing, and the key of the failure cannot be used again."""
    stocked["quantities"][0]["changeFromQuantity"] = 3
    refused = shop.data(QUANTITIES, {"i": stocked, "k": "k1"})["inventorySetQuantities"]
    assert refused["userErrors"][0]["code"] == "CHANGE_FROM_QUANTITY_STALE"
    again = shop.data(QUANTITIES, {"i": stocked, "k": "k1"})["inventorySetQuantities"]
    assert again["userErrors"][0]["code"] == "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"


def test_stock_shows_on_variant_product_and_item(box: ShopifySandbox, shop: Shop, stocked: dict[str, Any]) -> None:
    """A quantity set is read back on the variant and its level, and on the tracked product some seconds later."""
    shop.data(QUANTITIES, {"i": stocked, "k": "k1"})
    item = stocked["quantities"][0]["inventoryItemId"]
    update = """mutation($id: ID!, $i: InventoryItemInput!) { inventoryItemUpdate(id: $id, input: $i) {
      inventoryItem { sku tracked unitCost { amount } harmonizedSystemCode } userErrors { field message } } }"""
    given = {"sku": "X-1", "tracked": True, "cost": "3.10", "harmonizedSystemCode": "1234.56"}
    told = shop.data(update, {"id": item, "i": given})["inventoryItemUpdate"]["inventoryItem"]
    assert told == {"sku": "X-1", "tracked": True, "unitCost": {"amount": "3.1"}, "harmonizedSystemCode": "123456"}
    query = """query($i: ID!) { inventoryItem(id: $i) {
      inventoryLevels(first: 1) { nodes { quantities(names: ["available"]) { quantity } } }
      variant { inventoryQuantity sku product { totalInventory tracksInventory } } } }"""
    read = shop.data(query, {"i": item})["inventoryItem"]
    assert read["variant"]["product"] == {"totalInventory": 0, "tracksInventory": True}
    box.clock.advance(11)
    read = shop.data(query, {"i": item})["inventoryItem"]
    assert read["inventoryLevels"]["nodes"][0]["quantities"] == [{"quantity": 5}]
    assert read["variant"] == {
        "inventoryQuantity": 5,
        "sku": "X-1",
        "product": {"totalInventory": 5, "tracksInventory": True},
    }


def test_options_are_added_renamed_and_deleted(shop: Shop) -> None:
    """Options reach every variant, titles follow the names, and the last option leaves the default one."""
    product = shop.create()
    add = """mutation($p: ID!, $o: [OptionCreateInput!]!, $s: ProductOptionCreateVariantStrategy) {
      productOptionsCreate(productId: $p, options: $o, variantStrategy: $s) { userErrors { code }
        product { options { id name optionValues { id name } } variants(first: 20) { nodes { title } } } } }"""
    options = [
        {"name": "Size", "values": [{"name": "S"}, {"name": "M"}]},
        {"name": "Colour", "values": [{"name": "Red"}]},
    ]
    made = shop.data(add, {"p": product["id"], "o": options, "s": "CREATE"})["productOptionsCreate"]["product"]
    assert sorted(node["title"] for node in made["variants"]["nodes"]) == ["M / Red", "S / Red"]
    rename = """mutation($p: ID!, $o: OptionUpdateInput!, $v: [OptionValueUpdateInput!]) {
      productOptionUpdate(productId: $p, option: $o, optionValuesToUpdate: $v) { userErrors { code }
        product { options { name } variants(first: 9) { nodes { title } } } } }"""
    colour = made["options"][1]
    value = {"id": colour["optionValues"][0]["id"], "name": "Rot"}
    renamed = shop.data(rename, {"p": product["id"], "o": {"id": colour["id"], "name": "Farbe"}, "v": [value]})
    told = renamed["productOptionUpdate"]["product"]
    assert [option["name"] for option in told["options"]] == ["Size", "Farbe"]
    assert sorted(node["title"] for node in told["variants"]["nodes"]) == ["M / Rot", "S / Rot"]
    drop = """mutation($p: ID!, $o: [ID!]!, $s: ProductOptionDeleteStrategy) {
      productOptionsDelete(productId: $p, options: $o, strategy: $s) { deletedOptionsIds userErrors { code }
        product { options { name } variants(first: 9) { nodes { title } } } } }"""
    every = [option["id"] for option in made["options"]]
    refused = shop.data(drop, {"p": product["id"], "o": every})["productOptionsDelete"]
    assert refused["userErrors"] == [{"code": "CANNOT_DELETE_OPTION_WITH_MULTIPLE_VALUES"}]
    gone = shop.data(drop, {"p": product["id"], "o": every, "s": "POSITION"})["productOptionsDelete"]["product"]
    assert gone == {"options": [{"name": "Title"}], "variants": {"nodes": [{"title": "Default Title"}]}}


def test_tags_are_split_trimmed_and_kept_once(shop: Shop) -> None:
    """Tags are split at commas, compared without case, kept as first written and read in order."""
    product = shop.create(tags=["Red"])
    add = """mutation($i: ID!, $t: [String!]!) { tagsAdd(id: $i, tags: $t) { node { ... on Product { tags } } } }"""
    assert shop.data(add, {"i": product["id"], "t": "blue, red"})["tagsAdd"]["node"]["tags"] == ["blue", "Red"]
    drop = """mutation($i: ID!, $t: [String!]!) { tagsRemove(id: $i, tags: $t) { node { ... on Product { tags } } } }"""
    assert shop.data(drop, {"i": product["id"], "t": ["RED"]})["tagsRemove"]["node"]["tags"] == ["blue"]


def test_nodes_answer_in_order_with_null_for_what_is_not_there(shop: Shop) -> None:
    """`nodes` gives each id's record at its place, null where there is none."""
    product = shop.create()
    variant = product["variants"]["nodes"][0]["id"]
    query = "query($i: [ID!]!) { nodes(ids: $i) { __typename id ... on ProductVariant { title } } }"
    found = shop.data(query, {"i": [variant, "gid://shopify/Product/1", product["id"]]})["nodes"]
    assert found == [
        {"__typename": "ProductVariant", "id": variant, "title": "Default Title"},
        None,
        {"__typename": "Product", "id": product["id"]},
    ]


def test_an_asynchronous_product_set_finishes_later(box: ShopifySandbox, shop: Shop) -> None:
    """Asked for asynchronously, productSet answers an operation that is complete a moment later."""
    query = """mutation($i: ProductSetInput!) { productSet(input: $i, synchronous: false) {
      product { id } productSetOperation { id status } userErrors { message } } }"""
    told = shop.data(query, {"i": sized("S", "M")})["productSet"]
    assert (told["product"], told["productSetOperation"]["status"]) == (None, "CREATED")
    read = """query($i: ID!) { productOperation(id: $i) { status ... on ProductSetOperation {
      userErrors { message } product { title variants(first: 5) { nodes { title } } } } } }"""
    operation = {"i": told["productSetOperation"]["id"]}
    assert shop.data(read, operation)["productOperation"]["status"] == "CREATED"
    box.clock.advance(2)
    done = shop.data(read, operation)["productOperation"]
    assert done["status"] == "COMPLETE"
    assert [node["title"] for node in done["product"]["variants"]["nodes"]] == ["S", "M"]
