"""Merging customers as documented and recorded: who is kept, what moves, what stands against it."""

from __future__ import annotations

from typing import Any

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop
from tests.contract.shopify.test_customers import made

MERGE = """mutation($a: ID!, $b: ID!, $o: CustomerMergeOverrideFields) {
  customerMerge(customerOneId: $a, customerTwoId: $b, overrideFields: $o) {
    resultingCustomerId job { id done } userErrors { field message code } } }"""
PREVIEW = """query($a: ID!, $b: ID!, $o: CustomerMergeOverrideFields) {
  customerMergePreview(customerOneId: $a, customerTwoId: $b, overrideFields: $o) {
    resultingCustomerId defaultFields { firstName lastName displayName email { emailAddress }
      phoneNumber { phoneNumber } note tags }
    alternateFields { lastName phoneNumber { phoneNumber } } blockingFields { tags }
    customerMergeErrors { errorFields } } }"""
STATUS = "query($id: ID!) { customerMergeJobStatus(jobId: $id) { status resultingCustomerId } job(id: $id) { done } }"
READ = """query($id: ID!) { customer(id: $id) { email phone note tags addressesV2(first: 5) { nodes { city } }
  defaultAddress { city } metafields(first: 5) { nodes { key value } } mergeable { isMergeable errorFields } } }"""


def field(key: str, value: str) -> dict[str, str]:
    """A metafield of an input."""
    return {"namespace": "custom", "key": key, "type": "single_line_text_field", "value": value}


def merge(shop: Shop, one: dict[str, Any], two: dict[str, Any], override: Any = None) -> dict[str, Any]:
    """The payload of a merge."""
    return dict(shop.data(MERGE, {"a": one["id"], "b": two["id"], "o": override})["customerMerge"])


def test_the_second_is_kept_unless_the_first_is_preferred(shop: Shop) -> None:
    """The only e-mail, an override or a better consent keeps the first; otherwise the second stays."""
    consent = {"marketingState": "SUBSCRIBED", "marketingOptInLevel": "SINGLE_OPT_IN"}
    pairs = [
        (made(shop, email="a@a.de"), made(shop, email="a@b.de"), None, 1),
        (made(shop, email="b@a.de"), made(shop, firstName="B"), None, 0),
        (made(shop, firstName="C"), made(shop, firstName="C"), None, 1),
        (made(shop, email="d@a.de", emailMarketingConsent=consent), made(shop, email="d@b.de"), None, 0),
    ]
    override = made(shop, email="e@a.de")
    pairs.append((override, made(shop, email="e@b.de"), {"customerIdOfEmailToKeep": override["id"]}, 0))
    for one, two, wanted, kept in pairs:
        assert merge(shop, one, two, wanted)["resultingCustomerId"] == (one, two)[kept]["id"]


def test_a_merge_moves_addresses_and_metafields(shop: Shop, box: ShopifySandbox) -> None:
    """The one that stays keeps its own values and default address, takes what it lacks; the other is gone at once."""
    one = made(
        shop, phone="+4930901820", note="first", tags=["x"], addresses=[{"city": "Bonn"}],
        metafields=[field("own", "1"), field("both", "1")],
    )  # fmt: skip
    two = made(
        shop, email="a@b.de", note="second", tags=["y", "X"], addresses=[{"city": "Kiel"}],
        metafields=[field("both", "2")],
    )  # fmt: skip
    answer = merge(shop, one, two)
    assert answer["job"]["done"] is False
    row = shop.data(READ, {"id": two["id"]})["customer"]
    assert (row["email"], row["phone"], row["note"], row["tags"]) == (
        "a@b.de", "+4930901820", "second first", ["X", "y"],
    )  # fmt: skip
    assert [node["city"] for node in row["addressesV2"]["nodes"]] == ["Bonn", "Kiel"]
    assert row["defaultAddress"]["city"] == "Kiel"
    assert [(node["key"], node["value"]) for node in row["metafields"]["nodes"]] == [("both", "2"), ("own", "1")]
    assert shop.data(READ, {"id": one["id"]})["customer"] is None
    job = answer["job"]["id"]
    assert shop.data(STATUS, {"id": job})["customerMergeJobStatus"]["status"] == "IN_PROGRESS"
    box.clock.advance(2)
    found = shop.data(STATUS, {"id": job})
    assert found["customerMergeJobStatus"] == {"status": "COMPLETED", "resultingCustomerId": two["id"]}
    assert found["job"] == {"done": True}


def test_overrides_choose_field_by_field(shop: Shop) -> None:
    """A preview shows what overrides choose and what is left; note and tags of an override only count in the merge."""
    one = made(shop, email="a@a.de", firstName="Ada", lastName="Ek", phone="+4930901820", tags=["x"], note="n")
    two = made(shop, email="a@b.de", firstName="Bea", lastName="Oz", phone="+4930901821", tags=["y"])
    override = {
        "customerIdOfFirstNameToKeep": one["id"],
        "customerIdOfPhoneNumberToKeep": one["id"],
        "note": "new",
        "tags": ["z"],
    }
    shown = shop.data(PREVIEW, {"a": one["id"], "b": two["id"], "o": override})["customerMergePreview"]
    default = shown["defaultFields"]
    assert (default["displayName"], default["phoneNumber"]["phoneNumber"]) == ("Ada Oz", "+4930901820")
    assert (default["note"], default["tags"]) == ("n", ["y", "x"])
    assert shown["alternateFields"] == {"lastName": "Ek", "phoneNumber": {"phoneNumber": "+4930901821"}}
    merge(shop, one, two, override)
    row = shop.data(READ, {"id": two["id"]})["customer"]
    assert (row["phone"], row["note"], row["tags"]) == ("+4930901820", "new", ["z"])


def test_what_stands_against_a_merge(shop: Shop) -> None:
    """Unknown customers, the same twice, and too many tags between the two are refused; nothing is changed."""
    one, two = (
        made(shop, firstName=name, tags=[",".join(f"{name}{number}" for number in range(200))]) for name in "ab"
    )
    refused = merge(shop, one, two)
    assert [(error["field"], error["code"]) for error in refused["userErrors"]] == [
        (["customerOneId"], "INVALID_CUSTOMER"),
        (["customerTwoId"], "INVALID_CUSTOMER"),
    ]
    shown = shop.data(PREVIEW, {"a": one["id"], "b": two["id"]})["customerMergePreview"]
    assert len(shown["blockingFields"]["tags"]) == 400
    assert merge(shop, one, one)["userErrors"][0] == {
        "field": None,
        "message": "Customers IDs should not match",
        "code": "INVALID_CUSTOMER_ID",
    }
    missing = merge(shop, one, {"id": "gid://shopify/Customer/7"})
    assert missing["userErrors"][0]["message"] == "Customer does not exist with ID 7"
    body = shop.run(PREVIEW, {"a": one["id"], "b": one["id"]})
    assert (body["data"], body["errors"][0]["extensions"]["code"]) == (None, "BAD_REQUEST")
    assert shop.data(READ, {"id": one["id"]})["customer"]["mergeable"] == {"isMergeable": True, "errorFields": []}
