"""Orders as the app reads them (shared/flows/orders/paths.py), put together by hand; amounts as text or Decimal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

Amount = str | int | Decimal
Content = dict[str, Any]
TOTALS = (
    "currentTotalPriceSet", "currentTotalTaxSet", "totalTipReceivedSet", "refundDiscrepancySet", "totalReceivedSet",
    "totalRefundedSet", "totalOutstandingSet", "netPaymentSet", "totalCapturableSet",
)  # fmt: skip


def bag(shop: Amount, presentment: Amount | None = None) -> Content:
    """A MoneyBag; one amount alone stands on both sides."""
    other = shop if presentment is None else presentment
    return {"shopMoney": {"amount": Decimal(shop)}, "presentmentMoney": {"amount": Decimal(other)}}


def tax(amount: Amount, title: str = "VAT", rate: Amount = "0.1", channel: bool | None = None) -> Content:
    """A tax line."""
    return {"title": title, "rate": Decimal(rate), "channelLiable": channel, "priceSet": bag(amount)}


def line(
    number: int,
    price: Amount,
    quantity: int = 1,
    *,
    current: int | None = None,
    discount: Amount = 0,
    net: Amount | None = None,
    taxes: Sequence[Content] = (),
    **more: Any,
) -> Content:
    """A line item; `net`: what Shopify says it costs now without tax (left out: its price less the discount)."""
    whole = Decimal(price) * quantity
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "title": f"Item {number}",
        "variantTitle": None,
        "sku": None,
        "variant": None,
        "quantity": quantity,
        "currentQuantity": quantity if current is None else current,
        "nonFulfillableQuantity": 0,
        "isGiftCard": False,
        "taxable": True,
        "requiresShipping": True,
        "originalUnitPriceSet": bag(price),
        "originalTotalSet": bag(whole),
        "priceAfterAllDiscountsBeforeTaxesSet": bag(whole - Decimal(discount) if net is None else net),
        "discountAllocations": [{"allocatedAmountSet": bag(discount)}] if Decimal(discount) else [],
        "taxLines": list(taxes),
    } | more


def shipping(number: int, price: Amount, current: Amount | None = None, taxes: Sequence[Content] = ()) -> Content:
    """A shipping line; `price` is after discounts, `current` after refunds too."""
    return {
        "id": f"gid://shopify/ShippingLine/{number}",
        "title": "Post",
        "discountedPriceSet": bag(price),
        "currentDiscountedPriceSet": bag(price if current is None else current),
        "taxLines": list(taxes),
    }


def refund(
    amount: Amount,
    lines: Iterable[tuple[int, int, Amount, Amount]] = (),
    ship: Iterable[tuple[int, Amount, Amount]] = (),
) -> Content:
    """A refund of money for lines (line, units, subtotal, tax) and shipping (shipping line, subtotal, tax)."""
    rows = [
        {"quantity": units, "lineItem": {"id": f"gid://shopify/LineItem/{number}"}, "subtotalSet": bag(subtotal)}
        | {"totalTaxSet": bag(taxed)}
        for number, units, subtotal, taxed in lines
    ]
    shipped = [
        {"shippingLine": {"id": f"gid://shopify/ShippingLine/{number}"}, "subtotalAmountSet": bag(subtotal)}
        | {"taxAmountSet": bag(taxed)}
        for number, subtotal, taxed in ship
    ]
    return {
        "id": "gid://shopify/Refund/1",
        "totalRefundedSet": bag(amount),
        "createdAt": "2026-11-23T12:00:00Z",
        "transactions(first: 5)": {"nodes": []},
        "refundLineItems(first: 10)": {"nodes": rows},
        "refundShippingLines(first: 2)": {"nodes": shipped},
    }


def payment(amount: Amount, kind: str = "SALE", status: str = "SUCCESS", gateway: str = "manual") -> Content:
    """A transaction."""
    return {"kind": kind, "status": status, "gateway": gateway, "amountSet": bag(amount)}


def order(
    total: Amount | Mapping[str, Any],
    lines: Sequence[Content],
    *,
    taxes: Sequence[Content] = (),
    currency: str = "EUR",
    **more: Any,
) -> Content:
    """An order of that current total; `taxes` are its current tax lines; what is not named is nought or none."""
    values: Content = {name: bag(0) for name in TOTALS}
    values["currentTotalPriceSet"] = total if isinstance(total, Mapping) else bag(total)
    values["currentTotalTaxSet"] = bag(sum((one["priceSet"]["shopMoney"]["amount"] for one in taxes), Decimal(0)))
    return (
        values
        | {
            "id": "gid://shopify/Order/1",
            "currencyCode": currency,
            "presentmentCurrencyCode": currency,
            "taxesIncluded": False,
            "dutiesIncluded": False,
            "currentTotalDutiesSet": None,
            "currentTotalAdditionalFeesSet": None,
            "totalCashRoundingAdjustment": {"paymentSet": bag(0), "refundSet": bag(0)},
            "currentTaxLines": list(taxes),
            "lineItems": {"nodes": list(lines)},
            "shippingLines(first: 5)": {"nodes": []},
            "refunds": [],
            "transactions": [],
        }
        | more
    )
