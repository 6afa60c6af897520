"""The money of one order: lines, freight and totals as they must stand in Dataverse, or why they cannot.

Nothing is adjusted to fit: what Shopify's own amounts do not add up to is TotalsDiffer with both sides, and what the
organization's precisions cannot hold is Invalid.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from shared.errors import Invalid, TotalsDiffer
from shared.flows.orders.adding_up import Sums, add_up
from shared.flows.orders.amounts import ZERO, Amounts, MoneySettings, decimals, fits
from shared.flows.orders.payments import Payments, payments_of
from shared.flows.orders.pricing import Cost, priced
from shared.flows.orders.worth import Worth
from shared.records import Content

EXTRAS = {
    "tip": "Tip",
    "duties": "Duties",
    "fees": "Additional fees",
    "shipping_tax": "Shipping tax",
    "order_tax": "Order tax",
    "refund_discrepancy": "Refund discrepancy",
}
"""The fixed ids of extra lines and what they are called."""


class LineKind(StrEnum):
    """What a line stands for: a variant, something without one (custom or deleted), or an amount of the order."""

    PRODUCT = "product"
    CUSTOM = "custom"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """One line wanted. `id`: the line item's number, or a name of EXTRAS, stable over the life of the order.

    `price_per_unit`, `manual_discount`, `tax`: as written. `net`: after discounts, without tax. `base`: price times
    quantity as the engine rounds it. `rounding`: see Priced. `channel_tax`: tax that the merchant does not owe; CRM
    has none of it.
    """

    id: str
    kind: LineKind
    title: str
    quantity: int
    price_per_unit: Decimal
    manual_discount: Decimal
    tax: Decimal
    net: Decimal
    base: Decimal
    rounding: Decimal = ZERO
    sku: str | None = None
    variant_id: str | None = None
    gift_card: bool = False
    channel_tax: Decimal = ZERO

    @property
    def extended(self) -> Decimal:
        """The line's `extendedamount`."""
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class OrderMoney:
    """The whole of it. `total` is the order's without the channel's taxes, `shopify_total` with them."""

    currency: str
    lines: tuple[MoneyLine, ...]
    freight: Decimal
    lines_total: Decimal
    tax: Decimal
    total: Decimal
    channel_tax: Decimal
    shopify_total: Decimal
    payments: Payments
    header_discount: Decimal = ZERO


def money_of(content: Content, settings: MoneySettings) -> OrderMoney:
    """The money of an order read by PATHS. Raises TotalsDiffer for amounts that contradict each other, else Invalid."""
    amounts = Amounts.of_order(content, settings.side)
    sums = add_up(content, amounts, settings)
    lines = tuple(_line(worth, sums.tax_included, amounts, settings) for worth in sums.lines)
    lines += tuple(_extra(name, price, tax) for name, (price, tax) in sums.extras.items() if price or tax)
    money = OrderMoney(
        currency=amounts.currency,
        lines=lines,
        freight=sums.freight,
        lines_total=sum((line.net for line in lines), ZERO),
        tax=sum((line.tax for line in lines), ZERO),
        total=sums.total - sums.channel_tax,
        channel_tax=sums.channel_tax,
        shopify_total=sums.total,
        payments=payments_of(content, amounts),
    )
    _check(money, sums, settings)
    return money


def _line(worth: Worth, tax_included: bool, amounts: Amounts, settings: MoneySettings) -> MoneyLine:
    line, variant = worth.content, worth.content["variant"]
    net = worth.without_tax(tax_included)
    inside = worth.taxes.whole if tax_included else ZERO
    cost = Cost(amounts.of(line, "originalUnitPriceSet"), worth.quantity, inside, net)
    _fitting("the line's amount", net, settings)
    price = priced(cost, settings)
    return MoneyLine(
        id=str(line["id"]).rpartition("/")[2],
        kind=LineKind.CUSTOM if variant is None else LineKind.PRODUCT,
        title=" - ".join(part for part in (line["title"], line["variantTitle"]) if part),
        quantity=worth.quantity,
        price_per_unit=price.price_per_unit,
        manual_discount=price.manual_discount,
        tax=worth.taxes.merchant,
        net=net,
        base=price.base_amount,
        rounding=price.rounding,
        sku=line["sku"] or None,
        variant_id=None if variant is None else str(variant["legacyResourceId"]),
        gift_card=bool(line["isGiftCard"]),
        channel_tax=worth.taxes.channel,
    )


def _extra(name: str, price: Decimal, tax: Decimal) -> MoneyLine:
    return MoneyLine(name, LineKind.EXTRA, EXTRAS[name], 1, price, ZERO, tax, price, price)


def _check(money: OrderMoney, sums: Sums, settings: MoneySettings) -> None:
    """Whether CRM can hold it all, and its engine's sums are Shopify's."""
    for name, amount in (("freight", money.freight), ("tax", money.tax), ("total", money.total)):
        _fitting(name, amount, settings)
    for line in money.lines:
        _fitting("the line's tax", line.tax, settings)
        if line.kind is LineKind.EXTRA:
            _fitting(line.title, line.price_per_unit, settings)
            if not fits(line.price_per_unit, settings.price_digits):
                raise _no_room(line.title, line.price_per_unit, settings.price_digits, "pricing precision")
    engine = money.lines_total - money.header_discount + money.freight + money.tax
    if engine != money.total:  # cannot be: a second look, because this is the promise
        raise TotalsDiffer(
            f"CRM's order would come to {engine:f}, Shopify's is {money.total:f} {money.currency}.",
            facts={"crm": f"{engine:f}", "shopify": f"{money.total:f}", "currency": money.currency},
        )


def _fitting(name: str, amount: Decimal, settings: MoneySettings) -> None:
    if not fits(amount, settings.currency_precision):
        raise _no_room(name, amount, settings.currency_precision, "precision of the order's currency")


def _no_room(name: str, amount: Decimal, digits: int, what: str) -> Invalid:
    return Invalid(
        f"{amount:f} ({name}) needs {decimals(amount)} decimals; CRM's {what} is {digits}: raise it.",
        facts={"field": name, "amount": f"{amount:f}", "precision": digits, "needed": decimals(amount)},
    )
