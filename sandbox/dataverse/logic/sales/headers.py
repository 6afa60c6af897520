"""Headers of documents: customer, currency, price list, revision, and what changes when a header does.

Reference: the header entity pages, Create or edit orders (one currency for record, lines and origin), and the web
service error codes. Prices are `pricing`'s business, states are `transitions`'.
"""

from __future__ import annotations

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error
from sandbox.dataverse.logic.rules import Change, Rules
from sandbox.dataverse.store import type_column

from .documents import BY_HEADER, lines_of
from .pricing import is_system

# The record a document may come from: lookup column, table, and the error when their currencies differ.
_ORIGINS = (
    ("opportunityid", "opportunity", "RecordAndOpportunityCurrencyNotEqual"),
    ("quoteid", "quote", "QuoteAndSalesOrderCurrencyNotEqual"),
    ("salesorderid", "salesorder", "SalesOrderAndInvoiceCurrencyNotEqual"),
)
_CURRENCY_FIXED_BY_LINES = {
    "opportunity": "CannotUpdateOpportunityCurrency", "quote": "CannotUpdateQuoteCurrency"}


def register(rules: Rules) -> None:
    """Hook the checks in."""
    tables = tuple(BY_HEADER)
    rules.on("before_create", tables, start)
    rules.on("before_update", tables, edit)
    rules.on("after_update", tables, carry)
    rules.on("before_delete", tables, remove)


def start(ctx: Context, change: Change) -> None:
    """Complete and check a new header."""
    _customer(change)
    if change.table.name == "quote" and change.values.get("revisionnumber") is None:
        change.values["revisionnumber"] = 0
    if change.values.get("transactioncurrencyid") is None:
        change.values["transactioncurrencyid"] = _usual_currency(ctx, change)
    _check_currencies(ctx, change)


def edit(ctx: Context, change: Change) -> None:
    """Complete and check a changed header."""
    if is_system(ctx):
        return
    if change.moves("customerid"):
        _customer(change)
    fixed = _CURRENCY_FIXED_BY_LINES.get(change.table.name)
    if fixed and change.moves("transactioncurrencyid") and _is_used(ctx, change):
        raise error(fixed)
    _check_currencies(ctx, change)


def _customer(change: Change) -> None:
    """A customer is an account or a contact; the header also has one column for each."""
    kind = change.values.get(type_column("customerid"))
    for column, table in (("accountid", "account"), ("contactid", "contact")):
        if column in change.table.columns and "customerid" in change.values:
            change.values[column] = change.values["customerid"] if kind == table else None


def _usual_currency(ctx: Context, change: Change) -> object:
    """The customer's currency, else the organization's."""
    customer, kind = change.values.get("customerid"), change.values.get(type_column("customerid"))
    if customer and kind:
        table = ctx.table(kind)
        row = ctx.store.get(table, customer, [table.pk, "transactioncurrencyid"])
        if row and row["transactioncurrencyid"]:
            return row["transactioncurrencyid"]
    return ctx.core.organization()["basecurrencyid"]


def _is_used(ctx: Context, change: Change) -> bool:
    """Whether lines, or for an opportunity quotes and orders too, depend on the header's currency."""
    document = BY_HEADER[change.table.name]
    if lines_of(ctx, document, change.row_id):
        return True
    if document.header != "opportunity":
        return False
    return any(
        ctx.store.find(ctx.table(other), {"opportunityid": change.row_id}, [f"{other}id"], limit=1)
        for other in ("quote", "salesorder"))


def _check_currencies(ctx: Context, change: Change) -> None:
    """Header, price list and the record it comes from have one currency."""
    currency = change.final("transactioncurrencyid")
    moved = change.moves("transactioncurrencyid")
    list_id = change.final("pricelevelid")
    if list_id is not None and (moved or change.moves("pricelevelid")):
        row = ctx.store.get(ctx.table("pricelevel"), str(list_id), ["pricelevelid", "transactioncurrencyid"])
        if row and row["transactioncurrencyid"] != currency:
            raise error("RecordAndPricelistCurrencyNotEqual")
    for column, other, name in _ORIGINS:
        if column not in change.table.columns or other == change.table.name or change.final(column) is None:
            continue
        if moved or change.moves(column):
            table = ctx.table(other)
            row = ctx.store.get(table, str(change.final(column)), [table.pk, "transactioncurrencyid"])
            if row and row["transactioncurrencyid"] not in (None, currency):
                raise error(name)


def carry(ctx: Context, change: Change) -> None:
    """Lines repeat their header's state and lock; they follow without becoming changed rows themselves."""
    document = BY_HEADER[change.table.name]
    columns = ctx.table(document.line).columns
    for source, column in (("statecode", document.state), ("ispricelocked", document.lock)):
        if column in columns and change.moves(source):
            value = change.values[source]
            ctx.store.query(
                f'UPDATE "{document.line}" SET "{column}" = ? WHERE "{document.parent}" = ?',  # noqa: S608 - names
                (int(value) if value is not None else None, change.row_id))


def remove(ctx: Context, change: Change) -> None:
    """The lines of a document go with it, whatever its state."""
    ctx.scratch.setdefault("deleting", set()).add(change.row_id)
