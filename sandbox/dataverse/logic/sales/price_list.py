"""The price of one unit of a catalogue product: which price list item counts and what its method makes of it.

Reference: Product pricing methods, Price calculation for opportunity, quote, order and invoice records. What the
documentation leaves open is named in docs/sandbox-dataverse.md. Nothing here writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from sandbox.dataverse.context import Context
from sandbox.dataverse.store import Row

from .errors import PricingError

AMOUNT, LIST, MARKUP_CURRENT, MARGIN_CURRENT, MARKUP_STANDARD, MARGIN_STANDARD = range(1, 7)
NO_ROUNDING, UP, DOWN, NEAREST = range(1, 5)
ENDS_IN, MULTIPLE_OF = 1, 2
WHOLE, FRACTIONAL = 2, 3
INACTIVE = 1
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Terms:
    """What the header lays down for its lines."""

    price_list_id: str | None
    currency_id: str | None
    rate: Decimal
    money_digits: int
    price_digits: int
    rounding: str
    list_needed: bool
    per_unit_discount: bool
    locked: bool

    def money(self, number: Decimal) -> Decimal:
        """The number with the currency's decimals."""
        return number.quantize(Decimal(1).scaleb(-self.money_digits), rounding=self.rounding)

    def price(self, number: Decimal) -> Decimal:
        """The number with the decimals of prices."""
        return number.quantize(Decimal(1).scaleb(-self.price_digits), rounding=self.rounding)


def find_item(ctx: Context, terms: Terms, line: Row) -> Row | None:
    """The price list item of a line; PricingError when the list is missing, inactive, foreign or lacks the product.

    The record's list counts; where lists are optional, the product's default list comes second and a product in
    neither has no price.
    """
    if terms.price_list_id is None and terms.list_needed:
        raise PricingError(PricingError.MISSING_PRICE_LEVEL)
    found = _item(ctx, terms, terms.price_list_id, line) if terms.price_list_id else None
    if found is None and terms.list_needed:
        raise PricingError(PricingError.PRODUCT_NOT_IN_PRICE_LEVEL)
    if found is None:
        product = _product(ctx, line)
        default = product.get("pricelevelid")
        found = _item(ctx, terms, default, line) if default else None
    return found


def _item(ctx: Context, terms: Terms, list_id: str, line: Row) -> Row | None:
    price_list = ctx.store.get(
        ctx.table("pricelevel"), list_id, ["pricelevelid", "statecode", "transactioncurrencyid"])
    if price_list is None:
        raise PricingError(PricingError.MISSING_PRICE_LEVEL)
    if price_list["statecode"] == INACTIVE:
        raise PricingError(PricingError.INACTIVE_PRICE_LEVEL)
    if price_list["transactioncurrencyid"] != terms.currency_id:
        raise PricingError(PricingError.INVALID_PRICE_LEVEL_CURRENCY)
    wanted = {"pricelevelid": list_id, "productid": line.get("productid"), "uomid": line.get("uomid")}
    found = ctx.store.find(ctx.table("productpricelevel"), wanted, limit=1)
    return found[0] if found else None


def _product(ctx: Context, line: Row) -> Row:
    columns = ["productid", "price", "currentcost", "standardcost", "quantitydecimal", "pricelevelid"]
    found = ctx.store.get(ctx.table("product"), str(line.get("productid")), columns)
    if found is None:
        raise PricingError(PricingError.MISSING_PRODUCT)
    return found


def check_quantity(ctx: Context, item: Row, line: Row) -> None:
    """`Whole` allows no decimals, `whole and fractional` as many as the product supports, `no control` any."""
    quantity = line["quantity"]
    code = item.get("quantitysellingcode")
    allowed = None
    if code == WHOLE:
        allowed = 0
    elif code == FRACTIONAL:
        allowed = _product(ctx, line).get("quantitydecimal") or 0
    if allowed is not None and quantity != quantity.quantize(Decimal(1).scaleb(-allowed)):
        raise PricingError(PricingError.INVALID_QUANTITY)


def unit_price(ctx: Context, item: Row, line: Row) -> Decimal:
    """The price by the item's method, rounded by its rounding options."""
    method = item.get("pricingmethodcode")
    if method is None:
        raise PricingError(PricingError.MISSING_PRICING_CODE)
    if method == AMOUNT:
        if item.get("amount") is None:
            raise PricingError(PricingError.MISSING_PRICE_LEVEL_AMOUNT)
        return Decimal(item["amount"])
    if item.get("percentage") is None:
        raise PricingError(PricingError.MISSING_PRICE_LEVEL_PERCENTAGE)
    return round_by_policy(item, _by_percentage(method, item["percentage"], _product(ctx, line)))


# method: (the product's column, the error when it is empty)
_BASE = {
    LIST: ("price", "MISSING_PRICE"),
    MARKUP_CURRENT: ("currentcost", "MISSING_CURRENT_COST"), MARGIN_CURRENT: ("currentcost", "MISSING_CURRENT_COST"),
    MARKUP_STANDARD: ("standardcost", "MISSING_STANDARD_COST"),
    MARGIN_STANDARD: ("standardcost", "MISSING_STANDARD_COST"),
}


def _by_percentage(method: int, percentage: Decimal, product: Row) -> Decimal:
    if method not in _BASE:
        raise PricingError(PricingError.INVALID_PRICING_CODE)
    column, missing = _BASE[method]
    base = product.get(column)
    if base is None:
        raise PricingError(getattr(PricingError, missing))
    if method == LIST:
        return Decimal(base * percentage / HUNDRED)
    if method in (MARKUP_CURRENT, MARKUP_STANDARD):
        return Decimal(base * (HUNDRED + percentage) / HUNDRED)
    if percentage >= HUNDRED:
        raise PricingError(PricingError.INVALID_PRICE_LEVEL_PERCENTAGE)
    return Decimal(base + base * percentage / (HUNDRED - percentage))


def round_by_policy(item: Row, price: Decimal) -> Decimal:
    """Round up, down or to the nearest price that ends in the amount or is a multiple of it."""
    policy = item.get("roundingpolicycode") or NO_ROUNDING
    if policy == NO_ROUNDING:
        return price
    if policy not in (UP, DOWN, NEAREST):
        raise PricingError(PricingError.INVALID_ROUNDING_POLICY)
    option, amount = item.get("roundingoptioncode"), item.get("roundingoptionamount")
    if option not in (ENDS_IN, MULTIPLE_OF):
        raise PricingError(PricingError.INVALID_ROUNDING_OPTION)
    if amount is None or amount < 0 or (option == MULTIPLE_OF and amount == 0):
        raise PricingError(PricingError.INVALID_ROUNDING_AMOUNT)
    step, offset = (amount, Decimal(0)) if option == MULTIPLE_OF else (_period(amount), amount)
    below = ((price - offset) / step).to_integral_value(ROUND_FLOOR) * step + offset
    above = ((price - offset) / step).to_integral_value(ROUND_CEILING) * step + offset
    if policy == NEAREST:
        return below if price - below < above - price else above
    return above if policy == UP else below


def _period(amount: Decimal) -> Decimal:
    """Prices that end in the amount lie this far apart: the least power of ten, from one up, above the amount."""
    period = Decimal(1)
    while period <= amount:
        period *= 10
    return period
