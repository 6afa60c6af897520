"""Products and variants behave as recorded: defaults, replacing lists, uniqueness, times."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import SET, Shop, sized

READ = """query($id: ID!) { product(id: $id) { updatedAt status title
  options { name values optionValues { name hasVariants } }
  variants(first: 50) { nodes { id title position price compareAtPrice selectedOptions { name value } } } } }"""
BULK_UPDATE = """mutation($id: ID!, $v: [ProductVariantsBulkInput!]!, $partial: Boolean) {
  productVariantsBulkUpdate(productId: $id, variants: $v, allowPartialUpdates: $partial) {
    productVariants { id price sku } userErrors { field message code } } }"""
BULK_CREATE = """mutation($id: ID!, $v: [ProductVariantsBulkInput!]!, $s: ProductVariantsBulkCreateStrategy) {
  productVariantsBulkCreate(productId: $id, variants: $v, strategy: $s) {
    productVariants { id title position } userErrors { field message code } } }"""
DEFINE = """mutation($d: MetafieldDefinitionInput!) {
  metafieldDefinitionCreate(definition: $d) { createdDefinition { id } } }"""
CREATE_ERRORS = """mutation($p: ProductCreateInput!) {
  productCreate(product: $p) { product { id } userErrors { field message } } }"""
DELETE = """mutation($i: ProductDeleteInput!) {
  productDelete(input: $i) { deletedProductId userErrors { field message } } }"""
BULK_DELETE = """mutation($id: ID!, $v: [ID!]!) { productVariantsBulkDelete(productId: $id, variantsIds: $v) {
  product { variants(first: 50) { nodes { title position } } } userErrors { field message code } } }"""


def test_a_product_without_options_has_the_default_variant(shop: Shop) -> None:
    """A plain product has one variant "Default Title" of option "Title"."""
    product = shop.create(title="Chair")
    read = shop.data(READ, {"id": product["id"]})["product"]
    assert [node["title"] for node in read["variants"]["nodes"]] == ["Default Title"]
    assert [(option["name"], option["values"]) for option in read["options"]] == [("Title", ["Default Title"])]
    assert read["variants"]["nodes"][0]["price"] == "0.00"


def test_handles_are_derived_and_unique(shop: Shop) -> None:
    """A taken handle is counted on when derived and refused when asked for."""
    assert shop.create(title="Bl\u00fc Chair 7")["handle"] == "blu-chair-7"
    assert shop.create(title="Bl\u00fc Chair 7")["handle"] == "blu-chair-8"
    assert shop.create(title="%%%")["handle"] == "product"
    assert shop.create(title="%%%")["handle"] == "product-1"
    query = CREATE_ERRORS
    refused = shop.data(query, {"p": {"title": "Other", "handle": " BLU-chair-7 "}})["productCreate"]
    assert refused["product"] is None
    assert refused["userErrors"][0]["field"] == ["input", "handle"]


def test_product_set_replaces_its_lists(shop: Shop) -> None:
    """Variants and metafields that a later productSet leaves out are deleted, other variants keep their ids."""
    field = {"namespace": "custom", "key": "one", "type": "single_line_text_field", "value": "1"}
    first = shop.set(sized("S", "M", "L", metafields=[field]))["product"]
    ids = {node["title"]: node["id"] for node in first["variants"]["nodes"]}
    other = field | {"key": "two"}
    second = shop.set(sized("M", "XL", metafields=[other]), {"id": first["id"]})["product"]
    assert [node["title"] for node in second["variants"]["nodes"]] == ["M", "XL"]
    assert second["variants"]["nodes"][0]["id"] == ids["M"]
    assert second["variants"]["nodes"][1]["id"] not in ids.values()
    assert second["options"] == [{"name": "Size", "values": ["M", "XL"]}]
    assert [node["key"] for node in second["metafields"]["nodes"]] == ["two"]


def test_product_set_leaves_what_it_does_not_name(shop: Shop) -> None:
    """Fields and lists left out of productSet stay as they are."""
    first = shop.set(sized("S", "M", tags=["b", "A"]))["product"]
    second = shop.set({"title": "Renamed"}, {"id": first["id"]})["product"]
    assert second["title"] == "Renamed"
    assert second["tags"] == ["A", "b"]
    assert second["variants"] == first["variants"]


def test_a_custom_id_needs_its_definition_and_finds_its_product(shop: Shop) -> None:
    """A custom id is refused without a definition of type id, creates once and updates after."""
    by = {"customId": {"namespace": "crm", "key": "crm_id", "value": "A-1"}}
    body = shop.run(SET, {"i": {"title": "X"}, "by": by})
    assert body["data"] == {"productSet": None}
    assert body["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    shop.data(
        DEFINE,
        {"d": {"name": "CRM id", "namespace": "crm", "key": "crm_id", "ownerType": "PRODUCT", "type": "id"}},
    )
    first = shop.set({"title": "X"}, by)["product"]
    assert first["metafields"]["nodes"] == [{"namespace": "crm", "key": "crm_id", "value": "A-1"}]
    assert shop.set({"title": "Y"}, by)["product"]["id"] == first["id"]
    found = shop.data(
        "query($i: ProductIdentifierInput!) { productByIdentifier(identifier: $i) { id title } }", {"i": by}
    )
    assert found["productByIdentifier"] == {"id": first["id"], "title": "Y"}


def test_the_value_of_an_id_definition_is_unique(shop: Shop) -> None:
    """A second product cannot take the id another one has."""
    shop.data(
        DEFINE,
        {"d": {"name": "CRM id", "namespace": "crm", "key": "crm_id", "ownerType": "PRODUCT", "type": "id"}},
    )
    field = {"namespace": "crm", "key": "crm_id", "type": "id", "value": "A-1"}
    shop.set({"title": "X", "metafields": [field]})
    refused = shop.set({"title": "Y", "metafields": [field]})
    assert refused["product"] is None
    assert refused["userErrors"][0]["code"] == "CAPABILITY_VIOLATION"
    assert shop.data("{ productsCount { count } }")["productsCount"]["count"] == 1


def test_a_refused_product_set_writes_nothing(box: ShopifySandbox, shop: Shop) -> None:
    """Two variants with the same values are refused and no product is left behind."""
    refused = shop.set(sized("S", "S"))
    assert refused["product"] is None
    assert refused["userErrors"][0]["field"] == ["input", "variants", "1"]
    assert shop.data("{ productsCount { count } productVariantsCount { count } }") == {
        "productsCount": {"count": 0},
        "productVariantsCount": {"count": 0},
    }
    assert box.store.db.value("SELECT COUNT(*) FROM inventory_items") == 0


def test_a_variant_change_moves_the_products_time(box: ShopifySandbox, shop: Shop) -> None:
    """The product counts as updated when a variant or a metafield of it changes."""
    product = shop.create()
    seen = [shop.data(READ, {"id": product["id"]})["product"]["updatedAt"]]
    box.clock.advance(10)
    variant = product["variants"]["nodes"][0]["id"]
    shop.data(BULK_UPDATE, {"id": product["id"], "v": [{"id": variant, "price": "3.5"}]})
    seen.append(shop.data(READ, {"id": product["id"]})["product"]["updatedAt"])
    box.clock.advance(10)
    field = {"ownerId": variant, "namespace": "custom", "key": "kk", "type": "boolean", "value": "true"}
    shop.data(
        "mutation($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) { userErrors { message } } }",
        {"m": [field]},
    )
    seen.append(shop.data(READ, {"id": product["id"]})["product"]["updatedAt"])
    assert seen == ["2026-11-02T12:00:00Z", "2026-11-02T12:00:10Z", "2026-11-02T12:00:20Z"]


def test_bulk_update_is_all_or_nothing_unless_told(shop: Shop) -> None:
    """One bad variant stops the whole bulk update, or only itself when partial updates are allowed."""
    product = shop.set(sized("S", "M"))["product"]
    good, bad = (node["id"] for node in product["variants"]["nodes"])
    given = [{"id": good, "price": "9"}, {"id": bad, "price": "-1"}]
    whole = shop.data(BULK_UPDATE, {"id": product["id"], "v": given})["productVariantsBulkUpdate"]
    assert [node["price"] for node in whole["productVariants"]] == ["5.00", "5.00"]
    assert whole["userErrors"] == [
        {
            "field": ["variants", "1", "price"],
            "message": "Price must be greater than or equal to 0",
            "code": "GREATER_THAN_OR_EQUAL_TO",
        }
    ]
    prices = [node["price"] for node in shop.data(READ, {"id": product["id"]})["product"]["variants"]["nodes"]]
    assert prices == ["5.00", "5.00"]
    part = shop.data(BULK_UPDATE, {"id": product["id"], "v": given, "partial": True})["productVariantsBulkUpdate"]
    assert [node["price"] for node in part["productVariants"]] == ["9.00", "5.00"]
    assert len(part["userErrors"]) == 1


def test_an_empty_batch_changes_nothing(box: ShopifySandbox, shop: Shop) -> None:
    """Bulk mutations without variants answer without errors and leave product and time as they are."""
    product = shop.create()
    before = shop.data(READ, {"id": product["id"]})["product"]
    box.clock.advance(60)
    for query in (BULK_CREATE, BULK_UPDATE, BULK_DELETE):
        answer = shop.data(query, {"id": product["id"], "v": []})
        assert next(iter(answer.values()))["userErrors"] == []
    assert shop.data(READ, {"id": product["id"]})["product"] == before


def test_bulk_create_and_delete_keep_positions_without_gaps(shop: Shop) -> None:
    """New variants are appended, deleted ones close up, and the last one cannot be deleted."""
    product = shop.set(sized("S", "M"))["product"]
    entry = {"optionValues": [{"optionName": "Size", "name": "L"}], "price": "7"}
    made = shop.data(BULK_CREATE, {"id": product["id"], "v": [entry]})["productVariantsBulkCreate"]
    assert [(node["title"], node["position"]) for node in made["productVariants"]] == [("L", 3)]
    again = shop.data(BULK_CREATE, {"id": product["id"], "v": [entry]})["productVariantsBulkCreate"]
    assert again["userErrors"][0]["code"] == "VARIANT_ALREADY_EXISTS"
    first = product["variants"]["nodes"][0]["id"]
    left = shop.data(BULK_DELETE, {"id": product["id"], "v": [first]})["productVariantsBulkDelete"]
    nodes = left["product"]["variants"]["nodes"]
    assert [(node["title"], node["position"]) for node in nodes] == [("M", 1), ("L", 2)]
    rest = shop.data(READ, {"id": product["id"]})["product"]["variants"]["nodes"]
    refused = shop.data(BULK_DELETE, {"id": product["id"], "v": [node["id"] for node in rest]})
    assert refused["productVariantsBulkDelete"]["userErrors"][0]["code"] == "CANNOT_DELETE_LAST_VARIANT"


def test_deleting_a_product_takes_everything_with_it(box: ShopifySandbox, shop: Shop) -> None:
    """After productDelete neither product nor variant, item, metafield or search entry is left."""
    field = {"namespace": "custom", "key": "one", "type": "single_line_text_field", "value": "1"}
    product = shop.set(sized("S", "M", metafields=[field]))["product"]
    query = DELETE
    assert shop.data(query, {"i": {"id": product["id"]}})["productDelete"]["deletedProductId"] == product["id"]
    again = shop.data(query, {"i": {"id": product["id"]}})["productDelete"]
    assert again["userErrors"] == [{"field": ["id"], "message": "Product does not exist"}]
    for table in ("variants", "inventory_items", "inventory_levels", "metafields", "options", "option_values"):
        assert box.store.db.value(f"SELECT COUNT(*) FROM {table}") == 0, table  # noqa: S608 - a fixed list
    # A location of the shop stays in the index, nothing of the product does.
    assert box.store.db.value("SELECT COUNT(*) FROM index_terms WHERE kind <> 'Location'") == 0


def test_skus_may_repeat_and_titles_may_not_be_too_long(shop: Shop) -> None:
    """Two variants may share a SKU; a title of 256 characters is refused."""
    shop.set(sized("S"))
    shop.set(sized("S"))
    found = shop.data('{ productVariants(first: 5, query: "sku:S-S") { nodes { sku } } }')
    assert len(found["productVariants"]["nodes"]) == 2
    refused = shop.set({"title": "x" * 256})
    assert refused["userErrors"][0]["message"] == "is too long (maximum is 255 characters)"


@pytest.mark.parametrize("file", [True, False])
def test_a_store_keeps_its_state(tmp_path: object, file: bool) -> None:
    """Records, ids and tokens outlive a restart of a store in a file, and stand in an image of one in memory."""
    from sandbox.shopify.config import ShopifyConfig
    from sandbox.shopify.server import create

    config = ShopifyConfig(db=f"{tmp_path}/shop.db" if file else ":memory:")
    with create(config) as one:
        first = Shop(one).create(title="Kept")
        image = b"" if file else one.store.db.image()
    with create(replace(config, image=image)) as two:
        shop = Shop(two)
        assert (
            shop.data("query($i: ID!) { product(id: $i) { title } }", {"i": first["id"]})["product"]["title"] == "Kept"
        )
        assert shop.create(title="Next")["id"] > first["id"]
