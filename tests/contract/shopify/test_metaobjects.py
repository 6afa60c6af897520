"""Metaobjects: their definitions, their entries, and the records that refer to them."""

from __future__ import annotations

from typing import Any

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop

DEFINE = """mutation($d: MetaobjectDefinitionCreateInput!) { metaobjectDefinitionCreate(definition: $d) {
  metaobjectDefinition { id type name displayNameKey fieldDefinitions { key name required type { category } } }
  userErrors { field message code elementKey } } }"""
CHANGE = """mutation($i: ID!, $d: MetaobjectDefinitionUpdateInput!) {
  metaobjectDefinitionUpdate(id: $i, definition: $d) {
  metaobjectDefinition { displayNameKey fieldDefinitions { key } } userErrors { field message code elementKey } } }"""
CREATE = """mutation($m: MetaobjectCreateInput!) { metaobjectCreate(metaobject: $m) { metaobject {
  id handle displayName capabilities { publishable { status } } fields { key value jsonValue } }
  userErrors { field message code elementKey elementIndex } } }"""
UPDATE = """mutation($i: ID!, $m: MetaobjectUpdateInput!) { metaobjectUpdate(id: $i, metaobject: $m) {
  metaobject { handle displayName fields { key value } } userErrors { field message code } } }"""
UPSERT = """mutation($h: MetaobjectHandleInput!, $m: MetaobjectUpsertInput!) {
  metaobjectUpsert(handle: $h, metaobject: $m) {
  metaobject { id handle displayName } userErrors { field message code } } }"""
LIST = """query($q: String, $s: String) { metaobjects(type: "size", first: 9, query: $q, sortKey: $s) {
  nodes { handle } } }"""


def field(key: str, type_name: str = "single_line_text_field", **more: Any) -> dict[str, Any]:
    """One field definition."""
    return {"key": key, "name": key.title(), "type": type_name} | more


