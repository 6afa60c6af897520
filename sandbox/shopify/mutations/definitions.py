"""metafieldDefinitionCreate, metafieldDefinitionUpdate, metafieldDefinitionDelete.

A definition of type `id` makes its values unique, always; that is what custom ids rest on.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, metafield_values, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.resolvers.metafields import UNIQUE_TYPES, definition_source, namespace_of
from sandbox.shopify.store import metafields
from sandbox.shopify.store.database import Row

MAX_DEFINITIONS = 256
registry.inputs(
    "MetafieldDefinitionInput", "name namespace key ownerType type description validations pin access capabilities"
)
registry.inputs("MetafieldDefinitionUpdateInput", "name namespace key ownerType description validations pin access")
registry.inputs("MetafieldDefinitionValidationInput", "name value")
registry.inputs("MetafieldAccessInput", "admin storefront")
registry.inputs("MetafieldCapabilityCreateInput", "adminFilterable uniqueValues smartCollectionCondition")
registry.inputs("MetafieldCapabilityAdminFilterableInput", "enabled")
registry.inputs("MetafieldCapabilityUniqueValuesInput", "enabled")
registry.inputs("MetafieldCapabilitySmartCollectionConditionInput", "enabled")
registry.keys("MetafieldDefinitionIdentifier", "namespace key ownerType")


@registry.field("MetafieldDefinition", "validationStatus")
def _status(_row: Row, _call: Call, _args: dict[str, Any]) -> str:
    # Values are checked on every write and a definition that standing values break is refused: all are valid.
    return "ALL_VALID"


@registry.mutation("metafieldDefinitionCreate", "definition", "createdDefinition userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["definition"]
    namespace = namespace_of(call, given.get("namespace"))
    _check(call, given, namespace)
    capabilities = given.get("capabilities") or {}
    unique = given["type"] == "id" or _enabled(capabilities, "uniqueValues")
    pinned = None
    if given.get("pin"):
        sql = "SELECT COALESCE(MAX(pinned_position), 0) + 1 FROM metafield_definitions WHERE owner_type = ?"
        pinned = call.db.value(sql, (given["ownerType"],))
    row = {
        "id": call.db.next_id("MetafieldDefinition"),
        "owner_type": given["ownerType"],
        "namespace": namespace,
        "key": given["key"],
        "name": given["name"],
        "description": given.get("description"),
        "type": given["type"],
        "validations": _validations(given.get("validations") or [], given["type"]),
        "unique_values": int(unique),
        "admin_filterable": int(_enabled(capabilities, "adminFilterable")),
        "smart_collection": int(_enabled(capabilities, "smartCollectionCondition")),
        "access": {"admin": "PUBLIC_READ_WRITE", "storefront": (given.get("access") or {}).get("storefront") or "NONE"},
        "pinned_position": pinned,
    }
    row["access"]["customerAccount"] = "NONE"
    call.db.insert("metafield_definitions", row)
    call.target("MetafieldDefinition", row["id"])
    return {"createdDefinition": _read(call, row["id"]), "userErrors": []}


def _read(call: Call, number: int) -> Row | None:
    return definition_source(call.db.get("metafield_definitions", number))


def _enabled(capabilities: Row, name: str) -> bool:
    return bool((capabilities.get(name) or {}).get("enabled"))


def _check(call: Call, given: Row, namespace: str) -> None:
    _check_form(given, namespace)
    _check_capabilities(given)
    if metafields.definition(call.store, given["ownerType"], namespace, given["key"]):
        owner = given["ownerType"].replace("_", " ").title()
        message = f"Key is in use for {owner} metafields on the '{namespace}' namespace."
        raise refuse(["definition", "key"], message, "TAKEN")
    sql = "SELECT COUNT(*) FROM metafield_definitions WHERE owner_type = ?"
    if call.db.value(sql, (given["ownerType"],)) >= MAX_DEFINITIONS:
        message = f"Stores can only have {MAX_DEFINITIONS} definitions for each store resource."
        raise refuse(["definition"], message, "RESOURCE_TYPE_LIMIT_EXCEEDED")


def _check_form(given: Row, namespace: str) -> None:
    errors: list[Row] = []
    for name, text, low, high in (("namespace", namespace, 3, 255), ("key", given["key"], 2, 64)):
        path, label = ["definition", name], name.title()
        if len(text) < low:
            errors.append(user_error(path, f"{label} is too short (minimum is {low} characters)", "TOO_SHORT"))
        elif len(text) > high:
            errors.append(user_error(path, f"{label} is too long (maximum is {high} characters)", "TOO_LONG"))
        elif not all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in text):
            message = f"{label} contains one or more invalid characters."
            errors.append(user_error(path, message, "INVALID_CHARACTER"))
    if not metafield_values.exists(given["type"]):
        message = f"Type name {given['type']} is not a valid type."
        errors.append(user_error(["definition", "type"], message, "INCLUSION"))
    if len(given["name"]) > 255:
        message = "Name is too long (maximum is 255 characters)"
        errors.append(user_error(["definition", "name"], message, "TOO_LONG"))
    if errors:
        raise UserErrors(errors)


def _check_capabilities(given: Row) -> None:
    unique = (given.get("capabilities") or {}).get("uniqueValues")
    if given["type"] == "id" and unique and not unique.get("enabled"):
        message = "Capability unique_values is required for type id but is disabled"
        raise refuse(["definition"], message, "CAPABILITY_REQUIRED_BUT_DISABLED")
    if unique and unique.get("enabled") and given["type"] not in UNIQUE_TYPES:
        message = "The capability unique_values is not valid for this definition."
        raise refuse(["definition"], message, "INVALID_CAPABILITY")


NUMERIC = ("number_integer", "number_decimal")
SUPPORTED: dict[str, tuple[str, ...]] = {
    "single_line_text_field": ("min", "max", "regex", "choices"),
    "multi_line_text_field": ("min", "max", "regex"),
    "id": ("min", "max", "regex"),
    "number_integer": ("min", "max", "choices"),
    "number_decimal": ("min", "max", "max_precision", "choices"),
    "url": ("allowed_domains",),
    "date": ("min", "max"),
    "date_time": ("min", "max"),
    "json": ("schema",),
}
ENFORCED = frozenset({"min", "max", "regex", "choices"})


def _validations(given: list[Row], type_name: str) -> list[Row]:
    path = ["definition", "validations"]
    names = [rule["name"] for rule in given]
    if len(set(names)) != len(names):
        raise refuse(path, 'Validations cannot contain duplicate "name" options.', "DUPLICATE_OPTION")
    for rule in given:
        name = rule["name"]
        if name not in SUPPORTED.get(type_name, ()):
            message = (
                f"Validations value for option {name} contains an invalid value: "
                f"'{name}' isn't supported for {type_name}."
            )
            raise refuse(path, message, "INVALID_OPTION")
        if name not in ENFORCED or type_name in {"date", "date_time"}:
            raise registry.not_built(f"the validation {name} of {type_name} metafields")
        whole = name in {"min", "max"} and type_name != "number_decimal"
        if whole and not rule["value"].lstrip("-").isdigit():
            raise refuse(path, f"Validations value for option {name} must be an integer.", "INVALID_OPTION")
    bounds = {rule["name"]: rule["value"] for rule in given if rule["name"] in {"min", "max"}}
    if len(bounds) == 2 and float(bounds["min"]) > float(bounds["max"]):
        message = "Validations contains an invalid value: 'min' must be less than 'max'."
        raise refuse(path, message, "INVALID_OPTION")
    label = "number_integer" if type_name not in NUMERIC else type_name
    return [rule | {"type": label if rule["name"] in {"min", "max"} else "json"} for rule in given]


@registry.mutation("metafieldDefinitionUpdate", "definition", "updatedDefinition validationJob userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["definition"]
    namespace = namespace_of(call, given.get("namespace"))
    row = metafields.definition(call.store, given["ownerType"], namespace, given["key"])
    if row is None:
        raise refuse(["definition"], "Definition not found.", "NOT_FOUND")
    errors = []
    for name in ("name", "description"):
        if len(given.get(name) or "") > 255:
            message = f"{name.title()} is too long (maximum is 255 characters)"
            errors.append(user_error(["definition", name], message, "TOO_LONG"))
    if errors:
        raise UserErrors(errors)
    changes: Row = {name: given[name] for name in ("name", "description") if name in given}
    if given.get("validations") is not None:
        if call.db.value(_COUNT, (_kind(row), row["namespace"], row["key"])):
            raise registry.not_built("new validations of a definition that already has values")
        changes["validations"] = _validations(given["validations"], row["type"])
    if given.get("access"):
        changes["access"] = json.loads(row["access"]) | {
            name: value for name, value in given["access"].items() if name == "storefront"
        }
    call.db.update("metafield_definitions", row["id"], changes)
    call.target("MetafieldDefinition", row["id"])
    return {"updatedDefinition": _read(call, row["id"]), "validationJob": None, "userErrors": []}


registry.keys("Job", "id done")
_COUNT = "SELECT COUNT(*) FROM metafields WHERE owner_kind = ? AND namespace = ? AND key = ?"


def _kind(row: Row) -> str:
    kinds = {owner_type: kind for kind, owner_type in metafields.OWNER_TYPES.items()}
    return kinds.get(row["owner_type"], "")


@registry.mutation(
    "metafieldDefinitionDelete",
    "id identifier deleteAllAssociatedMetafields",
    "deletedDefinitionId deletedDefinition userErrors",
)
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _named(call, args)
    if row is None:
        raise refuse(["id"], "Definition not found.", "NOT_FOUND")
    everything = bool(args.get("deleteAllAssociatedMetafields"))
    if not everything and row["type"] == "id":
        message = "Deleting an id type metafield definition requires deletion of its associated metafields."
        raise refuse(None, message, "ID_TYPE_DELETION_ERROR")
    if not everything and row["type"].endswith("_reference"):
        message = "Deleting a reference type metafield definition requires deletion of its associated metafields."
        raise refuse(None, message, "REFERENCE_TYPE_DELETION_ERROR")
    if everything:
        sql = "DELETE FROM metafields WHERE owner_kind = ? AND namespace = ? AND key = ?"
        call.db.run(sql, (_kind(row), row["namespace"], row["key"]))
    call.db.run("DELETE FROM metafield_definitions WHERE id = ?", (row["id"],))
    call.target("MetafieldDefinition", row["id"])
    identifier = gid.make("MetafieldDefinition", row["id"])
    return {"deletedDefinitionId": identifier, "deletedDefinition": row, "userErrors": []}


def _named(call: Call, args: dict[str, Any]) -> Row | None:
    if args.get("id"):
        return call.db.get("metafield_definitions", gid.number(args["id"], "MetafieldDefinition"))
    wanted = args.get("identifier")
    if not wanted:
        return None
    namespace = namespace_of(call, wanted.get("namespace"))
    return metafields.definition(call.store, wanted["ownerType"], namespace, wanted["key"])
