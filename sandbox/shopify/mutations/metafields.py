"""metafieldsSet, metafieldsDelete, and the metafields inside the inputs of other mutations.

Atomic: one bad entry and none is written. A digest guards a value that is about to change, and only that.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from sandbox.shopify import gid, metafield_values, registry
from sandbox.shopify.call import Call, UserErrors, user_error
from sandbox.shopify.resolvers.metafields import namespace_of, source
from sandbox.shopify.store import customers, metafields, products, variants
from sandbox.shopify.store.database import Row

MAX_ENTRIES = 25
RESERVED = ("shopify_standard", "protected", "shopify-l10n-fields")
STALE = "The resource has been updated since it was loaded. Try again with an updated `compareDigest` value."

registry.inputs("MetafieldsSetInput", "ownerId namespace key type value compareDigest")
registry.inputs("MetafieldIdentifierInput", "ownerId namespace key")
registry.keys("MetafieldIdentifier", "ownerId namespace key")


@registry.mutation("metafieldsSet", "metafields", "metafields userErrors")
def _set(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["metafields"]
    if len(given) > MAX_ENTRIES:
        message = f"Exceeded the maximum metafields input limit of {MAX_ENTRIES}."
        raise UserErrors([user_error(["metafields"], message, "LESS_THAN_OR_EQUAL_TO")], metafields=[])
    errors: list[Row] = []
    prepared: list[tuple[str, int, Row]] = []
    for place, entry in enumerate(given):
        try:
            prepared.append(_prepare(call, entry, ["metafields", str(place)]))
        except UserErrors as refused:
            errors += refused.errors
    if errors:
        raise UserErrors(errors, metafields=[])
    rows = []
    for kind, owner, wanted in prepared:
        row = metafields.put(call.store, kind, owner, wanted)
        call.target("Metafield", row["id"])
        rows.append(source(row))
    for kind, owner in dict.fromkeys((kind, owner) for kind, owner, _ in prepared):
        touch_owner(call, kind, owner)
    return {"metafields": rows, "userErrors": []}


def touch_owner(call: Call, kind: str, owner: int) -> None:
    """A record whose metafields changed counts as changed: its product is marked updated."""
    product = owner
    if kind == "ProductVariant":
        row = variants.get(call.store, owner)
        assert row is not None  # noqa: S101 - checked before
        call.db.update("variants", owner, {"updated_at": call.store.now()})
        product = row["product_id"]
    if kind in {"Product", "ProductVariant"}:
        products.touch(call.store, product)
        products.reindex(call.store, product)
    if kind == "Customer":
        customers.touch(call.store, owner)
        customers.reindex(call.store, owner)


def _prepare(call: Call, entry: Row, path: list[str]) -> tuple[str, int, Row]:
    kind = gid.kind_of(entry["ownerId"])
    owner = gid.number(entry["ownerId"], kind)
    if kind not in metafields.OWNER_TABLES and kind in UNMODELLED_OWNERS:
        raise registry.not_built(f"metafields of {kind}")
    if owner is None or not metafields.owner_exists(call.store, kind, owner):
        raise _refuse([*path, "ownerId"], "Owner does not exist.", "INVALID_VALUE")
    wanted = checked(call, kind, owner, entry, path)
    if "compareDigest" in entry:
        _compare(call, (kind, owner), wanted, entry["compareDigest"], path)
    return kind, owner, wanted


UNMODELLED_OWNERS = frozenset(
    ["Order", "DraftOrder", "Collection", "Page", "Article", "Blog"]
)


def _compare(call: Call, owner: tuple[str, int], wanted: Row, digest: str | None, path: list[str]) -> None:
    row = metafields.find(call.store, *owner, wanted["namespace"], wanted["key"])
    if row is None and digest is None:
        return
    if row is not None and row["value"] == wanted["value"] and row["type"] == wanted["type"]:
        return
    if row is None and digest is not None and not _is_digest(digest):
        raise _refuse(path, "Invalid `compareDigest` value.", "INVALID_COMPARE_DIGEST")
    if row is None or digest != row["digest"]:
        raise _refuse(path, STALE, "STALE_OBJECT")


def _is_digest(text: str) -> bool:
    return len(text) == 64 and all(letter in "0123456789abcdef" for letter in text)


def checked(call: Call, kind: str, owner: int, entry: Row, path: list[str]) -> Row:
    """Namespace, key, type and kept value of one entry; refuses what Shopify refuses."""
    namespace = namespace_of(call, entry.get("namespace"))
    key = entry.get("key") or ""
    _check_names(namespace, key, path)
    owner_type = metafields.OWNER_TYPES[kind]
    definition = metafields.definition(call.store, owner_type, namespace, key)
    standing = metafields.find(call.store, kind, owner, namespace, key)
    fallback = definition or standing
    type_name = (fallback or {}).get("type") if definition else entry.get("type") or (standing or {}).get("type")
    if not type_name:
        raise _refuse([*path, "type"], "Type can't be blank", "BLANK")
    if not metafield_values.exists(type_name):
        raise _refuse([*path, "type"], f"Type name {type_name} is not a valid type.", "INCLUSION")
    if definition and entry.get("type") and entry["type"] != type_name:
        message = f"Type must be consistent with the definition's type: {type_name}."
        raise _refuse([*path, "type"], message, "INVALID_TYPE")
    value = entry.get("value") or ""
    where = [*path, "value"]
    if not value.strip():
        raise _refuse(where, "Value can't be blank.", "INVALID_VALUE")
    try:
        kept = metafield_values.normal(type_name, value, call.store.config.currency)
    except metafield_values.Invalid as invalid:
        raise _refuse(where, str(invalid), "INVALID_VALUE") from None
    _check_definition(call, definition, (kind, owner), kept, where)
    return {"namespace": namespace, "key": key, "type": type_name, "value": kept}


def _check_names(namespace: str, key: str, path: list[str]) -> None:
    if namespace in RESERVED:
        raise _refuse([*path, "namespace"], f"Namespace {namespace} is a reserved namespace", None)
    for name, text, low, high in (("namespace", namespace, 3, 255), ("key", key, 2, 64)):
        label = name.title()
        if len(text) < low:
            raise _refuse([*path, name], f"{label} is too short (minimum is {low} characters)", "TOO_SHORT")
        if len(text) > high:
            raise _refuse([*path, name], f"{label} is too long (maximum is {high} characters)", "TOO_LONG")
        if not all(letter.isalnum() or letter in "-_" for letter in text):
            raise _refuse([*path, name], f"{label} contains one or more invalid characters.", "INVALID_CHARACTER")


def _check_definition(call: Call, definition: Row | None, owner: tuple[str, int], value: str, path: list[str]) -> None:
    if definition is None:
        return
    for rule in json.loads(definition["validations"]):
        message = _broken(rule["name"], rule["value"], value, definition["type"])
        if message:
            raise _refuse(path, message, "INVALID_VALUE")
    if definition["unique_values"]:
        holder = metafields.holder(call.store, owner[0], definition["namespace"], definition["key"], value)
        if holder is not None and holder != owner[1]:
            raise _refuse(path, "Value has already been assigned to another metafield.", "TAKEN")


def _broken(rule: str, bound: str, value: str, type_name: str) -> str | None:
    if rule == "choices" and value not in json.loads(bound):
        shown = ", ".join(f'"{choice}"' for choice in json.loads(bound))
        return f"Value does not exist in provided choices: [{shown}]."
    if rule == "regex":
        return None if re.search(bound, value) else "Value is not the correct format."
    if rule not in {"min", "max"}:
        return None
    length = "text" in type_name or type_name == "id"
    if type_name.startswith("number_") or length:
        measured = Decimal(len(value)) if length else Decimal(value)
        of = " length" if length else ""
        if rule == "min" and measured < Decimal(bound):
            return f"Value has a minimum{of} of {bound}."
        if rule == "max" and measured > Decimal(bound):
            return f"Value has a maximum{of} of {bound}."
    return None


def put_all(call: Call, kind: str, owner: int, given: list[Row], root: list[str] | None = None) -> None:
    """Write the metafields inside another mutation's input, after the same checks."""
    for place, one in enumerate(given):
        entry = one
        if one.get("id"):
            row = call.db.get("metafields", gid.number(one["id"], "Metafield"))
            if row is not None:
                entry = {"namespace": row["namespace"], "key": row["key"], "type": row["type"]} | {
                    name: value for name, value in one.items() if value is not None
                }
        wanted = checked(call, kind, owner, entry, [*(root or []), "metafields", str(place)])
        row = metafields.put(call.store, kind, owner, wanted)
        call.wrote("Metafield", row["id"])


@registry.mutation("metafieldsDelete", "metafields", "deletedMetafields userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    deleted: list[Row | None] = []
    owners: dict[tuple[str, int], None] = {}
    for entry in args["metafields"]:
        kind = gid.kind_of(entry["ownerId"])
        if kind in UNMODELLED_OWNERS:
            raise registry.not_built(f"metafields of {kind}")
        owner = gid.number(entry["ownerId"], kind)
        namespace = namespace_of(call, entry["namespace"])
        row = None if owner is None else metafields.find(call.store, kind, owner, namespace, entry["key"])
        if row is None or owner is None:
            deleted.append(None)
            continue
        metafields.delete(call.store, row["id"])
        call.target("Metafield", row["id"])
        owners[kind, owner] = None
        deleted.append({"ownerId": entry["ownerId"], "namespace": entry["namespace"], "key": entry["key"]})
    for kind, owner in owners:
        touch_owner(call, kind, owner)
    return {"deletedMetafields": deleted, "userErrors": []}


def _refuse(path: list[str], message: str, code: str | None) -> UserErrors:
    return UserErrors([user_error(path, message, code)])
