"""What of Shopify's Order its money is computed from: PATHS for a Selection on `Order`, read in exactly that shape.

Lists cut off by their page are read on, so the small pages below cost calls only where an order is unusual. They keep
50 orders below our share of a request's price. Both currencies are read: amounts cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

LINES = "lineItems"
SHIPPING = "shippingLines(first: 5)"
REFUND_LINES = "refundLineItems(first: 10)"
REFUND_SHIPPING = "refundShippingLines(first: 2)"
REFUND_MONEY = "transactions(first: 5)"

_ORDER = "id currencyCode presentmentCurrencyCode taxesIncluded dutiesIncluded"
_LINE = (
    "id title variantTitle sku variant.legacyResourceId quantity currentQuantity nonFulfillableQuantity isGiftCard "
    "taxable requiresShipping"
)
_TRANSACTION = "kind status gateway"
_TOTALS = (
    "currentTotalPriceSet currentTotalTaxSet currentTotalDutiesSet currentTotalAdditionalFeesSet totalTipReceivedSet "
    "refundDiscrepancySet totalReceivedSet totalRefundedSet totalOutstandingSet netPaymentSet totalCapturableSet "
    "totalCashRoundingAdjustment.paymentSet totalCashRoundingAdjustment.refundSet"
)
_LINE_AMOUNTS = (
    "originalUnitPriceSet originalTotalSet priceAfterAllDiscountsBeforeTaxesSet discountAllocations.allocatedAmountSet"
)


def _below(prefix: str, names: str, amounts: str = "") -> Iterator[str]:
    yield from (prefix + name for name in names.split())
    for name in amounts.split():
        yield f"{prefix}{name}.shopMoney.amount"
        yield f"{prefix}{name}.presentmentMoney.amount"


PATHS: tuple[str, ...] = (
    *_below("", _ORDER, _TOTALS),
    *_below("currentTaxLines.", "title rate channelLiable", "priceSet"),
    *_below(f"{LINES}.nodes.", _LINE, _LINE_AMOUNTS),
    *_below(f"{LINES}.nodes.taxLines.", "title rate channelLiable", "priceSet"),
    *_below(f'"{SHIPPING}".nodes.', "id title", "discountedPriceSet currentDiscountedPriceSet"),
    *_below(f'"{SHIPPING}".nodes.taxLines.', "title rate channelLiable", "priceSet"),
    *_below("refunds.", "id createdAt", "totalRefundedSet"),
    *_below(f'refunds."{REFUND_MONEY}".nodes.', "kind status", "amountSet"),
    *_below(f'refunds."{REFUND_LINES}".nodes.', "quantity lineItem.id", "subtotalSet totalTaxSet"),
    *_below(f'refunds."{REFUND_SHIPPING}".nodes.', "shippingLine.id", "subtotalAmountSet taxAmountSet"),
    *_below("transactions.", _TRANSACTION, "amountSet"),
)
