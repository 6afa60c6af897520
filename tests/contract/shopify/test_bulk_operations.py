"""Bulk operations: what may run, how far it is, and what the files hold."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop, sized

RUN = """mutation($q: String!, $g: Boolean!) { bulkOperationRunQuery(query: $q, groupObjects: $g) {
  bulkOperation { id status objectCount url fileSize } userErrors { field message code } } }"""
READ = """query($i: ID!) { bulkOperation(id: $i) { status type errorCode createdAt completedAt objectCount
  rootObjectCount fileSize url partialDataUrl } }"""
CANCEL = """mutation($i: ID!) { bulkOperationCancel(id: $i) {
  bulkOperation { status } userErrors { field message } } }"""
IMPORT = """mutation($m: String!, $p: String!, $c: String) {
  bulkOperationRunMutation(mutation: $m, stagedUploadPath: $p, clientIdentifier: $c) {
  bulkOperation { id type } userErrors { field message code } } }"""
STAGE = """mutation($s: [StagedUploadInput!]!) { stagedUploadsCreate(input: $s) {
  stagedTargets { url resourceUrl parameters { name value } } userErrors { field message } } }"""
PRODUCTS = "{ products { edges { node { id title variants { edges { node { id sku } } } } } } }"
MAKE = "mutation($p: ProductCreateInput!) { productCreate(product: $p) { product { title } userErrors { message } } }"


def run(shop: Shop, query: str, grouped: bool = False) -> dict[str, Any]:
    """The payload of bulkOperationRunQuery."""
    return dict(shop.data(RUN, {"q": query, "g": grouped})["bulkOperationRunQuery"])


def begun(shop: Shop, query: str, grouped: bool = False) -> str:
    """The id of an operation that must have begun."""
    answer = run(shop, query, grouped)
    assert answer["userErrors"] == []
    assert answer["bulkOperation"]["status"] == "CREATED"
    return str(answer["bulkOperation"]["id"])


def ended(box: ShopifySandbox, shop: Shop, number: str) -> dict[str, Any]:
    """An operation after its time."""
    box.clock.advance(2)
    return dict(shop.data(READ, {"i": number})["bulkOperation"])


def lines(shop: Shop, url: str) -> list[dict[str, Any]]:
    """The objects in a file."""
    parts = urlsplit(url)
    answer = shop.client.get(f"{parts.path}?{parts.query}")
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.text.splitlines()]


def test_an_export_holds_every_object_with_its_parent(box: ShopifySandbox, shop: Shop) -> None:
    """A line per object, children with the id of their parent, counts and size as told."""
    for name in ("One", "Two"):
        shop.set(sized("S", "M", title=name))
    read = ended(box, shop, begun(shop, PRODUCTS))
    assert read | {"url": None} == {
        "status": "COMPLETED",
        "type": "QUERY",
        "errorCode": None,
        "createdAt": "2026-11-02T12:00:00Z",
        "completedAt": "2026-11-02T12:00:02Z",
        "objectCount": "6",
        "rootObjectCount": "2",
        "fileSize": read["fileSize"],
        "url": None,
        "partialDataUrl": None,
    }
    found = lines(shop, read["url"])
    parents = {line["id"]: line["title"] for line in found if "__parentId" not in line}
    assert sorted(parents.values()) == ["One", "Two"]
    children = [(parents[line["__parentId"]], line["sku"]) for line in found if "__parentId" in line]
    assert sorted(children) == [("One", "S-M"), ("One", "S-S"), ("Two", "S-M"), ("Two", "S-S")]


def test_the_size_counts_escaped_slashes(box: ShopifySandbox, shop: Shop) -> None:
    """The file is written with escaped slashes, as the sizes of the vendor's files say."""
    product = shop.create(title="Ab")["id"]
    read = ended(box, shop, begun(shop, "{ products { edges { node { id title } } } }"))
    plain = json.dumps({"id": product, "title": "Ab"}, separators=(",", ":")) + "\n"
    assert int(read["fileSize"]) == len(plain) + product.count("/")


@pytest.mark.parametrize("grouped", [True, False])
def test_children_follow_their_parent_only_when_asked(box: ShopifySandbox, shop: Shop, grouped: bool) -> None:
    """Grouped, each parent is followed by its own; otherwise nothing may be read into the order."""
    for name in ("One", "Two"):
        shop.set(sized("S", title=name))
    read = ended(box, shop, begun(shop, PRODUCTS, grouped))
    kinds = ["__parentId" in line for line in lines(shop, read["url"])]
    assert kinds == ([False, True, False, True] if grouped else [False, False, True, True])


