"""Whom a real shop would have written to: the sandbox sends nothing and forgets nothing."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop

ORDER = """mutation($o: OrderCreateOrderInput!, $p: OrderCreateOptionsInput) { orderCreate(order: $o, options: $p) {
  order { id } userErrors { message } } }"""
DRAFT = "mutation($i: DraftOrderInput!) { draftOrderCreate(input: $i) { draftOrder { id } userErrors { message } } }"
COMPLETE = "mutation($id: ID!) { draftOrderComplete(id: $id) { draftOrder { id } userErrors { message } } }"
CANCEL = """mutation($id: ID!, $notify: Boolean!) { orderCancel(orderId: $id, reason: OTHER, restock: true,
  notifyCustomer: $notify) { userErrors { message } } }"""
LINE = {"title": "Tea", "quantity": 1, "priceSet": {"shopMoney": {"amount": "1.00", "currencyCode": "EUR"}}}
BUYER = "jane@shoe.example"


def told(box: ShopifySandbox) -> list[tuple[str, str]]:
    """Why and to whom."""
    return [(mail.why, mail.to) for mail in box.store.mails]


def made(shop: Shop, options: Any, **given: Any) -> str:
    """An order that was placed elsewhere."""
    variables = {"o": {"lineItems": [LINE], **given}, "p": options}
    return str(shop.data(ORDER, variables)["orderCreate"]["order"]["id"])


def test_an_order_mails_only_when_it_is_told_to(box: ShopifySandbox, shop: Shop) -> None:
    """Promise: orderCreate mails nobody by default, and the buyer where a receipt is asked for."""
    made(shop, None, email=BUYER)
    assert told(box) == []
    made(shop, {"sendReceipt": True}, email=BUYER)
    assert told(box) == [("order confirmation", BUYER)]


@pytest.mark.parametrize("reach", [{"email": BUYER}, {"phone": "+4915112345678"}, {}])
def test_a_completed_draft_tells_whoever_it_can_reach(box: ShopifySandbox, shop: Shop, reach: Any) -> None:
    """Promise: completing a draft has no switch: an address or a number in it is written to, none writes to nobody."""
    lines = [{"title": "Tea", "quantity": 1, "originalUnitPrice": "1.00"}]
    draft = shop.data(DRAFT, {"i": {"lineItems": lines, **reach}})["draftOrderCreate"]["draftOrder"]["id"]
    shop.data(COMPLETE, {"id": draft})
    assert told(box) == [("order confirmation", value) for value in reach.values()]


@pytest.mark.parametrize("notify", [True, False])
def test_a_cancelled_order_is_told_only_when_asked(box: ShopifySandbox, shop: Shop, notify: bool) -> None:
    """Promise: orderCancel writes to the buyer exactly when `notifyCustomer` is true."""
    shop.data(CANCEL, {"id": made(shop, None, email=BUYER), "notify": notify})
    assert told(box) == ([("order cancelled", BUYER)] if notify else [])
