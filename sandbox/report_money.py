"""The money of all orders on both sides, added up per currency: what `make run` prints after the agreement.

Shopify's total and tax are its own, less what a marketplace owes; what of it lies on lines and what is freight only the
app's rules say. CRM's are the columns of its orders as its pricing engine left them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import prod

from rich.table import Table

from shared.records import Content

ROWS = {
    "lines": "totallineitemamount",
    "freight": "freightamount",
    "tax": "totaltax",
    "total": "totalamount",
}
"""Rows of the table, and the columns of CRM's orders."""
OF_LINES = {
    "units": ("quantity", "quantity"),
    "line discounts": ("manual_discount", "manualdiscountamount"),
    "line taxes": ("tax", "tax"),
}
"""Rows that are sums over lines: the amount of `money.lines`, and the column of CRM's lines."""
PRICES = "units x price"
ORDERS = "orders"
Key = tuple[str, str]
"""A currency and a row of the table."""


@dataclass
class Money:
    """Sums of both sides. `side`: which of an order's two currencies CRM has (`shop` or `presentment`)."""

    side: str = "shop"
    parked: int = 0
    _shopify: dict[Key, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    _crm: dict[Key, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    _codes: dict[str, str] = field(default_factory=dict)

    def shopify(self, order: Content) -> None:
        """Add an order of Shopify, completed."""
        money = order["money"]
        code = str(money["currency"])
        self._codes[str(order["crm"]["currency"])] = code
        own = {"tax": self._own(order, "currentTotalTaxSet"), "total": self._own(order, "currentTotalPriceSet")}
        amounts = {name: amount - money["channel_tax"] for name, amount in own.items()}
        amounts |= {"lines": money["lines_total"], "freight": money["freight"], ORDERS: Decimal(1)}
        amounts |= {name: _sum(money["lines"], field) for name, (field, _) in OF_LINES.items()}
        amounts[PRICES] = _sum(money["lines"], "quantity", "price_per_unit")
        for name, amount in amounts.items():
            self._shopify[code, name] += amount

    def crm(self, order: Content) -> None:
        """Add an order of CRM."""
        currency = str(order["transactioncurrencyid"])
        code = self._codes.get(currency, currency)
        self._crm[code, ORDERS] += Decimal(1)
        for name, column in ROWS.items():
            self._crm[code, name] += Decimal(order.get(column) or 0)
        for name, (_, column) in OF_LINES.items():
            self._crm[code, name] += _sum(order["order_details"], column)
        self._crm[code, PRICES] += _sum(order["order_details"], "quantity", "priceperunit")

    def _own(self, order: Content, name: str) -> Decimal:
        bag = order.get(name)
        return Decimal(bag[f"{self.side}Money"]["amount"]) if bag else Decimal(0)

    @property
    def equal(self) -> bool:
        """Whether both sides hold the same, to the cent."""
        return all(self._shopify[key] == self._crm[key] for key in self._keys())

    def _keys(self) -> list[Key]:
        codes = sorted({code for code, _ in (*self._shopify, *self._crm)})
        return [(code, name) for code in codes for name in (ORDERS, *OF_LINES, PRICES, *ROWS)]

    def table(self) -> Table:
        """One row per currency and sum; differences other than 0 in red."""
        printed = Table(title="The money of the orders", caption=f"left out: {self.parked} orders parked")
        for name in ("currency", "sum", "Shopify", "CRM", "difference"):
            printed.add_column(name, justify="left" if name in ("currency", "sum") else "right", no_wrap=True)
        for key in self._keys():
            code, name = key
            difference = self._shopify[key] - self._crm[key]
            told = f"[red]{_shown(difference)}[/red]" if difference else "0"
            figures = [_shown(sums[key]) for sums in (self._shopify, self._crm)]
            printed.add_row(code, name, *figures, told, end_section=name == "total")
        return printed


def _sum(lines: Sequence[Content], *factors: str) -> Decimal:
    """Over all lines, the product of those of its values."""
    return sum((prod((Decimal(line[name] or 0) for name in factors), start=Decimal(1)) for line in lines), Decimal(0))


def _shown(amount: Decimal) -> str:
    """An amount with at least two decimals, or none."""
    if amount == amount.to_integral_value():
        return f"{amount:,.0f}"
    return f"{amount:,.2f}" if amount == round(amount, 2) else f"{amount.normalize():,f}"
