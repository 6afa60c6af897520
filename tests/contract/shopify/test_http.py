"""HTTP: tokens, headers, cost, throttling, ordered faults, control."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sandbox.shopify.listen import ConnectionDropped
from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop

COUNT = "{ productsCount { count } }"
CREATE = 'mutation { productCreate(product: {title: "x"}) { product { id } userErrors { message } } }'


def test_a_bad_token_gets_401(box: ShopifySandbox) -> None:
    """An unknown token is answered with 401 and Shopify's text."""
    answer = Shop(box, "nope").post(COUNT)
    assert answer.status_code == 401
    assert answer.json == {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}


@pytest.mark.parametrize("form", ["data", "json"])
def test_client_credentials_tokens_expire(box: ShopifySandbox, shop: Shop, form: str) -> None:
    """The grant answers a token for form and JSON bodies alike; after its lifetime it gets 401."""
    given = {"grant_type": "client_credentials", "client_id": box.config.client_id}
    given["client_secret"] = box.config.client_secret
    body = shop.client.post("/admin/oauth/access_token", **{form: given}).json
    assert body["expires_in"] == 86399
    assert "write_products" in body["scope"].split(",")
    fresh = Shop(box, body["access_token"])
    assert fresh.post(COUNT).status_code == 200
    box.clock.advance(86400)
    assert fresh.post(COUNT).status_code == 401
    wrong = shop.client.post("/admin/oauth/access_token", **{form: given | {"client_secret": "no"}})
    assert wrong.status_code == 401


def test_headers_scopes_and_shop(shop: Shop, box: ShopifySandbox) -> None:
    """Answers carry version, request id and the sandbox's date; scopes and shop are told."""
    answer = shop.post(COUNT)
    assert answer.headers["X-Shopify-API-Version"] == "2026-10"
    assert answer.headers["X-Request-Id"]
    assert answer.headers["Date"] == "Mon, 02 Nov 2026 12:00:00 GMT"
    headers = {"X-Shopify-Access-Token": box.config.token}
    scopes = shop.client.get("/admin/oauth/access_scopes.json", headers=headers).json["access_scopes"]
    assert {"handle": "read_products"} in scopes
    told = shop.client.get("/admin/api/2026-10/shop.json", headers=headers).json["shop"]
    assert told["myshopify_domain"] == box.config.shop
    mine = shop.data("{ currentAppInstallation { accessScopes { handle } } }")["currentAppInstallation"]
    assert {"handle": "read_products"} in mine["accessScopes"]


def test_cost_is_reserved_refunded_and_restored(box: ShopifySandbox, shop: Shop) -> None:
    """The bucket falls by the actual cost, refuses what it cannot hold and fills with time."""
    many = "{ " + " ".join(f"c{number}: productsCount {{ count }}" for number in range(60)) + " }"
    for _ in range(3):
        cost = shop.run(many)["extensions"]["cost"]
        assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (600, 600)
    throttled = shop.post(many)
    assert throttled.status_code == 200
    assert throttled.json["errors"] == [
        {
            "message": "Throttled",
            "extensions": {"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits"},
        }
    ]
    assert "data" not in throttled.json
    assert throttled.json["extensions"]["cost"]["actualQueryCost"] is None
    assert throttled.json["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 200
    box.clock.advance(4)
    assert "errors" not in shop.run(many)


def test_a_query_may_not_cost_more_than_1000(shop: Shop) -> None:
    """A document above the limit for one query is refused with its cost."""
    many = "{ " + " ".join(f"c{number}: productsCount {{ count }}" for number in range(101)) + " }"
    error = shop.run(many)["errors"][0]
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert (error["extensions"]["cost"], error["extensions"]["maxCost"]) == (1010, 1000)


def test_counters_tell_actors_apart(box: ShopifySandbox, shop: Shop) -> None:
    """Calls, points and written records are counted per actor."""
    merchant = Shop(box, box.config.merchant_token)
    product = shop.create()
    merchant.data(
        "mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }",
        {"p": {"id": product["id"], "title": "y"}},
    )
    merchant.data(COUNT)
    shown = box.counters.shown()
    assert shown["app"]["writes"] == {"Product": 1, "ProductVariant": 1}
    assert shown["app"]["written_targets"] == 1
    assert (shown["merchant"]["calls"], shown["merchant"]["writes"]) == (2, {"Product": 1})
    assert shown["merchant"]["points"] == 20


def test_ordered_faults_strike_once_and_only_whom_they_name(box: ShopifySandbox, shop: Shop) -> None:
    """Each kind of fault answers as Shopify does, once, for the actor and operation it names."""
    box.faults.add("throttle", actor="merchant")
    assert "errors" not in shop.run(COUNT)
    box.faults.clear()
    box.faults.add("throttle")
    assert shop.run(COUNT)["errors"][0]["extensions"]["code"] == "THROTTLED"
    box.faults.add("unauthorized")
    assert shop.post(COUNT).status_code == 401
    box.faults.add("too_many_requests", retry_after_s=3)
    limited = shop.post(COUNT)
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "3.0")
    box.faults.add("server_error", status=502)
    assert shop.post(COUNT).status_code == 502
    box.faults.add("internal_server_error", operation="productCreate")
    assert "errors" not in shop.run(COUNT)
    failed = shop.post(CREATE)
    assert (failed.status_code, failed.json["errors"][0]["extensions"]["code"]) == (200, "INTERNAL_SERVER_ERROR")
    assert shop.data(COUNT)["productsCount"]["count"] == 0


