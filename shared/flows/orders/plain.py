"""The money of an order as plain content, which a mapping file reads under `money`.

    freight = "money.freight"          [lines] from = "money.lines"          price = "price_per_unit"

Amounts are Decimal in the order's currency on the chosen side, ids and texts str.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from shared.flows.orders.money import MoneyLine, OrderMoney


def plain(money: OrderMoney) -> dict[str, Any]:
    """The content of `money`:

    - `currency`: ISO code; `freight`: shipping without tax; `header_discount`: always 0
    - `lines_total`, `tax`, `total`: the totals CRM must show; `total` is without `channel_tax`
    - `channel_tax`: tax that a marketplace owes; `shopify_total`: Shopify's current total, with it
    - `rounding`: the lines' rounding together, to be recorded on the pair
    - `lines`: see `plain_line`
    - `payments`: `received`, `refunded`, `net`, `outstanding`, `authorized`, `discrepancy`, `cash_rounding`,
      `cash_rounding_refunded`, `gift_cards` (redeemed), `pending`, `pending_refunds`, `gateways` (list of names) and
      `refunds`, a list of `id`, `at`, `amount`, `goods`, `shipping`, `tax`, `units`, `pending`, `told` (payments.py)
    - `status`: a list of one, `id` "status", for a row that says how the order stands
    """
    payments = asdict(money.payments)
    return {
        "currency": money.currency,
        "freight": money.freight,
        "header_discount": money.header_discount,
        "lines_total": money.lines_total,
        "tax": money.tax,
        "total": money.total,
        "channel_tax": money.channel_tax,
        "shopify_total": money.shopify_total,
        "rounding": sum((line.rounding for line in money.lines), start=money.header_discount),
        "status": [{"id": "status"}],
        "lines": [plain_line(line) for line in money.lines],
        "payments": payments | {"gateways": list(payments["gateways"]), "refunds": list(payments["refunds"])},
    }


def plain_line(line: MoneyLine) -> dict[str, Any]:
    """One entry of `money.lines`:

    - `id`: the line item's number, or tip, duties, fees, shipping_tax, order_tax, refund_discrepancy
    - `kind`: product (has `variant_id`), custom (no variant, or no longer) or extra; `write_in`: all but product
    - `title`, `sku`, `variant_id`: None where there is none; `gift_card`: whether it sells one
    - `quantity`: units left (int); `price_per_unit` at the pricing precision
    - `manual_discount`: as the organization's method counts it; `rounding`: its part that is no discount of Shopify's
    - `tax`: the merchant's; `channel_tax`: another's, on no line; `net`: without tax; `extended`: `net` and `tax`
    """
    return {
        "id": line.id,
        "kind": line.kind.value,
        "write_in": line.variant_id is None,
        "title": line.title,
        "sku": line.sku,
        "variant_id": line.variant_id,
        "gift_card": line.gift_card,
        "quantity": line.quantity,
        "price_per_unit": line.price_per_unit,
        "manual_discount": line.manual_discount,
        "rounding": line.rounding,
        "tax": line.tax,
        "channel_tax": line.channel_tax,
        "net": line.net,
        "extended": line.extended,
    }
