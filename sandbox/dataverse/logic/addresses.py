"""The addresses of an account: two rows of customeraddress that stand for its own columns, and any number of others.

"By default … at least two customeraddress records are created" with every account, also without data
(learn.microsoft.com/power-apps/developer/data-platform/customer-entities-account-contact): numbers 1 and 2, the same
data as `address1_…` and `address2_…`, kept equal whichever is written. Contacts' own rows are not kept. What table
the owner is of is a text (`objecttypecode` in a real organization's $metadata), and follows from the binding.
"""

from __future__ import annotations

from sandbox.dataverse.context import Context
from sandbox.dataverse.metadata.model import Table
from sandbox.dataverse.store import Row, type_column

from .rules import Change, Rules

NUMBERS = (1, 2)
ADDRESS, OWNER = "customeraddress", "account"


def register(rules: Rules) -> None:
    """Hook the rules in."""
    rules.on("before_create", OWNER, _name_rows)
    rules.on("after_create", OWNER, _make_rows)
    rules.on("after_update", OWNER, _follow_owner)
    rules.on("before_create", ADDRESS, _type_of_owner)
    rules.on("after_update", ADDRESS, _follow_row)


def _shared(ctx: Context, number: int) -> dict[str, str]:
    """Columns of an address row → those of the account that hold the same."""
    rows, owner = ctx.registry.tables[ADDRESS], ctx.registry.tables[OWNER]
    named = {name: f"address{number}_{name}" for name in rows.columns}
    return {name: column for name, column in named.items() if column in owner.columns and name != "composite"}


def _name_rows(ctx: Context, change: Change) -> None:
    for number in NUMBERS:
        change.values[f"address{number}_addressid"] = ctx.core.ids.new()


def _make_rows(ctx: Context, change: Change) -> None:
    """Part of the account's own write: no row of its own is counted or told of."""
    table = ctx.registry.tables[ADDRESS]
    stamp = {name: change.values[name] for name in ("createdon", "modifiedon", "createdby", "modifiedby")}
    for number in NUMBERS:
        row: Row = {name: change.values.get(column) for name, column in _shared(ctx, number).items()}
        row |= {table.pk: change.values[f"address{number}_addressid"], "addressnumber": number}
        row |= {"parentid": change.row_id, type_column("parentid"): OWNER, "objecttypecode": OWNER}
        ctx.store.insert(table, row | stamp)


def _follow_owner(ctx: Context, change: Change) -> None:
    for number in NUMBERS:
        shared = _shared(ctx, number)
        moved = {name: change.values[column] for name, column in shared.items() if change.moves(column)}
        row = change.final(f"address{number}_addressid")
        if moved and row:
            _put(ctx, ctx.registry.tables[ADDRESS], str(row), moved)


def _type_of_owner(ctx: Context, change: Change) -> None:
    owner = change.values.get(type_column("parentid"))
    if change.values.get("objecttypecode") is None and owner:
        change.values["objecttypecode"] = owner


def _follow_row(ctx: Context, change: Change) -> None:
    number, owner = change.final("addressnumber"), change.final("parentid")
    if number in NUMBERS and owner and change.final(type_column("parentid")) == OWNER:
        shared = _shared(ctx, int(str(number)))
        moved = {column: change.values[name] for name, column in shared.items() if change.moves(name)}
        if moved:
            _put(ctx, ctx.registry.tables[OWNER], str(owner), moved)


def _put(ctx: Context, table: Table, row: str, values: Row) -> None:
    ctx.store.update(table, row, values | {"modifiedon": ctx.now(), "modifiedby": ctx.actor.user_id})
