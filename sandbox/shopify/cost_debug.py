"""The cost of each field of a document, for requests that ask with `Shopify-GraphQL-Cost-Debug: 1`.

It takes the estimate apart; it never changes what is charged.
"""

from __future__ import annotations

from typing import Any

from graphql import (
    FieldNode,
    GraphQLNamedType,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
    is_composite_type,
)

from sandbox.shopify.cost import Estimator


def fields(estimator: Estimator, operation: OperationDefinitionNode) -> list[dict[str, Any]]:
    """One entry per field, what is below a field before it."""
    found: list[dict[str, Any]] = []
    root = estimator.schema.get_root_type(operation.operation)
    is_mutation = operation.operation is OperationType.MUTATION
    for node in estimator.fields_of(operation.selection_set, root):
        total = estimator.mutation(node, None, False) if is_mutation else estimator.field(node, root, None, False)
        _add(estimator, node, root, ([_key(node)], total), found)
    return found


def _add(
    estimator: Estimator,
    node: FieldNode,
    on: GraphQLNamedType,
    place: tuple[list[str], float],
    found: list[dict[str, Any]],
) -> None:
    path, total = place
    target = None if node.name.value.startswith("__") else get_named_type(on.fields[node.name.value].type)  # type: ignore[attr-defined]
    below = None
    if target is not None and node.selection_set and is_composite_type(target):
        below = 0.0
        for inner in estimator.fields_of(node.selection_set, target):
            if inner.name.value.startswith("__") or inner.name.value not in getattr(target, "fields", {}):
                continue
            cost = estimator.field(inner, target, None, False)
            below += cost
            _add(estimator, inner, target, ([*path, _key(inner)], cost), found)
    found.append(
        {
            "path": path,
            "definedCost": int(total if below is None else max(0.0, total - below)),
            "requestedTotalCost": int(total),
            "requestedChildrenCost": None if below is None else int(below),
        }
    )


def _key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value
