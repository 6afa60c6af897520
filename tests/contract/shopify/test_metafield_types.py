"""Metafield values: which a type takes, how they are kept, what they refer to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.shopify.client import Shop

SET = """mutation($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) {
  metafields { value jsonValue type compareDigest } userErrors { field message code elementIndex } } }"""


def put(shop: Shop, owner: str, type_name: str, value: str, **more: Any) -> dict[str, Any]:
    """The payload of one metafieldsSet."""
    entry = {"ownerId": owner, "namespace": "specs", "key": "one", "type": type_name, "value": value} | more
    return dict(shop.data(SET, {"m": [entry]})["metafieldsSet"])


@pytest.mark.parametrize(
    ("type_name", "value", "message"),
    [
        ("number_integer", "1.5", "Value must be an integer."),
        ("boolean", "ja", "Value must be true or false."),
        ("color", "grey", "Value must be a hex color code."),
        ("date", "2026-02-30", "Value must be in YYYY-MM-DD format."),
        ("weight", '{"value":1,"unit":"stone"}', "Value must be a supported unit."),
        ("weight", '{"value":-1,"unit":"kg"}', "Value must be a non-negative number."),
        ("weight", '{"value":1}', "Value must contain unit and value."),
        ("rating", '{"value":"9","scale_min":"1","scale_max":"7.5"}', "Value has a maximum of 7.5."),
        ("link", '{"label":"no text","url":"https://a.example"}', "Value must be a valid link."),
        ("json", "{bad", "Value is invalid JSON: expected object key, got 'bad' at line 1 column 2."),
        ("json", "word", "Value is invalid JSON: unexpected token 'word' at line 1 column 1."),
        ("product_reference", "gid://shopify/Metaobject/1", "Value must be a valid product reference."),
        ("file_reference", "gid://shopify/Product/1", "Value must be a file reference string."),
        ("number_decimal", "10000000000000.5", "Value can't exceed 9999999999999."),
    ],
)
def test_a_value_that_does_not_fit_its_type_is_refused(shop: Shop, type_name: str, value: str, message: str) -> None:
    """Each type says what is wrong with a value, at the value."""
    answer = put(shop, shop.create()["id"], type_name, value)
    assert answer["metafields"] == []
    error = {"field": ["metafields", "0", "value"], "message": message, "code": "INVALID_VALUE", "elementIndex": None}
    assert answer["userErrors"] == [error]


def test_a_list_names_the_element_that_does_not_fit(shop: Shop) -> None:
    """An error in a list carries the index of the element."""
    error = put(shop, shop.create()["id"], "list.number_integer", "[1,2,true]")["userErrors"][0]
    assert (error["message"], error["elementIndex"]) == ("Value must be an integer.", 2)


def test_measurements_are_kept_with_the_long_name_of_their_unit(shop: Shop) -> None:
    """What is read is not what was sent: the unit is spelled out and the number has a decimal place."""
    kept = put(shop, shop.create()["id"], "dimension", '{"value": 12, "unit": "cm"}')["metafields"][0]
    assert kept["value"] == '{"value":12.0,"unit":"CENTIMETERS"}'
    assert kept["jsonValue"] == {"value": 12.0, "unit": "CENTIMETERS"}


def test_equal_values_have_equal_digests(shop: Shop) -> None:
    """The digest depends on type and value alone."""
    one, two = shop.create()["id"], shop.create(title="Other")["id"]
    first = put(shop, one, "single_line_text_field", "same", key="aa")["metafields"][0]["compareDigest"]
    assert put(shop, two, "single_line_text_field", "same", key="bb")["metafields"][0]["compareDigest"] == first
    assert put(shop, two, "multi_line_text_field", "same", key="cc")["metafields"][0]["compareDigest"] != first


def test_loose_metafields_may_have_any_letters_in_their_names(shop: Shop) -> None:
    """Only definitions restrict letters; lengths and reserved namespaces are checked for all."""
    product = shop.create()["id"]
    assert put(shop, product, "single_line_text_field", "v", key="a$b", namespace="x.y")["userErrors"] == []
    short = put(shop, product, "single_line_text_field", "v", key="a", namespace="ab")["userErrors"]
    assert [error["code"] for error in short] == ["TOO_SHORT", "TOO_SHORT"]
    foreign = put(shop, product, "single_line_text_field", "v", namespace="app--1--other")["userErrors"][0]
    assert (foreign["code"], foreign["field"]) == ("APP_NOT_AUTHORIZED", ["metafields", "0"])


def test_references_lead_to_their_records(shop: Shop) -> None:
    """A reference must lead somewhere, and is followed by `reference` and `references`."""
    one, two = shop.create(title="One")["id"], shop.create(title="Two")["id"]
    put(shop, one, "product_reference", two, key="other")
    put(shop, one, "list.product_reference", f'["{two}","{one}"]', key="others")
    read = shop.data(
        """query($i: ID!) { product(id: $i) {
          a: metafield(namespace: "specs", key: "other") { reference { ... on Product { title } } references(first: 3) {
            nodes { __typename } } }
          b: metafield(namespace: "specs", key: "others") { references(first: 1) {
            nodes { ... on Product { title } } pageInfo { hasNextPage } } } } }""",
        {"i": one},
    )["product"]
    assert read["a"] == {"reference": {"title": "Two"}, "references": None}
    assert read["b"]["references"] == {"nodes": [{"title": "Two"}], "pageInfo": {"hasNextPage": True}}
    lost = put(shop, one, "product_reference", "gid://shopify/Product/77")["userErrors"][0]["message"]
    assert lost == "Value references non-existent resource gid://shopify/Product/77."
