"""The lines of a CRM document as Shopify can hold them: whole units, amounts at the currency's decimals, or refused.

An amount is what CRM computed for the line, its own discounts taken off, without tax. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.currencies import digits
from shared.errors import Invalid
from shared.lines import ROW

ZERO = Decimal(0)
COLUMNS = [
    "productid",
    "productdescription",
    "quantity",
    "priceperunit",
    "baseamount",
    "extendedamount",
    "manualdiscountamount",
    "tax",
    "lineitemnumber",
]
"""The columns of a line that are read."""
ESTIMATE = "estimate"
"""The id of the one line of an opportunity that is sent by its estimated value."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The settings about lines. `fractions`: "park" or "line" (one unit of the whole amount). `negative`: "park", or
    "discount" (off the whole order)."""

    fractions: str = "park"
    negative: str = "park"


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one document, and what its negative lines take off the whole."""

    rows: tuple[dict[str, Any], ...]
    taken_off: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Goods:
    """What CRM calls a product."""

    name: str
    number: str


def lines_of(rows: Sequence[Mapping[str, Any]], currency: str, goods: Mapping[str, Goods], choices: Choices) -> Lines:
    """The lines of a document; raises Invalid for one that no Shopify order can hold, naming it."""
    found: list[dict[str, Any]] = []
    taken = ZERO
    for row in sorted(rows, key=lambda each: (each.get("lineitemnumber") or 0, str(each[ROW]))):
        line = _line(row, goods)
        if not line["quantity"] and not line["amount"] and not line["tax"]:
            continue
        if line["quantity"] < 0 or line["amount"] < 0:
            taken -= _negative(line, choices)
            continue
        found.append(_whole(line, currency, choices))
    return Lines(tuple(found), taken)


def estimated(value: Decimal, name: str, currency: str) -> Lines:
    """One custom line of an opportunity's estimated value."""
    line = {"id": ESTIMATE, "product": None, "title": name, "sku": "", "quantity": Decimal(1)}
    return Lines((_whole(line | {"price": value, "amount": value, "tax": ZERO}, currency, Choices()),))


def _line(row: Mapping[str, Any], goods: Mapping[str, Goods]) -> dict[str, Any]:
    tax = _amount(row, "tax")
    net = _amount(row, "extendedamount") - tax
    if row.get("extendedamount") is None:
        net = _amount(row, "baseamount") - _amount(row, "manualdiscountamount")
    product = str(row["productid"]) if row.get("productid") else None
    known = goods.get(product or "")
    written = str(row.get("productdescription") or "")
    return {
        "id": str(row[ROW]),
        "product": product,
        "title": (known.name if known else "") or written or "Item",
        "sku": known.number if known else "",
        "quantity": _amount(row, "quantity"),
        "price": _amount(row, "priceperunit"),
        "amount": net,
        "tax": tax,
    }


def _negative(line: Mapping[str, Any], choices: Choices) -> Decimal:
    """What a negative line is worth, where it may be taken off the whole order."""
    if choices.negative == "park" or line["tax"] or line["amount"] > 0:
        fix = "Take it out, or let DOCUMENT_NEGATIVE be discount (a line with tax cannot be one)."
        raise _refused(line, f"is negative ({line['quantity']:f} units, {line['amount']:f})", fix)
    return Decimal(line["amount"])


def _whole(line: Mapping[str, Any], currency: str, choices: Choices) -> dict[str, Any]:
    """The line with whole units."""
    quantity = line["quantity"]
    if not quantity:
        raise _refused(line, "has no units, and an amount", "Give it a quantity in CRM.")
    for name in ("amount", "tax"):
        if round(line[name], digits(currency)) != line[name]:
            fix = f"{currency} has {digits(currency)} decimals: set the currency's precision in CRM to that."
            raise _refused(line, f"has the {name} {line[name]:f}", fix)
    if quantity == quantity.to_integral_value():
        return {**line, "quantity": int(quantity)}
    if choices.fractions == "park":
        fix = "Use whole units in CRM, or let DOCUMENT_FRACTIONS be line."
        raise _refused(line, f"has {quantity.normalize():f} units, and Shopify knows whole ones", fix)
    title = f"{quantity.normalize():f} x {line['title']}"
    return {**line, "title": title, "product": None, "quantity": 1, "price": line["amount"]}


def _refused(line: Mapping[str, Any], what: str, fix: str) -> Invalid:
    return Invalid(f"The line '{line['title']}' {what}. {fix}", facts={"line": line["id"]})


def _amount(row: Mapping[str, Any], column: str) -> Decimal:
    return Decimal(row.get(column) or 0)


def total(rows: Iterable[Mapping[str, Any]], name: str) -> Decimal:
    """The sum of one amount of all lines."""
    return sum((Decimal(row[name]) for row in rows), ZERO)
