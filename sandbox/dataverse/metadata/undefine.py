"""Deletes custom tables and columns; what the platform brought, and what others need, stays.

Reference: webapi/create-update-entity-definitions-using-web-api, create-update-column-definitions.
"""

from __future__ import annotations

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error
from sandbox.dataverse.http import Response, no_content
from sandbox.dataverse.security import demand_named

from .describe import metadata_id
from .model import Column, Table


def delete_table(ctx: Context, table: Table) -> Response:
    """DELETE of a definition: 204; only a custom table that no other table looks up."""
    demand_named(ctx, "prvDeleteEntity")
    if not table.custom:
        raise _managed(table.schema, metadata_id("entity", table.name))
    others = [c for t in ctx.registry if t is not table for c in t.columns.values() if table.name in c.targets]
    if others:
        raise error("CannotDeleteInUseComponent", "Entity", metadata_id("entity", table.name), len(others))
    with ctx.store.transaction():
        ctx.registry.drop_table(table)
    return no_content()


def delete_column(ctx: Context, table: Table, column: Column) -> Response:
    """DELETE of a column: 204; only a custom one that no key is made of."""
    demand_named(ctx, "prvDeleteAttribute")
    if column.name == table.primary_name:
        raise error("CannotDeletePrimaryUIAttribute")
    if not column.custom:
        raise _managed(column.schema, metadata_id("attribute", table.name, column.name))
    keys = [k for k in table.keys.values() if column.name in k.columns]
    if keys:
        found = metadata_id("attribute", table.name, column.name)
        raise error("CannotDeleteInUseComponent", "Attribute", found, len(keys))
    with ctx.store.transaction():
        ctx.registry.drop_column(table, column)
    return no_content()


def _managed(name: str, found: str) -> Exception:
    return error("CannotDeleteMetadata", name, found, "Delete", "iscustomizable")
