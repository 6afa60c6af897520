"""Literal arguments of a document, checked as graphql-ruby checks them.

Variables inside a literal are left to the coercion of variables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    EnumValueNode,
    FloatValueNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    IntValueNode,
    ListValueNode,
    Node,
    NullValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    print_ast,
    value_from_ast_untyped,
)

from sandbox.shopify import scalars
from sandbox.shopify.defaults import is_required
from sandbox.shopify.dialect import Error, static


@dataclass(frozen=True)
class Owner:
    """What the argument belongs to: a field or an input object, its name, and the node errors point at."""

    kind: str
    name: str
    node: Node


Path = list[str | int]


class _Wrong(Exception):
    pass


def check(
    expected: GraphQLInputType, value: ValueNode, argument: str, owner: Owner, path: Path
) -> Iterator[Error]:
    """The errors of one literal argument."""
    inner = expected.of_type if isinstance(expected, GraphQLNonNull) else expected
    try:
        _fits(expected, value)
    except scalars.BadScalar as bad:
        yield static(bad.explanation, owner.node, path, "argumentLiteralsIncompatible", typeName="CoercionError")
        return
    except _Wrong:
        yield _incompatible(expected, value, argument, owner, path)
        return
    for item, item_type, here in _items(inner, value, path):
        if isinstance(item, ObjectValueNode) and isinstance(item_type, GraphQLInputObjectType):
            yield from _object(item_type, item, here)


def _items(
    expected: GraphQLInputType, value: ValueNode, path: Path
) -> Iterator[tuple[ValueNode, GraphQLInputType, Path]]:
    if isinstance(expected, GraphQLNonNull):
        expected = expected.of_type
    if not isinstance(expected, GraphQLList):
        yield value, expected, path
    elif isinstance(value, ListValueNode):
        for place, item in enumerate(value.values):
            yield from _items(expected.of_type, item, [*path, place])
    else:
        yield from _items(expected.of_type, value, path)


def _incompatible(expected: GraphQLInputType, value: ValueNode, argument: str, owner: Owner, path: Path) -> Error:
    message = (
        f"Argument '{argument}' on {owner.kind} '{owner.name}' has an invalid value ({print_ast(value)}). "
        f"Expected type '{expected}'."
    )
    extra = {"typeName": owner.kind, "argumentName": argument}
    return static(message, owner.node, path, "argumentLiteralsIncompatible", **extra)


def _fits(expected: GraphQLInputType, value: ValueNode) -> None:
    if isinstance(value, VariableNode):
        return
    if isinstance(value, NullValueNode):
        if isinstance(expected, GraphQLNonNull):
            raise _Wrong
        return
    if isinstance(expected, GraphQLNonNull):
        expected = expected.of_type
    _value_fits(expected, value)


def _value_fits(expected: GraphQLInputType, value: ValueNode) -> None:
    if isinstance(expected, GraphQLList):
        for item in value.values if isinstance(value, ListValueNode) else (value,):
            _fits(expected.of_type, item)
    elif isinstance(expected, GraphQLInputObjectType):
        if not isinstance(value, ObjectValueNode):
            raise _Wrong
    elif isinstance(expected, GraphQLEnumType):
        if not isinstance(value, EnumValueNode) or value.value not in expected.values:
            raise _Wrong
    else:
        _scalar_fits(expected, value)


def _scalar_fits(expected: GraphQLScalarType, value: ValueNode) -> None:
    if expected.name in {"JSON"}:
        return
    if isinstance(value, ObjectValueNode | ListValueNode | EnumValueNode):
        raise _Wrong
    plain = value_from_ast_untyped(value)
    if isinstance(value, IntValueNode) and expected.name == "Float":
        plain = float(value.value)
    if isinstance(value, IntValueNode | FloatValueNode) and expected.name in {"Decimal", "Money"}:
        plain = value.value
    try:
        scalars.read(expected.name, plain)
    except scalars.BadScalar as bad:
        if bad.custom:
            raise
        raise _Wrong from bad


def _object(expected: GraphQLInputObjectType, value: ObjectValueNode, path: Path) -> Iterator[Error]:
    given = {field.name.value: field for field in value.fields}
    owner = Owner("InputObject", expected.name, value)
    if expected.is_one_of and len(given) != 1:
        message = f"OneOf Input Object '{expected.name}' must specify exactly one key."
        yield static(message, value, path, "invalidOneOfInputObject", inputObjectType=expected.name)
        return
    for name, field in given.items():
        known = expected.fields.get(name)
        if known is None:
            message = f"InputObject '{expected.name}' doesn't accept argument '{name}'"
            extra = {"name": expected.name, "typeName": "InputObject", "argumentName": name}
            yield static(message, field, [*path, name], "argumentNotAccepted", **extra)
        else:
            yield from check(known.type, field.value, name, owner, [*path, name])
    for name, known in expected.fields.items():
        if is_required(known) and name not in given:
            message = f"Argument '{name}' on InputObject '{expected.name}' is required. Expected type {known.type}"
            extra = {"argumentName": name, "argumentType": str(known.type), "inputObjectType": expected.name}
            yield static(message, value, [*path, name], "missingRequiredInputObjectAttribute", **extra)