def test_a_lost_reply_was_executed(box: ShopifySandbox, shop: Shop) -> None:
    """When the reply is lost the mutation has run, and over a socket the connection just ends."""
    box.faults.add("reply_lost")
    with pytest.raises(ConnectionDropped):
        shop.post(CREATE)
    assert shop.data(COUNT)["productsCount"]["count"] == 1
    url = box.serve()
    box.faults.add("reply_lost")
    headers = {"X-Shopify-Access-Token": box.config.token}
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{url}/admin/api/2026-10/graphql.json", json={"query": CREATE}, headers=headers, timeout=10)
    assert shop.data(COUNT)["productsCount"]["count"] == 2


def test_control_over_http(box: ShopifySandbox, shop: Shop) -> None:
    """Counters, faults, latency and clock can be reached from outside the process."""
    shop.data(COUNT)
    assert shop.client.get("/_sandbox/counters").json["app"]["calls"] == 1
    shop.client.post("/_sandbox/reset-counters")
    assert shop.client.get("/_sandbox/counters").json == {}
    shop.client.post("/_sandbox/faults", json=[{"kind": "server_error", "status": 500}])
    assert shop.post(COUNT).status_code == 500
    assert shop.client.post("/_sandbox/faults", json={"kind": "nope"}).status_code == 422
    assert shop.client.post("/_sandbox/latency", json={"per_call_s": 0.0}).json["per_call_s"] == 0.0
    shop.client.post("/_sandbox/clock", json={"advance_s": 60})
    assert box.clock.now().minute == 1


def test_the_page_shows_and_edits(box: ShopifySandbox, shop: Shop) -> None:
    """The page shows products, and its form moves the time of the product as the API would."""
    product = shop.create(title="<Chair>")
    number = product["id"].rsplit("/", 1)[-1]
    box.clock.advance(60)
    page = shop.client.get("/").text
    assert "&lt;Chair&gt;" in page
    assert shop.client.post(f"/edit/product/{number}", data={"title": "Stool", "status": "DRAFT"}).status_code == 303
    variant = product["variants"]["nodes"][0]["id"].rsplit("/", 1)[-1]
    assert shop.client.post(f"/edit/variant/{variant}", data={"sku": "A", "price": "4"}).status_code == 303
    assert shop.client.post(f"/edit/variant/{variant}", data={"price": "-4"}).status_code == 422
    query = "query($i: ID!) { product(id: $i) { title status updatedAt variants(first: 1) { nodes { sku price } } } }"
    read = shop.data(query, {"i": product["id"]})["product"]
    assert read == {
        "title": "Stool",
        "status": "DRAFT",
        "updatedAt": "2026-11-02T12:01:00Z",
        "variants": {"nodes": [{"sku": "A", "price": "4.00"}]},
    }


def test_the_program_starts_tells_and_stops(tmp_path: Path) -> None:
    """`python -m sandbox.shopify` tells where it listens, its tokens to its file only, and ends with 0 on SIGTERM."""
    info = tmp_path / "info.json"
    command = [sys.executable, "-m", "sandbox.shopify", "--db", str(tmp_path / "s.db"), "--info", str(info)]
    command += ["--tls", str(tmp_path / "tls"), "--token", "T1"]
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(root)}
    ) as program:
        assert program.stdout is not None
        told = json.loads(program.stdout.readline())
        written = json.loads(info.read_text())
        assert told == {name: written[name] for name in ("url", "shop")}
        assert written["token"] == "T1"
        answer = requests.post(
            f"{told['url']}/admin/api/2026-10/graphql.json",
            json={"query": COUNT},
            headers={"X-Shopify-Access-Token": "T1"},
            verify=str(tmp_path / "tls" / "ca.pem"),
            timeout=10,
        )
        program.send_signal(signal.SIGTERM)
        assert program.wait(15) == 0
    assert told["url"].startswith("https://")
    assert answer.json()["data"] == {"productsCount": {"count": 0}}
