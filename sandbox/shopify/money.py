"""Amounts in two currencies at once: the shop's and the one the buyer saw.

Decimals only. A bag is kept in one text column as "12.00 8.00"; currencies stand with the order, not with the amount.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.shopify.scalars import amount

# ISO 4217: the currencies whose smallest unit is not a hundredth.
NO_PLACES = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
THREE_PLACES = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])


def unit(currency: str) -> Decimal:
    """The smallest amount of a currency."""
    if currency in NO_PLACES:
        return Decimal(1)
    return Decimal("0.001") if currency in THREE_PLACES else Decimal("0.01")


def rounded(value: Decimal, currency: str) -> Decimal:
    """An amount at its currency's precision, halves away from zero."""
    return value.quantize(unit(currency), ROUND_HALF_UP)


@dataclass(frozen=True)
class Pair:
    """The two currencies of an order: shop and presentment."""

    shop: str
    presentment: str

    @property
    def single(self) -> bool:
        """True when the buyer paid in the shop's own currency."""
        return self.shop == self.presentment


@dataclass(frozen=True)
class Bag:
    """An amount in shop and in presentment currency."""

    shop: Decimal = Decimal(0)
    presentment: Decimal = Decimal(0)

    @classmethod
    def of(cls, shop: Decimal | str | int, presentment: Decimal | str | int | None = None) -> Bag:
        """A bag of two amounts; one alone stands for both."""
        return cls(Decimal(shop), Decimal(shop if presentment is None else presentment))

    @classmethod
    def read(cls, text: str | None) -> Bag:
        """A bag from its column; nothing is zero."""
        return cls.of(*text.split(" ")) if text else cls()

    def write(self) -> str:
        """The bag as its column holds it."""
        return f"{self.shop:f} {self.presentment:f}"

    def __add__(self, other: Bag) -> Bag:
        return Bag(self.shop + other.shop, self.presentment + other.presentment)

    def __sub__(self, other: Bag) -> Bag:
        return Bag(self.shop - other.shop, self.presentment - other.presentment)

    def __mul__(self, factor: Decimal | int) -> Bag:
        return Bag(self.shop * factor, self.presentment * factor)

    def __neg__(self) -> Bag:
        return Bag(-self.shop, -self.presentment)

    def __bool__(self) -> bool:
        return bool(self.shop or self.presentment)

    def over(self, divisor: Decimal | int) -> Bag:
        """Divided, unrounded."""
        return Bag(self.shop / divisor, self.presentment / divisor)

    def rounded(self, pair: Pair) -> Bag:
        """At the precision of its currencies."""
        return Bag(rounded(self.shop, pair.shop), rounded(self.presentment, pair.presentment))

    def each(self, change: Callable[[Decimal], Decimal]) -> Bag:
        """Both amounts changed alike."""
        return Bag(change(self.shop), change(self.presentment))

    def floored(self) -> Bag:
        """Not below zero."""
        return self.each(lambda value: max(value, Decimal(0)))

    def shown(self, pair: Pair) -> dict[str, Any]:
        """As a MoneyBag of the API, at the precision of its currencies."""
        fit = self.rounded(pair)
        return {
            "shopMoney": {"amount": amount(fit.shop), "currencyCode": pair.shop},
            "presentmentMoney": {"amount": amount(fit.presentment), "currencyCode": pair.presentment},
        }


def total(bags: Iterable[Bag]) -> Bag:
    """The sum of bags."""
    result = Bag()
    for bag in bags:
        result = result + bag
    return result


def spread(whole: Bag, weights: list[Bag], pair: Pair) -> list[Bag]:
    """A bag divided in proportion to weights so that the parts add up to it to the smallest unit."""
    shop = _spread(whole.shop, [weight.shop for weight in weights], unit(pair.shop))
    presentment = _spread(whole.presentment, [weight.presentment for weight in weights], unit(pair.presentment))
    return [Bag(*both) for both in zip(shop, presentment, strict=True)]


def _spread(whole: Decimal, weights: list[Decimal], step: Decimal) -> list[Decimal]:
    of_all = sum(weights, Decimal(0))
    if not of_all:
        return [Decimal(0)] * len(weights)
    exact = [whole * weight / of_all for weight in weights]
    parts = [value.quantize(step, ROUND_DOWN) for value in exact]
    left = int((whole.quantize(step, ROUND_HALF_UP) - sum(parts, Decimal(0))) / step)
    # What rounding down left over goes to the largest remainders, the earlier line first.
    by_need = sorted(range(len(parts)), key=lambda place: parts[place] - exact[place])
    for place in by_need[: max(left, 0)]:
        parts[place] += step
    return parts
