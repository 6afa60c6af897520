"""Variables of a request, checked as graphql-ruby checks them.

Every problem of a value is listed, unknown keys first; the words are the vendor's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    print_ast,
    type_from_ast,
    value_from_ast,
)

from sandbox.shopify import enum_order, scalars
from sandbox.shopify.defaults import default_of, is_required
from sandbox.shopify.dialect import Error, RequestRefused, locations

Path = tuple[str | int, ...]
NOT_NULL = "Expected value to not be null"


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a value: where, and why; `custom` marks the words of a scalar of Shopify's own."""

    path: tuple[str | int, ...]
    explanation: str
    custom: bool = False

    def shown(self) -> dict[str, Any]:
        """As it stands in `extensions.problems`."""
        shown: dict[str, Any] = {"path": list(self.path), "explanation": self.explanation}
        return shown | {"message": self.explanation} if self.custom else shown

    def sentence(self) -> str:
        """As it stands in the message."""
        return f"{'.'.join(str(part) for part in self.path)} ({self.explanation})"


def variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, given: dict[str, Any], version: str = "unstable"
) -> dict[str, Any]:
    """The coerced variables, defaults filled in; raises RequestRefused with every bad variable."""
    coerced: dict[str, Any] = {}
    errors: list[Error] = []
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        expected = cast("GraphQLInputType", type_from_ast(schema, definition.type))  # type: ignore[arg-type]
        if name not in given:
            if definition.default_value is not None:
                coerced[name] = value_from_ast(definition.default_value, expected)
                continue
            if not isinstance(expected, GraphQLNonNull):
                continue
        value = given.get(name)
        problems = list(problems_of(expected, value, version))
        if problems:
            errors.append(_error(name, print_ast(definition.type), value, problems))
            errors[-1]["locations"] = locations(definition)
        else:
            coerced[name] = coerce(expected, value)
    if errors:
        raise RequestRefused(errors)
    return coerced


def _error(name: str, type_text: str, value: Any, problems: list[Problem]) -> Error:
    message = f"Variable ${name} of type {type_text} was provided invalid value"
    nested = [problem.sentence() for problem in problems if problem.path]
    if nested:
        message += f" for {', '.join(nested)}"
    shown = [problem.shown() for problem in problems]
    return {
        "message": message,
        "locations": [],
        "extensions": {"code": "INVALID_VARIABLE", "value": value, "problems": shown},
    }


def problems_of(expected: GraphQLInputType, value: Any, version: str = "unstable") -> Iterator[Problem]:
    """Everything that is wrong with a JSON value for that type."""
    yield from _Check(version).of(expected, value, ())


@dataclass(frozen=True)
class _Check:
    version: str

    def of(self, expected: GraphQLInputType, value: Any, path: Path) -> Iterator[Problem]:
        if isinstance(expected, GraphQLNonNull):
            if value is None:
                yield Problem(path, NOT_NULL)
                return
            expected = expected.of_type
        if value is None:
            return
        if isinstance(expected, GraphQLList):
            yield from self._list(expected, value, path)
        elif isinstance(expected, GraphQLInputObjectType):
            yield from self._object(expected, value, path)
        elif isinstance(expected, GraphQLEnumType):
            options = enum_order.offered(expected.name, expected.values, self.version)
            if not isinstance(value, str) or value not in options:
                yield Problem(path, f'Expected "{value}" to be one of: {", ".join(options)}')
        else:
            yield from self._scalar(expected, value, path)

    def _list(self, expected: GraphQLList[Any], value: Any, path: Path) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield from self.of(expected.of_type, value, path)
            return
        for position, item in enumerate(value):
            yield from self.of(expected.of_type, item, (*path, position))

    def _scalar(self, expected: GraphQLScalarType, value: Any, path: Path) -> Iterator[Problem]:
        try:
            scalars.read(expected.name, value)
        except scalars.BadScalar as bad:
            yield Problem(path, bad.explanation, bad.custom)

    def _object(self, expected: GraphQLInputObjectType, value: Any, path: Path) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(path, f"Expected {_as_json(value)} to be a key-value object.")
            return
        for name in value:
            if name not in expected.fields:
                yield Problem((*path, name), f"Field is not defined on {expected.name}")
        for name, field in expected.fields.items():
            if name in value:
                yield from self.of(field.type, value[name], (*path, name))
            elif is_required(field):
                yield Problem((*path, name), NOT_NULL)
        given = [name for name in value if name in expected.fields]
        if expected.is_one_of and len(given) != 1:
            yield Problem(path, f"'{expected.name}' requires exactly one argument, but {len(given)} were provided.")


def _as_json(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def coerce(expected: GraphQLInputType, value: Any) -> Any:
    """A value that has no problems, with single items wrapped into lists and scalars read."""
    if isinstance(expected, GraphQLNonNull):
        expected = expected.of_type
    if value is None:
        return None
    if isinstance(expected, GraphQLList):
        items = value if isinstance(value, list) else [value]
        return [coerce(expected.of_type, item) for item in items]
    if isinstance(expected, GraphQLInputObjectType):
        result = {name: coerce(expected.fields[name].type, item) for name, item in value.items()}
        for name, field in expected.fields.items():
            if name not in result and default_of(field) is not Undefined:
                result[name] = default_of(field)
        return result
    if isinstance(expected, GraphQLEnumType):
        return value
    return scalars.read(expected.name, value)
