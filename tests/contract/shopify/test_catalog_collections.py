"""Collections, their products and rules, and publishing."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop, sized

CREATE = """mutation($i: CollectionInput!) { collectionCreate(input: $i) { userErrors { field message }
  collection { id handle sortOrder productsCount { count } products(first: 9) { nodes { title } } } } }"""
READ = """query($i: ID!, $s: ProductCollectionSortKeys, $r: Boolean) { collection(id: $i) {
  title handle sortOrder ruleSet { appliedDisjunctively rules { column relation condition } }
  productsCount { count } products(first: 9, sortKey: $s, reverse: $r) { nodes { title } } } }"""
UPDATE = """mutation($i: CollectionInput!) { collectionUpdate(input: $i) { collection { title handle } job { done }
  userErrors { field message } } }"""
ADD = """mutation($i: ID!, $p: [ID!]!) { collectionAddProductsV2(id: $i, productIds: $p) { job { id done }
  userErrors { field message code } } }"""
REORDER = """mutation($i: ID!, $m: [MoveInput!]!) { collectionReorderProducts(id: $i, moves: $m) { job { id }
  userErrors { field message code } } }"""


def make(shop: Shop, **given: Any) -> dict[str, Any]:
    """The collection that an input makes."""
    told = shop.data(CREATE, {"i": {"title": "Things"} | given})["collectionCreate"]
    assert told["userErrors"] == []
    return dict(told["collection"])


def titles(shop: Shop, number: str, **how: Any) -> list[str]:
    """The titles of a collection's products."""
    nodes = shop.data(READ, {"i": number} | how)["collection"]["products"]["nodes"]
    return [node["title"] for node in nodes]


@pytest.fixture
def three(shop: Shop) -> dict[str, str]:
    """Three products that differ in price."""
    made = {}
    for title, price in (("Apple", "3"), ("Cherry", "1"), ("Banana", "2")):
        told = shop.set(sized("S", title=title) | {"variants": [sized("S")["variants"][0] | {"price": price}]})
        made[title] = told["product"]["id"]
    return made


def test_handles_of_collections_count_on(shop: Shop) -> None:
    """A second collection of a title gets the next handle; best selling is the order when none is given."""
    first, second = make(shop), make(shop)
    assert (first["handle"], second["handle"], first["sortOrder"]) == ("things", "things-1", "BEST_SELLING")


def test_the_count_follows_the_answer(shop: Shop, three: dict[str, str]) -> None:
    """The answer of the creation lists the products and counts none; the next read counts them."""
    made = make(shop, products=list(three.values()), sortOrder="MANUAL")
    assert made["productsCount"]["count"] == 0
    assert [node["title"] for node in made["products"]["nodes"]] == ["Apple", "Cherry", "Banana"]
    assert shop.data(READ, {"i": made["id"]})["collection"]["productsCount"]["count"] == 3


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("ALPHA_ASC", ["Apple", "Banana", "Cherry"]),
        ("ALPHA_DESC", ["Cherry", "Banana", "Apple"]),
        ("PRICE_ASC", ["Cherry", "Banana", "Apple"]),
        ("PRICE_DESC", ["Apple", "Banana", "Cherry"]),
        ("MANUAL", ["Apple", "Cherry", "Banana"]),
    ],
)
def test_sort_orders(shop: Shop, three: dict[str, str], order: str, expected: list[str]) -> None:
    """A collection lists its products in its own order unless asked otherwise, and backwards on request."""
    number = make(shop, products=list(three.values()), sortOrder=order)["id"]
    assert titles(shop, number) == expected
    assert titles(shop, number, r=True) == expected[::-1]
    assert titles(shop, number, s="TITLE") == ["Apple", "Banana", "Cherry"]


