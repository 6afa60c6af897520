"""The amounts of an order, each in shop and presentment currency.

Reads only; the sums themselves are the book's. Deprecated fields give the same amounts in the older scalars.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.shopify import registry
from sandbox.shopify.call import Call
from sandbox.shopify.money import Bag, total
from sandbox.shopify.resolvers.order_source import bag, book, money, shop_money
from sandbox.shopify.store import order_payments as payments
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book, is_order_level

registry.keys("MoneyBag", "shopMoney presentmentMoney")
registry.keys("MoneyV2", "amount currencyCode")
registry.keys("CashRoundingAdjustment", "paymentSet refundSet")

Amount = Callable[[Book], Bag]


def cart_discount(found: Book, current: bool = False) -> Bag:
    """What discounts on the order as a whole take off its lines."""
    whole = {row["id"] for row in found.discounts if is_order_level(row) and row["target_type"] == "LINE_ITEM"}
    sums = Bag()
    for line in found.lines:
        shares = found.shares["line", line["id"]]
        share = total(Bag.read(one["amount"]) for one in shares if one["discount_id"] in whole)
        sums = sums + (found.left_of(line, share) if current else share)
    return sums


SETS: dict[str, Amount] = {
    "subtotalPriceSet": lambda found: found.subtotal,
    "currentSubtotalPriceSet": lambda found: found.current_subtotal,
    "cartDiscountAmountSet": cart_discount,
    "currentCartDiscountAmountSet": lambda found: cart_discount(found, current=True),
    "totalDiscountsSet": lambda found: found.discounts_total,
    "currentTotalDiscountsSet": lambda found: found.current_discounts,
    "totalShippingPriceSet": lambda found: found.shipping_total,
    "currentShippingPriceSet": lambda found: found.current_shipping,
    "totalTaxSet": lambda found: found.tax_total,
    "currentTotalTaxSet": lambda found: found.current_tax,
    "totalPriceSet": lambda found: found.total,
    "currentTotalPriceSet": lambda found: found.current_total,
    "originalTotalPriceSet": lambda found: Bag.read(found.order["original_total"]),
    "totalOutstandingSet": payments.outstanding,
    "totalReceivedSet": payments.received,
    "netPaymentSet": payments.net,
    "totalRefundedSet": payments.refunded,
    "totalCapturableSet": payments.capturable,
    "totalRefundedShippingSet": lambda found: total(Bag.read(row["subtotal"]) for row in found.refund_shipping),
    "refundDiscrepancySet": lambda found: found.discrepancy,
    "totalTipReceivedSet": lambda found: found.charged("tip"),
}
# The older scalar fields and what they show.
SCALARS = {
    "cartDiscountAmount": "cartDiscountAmountSet",
    "subtotalPrice": "subtotalPriceSet",
    "netPayment": "netPaymentSet",
    "totalCapturable": "totalCapturableSet",
    "totalDiscounts": "totalDiscountsSet",
    "totalPrice": "totalPriceSet",
    "totalReceived": "totalReceivedSet",
    "totalRefunded": "totalRefundedSet",
    "totalShippingPrice": "totalShippingPriceSet",
    "totalTax": "totalTaxSet",
}
# Null where the order has none of them, as documented.
OPTIONAL = {
    "currentTotalDutiesSet": ("duty", True),
    "originalTotalDutiesSet": ("duty", False),
    "currentTotalAdditionalFeesSet": ("fee", True),
    "originalTotalAdditionalFeesSet": ("fee", False),
}


def _register_set(name: str, value: Amount) -> None:
    @registry.field("Order", name)
    def _set(row: Row, call: Call, _args: dict[str, Any]) -> Row:
        found = book(call, row["id"])
        return bag(found, value(found))


def _register_scalar(name: str, value: Amount) -> None:
    @registry.field("Order", name)
    def _scalar(row: Row, call: Call, _args: dict[str, Any]) -> str:
        found = book(call, row["id"])
        return money(found, value(found))


def _register_optional(name: str, kind: str, current: bool) -> None:
    @registry.field("Order", name)
    def _optional(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
        found = book(call, row["id"])
        if not any(charge["kind"] == kind for charge in found.charges):
            return None
        back = found.refunded_duties if current and kind == "duty" else Bag()
        return bag(found, found.charged(kind) - back)


for _name, _value in SETS.items():
    _register_set(_name, _value)
for _name, _of in SCALARS.items():
    _register_scalar(_name, SETS[_of])
for _name, (_kind, _current) in OPTIONAL.items():
    _register_optional(_name, _kind, _current)


@registry.field("Order", "totalTipReceived")
def _tips(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    found = book(call, row["id"])
    return shop_money(found, found.charged("tip"))


@registry.field("Order", "totalCashRoundingAdjustment")
def _rounding(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    found = book(call, row["id"])
    back = payments.rounded(found, refunded=True)
    return {"paymentSet": bag(found, payments.rounded(found)), "refundSet": bag(found, back)}
