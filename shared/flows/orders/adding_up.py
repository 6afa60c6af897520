"""Whether an order's amounts add up to Shopify's total, and as what.

Money that Shopify counts in one of two ways (tips as lines or beside them, a refund's discrepancy in the total or not)
is decided by its own total, which only one way meets. Where no way does, the order is refused with both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from shared.errors import TotalsDiffer
from shared.flows.orders.amounts import ZERO, Amounts, MoneySettings
from shared.flows.orders.taxes import settled
from shared.flows.orders.worth import Reader, Worth, tip_lines
from shared.records import Content


@dataclass(frozen=True, slots=True)
class Sums:
    """One way in which the order may be counted: its lines, the freight without tax, the extra lines' (price, tax).

    `total`: Shopify's. `missing`: how much of it this way does not explain. `stray_tax`: tax that stands on no line.
    """

    lines: tuple[Worth, ...]
    freight: Decimal
    extras: Mapping[str, tuple[Decimal, Decimal]]
    channel_tax: Decimal
    total: Decimal
    missing: Decimal
    stray_tax: Decimal
    tax_included: bool


def add_up(content: Content, amounts: Amounts, settings: MoneySettings) -> Sums:
    """The way that explains the total with the least tax on no line. Raises TotalsDiffer where none does."""
    tips = tip_lines(content, amounts)
    readers = (Reader(content, amounts, settings, by_refunds, tips) for by_refunds in (True, False))
    ways = [found for found in map(_sums, readers) if found is not None]
    explained = [one for one in ways if not one.missing]
    if explained:
        return min(explained, key=lambda one: one.stray_tax)
    raise _contradiction(content, amounts, ways)


def _sums(reader: Reader) -> Sums | None:
    """The order by one reading; None where its taxes cannot add up to Shopify's."""
    content, amounts = reader.content, reader.amounts
    lines, shipping = reader.lines(), reader.shipping()
    taxes = settled([one.taxes for one in (*lines, *shipping)], content, amounts, reader.settings)
    if taxes is None:
        return None
    whole = [replace(one, taxes=tax) for one, tax in zip((*lines, *shipping), taxes.taxes, strict=True)]
    lines, shipping = tuple(whole[: len(lines)]), tuple(whole[len(lines) :])
    included = bool(content["taxesIncluded"])
    freight = sum((one.without_tax(included) for one in shipping), ZERO)
    extras = _charges(content, amounts)
    # Dataverse takes no freight below nought: tax inside a price of nothing is taken out on its own line.
    freight, below = max(freight, ZERO), min(freight, ZERO)
    extras["shipping_tax"] = (below, sum((one.taxes.merchant for one in shipping), ZERO))
    # Where prices include tax, a tax of no line is inside some price all the same: its line takes it out again.
    extras["order_tax"] = (-taxes.order.whole if included else ZERO, taxes.order.merchant)
    net = sum((one.without_tax(included) for one in lines), ZERO) + sum((price for price, _ in extras.values()), ZERO)
    total = amounts.of(content, "currentTotalPriceSet")
    missing = total - net - freight - amounts.of(content, "currentTotalTaxSet")
    if missing and missing == amounts.of(content, "refundDiscrepancySet"):
        extras["refund_discrepancy"], missing = (missing, ZERO), ZERO
    channel = sum((one.channel for one in (*taxes.taxes, taxes.order)), ZERO)
    return Sums(lines, freight, extras, channel, total, missing, taxes.order.whole, included)


def _charges(content: Content, amounts: Amounts) -> dict[str, tuple[Decimal, Decimal]]:
    """Tips, duties and additional fees; duties that the prices include are in the lines already."""
    duties = ZERO if content["dutiesIncluded"] else amounts.perhaps(content, "currentTotalDutiesSet")
    return {
        "tip": (amounts.of(content, "totalTipReceivedSet"), ZERO),
        "duties": (duties or ZERO, ZERO),
        "fees": (amounts.perhaps(content, "currentTotalAdditionalFeesSet") or ZERO, ZERO),
    }


def _contradiction(content: Content, amounts: Amounts, ways: Sequence[Sums]) -> TotalsDiffer:
    total, tax = (amounts.of(content, f"currentTotal{name}Set") for name in ("Price", "Tax"))
    facts: dict[str, object] = {"shopify": f"{total:f}", "tax": f"{tax:f}", "currency": amounts.currency}
    if not ways:
        return TotalsDiffer(
            f"The order's tax lines do not add up to its tax of {tax:f} {amounts.currency}: look at its refunds and "
            "edits in Shopify.",
            facts={**facts, "field": "currentTotalTaxSet"},
        )
    nearest = min(ways, key=lambda one: abs(one.missing))
    parts = total - nearest.missing
    return TotalsDiffer(
        f"Shopify's total of the order is {total:f} {amounts.currency}, its lines, shipping, taxes and charges add up "
        f"to {parts:f}: look at its refunds and edits in Shopify.",
        facts={**facts, "parts": f"{parts:f}", "difference": f"{nearest.missing:f}", "field": "currentTotalPriceSet"},
    )
