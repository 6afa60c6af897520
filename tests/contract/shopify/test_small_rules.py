"""Rules of single fields that recordings outside the replayed cases showed: cursors, staged products, jobs, origins."""

from __future__ import annotations

import base64
import json
from typing import Any

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop

PLACES = """query($id: ID!) { product(id: $id) { availablePublicationsCount { count }
  resourcePublicationsCount { count } all: resourcePublicationsCount(onlyPublished: false) { count }
  resourcePublicationsV2(first: 5) { nodes { isPublished } }
  staged: resourcePublicationsV2(first: 5, onlyPublished: false) { nodes { isPublished publishDate } } } }"""
UPDATE = """mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }"""


def _opened(cursor: str) -> dict[str, Any]:
    return dict(json.loads(base64.b64decode(cursor)))


def test_media_and_images_are_paged_by_the_file_and_its_place(box: ShopifySandbox, shop: Shop) -> None:
    """The number is the file's, not the image's; the value is the place as text."""
    product = shop.create()["id"]
    media = [{"originalSource": f"https://img.example/{n}.png", "mediaContentType": "IMAGE"} for n in (1, 2)]
    shop.data(
        "mutation($id: ID!, $m: [CreateMediaInput!]!) { productCreateMedia(productId: $id, media: $m) "
        "{ media { id } mediaUserErrors { message } } }",
        {"id": product, "m": media},
    )
    box.clock.advance(60)
    ask = "query($id: ID!, $after: String) { product(id: $id) { %s(first: 1, after: $after) { edges { cursor } } } }"
    numbers = []
    for name in ("media", "images"):
        first = shop.data(ask % name, {"id": product})["product"][name]["edges"][0]["cursor"]
        second = shop.data(ask % name, {"id": product, "after": first})["product"][name]["edges"][0]["cursor"]
        assert [_opened(cursor)["last_value"] for cursor in (first, second)] == ["1", "2"]
        numbers.append([_opened(cursor)["last_id"] for cursor in (first, second)])
    assert numbers[0] == numbers[1]
    assert all(isinstance(number, int) for number in numbers[0])


def test_a_draft_is_staged_where_it_was_put_and_published_nowhere(shop: Shop) -> None:
    """Publishing a draft is a promise that its activation keeps."""
    product = shop.create(status="DRAFT")["id"]
    draft = shop.data(PLACES, {"id": product})["product"]
    assert draft["availablePublicationsCount"]["count"] == draft["resourcePublicationsCount"]["count"] == 0
    assert draft["resourcePublicationsV2"]["nodes"] == []
    assert {"isPublished": False, "publishDate": None} in draft["staged"]["nodes"]
    shop.data(UPDATE, {"p": {"id": product, "status": "ACTIVE"}})
    active = shop.data(PLACES, {"id": product})["product"]
    assert active["resourcePublicationsCount"]["count"] == draft["all"]["count"] > 0


def test_an_unknown_job_is_over_but_no_node(shop: Shop) -> None:
    """What is not known is taken for done long ago."""
    asked = "gid://shopify/Job/5f0c1a52-1111-4d0c-9d0e-0a52d3f2b600"
    found = shop.data(
        "query($id: ID!) { job(id: $id) { id done query { __typename } } node(id: $id) { id } }", {"id": asked}
    )
    assert found == {"job": {"id": asked, "done": True, "query": {"__typename": "QueryRoot"}}, "node": None}


def test_goods_do_not_come_from_nowhere(shop: Shop) -> None:
    """The code for an unknown region is no origin."""
    item = shop.create()["variants"]["nodes"][0]["inventoryItem"]["id"]
    update = """mutation($id: ID!, $c: CountryCode) { inventoryItemUpdate(id: $id, input: {countryCodeOfOrigin: $c}) {
      inventoryItem { id } userErrors { field message } } }"""
    refused = shop.data(update, {"id": item, "c": "ZZ"})["inventoryItemUpdate"]
    error = {"field": ["input", "countryCodeOfOrigin"], "message": "Country code of origin is invalid"}
    assert refused == {"inventoryItem": None, "userErrors": [error]}


