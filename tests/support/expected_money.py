"""What CRM has to hold of an order's money, column by column: what the product computed, as a test reads it back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from shared.flows.orders.money import OrderMoney


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a column must hold after the write: of the order (`line` empty) or of the line with that id."""

    line: str
    column: str
    amount: Decimal


def expectations(money: OrderMoney) -> tuple[Expectation, ...]:
    """Every row of the money table, by Dataverse's columns."""
    header = {
        "totallineitemamount": money.lines_total,
        "discountamount": money.header_discount,
        "freightamount": money.freight,
        "totalamountlessfreight": money.lines_total,
        "totaltax": money.tax,
        "totalamount": money.total,
    }
    found = [Expectation("", column, amount) for column, amount in header.items()]
    for line in money.lines:
        columns = {
            "quantity": Decimal(line.quantity),
            "priceperunit": line.price_per_unit,
            "manualdiscountamount": line.manual_discount,
            "baseamount": line.base,
            "tax": line.tax,
            "extendedamount": line.extended,
        }
        found += [Expectation(line.id, column, amount) for column, amount in columns.items()]
    return tuple(found)
