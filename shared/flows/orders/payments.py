"""What was paid for an order and given back: facts beside its total, never a part of it.

A gift card redeemed is a payment, a cash rounding belongs to what was received, and a refund that took no goods is
money only. Failed transactions count for nothing; pending ones are named, so that a flow can look again later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.flows.orders.amounts import ZERO, Amounts
from shared.flows.orders.paths import LINES, REFUND_LINES, REFUND_MONEY, REFUND_SHIPPING
from shared.records import Content

GIFT_CARD = "gift_card"
_PAYING = ("SALE", "CAPTURE")
_OPEN = ("PENDING", "AWAITING_RESPONSE", "UNKNOWN")


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund: `amount` given back in money, and what it took: goods and shipping as priced, their taxes.

    `pending`: money that is on its way back. `told`: a sentence of its lines and shipping, for people.
    """

    id: str
    at: str
    amount: Decimal
    goods: Decimal
    shipping: Decimal
    tax: Decimal
    units: int
    pending: Decimal
    told: str


@dataclass(frozen=True, slots=True)
class Payments:
    """Amounts in the order's currency on the chosen side.

    `received` and `refunded` as Shopify counts them, `outstanding` below zero where the shop owes. `discrepancy`: what
    refunds gave back less (above 0) or more (below 0) than goods, shipping and taxes were worth.
    """

    received: Decimal
    refunded: Decimal
    net: Decimal
    outstanding: Decimal
    authorized: Decimal
    discrepancy: Decimal
    cash_rounding: Decimal
    cash_rounding_refunded: Decimal
    gift_cards: Decimal
    pending: Decimal
    pending_refunds: Decimal
    gateways: tuple[str, ...]
    refunds: tuple[Refund, ...]


def payments_of(content: Content, amounts: Amounts) -> Payments:
    """The payments of an order."""
    made = content["transactions"]
    good = [one for one in made if one["status"] == "SUCCESS"]
    waiting = [one for one in made if one["status"] in _OPEN]
    cards = [one for one in good if one["gateway"] == GIFT_CARD]
    rounding = content["totalCashRoundingAdjustment"]
    return Payments(
        received=amounts.of(content, "totalReceivedSet"),
        refunded=amounts.of(content, "totalRefundedSet"),
        net=amounts.of(content, "netPaymentSet"),
        outstanding=amounts.of(content, "totalOutstandingSet"),
        authorized=amounts.of(content, "totalCapturableSet"),
        discrepancy=amounts.of(content, "refundDiscrepancySet"),
        cash_rounding=amounts.of(rounding, "paymentSet"),
        cash_rounding_refunded=amounts.of(rounding, "refundSet"),
        gift_cards=_sum(cards, amounts, *_PAYING) - _sum(cards, amounts, "REFUND"),
        pending=_sum(waiting, amounts, *_PAYING),
        pending_refunds=_sum(waiting, amounts, "REFUND"),
        gateways=tuple(dict.fromkeys(str(one["gateway"]) for one in good if one["gateway"])),
        refunds=tuple(_refund(one, content, amounts) for one in content["refunds"]),
    )


def _sum(transactions: Sequence[Content], amounts: Amounts, *kinds: str) -> Decimal:
    return sum((amounts.of(one, "amountSet") for one in transactions if one["kind"] in kinds), ZERO)


def _refund(refund: Content, order: Content, amounts: Amounts) -> Refund:
    lines, shipping = refund[REFUND_LINES]["nodes"], refund[REFUND_SHIPPING]["nodes"]
    taxes = [amounts.of(one, "totalTaxSet") for one in lines] + [amounts.of(one, "taxAmountSet") for one in shipping]
    waiting = [one for one in refund[REFUND_MONEY]["nodes"] if one["status"] in _OPEN]
    return Refund(
        id=str(refund["id"]).rpartition("/")[2],
        at=str(refund["createdAt"]),
        amount=amounts.of(refund, "totalRefundedSet"),
        goods=sum((amounts.of(one, "subtotalSet") for one in lines), ZERO),
        shipping=sum((amounts.of(one, "subtotalAmountSet") for one in shipping), ZERO),
        tax=sum(taxes, ZERO),
        units=sum(int(one["quantity"]) for one in lines),
        pending=_sum(waiting, amounts, "REFUND"),
        told="; ".join(_told(lines, shipping, order, amounts)),
    )


def _told(lines: Sequence[Content], shipping: Sequence[Content], order: Content, amounts: Amounts) -> Iterator[str]:
    titles = {line["id"]: line["title"] for line in order[LINES]["nodes"]}
    for one in lines:
        worth, tax = amounts.of(one, "subtotalSet"), amounts.of(one, "totalTaxSet")
        yield f"{one['quantity']} x {titles.get(one['lineItem']['id'], 'a line')}: {worth} and tax {tax}"
    for one in shipping:
        yield f"shipping: {amounts.of(one, 'subtotalAmountSet')} and tax {amounts.of(one, 'taxAmountSet')}"
    if not lines and not shipping:
        yield "no goods"