def test_a_city_that_is_a_country_is_named_once(shop: Shop) -> None:
    """Without it the area would read "Singapore, Singapore"."""
    made = shop.data(
        "mutation($i: CustomerInput!) { customerCreate(input: $i) "
        "{ customer { defaultAddress { formattedArea } } userErrors { message } } }",
        {"i": {"email": "lion@merlion.example", "addresses": [{"city": "Singapore", "countryCode": "SG"}]}},
    )["customerCreate"]
    assert made["customer"]["defaultAddress"] == {"formattedArea": "Singapore"}


def test_products_are_sorted_by_what_is_in_stock(shop: Shop) -> None:
    """Both ways, and over a page's end."""
    place = shop.data("{ locations(first: 1) { nodes { id } } }")["locations"]["nodes"][0]["id"]
    for title, amount in (("Much", 9), ("Little", 2), ("None", 0)):
        stock = [{"locationId": place, "name": "available", "quantity": amount}]
        variant: dict[str, Any] = {
            "optionValues": [{"optionName": "Title", "name": "Default Title"}],
            "inventoryQuantities": stock,
        }
        variant["inventoryItem"] = {"tracked": True}
        given = {"title": title, "productOptions": [{"name": "Title", "values": [{"name": "Default Title"}]}]}
        assert shop.set(given | {"variants": [variant]})["userErrors"] == []
    ask = """query($after: String, $r: Boolean) {
      products(first: 2, sortKey: INVENTORY_TOTAL, after: $after, reverse: $r) {
        nodes { title } pageInfo { endCursor } } }"""
    page = shop.data(ask)["products"]
    rest = shop.data(ask, {"after": page["pageInfo"]["endCursor"]})["products"]
    assert [one["title"] for one in page["nodes"] + rest["nodes"]] == ["None", "Little", "Much"]
    assert [one["title"] for one in shop.data(ask, {"r": True})["products"]["nodes"]] == ["Much", "Little"]


def test_options_and_their_values_are_nodes(shop: Shop) -> None:
    """An option that is not there is null."""
    shop.set({"title": "Cup", "productOptions": [{"name": "Glaze", "values": [{"name": "Ash"}]}],
              "variants": [{"optionValues": [{"optionName": "Glaze", "name": "Ash"}]}]})  # fmt: skip
    option = shop.data("{ products(first: 1) { nodes { options { id optionValues { id } } } } }")
    option = option["products"]["nodes"][0]["options"][0]
    found = shop.data(
        "query($ids: [ID!]!) { nodes(ids: $ids) { ... on ProductOption { name values } "
        "... on ProductOptionValue { name hasVariants } } }",
        {"ids": [option["id"], option["optionValues"][0]["id"], "gid://shopify/ProductOption/1"]},
    )
    assert found["nodes"] == [{"name": "Glaze", "values": ["Ash"]}, {"name": "Ash", "hasVariants": True}, None]


def test_the_merchants_own_service_stands_first(shop: Shop) -> None:
    """It is where orders go to."""
    made = shop.data('mutation { fulfillmentServiceCreate(name: "Depot") { userErrors { message } } }')
    assert made["fulfillmentServiceCreate"]["userErrors"] == []
    found = shop.data("{ shop { fulfillmentServices { id handle type location { name } } } }")["shop"]
    own, depot = found["fulfillmentServices"]
    assert own == {
        "id": "gid://shopify/FulfillmentService/manual",
        "handle": "manual",
        "type": "MANUAL",
        "location": {"name": "Shop location"},
    }
    assert (depot["handle"], depot["type"]) == ("depot", "THIRD_PARTY")


ADD = "mutation($id: ID!, $t: [String!]!) { tagsAdd(id: $id, tags: $t) { userErrors { field message } } }"


