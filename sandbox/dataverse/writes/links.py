"""Many-to-many relationships: read, associate, disassociate; pairs go with their rows.

Reference: webapi/associate-disassociate-entities; the relationship tables of contact's entity reference.
"""

# ruff: noqa: S608 - names come from the schema, values always travel as parameters
from __future__ import annotations

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error, payload
from sandbox.dataverse.http import Request, Response, json_response, no_content
from sandbox.dataverse.logic.rules import Change, Rules
from sandbox.dataverse.metadata.model import Link, Table
from sandbox.dataverse.query.options import parse_options
from sandbox.dataverse.query.run import Source, count_rows, run_query
from sandbox.dataverse.security import demand
from sandbox.dataverse.urls import Segment, parse_query

from .resolve import existing, reference


def register(rules: Rules) -> None:
    """Remove the pairs of a deleted row."""
    rules.on("after_delete", "*", _forget)


def _forget(ctx: Context, change: Change) -> None:
    for link in change.table.links.values():
        ctx.store.query(f'DELETE FROM "{link.intersect}" WHERE "{link.mine}" = ?', (change.row_id,))


def linked(ctx: Context, table: Table, row_id: str, rest: list[Segment], request: Request) -> Response:
    """The rows behind a many-to-many relationship, their number, or `$ref` on it."""
    link = table.links[rest[0].name]
    other = ctx.table(link.table)
    if rest[-1].name == "$ref":
        return _reference(ctx, (table, row_id), (link, other), rest, request)
    if request.method != "GET":
        raise error("CrmHttpError", link.name)
    demand(ctx, other, "Read")
    where = f't0."{other.pk}" IN (SELECT "{link.theirs}" FROM "{link.intersect}" WHERE "{link.mine}" = ?)'
    source = Source(other, f"{table.entity_set}({row_id})/{link.name}", request.query, where, [row_id])
    options = parse_options(parse_query(request.query))
    if len(rest) == 2 and rest[1].name == "$count":
        body = f"\ufeff{count_rows(ctx, source, options)}".encode()
        return Response(200, {"Content-Type": "text/plain", "OData-Version": "4.0"}, body)
    return json_response(200, run_query(ctx, source, options))


def _reference(
    ctx: Context, mine: tuple[Table, str], step: tuple[Link, Table], rest: list[Segment], request: Request,
) -> Response:
    (table, row_id), (link, other) = mine, step
    if request.method not in ("POST", "DELETE"):
        raise error("CrmHttpError", "$ref")
    other_id = _other(ctx, other, rest, request)
    demand(ctx, table, "Append")
    demand(ctx, other, "AppendTo")
    pair = (row_id, other_id)
    with ctx.store.transaction():
        same = f'FROM "{link.intersect}" WHERE "{link.mine}" = ? AND "{link.theirs}" = ?'
        known = ctx.store.query(f"SELECT 1 {same}", pair)
        if request.method == "DELETE":
            ctx.store.query(f"DELETE {same}", pair)
        elif known:
            raise error("DuplicateRecord")
        else:
            ctx.store.query(
                f'INSERT INTO "{link.intersect}" ("{link.mine}", "{link.theirs}") VALUES (?, ?)', pair)
        ctx.rows_written += 1
    return no_content()


def _other(ctx: Context, other: Table, rest: list[Segment], request: Request) -> str:
    if request.method == "DELETE" and rest[0].args is not None:
        return existing(ctx, other, rest[0].args)
    body = request.json() if request.method == "POST" else {"@odata.id": parse_query(request.query).get("$id")}
    named = body.get("@odata.id") if isinstance(body, dict) else None
    if not isinstance(named, str):
        raise payload(other.entity_set, "A reference is an object with '@odata.id'.")
    table, row_id = reference(ctx, named, other.entity_set)
    if table is not other:
        raise payload(other.entity_set, f"'{table.name}' cannot be associated here.")
    return row_id
