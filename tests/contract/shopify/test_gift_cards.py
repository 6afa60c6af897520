"""Gift cards and abandoned checkouts of the Shopify sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.shopify import control
from sandbox.shopify.server import ShopifySandbox
from sandbox.shopify.store import abandoned
from tests.contract.shopify.client import Shop

CREATE = """mutation($i: GiftCardCreateInput!) { giftCardCreate(input: $i) {
  giftCardCode giftCard { id lastCharacters maskedCode enabled balance { amount currencyCode } expiresOn }
  userErrors { field message code } } }"""
CREDIT = """mutation($id: ID!, $m: MoneyInput!) { giftCardCredit(id: $id, creditInput: { creditAmount: $m }) {
  giftCardCreditTransaction { amount { amount } giftCard { balance { amount } } }
  userErrors { field message code } } }"""
DEBIT = """mutation($id: ID!, $m: MoneyInput!) { giftCardDebit(id: $id, debitInput: { debitAmount: $m }) {
  giftCardDebitTransaction { amount { amount } } userErrors { field message code } } }"""
OFF = "mutation($id: ID!) { giftCardDeactivate(id: $id) { giftCard { enabled deactivatedAt } userErrors { message } } }"
LIST = """query($q: String) { giftCards(first: 5, query: $q, sortKey: UPDATED_AT, reverse: true) {
  nodes { id balance { amount } } } giftCardsCount { count } }"""
LEFT = """query($q: String) { abandonedCheckouts(first: 5, query: $q, sortKey: ID) { nodes {
  id name completedAt lineItemsQuantity totalPriceSet { shopMoney { amount currencyCode } }
  lineItems(first: 5) { nodes { id title sku quantity originalTotalPriceSet { shopMoney { amount } } } } } } }"""

HAT = {"title": "Hat", "sku": "HAT-1", "quantity": 2, "price": "12.50"}


def issue(shop: Shop, **given: Any) -> Any:
    """A card the merchant issues; the payload."""
    return shop.data(CREATE, {"i": given})["giftCardCreate"]


def test_a_card_is_issued_topped_up_spent_and_switched_off(shop: Shop) -> None:
    """Its balance follows credits and debits, only its last characters are shown, and off it stays."""
    made = issue(shop, code="Birthday2026", initialValue="50", expiresOn="2030-01-31")
    card = made["giftCard"]
    assert (made["giftCardCode"], card["lastCharacters"], card["enabled"]) == ("birthday2026", "2026", True)
    assert card["balance"] == {"amount": "50.0", "currencyCode": "EUR"}
    euros = {"id": card["id"], "m": {"amount": "10", "currencyCode": "EUR"}}
    told = shop.data(CREDIT, euros)["giftCardCredit"]["giftCardCreditTransaction"]
    assert (told["amount"]["amount"], told["giftCard"]["balance"]["amount"]) == ("10.0", "60.0")
    assert shop.data(DEBIT, euros)["giftCardDebit"]["giftCardDebitTransaction"]["amount"]["amount"] == "-10.0"
    off = shop.data(OFF, {"id": card["id"]})["giftCardDeactivate"]["giftCard"]
    assert off["enabled"] is False
    refused = shop.data(CREDIT, euros)["giftCardCredit"]["userErrors"]
    assert refused == [{"field": ["id"], "message": "The gift card is deactivated.", "code": "INVALID"}]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"code": "short", "initialValue": "5"}, "TOO_SHORT"),
        ({"code": "a" * 21, "initialValue": "5"}, "TOO_LONG"),
        ({"code": "no-dashes-here", "initialValue": "5"}, "INVALID"),
        ({"initialValue": "0"}, "GREATER_THAN"),
        ({"initialValue": "5", "customerId": "gid://shopify/Customer/1"}, "CUSTOMER_NOT_FOUND"),
    ],
)
def test_what_the_schema_forbids_is_refused(shop: Shop, given: dict[str, Any], code: str) -> None:
    """Codes of 8 to 20 letters and digits, a value above zero, a customer that exists."""
    payload = issue(shop, **given)
    assert (payload["giftCard"], payload["userErrors"][0]["code"]) == (None, code)


def test_a_debit_in_another_currency_or_above_the_balance_is_refused(shop: Shop) -> None:
    """The recorded sentence for currencies, and the schema's code for a balance that is too low."""
    card = issue(shop, initialValue="5")["giftCard"]["id"]
    dollars = shop.data(CREDIT, {"id": card, "m": {"amount": "1", "currencyCode": "USD"}})["giftCardCredit"]
    assert dollars["userErrors"][0]["message"] == "The currency provided does not match the currency of the gift card."
    much = shop.data(DEBIT, {"id": card, "m": {"amount": "6", "currencyCode": "EUR"}})["giftCardDebit"]
    assert much["userErrors"][0]["code"] == "INSUFFICIENT_FUNDS"


def test_cards_are_listed_newest_first_and_searched(box: ShopifySandbox, shop: Shop) -> None:
    """By the time of their last change, and by whether they can be used."""
    first, second = (issue(shop, initialValue="5")["giftCard"]["id"] for _ in range(2))
    box.clock.advance(1)
    shop.data(CREDIT, {"id": first, "m": {"amount": "1", "currencyCode": "EUR"}})
    found = shop.data(LIST, {})
    assert [node["id"] for node in found["giftCards"]["nodes"]] == [first, second]
    assert found["giftCardsCount"]["count"] == 2
    shop.data(OFF, {"id": second})
    assert [node["id"] for node in shop.data(LIST, {"q": "status:disabled"})["giftCards"]["nodes"]] == [second]


def test_a_checkout_that_was_left_is_read_with_its_lines(box: ShopifySandbox, shop: Shop) -> None:
    """What was in it, what it comes to, and that its buyer came back."""
    with box.store.db.transaction():
        number = abandoned.leave(box.store, None, [HAT])
    (found,) = shop.data(LEFT, {"q": "recovery_state:not_recovered"})["abandonedCheckouts"]["nodes"]
    assert (found["name"], found["completedAt"], found["lineItemsQuantity"]) == (f"#{number}", None, 2)
    assert found["totalPriceSet"]["shopMoney"] == {"amount": "25.0", "currencyCode": "EUR"}
    assert [line["title"] for line in found["lineItems"]["nodes"]] == ["Hat"]
    with box.store.db.transaction():
        abandoned.complete(box.store, number)
    assert shop.data(LEFT, {"q": "recovery_state:not_recovered"})["abandonedCheckouts"]["nodes"] == []


@pytest.mark.parametrize(
    ("left", "said"),
    [
        ({"customer": "gid://shopify/Customer/1", "lines": [HAT]}, "customer is the number of a customer"),
        ({"customer": 1}, "lines is missing: name at least one"),
        ({"lines": []}, "lines is missing: name at least one"),
        ({"lines": [{"title": "Hat"}]}, "each of lines has title, quantity and price"),
        ({"lines": [HAT | {"variant": 1}]}, "each of lines has title, quantity and price"),
        ({"lines": [HAT | {"quantity": "2"}]}, "quantity is a whole number"),
        ({"lines": [HAT | {"price": "much"}]}, "price an amount such as"),
    ],
)
def test_what_no_buyer_could_leave_is_refused(box: ShopifySandbox, left: dict[str, Any], said: str) -> None:
    """Promise: a checkout with another id than a number, or without lines, gets 422 and a sentence; none is kept."""
    status, body = control.answer(box, "POST", "checkouts", left)
    assert (status, said in body["errors"]) == (422, True)
    assert box.store.db.all("SELECT id FROM abandoned_checkouts", ()) == []
