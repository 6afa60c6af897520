"""The check that a document asks only for what the sandbox models, before anything of it runs.

A mutation must never be executed and then fail on a field of its answer that has no data behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    value_from_ast_untyped,
)

from sandbox.shopify import registry
from sandbox.shopify.defaults import default_of
from sandbox.shopify.dialect import NotBuilt, RequestRefused, too_long

META = {"__typename", "__schema", "__type"}


@dataclass(frozen=True)
class Scope:
    """What the walk needs at every level."""

    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    variables: dict[str, Any]
    denied: Callable[[str, str, GraphQLField], bool] = lambda *_: False


def check_selection(scope: Scope, selected: SelectionSetNode, on: GraphQLNamedType) -> None:
    """Raise NotBuilt for the first field, argument or input field without behaviour, RequestRefused for long lists."""
    for node in selected.selections:
        if isinstance(node, FieldNode):
            _check_field(scope, node, on)
        elif isinstance(node, InlineFragmentNode):
            inner = scope.schema.type_map[node.type_condition.name.value] if node.type_condition else on
            check_selection(scope, node.selection_set, inner)
        elif isinstance(node, FragmentSpreadNode):
            fragment = scope.fragments[node.name.value]
            check_selection(scope, fragment.selection_set, scope.schema.type_map[fragment.type_condition.name.value])


def _check_field(scope: Scope, node: FieldNode, on: GraphQLNamedType) -> None:
    name = node.name.value
    if name in META:
        return
    if scope.denied(on.name, name, on.fields[name]):  # type: ignore[attr-defined]
        return  # it will be answered by a refusal, whether modelled or not
    owners = [on.name]
    if is_abstract_type(on):
        owners = [one.name for one in scope.schema.get_possible_types(on)]  # type: ignore[arg-type]
    found = [field for field in (registry.find(owner, name) for owner in owners) if field]
    if not found:
        raise NotBuilt(f"{on.name}.{name}")
    if node.arguments:
        honoured = frozenset().union(*(field.arguments for field in found))
        _check_arguments(scope, node, on, honoured)
    target = get_named_type(on.fields[name].type)  # type: ignore[attr-defined]
    if node.selection_set and is_composite_type(target):
        check_selection(scope, node.selection_set, target)


def _check_arguments(scope: Scope, node: FieldNode, on: GraphQLNamedType, honoured: frozenset[str]) -> None:
    name = node.name.value
    field = on.fields[name]  # type: ignore[attr-defined]
    for argument in node.arguments or ():
        key = argument.name.value
        value = value_from_ast_untyped(argument.value, scope.variables)
        if value is None or value == default_of(field.args[key]):
            continue
        if key not in honoured:
            raise NotBuilt(f"the argument {key} of {on.name}.{name}")
        _check_size(field.args[key].type, value, [name, key], node)
        _check_input(field.args[key].type, value)


def _check_input(expected: GraphQLInputType, value: Any) -> None:
    if isinstance(expected, GraphQLNonNull):
        expected = expected.of_type
    if value is None:
        return
    if isinstance(expected, GraphQLList):
        for item in value if isinstance(value, list) else [value]:
            _check_input(expected.of_type, item)
    elif isinstance(expected, GraphQLInputObjectType):
        _check_object(expected, value)


def _check_object(expected: GraphQLInputObjectType, value: dict[str, Any]) -> None:
    honoured = registry.INPUTS.get(expected.name, frozenset())
    for key, item in value.items():
        if item is None or item == default_of(expected.fields[key]):
            continue
        if key not in honoured:
            raise NotBuilt(f"the input field {expected.name}.{key}")
        _check_input(expected.fields[key].type, item)


# Lists that may be longer than the general 250: documented on the argument, or recorded.
LONGER = {
    ("productVariantsBulkCreate", "variants"): 2048,
    ("productVariantsBulkUpdate", "variants"): 2048,
    ("productVariantsBulkDelete", "variantsIds"): 2048,
    ("productSet", "variants"): 2048,
    ("productSet", "values"): 2048,
    ("productOptionsCreate", "values"): 2048,
    ("draftOrderCreate", "lineItems"): 499,
    ("draftOrderUpdate", "lineItems"): 499,
    ("draftOrderCalculate", "lineItems"): 499,
    ("fulfillmentCreate", "fulfillmentOrderLineItems"): 512,
}


def _check_size(expected: GraphQLInputType, value: Any, path: list[str], node: FieldNode) -> None:
    if isinstance(expected, GraphQLNonNull):
        expected = expected.of_type
    if isinstance(expected, GraphQLList) and isinstance(value, list):
        limit = LONGER.get((path[0], path[-1]), 250)
        if len(value) > limit:
            raise RequestRefused([too_long(len(value), limit, path, node)])
        for item in value:
            _check_size(expected.of_type, item, path, node)
    elif isinstance(expected, GraphQLInputObjectType) and isinstance(value, dict):
        for key, item in value.items():
            _check_size(expected.fields[key].type, item, [*path, key], node)
