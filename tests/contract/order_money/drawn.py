"""Orders that Hypothesis draws: anything the Shopify sandbox can hold, made by orderCreate, refunds and edits."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.contract.order_money.ledger import PRECISIONS
from tests.contract.order_money.shop import ADD, CANCEL, DISCOUNT, SET, SHIP, UNSHIP, Store, bag, sale


@dataclass(frozen=True)
class Drawn:
    """An order to be made: its two currencies, what orderCreate is given, charges, and what happens then."""

    currency: str
    presentment: str
    given: dict[str, Any]
    charges: tuple[tuple[str, str, str], ...]
    whole_tax: tuple[str, str] | None
    events: tuple[tuple[str, int, int], ...]

    def make(self, store: Store) -> str:
        """The order in the store, after all that happens to it; its GID."""
        order = self.begin(store)
        for event in self.events:
            self.happen(store, order, *event)
        return order

    def begin(self, store: Store) -> str:
        """The order as it is placed; its GID."""
        order = store.order(self.currency, **self.given)
        if self.charges:
            store.charge(order, self.charges)
        if self.whole_tax:
            store.tax_as_a_whole(order, *self.whole_tax)
        return order

    def happen(self, store: Store, order: str, what: str, place: int, number: int) -> None:
        """One event, which Shopify may refuse."""
        lines, shipping = store.lines[order], store.shipping[order]
        line = lines[place % len(lines)]
        small = amount(number, self.presentment)
        money = {"amount": small, "currencyCode": self.presentment}
        if what == "refund":
            store.try_refund(order, refundLineItems=[{"lineItemId": line, "quantity": number % 7 + 1}])
        elif what == "shipping":
            store.try_refund(order, shipping={"amount": small})
        elif what == "money":
            store.try_refund(order, transactions=store.payment(order, small))
        elif what == "cancel":
            store.try_out(CANCEL, id=order)
        else:
            steps = {
                "fewer": (SET, {"line": line, "n": number % 3}),
                "more": (SET, {"line": line, "n": number % 100}),
                "add": (ADD, {"title": "Wrap", "n": number % 5 + 1, "price": money}),
                "percent": (DISCOUNT, {"line": line, "d": {"description": "P", "percentValue": number % 101}}),
                "fixed": (DISCOUNT, {"line": line, "d": {"description": "F", "fixedValue": money}}),
                "ship": (SHIP, {"s": {"title": "Van", "price": money}}),
                "unship": (UNSHIP, {"s": shipping[place % len(shipping)] if shipping else line}),
            }
            store.attempt(order, steps[what])


EVENTS = (
    "refund",
    "refund",
    "shipping",
    "money",
    "cancel",
    "fewer",
    "more",
    "add",
    "percent",
    "fixed",
    "ship",
    "unship",
)


def amount(units: int, currency: str) -> str:
    """A number of smallest units as Shopify takes it."""
    return f"{Decimal(units).scaleb(-PRECISIONS[currency]):f}"


UNITS = st.integers(0, 99_999)
RATES = st.sampled_from((0.19, 0.07, 0.0825, 0.1))
OWNERS = st.sampled_from((None, False, True))
TITLES = st.lists(st.sampled_from(("VAT", "City", "Eco")), max_size=2, unique=True)
CHARGES = st.lists(st.tuples(st.sampled_from(("tip", "duty", "fee")), UNITS), max_size=3)
HAPPENED = st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 4), st.integers(1, 3000)), max_size=4)


@dataclass(frozen=True)
class Pen:
    """Draws parts of an order in its two currencies."""

    draw: st.DrawFn
    currency: str
    presentment: str

    def both(self, units: int) -> tuple[str, str]:
        """An amount as the shop has it and as the buyer saw it."""
        return amount(units, self.currency), amount(units * 11 // 10, self.presentment)

    def money(self, units: int) -> dict[str, Any]:
        """A MoneyBagInput."""
        shop, seen = self.both(units)
        return bag(shop, self.currency, None if self.presentment == self.currency else (seen, self.presentment))

    def taxes(self) -> list[dict[str, Any]]:
        """Up to two tax lines."""
        return [
            {"title": title, "rate": self.draw(RATES), "channelLiable": self.draw(OWNERS)}
            for title in self.draw(TITLES)
        ]

    def line(self, number: int) -> dict[str, Any]:
        """A line of up to 99 units."""
        priced = {"priceSet": self.money(self.draw(UNITS)), "taxLines": self.taxes()}
        quantity, gift = self.draw(st.integers(1, 99)), self.draw(st.booleans())
        return {"title": f"Item {number}", "quantity": quantity, "giftCard": gift} | priced

    def shipping(self, number: int) -> dict[str, Any]:
        """A shipping line."""
        return {"title": f"Post {number}", "priceSet": self.money(self.draw(UNITS)), "taxLines": self.taxes()}

    def code(self) -> dict[str, Any]:
        """No discount code, or one of the three kinds."""
        percent, units = self.draw(st.integers(0, 100)), self.draw(UNITS)
        codes: tuple[dict[str, Any], ...] = (
            {},
            {"itemPercentageDiscountCode": {"code": "P", "percentage": percent}},
            {"itemFixedDiscountCode": {"code": "F", "amountSet": self.money(units)}},
            {"freeShippingDiscountCode": {"code": "S"}},
        )
        chosen = self.draw(st.sampled_from(codes))
        return {"discountCode": chosen} if chosen else {}


@st.composite
def orders(draw: st.DrawFn) -> Drawn:
    """Any order."""
    currency = draw(st.sampled_from(("EUR", "JPY", "KWD")))
    pen = Pen(draw, currency, draw(st.sampled_from((currency, "USD"))))
    given: dict[str, Any] = {
        "lineItems": [pen.line(number) for number in range(draw(st.integers(1, 3)))],
        "shippingLines": [pen.shipping(number) for number in range(draw(st.integers(0, 2)))],
        "taxesIncluded": draw(st.booleans()),
        "presentmentCurrency": pen.presentment,
        "transactions": [sale("1", currency) | {"amountSet": pen.money(99_999_999)}],
    }
    return Drawn(
        currency,
        pen.presentment,
        given | pen.code(),
        tuple((kind, *pen.both(units)) for kind, units in draw(CHARGES)),
        pen.both(8) if draw(st.booleans()) else None,
        tuple(draw(HAPPENED)),
    )