def test_tags_that_a_write_refuses_are_refused_when_added(shop: Shop) -> None:
    """One that is too long and one too many, for products, customers and draft orders."""
    product = shop.create(tags=[f"t{number}" for number in range(250)])["id"]
    customer = shop.data('mutation { customerCreate(input: {email: "a@tag.example"}) { customer { id } } }')
    customer = customer["customerCreate"]["customer"]["id"]
    draft = shop.data(
        'mutation { draftOrderCreate(input: {lineItems: [{title: "Mug", quantity: 1, originalUnitPrice: "1"}]}) '
        "{ draftOrder { id } } }"
    )["draftOrderCreate"]["draftOrder"]["id"]
    for owner, tag, message in (
        (product, "one-more", "Product tags is invalid"),
        (customer, "x" * 256, "Tags is too long (maximum is 255 characters)"),
        (draft, "x" * 41, "Title Tag exceeds the maximum length of 40 characters"),
    ):
        answer = shop.data(ADD, {"id": owner, "t": [tag]})["tagsAdd"]
        assert answer["userErrors"] == [{"field": ["tags"], "message": message}]
    assert shop.data(ADD, {"id": product, "t": ["t1"]})["tagsAdd"]["userErrors"] == []


def test_a_reference_document_is_an_address(shop: Shop) -> None:
    """Any scheme will do, no scheme will not."""
    item = shop.create()["variants"]["nodes"][0]["inventoryItem"]["id"]
    place = shop.data("{ locations(first: 1) { nodes { id } } }")["locations"]["nodes"][0]["id"]
    write = """mutation($i: InventoryAdjustQuantitiesInput!, $k: String!) {
      inventoryAdjustQuantities(input: $i) @idempotent(key: $k) { userErrors { field code } } }"""
    change = {"inventoryItemId": item, "locationId": place, "delta": 1, "changeFromQuantity": None}
    for document, errors in (
        ("count 12", [{"field": ["input", "referenceDocumentUri"], "code": "INVALID_REFERENCE_DOCUMENT"}]),
        ("gid://stock-app/Count/12", []),
    ):
        given = {"name": "available", "reason": "correction", "referenceDocumentUri": document, "changes": [change]}
        answer = shop.data(write, {"i": given, "k": f"key-{document}"})["inventoryAdjustQuantities"]
        assert answer["userErrors"] == errors


def test_an_item_is_checked_by_whichever_way_it_comes(shop: Shop) -> None:
    """Weight, origin, customs code and the names of quantities, in a product's set as in the item's own update."""
    place = shop.data("{ locations(first: 1) { nodes { id } } }")["locations"]["nodes"][0]["id"]
    size = {"optionName": "Size", "name": "S"}
    given = {"title": "Jar", "productOptions": [{"name": "Size", "values": [{"name": "S"}]}]}
    for more, field in (
        ({"inventoryItem": {"countryCodeOfOrigin": "ZZ"}}, ["inventoryItem", "countryCodeOfOrigin"]),
        ({"inventoryItem": {"harmonizedSystemCode": "12"}}, ["inventoryItem", "harmonizedSystemCode"]),
        (
            {"inventoryItem": {"measurement": {"weight": {"value": -1, "unit": "GRAMS"}}}},
            ["inventoryItem", "measurement", "weight"],
        ),
        (
            {"inventoryQuantities": [{"locationId": place, "name": "reserved", "quantity": 1}]},
            ["inventoryQuantities", "0", "name"],
        ),
    ):
        answer = shop.set(given | {"variants": [{"optionValues": [size]} | more]})
        assert [error["field"] for error in answer["userErrors"]] == [["input", "variants", "0", *field]]


def test_a_product_has_two_hundred_and_fifty_media_at_most(shop: Shop) -> None:
    """The one too many is refused by both ways of adding it."""
    product = shop.create()["id"]
    one = {"originalSource": "https://img.example/a.png", "mediaContentType": "IMAGE"}
    create = """mutation($id: ID!, $m: [CreateMediaInput!]!) { productCreateMedia(productId: $id, media: $m) {
      mediaUserErrors { field code } } }"""
    update = """mutation($id: ID!, $m: [CreateMediaInput!]) { productUpdate(product: {id: $id}, media: $m) {
      userErrors { field } } }"""
    assert shop.data(create, {"id": product, "m": [one] * 250})["productCreateMedia"]["mediaUserErrors"] == []
    refused = shop.data(create, {"id": product, "m": [one]})["productCreateMedia"]["mediaUserErrors"]
    assert refused == [{"field": ["media"], "code": "PRODUCT_MEDIA_LIMIT_EXCEEDED"}]
    assert shop.data(update, {"id": product, "m": [one]})["productUpdate"]["userErrors"] == [{"field": ["media"]}]
