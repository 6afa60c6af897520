"""What the life cycle of a product does beyond the row: children of a family follow, a revision can be reverted.

Reference: Publish, revise, revert, retire, and activate products. Product properties are not modelled.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import DataverseError, error
from sandbox.dataverse.store import Row
from sandbox.dataverse.writes.rows import update_row

from .rules import Change

ACTIVE, RETIRED, DRAFT, REVISION = 0, 1, 2, 3
FAMILY = 2
_KIND = "product_version"
_NOT_REVERTED = frozenset({"productid", "versionnumber", "modifiedon", "modifiedby", "createdon", "createdby"})


def children(ctx: Context, family_id: str) -> list[Row]:
    """The products, bundles and families right below a family."""
    return ctx.store.find(
        ctx.table("product"), {"parentproductid": family_id}, ["productid", "name", "statecode", "productstructure"])


def retire_children(ctx: Context, change: Change) -> None:
    """Retiring a family retires its whole hierarchy; a draft cannot be retired and keeps the family from it."""
    below = [child for child in children(ctx, change.row_id) if child["statecode"] != RETIRED]
    if any(child["statecode"] == DRAFT for child in below):
        raise error("ProductHasUnretiredChild")
    for child in below:
        hierarchical(ctx, child, RETIRED)


def revise_children(ctx: Context, change: Change) -> None:
    """Revising a family revises its active children."""
    if not change.moves("statecode") or change.values["statecode"] != REVISION:
        return
    for child in children(ctx, change.row_id):
        if child["statecode"] == ACTIVE:
            hierarchical(ctx, child, REVISION)


def hierarchical(ctx: Context, child: Row, state: int) -> None:
    """Set a child's state as part of its family's; 0x8008100F names the child that cannot follow."""
    try:
        update_row(ctx, ctx.table("product"), child["productid"], {"statecode": state})
    except DataverseError as exc:
        raise error("HierarchicalOperationFailed", child["name"]) from exc


def publish_hierarchy(ctx: Context, product_id: str) -> None:
    """Publish a family and everything below it that is a draft or under revision, from the top down."""
    row = ctx.store.get(ctx.table("product"), product_id)
    if row is None:
        raise error("ObjectDoesNotExist", "product", product_id)
    if row["productstructure"] != FAMILY:
        raise error("InvalidStateForPublish")
    if row["statecode"] in (DRAFT, REVISION):
        update_row(ctx, ctx.table("product"), product_id, {"statecode": ACTIVE})
    for child in children(ctx, product_id):
        if child["productstructure"] == FAMILY:
            publish_hierarchy(ctx, child["productid"])
        elif child["statecode"] in (DRAFT, REVISION):
            hierarchical(ctx, child, ACTIVE)


def keep_version(ctx: Context, change: Change) -> None:
    """Remember the active version of a product that goes under revision."""
    if change.moves("statecode") and change.values["statecode"] == REVISION and change.before:
        kept = {n: _plain(v) for n, v in change.before.items() if n not in _NOT_REVERTED}
        ctx.store.define(_KIND, "product", change.row_id, json.dumps(kept))


def _plain(value: Any) -> Any:
    return {"decimal": str(value)} if isinstance(value, Decimal) else value


def revert(ctx: Context, product_id: str) -> None:
    """Put a product under revision, and the children of a family with it, back to the last active version."""
    table = ctx.table("product")
    row = ctx.store.get(table, product_id)
    if row is None:
        raise error("ObjectDoesNotExist", "product", product_id)
    if row["statecode"] != REVISION:
        raise error("InvalidState")
    for owner, name, body in ctx.store.definitions(_KIND):
        if owner == "product" and name == product_id:
            kept = json.loads(body, object_hook=_exact)
            changed = {n: v for n, v in kept.items() if row.get(n) != v}
            update_row(ctx, table, product_id, changed)
    if row["productstructure"] == FAMILY:
        for child in children(ctx, product_id):
            if child["statecode"] == REVISION:
                revert(ctx, child["productid"])


def _exact(found: dict[str, Any]) -> Any:
    return Decimal(found["decimal"]) if set(found) == {"decimal"} else found
