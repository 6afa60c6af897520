"""Metafield definitions: what they allow, how they are pinned, what deleting them takes."""

from __future__ import annotations

from typing import Any

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop

CREATE = """mutation($d: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $d) {
  createdDefinition { id key pinnedPosition validationStatus access { admin } constraints { key } }
  userErrors { field message code } } }"""
UPDATE = """mutation($d: MetafieldDefinitionUpdateInput!) { metafieldDefinitionUpdate(definition: $d) {
  updatedDefinition { name pinnedPosition validationStatus } validationJob { id done }
  userErrors { field message code } } }"""
DELETE = """mutation($i: ID!, $all: Boolean!) { metafieldDefinitionDelete(
  id: $i, deleteAllAssociatedMetafields: $all) { deletedDefinitionId userErrors { message code } } }"""
PIN = """mutation($i: ID!) { metafieldDefinitionPin(definitionId: $i) {
  pinnedDefinition { pinnedPosition } userErrors { field message code } } }"""
UNPIN = """mutation($i: ID!) { metafieldDefinitionUnpin(definitionId: $i) {
  unpinnedDefinition { pinnedPosition } userErrors { field message code } } }"""
SET = """mutation($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) {
  metafields { type } userErrors { message code } } }"""


def define(shop: Shop, key: str, **more: Any) -> dict[str, Any]:
    """The payload of one metafieldDefinitionCreate for products."""
    given = {"name": key, "namespace": "specs", "key": key, "ownerType": "PRODUCT", "type": "single_line_text_field"}
    return dict(shop.data(CREATE, {"d": given | more})["metafieldDefinitionCreate"])


def made(shop: Shop, key: str, **more: Any) -> dict[str, Any]:
    """A definition that must come about."""
    answer = define(shop, key, **more)
    assert answer["userErrors"] == []
    return dict(answer["createdDefinition"])


def test_pins_close_up_and_are_listed_last_first(shop: Shop) -> None:
    """A new pin goes on top, taking one away moves those above it down, and the list shows the top first."""
    ids = [made(shop, key, pin=True)["id"] for key in ("aa", "bb", "cc")]
    assert shop.data(PIN, {"i": ids[0]})["metafieldDefinitionPin"]["userErrors"][0]["code"] == "ALREADY_PINNED"
    shop.data(UNPIN, {"i": ids[0]})
    twice = shop.data(UNPIN, {"i": ids[0]})["metafieldDefinitionUnpin"]["userErrors"][0]
    assert twice == {"field": None, "message": f"Definition {ids[0][-12:]} isn't pinned.", "code": "NOT_PINNED"}
    listed = shop.data("""{ metafieldDefinitions(ownerType: PRODUCT, first: 9, sortKey: PINNED_POSITION) {
      nodes { key pinnedPosition } } }""")["metafieldDefinitions"]["nodes"]
    assert [(one["key"], one["pinnedPosition"]) for one in listed] == [("cc", 2), ("bb", 1), ("aa", None)]


def test_a_constrained_definition_is_not_pinned(shop: Shop) -> None:
    """Constraints show their key, and forbid a pin at once and later."""
    constraints = {"key": "category", "values": ["gid://shopify/TaxonomyCategory/ap-2"]}
    refused = define(shop, "aa", constraints=constraints, pin=True)["userErrors"][0]
    assert (refused["code"], refused["field"]) == ("UNSUPPORTED_PINNING", ["definition"])
    row = made(shop, "aa", constraints=constraints)
    assert row["constraints"] == {"key": "category"}
    assert shop.data(PIN, {"i": row["id"]})["metafieldDefinitionPin"]["userErrors"][0]["code"] == "UNSUPPORTED_PINNING"


def test_fifty_pins_at_most(shop: Shop) -> None:
    """The fifty-first pin is refused and its definition not made."""
    for place in range(50):
        made(shop, f"k{place:02}", pin=True)
    answer = define(shop, "more", pin=True)
    assert answer["createdDefinition"] is None
    assert answer["userErrors"][0]["message"] == "Limit of 50 pinned definitions."


def test_validations_are_checked_by_type(shop: Shop) -> None:
    """A rule the type does not know, one that is missing and a pair out of order are refused with the rule named."""
    assert "isn't supported for boolean" in define(shop, "aa", type="boolean", validations=[rule("min", "1")])[
        "userErrors"
    ][0]["message"]
    missing = [error["message"] for error in define(shop, "bb", type="rating")["userErrors"]]
    assert missing == [f"Validations requires 'scale_{end}' to be provided." for end in ("max", "min")]
    turned = define(shop, "cc", validations=[rule("min", "5"), rule("max", "3")])["userErrors"][0]["message"]
    assert turned == "Validations contains an invalid value: 'min' must be less than 'max'."


def rule(name: str, value: str) -> dict[str, str]:
    """One validation."""
    return {"name": name, "value": value}


def test_dates_are_held_to_their_bounds(shop: Shop) -> None:
    """A bound on a moment is told with date, time and zone."""
    made(shop, "till", type="date_time", validations=[rule("max", "2026-12-31T23:59:59")])
    entry = {"ownerId": shop.create()["id"], "namespace": "specs", "key": "till", "value": "2027-01-01T00:00:00"}
    error = shop.data(SET, {"m": [entry]})["metafieldsSet"]["userErrors"][0]
    assert error["message"] == "Value has a maximum of 2026-12-31 23:59:59 +0000."


