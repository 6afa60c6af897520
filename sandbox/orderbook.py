"""The made-up orders of the seeded customers: deterministic for a seed, unlike each other in all that decides money.

300 orders in Shopify: lines of products, free lines and gift cards, prices with and without tax, every discount that
the API takes, up to two shipping lines, guests, companies, drafts, what the buyer saw in another currency, what a
checkout or a till adds (tips, duties, fees, bundles, rounded cash, several payments), and what happened to them
afterwards.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.catalogue import Catalogue
from sandbox.clientele import FIRST, LAST, PLACES, STREETS, Clientele
from sandbox.firms import FIRMS

ORDERS = 300
EURO, FRANC, YEN, CROWN, DOLLAR = "EUR", "CHF", "JPY", "SEK", "USD"
KNOWN_LATER = (FRANC, YEN)
"""Currencies that sales adds to CRM. It has euros and dollars from the beginning, and no crowns."""
DECIMALS = {YEN: 0}
GUESTS = "Shopify guests"
GONE = "GONE-1"
"""The SKU of a product that is deleted after it was ordered."""
NOTE, MOVED = "Leave it with the neighbours. ☎ first", "Moved house"
"""What buyers say; no log may hold it (tests/support/leaks.py)."""
TEST, GONE_AT, CROWNS = 299, (40, 41), 150
REFUNDS = ("refund", "refund all")
_HAPPENED = {
    2: "edit", 7: "address", 12: "refund", 17: "refund all", 20: "fulfil part", 22: "fulfil", 30: "terms", 35: "return",
    37: "refund", 42: "cancel", 47: "fulfil",
}  # fmt: skip
TIP, TILL = {"kind": "tip", "amount": "3.21"}, 18
_CHECKOUT: dict[int, dict[str, Any]] = {
    5: {"charges": [TIP]},
    10: {"charges": [{"kind": "duty", "amount": "4.57", "line": 0}]},
    15: {"charges": [{"kind": "fee", "amount": "0.79"}, TIP]},
    TILL: {"charges": [TIP], "location": 1, "cash_rounding": "0.02"},
    25: {"bundles": [{"title": "Starter set", "lines": [0], "quantity": 1}]},
}
TWO_PAYMENTS = 28
_RATES = (0.19, 0.07, 0.081)


@dataclass(frozen=True)
class SeedOrder:
    """One order as the merchant enters it: OrderCreateOrderInput, or DraftOrderInput for a draft.

    Lines name a variant by `sku` where they have one; `customer` is a place in the clientele, None for a guest.
    `after`: what happens to it then, in that order. `company`: a place among the firms, for whose first location it is.
    `checkout`: what the API cannot say of it (`/_sandbox/orders`); a `location` there is a place among the shop's.
    """

    number: int
    values: dict[str, Any]
    customer: int | None
    after: tuple[str, ...] = ()
    draft: bool = False
    company: int | None = None
    checkout: Mapping[str, Any] = field(default_factory=dict)

    @property
    def currency(self) -> str:
        """The currency it was placed in."""
        return str(self.values.get("currency", EURO))


@dataclass(frozen=True)
class OrderBook:
    """All orders to seed."""

    orders: tuple[SeedOrder, ...]

    @property
    def parked(self) -> int:
        """How many have to be parked: CRM lacks their currency."""
        return sum(order.currency == CROWN for order in self.orders)

    @property
    def skipped(self) -> int:
        """How many are no business of CRM's: test orders."""
        return sum(bool(order.values.get("test")) for order in self.orders)

    def happened(self, what: str) -> tuple[SeedOrder, ...]:
        """Those to which that happens."""
        return tuple(order for order in self.orders if what in order.after)


def build(catalogue: Catalogue, clientele: Clientele, seed: int = 1) -> OrderBook:
    """The orders of that seed."""
    skus = [variant.sku for product in catalogue.shopify for variant in product.variants if variant.sku]
    pen = _Pen(random.Random(seed), skus, clientele)
    return OrderBook(tuple(map(pen.order, range(ORDERS))))


def amount(units: int, currency: str) -> str:
    """A number of hundredths in a currency, as text; where it has no decimals, of whole units."""
    return f"{Decimal(units).scaleb(-DECIMALS.get(currency, 2)):f}"


