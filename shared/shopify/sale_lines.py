"""A document's line as Shopify's lines: units at prices that have the currency's decimals, exact to the smallest unit.

Three units for 10.00 have no price per unit: two at 3.33 and one at 3.34 do, so a line may become two. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from shared.currencies import smallest
from shared.errors import Invalid
from shared.lines import LineWrite
from shared.shopify.graph import gid
from shared.shopify.sale_content import LINE_MARK, LIST_PRICE, TAX_LINE

RATE = Decimal("0.000001")
TAX, DISCOUNT, SHIPPING = "Tax", "Discount", "Shipping"
TITLE = 255


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is wanted. `crm`: its id there; `amount`: of all its units, its own discounts taken off."""

    crm: str
    variant: str | None
    title: str
    sku: str
    quantity: int
    price: Decimal
    amount: Decimal
    tax: Decimal

    @classmethod
    def of(cls, line_id: str, row: Mapping[str, Any]) -> Line:
        """From a row's values."""
        return cls(
            crm=line_id,
            variant=str(row["variant"]) if row.get("variant") else None,
            title=str(row.get("title") or "Item")[:TITLE],
            sku=str(row.get("sku") or ""),
            quantity=int(row.get("quantity") or 0),
            price=Decimal(row.get("price") or 0),
            amount=Decimal(row.get("amount") or 0),
            tax=Decimal(row.get("tax") or 0),
        )

    @property
    def is_tax(self) -> bool:
        """Whether it stands for taxes."""
        return self.crm == TAX_LINE

    @classmethod
    def made(cls, writes: Sequence[LineWrite]) -> list[Line]:
        """The lines of a new order."""
        return [cls.of(each.row, each.values) for each in writes if each.values is not None]

    def units(self, currency: str) -> list[tuple[int, Decimal]]:
        """How many units at which net price: one entry, or two that are a smallest unit apart."""
        if self.quantity <= 0:
            raise Invalid(f"'{self.title}' has no units: an order of Shopify takes whole units above zero.")
        step = smallest(currency)
        low, more = divmod(int(self.amount / step), self.quantity)
        found = [(self.quantity - more, low * step), (more, (low + 1) * step)]
        return [entry for entry in found if entry[0]]

    def listed(self, currency: str) -> Decimal:
        """The price before discounts, at the currency's decimals and never below what is paid."""
        price = self.price.quantize(smallest(currency), ROUND_CEILING)
        return max(price, *(net for _, net in self.units(currency)))


def tax_line(tax: Decimal) -> Line:
    """The line that stands for all taxes of a document: untaxed itself."""
    return Line(TAX_LINE, None, TAX, "", 1, tax, tax, Decimal(0))


def draft_lines(line: Line, currency: str) -> list[dict[str, Any]]:
    """DraftOrderLineItemInputs: the list price, and a discount per unit."""
    price = line.listed(currency)
    return [_draft_line(line, quantity, price, price - net, currency) for quantity, net in line.units(currency)]


def _draft_line(line: Line, quantity: int, price: Decimal, off: Decimal, currency: str) -> dict[str, Any]:
    row: dict[str, Any] = {"quantity": quantity, "customAttributes": [{"key": LINE_MARK, "value": line.crm}]}
    money = {"amount": f"{price:f}", "currencyCode": currency}
    if line.variant:
        row |= {"variantId": gid("ProductVariant", line.variant), "priceOverride": money}
    else:
        row |= {"title": line.title, "originalUnitPriceWithCurrency": money} | ({"sku": line.sku} if line.sku else {})
        row |= {"taxable": False, "requiresShipping": False} if line.is_tax else {}
    return row | ({"appliedDiscount": fixed(off)} if off else {})


def fixed(amount: Decimal) -> dict[str, Any]:
    """A fixed discount of a draft order or of each unit of its line."""
    return {"title": DISCOUNT, "value": float(amount), "valueType": "FIXED_AMOUNT"}


def order_lines(line: Line, currency: str) -> list[dict[str, Any]]:
    """OrderCreateLineItemInputs: net prices, the list price beside them, CRM's tax on the first of them."""
    rows = []
    tax = line.tax
    for quantity, net in line.units(currency):
        marks = [{"name": LINE_MARK, "value": line.crm}]
        marks += [{"name": LIST_PRICE, "value": f"{line.price.normalize():f}"}] if line.price != net else []
        row: dict[str, Any] = {"quantity": quantity, "properties": marks, "requiresShipping": True}
        row |= {"variantId": gid("ProductVariant", line.variant)} if line.variant else {"title": line.title}
        row |= {"sku": line.sku} if line.sku else {}
        rows.append(row | {"priceSet": bag(net, currency)} | ({"taxLines": [_tax(tax, line, currency)]} if tax else {}))
        tax = Decimal(0)
    return rows


def _tax(tax: Decimal, line: Line, currency: str) -> dict[str, Any]:
    rate = (tax / line.amount).quantize(RATE) if line.amount else Decimal(0)
    return {"title": TAX, "rate": f"{rate:f}", "priceSet": bag(tax, currency)}


def bag(amount: Decimal, currency: str) -> dict[str, Any]:
    """A MoneyBagInput."""
    return {"shopMoney": money(amount, currency)}


def money(amount: Decimal, currency: str) -> dict[str, str]:
    """A MoneyInput."""
    return {"amount": f"{Decimal(amount):f}", "currencyCode": currency}
