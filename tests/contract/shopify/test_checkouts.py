"""What a checkout or a till puts on orders of the Shopify sandbox and on their buyers, as the Admin API shows it."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.shopify.control import answer
from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop
from tests.contract.shopify.order_requests import make

CREATE = """mutation($o: OrderCreateOrderInput!) { orderCreate(order: $o) {
  order { id } userErrors { field message } } }"""
SHOWN = """query($id: ID!) { order(id: $id) { sourceName retailLocation { id } totalReceivedSet { shopMoney { amount } }
  originalTotalPriceSet { shopMoney { amount } } totalPriceSet { shopMoney { amount } }
  currentTotalDutiesSet { shopMoney { amount } } currentTotalAdditionalFeesSet { shopMoney { amount } }
  totalTipReceivedSet { shopMoney { amount } } lineItems(first: 3) { nodes { title lineItemGroup { title quantity } } }
  totalCashRoundingAdjustment { paymentSet { shopMoney { amount } } refundSet { shopMoney { amount } } }
  transactions { amountRoundingSet { shopMoney { amount } } } } }"""
PLACE = "query { locations(first: 1) { nodes { id } } }"


def money(amount: str) -> dict[str, Any]:
    """A MoneyBagInput in euros."""
    return {"shopMoney": {"amount": amount, "currencyCode": "EUR"}}


@pytest.fixture
def order(shop: Shop) -> str:
    """An order of 8.00 and 4.00, paid 12.00 in cash."""
    lines = [{"title": title, "quantity": 1, "priceSet": money(price)} for title, price in (("Cup", "8"), ("Tea", "4"))]
    paid = {"kind": "SALE", "status": "SUCCESS", "gateway": "cash", "amountSet": money("12.00")}
    made = shop.data(CREATE, {"o": {"currency": "EUR", "lineItems": lines, "transactions": [paid]}})["orderCreate"]
    assert not made["userErrors"]
    return str(made["order"]["id"])


def amounts(bags: dict[str, Any], *names: str) -> list[str]:
    """The shop's amounts of those fields."""
    return [bags[name]["shopMoney"]["amount"] for name in names]


def test_what_a_checkout_adds_is_shown_and_counted(box: ShopifySandbox, shop: Shop, order: str) -> None:
    """Promise: charges count in the totals, also in the original one; bundle, place and rounding are shown."""
    place = shop.data(PLACE, {})["locations"]["nodes"][0]["id"]
    charges = [{"kind": kind, "amount": amount} for kind, amount in (("tip", "3"), ("duty", "2"), ("fee", "1"))]
    body = {
        "id": order.rpartition("/")[2], "charges": charges, "bundles": [{"title": "Set", "lines": [0]}],
        "location": place.rpartition("/")[2], "cash_rounding": "0.02",
    }  # fmt: skip
    assert answer(box, "POST", "orders", body) == (200, {"orders": 1})
    shown = shop.data(SHOWN, {"id": order})["order"]
    sets = ("originalTotalPriceSet", "totalPriceSet", "totalTipReceivedSet", "currentTotalDutiesSet")
    assert amounts(shown, *sets, "currentTotalAdditionalFeesSet") == ["18.0", "18.0", "3.0", "2.0", "1.0"]
    assert (shown["sourceName"], shown["retailLocation"]) == ("pos", {"id": place})
    groups = [node["lineItemGroup"] for node in shown["lineItems"]["nodes"]]
    assert groups == [{"title": "Set", "quantity": 1}, None]
    assert amounts(shown["totalCashRoundingAdjustment"], "paymentSet", "refundSet") == ["0.02", "0.0"]
    assert amounts(shown["transactions"][0], "amountRoundingSet") == ["0.02"]
    assert amounts(shown, "totalReceivedSet") == ["12.0"]


@pytest.mark.parametrize(
    "given", [{"tips": "3"}, {"location": 1}, {"charges": [{"kind": "gift", "amount": "1"}]}, {"bundles": [{}]}]
)
def test_a_checkout_that_makes_no_sense_is_refused_whole(
    box: ShopifySandbox, shop: Shop, order: str, given: dict[str, Any]
) -> None:
    """Promise: a misspelt part, a place that is not there, a charge of no kind: 422, and the order is as it was."""
    number = order.rpartition("/")[2]
    before = shop.data(SHOWN, {"id": order})
    good = {"id": number, "charges": [{"kind": "tip", "amount": "3"}]}
    assert answer(box, "POST", "orders", [good, {"id": number, **given}])[0] == 422
    assert shop.data(SHOWN, {"id": order}) == before


def test_an_order_that_nobody_paid_has_nothing_to_round(box: ShopifySandbox, shop: Shop) -> None:
    """Promise: rounding cash that was never paid, or of an order that is not there, is refused."""
    line = {"title": "Cup", "quantity": 1, "priceSet": money("8")}
    made = shop.data(CREATE, {"o": {"currency": "EUR", "lineItems": [line]}})["orderCreate"]["order"]["id"]
    for number in (made.rpartition("/")[2], "7"):
        assert answer(box, "POST", "orders", {"id": number, "cash_rounding": "0.02"})[0] == 422


def test_an_address_updates_its_customer(box: ShopifySandbox, shop: Shop) -> None:
    """A known customer's order with another address updates him; one with the same, or with none, does not."""
    address = {"lastName": "Byron", "address1": "Elm 1", "city": "Bonn", "countryCode": "DE"}
    person = make(shop, email="ada@example.com", shippingAddress=address)["customer"]["id"]
    asked = "query($id: ID!) { customer(id: $id) { updatedAt defaultAddress { address1 } } }"
    seen = []
    for given in ({}, {"shippingAddress": address}, {"shippingAddress": address | {"address1": "Oak 2"}}):
        box.clock.advance(60)
        make(shop, email="ada@example.com", **given)
        seen.append(shop.data(asked, {"id": person})["customer"])
    assert [each["defaultAddress"]["address1"] for each in seen] == ["Elm 1", "Elm 1", "Oak 2"]
    assert seen[0]["updatedAt"] == seen[1]["updatedAt"] < seen[2]["updatedAt"]
