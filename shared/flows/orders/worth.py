"""What is left of an order's lines and shipping after discounts, refunds and removals.

Two readings of the same order. By refunds: what a line cost, less what each refund says it took; units that went
without a refund row count in proportion. By quantity: Shopify's own net of each line, taxes in proportion to the units
left. They differ where a refund's row was not filled in yet or a discount came after it; Shopify's total decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from shared.flows.orders.amounts import ZERO, Amounts, MoneySettings
from shared.flows.orders.paths import LINES, REFUND_LINES, REFUND_SHIPPING, SHIPPING
from shared.flows.orders.taxes import Taxes, taxes_left
from shared.records import Content


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What all refunds took back of one line or shipping line: units, amount (as priced) and tax."""

    quantity: int = 0
    amount: Decimal = ZERO
    tax: Decimal = ZERO

    def plus(self, quantity: int, amount: Decimal, tax: Decimal) -> GivenBack:
        """With one refund more."""
        return GivenBack(self.quantity + quantity, self.amount + amount, self.tax + tax)


Refunded = Mapping[str, GivenBack]
"""By the GID of the line or shipping line."""


@dataclass(frozen=True, slots=True)
class Worth:
    """A line with units left, or a shipping line: its content, its taxes, and what it costs after discounts.

    `gross`: as priced, so with its tax where prices include it; `net`: without. One of the two is None: it follows.
    """

    content: Content
    taxes: Taxes
    quantity: int = 1
    gross: Decimal | None = None
    net: Decimal | None = None

    def without_tax(self, included: bool) -> Decimal:
        """What it costs without tax."""
        if self.net is not None:
            return self.net
        gross = self.gross or ZERO
        return gross - self.taxes.whole if included else gross


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads lines and shipping of one order; `by_refunds` chooses the reading."""

    content: Content
    amounts: Amounts
    settings: MoneySettings
    by_refunds: bool
    tips: frozenset[str] = field(default=frozenset())

    def lines(self) -> tuple[Worth, ...]:
        """Every line of which units are left, but those that are tips."""
        refunded = self._refunded(REFUND_LINES, "lineItem", "subtotalSet", "totalTaxSet")
        lines = [line for line in self.content[LINES]["nodes"] if str(line["id"]) not in self.tips]
        return tuple(self._line(line, refunded) for line in lines if line["currentQuantity"])

    def shipping(self) -> tuple[Worth, ...]:
        """Every shipping line that was not removed."""
        refunded = self._refunded(REFUND_SHIPPING, "shippingLine", "subtotalAmountSet", "taxAmountSet")
        return tuple(self._shipping(line, refunded) for line in self.content[SHIPPING]["nodes"])

    def _line(self, line: Content, refunded: Refunded) -> Worth:
        left, of_all = int(line["currentQuantity"]), int(line["quantity"])
        back = refunded.get(str(line["id"]), GivenBack())
        told = self.by_refunds and back.quantity == of_all - left
        taxes = self._taxes(line, (left, of_all), back.tax if told else None)
        if not told:
            return Worth(line, taxes, left, net=self.amounts.of(line, "priceAfterAllDiscountsBeforeTaxesSet"))
        discounts = (self.amounts.of(one, "allocatedAmountSet") for one in line["discountAllocations"])
        gross = self.amounts.of(line, "originalTotalSet") - sum(discounts, ZERO) - back.amount
        return Worth(line, taxes, left, gross=gross)

    def _shipping(self, line: Content, refunded: Refunded) -> Worth:
        left, of_all = (self.amounts.of(line, f"{name}PriceSet") for name in ("currentDiscounted", "discounted"))
        back = refunded.get(str(line["id"]), GivenBack())
        told = self.by_refunds and back.amount == of_all - left
        taxes = self._taxes(line, (left, of_all), back.tax if told else None)
        return Worth(line, taxes, gross=left)

    def _taxes(self, line: Content, part: tuple[Decimal | int, Decimal | int], given_back: Decimal | None) -> Taxes:
        """The taxes of what is left of a line."""
        return taxes_left(line["taxLines"], self.amounts, self.settings, part=part, given_back=given_back)

    def _refunded(self, rows: str, owner: str, amount: str, tax: str) -> Refunded:
        found: dict[str, GivenBack] = defaultdict(GivenBack)
        for refund in self.content["refunds"]:
            for row in refund[rows]["nodes"]:
                line = str(row[owner]["id"])
                values = (self.amounts.of(row, amount), self.amounts.of(row, tax))
                found[line] = found[line].plus(int(row.get("quantity") or 0), *values)
        return found


def tip_lines(content: Content, amounts: Amounts) -> frozenset[str]:
    """The GIDs of lines that are tips, by their marks and never by their title; none where Shopify names none as lines.

    A tip has no variant, is neither taxed nor shipped, no unit of it can be fulfilled though none was taken away, and
    all tips together are what the order says it received in tips.
    """
    marked = [
        line
        for line in content[LINES]["nodes"]
        if line["variant"] is None
        and not (line["taxable"] or line["requiresShipping"] or line["isGiftCard"])
        and line["nonFulfillableQuantity"] == line["quantity"] == line["currentQuantity"]
    ]
    total = sum((amounts.of(line, "originalTotalSet") for line in marked), ZERO)
    return (
        frozenset(str(line["id"]) for line in marked)
        if total == amounts.of(content, "totalTipReceivedSet")
        else frozenset()
    )
