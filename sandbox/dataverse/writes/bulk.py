"""CreateMultiple, UpdateMultiple and UpsertMultiple: all or nothing, and only on tables that have them.

Reference: bulk-operations.md and the entity reference pages. product and productpricelevel have none.
"""

from __future__ import annotations

from typing import Any

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error, payload
from sandbox.dataverse.http import Request, Response, json_response, no_content
from sandbox.dataverse.metadata.model import Table
from sandbox.dataverse.security import demand
from sandbox.dataverse.urls import split_path

from .payload import Parsed, parse_body
from .requests import attach, insert_parsed
from .resolve import address
from .rows import update_row

ALL = frozenset({"CreateMultiple", "UpdateMultiple", "UpsertMultiple"})
# Per entity reference page; custom tables have all three.
AVAILABLE: dict[str, frozenset[str]] = {
    "account": ALL, "contact": ALL, "salesorder": ALL, "salesorderdetail": ALL - {"UpsertMultiple"},
    "quotedetail": ALL - {"UpsertMultiple"}}


def messages(table: Table) -> frozenset[str]:
    """The bulk messages a table has."""
    return ALL if table.custom else AVAILABLE.get(table.name, frozenset())


def bulk(ctx: Context, table: Table, message: str, request: Request) -> Response:
    """Run one bulk message; 404 when the table does not have it."""
    if message == "DeleteMultiple":
        raise error("UnExpected", status=501, message="DeleteMultiple has not yet been implemented.")
    if message not in messages(table) or request.method != "POST":
        raise error("CrmHttpError", f"Microsoft.Dynamics.CRM.{message}")
    body = request.json()
    targets = body.get("Targets") if isinstance(body, dict) else None
    if not isinstance(targets, list) or not targets:
        raise payload(table.entity_set, "The parameter 'Targets' must be a collection of entities.")
    with ctx.store.transaction():
        ids = [_one(ctx, table, message, target) for target in targets]
    if message == "CreateMultiple":
        context = f"{ctx.base_url}$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse"
        return json_response(200, {"@odata.context": context, "Ids": ids})
    return no_content()


def _one(ctx: Context, table: Table, message: str, target: Any) -> str:
    if not isinstance(target, dict) or "@odata.type" not in target:
        raise payload(table.entity_set, "Each target must be an entity with '@odata.type'.")
    if message == "CreateMultiple":
        return insert_parsed(ctx, table, parse_body(ctx, table, target, creating=True))
    if message == "UpdateMultiple":
        return _update(ctx, table, parse_body(ctx, table, target, creating=False), target.get(table.pk))
    return _upsert(ctx, table, target)


def _update(ctx: Context, table: Table, parsed: Parsed, row_id: Any) -> str:
    if row_id is None and parsed.address:
        segment = split_path(parsed.address)[-1]
        row_id, _ = address(ctx, table, segment.args or "")
    if not isinstance(row_id, str):
        raise error("InvalidArgument", message=f"The primary key '{table.pk}' is missing in a target.")
    demand(ctx, table, "Write")
    values = {n: v for n, v in parsed.values.items() if n != table.pk}
    update_row(ctx, table, row_id.lower(), values)
    attach(ctx, table, row_id, parsed)
    return row_id


def _upsert(ctx: Context, table: Table, target: dict[str, Any]) -> str:
    key_values: dict[str, Any] = {}
    row_id = target.get(table.pk)
    where = target.get("@odata.id")
    if where:
        row_id, key_values = address(ctx, table, split_path(where)[-1].args or "")
    known = ctx.store.get(table, row_id.lower(), [table.pk]) if isinstance(row_id, str) else None
    if known:
        return _update(ctx, table, parse_body(ctx, table, target, creating=False), known[table.pk])
    if set(key_values) & set(target):
        raise error("UnExpected", status=400, message="An item with the same key has already been added.")
    parsed = parse_body(ctx, table, target, creating=True)
    parsed.values = {**key_values, **parsed.values}
    return insert_parsed(ctx, table, parsed)
