"""The amounts of a line and the totals of a document, by the formulas of the column descriptions.

line: baseamount = (price - volume discount) x quantity; extendedamount = baseamount - manual discount + tax, the
manual discount times quantity under the per-unit method. header: sums of the lines, discounts, freight and tax.
Nothing here writes or reads rows of documents.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from sandbox.dataverse.context import Context
from sandbox.dataverse.logic.money import currency_row
from sandbox.dataverse.store import Row

from .errors import PricingError
from .price_list import HUNDRED, Terms, check_quantity, find_item, unit_price
from .volume import volume_discount

ZERO = Decimal(0)
LIMIT = Decimal(922337203685477)
QUANTITY_DIGITS = Decimal("0.00001")


def terms_of(ctx: Context, header: Row) -> Terms:
    """What the header row lays down for its lines."""
    organization = ctx.core.organization()
    currency = currency_row(ctx, header.get("transactioncurrencyid") or organization["basecurrencyid"]) or {}
    return Terms(
        price_list_id=header.get("pricelevelid"), currency_id=currency.get("transactioncurrencyid"),
        rate=currency.get("exchangerate") or Decimal(1), money_digits=int(currency.get("currencyprecision") or 0),
        price_digits=int(organization["pricingdecimalprecision"]), rounding=ctx.core.config.rounding,
        list_needed=bool(organization["ispricelistmandatory"]),
        per_unit_discount=organization["discountcalculationmethod"] == 1, locked=bool(header.get("ispricelocked")))


def priced(ctx: Context, terms: Terms, line: Row, fresh: bool) -> Row:
    """The calculated columns of a line; `fresh` when it is new or its product, unit or quantity moved.

    A price list is asked unless the price was overridden, the product is written in, or the document is locked and
    the line has its price already. The volume discount moves only with a fresh line, as documented.
    """
    given: Decimal | None = line.get("priceperunit")
    volume: Decimal = line.get("volumediscountamount") or ZERO
    code = PricingError.NONE
    try:
        if line.get("quantity") is None:
            raise PricingError(PricingError.MISSING_QUANTITY)
        if line.get("isproductoverridden"):
            price, volume = _given(given), ZERO
        else:
            price, volume = _catalogue(ctx, terms, line, (given, volume if not fresh else None))
        amounts = _amounts(terms, line, price, volume)
    except PricingError as failed:
        code = failed.code
        price = given if given is not None and (terms.locked or _keeps(line)) else ZERO
        amounts = {"priceperunit": price, "volumediscountamount": ZERO, "baseamount": ZERO,
                   "extendedamount": terms.money(line.get("tax") or ZERO) - _discount(terms, line)}
        amounts = {name: value if abs(value) <= LIMIT else ZERO for name, value in amounts.items()}
    return {**amounts, "pricingerrorcode": code}


def _keeps(line: Row) -> bool:
    return bool(line.get("isproductoverridden") or line.get("ispriceoverridden"))


def _given(price: Decimal | None) -> Decimal:
    if price is None:
        raise PricingError(PricingError.MISSING_UNIT_PRICE)
    return price


def _catalogue(
    ctx: Context, terms: Terms, line: Row, known: tuple[Decimal | None, Decimal | None],
) -> tuple[Decimal, Decimal]:
    """Price and volume discount of an existing product; a known volume discount is kept."""
    given, volume = known
    overridden = bool(line.get("ispriceoverridden"))
    fixed = overridden or (terms.locked and given is not None)
    if fixed and volume is not None:
        return _given(given), volume
    item = _lenient_item(ctx, terms, line) if fixed else find_item(ctx, terms, line)
    if item is not None and not overridden:
        check_quantity(ctx, item, line)
    price = _given(given) if fixed else terms.price(unit_price(ctx, item, line)) if item else ZERO
    if volume is None:
        volume = terms.money(volume_discount(ctx, item, terms.price(price), line["quantity"])) if item else ZERO
    return price, volume


def _lenient_item(ctx: Context, terms: Terms, line: Row) -> Row | None:
    """The item of a line whose price is fixed: it only brings a volume discount, so its absence is no error."""
    try:
        return find_item(ctx, replace(terms, list_needed=False), line)
    except PricingError:
        return None


def _discount(terms: Terms, line: Row) -> Decimal:
    manual = terms.money(line.get("manualdiscountamount") or ZERO)
    if not terms.per_unit_discount:
        return manual
    quantity = (line.get("quantity") or ZERO).quantize(QUANTITY_DIGITS, rounding=terms.rounding)
    return terms.money(manual * quantity)


def _amounts(terms: Terms, line: Row, price: Decimal, volume: Decimal) -> Row:
    price = terms.price(price)
    quantity = line["quantity"].quantize(QUANTITY_DIGITS, rounding=terms.rounding)
    base = terms.money((price - volume) * quantity)
    extended = base - _discount(terms, line) + terms.money(line.get("tax") or ZERO)
    for amount in (price, base, extended):
        check_range(terms, amount)
    return {"priceperunit": price, "volumediscountamount": volume, "baseamount": base, "extendedamount": extended}


def check_range(terms: Terms, amount: Decimal) -> None:
    """The amount and its value in the base currency must fit their columns."""
    if abs(amount) > LIMIT:
        raise PricingError(PricingError.PRICE_ATTRIBUTE_OUT_OF_RANGE)
    base = amount / terms.rate
    if base > LIMIT:
        raise PricingError(PricingError.BASE_CURRENCY_ATTRIBUTE_OVERFLOW)
    if base < -LIMIT:
        raise PricingError(PricingError.BASE_CURRENCY_ATTRIBUTE_UNDERFLOW)


def totals(terms: Terms, header: Row, lines: list[Row]) -> Row:
    """The header's totals from its stored lines; sums of rounded amounts, so they add up to the last digit."""
    tax = _sum(lines, "tax")
    items = _sum(lines, "extendedamount") - tax
    manual = _sum(lines, "manualdiscountamount")
    percent = terms.money(items * (header.get("discountpercentage") or ZERO) / HUNDRED)
    order_discount = terms.money(header.get("discountamount") or ZERO) + percent
    less_freight = items - order_discount
    total = less_freight + terms.money(header.get("freightamount") or ZERO) + tax
    code = PricingError.DETAIL_ERROR if any(line.get("pricingerrorcode") for line in lines) else PricingError.NONE
    found: Row = {
        "totallineitemamount": items, "totallineitemdiscountamount": manual,
        "totaldiscountamount": manual + order_discount, "totalamountlessfreight": less_freight, "totaltax": tax,
        "totalamount": total}
    try:
        for amount in found.values():
            check_range(terms, amount)
    except PricingError as failed:
        code, found = failed.code, dict.fromkeys(found, ZERO)
    return {**found, "pricingerrorcode": code}


def _sum(lines: list[Row], column: str) -> Decimal:
    return sum((line.get(column) or ZERO for line in lines), ZERO)
