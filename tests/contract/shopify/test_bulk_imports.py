"""Bulk mutations over uploaded files, and how the end of an operation is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.server import ShopifySandbox, create
from tests.contract.shopify.client import Shop
from tests.contract.shopify.test_bulk_operations import IMPORT, MAKE, PRODUCTS, READ, STAGE, begun, ended, lines


def upload(shop: Shop, content: str, method: str = "POST") -> str:
    """The path of a staged file with that content."""
    given = {"resource": "BULK_MUTATION_VARIABLES", "filename": "in.jsonl", "mimeType": "text/jsonl"}
    target = shop.data(STAGE, {"s": [given | {"httpMethod": method}]})["stagedUploadsCreate"]["stagedTargets"][0]
    parts = urlsplit(target["url"])
    if method == "PUT":
        assert shop.client.put(f"{parts.path}?{parts.query}", data=content.encode()).status_code == 200
        return parts.path.removeprefix("/staged-uploads/")
    form: dict[str, Any] = {one["name"]: one["value"] for one in target["parameters"]}
    answer = shop.client.post(parts.path, data=form | {"file": (_bytes(content), "in.jsonl")})
    assert answer.status_code == 201
    return str(form["key"])


def _bytes(content: str) -> Any:
    from io import BytesIO

    return BytesIO(content.encode())


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_an_import_runs_each_line(box: ShopifySandbox, shop: Shop, method: str) -> None:
    """Every line is one mutation; its answer stands under its number, errors too."""
    rows = [{"p": {"title": "One"}}, {"p": {"title": ""}}, {"p": {}, "q": 1}]
    path = upload(shop, "\n".join(json.dumps(row) for row in rows) + "\n", method)
    made = shop.data(IMPORT, {"m": MAKE, "p": path})["bulkOperationRunMutation"]
    assert made["userErrors"] == []
    read = ended(box, shop, made["bulkOperation"]["id"])
    assert (read["status"], read["type"], read["objectCount"]) == ("COMPLETED", "MUTATION", "3")
    found = lines(shop, read["url"])
    assert [line["__lineNumber"] for line in found] == [0, 1, 2]
    assert found[0]["data"]["productCreate"]["product"] == {"title": "One"}
    assert found[1]["data"]["productCreate"]["userErrors"][0]["message"] == "Title can't be blank"
    assert found[2]["data"]["productCreate"]["product"] is None
    assert shop.data("{ productsCount { count } }")["productsCount"] == {"count": 1}


@pytest.mark.parametrize(
    ("mutation", "error"),
    [
        ("mutation { ", {"field": None, "code": "INVALID_MUTATION"}),
        ("{ shop { name } }", {"field": None, "code": "INVALID_MUTATION"}),
        ("mutation { a: productDelete(input: {id: \"gid://shopify/Product/1\"}) { deletedProductId } "
         "b: productDelete(input: {id: \"gid://shopify/Product/1\"}) { deletedProductId } }",
         {"field": ["mutation"], "code": None}),
        ("mutation { bulkOperationCancel(id: \"gid://shopify/BulkOperation/1\") { bulkOperation { id } } }",
         {"field": ["mutation"], "code": None}),
    ],
)
def test_what_is_no_bulk_mutation_is_said(shop: Shop, mutation: str, error: dict[str, Any]) -> None:
    """One mutation, of an allowed name, that can be parsed."""
    found = shop.data(IMPORT, {"m": mutation, "p": "x"})["bulkOperationRunMutation"]["userErrors"][0]
    assert {name: found[name] for name in ("field", "code")} == error


def test_the_file_of_an_import_must_be_there_and_filled(shop: Shop) -> None:
    """An unknown path, an empty file and a short client identifier are refused in the vendor's words."""
    lost = shop.data(IMPORT, {"m": MAKE, "p": "tmp/nowhere"})["bulkOperationRunMutation"]["userErrors"][0]
    assert lost["code"] == "NO_SUCH_FILE"
    empty = shop.data(IMPORT, {"m": MAKE, "p": upload(shop, "")})["bulkOperationRunMutation"]["userErrors"][0]
    assert (empty["message"], empty["code"]) == ("The input file is empty.", "INVALID_STAGED_UPLOAD_FILE")
    given = {"m": MAKE, "p": upload(shop, "{}"), "c": "short"}
    short = shop.data(IMPORT, given)["bulkOperationRunMutation"]["userErrors"][0]
    assert short["message"] == "is too short (minimum is 10 characters)"


def test_a_stranger_cannot_upload(shop: Shop) -> None:
    """Without the signature of a target nothing is taken."""
    answer = shop.client.post("/staged-uploads/", data={"key": "tmp/1/bulk/x", "file": (_bytes("{}"), "x")})
    assert answer.status_code == 403


def test_what_cannot_be_staged_is_said(shop: Shop) -> None:
    """A video needs its size, an image its format."""
    given = [
        {"resource": "VIDEO", "filename": "a.mp4", "mimeType": "video/mp4"},
        {"resource": "IMAGE", "filename": "a.exe", "mimeType": "application/x-msdownload"},
    ]
    errors = shop.data(STAGE, {"s": given})["stagedUploadsCreate"]["userErrors"]
    assert errors == [
        {"field": ["input", "0", "fileSize"], "message": "file size is required for video resources"},
        {
            "field": ["input", "1", "mimeType"],
            "message": "a.exe: (application/x-msdownload) is not a recognized format",
        },
    ]


def test_the_end_is_told_by_webhook(box: ShopifySandbox, shop: Shop) -> None:
    """A subscriber of bulk_operations/finish gets the id, the state and the kind."""
    shop.data(
        'mutation { webhookSubscriptionCreate(topic: BULK_OPERATIONS_FINISH, webhookSubscription: '
        '{uri: "https://hooks.example/bulk"}) { userErrors { message } } }'
    )
    number = begun(shop, PRODUCTS)
    ended(box, shop, number)
    sent = box.store.db.all("SELECT topic, body FROM webhook_deliveries")
    assert [row["topic"] for row in sent] == ["bulk_operations/finish"]
    body = json.loads(sent[0]["body"])
    assert (body["admin_graphql_api_id"], body["status"], body["type"]) == (number, "completed", "query")


@pytest.fixture
def listening() -> Iterator[tuple[ShopifySandbox, Shop]]:
    """A sandbox that listens, in real time, with operations that begin at once."""
    with create(ShopifyConfig(bulk_delay_s=0.0), Clock()) as sandbox:
        sandbox.serve()
        yield sandbox, Shop(sandbox)


def test_while_it_listens_operations_run_by_themselves(listening: tuple[ShopifySandbox, Shop]) -> None:
    """Nobody has to ask: the file is there a moment later, over HTTP."""
    import time

    _, shop = listening
    shop.create()
    number = begun(shop, "{ products { edges { node { id } } } }")
    for _ in range(200):
        read = shop.data(READ, {"i": number})["bulkOperation"]
        if read["status"] == "COMPLETED":
            break
        time.sleep(0.02)
    assert len(lines(shop, read["url"])) == 1
