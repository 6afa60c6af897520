"""What deleting a row does to the rows that refer to it: refuse, delete them too, or remove the link.

The entries for price list items are documented in the entity reference (relationship tables); the others are
assumptions named in docs/sandbox-dataverse.md. A custom lookup does what its relationship's CascadeConfiguration says;
anything else that is not listed loses its link.
"""

from __future__ import annotations

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error
from sandbox.dataverse.metadata.model import Table
from sandbox.dataverse.store import type_column
from sandbox.dataverse.writes.rows import delete_row, update_row

from .rules import Change, Rules

# (referring table, lookup column): behaviour
DELETE_BEHAVIOUR: dict[tuple[str, str], str] = {
    ("productpricelevel", "pricelevelid"): "restrict",
    ("productpricelevel", "uomid"): "restrict",
    ("productpricelevel", "productid"): "cascade",
    ("product", "defaultuomid"): "restrict",
    ("product", "defaultuomscheduleid"): "restrict",
    ("product", "parentproductid"): "restrict",
    ("uom", "uomscheduleid"): "cascade",
    ("uom", "baseuom"): "restrict",
    ("discount", "discounttypeid"): "cascade",
    ("salesorderdetail", "salesorderid"): "cascade",
    ("invoicedetail", "invoiceid"): "cascade",
    ("quotedetail", "quoteid"): "cascade",
    ("opportunityproduct", "opportunityid"): "cascade",
    ("salesorderdetail", "productid"): "restrict",
    ("invoicedetail", "productid"): "restrict",
    ("quotedetail", "productid"): "restrict",
    ("opportunityproduct", "productid"): "restrict",
    ("salesorderdetail", "uomid"): "restrict",
    ("invoicedetail", "uomid"): "restrict",
    ("quotedetail", "uomid"): "restrict",
    ("opportunityproduct", "uomid"): "restrict",
    ("salesorder", "pricelevelid"): "restrict",
    ("salesorder", "customerid"): "restrict",
    ("invoice", "pricelevelid"): "restrict",
    ("invoice", "customerid"): "restrict",
    ("quote", "pricelevelid"): "restrict",
    ("quote", "customerid"): "restrict",
    ("contact", "parentcustomerid"): "cascade",
    ("customeraddress", "parentid"): "cascade",
    ("sdkmessageprocessingstepimage", "sdkmessageprocessingstepid"): "cascade",
    ("sdkmessageprocessingstep", "eventhandler"): "cascade",
}
_IGNORED_COLUMNS = frozenset({
    "createdby", "modifiedby", "createdonbehalfby", "modifiedonbehalfby", "ownerid", "owninguser", "owningteam",
    "owningbusinessunit", "organizationid"})


def register(rules: Rules) -> None:
    """Hook the check in for all tables."""
    rules.on("before_delete", "*", settle_references)


def references(ctx: Context, table: Table) -> list[tuple[Table, str]]:
    """Every (table, lookup column) that can refer to rows of the table."""
    known = ctx.scratch.setdefault("references", {})
    if table.name not in known:
        known[table.name] = [
            (other, column.name) for other in ctx.registry for column in other.columns.values()
            if column.is_lookup and table.name in column.targets and column.name not in _IGNORED_COLUMNS]
    return list(known[table.name])


def behaviour(other: Table, column: str, target: str) -> str:
    """What happens to rows of `other` when the row their column refers to is deleted."""
    if target == "transactioncurrency":
        return "restrict"
    return other.columns[column].on_delete or DELETE_BEHAVIOUR.get((other.name, column), "remove_link")


def settle_references(ctx: Context, change: Change) -> None:
    """Refuse with 0x80040227, or delete and unlink what refers to the row."""
    found = [(o, c, _referring(ctx, o, c, change)) for o, c in references(ctx, change.table)]
    for other, column, rows in found:
        if rows and behaviour(other, column, change.table.name) == "restrict":
            raise error("CannotDeleteDueToAssociation")
    for other, column, rows in found:
        for row_id in rows:
            if behaviour(other, column, change.table.name) == "cascade":
                delete_row(ctx, other, row_id)
            else:
                update_row(ctx, other, row_id, _unlinked(other, column))


def _referring(ctx: Context, other: Table, column: str, change: Change) -> list[str]:
    wanted: dict[str, object] = {column: change.row_id}
    if other.columns[column].polymorphic:
        wanted[type_column(column)] = change.table.name
    restricted = behaviour(other, column, change.table.name) == "restrict"
    return [row[other.pk] for row in ctx.store.find(other, wanted, [other.pk], limit=int(restricted))]


def _unlinked(other: Table, column: str) -> dict[str, object]:
    values: dict[str, object] = {column: None}
    if other.columns[column].polymorphic:
        values[type_column(column)] = None
    return values
