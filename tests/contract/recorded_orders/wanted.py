"""What CRM must hold of a recorded order, row by row of the money table, from nothing but the recording's own amounts.

Knows neither the app's computation nor the sandbox's. For prices without tax, which all recordings have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.contract.recorded_orders.recordings import Order, amount, bag, quantity_left, refund_rows

ZERO = Decimal(0)


@dataclass(frozen=True, order=True)
class Line:
    """A row of CRM by its text or product number; `net`: after discounts, without tax."""

    name: str
    quantity: Decimal
    price: Decimal
    discount: Decimal
    tax: Decimal
    net: Decimal


@dataclass(frozen=True)
class Wanted:
    """The order's totals and rows."""

    total: Decimal
    tax: Decimal
    freight: Decimal
    lines: tuple[Line, ...]


def wanted(order: Order, side: str) -> Wanted:
    """Of one recorded order in one of its currencies."""
    assert not order.get("taxes_included"), "No recording has prices with tax: teach this module what is wanted then."
    lines = [_line(order, line, side) for line in order["line_items"] if quantity_left(order, line)]
    posts = [line for line in order["shipping_lines"] if not line.get("is_removed")]
    freight = sum((_shipped(line, side) for line in posts), ZERO)
    shipping_tax = sum((_tax(line, side) for line in posts), ZERO)
    if shipping_tax:
        lines.append(Line("Shipping tax", Decimal(1), ZERO, ZERO, shipping_tax, ZERO))
    channel = sum((_tax(line, side, channels=True) for line in (*order["line_items"], *posts)), ZERO)
    total, tax = amount(order, "current_total_price", side), sum((line.tax for line in lines), ZERO) + channel
    if bag(order, "current_total_tax"):
        tax = amount(order, "current_total_tax", side)
    return Wanted(total - channel, tax - channel, freight, tuple(sorted(lines)))


def found(row: Mapping[str, Any], numbers: Mapping[str, str]) -> Wanted:
    """What CRM holds: the row of an order with its lines; `numbers` are product numbers by id."""
    return Wanted(
        _of(row, "totalamount"),
        _of(row, "totaltax"),
        _of(row, "freightamount"),
        tuple(sorted(_found(line, numbers) for line in row["order_details"])),
    )


def _line(order: Order, line: Mapping[str, Any], side: str) -> Line:
    price, left = amount(line, "price", side), Decimal(quantity_left(order, line))
    back = refund_rows(order, line)
    given_back = sum((amount(row, "subtotal", side) for row in back), ZERO)
    discounts = sum((amount(one, "amount", side) for one in line.get("discount_allocations", ())), ZERO)
    net = price * line["quantity"] - discounts - given_back
    tax = _tax(line, side) - sum((amount(row, "total_tax", side) for row in back), ZERO)
    return Line(_name(line), left, price, price * left - net, tax, net)


def _name(line: Mapping[str, Any]) -> str:
    if line.get("variant_id"):
        return str(line["sku"])
    title = " - ".join(part for part in (line["title"], line.get("variant_title")) if part)
    return " ".join(part for part in (title, line.get("sku")) if part)


def _shipped(line: Mapping[str, Any], side: str) -> Decimal:
    return amount(line, "discounted_price" if "discounted_price" in line else "price", side)


def _tax(owner: Mapping[str, Any], side: str, *, channels: bool = False) -> Decimal:
    """The taxes of a line that the merchant owes, or those that the channel does."""
    own = (one for one in owner["tax_lines"] if bool(one.get("channel_liable")) == channels)
    return sum((amount(one, "price", side) for one in own), ZERO)


def _found(row: Mapping[str, Any], numbers: Mapping[str, str]) -> Line:
    name = row["productdescription"] or numbers[row["_productid_value"]]
    quantity, price, discount, tax, whole = (
        _of(row, column) for column in ("quantity", "priceperunit", "manualdiscountamount", "tax", "extendedamount")
    )
    return Line(name, quantity, price, discount, tax, whole - tax)


def _of(row: Mapping[str, Any], column: str) -> Decimal:
    return Decimal(str(row[column] or 0))