def test_nothing_found_is_no_file(box: ShopifySandbox, shop: Shop) -> None:
    """An export without objects completes without an address."""
    read = ended(box, shop, begun(shop, '{ products(query: "tag:none") { edges { node { id } } } }'))
    assert (read["status"], read["url"], read["fileSize"], read["objectCount"]) == ("COMPLETED", None, None, "0")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("{ shop { name } }", "Bulk queries must contain at least one connection."),
        ("{ products { edges ", "Invalid bulk query: syntax error, unexpected end of file"),
        ("mutation { x }", "Invalid operation type. Only `query` operations are supported."),
        ('{ node(id: "gid://shopify/Product/1") { id } }', "Bulk queries cannot contain a top level `node` field."),
        (
            "{ products { edges { node { title variants { edges { node { id } } } } } } }",
            "The parent 'node' field for a nested connection must select the 'id' field without an alias and must be "
            "of 'ID' return type. Connection fields without 'id': products.",
        ),
        (
            "{ products { nodes { id } } }",
            "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: "
            "'products { edges { node {'. Selecting via 'nodes' is not supported. Invalid connection fields: "
            "'products'.",
        ),
        (
            "{ products { edges { node { id variants { edges { node { id metafields { edges { node { id } } } } } } } "
            "} } }",
            "Bulk queries cannot contain connections with a nesting depth greater than 2.",
        ),
        (
            "{ " + " ".join(f"p{place}: products {{ edges {{ node {{ id }} }} }}" for place in range(6)) + " }",
            "Bulk queries cannot contain more than 5 connections.",
        ),
    ],
)
def test_what_cannot_run_in_bulk_is_said(shop: Shop, query: str, sentence: str) -> None:
    """Each rule of the shape of a bulk query is told at the query."""
    answer = run(shop, query)
    assert answer["bulkOperation"] is None
    assert answer["userErrors"] == [{"field": ["query"], "message": sentence, "code": "INVALID"}]


def test_a_query_has_a_size(shop: Shop) -> None:
    """65,535 bytes may be, one more may not."""
    query = "{ products { edges { node { id } } } }"
    assert run(shop, query + " " * (65_535 - len(query)))["userErrors"] == []
    error = run(shop, query + " " * (65_536 - len(query)))["userErrors"][0]
    assert error["message"] == "Query is too large (65536 bytes; maximum is 65535 bytes)"


def test_five_at_once(box: ShopifySandbox, shop: Shop) -> None:
    """A sixth is refused with the names of the five; older versions have one; an end makes room."""
    ids = [begun(shop, PRODUCTS) for _ in range(5)]
    error = run(shop, PRODUCTS)["userErrors"][0]
    named = ", ".join(ids)
    assert error["message"] == f"A bulk query operation for this app and shop is already in progress: {named}."
    assert (error["code"], error["field"]) == ("OPERATION_IN_PROGRESS", None)
    box.clock.advance(2)
    old = Shop(box, version="2025-10")
    begun(old, PRODUCTS)
    assert run(old, PRODUCTS)["userErrors"][0]["code"] == "OPERATION_IN_PROGRESS"


def test_an_operation_can_be_canceled_once(box: ShopifySandbox, shop: Shop) -> None:
    """It is canceling, then canceled with what it had and no size, and then no longer to be canceled."""
    shop.create()
    number = begun(shop, PRODUCTS)
    assert shop.data(CANCEL, {"i": number})["bulkOperationCancel"]["bulkOperation"] == {"status": "CANCELING"}
    read = ended(box, shop, number)
    assert (read["status"], read["completedAt"], read["fileSize"]) == ("CANCELED", None, None)
    assert len(lines(shop, read["url"])) == 2
    error = shop.data(CANCEL, {"i": number})["bulkOperationCancel"]["userErrors"][0]
    assert error == {"field": None, "message": "A bulk operation cannot be canceled when it is canceled"}
    none = shop.data(CANCEL, {"i": "gid://shopify/BulkOperation/1"})["bulkOperationCancel"]["userErrors"][0]
    assert none == {"field": ["id"], "message": "Bulk operation does not exist"}


def test_a_failure_leaves_what_was_read(box: ShopifySandbox, shop: Shop) -> None:
    """A failed export says why and gives the part that it has."""
    for place in range(4):
        shop.create(title=f"P{place}")
    shop.client.post("/_sandbox/bulk", json={"fail_after": 3})
    read = ended(box, shop, begun(shop, "{ products { edges { node { id } } } }"))
    assert (read["status"], read["errorCode"], read["url"]) == ("FAILED", "INTERNAL_SERVER_ERROR", None)
    assert len(lines(shop, read["partialDataUrl"])) == 3
    assert read["completedAt"] is None


def test_files_last_a_week(box: ShopifySandbox, shop: Shop) -> None:
    """After seven days the operation is expired and its file is not to be had."""
    shop.create()
    number = begun(shop, "{ products { edges { node { id } } } }")
    url = ended(box, shop, number)["url"]
    box.clock.advance(7 * 86_400)
    read = shop.data(READ, {"i": number})["bulkOperation"]
    assert (read["status"], read["url"]) == ("EXPIRED", None)
    assert shop.client.get(urlsplit(url).path).status_code == 400


def test_operations_are_listed_newest_first(box: ShopifySandbox, shop: Shop) -> None:
    """Unreversed the newest is first; status and type are searched; another kind of id is invalid."""
    first = begun(shop, PRODUCTS)
    box.clock.advance(3)
    second = begun(shop, PRODUCTS)
    find = "query($q: String) { bulkOperations(first: 9, query: $q) { nodes { id } } }"

    def ids(text: str | None) -> list[str]:
        return [one["id"] for one in shop.data(find, {"q": text})["bulkOperations"]["nodes"]]

    assert ids(None) == [second, first]
    assert ids("status:completed") == [first]
    assert ids("operation_type:mutation") == []
    assert shop.data("{ currentBulkOperation { id } }")["currentBulkOperation"] == {"id": second}
    wrong = shop.run(READ, {"i": "gid://shopify/Product/1"})["errors"][0]
    assert wrong["message"] == "Invalid id: gid://shopify/Product/1"
    dated = shop.run(find, {"q": "created_at:soon"})["errors"][0]["message"]
    assert dated == "Invalid timestamp for query filter `created_at`."
