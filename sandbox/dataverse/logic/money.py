"""Money: precision, rounding, currency of a row and its base amounts.

Precision follows PrecisionSource (0 the column's, 1 the organization's pricing precision, 2 the currency's).
The rounding mode of the platform is not documented; it is a setting.
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.store import Row

from .rules import Change, Rules

BASE_PRECISION = 4
# Money columns that need a currency, by table (0x80048CFB); elsewhere the base currency is taken.
NEEDS_CURRENCY = {"product": ("price", "standardcost", "currentcost")}


def register(rules: Rules) -> None:
    """Hook rounding and base amounts in for all tables."""
    rules.on("before_create", "*", settle_money)
    rules.on("before_update", "*", settle_money)


def currency_row(ctx: Context, currency_id: object) -> Row | None:
    """The currency, with the columns rounding needs."""
    if not isinstance(currency_id, str):
        return None
    table = ctx.table("transactioncurrency")
    return ctx.store.get(table, currency_id, ["transactioncurrencyid", "currencyprecision", "exchangerate"])


def rounded(ctx: Context, number: Decimal, digits: int) -> Decimal:
    """The number at that many decimals, by the configured rounding mode."""
    return number.quantize(Decimal(1).scaleb(-digits), rounding=ctx.core.config.rounding)


def settle_money(ctx: Context, change: Change) -> None:
    """Round exact columns, fill the base amounts, snapshot the exchange rate."""
    table, values = change.table, change.values
    _round_decimals(ctx, change)
    if table.name == "transactioncurrency" or "transactioncurrencyid" not in table.columns:
        return
    if not any(name in values for name in ("transactioncurrencyid", *(c.name for c in table.money_columns))):
        return
    _require_currency(change)
    currency = _currency(ctx, change)
    if currency is None:
        return
    if "exchangerate" in table.columns:
        values["exchangerate"] = currency["exchangerate"]
    for column in table.money_columns:
        if column.name in values or change.moves("transactioncurrencyid"):
            _amount(ctx, change, column, currency)


def _round_decimals(ctx: Context, change: Change) -> None:
    for name, value in change.values.items():
        column = change.table.columns.get(name)
        if column is not None and column.type == "Decimal" and value is not None:
            change.values[name] = rounded(ctx, value, column.precision or 0)


def _require_currency(change: Change) -> None:
    needing = NEEDS_CURRENCY.get(change.table.name, ())
    if change.final("transactioncurrencyid") is None and any(change.final(c) is not None for c in needing):
        raise error("CurrencyCannotBeNullDueToNonNullMoneyFields")


def _currency(ctx: Context, change: Change) -> Row | None:
    current = change.final("transactioncurrencyid")
    if current is None and any(change.values.get(c.name) is not None for c in change.table.money_columns):
        current = ctx.core.organization()["basecurrencyid"]
        change.values["transactioncurrencyid"] = current
    return currency_row(ctx, current)


def _amount(ctx: Context, change: Change, column: Column, currency: Row) -> None:
    amount = change.final(column.name)
    base = f"{column.name}_base"
    if not isinstance(amount, Decimal):
        if base in change.table.columns and column.name in change.values:
            change.values[base] = None
        return
    amount = rounded(ctx, amount, digits_of(ctx, column, currency))
    change.values[column.name] = amount
    if base in change.table.columns:
        change.values[base] = rounded(ctx, amount / currency["exchangerate"], BASE_PRECISION)


def digits_of(ctx: Context, column: Column, currency: Row) -> int:
    """How many decimals a money column keeps in that currency."""
    if column.precision_source == 1:
        return int(ctx.core.organization()["pricingdecimalprecision"])
    if column.precision_source == 2:
        return int(currency["currencyprecision"])
    return column.precision or 2
