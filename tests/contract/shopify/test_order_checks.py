"""orderCreate takes no record that is not there and no price below nothing, and drops nothing it is given."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop

CREATE = """mutation($o: OrderCreateOrderInput!) { orderCreate(order: $o) {
  order { id } userErrors { field message code } } }"""


def _money(amount: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": "EUR"}}


def _order(**more: Any) -> dict[str, Any]:
    return {"lineItems": [{"title": "Mug", "quantity": 1, "priceSet": _money("8")}]} | more


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"companyLocationId": "gid://shopify/CompanyLocation/77"}, ["order", "companyLocationId"], "INVALID"),
        (
            {"fulfillment": {"locationId": "gid://shopify/Location/77"}},
            ["order", "fulfillment", "locationId"],
            "INVALID",
        ),
        (
            {
                "transactions": [
                    {"kind": "SALE", "amountSet": _money("8"), "locationId": "gid://shopify/Location/77"},
                ]
            },
            ["order", "transactions", "0", "locationId"],
            "INVALID",
        ),
        (
            {"lineItems": [{"title": "Mug", "quantity": 1, "priceSet": _money("8"), "fulfillmentService": "nobody"}]},
            ["order", "lineItems", "0", "fulfillmentService"],
            "FULFILLMENT_SERVICE_INVALID",
        ),
        (
            {"lineItems": [{"title": "Mug", "quantity": 1, "priceSet": _money("-8")}]},
            ["order", "lineItems"],
            "INVALID",
        ),
        ({"shippingLines": [{"title": "Post", "priceSet": _money("-1")}]}, ["order", "shippingLines"], "INVALID"),
        ({"shippingLines": [{"title": " ", "priceSet": _money("1")}]}, ["order", "shippingLines"], "INVALID"),
    ],
)
def test_what_no_order_may_name_is_refused(shop: Shop, more: dict[str, Any], field: list[str], code: str) -> None:
    """Nothing is written either."""
    made = shop.data(CREATE, {"o": _order(**more)})["orderCreate"]
    assert made["order"] is None
    assert [(error["field"], error["code"]) for error in made["userErrors"]] == [(field, code)]
    assert shop.data("{ ordersCount { count } }")["ordersCount"]["count"] == 0


def test_a_service_that_is_there_may_be_named(shop: Shop) -> None:
    """By its handle, like the merchant's own."""
    shop.data('mutation { fulfillmentServiceCreate(name: "Depot") { userErrors { message } } }')
    for handle in ("depot", "manual"):
        line = {"title": "Mug", "quantity": 1, "priceSet": _money("8"), "fulfillmentService": handle}
        assert shop.data(CREATE, {"o": _order(lineItems=[line])})["orderCreate"]["userErrors"] == []


def test_who_processed_an_order_is_not_dropped_silently(shop: Shop) -> None:
    """There are no staff members here, so the input is refused by name."""
    body = shop.run(CREATE, {"o": _order(userId="gid://shopify/StaffMember/1")})
    assert body["errors"][0]["extensions"]["code"] == "SANDBOX_NOT_IMPLEMENTED"


def test_a_path_without_a_version_is_not_found(box: ShopifySandbox) -> None:
    """A word is no version."""
    assert Shop(box, version="latest").post("{ shop { name } }").status_code == 404
    assert Shop(box, version="unstable").post("{ shop { name } }").status_code == 200
