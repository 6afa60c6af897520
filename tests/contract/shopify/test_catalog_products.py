"""Products as wholes: duplicates, deletion that ends later, order of options and variants, tags, prices, joins."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop, sized

DELETE = """mutation($i: ID!, $s: Boolean) { productDelete(input: {id: $i}, synchronous: $s) { deletedProductId
  productDeleteOperation { id status deletedProductId } userErrors { field message } } }"""
DUPLICATE = """mutation($i: ID!, $t: String!, $s: Boolean, $n: ProductStatus) {
  productDuplicate(productId: $i, newTitle: $t, synchronous: $s, newStatus: $n) {
    newProduct { id title handle status tags vendor variants(first: 9) { nodes { title sku price } }
      options { name values } metafields(first: 3) { nodes { key value } } }
    productDuplicateOperation { id status } userErrors { field message } } }"""
OPERATION = """query($i: ID!) { productOperation(id: $i) { __typename status product { id }
  ... on ProductDuplicateOperation { newProduct { title } } ... on ProductDeleteOperation { deletedProductId } } }"""
REORDER = """mutation($p: ID!, $o: [OptionReorderInput!]!) { productOptionsReorder(productId: $p, options: $o) {
  product { options { name values } variants(first: 9) { nodes { title } } }
  userErrors { field message code } } }"""
POSITIONS = """mutation($p: ID!, $o: [ProductVariantPositionInput!]!) {
  productVariantsBulkReorder(productId: $p, positions: $o) { product { variants(first: 9) { nodes { title position } } }
  userErrors { field code } } }"""


def test_a_duplicate_is_a_product_of_its_own(shop: Shop) -> None:
    """Columns, options, variants and metafields are copied, the handle comes of the new title."""
    field = {"namespace": "custom", "key": "note", "type": "single_line_text_field", "value": "x"}
    first = shop.set(sized("S", "M", title="Shirt", tags=["a"], vendor="V", metafields=[field]))["product"]
    told = shop.data(DUPLICATE, {"i": first["id"], "t": "Shirt"})["productDuplicate"]["newProduct"]
    assert told["id"] != first["id"]
    assert (told["handle"], told["tags"], told["vendor"], told["status"]) == ("shirt-1", ["a"], "V", "ACTIVE")
    assert [node["sku"] for node in told["variants"]["nodes"]] == ["S-S", "S-M"]
    assert told["options"] == [{"name": "Size", "values": ["S", "M"]}]
    assert told["metafields"]["nodes"] == [{"key": "note", "value": "x"}]
    draft = shop.data(DUPLICATE, {"i": first["id"], "t": "Other", "n": "DRAFT"})["productDuplicate"]["newProduct"]
    assert (draft["status"], draft["handle"]) == ("DRAFT", "other")
    shop.data(DELETE, {"i": first["id"]})
    assert shop.data("{ productsCount { count } }")["productsCount"]["count"] == 2


def test_what_is_asked_for_later_is_done_later(box: ShopifySandbox, shop: Shop) -> None:
    """A copy and a deletion asked for asynchronously are there once their operations are complete, one at a time."""
    product = shop.create(title="Cup")["id"]
    told = shop.data(DUPLICATE, {"i": product, "t": "Mug", "s": False})["productDuplicate"]
    assert told["newProduct"] is None
    copy = told["productDuplicateOperation"]
    assert copy["status"] == "CREATED"
    busy = shop.data(DELETE, {"i": product, "s": False})["productDelete"]
    assert busy["userErrors"][0]["field"] is None
    box.clock.advance(5)
    done = shop.data(OPERATION, {"i": copy["id"]})["productOperation"]
    assert (done["status"], done["newProduct"], done["product"]) == ("COMPLETE", {"title": "Mug"}, {"id": product})
    told = shop.data(DELETE, {"i": product, "s": False})["productDelete"]
    assert told["deletedProductId"] is None
    box.clock.advance(5)
    done = shop.data(OPERATION, {"i": told["productDeleteOperation"]["id"]})["productOperation"]
    assert (done["deletedProductId"], done["product"]) == (product, None)


@pytest.fixture
def shirt(shop: Shop) -> dict[str, Any]:
    """A product with two options of two values each, and all four variants."""
    names = [{"Colour": colour, "Size": size} for colour in ("Red", "Green") for size in ("S", "M")]
    variants = [
        {"optionValues": [{"optionName": name, "name": value} for name, value in one.items()], "price": "1"}
        for one in names
    ]
    options = [
        {"name": "Colour", "values": [{"name": "Red"}, {"name": "Green"}]},
        {"name": "Size", "values": [{"name": "S"}, {"name": "M"}]},
    ]
    return dict(shop.set({"title": "Shirt", "productOptions": options, "variants": variants})["product"])


def test_variants_follow_the_order_of_options_and_values(shop: Shop, shirt: dict[str, Any]) -> None:
    """The order of options decides the titles, and that of values the order of the variants."""
    order = [{"name": "Size", "values": [{"name": "M"}, {"name": "S"}]}, {"name": "Colour"}]
    told = shop.data(REORDER, {"p": shirt["id"], "o": order})["productOptionsReorder"]["product"]
    assert [option["name"] for option in told["options"]] == ["Size", "Colour"]
    assert [node["title"] for node in told["variants"]["nodes"]] == ["M / Red", "M / Green", "S / Red", "S / Green"]


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ([{"name": "Nothing"}], "OPTION_NAME_DOES_NOT_EXIST"),
        ([{"id": "gid://shopify/ProductOption/1"}], "OPTION_ID_DOES_NOT_EXIST"),
        ([{"name": "Size", "values": [{"name": "XL"}]}], "OPTION_VALUE_DOES_NOT_EXIST"),
        ([{"name": "Size"}, {"name": "Size"}], "DUPLICATED_OPTION_NAME"),
        ([{"name": "Size", "values": [{"name": "S"}, {"name": "S"}]}], "DUPLICATED_OPTION_VALUE"),
        ([{"name": "Size"}, {"id": "gid://shopify/ProductOption/1"}], "MIXING_ID_AND_NAME_KEYS_IS_NOT_ALLOWED"),
    ],
)
def test_an_order_names_what_is_there_once(shop: Shop, shirt: dict[str, Any], order: list[Any], code: str) -> None:
    """Options and values are named once each, by id or by name throughout, and nothing moves when they are not."""
    told = shop.data(REORDER, {"p": shirt["id"], "o": order})["productOptionsReorder"]
    assert [error["code"] for error in told["userErrors"]] == [code]
    assert [option["name"] for option in told["product"]["options"]] == ["Colour", "Size"]


def test_variants_are_put_in_order_without_gaps(shop: Shop, shirt: dict[str, Any]) -> None:
    """Named variants take their positions, the others keep their order around them."""
    nodes = shirt["variants"]["nodes"]
    wanted = [{"id": nodes[3]["id"], "position": 1}, {"id": nodes[0]["id"], "position": 3}]
    told = shop.data(POSITIONS, {"p": shirt["id"], "o": wanted})["productVariantsBulkReorder"]["product"]
    assert [node["title"] for node in told["variants"]["nodes"]] == ["Green / M", "Red / M", "Red / S", "Green / S"]
    assert [node["position"] for node in told["variants"]["nodes"]] == [1, 2, 3, 4]
    for wrong, code in (
        ([{"id": nodes[0]["id"], "position": 0}], "INVALID_POSITION"),
        ([wanted[0], wanted[0]], "DUPLICATED_VARIANT_ID"),
        ([{"id": "gid://shopify/ProductVariant/1", "position": 1}], "MISSING_VARIANT"),
    ):
        refused = shop.data(POSITIONS, {"p": shirt["id"], "o": wrong})["productVariantsBulkReorder"]
        assert [error["code"] for error in refused["userErrors"]] == [code]


def test_tags_go_on_and_off_whatever_their_case(shop: Shop) -> None:
    """A tag is there once whatever its case, and comes off whatever its case; customers have tags too."""
    customer = shop.data(
        """mutation($i: CustomerInput!) { customerCreate(input: $i) { customer { id } userErrors { message } } }""",
        {"i": {"email": "tag@example.com", "tags": ["Red"]}},
    )["customerCreate"]["customer"]["id"]
    change = """mutation($i: ID!, $t: [String!]!) { %s(id: $i, tags: $t) { node { id ... on Product { tags }
      ... on Customer { tags } } userErrors { field message } } }"""
    for owner in (shop.create(tags=["Red"])["id"], customer):
        told = shop.data(change % "tagsAdd", {"i": owner, "t": ["red", "blue, green"]})["tagsAdd"]["node"]
        assert told["tags"] == ["blue", "green", "Red"]
        told = shop.data(change % "tagsRemove", {"i": owner, "t": ["RED"]})["tagsRemove"]["node"]
        assert told["tags"] == ["blue", "green"]
    gone = shop.data(change % "tagsAdd", {"i": "gid://shopify/Customer/1", "t": ["a"]})["tagsAdd"]
    assert gone["userErrors"] == [{"field": ["id"], "message": "Customer does not exist"}]


def test_prices_are_told_in_every_shape(shop: Shop) -> None:
    """Ranges span the variants, and a unit price is the price of the reference quantity."""
    given = sized("S", "M")
    given["variants"][0] |= {"price": "3", "compareAtPrice": "4"}
    given["variants"][1] |= {
        "price": "6",
        "unitPriceMeasurement": {
            "quantityValue": 250,
            "quantityUnit": "ML",
            "referenceValue": 1,
            "referenceUnit": "L",
        },
    }
    product = shop.set(given)["product"]["id"]
    query = """query($i: ID!) { product(id: $i) { priceRangeV2 { minVariantPrice { amount } maxVariantPrice { amount } }
      compareAtPriceRange { maxVariantCompareAtPrice { amount } }
      variants(first: 2) { nodes { unitPrice { amount }
        contextualPricing(context: {country: DE}) { price { amount } } } } } }"""
    told = shop.data(query, {"i": product})["product"]
    assert told["priceRangeV2"] == {"minVariantPrice": {"amount": "3.0"}, "maxVariantPrice": {"amount": "6.0"}}
    assert told["compareAtPriceRange"] == {"maxVariantCompareAtPrice": {"amount": "4.0"}}
    assert [node["unitPrice"] for node in told["variants"]["nodes"]] == [None, {"amount": "24.0"}]
    assert told["variants"]["nodes"][0]["contextualPricing"]["price"] == {"amount": "3.0"}


def test_a_product_joins_and_leaves_collections(shop: Shop) -> None:
    """An input joins and leaves custom collections, and passes over those that do not exist."""
    make = "mutation { collectionCreate(input: {title: \"C\"}) { collection { id } } }"
    number = shop.data(make)["collectionCreate"]["collection"]["id"]
    product = shop.create(collectionsToJoin=[number])["id"]
    query = "query($i: ID!, $c: ID!) { product(id: $i) { inCollection(id: $c) } }"
    assert shop.data(query, {"i": product, "c": number})["product"]["inCollection"] is True
    update = "mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { field message } } }"
    shop.data(update, {"p": {"id": product, "collectionsToLeave": [number]}})
    assert shop.data(query, {"i": product, "c": number})["product"]["inCollection"] is False
    strange = {"id": product, "collectionsToJoin": ["gid://shopify/Collection/1"]}
    told = shop.data(update, {"p": strange})["productUpdate"]
    assert told["userErrors"] == []


def test_a_gift_card_is_not_taxed_and_not_shipped(shop: Shop) -> None:
    """The variant of a gift card is neither taxable nor does it need shipping."""
    query = """mutation { productCreate(product: {title: "Card", giftCard: true}) { product { isGiftCard
      variants(first: 1) { nodes { taxable inventoryItem { requiresShipping } } } } } }"""
    told = shop.data(query)["productCreate"]["product"]
    assert told["variants"]["nodes"] == [{"taxable": False, "inventoryItem": {"requiresShipping": False}}]
