"""Create, read one, update, upsert and delete over HTTP, with their conditions and preferences.

Reference: create-entity-web-api, update-delete-entities, perform-conditional-operations, use-upsert.
"""

from __future__ import annotations

from typing import Any

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error
from sandbox.dataverse.http import Request, Response, json_response, no_content
from sandbox.dataverse.logic.rules import Change
from sandbox.dataverse.metadata.model import Table
from sandbox.dataverse.query.options import Options, build, parse_options
from sandbox.dataverse.query.run import context_url, one_object
from sandbox.dataverse.query.shape import etag
from sandbox.dataverse.security import demand
from sandbox.dataverse.store import Row
from sandbox.dataverse.urls import parse_query

from .payload import Parsed, parse_body, set_lookup
from .resolve import address
from .rows import create_row, delete_row, update_row


def create(ctx: Context, table: Table, request: Request) -> Response:
    """POST to a set: 204 with OData-EntityId, or 201 with the row when it was asked for."""
    options = parse_options(parse_query(request.query))
    with ctx.store.transaction():
        row_id = insert(ctx, table, request.json())
        return created(ctx, table, row_id, options)


def insert(ctx: Context, table: Table, body: Any) -> str:
    """Create a row and, with deep insert, the rows nested in it; one transaction."""
    parsed = parse_body(ctx, table, body, creating=True)
    return insert_parsed(ctx, table, parsed)


def insert_parsed(ctx: Context, table: Table, parsed: Parsed) -> str:
    """Create a row from a body already taken apart."""
    demand(ctx, table, "Create")
    for nav, inner in parsed.nested_one:
        target = ctx.table(nav.targets[0])
        set_lookup(table, parsed.values, nav, target.name, insert(ctx, target, inner))
    row_id = create_row(ctx, table, parsed.values)
    for many, items in parsed.nested_many:
        other = ctx.table(many.table)
        for item in items:
            child = parse_body(ctx, other, item, creating=True)
            back = other.nav_to(many.column, table.name)
            if back is not None:
                set_lookup(other, child.values, back, table.name, row_id)
            insert_parsed(ctx, other, child)
    attach(ctx, table, row_id, parsed)
    return row_id


def attach(ctx: Context, table: Table, row_id: str, parsed: Parsed) -> None:
    """Point the rows of a collection binding at this row."""
    for many, references in parsed.attach:
        other = ctx.table(many.table)
        nav = other.nav_to(many.column, table.name)
        for _, other_id in references:
            values: Row = {}
            if nav is not None:
                set_lookup(other, values, nav, table.name, row_id)
            update_row(ctx, other, other_id, values)


def created(ctx: Context, table: Table, row_id: str, options: Options) -> Response:
    """The answer to a create."""
    url = ctx.url(table, row_id)
    ctx.scratch["last_url"] = url
    if ctx.prefer.representation:
        return _representation(ctx, table, row_id, options, 201)
    return no_content({"OData-EntityId": url, "Location": url})


def _representation(ctx: Context, table: Table, row_id: str, options: Options, status: int) -> Response:
    ctx.store.settle()
    found = one_object(ctx, table, row_id, options)
    if found is None:
        raise error("ObjectDoesNotExist", table.name, row_id)
    row, out = found
    response = json_response(status, {"@odata.context": context_url(ctx, table, options, "/$entity"), **out})
    response.headers["ETag"] = etag(row)
    return response


