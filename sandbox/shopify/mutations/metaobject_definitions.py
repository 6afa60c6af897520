"""metaobjectDefinitionCreate, metaobjectDefinitionUpdate, metaobjectDefinitionDelete.

A definition takes its entries with it when it goes. Types of the platform and of other apps are theirs.
"""

from __future__ import annotations

import json
import re
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors
from sandbox.shopify.mutations import metaobject_fields as field_rules
from sandbox.shopify.mutations.metafield_checks import is_foreign
from sandbox.shopify.mutations.metaobject_capabilities import STANDARD, chosen, default_access, problems_of
from sandbox.shopify.mutations.metaobject_errors import NOT_FOUND, RESERVED_TYPE, problem, refusal
from sandbox.shopify.resolvers.metafields import namespace_of
from sandbox.shopify.resolvers.metaobject_definitions import source
from sandbox.shopify.store import metaobjects
from sandbox.shopify.store.database import Row

MAX_DEFINITIONS = 128
registry.inputs(
    "MetaobjectDefinitionCreateInput",
    "type name description displayNameKey fieldDefinitions access capabilities",
)
registry.inputs(
    "MetaobjectDefinitionUpdateInput",
    "name description displayNameKey fieldDefinitions access capabilities resetFieldOrder",
)
registry.inputs("MetaobjectFieldDefinitionOperationInput", "create update delete")
registry.inputs(
    "MetaobjectFieldDefinitionCreateInput", "key name description type required validations capabilities"
)
registry.inputs("MetaobjectFieldDefinitionUpdateInput", "key name description required validations capabilities")
registry.inputs("MetaobjectFieldDefinitionDeleteInput", "key")
registry.inputs("MetaobjectFieldDefinitionCapabilityCreateInput", "adminFilterable")
registry.inputs("MetaobjectFieldCapabilityAdminFilterableInput", "enabled")


