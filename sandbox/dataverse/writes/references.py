"""Single properties and references of one row: read, set, clear, associate, disassociate.

Reference: webapi/associate-disassociate-entities, update-delete-entities (single property values).
"""

from __future__ import annotations

from typing import Any

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error, payload, unknown_property
from sandbox.dataverse.http import Request, Response, json_response, no_content
from sandbox.dataverse.metadata.model import Column, Many, Nav, Table
from sandbox.dataverse.query.options import parse_options
from sandbox.dataverse.query.run import Source, context_url, count_rows, one_object, run_query
from sandbox.dataverse.query.shape import number
from sandbox.dataverse.security import demand
from sandbox.dataverse.store import Row, type_column
from sandbox.dataverse.urls import Segment, parse_query
from sandbox.dataverse.values import EXACT_TYPES

from .convert import check_limits, convert
from .links import linked
from .payload import set_lookup
from .resolve import existing, reference
from .rows import update_row


def property_request(ctx: Context, table: Table, row_id: str, column: Column, request: Request) -> Response:
    """GET, PUT or DELETE of one property."""
    if request.method == "GET":
        return _read(ctx, table, row_id, column)
    demand(ctx, table, "Write")
    body = request.json() if request.method == "PUT" else {"value": None}
    if request.method not in ("PUT", "DELETE"):
        raise error("CrmHttpError", column.wire)
    if not isinstance(body, dict) or set(body) != {"value"}:
        raise payload(table.entity_set, "A single property is set by an object with the one member 'value'.")
    value = convert(table, column, body["value"])
    if value is not None:
        check_limits(table, column, value)
    with ctx.store.transaction():
        update_row(ctx, table, row_id, {column.name: value} if column.update else {})
    return no_content()


def _read(ctx: Context, table: Table, row_id: str, column: Column) -> Response:
    demand(ctx, table, "Read")
    row = ctx.store.get(table, row_id, [column.name])
    value = row[column.name] if row else None
    ctx.rows_read += 1
    if value is None:
        return no_content()
    if column.type in EXACT_TYPES:
        value = number(column, value)
    context = f"{ctx.base_url}$metadata#{table.entity_set}({row_id})/{column.wire}"
    return json_response(200, {"@odata.context": context, "value": value})


def related(ctx: Context, table: Table, row_id: str, rest: list[Segment], request: Request) -> Response:
    """What stands behind a navigation property, and `$ref` on it."""
    name = rest[0].name
    if name in table.one:
        return _single(ctx, table, row_id, (table.one[name], rest[1:]), request)
    if name in table.many:
        return _collection(ctx, table, row_id, (table.many[name], rest), request)
    if name in table.links:
        return linked(ctx, table, row_id, rest, request)
    raise unknown_property(name, table.name)


def _is(rest: list[Segment], word: str) -> bool:
    return len(rest) == 1 and rest[0].name == word


def _single(
    ctx: Context, table: Table, row_id: str, step: tuple[Nav, list[Segment]], request: Request,
) -> Response:
    nav, rest = step
    row = ctx.store.get(table, row_id) or {}
    column = table.columns[nav.column]
    target = row.get(type_column(nav.column)) if column.polymorphic else (nav.targets or ("",))[0]
    other = ctx.registry.get(target) if row.get(nav.column) and target in nav.targets else None
    if _is(rest, "$ref"):
        return _single_ref(ctx, table, row_id, (nav, other, row), request)
    if request.method != "GET" or rest:
        raise error("CrmHttpError", nav.name)
    if other is None:
        return no_content()
    demand(ctx, table, "Read")
    demand(ctx, other, "Read")
    options = parse_options(parse_query(request.query))
    found = one_object(ctx, other, row[nav.column], options)
    if found is None:
        return no_content()
    return json_response(200, {"@odata.context": context_url(ctx, other, options, "/$entity"), **found[1]})


def _single_ref(
    ctx: Context, table: Table, row_id: str, step: tuple[Nav, Table | None, Row], request: Request,
) -> Response:
    nav, other, row = step
    if request.method == "GET":
        if other is None:
            return no_content()
        return json_response(200, {
            "@odata.context": f"{ctx.base_url}$metadata#$ref", "@odata.id": ctx.url(other, row[nav.column])})
    values: Row = {}
    if request.method == "PUT":
        target, target_id = _body_reference(ctx, table, request)
        if target.name not in nav.targets:
            raise payload(table.entity_set, f"'{target.name}' cannot be associated through '{nav.name}'.")
        demand(ctx, table, "Append")
        demand(ctx, target, "AppendTo")
        set_lookup(table, values, nav, target.name, target_id)
    elif request.method == "DELETE":
        set_lookup(table, values, nav, None, None)
    else:
        raise error("CrmHttpError", "$ref")
    with ctx.store.transaction():
        update_row(ctx, table, row_id, values)
    return no_content()


def _body_reference(ctx: Context, table: Table, request: Request) -> tuple[Table, str]:
    body: Any = request.json()
    if not isinstance(body, dict) or "@odata.id" not in body:
        raise payload(table.entity_set, "A reference is an object with '@odata.id'.")
    return reference(ctx, body["@odata.id"], table.entity_set)


def _collection(
    ctx: Context, table: Table, row_id: str, step: tuple[Many, list[Segment]], request: Request,
) -> Response:
    many, rest = step
    if rest[-1].name == "$ref":
        return _collection_ref(ctx, table, row_id, step, request)
    if request.method != "GET":
        raise error("CrmHttpError", many.name)
    other = ctx.table(many.table)
    demand(ctx, other, "Read")
    where, params = f't0."{many.column}" = ?', [row_id]
    if other.columns[many.column].polymorphic:
        where += f' AND t0."{type_column(many.column)}" = ?'
        params.append(table.name)
    source = Source(other, f"{table.entity_set}({row_id})/{many.name}", request.query, where, params)
    options = parse_options(parse_query(request.query))
    if _is(rest[1:], "$count"):
        body = f"\ufeff{count_rows(ctx, source, options)}".encode()
        return Response(200, {"Content-Type": "text/plain", "OData-Version": "4.0"}, body)
    return json_response(200, run_query(ctx, source, options))


def _collection_ref(
    ctx: Context, table: Table, row_id: str, step: tuple[Many, list[Segment]], request: Request,
) -> Response:
    many, rest = step
    other = ctx.table(many.table)
    nav = other.nav_to(many.column, table.name)
    values: Row = {}
    if nav is None:
        raise unknown_property(many.name, table.name)
    if request.method == "POST":
        target, other_id = _body_reference(ctx, table, request)
        if target.name != other.name:
            raise payload(table.entity_set, f"'{target.name}' cannot be associated through '{many.name}'.")
        demand(ctx, table, "AppendTo")
        demand(ctx, target, "Append")
        set_lookup(other, values, nav, table.name, row_id)
    elif request.method == "DELETE":
        other_id = _removed(ctx, other, rest, request)
        set_lookup(other, values, nav, None, None)
    else:
        raise error("CrmHttpError", "$ref")
    with ctx.store.transaction():
        update_row(ctx, other, other_id, values)
    return no_content()


def _removed(ctx: Context, other: Table, rest: list[Segment], request: Request) -> str:
    if rest[0].args is not None:
        return existing(ctx, other, rest[0].args)
    named = parse_query(request.query).get("$id")
    if named is None:
        raise error("InvalidArgument", message="The reference to remove is missing: use (id)/$ref or $ref?$id=.")
    return reference(ctx, named, other.entity_set)[1]
