"""`$expand`: related rows of a whole page read together, never one query per row.

Reference: webapi/query/join-tables. Single-valued properties come as an object or null, collections as arrays
with their own next link.
"""

# ruff: noqa: S608 - names come from the schema, values always travel as parameters
from __future__ import annotations

from typing import Any
from urllib.parse import quote

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import bad_request, error, unknown_property
from sandbox.dataverse.metadata.model import Many, Nav, Table
from sandbox.dataverse.security import demand
from sandbox.dataverse.store import Row, to_row, type_column
from sandbox.dataverse.urls import split_outside

from .filter import Compiler
from .options import Expand
from .shape import Shaper, chunks, needed, selected


def expand_columns(ctx: Context, table: Table, items: list[Expand]) -> list[str]:
    """The lookup columns of the page's own table that the expands need; unknown names are refused here."""
    names = []
    for item in items:
        nav = table.one.get(item.nav)
        if nav is not None:
            names.append(nav.column)
        elif item.nav not in table.many and item.nav not in table.links:
            raise unknown_property(item.nav, table.name)
        elif item.ref:
            raise bad_request("Expanding a collection-valued navigation property with $ref is not supported.")
    return names


def expand_rows(
    ctx: Context, table: Table, items: list[Expand], rows: list[Row], objects: list[dict[str, Any]],
) -> None:
    """Put the expanded rows into the objects of a page."""
    for item in items:
        if item.nav in table.one:
            _expand_one(ctx, table, item, rows, objects)
        elif item.nav in table.links:
            _expand_linked(ctx, table, item, rows, objects)
        else:
            _expand_many(ctx, table, item, rows, objects)


def _expand_one(
    ctx: Context, table: Table, item: Expand, rows: list[Row], objects: list[dict[str, Any]],
) -> None:
    nav = table.one[item.nav]
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for target in nav.targets:
        other = ctx.registry.get(target)
        if other is None:
            continue
        demand(ctx, other, "Read")
        ids = sorted({row[nav.column] for row in rows if _leads_to(table, nav, row, target)})
        for row_id, value in _by_id(ctx, other, item, ids).items():
            found[(target, row_id)] = value
    for row, out in zip(rows, objects, strict=True):
        kind = _target(table, nav, row)
        out[item.nav] = found.get((kind, row[nav.column])) if kind else None


def _target(table: Table, nav: Nav, row: Row) -> str | None:
    if row.get(nav.column) is None:
        return None
    column = table.columns[nav.column]
    found = row.get(type_column(nav.column)) if column.polymorphic else nav.targets[0]
    return str(found) if found in nav.targets else None


def _leads_to(table: Table, nav: Nav, row: Row, target: str) -> bool:
    return _target(table, nav, row) == target


def _by_id(ctx: Context, other: Table, item: Expand, ids: list[str]) -> dict[str, dict[str, Any]]:
    columns = selected(other, item.options.select)
    names = needed(other, columns, expand_columns(ctx, other, item.options.expand))
    out: dict[str, dict[str, Any]] = {}
    for chunk in chunks(ids):
        picked = ", ".join(f'"{n}"' for n in names)
        marks = ",".join("?" * len(chunk))
        raw = ctx.store.query(f'SELECT {picked} FROM "{other.name}" WHERE "{other.pk}" IN ({marks})', chunk)
        rows = [to_row(other, names, r) for r in raw]
        ctx.rows_read += len(rows)
        if item.ref:
            shaped = [{"@odata.id": ctx.url(other, r[other.pk])} for r in rows]
        else:
            shaped = Shaper(ctx, other, columns).shape(rows)
            expand_rows(ctx, other, item.options.expand, rows, shaped)
        out.update(zip((r[other.pk] for r in rows), shaped, strict=True))
    return out


def _expand_many(
    ctx: Context, table: Table, item: Expand, rows: list[Row], objects: list[dict[str, Any]],
) -> None:
    many = table.many[item.nav]
    children: dict[str, list[tuple[Row, dict[str, Any]]]] = {}
    for chunk in chunks([row[table.pk] for row in rows]):
        for child, shaped in _children(ctx, table, item, many, chunk):
            children.setdefault(child[many.column], []).append((child, shaped))
    for row, out in zip(rows, objects, strict=True):
        mine = children.get(row[table.pk], [])
        if item.options.top is not None:
            mine = mine[:item.options.top]
        out[item.nav] = [shaped for _, shaped in mine]
        out[f"{item.nav}@odata.nextLink"] = _child_link(ctx, table, row, item)


def _expand_linked(
    ctx: Context, table: Table, item: Expand, rows: list[Row], objects: list[dict[str, Any]],
) -> None:
    link = table.links[item.nav]
    other = ctx.table(link.table)
    demand(ctx, other, "Read")
    if item.options.expand:
        raise bad_request("Many-to-many relationships cannot be expanded with nested $expand.")
    if item.options.filter or item.options.orderby or item.options.top is not None:
        raise error("UnExpected", status=501, message="The sandbox expands many-to-many relationships "
                    "with $select only.")
    pairs: list[tuple[str, str]] = []
    for chunk in chunks([row[table.pk] for row in rows]):
        marks = ",".join("?" * len(chunk))
        pairs += [(r[0], r[1]) for r in ctx.store.query(
            f'SELECT "{link.mine}", "{link.theirs}" FROM "{link.intersect}" WHERE "{link.mine}" IN ({marks}) '
            f'ORDER BY "{link.theirs}"', chunk)]
    found = _by_id(ctx, other, item, sorted({theirs for _, theirs in pairs}))
    for row, out in zip(rows, objects, strict=True):
        out[item.nav] = [found[theirs] for mine, theirs in pairs if mine == row[table.pk]]
        out[f"{item.nav}@odata.nextLink"] = _child_link(ctx, table, row, item)


def _children(
    ctx: Context, table: Table, item: Expand, many: Many, ids: list[str],
) -> list[tuple[Row, dict[str, Any]]]:
    other = ctx.table(many.table)
    demand(ctx, other, "Read")
    columns = selected(other, item.options.select)
    names = needed(other, columns, [many.column, *expand_columns(ctx, other, item.options.expand)])
    compiler = Compiler(ctx, other)
    where = [f't0."{many.column}" IN ({",".join("?" * len(ids))})']
    if other.columns[many.column].polymorphic:
        where.append(f"t0.\"{type_column(many.column)}\" = '{table.name}'")
    if item.options.filter:
        where.append(compiler.where(item.options.filter))
    order = [f"{compiler.column(path).sql}{' DESC' if desc else ''}" for path, desc in item.options.orderby]
    picked = ", ".join(f't0."{n}"' for n in names)
    sql = (f'SELECT {picked} FROM "{other.name}" AS t0 {compiler.joins} WHERE {" AND ".join(where)} '
           f'ORDER BY {", ".join([*order, f"t0.{chr(34)}{other.pk}{chr(34)}"])}')
    rows = [to_row(other, names, r) for r in ctx.store.query(sql, [*ids, *compiler.params])]
    ctx.rows_read += len(rows)
    shaped = Shaper(ctx, other, columns).shape(rows)
    expand_rows(ctx, other, item.options.expand, rows, shaped)
    return list(zip(rows, shaped, strict=True))


def _child_link(ctx: Context, table: Table, row: Row, item: Expand) -> str:
    """The address of the collection itself; it holds no paging data for a single level of expand."""
    inside = "&".join(split_outside(item.text.partition("(")[2].removesuffix(")"), ";"))
    link = f"{ctx.url(table, row[table.pk])}/{item.nav}"
    return f"{link}?{quote(inside, safe='$=&,()')}" if inside else link