@registry.mutation("metaobjectDefinitionCreate", "definition", "metaobjectDefinition userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["definition"]
    type_name = namespace_of(call, given["type"])
    if is_foreign(call, type_name):
        raise refusal(["definition"], RESERVED_TYPE, "NOT_AUTHORIZED")
    inputs = given.get("fieldDefinitions") or []
    fields = [field_rules.row_of(one) for one in inputs]
    errors = _names(given) + _type_problems(call, type_name)
    for place, one in enumerate(inputs):
        errors += field_rules.problems(one, [*field_rules.ROOT, str(place)])
    errors += field_rules.duplicates([one["key"] for one in inputs]) + field_rules.too_many(fields)
    errors += _display_problem(given.get("displayNameKey"), fields) + problems_of(given, fields)
    if errors:
        raise UserErrors(errors)
    _check_room(call)
    now = call.store.now()
    row: Row = {"id": call.db.next_id("MetaobjectDefinition"), "type": type_name}
    row |= {"name": given.get("name") or metaobjects.titled(type_name), "description": given.get("description")}
    row |= {"display_name_key": given.get("displayNameKey"), "access": default_access(type_name, given.get("access"))}
    row |= {"capabilities": chosen(STANDARD, given.get("capabilities")), "created_at": now, "updated_at": now}
    call.db.insert("metaobject_definitions", row)
    _write_fields(call, row["id"], fields)
    call.target("MetaobjectDefinition", row["id"])
    return _answer(call, row["id"])


def _answer(call: Call, number: int) -> Row:
    return {"metaobjectDefinition": source(metaobjects.definition(call.store, number)), "userErrors": []}


def _check_room(call: Call) -> None:
    # The platform's own types are not counted (recorded).
    held = call.db.value("SELECT COUNT(*) FROM metaobject_definitions WHERE type NOT LIKE 'shopify--%'")
    if held >= MAX_DEFINITIONS:
        message = f"Total definition count exceeds the limit of {MAX_DEFINITIONS}"
        raise refusal(["definition"], message, "MAX_DEFINITIONS_EXCEEDED")


def _names(given: Row) -> list[Row]:
    found = []
    name = given.get("name")
    if name is not None and not name.strip():
        found.append(problem(["definition", "name"], "Name can't be blank", "BLANK"))
    for key in ("name", "description"):
        if len(given.get(key) or "") > 255:
            message = f"{key.title()} is too long (maximum is 255 characters)"
            found.append(problem(["definition", key], message, "TOO_LONG"))
    return found


def _type_problems(call: Call, type_name: str) -> list[Row]:
    path, found = ["definition", "type"], []
    if len(type_name) < 3:
        found.append(problem(path, "Type is too short (minimum is 3 characters)", "TOO_SHORT"))
    if len(type_name) > 255:
        found.append(problem(path, "Type is too long (maximum is 255 characters)", "TOO_LONG"))
    if not re.fullmatch(r"[A-Za-z0-9_\-]*", type_name):
        message = (
            "Type contains one or more invalid characters. "
            "Only alphanumeric characters, underscores, and dashes are allowed."
        )
        found.append(problem(path, message, "INVALID"))
    if metaobjects.definition_of_type(call.store, type_name) is not None:
        found.append(problem(path, "Type has already been taken", "TAKEN"))
    return found


def _display_problem(key: str | None, fields: list[Row]) -> list[Row]:
    if key is None or key in {field["key"] for field in fields}:
        return []
    return [field_rules.undefined(key, ["definition", "displayNameKey"])]


def _write_fields(call: Call, definition_id: int, fields: list[Row]) -> None:
    call.db.run("DELETE FROM metaobject_fields WHERE definition_id = ?", (definition_id,))
    for position, field in enumerate(fields):
        call.db.insert("metaobject_fields", field | {"definition_id": definition_id, "position": position})


@registry.mutation("metaobjectDefinitionUpdate", "id definition", "metaobjectDefinition userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = metaobjects.definition(call.store, gid.number(args["id"], "MetaobjectDefinition"))
    if row is None:
        raise refusal(["id"], NOT_FOUND, "RECORD_NOT_FOUND")
    if row["type"].startswith("shopify--"):
        raise refusal(["definition"], "Standard metaobject definitions can't be updated", "IMMUTABLE")
    given = args["definition"]
    standing = metaobjects.fields(call.store, row["id"])
    operations = given.get("fieldDefinitions") or []
    fields = _applied(standing, operations, bool(given.get("resetFieldOrder")))
    wanted = given.get("displayNameKey") if "displayNameKey" in given else row["display_name_key"]
    if wanted and wanted in _deleted(operations) and "displayNameKey" not in given:
        wanted = None
    errors = _names(given) or _display_problem(wanted, fields)
    errors += field_rules.too_many(fields) + problems_of(given, fields)
    if errors:
        raise UserErrors(errors)
    changes: Row = {name: given[name] for name in ("name", "description") if given.get(name) is not None}
    changes |= {"display_name_key": wanted, "updated_at": call.store.now()}
    changes["access"] = json.loads(row["access"]) | _chosen(given.get("access"))
    changes["capabilities"] = chosen(json.loads(row["capabilities"]), given.get("capabilities"))
    call.db.update("metaobject_definitions", row["id"], changes)
    _write_fields(call, row["id"], fields)
    _follow(call, row["id"], _deleted(operations), wanted != row["display_name_key"])
    call.target("MetaobjectDefinition", row["id"])
    return _answer(call, row["id"])


def _chosen(given: Row | None) -> Row:
    return {name: value for name, value in (given or {}).items() if value is not None}


def _deleted(operations: list[Row]) -> list[str]:
    return [one["delete"]["key"] for one in operations if one.get("delete")]


def _follow(call: Call, number: int, deleted: list[str], renamed: bool) -> None:
    """Entries lose the values of deleted fields and take a new display name."""
    if not deleted and not renamed:
        return
    for entry in call.db.all("SELECT * FROM metaobjects WHERE definition_id = ?", (number,)):
        metaobjects.set_values(call.store, entry, dict.fromkeys(deleted))
        metaobjects.settle(call.store, entry["id"])


def _applied(standing: list[Row], operations: list[Row], reset: bool) -> list[Row]:
    """The fields after the operations, in order; raises with every operation that cannot be done."""
    held = {
        field["key"]: {name: value for name, value in field.items() if name not in {"definition_id", "position"}}
        for field in standing
    }
    errors: list[Row] = []
    for place, operation in enumerate(operations):
        errors += _apply(held, operation, [*field_rules.ROOT, str(place)])
    errors += field_rules.duplicates([_key(one) for one in operations])
    if errors:
        raise UserErrors(errors)
    keys = list(held)
    if reset:
        named = [_key(one) for one in operations if not one.get("delete")]
        keys = [*named, *(key for key in keys if key not in named)]
    return [held[key] for key in keys]


def _key(operation: Row) -> str:
    return str(next(one["key"] for one in operation.values() if one))


def _apply(held: dict[str, Row], operation: Row, path: list[str]) -> list[Row]:
    name, given = next((name, one) for name, one in operation.items() if one)
    key, where = given["key"], [*path, name]
    if name == "create":
        return _add(held, given, path)
    if key not in held:
        return [field_rules.undefined(key, [*where, "key"], named=key)]
    if name == "delete":
        del held[key]
        return []
    return _alter(held[key], given, where)


def _add(held: dict[str, Row], given: Row, path: list[str]) -> list[Row]:
    key, where = given["key"], [*path, "create"]
    if key in field_rules.RESERVED:
        return field_rules.problems(given, path)
    if key in held:
        return [problem([*where, "key"], f'Field definition "{key}" is already taken', "OBJECT_FIELD_TAKEN", key)]
    wrong = field_rules.problems(given, where)
    if not wrong:
        held[key] = field_rules.row_of(given)
    return wrong


def _alter(field: Row, given: Row, where: list[str]) -> list[Row]:
    wrong = field_rules.rule_problems(given, field["type"], where)
    field |= {part: given[part] for part in ("name", "description") if given.get(part) is not None}
    if given.get("required") is not None:
        field["required"] = int(given["required"])
    if given.get("validations") is not None:
        field["validations"] = given["validations"]
    if given.get("capabilities"):
        field["admin_filterable"] = int(field_rules.is_filterable(given))
    return wrong


@registry.mutation("metaobjectDefinitionDelete", "id", "deletedId userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = metaobjects.definition(call.store, gid.number(args["id"], "MetaobjectDefinition"))
    if row is None:
        raise refusal(["id"], NOT_FOUND, "RECORD_NOT_FOUND")
    metaobjects.delete_definition(call.store, row["id"])
    call.target("MetaobjectDefinition", row["id"])
    return {"deletedId": gid.make("MetaobjectDefinition", row["id"]), "userErrors": []}
