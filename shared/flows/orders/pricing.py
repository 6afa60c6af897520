"""Price and discount of one line, so that Dataverse's pricing engine arrives at exactly what the line costs.

The engine: base = price x quantity at the currency's precision, less the manual discount (once, or per unit where the
organization says so), plus tax. Its way of rounding halves is not documented, so no price is left that needs one.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from shared.errors import Invalid
from shared.flows.orders.amounts import (
    MOST_PRICE_DIGITS,
    ZERO,
    DiscountMethod,
    MoneySettings,
    decimals,
    divided_down,
    divided_up,
    fits,
    rounded,
    step,
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a line costs: its price as listed, quantity (above 0), tax inside that price, and net after discounts."""

    unit_price: Decimal
    quantity: int
    tax_inside: Decimal
    net: Decimal

    @property
    def listed(self) -> Decimal:
        """Before discounts, without tax."""
        return self.unit_price * self.quantity - self.tax_inside


@dataclass(frozen=True, slots=True)
class Priced:
    """A line as it is written: `manualdiscountamount` as the organization's method counts it.

    `base_amount`: what the engine makes of price and quantity. `rounding`: how much of the written discount is no
    discount of Shopify's but makes a rounded price exact; negative where the price took a part of the discount.
    """

    price_per_unit: Decimal
    manual_discount: Decimal
    base_amount: Decimal
    rounding: Decimal


def priced(cost: Cost, settings: MoneySettings) -> Priced:
    """Price and discount that make the line cost exactly its net. Raises Invalid where no such price fits."""
    if settings.discount_method is DiscountMethod.PER_UNIT:
        return _per_unit(cost, settings)
    return _line_item(cost, settings)


def _line_item(cost: Cost, settings: MoneySettings) -> Priced:
    digits = settings.price_digits
    if not cost.tax_inside and not fits(cost.unit_price, digits):
        raise _too_coarse(cost, settings, decimals(cost.unit_price))
    price = divided_up(cost.listed, cost.quantity, digits)
    if rounded(price * cost.quantity, settings.currency_precision) < cost.net:
        # Shopify shows unit prices rounded: units sold at 3.3334 are listed at 3.33, and cost more than that.
        price = divided_up(cost.net, cost.quantity, digits)
    if _is_tie(price * cost.quantity, settings):
        price += step(digits)
    base = rounded(price * cost.quantity, settings.currency_precision)
    return Priced(price, base - cost.net, base, base - cost.listed)


def _per_unit(cost: Cost, settings: MoneySettings) -> Priced:
    discount = divided_down(max(cost.listed - cost.net, ZERO), cost.quantity, settings.currency_precision)
    base = cost.net + discount * cost.quantity
    price = _price_for(base, cost.quantity, settings, settings.price_digits)
    if price is None:
        finer = range(settings.price_digits + 1, MOST_PRICE_DIGITS + 1)
        needed = next((digits for digits in finer if _price_for(base, cost.quantity, settings, digits) is not None), 0)
        raise _too_coarse(cost, settings, needed)
    return Priced(price, discount, base, base - cost.listed)


def _price_for(base: Decimal, quantity: int, settings: MoneySettings, digits: int) -> Decimal | None:
    """The price nearest to base / quantity with that many decimals whose product is rounded to base."""
    near = (divided_down(base, quantity, digits), divided_up(base, quantity, digits))
    price = min(near, key=lambda one: abs(one * quantity - base))
    product = price * quantity
    exact = rounded(product, settings.currency_precision) == base and not _is_tie(product, settings)
    return price if exact else None


def _is_tie(product: Decimal, settings: MoneySettings) -> bool:
    """Whether rounding this product would depend on the engine's way with halves."""
    unit = step(settings.currency_precision)
    return abs(product) % unit * 2 == unit


def _too_coarse(cost: Cost, settings: MoneySettings, needed: int) -> Invalid:
    possible = 0 < needed <= MOST_PRICE_DIGITS
    change = f"raise it to {needed}" if possible else "no precision would do, discounts per line item would"
    return Invalid(
        f"{cost.quantity} units for {cost.net:f} cannot be priced exactly with {settings.price_digits} decimals, "
        f"as the organization's pricing precision has it: {change}.",
        facts={
            "field": "priceperunit",
            "unit_price": f"{cost.unit_price:f}",
            "quantity": cost.quantity,
            "net": f"{cost.net:f}",
            "pricing_precision": settings.price_digits,
            "needed": needed,
        },
    )