def define(shop: Shop, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The payload of one metaobjectDefinitionCreate."""
    given = {"type": "size", "name": "Size", "fieldDefinitions": list(fields)} | more
    return dict(shop.data(DEFINE, {"d": given})["metaobjectDefinitionCreate"])


def make(shop: Shop, handle: str | None = None, **values: str) -> dict[str, Any]:
    """The payload of one metaobjectCreate."""
    given: dict[str, Any] = {"type": "size", "fields": [{"key": key, "value": value} for key, value in values.items()]}
    return dict(shop.data(CREATE, {"m": given | ({"handle": handle} if handle else {})})["metaobjectCreate"])


def handles(shop: Shop, **how: Any) -> list[str]:
    """The handles of the entries that a list gives."""
    return [one["handle"] for one in shop.data(LIST, how)["metaobjects"]["nodes"]]


def test_every_error_of_a_definition_is_told_at_its_field(shop: Shop) -> None:
    """Keys, types and rules are refused at the field they stand in, all at once."""
    answer = define(shop, field("id"), field("ok"), field("ok"), field("a.b"), field("zz", "list.boolean"))
    assert answer["metaobjectDefinition"] is None
    found = [(error["field"][-1], error["code"], error["elementKey"]) for error in answer["userErrors"]]
    assert found == [
        ("0", "RESERVED_NAME", "id"),
        ("3", "INVALID", "a.b"),
        ("4", "INCLUSION", "zz"),
        ("2", "DUPLICATE_FIELD_INPUT", "ok"),
    ]


def test_types_of_others_are_reserved(shop: Shop) -> None:
    """The platform's prefix is refused; a type is taken once; `$app:` is the app's own."""
    assert define(shop, field("aa"), type="shopify--thing")["userErrors"][0]["code"] == "NOT_AUTHORIZED"
    assert define(shop, field("aa"))["userErrors"] == []
    assert define(shop, field("aa"))["userErrors"][0]["message"] == "Type has already been taken"
    own = define(shop, field("aa"), type="$app:size")["metaobjectDefinition"]["type"]
    assert own.startswith("app--")
    assert own.endswith("--size")


def test_field_operations_are_applied_in_order(shop: Shop) -> None:
    """Fields are added, changed and deleted by key; with a reset the named ones come first."""
    number = define(shop, field("aa"), field("bb"), displayNameKey="aa")["metaobjectDefinition"]["id"]
    change = {"fieldDefinitions": [{"create": field("cc")}, {"update": {"key": "bb", "required": True}}]}
    answer = shop.data(CHANGE, {"i": number, "d": change | {"resetFieldOrder": True}})["metaobjectDefinitionUpdate"]
    assert [one["key"] for one in answer["metaobjectDefinition"]["fieldDefinitions"]] == ["cc", "bb", "aa"]
    wrong = {"fieldDefinitions": [{"create": field("aa")}, {"delete": {"key": "zz"}}]}
    errors = shop.data(CHANGE, {"i": number, "d": wrong})["metaobjectDefinitionUpdate"]["userErrors"]
    assert [(error["field"][2:], error["code"]) for error in errors] == [
        (["0", "create", "key"], "OBJECT_FIELD_TAKEN"),
        (["1", "delete", "key"], "UNDEFINED_OBJECT_FIELD"),
    ]


def test_a_required_field_must_be_there_and_filled(shop: Shop) -> None:
    """Left out it is told at the entry, blank at the field; another key is unknown."""
    define(shop, field("label", required=True), field("note"))
    left_out = make(shop, note="x")["userErrors"][0]
    assert left_out == error(["metaobject"], "Label can't be blank", "OBJECT_FIELD_REQUIRED", "label")
    blank = make(shop, note="x", label=" ")["userErrors"][0]
    assert blank == error(["metaobject", "fields", "1"], "Label can't be blank", "OBJECT_FIELD_REQUIRED", "label")
    unknown = make(shop, label="x", colour="red")["userErrors"][0]
    assert unknown["message"] == 'Field definition "colour" does not exist'


def error(path: list[str], message: str, code: str, key: str) -> dict[str, Any]:
    """One user error."""
    return {"field": path, "message": message, "code": code, "elementKey": key, "elementIndex": None}


def test_handles_come_from_names_and_stay_apart(shop: Shop) -> None:
    """Without a handle the display name makes one, with a number where it is taken; a bad or taken one is refused."""
    define(shop, field("label"), displayNameKey="label")
    assert make(shop, label="Très Grand")["metaobject"]["handle"] == "tres-grand"
    assert make(shop, label="Très grand")["metaobject"]["handle"] == "tres-grand-1"
    assert make(shop, "no way", label="x")["userErrors"][0]["message"] == "Handle is invalid"
    assert make(shop, "tres-grand", label="x")["userErrors"][0]["code"] == "TAKEN"
    assert make(shop, "deep-blue_2")["metaobject"]["displayName"] == "Deep Blue 2"


def test_a_boolean_is_read_leniently_once(shop: Shop) -> None:
    """A new entry takes any word for true, a change of it does not."""
    define(shop, field("flag", "boolean"))
    entry = make(shop, "one", flag="sure")["metaobject"]
    assert entry["fields"] == [{"key": "flag", "value": "true", "jsonValue": True}]
    change = {"fields": [{"key": "flag", "value": "sure"}]}
    answer = shop.data(UPDATE, {"i": entry["id"], "m": change})["metaobjectUpdate"]
    assert answer["userErrors"][0]["message"] == "Value must be true or false."


def test_an_upsert_makes_or_changes(shop: Shop) -> None:
    """The same handle changes the entry; other fields stay."""
    define(shop, field("label"), field("note"), displayNameKey="label")
    by = {"type": "size", "handle": "big"}
    fields = [{"key": "label", "value": "Big"}, {"key": "note", "value": "n"}]
    made = shop.data(UPSERT, {"h": by, "m": {"fields": fields}})["metaobjectUpsert"]["metaobject"]
    changed = shop.data(UPSERT, {"h": by, "m": {"fields": [{"key": "label", "value": "Bigger"}]}})["metaobjectUpsert"]
    assert changed["metaobject"] == made | {"displayName": "Bigger"}
    read = shop.data('{ metaobjectByHandle(handle: {type: "size", handle: "big"}) { field(key: "note") { value } } }')
    assert read["metaobjectByHandle"]["field"]["value"] == "n"


def test_capabilities_must_be_enabled(shop: Shop) -> None:
    """A status needs a publishable definition; there an entry is a draft until told otherwise."""
    define(shop, field("label"))
    given = {"type": "size", "capabilities": {"publishable": {"status": "ACTIVE"}}}
    refused = shop.data(CREATE, {"m": given})["metaobjectCreate"]["userErrors"][0]
    assert (refused["message"], refused["field"][-1]) == ("Capability is not enabled: publishable", "publishable")
    define(shop, field("label"), type="open", capabilities={"publishable": {"enabled": True}})
    entry = shop.data(CREATE, {"m": {"type": "open", "handle": "hh"}})["metaobjectCreate"]["metaobject"]
    assert entry["capabilities"] == {"publishable": {"status": "DRAFT"}}


def test_entries_are_sorted_and_searched(shop: Shop) -> None:
    """Lists are sorted by name or time and searched by handle, name and filterable fields only."""
    define(
        shop,
        field("label"),
        field("kind", capabilities={"adminFilterable": {"enabled": True}}),
        field("note"),
        displayNameKey="label",
    )
    make(shop, "one", label="beta", kind="round", note="n")
    make(shop, "two", label="Alpha", kind="flat", note="n")
    assert handles(shop) == ["one", "two"]
    assert handles(shop, s="display_name") == ["two", "one"]
    assert handles(shop, q="fields.kind:flat") == ["two"]
    assert handles(shop, q="handle:one") == ["one"]
    assert handles(shop, q="display_name:beta") == ["one"]
    body = shop.run(LIST, {"q": "fields.note:other"})
    assert len(body["data"]["metaobjects"]["nodes"]) == 2
    assert body["extensions"]["search"][0]["warnings"][0]["code"] == "invalid_field"


def test_references_are_known_from_both_ends(shop: Shop) -> None:
    """A metafield that refers to an entry is followed there and told by the entry."""
    number = define(shop, field("label"), displayNameKey="label")["metaobjectDefinition"]["id"]
    other = define(shop, field("label"), type="other")["metaobjectDefinition"]["id"]
    entry = make(shop, "one", label="x")["metaobject"]["id"]
    product = shop.create()["id"]
    definition = {"name": "Size", "namespace": "specs", "key": "size", "ownerType": "PRODUCT"}
    definition |= {"type": "metaobject_reference"}
    definition["validations"] = [{"name": "metaobject_definition_id", "value": number}]
    shop.data(
        "mutation($d: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $d) { userErrors { code } } }",
        {"d": definition},
    )
    put = """mutation($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) { metafields {
      reference { ... on Metaobject { handle } } } userErrors { message } } }"""
    given = {"ownerId": product, "namespace": "specs", "key": "size", "value": entry}
    assert shop.data(put, {"m": [given]})["metafieldsSet"]["metafields"][0]["reference"] == {"handle": "one"}
    stranger = {"type": "other", "handle": "two", "fields": []}
    wrong = shop.data(CREATE, {"m": stranger})["metaobjectCreate"]["metaobject"]["id"]
    message = shop.data(put, {"m": [given | {"value": wrong}]})["metafieldsSet"]["userErrors"][0]["message"]
    assert message == f"Value must belong to the specified metaobject definition {number}."
    assert other not in message
    read = shop.data(
        """query($i: ID!) { metaobject(id: $i) { referencedBy(first: 5) { nodes { namespace key name
          referencer { ... on Product { id } } } } } }""",
        {"i": entry},
    )["metaobject"]["referencedBy"]["nodes"]
    assert read == [{"namespace": "specs", "key": "size", "name": "Size", "referencer": {"id": product}}]


def test_a_bulk_delete_is_a_job(box: ShopifySandbox, shop: Shop) -> None:
    """The entries are there until the job is done; exactly one condition is asked for, of a type that exists."""
    define(shop, field("label"))
    for name in ("aa", "bb", "cc"):
        make(shop, name)
    by_type = """mutation($w: MetaobjectBulkDeleteWhereCondition!) { metaobjectBulkDelete(where: $w) {
      job { id done } userErrors { field message code } } }"""
    job = shop.data(by_type, {"w": {"type": "size"}})["metaobjectBulkDelete"]["job"]
    assert job["done"] is False
    assert handles(shop) == ["aa", "bb", "cc"]
    box.clock.advance(60)
    assert handles(shop) == []
    assert shop.data("query($i: ID!) { job(id: $i) { done } }", {"i": job["id"]})["job"] == {"done": True}
    unknown = shop.data(by_type, {"w": {"type": "shape"}})["metaobjectBulkDelete"]["userErrors"][0]
    assert unknown["message"] == 'No metaobject definition exists for type "shape"'
    both = shop.run(by_type, {"w": {"type": "size", "ids": []}})
    assert both["errors"][0]["extensions"]["code"] == "INVALID_FIELD_ARGUMENTS"


def test_a_definition_takes_its_entries_with_it(shop: Shop) -> None:
    """Deleting a definition deletes its entries; deleting it again finds nothing."""
    number = define(shop, field("label"))["metaobjectDefinition"]["id"]
    entry = make(shop, "aa")["metaobject"]["id"]
    delete = "mutation($i: ID!) { metaobjectDefinitionDelete(id: $i) { deletedId userErrors { message } } }"
    assert shop.data(delete, {"i": number})["metaobjectDefinitionDelete"]["deletedId"] == number
    assert shop.data("query($i: ID!) { metaobject(id: $i) { id } }", {"i": entry}) == {"metaobject": None}
    again = shop.data(delete, {"i": number})["metaobjectDefinitionDelete"]
    assert again == {"deletedId": None, "userErrors": [{"message": "Record not found"}]}


def test_the_app_sees_itself(shop: Shop) -> None:
    """An app reads itself and its installation, and may not list others."""
    read = shop.data("{ currentAppInstallation { id launchUrl app { id handle apiKey } } }")["currentAppInstallation"]
    found = shop.data(
        "query($a: ID!, $i: ID!, $k: String!) { app(id: $a) { id } appInstallation(id: $i) { id } "
        "appByKey(apiKey: $k) { id } missing: appByHandle(handle: \"nobody\") { id } }",
        {"a": read["app"]["id"], "i": read["id"], "k": read["app"]["apiKey"]},
    )
    own = {"id": read["app"]["id"]}
    assert found == {"app": own, "appInstallation": {"id": read["id"]}, "appByKey": own, "missing": None}
    body = shop.run("{ appInstallations(first: 2) { nodes { id } } }")
    assert body["errors"][0]["message"] == "access denied"
