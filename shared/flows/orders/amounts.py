"""Amounts of an order at one of its two currencies, and the organization's settings that decide how they are written.

All amounts are Decimal in units of the currency (12.34 EUR); a precision is a number of decimals. Shopify gives every
amount twice, in the shop's currency and in the one the buyer saw; one side is chosen per shop and kept with the pair.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction
from typing import Any

from shared.currencies import digits as digits_of
from shared.errors import Invalid
from shared.records import Content

ZERO = Decimal(0)
MOST_PRICE_DIGITS = 4


class MoneySide(StrEnum):
    """Which of an order's two currencies is written to CRM."""

    SHOP = "shop"
    PRESENTMENT = "presentment"


class DiscountMethod(IntEnum):
    """The organization's `discountcalculationmethod`: a line's manual discount counts once, or once per unit."""

    LINE_ITEM = 0
    PER_UNIT = 1


@dataclass(frozen=True, slots=True)
class MoneySettings:
    """What decides how an order's money is written.

    `pricing_precision`: the organization's decimals of prices; `currency_precision`: decimals of the transaction
    currency in CRM. `unknown_is_channels`: whether a tax line that does not say who is liable is the channel's.
    """

    side: MoneySide = MoneySide.SHOP
    discount_method: DiscountMethod = DiscountMethod.LINE_ITEM
    pricing_precision: int = 4
    currency_precision: int = 2
    unknown_is_channels: bool = False

    @property
    def price_digits(self) -> int:
        """The decimals a price may have: a money column keeps four, whatever the organization's precision is."""
        return min(self.pricing_precision, MOST_PRICE_DIGITS)


@dataclass(frozen=True, slots=True)
class Amounts:
    """Reads the amounts of one order at the chosen side. Raises Invalid naming the field that has none."""

    side: MoneySide
    currency: str

    @classmethod
    def of_order(cls, content: Content, side: MoneySide) -> Amounts:
        """For the order's currency on that side."""
        name = "currencyCode" if side is MoneySide.SHOP else "presentmentCurrencyCode"
        return cls(side, str(content[name]))

    def of(self, holder: Content, name: str) -> Decimal:
        """The amount of the MoneyBag in the field `name`."""
        found = self.perhaps(holder, name)
        if found is None:
            raise Invalid(f"Shopify gave no amount for {name}: read the order again.", facts={"field": name})
        return found

    def perhaps(self, holder: Content, name: str) -> Decimal | None:
        """The amount of a MoneyBag that may be absent."""
        bag = holder.get(name)
        money = bag.get(f"{self.side}Money") if isinstance(bag, Mapping) else None
        return None if money is None else Decimal(money["amount"])

    @property
    def digits(self) -> int:
        """The decimals of the currency itself, whatever CRM keeps of them."""
        return digits_of(self.currency)

    def share(self, whole: Decimal, part: Decimal | int, of_all: Decimal | int) -> Decimal:
        """The part of an amount that falls on `part` of `of_all`, at the currency's decimals; all of it of nothing."""
        return rounded(whole * part / of_all, self.digits) if of_all else whole


def step(digits: int) -> Decimal:
    """The smallest amount with that many decimals."""
    return Decimal(1).scaleb(-digits)


def rounded(amount: Decimal, digits: int) -> Decimal:
    """At that many decimals, halves away from zero."""
    return amount.quantize(step(digits), ROUND_HALF_UP)


def divided_up(amount: Decimal, quantity: int, digits: int) -> Decimal:
    """A quotient, rounded up at that many decimals without any error before the rounding."""
    return Decimal(math.ceil(Fraction(amount) * 10**digits / quantity)).scaleb(-digits)


def divided_down(amount: Decimal, quantity: int, digits: int) -> Decimal:
    """A quotient, rounded down at that many decimals without any error before the rounding."""
    return Decimal(math.floor(Fraction(amount) * 10**digits / quantity)).scaleb(-digits)


def fits(amount: Decimal, digits: int) -> bool:
    """Whether that many decimals hold the amount exactly."""
    return rounded(amount, digits) == amount


def decimals(amount: Decimal) -> int:
    """How many decimals an amount needs."""
    exponent: Any = amount.normalize().as_tuple().exponent
    return max(0, -int(exponent))
