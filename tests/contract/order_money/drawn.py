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
        """The order in the store; its GID."""
        order = store.order(self.currency, **self.given)
        if self.charges:
            store.charge(order, self.charges)
        if self.whole_tax:
            store.tax_as_a_whole(order, *self.whole_tax)
        for event in self.events:
            self._happen(store, order, *event)
        return order

    def _happen(self, store: Store, order: str, what: str, place: int, number: int) -> None:
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


@st.composite
def orders(draw: st.DrawFn) -> Drawn:
    """Any order."""
    currency = draw(st.sampled_from(("EUR", "JPY", "KWD")))
    presentment = draw(st.sampled_from((currency, "USD")))
    units = st.integers(0, 99_999)

    def money(value: int) -> dict[str, Any]:
        other = None if presentment == currency else (amount(value * 11 // 10, presentment), presentment)
        return bag(amount(value, currency), currency, other)

    def taxes() -> list[dict[str, Any]]:
        found = []
        for title in draw(st.lists(st.sampled_from(("VAT", "City", "Eco")), max_size=2, unique=True)):
            one = {"title": title, "rate": draw(st.sampled_from((0.19, 0.07, 0.0825, 0.1)))}
            one["channelLiable"] = draw(st.sampled_from((None, False, True)))
            found.append(one)
        return found

    lines = [
        {
            "title": f"Item {n}",
            "quantity": draw(st.integers(1, 99)),
            "priceSet": money(draw(units)),
            "taxLines": taxes(),
        }
        | {"giftCard": draw(st.booleans())}
        for n in range(draw(st.integers(1, 3)))
    ]
    shipping = [
        {"title": f"Post {n}", "priceSet": money(draw(units)), "taxLines": taxes()}
        for n in range(draw(st.integers(0, 2)))
    ]
    given: dict[str, Any] = {
        "lineItems": lines,
        "shippingLines": shipping,
        "taxesIncluded": draw(st.booleans()),
        "presentmentCurrency": presentment,
        "transactions": [sale("999999", currency) | {"amountSet": money(99_999_999)}],
    }
    code = draw(st.sampled_from((None, "percent", "fixed", "shipping")))
    if code == "percent":
        given["discountCode"] = {"itemPercentageDiscountCode": {"code": "P", "percentage": draw(st.integers(0, 100))}}
    elif code == "fixed":
        given["discountCode"] = {"itemFixedDiscountCode": {"code": "F", "amountSet": money(draw(units))}}
    elif code == "shipping":
        given["discountCode"] = {"freeShippingDiscountCode": {"code": "S"}}
    charges = draw(st.lists(st.tuples(st.sampled_from(("tip", "duty", "fee")), units), max_size=3))
    return Drawn(
        currency,
        presentment,
        given,
        tuple((kind, amount(value, currency), amount(value * 11 // 10, presentment)) for kind, value in charges),
        draw(st.sampled_from((None, None, (amount(7, currency), amount(8, presentment))))),
        tuple(draw(st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 4), st.integers(1, 3000)), max_size=4))),
    )
