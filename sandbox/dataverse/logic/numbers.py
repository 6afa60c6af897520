"""Automatic numbers of orders, quotes and invoices: prefix, running number, suffix, as the organization says.

Only a missing number is filled; one that is sent along is kept.
"""

# ruff: noqa: S608 - names come from the schema, values always travel as parameters
from __future__ import annotations

from sandbox.dataverse.context import Context

from .rules import Change, Rules

# table: (number column, prefix column, counter column)
NUMBERED = {
    "salesorder": ("ordernumber", "orderprefix", "currentordernumber"),
    "quote": ("quotenumber", "quoteprefix", "currentquotenumber"),
    "invoice": ("invoicenumber", "invoiceprefix", "currentinvoicenumber"),
}
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


def register(rules: Rules) -> None:
    """Hook the numbering in."""
    rules.on("before_create", tuple(NUMBERED), number)


def number(ctx: Context, change: Change) -> None:
    """Fill the document's number from the organization's counter, which moves on."""
    column, prefix, counter = NUMBERED[change.table.name]
    if change.values.get(column):
        return
    organization = ctx.core.organization()
    current = organization[counter]
    ctx.store.query(
        f'UPDATE "organization" SET "{counter}" = ? WHERE organizationid = ?', (current + 1, ctx.core.organization_id))
    length = organization["uniquespecifierlength"] or 6
    seed = sum(ord(c) * (i + 7) for i, c in enumerate(change.row_id)) * 7919 + current
    suffix = "".join(_ALPHABET[(seed // len(_ALPHABET) ** i) % len(_ALPHABET)] for i in range(length))
    change.values[column] = f"{organization[prefix]}-{current}-{suffix}"
