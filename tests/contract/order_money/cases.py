"""The table of orders: currencies x taxes in or out x discounts x what happened after; charges and owners mixed in.

Prices and quantities are awkward on purpose: nothing divides evenly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from tests.contract.order_money.shop import ADD, DISCOUNT, SET, SHIP, UNSHIP, Store, bag, line, sale, tax

# per currency: three unit prices, shipping, a fixed discount, a small amount
PRICES = {
    "EUR": ("9.99", "5.55", "0.07", "4.90", "7.01", "0.37"),
    "JPY": ("999", "1255", "7", "490", "701", "37"),
    "KWD": ("9.999", "5.555", "0.007", "4.905", "7.001", "0.373"),
}
QUANTITIES = (3, 7, 1)
DISCOUNTS = ("none", "percent", "fixed", "everything", "free shipping", "lines")
EVENTS = ("none", "refund", "shipping refund", "goodwill", "fewer", "changed")


@dataclass(frozen=True)
class Case:
    """One order of the table; `charges`: with a tip, duties and fees; `channel`: one line's tax is the channel's."""

    currency: str
    included: bool
    discount: str
    event: str
    charges: bool
    channel: bool

    def __str__(self) -> str:
        extras = (" charges" if self.charges else "") + (" channel" if self.channel else "")
        return f"{self.currency} {'gross' if self.included else 'net'}, {self.discount}, {self.event}{extras}"

    def make(self, store: Store) -> str:
        """The order in the store, with all that happened to it; its GID."""
        prices = PRICES[self.currency]
        order = store.order(self.currency, **self._given(prices))
        if self.discount == "lines":
            _discount_lines(self, store, order)
        if self.charges:
            store.charge(order, [("tip", prices[5]), ("duty", prices[4]), ("fee", prices[2])])
        HAPPENING[self.event](self, store, order)
        return order

    def _given(self, prices: tuple[str, ...]) -> dict[str, Any]:
        rates = ({"channelLiable": self.channel}, {}, {})
        lines = [
            line(f"Item {place}", price, quantity, self.currency, taxLines=[tax(rate, **more), tax(0.02, title="City")])
            for place, (price, quantity, rate, more) in enumerate(
                zip(prices, QUANTITIES, (0.19, 0.07, 0.19), rates, strict=False)
            )
        ]
        shipping = {"title": "Post", "priceSet": bag(prices[3], self.currency), "taxLines": [tax(0.19, title="Post")]}
        given = {
            "lineItems": lines,
            "taxesIncluded": self.included,
            "shippingLines": [shipping],
            "transactions": [sale("5000", self.currency)],
        }
        codes = {
            "percent": {"itemPercentageDiscountCode": {"code": "P", "percentage": 12.5}},
            "fixed": {"itemFixedDiscountCode": {"code": "F", "amountSet": bag(prices[4], self.currency)}},
            "everything": {"itemPercentageDiscountCode": {"code": "A", "percentage": 100}},
            "free shipping": {"freeShippingDiscountCode": {"code": "S"}},
        }
        return given | ({"discountCode": codes[self.discount]} if self.discount in codes else {})

    def money(self, amount: str) -> dict[str, Any]:
        """A MoneyInput in the order's currency."""
        return {"amount": amount, "currencyCode": self.currency}


def _discount_lines(case: Case, store: Store, order: str) -> None:
    lines = store.lines[order]
    percent = {"line": lines[0], "d": {"description": "Third", "percentValue": 33.3}}
    fixed = {"line": lines[1], "d": {"description": "Each", "fixedValue": case.money(PRICES[case.currency][5])}}
    store.edit(order, (DISCOUNT, percent), (DISCOUNT, fixed))


def _refund(case: Case, store: Store, order: str) -> None:
    lines = store.lines[order]
    for place, quantity in ((0, 1), (1, 2), (1, 3)):
        store.refund(order, refundLineItems=[{"lineItemId": lines[place], "quantity": quantity}])


def _refund_shipping(case: Case, store: Store, order: str) -> None:
    lines = store.lines[order]
    row = {"lineItemId": lines[2], "quantity": 1}
    shipping = {} if case.discount == "free shipping" else {"amount": PRICES[case.currency][5]}
    store.refund(order, PRICES[case.currency][5], refundLineItems=[row], shipping=shipping)
    store.refund(order, shipping=shipping)


def _goodwill(case: Case, store: Store, order: str) -> None:
    store.refund(order, PRICES[case.currency][5])


def _fewer(case: Case, store: Store, order: str) -> None:
    lines = store.lines[order]
    store.edit(order, (SET, {"line": lines[1], "n": 4}), (SET, {"line": lines[2], "n": 0}))
    store.refund(order, refundLineItems=[{"lineItemId": lines[1], "quantity": 1}])


def _changed(case: Case, store: Store, order: str) -> None:
    prices, lines = PRICES[case.currency], store.lines[order]
    (shipping,) = store.shipping[order]
    store.edit(
        order,
        (ADD, {"title": "Wrap", "n": 3, "price": case.money(prices[5])}),
        (SET, {"line": lines[0], "n": 5}),
        (UNSHIP, {"s": shipping}),
        (SHIP, {"s": {"title": "Van", "price": case.money(prices[4])}}),
        (DISCOUNT, {"line": lines[2], "d": {"description": "Half", "percentValue": 50}}),
    )


HAPPENING: dict[str, Callable[[Case, Store, str], None]] = {
    "none": lambda _case, _store, _order: None,
    "refund": _refund,
    "shipping refund": _refund_shipping,
    "goodwill": _goodwill,
    "fewer": _fewer,
    "changed": _changed,
}


def table() -> Iterator[Case]:
    """Three in four of all combinations; charges and the channel's taxes alternate, so that each meets every choice."""
    combinations = product(PRICES, (False, True), DISCOUNTS, EVENTS)
    for number, (currency, included, discount, event) in enumerate(combinations):
        if (number + number // 36) % 4 != 3:  # another quarter is left out for each currency
            yield Case(currency, included, discount, event, charges=number % 2 == 0, channel=number % 5 == 0)


CASES = tuple(table())