def bag(units: int, currency: str, seen_in: str | None = None) -> dict[str, Any]:
    """A MoneyBagInput; `seen_in`: the buyer's currency."""
    found = {"shopMoney": {"amount": amount(units, currency), "currencyCode": currency}}
    if seen_in:
        found["presentmentMoney"] = {"amount": amount(units * 11 // 10, seen_in), "currencyCode": seen_in}
    return found


def address(chance: random.Random, place: int) -> dict[str, Any]:
    """Somebody's address in one of the places."""
    country, city, code, province, _ = PLACES[place % len(PLACES)]
    return {
        "firstName": chance.choice(FIRST),
        "lastName": chance.choice(LAST),
        "address1": f"{place + 1} {chance.choice(STREETS)}",
        "city": city,
        "zip": code,
        "countryCode": country,
        **({"provinceCode": province} if province else {}),
    }


@dataclass(frozen=True)
class _Pen:
    """Writes orders: what an order has follows from its number, how much of it from chance."""

    chance: random.Random
    skus: list[str]
    clientele: Clientele

    def order(self, number: int) -> SeedOrder:
        customer = None if number % 10 == 9 else number * 7 % len(self.clientele.customers)
        if number % 25 == 4:
            return SeedOrder(number, self._draft(number) | self._sent(number, customer), customer, draft=True)
        currency, seen_in = _currencies(number)
        values = {
            "lineItems": list(self._lines(number, currency, seen_in)),
            "shippingLines": list(self._shipping(number, currency, seen_in)),
            "taxesIncluded": number // 3 % 2 == 1,
            "test": number == TEST,
            **self._discount(number, currency, seen_in),
            **self._sent(number, customer),
        }
        if currency != EURO:
            values["currency"] = currency
        if seen_in:
            values["presentmentCurrency"] = seen_in
        if number % 9 == 0:
            values["note"] = NOTE
        if number % 25 == 12:
            return SeedOrder(number, values, None, _after(number), company=number // 25 % FIRMS)
        paid = number % 50 in (TWO_PAYMENTS, TILL)
        values |= {"transactions": _payments(number, values["lineItems"][0])} if paid else {}
        values |= _said(number)
        return SeedOrder(number, values, customer, _after(number), checkout=_CHECKOUT.get(number % 50, {}))

    def _lines(self, number: int, currency: str, seen_in: str | None) -> Iterator[dict[str, Any]]:
        for place in range(1 + number % 3):
            line: dict[str, Any] = {
                "quantity": self.chance.randrange(1, 8),
                "priceSet": bag(self.chance.randrange(7, 29_999), currency, seen_in),
            }
            if number % 15 == 7 and place == 0:
                yield line | {"title": "Gift card", "giftCard": True, "taxable": False}
            elif (number + place) % 5 == 4:
                yield line | {"title": f"Engraving {number}", "taxLines": self._taxes(number)}
            else:
                sku = GONE if number in GONE_AT and place == 0 else self.chance.choice(self.skus)
                yield line | {"sku": sku, "requiresShipping": True, "taxLines": self._taxes(number)}

    def _taxes(self, number: int) -> list[dict[str, Any]]:
        if number % 13 == 0:
            return []
        taxes = [{"title": "VAT", "rate": self.chance.choice(_RATES)}]
        return taxes + ([{"title": "City", "rate": 0.02}] if number % 11 == 0 else [])

    def _shipping(self, number: int, currency: str, seen_in: str | None) -> Iterator[dict[str, Any]]:
        for title in ("Post", "Insurance")[: (0, 1, 1, 2)[number % 4]]:
            price = bag(self.chance.randrange(290, 1990), currency, seen_in)
            yield {"title": title, "priceSet": price, "taxLines": self._taxes(number)}

    def _discount(self, number: int, currency: str, seen_in: str | None) -> dict[str, Any]:
        codes = {
            1: {"itemPercentageDiscountCode": {"code": "EIGHTH", "percentage": 12.5}},
            3: {"itemFixedDiscountCode": {"code": "SEVEN", "amountSet": bag(701, currency, seen_in)}},
            5: {"freeShippingDiscountCode": {"code": "POSTFREE"}},
        }
        return {"discountCode": codes[number % 6]} if number % 6 in codes else {}

    def _sent(self, number: int, customer: int | None) -> dict[str, Any]:
        """Where it goes, if anywhere: one in eight is picked up."""
        if number % 8 == 0:
            return {}
        there = address(self.chance, number if customer is None else customer)
        return {"billingAddress": there, "shippingAddress": there}

    def _draft(self, number: int) -> dict[str, Any]:
        """A draft's lines with discounts of their own, and one of the whole draft for every other."""
        percent = {"value": 10, "valueType": "PERCENTAGE", "title": "Tenth"}
        fixed = {"value": 1.37, "valueType": "FIXED_AMOUNT", "title": "Each"}
        lines = [
            {"sku": self.chance.choice(self.skus), "quantity": self.chance.randrange(1, 8), "appliedDiscount": percent},
            {"title": "Fitting", "quantity": 3, "originalUnitPrice": "19.99", "appliedDiscount": fixed},
        ]
        whole = {"value": 5, "valueType": "FIXED_AMOUNT", "title": "Loyal"}
        courier = {"title": "Courier", "priceWithCurrency": {"amount": "7.25", "currencyCode": EURO}}
        return {"lineItems": lines, "shippingLine": courier, **({"appliedDiscount": whole} if number % 2 else {})}


def _payments(number: int, line: dict[str, Any]) -> list[dict[str, Any]]:
    """The first line's price, in cash at the till, or a third of it by a gift card and the rest otherwise."""
    price = Decimal(line["priceSet"]["shopMoney"]["amount"])
    third = (price / 3).quantize(Decimal("0.01"))
    parts = {"cash": price} if number % 50 == TILL else {"gift_card": third, "bogus": price - third}
    paid = {"kind": "SALE", "status": "SUCCESS"}
    money = {name: {"shopMoney": {"amount": str(part), "currencyCode": EURO}} for name, part in parts.items() if part}
    return [paid | {"gateway": name, "amountSet": bags} for name, bags in money.items()]


def _said(number: int) -> dict[str, Any]:
    """What buyers say beside a note: an order number of their own, and attributes of the cart."""
    said: dict[str, Any] = {"poNumber": f"PO-{number}"} if number % 25 == 10 else {}
    return said | ({"customAttributes": [{"key": "Gift wrap", "value": "yes"}]} if number % 25 == 5 else {})


def _currencies(number: int) -> tuple[str, str | None]:
    """The shop's currency of an order, and the buyer's where it is another."""
    if number == CROWNS:
        return CROWN, None
    if number % 50 in (31, 48):
        return (FRANC, YEN)[number % 2], None
    return EURO, DOLLAR if number % 20 == 13 else None


def _after(number: int) -> tuple[str, ...]:
    happened = _HAPPENED.get(number % 50)
    if happened is None or number in (TEST, CROWNS):
        return ()
    if happened == "return":
        return ("fulfil", happened)
    sent_too = happened in ("refund", "edit") and number // 50 % 2 == 0
    return (happened, "fulfil") if sent_too else (happened,)
