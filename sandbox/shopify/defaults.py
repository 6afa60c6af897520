"""Default values of arguments and input fields, as the schema declares them.

One place that knows how graphql-core keeps them; nothing here decides what a default means.
"""

from __future__ import annotations

from typing import Any

from graphql import GraphQLArgument, GraphQLInputField, Undefined, is_non_null_type, value_from_ast_untyped


def default_of(declared: GraphQLArgument | GraphQLInputField) -> Any:
    """The declared default as a plain value; Undefined when there is none."""
    default = declared.default
    if default is None:
        return declared.default_value
    return default.value if default.literal is None else value_from_ast_untyped(default.literal)


def is_required(declared: GraphQLArgument | GraphQLInputField) -> bool:
    """True when it must be given: not nullable and without a default."""
    return is_non_null_type(declared.type) and default_of(declared) is Undefined
