"""One-to-many relationships as the Web API lists them, seen from either table or by name.

Reference: webapi/query-metadata-web-api; metadata comes whole, never in pages.
"""

from __future__ import annotations

from typing import Any

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error

from .describe import many_to_one
from .model import Table


def outgoing(ctx: Context, table: Table) -> list[dict[str, Any]]:
    """The many-to-one relationships of a table, one per navigation property and target."""
    found = []
    for nav in table.one.values():
        target = ctx.registry.get(nav.targets[0]) if nav.targets else None
        many = next((m for m in target.many.values() if m.table == table.name and m.column == nav.column),
                    None) if target else None
        found.append(many_to_one(table, nav, target, many.name if many else f"{table.name}_{nav.name}"))
    return found


def incoming(ctx: Context, table: Table) -> list[dict[str, Any]]:
    """The one-to-many relationships of a table."""
    return [r for many in table.many.values() for r in outgoing(ctx, ctx.table(many.table))
            if r["ReferencedEntity"] == table.name and r["ReferencingAttribute"] == many.column]


def every(ctx: Context) -> list[dict[str, Any]]:
    """All one-to-many relationships."""
    return [r for table in ctx.registry for r in outgoing(ctx, table)]


def named(ctx: Context, args: str) -> dict[str, Any]:
    """The relationship of `(SchemaName='x')` or `(MetadataId)`; 404 when there is none."""
    name, _, value = args.partition("=")
    field = "SchemaName" if name == "SchemaName" else "MetadataId"
    wanted = (value or args).strip("'")
    for relation in every(ctx):
        if relation[field].lower() == wanted.lower():
            return relation
    raise error("ObjectDoesNotExist", message=f"Could not find a relationship with name {wanted}.")