def read(ctx: Context, table: Table, args: str, request: Request) -> Response:
    """GET one row; 304 when `If-None-Match` names its version."""
    options = parse_options(parse_query(request.query))
    demand(ctx, table, "Read")
    row_id, values = address(ctx, table, args)
    if row_id is None:
        raise error("RecordNotFoundByEntityKey", table.name)
    if ctx.core.rules.has("before_read", table.name):
        with ctx.store.transaction():
            ctx.core.rules.run("before_read", ctx, Change(table, row_id, None, {}))
    found = one_object(ctx, table, row_id, options)
    if found is None:
        raise error("ObjectDoesNotExist", table.name, row_id)
    row, out = found
    known = request.header("if-none-match")
    if known and known == etag(row) and not options.expand and not ctx.prefer.annotations:
        return Response(304, {"OData-Version": "4.0", "ETag": etag(row)})
    del values
    response = json_response(200, {"@odata.context": context_url(ctx, table, options, "/$entity"), **out})
    response.headers["ETag"] = etag(row)
    return response


def patch(ctx: Context, table: Table, args: str, request: Request) -> Response:
    """PATCH one row: update, or create when it is not there and nothing forbids that."""
    with ctx.store.transaction():
        row_id, key_values = address(ctx, table, args)
        current = ctx.store.get(table, row_id, [table.pk, "versionnumber"]) if row_id else None
        check_conditions(table, request, current, row_id)
        if current is None:
            return _upsert_create(ctx, table, request, row_id, key_values)
        demand(ctx, table, "Write")
        parsed = parse_body(ctx, table, request.json(), creating=False)
        changes = {n: v for n, v in parsed.values.items() if n not in key_values and n != table.pk}
        update_row(ctx, table, current[table.pk], changes)
        attach(ctx, table, current[table.pk], parsed)
        if ctx.prefer.representation:
            options = _without_expand(request)
            return _representation(ctx, table, current[table.pk], options, 200)
        return no_content({"OData-EntityId": _echo(ctx, table, args, current[table.pk], key_values)})


def _without_expand(request: Request) -> Options:
    raw = parse_query(request.query)
    return build({n: v for n, v in raw.items() if n == "$select"})


def _echo(ctx: Context, table: Table, args: str, row_id: str, key_values: Row) -> str:
    if key_values:
        return f"{ctx.base_url}{table.entity_set}({args})"
    return ctx.url(table, row_id)


def _upsert_create(ctx: Context, table: Table, request: Request, row_id: str | None, key_values: Row) -> Response:
    if request.header("if-match") is not None:
        raise error("ObjectDoesNotExist", table.name, row_id or "")
    parsed = parse_body(ctx, table, request.json(), creating=True)
    parsed.values = {**key_values, **parsed.values}
    if row_id:
        parsed.values.setdefault(table.pk, row_id)
    new_id = insert_parsed(ctx, table, parsed)
    if ctx.prefer.representation:
        return _representation(ctx, table, new_id, _without_expand(request), 201)
    args = ",".join(f"{n}={_literal(v)}" for n, v in key_values.items())
    return no_content({"OData-EntityId": _echo(ctx, table, args, new_id, key_values)})


def _literal(value: object) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def check_conditions(table: Table, request: Request, current: Row | None, row_id: str | None) -> None:
    """`If-Match` and `If-None-Match` of a write; 404, 412 or 400 as documented."""
    wanted = request.header("if-match")
    if wanted is not None and current is None:
        raise error("ObjectDoesNotExist", table.name, row_id or "")
    if wanted not in (None, "*") and current is not None:
        if not table.optimistic:
            raise error("OptimisticConcurrencyNotEnabled", table.name)
        if wanted != etag(current):
            raise error("ConcurrencyVersionMismatch")
    if request.header("if-none-match") == "*" and current is not None and request.method != "GET":
        raise error("DuplicateRecord")


def delete(ctx: Context, table: Table, args: str, request: Request) -> Response:
    """DELETE one row; 404 when it is not there, 412 when its version moved."""
    demand(ctx, table, "Delete")
    with ctx.store.transaction():
        row_id, _ = address(ctx, table, args)
        if row_id is None:
            raise error("RecordNotFoundByEntityKey", table.name)
        current = ctx.store.get(table, row_id, [table.pk, "versionnumber"])
        check_conditions(table, request, current, row_id)
        delete_row(ctx, table, row_id)
    return no_content()
