"""Answers queries over one table: filter, order, page, count, expand.

Every page is one SQL statement bounded by the page size, whatever the size of the table.
"""

# ruff: noqa: S608 - names come from the schema, values always travel as parameters
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from sandbox.dataverse.context import Context
from sandbox.dataverse.metadata.model import Table
from sandbox.dataverse.store import Row, to_row

from .expand import expand_columns, expand_rows
from .filter import Compiler
from .options import Options
from .paging import Cookie, after, read_cookie, skiptoken, write_cookie
from .shape import Shaper, needed, selected

MAX_PAGE = 5000
COUNT_CAP = 5000


@dataclass
class Source:
    """What a query runs over: a table, an extra condition, and the path its context and next link name."""

    table: Table
    path: str
    query: str = ""
    where: str = ""
    params: list[Any] = field(default_factory=list)


@dataclass
class Page:
    """One page of rows with what the next one needs."""

    rows: list[Row]
    objects: list[dict[str, Any]]
    count: int | None = None
    next_token: str | None = None


def run_query(ctx: Context, source: Source, options: Options) -> dict[str, Any]:
    """The body of a collection answer."""
    page = fetch(ctx, source, options)
    body: dict[str, Any] = {"@odata.context": context_url(ctx, source.table, options, "")}
    if page.count is not None:
        body["@odata.count"] = min(page.count, COUNT_CAP)
    if ctx.prefer.annotates("Microsoft.Dynamics.CRM.totalrecordcount"):
        known = page.count is not None
        body["@Microsoft.Dynamics.CRM.totalrecordcount"] = min(page.count or 0, COUNT_CAP) if known else -1
        body["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"] = bool(page.count and page.count > COUNT_CAP)
    body["value"] = page.objects
    if page.next_token is not None:
        body["@odata.nextLink"] = next_link(ctx, source, page.next_token)
    return body


def context_url(ctx: Context, table: Table, options: Options, suffix: str) -> str:
    """The `@odata.context` of an answer, with the selected columns."""
    shown = list(options.select or [])
    shown += [f"{e.nav}({','.join(e.options.select or [])})" for e in options.expand if not e.ref]
    picked = f"({','.join(shown)})" if shown else ""
    return f"{ctx.base_url}$metadata#{table.entity_set}{picked}{suffix}"


def next_link(ctx: Context, source: Source, token: str) -> str:
    """The address of the next page: the same query with the new token."""
    kept = [p for p in source.query.split("&") if p and not p.startswith(("$skiptoken=", "%24skiptoken="))]
    return f"{ctx.base_url}{quote(source.path, safe='()/=,')}?{'&'.join([*kept, f'$skiptoken={token}'])}"


def page_size(ctx: Context, options: Options) -> tuple[int, bool]:
    """How many rows to read, and whether a full page has a next link (`$top` switches paging off)."""
    if options.top is not None:
        return min(options.top, MAX_PAGE), False
    return ctx.prefer.page_size or MAX_PAGE, True


def fetch(ctx: Context, source: Source, options: Options) -> Page:
    """One page, expanded and shaped."""
    table = source.table
    columns = selected(table, options.select)
    names = needed(table, columns, expand_columns(ctx, table, options.expand))
    compiler = Compiler(ctx, table)
    where = [source.where] if source.where else []
    if options.filter:
        where.append(compiler.where(options.filter))
    order = [(compiler.column(path), desc) for path, desc in options.orderby]
    keys = [(ref.sql, desc) for ref, desc in order] + [(f't0."{table.pk}"', False)]
    params = [*source.params, *compiler.params]
    count = _count(ctx, source, compiler.joins, where, params) if options.count else None
    cookie = read_cookie(options.skiptoken) if options.skiptoken else Cookie(1, ())
    if cookie.last:
        test, values = after(keys, cookie.last)
        where.append(test)
        params += values
    size, paged = page_size(ctx, options)
    raw = _select(ctx, table, (names, keys, compiler.joins, where), params, size + 1)
    rows = [to_row(table, names, r[:len(names)]) for r in raw[:size]]
    ctx.rows_read += len(rows)
    objects = Shaper(ctx, table, columns).shape(rows)
    expand_rows(ctx, table, options.expand, rows, objects)
    token = None
    if paged and len(raw) > size:
        labels = [ref.column.name for ref, _ in order] + [table.pk]
        inner = write_cookie(cookie.page, labels, raw[0][len(names):], raw[size - 1][len(names):])
        token = skiptoken(cookie.page + 1, inner)
    return Page(rows, objects, count, token)


Parts = tuple[Sequence[str], list[tuple[str, bool]], str, list[str]]


def _select(ctx: Context, table: Table, parts: Parts, params: list[Any], limit: int) -> list[tuple[Any, ...]]:
    names, keys, joins, where = parts
    picked = ", ".join([*(f't0."{n}"' for n in names), *(sql for sql, _ in keys)])
    order = ", ".join(f"{sql} DESC" if desc else sql for sql, desc in keys)
    sql = f'SELECT {picked} FROM "{table.name}" AS t0 {joins}'
    sql += f" WHERE {' AND '.join(where)}" if where else ""
    return ctx.store.query(f"{sql} ORDER BY {order} LIMIT {limit}", params)


def _count(ctx: Context, source: Source, joins: str, where: list[str], params: list[Any]) -> int:
    """How many rows there are, counted no further than one above the cap."""
    inner = f'SELECT 1 FROM "{source.table.name}" AS t0 {joins}'
    inner += f" WHERE {' AND '.join(where)}" if where else ""
    return int(ctx.store.query(f"SELECT COUNT(*) FROM ({inner} LIMIT {COUNT_CAP + 1})", params)[0][0])


def count_rows(ctx: Context, source: Source, options: Options) -> int:
    """The plain number `/$count` answers, capped like `@odata.count`."""
    compiler = Compiler(ctx, source.table)
    where = [source.where] if source.where else []
    if options.filter:
        where.append(compiler.where(options.filter))
    return min(COUNT_CAP, _count(ctx, source, compiler.joins, where, [*source.params, *compiler.params]))


def one_object(ctx: Context, table: Table, row_id: str, options: Options) -> tuple[Row, dict[str, Any]] | None:
    """One row by id, shaped and expanded, or None."""
    columns = selected(table, options.select)
    names = needed(table, columns, expand_columns(ctx, table, options.expand))
    row = ctx.store.get(table, row_id, names)
    if row is None:
        return None
    ctx.rows_read += 1
    objects = Shaper(ctx, table, columns).shape([row])
    expand_rows(ctx, table, options.expand, [row], objects)
    return row, objects[0]