def test_a_new_definition_takes_in_what_fits_it(shop: Shop) -> None:
    """Standing metafields that fit take the definition's type; one that does not is counted against it."""
    for title, value in (("One", "12"), ("Two", "twelve")):
        entry = {"ownerId": shop.create(title=title)["id"], "namespace": "specs", "key": "size", "value": value}
        shop.data(SET, {"m": [entry | {"type": "single_line_text_field"}]})
    assert made(shop, "size", type="number_integer")["validationStatus"] == "SOME_INVALID"
    read = shop.data("""{ metafieldDefinition(identifier: {ownerType: PRODUCT, namespace: "specs", key: "size"}) {
      metafieldsCount metafields(first: 5) { nodes { type } } } }""")["metafieldDefinition"]
    assert read["metafieldsCount"] == 2
    assert [one["type"] for one in read["metafields"]["nodes"]] == ["number_integer", "single_line_text_field"]


def test_new_rules_are_weighed_by_a_job(box: ShopifySandbox, shop: Shop) -> None:
    """New validations do not touch standing values; when the job is done the definition says that one does not fit."""
    made(shop, "word")
    entry = {"ownerId": shop.create()["id"], "namespace": "specs", "key": "word", "value": "far too long"}
    shop.data(SET, {"m": [entry]})
    change = {"namespace": "specs", "key": "word", "ownerType": "PRODUCT", "validations": [rule("max", "5")]}
    answer = shop.data(UPDATE, {"d": change})["metafieldDefinitionUpdate"]
    assert answer["updatedDefinition"]["validationStatus"] == "ALL_VALID"
    assert answer["validationJob"]["done"] is False
    box.clock.advance(2)
    read = shop.data(
        """query($j: ID!) { job(id: $j) { done query { __typename } } metafieldDefinition(
          identifier: {ownerType: PRODUCT, namespace: "specs", key: "word"}) { validationStatus } }""",
        {"j": answer["validationJob"]["id"]},
    )
    assert read["job"] == {"done": True, "query": {"__typename": "QueryRoot"}}
    assert read["metafieldDefinition"] == {"validationStatus": "SOME_INVALID"}


def test_admin_access_is_for_an_apps_own_namespace(shop: Shop) -> None:
    """Outside it the choice is refused; inside it is kept; the platform's own namespaces deny access as a whole."""
    access = {"admin": "MERCHANT_READ_WRITE"}
    assert define(shop, "aa", access=access)["userErrors"][0]["code"] == "INVALID"
    assert made(shop, "aa", access=access, namespace="$app")["access"]["admin"] == "MERCHANT_READ_WRITE"
    given = {"name": "x", "namespace": "shopify", "key": "xx", "ownerType": "PRODUCT", "type": "boolean"}
    answer = shop.run(CREATE, {"d": given})
    assert answer["data"] == {"metafieldDefinitionCreate": None}
    assert answer["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


def test_what_rests_on_a_definition_goes_with_it(shop: Shop) -> None:
    """Ids and references are only deleted with their values."""
    for key, type_name, code in (
        ("aa", "id", "ID_TYPE_DELETION_ERROR"),
        ("bb", "list.product_reference", "REFERENCE_TYPE_DELETION_ERROR"),
    ):
        row = made(shop, key, type=type_name)
        kept = shop.data(DELETE, {"i": row["id"], "all": False})["metafieldDefinitionDelete"]
        assert kept["userErrors"][0]["code"] == code
        gone = shop.data(DELETE, {"i": row["id"], "all": True})["metafieldDefinitionDelete"]
        assert gone == {"deletedDefinitionId": row["id"], "userErrors": []}


def test_a_standard_definition_is_enabled_once_and_not_renamed(shop: Shop) -> None:
    """Enabling again gives the same definition; its name is not the shop's to change."""
    enable = """mutation($i: ID!, $pin: Boolean!) { standardMetafieldDefinitionEnable(
      ownerType: PRODUCT, id: $i, pin: $pin) { createdDefinition { id namespace key pinnedPosition }
      userErrors { field message code } } }"""
    template = "gid://shopify/StandardMetafieldDefinitionTemplate/1"
    first = shop.data(enable, {"i": template, "pin": False})["standardMetafieldDefinitionEnable"]["createdDefinition"]
    again = shop.data(enable, {"i": template, "pin": True})["standardMetafieldDefinitionEnable"]["createdDefinition"]
    assert again == first | {"pinnedPosition": 1}
    change = {"namespace": "descriptors", "key": "subtitle", "ownerType": "PRODUCT", "name": "Mine"}
    error = shop.data(UPDATE, {"d": change})["metafieldDefinitionUpdate"]["userErrors"][0]
    assert error["message"] == "Name cannot be changed in a standard definition."


def test_definitions_are_searched_by_their_parts(shop: Shop) -> None:
    """`query:` takes key, type and words of the name; an unknown field matches all and warns."""
    made(shop, "aa", name="Net weight", type="weight")
    made(shop, "bb", name="Net size")
    find = "query($q: String) { metafieldDefinitions(ownerType: PRODUCT, first: 9, query: $q) { nodes { key } } }"

    def keys(text: str) -> list[str]:
        return [one["key"] for one in shop.data(find, {"q": text})["metafieldDefinitions"]["nodes"]]

    assert keys("type:weight") == ["aa"]
    assert keys("key:bb OR type:weight") == ["aa", "bb"]
    assert keys("size") == ["bb"]
    body = shop.run(find, {"q": "colour:red"})
    assert len(body["data"]["metafieldDefinitions"]["nodes"]) == 2
    assert body["extensions"]["search"][0]["warnings"][0]["code"] == "invalid_field"
