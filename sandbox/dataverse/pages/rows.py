"""What the pages read: the rows changed last, names of referred rows, currencies, labels of choices.

All reading is bounded: a page shows at most a hundred rows of a table.
"""

# ruff: noqa: S608 - names come from the schema, values always travel as parameters
from __future__ import annotations

from sandbox.dataverse.context import Context
from sandbox.dataverse.metadata.model import Table
from sandbox.dataverse.store import Row, physical_columns, to_row, type_column

SHOWN = 100


def latest(ctx: Context, table: Table, search: str, columns: tuple[str, ...]) -> list[Row]:
    """The rows changed last, of those in which one of the columns contains the text."""
    names = physical_columns(table)
    where = " OR ".join(f'dv_contains("{c}", ?)' for c in columns) if search else ""
    picked = ", ".join(f'"{n}"' for n in names)
    sql = f'SELECT {picked} FROM "{table.name}" {"WHERE " + where if where else ""} ORDER BY versionnumber DESC'
    found = ctx.store.query(f"{sql} LIMIT {SHOWN}", [search] * len(columns) if search else [])
    return [to_row(table, names, raw) for raw in found]


def label(table: Table, column: str, value: object) -> str:
    """The label of a choice."""
    return next((o.label for o in table.columns[column].options if o.value == value), str(value))


def options(table: Table, column: str) -> list[tuple[int, str]]:
    """The choices of a column."""
    return [(o.value, o.label) for o in table.columns[column].options]


def name_of(ctx: Context, row: Row, column: str, target: str | None = None) -> str:
    """The name of the row a lookup refers to, empty when it refers to none."""
    kind = row.get(type_column(column)) or target
    if row.get(column) is None or kind is None:
        return ""
    table = ctx.table(kind)
    found = ctx.store.get(table, row[column], [table.pk, table.primary_name])
    return str(found[table.primary_name] or "") if found else ""


def currency_of(ctx: Context, row: Row) -> str:
    """The ISO code of a row's currency."""
    found = ctx.store.get(
        ctx.table("transactioncurrency"), str(row.get("transactioncurrencyid")), ["transactioncurrencyid",
                                                                                  "isocurrencycode"])
    return str(found["isocurrencycode"]) if found else ""
