"""The orders that `make run` seeds: the same for a seed, and enough of every sort."""

from __future__ import annotations

from collections import Counter

from sandbox import catalogue, clientele, orderbook

CATALOGUE, CLIENTELE = catalogue.build(), clientele.build()
BOOK = orderbook.build(CATALOGUE, CLIENTELE)


def test_a_seed_gives_the_same_orders() -> None:
    """Promise: orders are the same for a seed, and others for another one."""
    assert orderbook.build(CATALOGUE, CLIENTELE) == BOOK
    assert orderbook.build(CATALOGUE, CLIENTELE, seed=2) != BOOK


def test_how_many_of_each_sort_there_are() -> None:
    """Promise: 300 orders, of which one is parked for its currency and one is a test; every event has its orders."""
    assert (len(BOOK.orders), BOOK.parked, BOOK.skipped) == (300, 1, 1)
    assert Counter(order.currency for order in BOOK.orders) == {"EUR": 287, "CHF": 6, "JPY": 6, "SEK": 1}
    happened = Counter(what for order in BOOK.orders for what in order.after)
    assert min(happened.values()) >= 5
    everything = {"edit", "address", "refund", "refund all", "cancel", "fulfil", "fulfil part", "terms", "return"}
    assert set(happened) == everything
    assert sum(order.draft for order in BOOK.orders) == 12
    assert sum(order.customer is None and order.company is None for order in BOOK.orders) == 30
    assert Counter(order.company for order in BOOK.orders if order.company is not None).total() == 12


def test_all_that_decides_money_is_there() -> None:
    """Promise: every kind of line, discount and shipping, and prices with and without tax, are among them."""
    plain = [order.values for order in BOOK.orders if not order.draft]
    lines = [line for values in plain for line in values["lineItems"]]
    assert {"sku" in line for line in lines} == {True, False}
    assert {line["quantity"] for line in lines} == set(range(1, 8))
    assert any(line.get("giftCard") for line in lines)
    assert any(line.get("sku") == orderbook.GONE for line in lines)
    assert len({name for values in plain for name in values.get("discountCode", ())}) == 3
    assert {len(values["shippingLines"]) for values in plain} == {0, 1, 2}
    assert {values["taxesIncluded"] for values in plain} == {True, False}
    assert any(values.get("presentmentCurrency") == "USD" for values in plain)
    said = [name for values in plain for name in ("poNumber", "customAttributes", "note") if name in values]
    assert min(Counter(said).values()) >= 6


def test_people_with_a_phone_alone_order_too() -> None:
    """Promise: customers without an e-mail address are among the buyers."""
    buyers = [CLIENTELE.customers[order.customer].values for order in BOOK.orders if order.customer is not None]
    assert any(buyer["email"] is None and buyer["phone"] for buyer in buyers)


def test_what_only_a_checkout_says_is_there() -> None:
    """Promise: tips, duties, fees, bundles, a till with rounded cash, and payments by two gateways come often."""
    checkouts = [order.checkout for order in BOOK.orders if order.checkout]
    kinds = Counter(charge["kind"] for checkout in checkouts for charge in checkout.get("charges", ()))
    parts = Counter(part for checkout in checkouts for part in checkout)
    assert (kinds, parts) == (
        {"tip": 18, "duty": 6, "fee": 6}, {"charges": 24, "bundles": 6, "location": 6, "cash_rounding": 6},
    )  # fmt: skip
    paid = [order.values["transactions"] for order in BOOK.orders if "transactions" in order.values]
    assert Counter(tuple(each["gateway"] for each in parts) for parts in paid) == {
        ("cash",): 6, ("gift_card", "bogus"): 6,
    }  # fmt: skip
