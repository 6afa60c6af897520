"""Metafields: atomic, guarded by a digest, checked by type."""

from __future__ import annotations

from typing import Any

from tests.contract.shopify.client import Shop

SET = """mutation($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) {
  metafields { namespace key type value compareDigest } userErrors { field message code elementIndex } } }"""
DELETE = """mutation($m: [MetafieldIdentifierInput!]!) { metafieldsDelete(metafields: $m) {
  deletedMetafields { key } userErrors { message } } }"""


def entry(owner: str, value: str = "1", **more: Any) -> dict[str, Any]:
    """One entry of metafieldsSet."""
    return {"ownerId": owner, "namespace": "custom", "key": "kk", "type": "number_integer", "value": value} | more


def test_one_bad_entry_stops_all(shop: Shop) -> None:
    """Nothing of a metafieldsSet is written when one of its values is wrong."""
    product = shop.create()
    bad = entry(product["id"], "x", key="other")
    answer = shop.data(SET, {"m": [entry(product["id"]), bad]})["metafieldsSet"]
    assert answer["metafields"] == []
    assert answer["userErrors"] == [
        {
            "field": ["metafields", "1", "value"],
            "message": "Value must be an integer.",
            "code": "INVALID_VALUE",
            "elementIndex": None,
        }
    ]
    read = shop.data(
        "query($i: ID!) { product(id: $i) { metafields(first: 5) { nodes { key } } } }", {"i": product["id"]}
    )
    assert read["product"]["metafields"]["nodes"] == []


def test_the_digest_guards_a_change_and_only_that(shop: Shop) -> None:
    """A stale digest stops a new value, null means it must not exist, an equal value always passes."""
    product = shop.create()
    first = shop.data(SET, {"m": [entry(product["id"], compareDigest=None)]})["metafieldsSet"]["metafields"][0]
    taken = shop.data(SET, {"m": [entry(product["id"], "2", compareDigest=None)]})["metafieldsSet"]
    assert taken["userErrors"][0]["code"] == "STALE_OBJECT"
    same = shop.data(SET, {"m": [entry(product["id"], "1", compareDigest="0" * 64)]})["metafieldsSet"]
    assert same["userErrors"] == []
    good = shop.data(SET, {"m": [entry(product["id"], "2", compareDigest=first["compareDigest"])]})["metafieldsSet"]
    assert good["metafields"][0]["value"] == "2"
    assert good["metafields"][0]["compareDigest"] != first["compareDigest"]


def test_at_most_25_entries(shop: Shop) -> None:
    """A twenty-sixth entry refuses the call."""
    product = shop.create()
    many = [entry(product["id"], key=f"k{place:02d}") for place in range(26)]
    assert shop.data(SET, {"m": many})["metafieldsSet"]["userErrors"][0]["code"] == "LESS_THAN_OR_EQUAL_TO"
    assert shop.data(SET, {"m": many[:25]})["metafieldsSet"]["userErrors"] == []


def test_a_type_is_needed_once_and_unknown_owners_are_refused(shop: Shop) -> None:
    """Without a definition the first write names the type, later ones need not; an owner must exist."""
    product = shop.create()
    untyped = entry(product["id"])
    del untyped["type"]
    assert shop.data(SET, {"m": [untyped]})["metafieldsSet"]["userErrors"][0]["message"] == "Type can't be blank"
    shop.data(SET, {"m": [entry(product["id"])]})
    assert shop.data(SET, {"m": [untyped | {"value": "7"}]})["metafieldsSet"]["metafields"][0]["value"] == "7"
    stranger = shop.data(SET, {"m": [entry("gid://shopify/Product/1")]})["metafieldsSet"]
    assert stranger["userErrors"][0]["message"] == "Owner does not exist."


def test_deleting_what_is_not_there_answers_null(shop: Shop) -> None:
    """metafieldsDelete answers null at the place of a metafield that does not exist."""
    product = shop.create()
    shop.data(SET, {"m": [entry(product["id"])]})
    named = {"ownerId": product["id"], "namespace": "custom"}
    answer = shop.data(DELETE, {"m": [named | {"key": "kk"}, named | {"key": "zz"}]})["metafieldsDelete"]
    assert answer["deletedMetafields"] == [{"key": "kk"}, None]


def test_decimals_gain_their_place(shop: Shop) -> None:
    """A decimal without places is kept with one: what is read is not what was sent."""
    product = shop.create()
    answer = shop.data(SET, {"m": [entry(product["id"], "3", type="number_decimal")]})["metafieldsSet"]
    assert answer["metafields"][0]["value"] == "3.0"
