"""`@idempotent`: unknown before 2026-01, required since 2026-04, one run per key, and one request at a time."""

from __future__ import annotations

import threading
from typing import Any

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop

LOCATE = "{ locations(first: 1) { nodes { id } } }"
CREATE = """mutation($p: ProductCreateInput!) { productCreate(product: $p) { product {
  variants(first: 1) { nodes { inventoryItem { id } } } } } }"""
SET = """mutation Set($i: InventorySetQuantitiesInput!, $k: String!) {
  inventorySetQuantities(input: $i) @idempotent(key: $k) { userErrors { code message } } }"""
BARE = "mutation { productCreate(product: {title: \"x\"}) @idempotent { product { id } } }"


def _input(shop: Shop, quantity: int = 3, change: int | None = None) -> dict[str, Any]:
    made = shop.data(CREATE, {"p": {"title": "x"}})["productCreate"]["product"]["variants"]["nodes"][0]
    place = shop.data(LOCATE)["locations"]["nodes"][0]["id"]
    row = {"inventoryItemId": made["inventoryItem"]["id"], "locationId": place, "quantity": quantity}
    return {"name": "available", "reason": "correction", "quantities": [row | {"changeFromQuantity": change}]}


def test_old_versions_do_not_know_the_directive(box: ShopifySandbox, shop: Shop) -> None:
    """Before 2026-01 the directive is undefined, and a variable that only it names is not used."""
    body = Shop(box, version="2025-10").run(SET, {"i": _input(shop), "k": "a"})
    assert [error["extensions"]["code"] for error in body["errors"]] == ["undefinedDirective", "variableNotUsed"]
    assert Shop(box, version="2026-01").data(SET, {"i": _input(shop), "k": "a"})


def test_the_key_is_required_within_the_directive(shop: Shop) -> None:
    """A bare directive is refused by the missing argument."""
    (error,) = shop.run(BARE)["errors"]
    assert error["message"] == "Directive 'idempotent' is missing required arguments: key"
    assert error["extensions"] == {
        "code": "missingRequiredArguments",
        "className": "Directive",
        "name": "idempotent",
        "arguments": "key",
    }


def test_a_failed_attempt_uses_its_key_up(shop: Shop) -> None:
    """After a failure the same key with the same input says so, with another input it says that it differs."""
    given = _input(shop, change=7)
    codes = [shop.data(SET, {"i": given, "k": "b"})["inventorySetQuantities"]["userErrors"][0]["code"] for _ in "12"]
    assert codes == ["CHANGE_FROM_QUANTITY_STALE", "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"]
    other = shop.data(SET, {"i": given | {"reason": "received"}, "k": "b"})["inventorySetQuantities"]["userErrors"]
    assert other[0]["code"] == "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"


def test_a_key_in_flight_is_refused(box: ShopifySandbox, shop: Shop) -> None:
    """While the answer to a key is under way, a second request with it is told so; afterwards it gets the answer."""
    given = {"i": _input(shop), "k": "c"}
    box.faults.latency_per_call_s = 2.0
    first = threading.Thread(target=shop.data, args=(SET, given))
    first.start()
    while not box.store.in_flight:
        pass
    (error,) = Shop(box).data(SET, given)["inventorySetQuantities"]["userErrors"]
    assert error["code"] == "IDEMPOTENCY_CONCURRENT_REQUEST"
    first.join()
    box.faults.latency_per_call_s = 0.0
    assert shop.data(SET, given)["inventorySetQuantities"]["userErrors"] == []
