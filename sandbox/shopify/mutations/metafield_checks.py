"""The checks on one metafield that is about to be written: owner, names, type, value, definition.

Whoever writes metafields, in a call of their own or inside another input, asks here; nothing is written here.
"""

from __future__ import annotations

import json

from sandbox.shopify import (
    gid,
    metafield_references,
    metafield_types,
    metafield_validations,
    metafield_values,
    registry,
)
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.metafield_json import Invalid
from sandbox.shopify.resolvers.metafields import namespace_of
from sandbox.shopify.store import metafields
from sandbox.shopify.store.database import Row

RESERVED = ("shopify_standard", "protected", "shopify-l10n-fields")
NOT_ALLOWED = "Access to this namespace and key on Metafields for this resource type is not allowed."


def owner_of(call: Call, identifier: str) -> tuple[str, int] | None:
    """Kind and number of the record that a metafield is for; None when there is no such record."""
    kind = gid.kind_of(identifier)
    number = gid.number(identifier, kind)
    if kind not in metafields.OWNER_TYPES or kind not in registry.NODES:
        raise registry.not_built(f"metafields of {kind}")
    found = number is not None and registry.NODES[kind](call, identifier) is not None
    return (kind, number) if found and number is not None else None


def is_foreign(call: Call, namespace: str) -> bool:
    """True for a namespace that belongs to another app or to the platform."""
    if namespace.startswith("app--"):
        own = namespace_of(call, None)
        return namespace != own and not namespace.startswith(f"{own}--")
    return namespace == "shopify" or namespace.startswith("shopify--")


def checked(call: Call, kind: str, owner: int, entry: Row, path: list[str]) -> Row:
    """Namespace, key, type and kept value of one entry; refuses what Shopify refuses."""
    namespace = namespace_of(call, entry.get("namespace"))
    key = entry.get("key") or ""
    _check_names(namespace, key, path)
    definition = metafields.definition(call.store, metafields.OWNER_TYPES[kind], namespace, key)
    if definition is None and is_foreign(call, namespace):
        raise refuse(path, NOT_ALLOWED, "APP_NOT_AUTHORIZED")
    standing = metafields.find(call.store, kind, owner, namespace, key)
    type_name = _type(definition, standing, entry, path)
    value = entry.get("value") or ""
    where = [*path, "value"]
    if not value.strip():
        raise refuse(where, "Value can't be blank.", "INVALID_VALUE")
    try:
        kept = kept_value(call, type_name, value, json.loads(definition["validations"]) if definition else [])
    except Invalid as wrong:
        raise UserErrors([user_error(where, str(wrong), "INVALID_VALUE") | {"elementIndex": wrong.index}]) from None
    _check_unique(call, definition, (kind, owner), kept, where)
    return {"namespace": namespace, "key": key, "type": type_name, "value": kept}


def kept_value(call: Call, type_name: str, value: str, rules: list[Row]) -> str:
    """A value in the form it is kept, after the checks of its type, its references and its rules; raises Invalid."""
    kept = metafield_values.normal(type_name, value)
    metafield_references.check(call, type_name, kept)
    metafield_validations.check(rules, type_name, kept)
    if metafield_types.inner(type_name) in {"metaobject_reference", "mixed_reference"}:
        metafield_validations.check_entry(rules, type_name, metafield_references.targets(call, type_name, kept))
    return kept


def _type(definition: Row | None, standing: Row | None, entry: Row, path: list[str]) -> str:
    given = entry.get("type")
    where = [*path, "type"]
    if definition is not None:
        if given and given != definition["type"]:
            message = f"Type must be consistent with the definition's type: {definition['type']}."
            raise refuse(where, message, "INVALID_TYPE")
        return str(definition["type"])
    type_name = given or (standing or {}).get("type")
    if not type_name:
        raise refuse(where, "Type can't be blank", "BLANK")
    if type_name not in metafield_types.WRITABLE:
        message = f"Type must be one of the following: {', '.join(metafield_types.WRITABLE)}."
        raise refuse(where, message, "INCLUSION")
    return str(type_name)


def _check_names(namespace: str, key: str, path: list[str]) -> None:
    if namespace in RESERVED:
        raise refuse([*path, "namespace"], f"Namespace {namespace} is a reserved namespace", None)
    errors = []
    # Unlike a definition's, the names of a loose metafield may hold any characters (recorded: `bad$key` is taken).
    for name, text, low, high in (("namespace", namespace, 3, 255), ("key", key, 2, 64)):
        label = name.title()
        if len(text) < low:
            message = f"{label} is too short (minimum is {low} characters)"
            errors.append(user_error([*path, name], message, "TOO_SHORT"))
        elif len(text) > high:
            errors.append(user_error([*path, name], f"{label} is too long (maximum is {high} characters)", "TOO_LONG"))
    if errors:
        raise UserErrors(errors)


def _check_unique(call: Call, definition: Row | None, owner: tuple[str, int], value: str, path: list[str]) -> None:
    if definition is None or not definition["unique_values"]:
        return
    holder = metafields.holder(call.store, owner[0], definition["namespace"], definition["key"], value)
    if holder is not None and holder != owner[1]:
        raise refuse(path, "Value has already been assigned to another metafield.", "TAKEN")
