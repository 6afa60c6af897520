"""Actions of the product life cycle: publish a family with everything below it, revert a revision.

Reference: PublishProductHierarchy is bound to a product, RevertProduct is unbound with a Target.
"""

from __future__ import annotations

from sandbox.dataverse.context import Context
from sandbox.dataverse.http import Request, Response, no_content
from sandbox.dataverse.logic.product_family import publish_hierarchy, revert
from sandbox.dataverse.metadata.model import Table
from sandbox.dataverse.urls import Segment

from .parameters import parameters, row_parameter


def publish(ctx: Context, table: Table, row_id: str, segment: Segment, request: Request) -> Response:
    """PublishProductHierarchy."""
    parameters(request, segment.name, ())
    with ctx.store.transaction():
        publish_hierarchy(ctx, row_id)
    return no_content()


def revert_product(ctx: Context, segment: Segment, request: Request) -> Response:
    """RevertProduct."""
    body = parameters(request, segment.name, ("Target",), ("Target",))
    with ctx.store.transaction():
        revert(ctx, row_parameter(body, "Target", ctx.table("product")))
    return no_content()