def test_pages_of_a_collection_do_not_overlap(shop: Shop, three: dict[str, str]) -> None:
    """Cursors lead through a descending order without loss or repetition."""
    number = make(shop, products=list(three.values()), sortOrder="PRICE_DESC")["id"]
    query = """query($i: ID!, $a: String) { collection(id: $i) { products(first: 1, after: $a) {
      nodes { title } pageInfo { hasNextPage endCursor } } } }"""
    seen, after = [], None
    for _ in range(3):
        page = shop.data(query, {"i": number, "a": after})["collection"]["products"]
        seen += [node["title"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == ["Apple", "Banana", "Cherry"]
    assert page["pageInfo"]["hasNextPage"] is False


def test_a_smart_collection_follows_its_products(shop: Shop, three: dict[str, str]) -> None:
    """Products enter and leave by the rules, and none is put in or taken out by hand."""
    rules = [{"column": "VARIANT_PRICE", "relation": "GREATER_THAN", "condition": "1.50"}]
    rule_set = {"appliedDisjunctively": False, "rules": rules}
    number = make(shop, ruleSet=rule_set, sortOrder="ALPHA_ASC")["id"]
    assert titles(shop, number) == ["Apple", "Banana"]
    shop.data(
        "mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }",
        {"p": {"id": three["Apple"], "tags": ["Red"]}},
    )
    rule_set["rules"] = [{"column": "TAG", "relation": "EQUALS", "condition": "red"}]
    told = shop.data(UPDATE, {"i": {"id": number, "ruleSet": rule_set}})["collectionUpdate"]
    assert told["job"] == {"done": False}
    assert titles(shop, number) == ["Apple"]
    refused = shop.data(ADD, {"i": number, "p": [three["Cherry"]]})["collectionAddProductsV2"]
    assert refused["job"] is None
    assert refused["userErrors"][0]["code"] == "CANT_ADD_TO_SMART_COLLECTION"


def test_adding_is_a_job_that_ends(box: ShopifySandbox, shop: Shop, three: dict[str, str]) -> None:
    """Unknown products are passed over, the job is not done in its answer and is done a moment later."""
    number = make(shop, sortOrder="MANUAL")["id"]
    told = shop.data(ADD, {"i": number, "p": [three["Banana"], "gid://shopify/Product/1"]})["collectionAddProductsV2"]
    assert told["userErrors"] == []
    assert told["job"]["done"] is False
    assert titles(shop, number) == ["Banana"]
    box.clock.advance(5)
    found = shop.data("query($i: ID!) { job(id: $i) { done query { __typename } } }", {"i": told["job"]["id"]})["job"]
    assert found == {"done": True, "query": {"__typename": "QueryRoot"}}


def test_only_a_manual_order_can_be_changed(shop: Shop, three: dict[str, str]) -> None:
    """Moves are done one after the other, and refused where the order is computed."""
    moves = [{"id": three["Banana"], "newPosition": "0"}, {"id": three["Apple"], "newPosition": "2"}]
    manual = make(shop, products=list(three.values()), sortOrder="MANUAL")["id"]
    assert shop.data(REORDER, {"i": manual, "m": moves})["collectionReorderProducts"]["userErrors"] == []
    assert titles(shop, manual) == ["Banana", "Cherry", "Apple"]
    sorted_ = make(shop, products=list(three.values()), sortOrder="ALPHA_ASC")["id"]
    told = shop.data(REORDER, {"i": sorted_, "m": moves})["collectionReorderProducts"]
    assert told["job"] is None
    assert told["userErrors"][0]["field"] == ["id"]


def test_what_a_collection_needs(shop: Shop) -> None:
    """Titles, rules and ids are checked; an update without an id is a failure of the field."""
    cases = [
        ({"title": " "}, ["title"]),
        ({"title": "x" * 256}, ["title"]),
        ({"title": "A", "ruleSet": {"appliedDisjunctively": True}}, ["ruleSet", "rules"]),
        ({"title": "A", "products": ["gid://shopify/Product/1"]}, ["products", "0"]),
        ({"title": "A", "id": "gid://shopify/Collection/1"}, ["id"]),
    ]
    for given, field in cases:
        told = shop.data(CREATE, {"i": given})["collectionCreate"]
        assert told["collection"] is None
        assert [error["field"] for error in told["userErrors"]] == [field]
    error = shop.run(UPDATE, {"i": {"title": "A"}})["errors"][0]
    assert error["extensions"] == {"code": "BAD_REQUEST"}
    custom = make(shop)["id"]
    rules = {"appliedDisjunctively": True, "rules": [{"column": "TITLE", "relation": "EQUALS", "condition": "A"}]}
    told = shop.data(UPDATE, {"i": {"id": custom, "ruleSet": rules}})["collectionUpdate"]
    assert told["userErrors"][0]["field"] == ["id"]


def test_a_deleted_product_leaves_its_collections(shop: Shop, three: dict[str, str]) -> None:
    """What is deleted is in no collection, and a deleted collection keeps its products."""
    number = make(shop, products=list(three.values()), sortOrder="MANUAL")["id"]
    gone = "mutation($i: ProductDeleteInput!) { productDelete(input: $i) { userErrors { message } } }"
    shop.data(gone, {"i": {"id": three["Cherry"]}})
    assert titles(shop, number) == ["Apple", "Banana"]
    delete = """mutation($i: CollectionDeleteInput!) { collectionDelete(input: $i) { deletedCollectionId shop { id }
      userErrors { field message } } }"""
    assert shop.data(delete, {"i": {"id": number}})["collectionDelete"]["deletedCollectionId"] == number
    again = shop.data(delete, {"i": {"id": number}})["collectionDelete"]
    assert again["shop"]["id"]
    assert again["userErrors"] == [{"field": ["id"], "message": "Collection does not exist"}]
    assert shop.data("{ productsCount { count } }")["productsCount"]["count"] == 2


def test_publishing_sets_and_takes_the_time(shop: Shop) -> None:
    """A product made through the API is not at the online store; publishing sets its time, unpublishing takes it."""
    nodes = shop.data("{ publications(first: 9) { nodes { id name } } }")["publications"]["nodes"]
    online = next(node["id"] for node in nodes if node["name"] == "Online Store")
    product = shop.create()["id"]
    fields = f'publishedAt publishedOnPublication(publicationId: "{online}") resourcePublicationsCount {{ count }}'
    read = f"query($i: ID!) {{ product(id: $i) {{ {fields} }} }}"
    before = shop.data(read, {"i": product})["product"]
    assert before["publishedAt"] is None
    change = """mutation($i: ID!, $p: [PublicationInput!]!) { %s(id: $i, input: $p) { publishable { __typename }
      shop { id } userErrors { field message } } }"""
    told = shop.data(change % "publishablePublish", {"i": product, "p": [{"publicationId": online}]})
    assert told["publishablePublish"]["userErrors"] == []
    after = shop.data(read, {"i": product})["product"]
    assert after["publishedAt"]
    assert after["publishedOnPublication"] is True
    assert after["resourcePublicationsCount"]["count"] == before["resourcePublicationsCount"]["count"] + 1
    shop.data(change % "publishableUnpublish", {"i": product, "p": [{"publicationId": online}]})
    assert shop.data(read, {"i": product})["product"] == before
    twice = [{"publicationId": online}, {"publicationId": online}, {"publicationId": "gid://shopify/Publication/1"}, {}]
    told = shop.data(change % "publishablePublish", {"i": product, "p": twice})["publishablePublish"]
    assert [error["field"][1] for error in told["userErrors"]] == ["1", "2", "3"]
    assert shop.data(read, {"i": product})["product"] == before


def test_collections_are_searched_and_named_by_their_products(shop: Shop, three: dict[str, str]) -> None:
    """Collections are found by title and kind, and a product lists those it is in."""
    make(shop, title="Zebra", products=[three["Apple"]])
    make(shop, title="Aardvark", products=[three["Apple"]])
    rule = {"column": "TITLE", "relation": "STARTS_WITH", "condition": "ch"}
    make(shop, title="Smart", ruleSet={"appliedDisjunctively": False, "rules": [rule]})
    query = "query($q: String) { collections(first: 9, query: $q, sortKey: TITLE) { nodes { title } } }"
    found = shop.data(query, {"q": "collection_type:smart"})["collections"]["nodes"]
    assert found == [{"title": "Smart"}]
    of = "query($i: ID!) { product(id: $i) { collections(first: 9, sortKey: TITLE) { nodes { title } } } }"
    nodes = shop.data(of, {"i": three["Apple"]})["product"]["collections"]["nodes"]
    assert [node["title"] for node in nodes] == ["Aardvark", "Zebra"]
    nodes = shop.data(of, {"i": three["Cherry"]})["product"]["collections"]["nodes"]
    assert [node["title"] for node in nodes] == ["Smart"]
