"""Volume discounts: the discount list of a price list item and its quantity ranges.

Reference: Set up a discount list, Price calculation for opportunity, quote, order and invoice records (a discount is
calculated even when its list is inactive). Also the checks of discount rows by the web service error codes.
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error
from sandbox.dataverse.logic.rules import Change, Rules
from sandbox.dataverse.store import Row

from .errors import PricingError

HUNDRED = Decimal(100)


def register(rules: Rules) -> None:
    """Hook the checks in."""
    rules.on("before_create", "discount", check_discount)
    rules.on("before_update", "discount", check_discount)


def volume_discount(ctx: Context, item: Row, price: Decimal, quantity: Decimal) -> Decimal:
    """The discount per unit for that quantity; zero outside every range."""
    type_id = item.get("discounttypeid")
    if type_id is None:
        return Decimal(0)
    for row in ctx.store.find(ctx.table("discount"), {"discounttypeid": type_id}):
        if row["lowquantity"] <= quantity <= row["highquantity"]:
            return _worth(row, price)
    return Decimal(0)


def _worth(row: Row, price: Decimal) -> Decimal:
    if row.get("amount") is not None:
        return Decimal(row["amount"])
    if row.get("percentage") is None:
        raise PricingError(PricingError.INVALID_DISCOUNT)
    return Decimal(price * row["percentage"] / HUNDRED)


def check_discount(ctx: Context, change: Change) -> None:
    """An amount or a percentage as the list says, a range that is one, and no overlap with the others."""
    _check_kind(ctx, change)
    low, high = change.final("lowquantity"), change.final("highquantity")
    if not isinstance(low, Decimal) or not isinstance(high, Decimal):
        return
    if low > high:
        raise error("LowQuantityGreaterThanHighQuantity")
    for other in ctx.store.find(change.table, {"discounttypeid": change.final("discounttypeid")}):
        if other["discountid"] != change.row_id and low <= other["highquantity"] and other["lowquantity"] <= high:
            raise error("DiscountRangeOverlap")


def _check_kind(ctx: Context, change: Change) -> None:
    parent = ctx.store.get(
        ctx.table("discounttype"), str(change.final("discounttypeid")),
        ["discounttypeid", "isamounttype", "transactioncurrencyid"])
    if parent is None:
        return
    amount, percentage = change.final("amount"), change.final("percentage")
    if amount is not None and percentage is not None:
        raise error("DiscountAmountAndPercent")
    if parent["isamounttype"] and percentage is not None:
        raise error("DiscountAmount")
    if not parent["isamounttype"] and amount is not None:
        raise error("DiscountPercent")
    change.values["isamounttype"] = parent["isamounttype"]
    if parent["isamounttype"] and change.final("transactioncurrencyid") is None:
        change.values["transactioncurrencyid"] = parent["transactioncurrencyid"]
