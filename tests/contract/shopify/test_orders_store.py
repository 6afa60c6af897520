"""An order made of its parts: what is kept, what is computed, who is told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sandbox.shopify.money import Bag, Pair, spread
from sandbox.shopify.server import ShopifySandbox
from sandbox.shopify.store import order_parts, order_payments, orders
from sandbox.shopify.store.order_book import Book
from sandbox.shopify.store.order_hooks import HOOKS

TEA = {"title": "Tea", "quantity": 3, "price": Bag.of("10.00"), "sku": "TEA"}


def make(box: ShopifySandbox, **parts: Any) -> Book:
    """The book of an order made of these parts."""
    with box.store.db.transaction():
        number = orders.create(box.store, orders.NewOrder(**parts))
        orders.reindex(box.store, number)
        box.store.publish()
    return Book(box.store, number)


def test_totals_follow_from_the_parts(box: ShopifySandbox) -> None:
    """Subtotal is lines less discounts; the total adds shipping, tax and charges."""
    tax = {"title": "VAT", "rate": "0.19", "amount": Bag.of("5.70")}
    book = make(
        box,
        lines=[TEA | {"taxes": [tax]}],
        shipping=[{"title": "Post", "price": Bag.of("4.90")}],
        charges=[{"kind": "tip", "price": Bag.of("1")}],
        discounts=[{"kind": "MANUAL", "value_type": "fixed", "value": "2", "shares": [("line", 0, Bag.of(2))]}],
    )
    assert book.subtotal == Bag.of(28)
    assert book.total == Bag.of("39.6")
    assert Bag.read(book.order["original_total"]) == book.total
    assert order_payments.financial_status(book) is None


def test_totals_that_an_order_states_hold_until_its_money_moves(box: ShopifySandbox) -> None:
    """A recorded order shows totals that its parts do not come to; after the next change they are its parts' sums."""
    number = make(box, lines=[TEA]).number
    orders.state(box.store, number, {"current_total": Bag.of("31.50"), "current_tax": Bag.of("1.50")})
    stated = Book(box.store, number)
    assert (stated.current_total, stated.current_tax, stated.total) == (Bag.of("31.50"), Bag.of("1.50"), Bag.of(30))
    with orders.moving(box.store, number):
        order_parts.add_shipping(box.store, number, {"title": "Post", "price": Bag.of("4.90")})
    assert Book(box.store, number).current_total == Bag.of("34.90")


def test_taxes_that_are_included_add_nothing(box: ShopifySandbox) -> None:
    """With taxesIncluded the tax is a part of the price."""
    tax = {"title": "VAT", "rate": "0.19", "amount": Bag.of("4.79")}
    book = make(box, columns={"taxes_included": 1}, lines=[TEA | {"taxes": [tax]}])
    assert book.total == Bag.of(30)
    assert book.tax_total == Bag.of("4.79")


def test_whoever_joins_is_told_of_a_new_order(box: ShopifySandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hook runs when all parts of the order are in the store."""
    seen: list[int] = []
    monkeypatch.setattr(HOOKS, "created", [lambda store, order: seen.append(len(Book(store, order).lines))])
    make(box, lines=[TEA, TEA])
    assert seen == [2]


def test_numbers_are_not_used_twice(box: ShopifySandbox) -> None:
    """A deleted order's number does not come back."""
    first = make(box, lines=[TEA])
    with box.store.db.transaction():
        orders.delete(box.store, first.number)
    assert make(box, lines=[TEA]).order["name"] == "#1002"


@pytest.mark.parametrize(
    ("whole", "currency", "expected"),
    [
        ("10", "EUR", ["3.34", "3.33", "3.33"]),
        ("10", "JPY", ["4", "3", "3"]),
        ("1", "KWD", ["0.334", "0.333", "0.333"]),
    ],
)
def test_a_discount_is_shared_to_the_smallest_unit(whole: str, currency: str, expected: list[str]) -> None:
    """The shares of equal lines add up to the whole, whatever the currency's precision."""
    parts = spread(Bag.of(whole), [Bag.of(1)] * 3, Pair(currency, currency))
    assert [part.shop for part in parts] == [Decimal(text) for text in expected]
