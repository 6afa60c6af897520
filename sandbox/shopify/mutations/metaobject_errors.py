"""One user error of a metaobject mutation: it also names the field and, in a list, the element.

A shape only; the mutations say when.
"""

from __future__ import annotations

from sandbox.shopify import registry
from sandbox.shopify.call import UserErrors, user_error
from sandbox.shopify.store.database import Row

NOT_FOUND = "Record not found"
RESERVED_TYPE = "Not authorized. This type is reserved for use by another application."


@registry.field("MetaobjectUserError", "elementKey")
def _element_key(source: Row, _call: object, _args: object) -> object:
    return source.get("elementKey")


def problem(path: list[str], message: str, code: str, key: str | None = None, index: int | None = None) -> Row:
    """One entry of `userErrors`."""
    return user_error(path, message, code) | {"elementKey": key, "elementIndex": index}


def refusal(path: list[str], message: str, code: str, key: str | None = None) -> UserErrors:
    """The exception for a single user error."""
    return UserErrors([problem(path, message, code, key)])


def missing_type(path: list[str], type_name: str, code: str) -> UserErrors:
    """No definition has that type."""
    return refusal(path, f'No metaobject definition exists for type "{type_name}"', code)
