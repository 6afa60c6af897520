"""Create, update and delete of one row: the only functions that change rows, whoever asks.

The Web API, `$batch`, the page and the seed all come through here, so versions, times, rules, tracking and
webhooks always move together. They must run inside a store transaction.
"""

from __future__ import annotations

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error
from sandbox.dataverse.logic.rules import Change
from sandbox.dataverse.metadata.model import Table
from sandbox.dataverse.store import Row, type_column
from sandbox.dataverse.webhooks import Event

from .convert import check_limits


def create_row(ctx: Context, table: Table, values: Row) -> str:
    """Create a row from column values and return its id; 412 0x80040237 when the id is taken."""
    row_id = values.get(table.pk) or ctx.core.ids.new()
    sent = frozenset(values)
    if ctx.store.get(table, row_id, [table.pk]):
        raise error("DuplicateRecord")
    row: Row = {**values, table.pk: row_id}
    row.pop("statecode", None)
    change = Change(table, row_id, None, row, sent)
    _system_values(ctx, table, row)
    ctx.core.rules.run("before_create", ctx, change)
    _defaults(table, row)
    _required(table, row)
    check_keys(ctx, change)
    ctx.store.insert(table, row)
    ctx.rows_written += 1
    ctx.core.rules.run("after_create", ctx, change)
    _announce(ctx, "Create", change)
    return row_id


def update_row(ctx: Context, table: Table, row_id: str, values: Row) -> None:
    """Change columns of a row; 404 0x80040217 when there is none."""
    before = ctx.store.get(table, row_id)
    if before is None:
        raise error("ObjectDoesNotExist", table.name, row_id)
    change = Change(table, row_id, before, dict(values), frozenset(values))
    if not change.values:
        return
    ctx.core.rules.run("before_update", ctx, change)
    _not_emptied(table, change)
    check_keys(ctx, change)
    change.values["modifiedon"] = ctx.now()
    change.values["modifiedby"] = ctx.actor.user_id
    ctx.store.update(table, row_id, change.values)
    ctx.rows_written += 1
    ctx.core.rules.run("after_update", ctx, change)
    _announce(ctx, "Update", change)


def delete_row(ctx: Context, table: Table, row_id: str) -> None:
    """Delete a row; 404 0x80040217 when there is none."""
    before = ctx.store.get(table, row_id)
    if before is None:
        raise error("ObjectDoesNotExist", table.name, row_id)
    change = Change(table, row_id, before, {})
    ctx.core.rules.run("before_delete", ctx, change)
    ctx.store.delete(table, row_id, ctx.now())
    ctx.rows_written += 1
    ctx.core.rules.run("after_delete", ctx, change)
    _announce(ctx, "Delete", change)


def _announce(ctx: Context, message: str, change: Change) -> None:
    ctx.core.webhooks.announce(ctx, Event(
        message, change.table.name, change.row_id, dict(change.values), change.sent, change.before))


def _system_values(ctx: Context, table: Table, row: Row) -> None:
    now = ctx.now()
    stamp: Row = {
        "createdon": row.get("overriddencreatedon") or now, "modifiedon": now,
        "createdby": ctx.actor.user_id, "modifiedby": ctx.actor.user_id}
    if row.get("overriddencreatedon"):
        stamp["overriddencreatedon"] = now
    if "organizationid" in table.columns and table.name != "organization":
        stamp["organizationid"] = ctx.core.organization_id
    for name, value in stamp.items():
        if name in table.columns:
            row[name] = value
    if "ownerid" in table.columns and table.ownership == "UserOwned":
        _owner(ctx, table, row)


def _owner(ctx: Context, table: Table, row: Row) -> None:
    if row.get("ownerid") is None:
        row["ownerid"] = ctx.actor.user_id
        row[type_column("ownerid")] = "systemuser"
    kind = row.get(type_column("ownerid"), "systemuser")
    for column, wanted in (("owninguser", "systemuser"), ("owningteam", "team")):
        if column in table.columns:
            row[column] = row["ownerid"] if kind == wanted else None
    if "owningbusinessunit" in table.columns:
        row["owningbusinessunit"] = ctx.core.business_unit_id


def _defaults(table: Table, row: Row) -> None:
    for column in table.columns.values():
        if row.get(column.name) is not None:
            continue
        if column.default is not None and column.name not in row:
            row[column.name] = column.default
        elif column.type == "Boolean" and column.name not in row:
            row[column.name] = False


def _required(table: Table, row: Row) -> None:
    for column in table.columns.values():
        if column.required == "SystemRequired" and column.create and row.get(column.name) is None:
            raise error("RequiredFieldMissing", column.name)
        if column.type == "Status" and row.get(column.name) is not None:
            check_limits(table, column, row[column.name])


def _not_emptied(table: Table, change: Change) -> None:
    for name, value in change.values.items():
        column = table.columns.get(name)
        if value is None and column is not None and column.required == "SystemRequired":
            raise error("RequiredFieldMissing", name)


def check_keys(ctx: Context, change: Change) -> None:
    """412 0x80060892 when the write would give two rows the same alternate key."""
    table = change.table
    for key in table.keys.values():
        if key.status != "Active" or not any(c in change.values for c in key.columns):
            continue
        wanted = {c: change.final(c) for c in key.columns}
        if any(v is None for v in wanted.values()):
            continue
        found = ctx.store.find(table, wanted, [table.pk], limit=1)
        if found and found[0][table.pk] != change.row_id:
            names = ", ".join(table.columns[c].display or c for c in key.columns)
            raise error("DuplicateRecordEntityKey", key.schema, names)
