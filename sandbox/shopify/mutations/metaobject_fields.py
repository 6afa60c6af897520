"""The field definitions inside metaobjectDefinitionCreate and -Update: what is refused of each, and their rows.

All errors of a call are gathered, in the order of its fields; nothing is written here.
"""

from __future__ import annotations

import re

from sandbox.shopify import metafield_types, metafield_validations
from sandbox.shopify.mutations.metaobject_errors import problem
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.metaobjects import titled

MAX_FIELDS = 40
RESERVED = frozenset(["id", "handle"])
ROOT = ["definition", "fieldDefinitions"]


def row_of(given: Row) -> Row:
    """A new field definition as a row, without its place."""
    return {
        "key": given["key"],
        "name": given.get("name") or titled(given["key"]),
        "description": given.get("description"),
        "type": given["type"],
        "required": int(bool(given.get("required"))),
        "validations": list(given.get("validations") or []),
        "admin_filterable": int(is_filterable(given)),
    }


def is_filterable(given: Row) -> bool:
    """Whether an input asks for its field to be filterable."""
    asked = (given.get("capabilities") or {}).get("adminFilterable") or {}
    return bool(asked.get("enabled"))


def problems(given: Row, path: list[str]) -> list[Row]:
    """What is wrong with one new field definition."""
    key = given["key"]
    found = [problem(path, message, code, key) for message, code in _key_problems(key)]
    type_name = given["type"]
    if type_name not in metafield_types.KNOWN:
        message = f"Type name {type_name} is not a valid type. Valid types are: {metafield_types.SENTENCE}."
        return [*found, problem(path, message, "INCLUSION", key)]
    if metafield_types.inner(type_name) in metafield_types.RESERVED_FOR_STANDARDS:
        single = metafield_types.inner(type_name)
        message = f"The {single} type can only be used in standard definitions provided by Shopify."
        return [*found, problem(path, message, "INVALID", key)]
    return found + rule_problems(given, type_name, path)


def rule_problems(given: Row, type_name: str, path: list[str]) -> list[Row]:
    """What is wrong with the validations of a field."""
    wrong = metafield_validations.problems(given.get("validations") or [], type_name)
    codes = {"DUPLICATE_OPTION": "INVALID_OPTION"}
    return [problem(path, message, codes.get(code, code), given["key"]) for message, code in wrong]


def _key_problems(key: str) -> list[tuple[str, str]]:
    if key in RESERVED:
        return [(f'The name "{key}" is reserved for system use', "RESERVED_NAME")]
    found = []
    if not key:
        found.append(("Key can't be blank", "BLANK"))
    if len(key) < 2:
        found.append(("Key is too short (minimum is 2 characters)", "TOO_SHORT"))
    if len(key) > 64:
        found.append(("Key is too long (maximum is 64 characters)", "TOO_LONG"))
    if not re.fullmatch(r"[A-Za-z0-9_\-]+", key):
        found.append(("Key contains one or more invalid characters.", "INVALID"))
    return found


def duplicates(keys: list[str]) -> list[Row]:
    """The errors of keys that are given twice."""
    found, seen = [], set()
    for place, key in enumerate(keys):
        if key in seen:
            message = f'Field "{key}" duplicates other inputs'
            found.append(problem([*ROOT, str(place)], message, "DUPLICATE_FIELD_INPUT", key))
        seen.add(key)
    return found


def too_many(fields: list[Row]) -> list[Row]:
    """The errors of a definition that would have more fields than it may."""
    found = []
    if len(fields) > MAX_FIELDS:
        found.append(problem(ROOT, f"Maximum {MAX_FIELDS} fields per metaobject definition", "INVALID"))
    if sum(field["admin_filterable"] for field in fields) > MAX_FIELDS:
        message = f"Maximum {MAX_FIELDS} admin filterable fields per metaobject definition"
        found.append(problem(ROOT, message, "INVALID"))
    return found


def undefined(key: str, path: list[str], code: str = "UNDEFINED_OBJECT_FIELD", named: str | None = None) -> Row:
    """The error of a key that no field has."""
    return problem(path, f'Field definition "{key}" does not exist', code, named)
