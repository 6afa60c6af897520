"""metafieldDefinitionCreate and metafieldDefinitionUpdate.

A definition of type `id` makes its values unique, always; that is what custom ids rest on. New rules do not touch the
values that stand; a job tells afterwards whether all of them fit.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, metafield_validations, metafield_values, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.dialect import NotBuilt
from sandbox.shopify.metafield_json import Invalid
from sandbox.shopify.mutations import definition_checks as checks
from sandbox.shopify.resolvers.definitions import source
from sandbox.shopify.resolvers.metafields import namespace_of
from sandbox.shopify.store import jobs, metafields
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

JOB_S = 1.0
registry.inputs(
    "MetafieldDefinitionInput",
    "name namespace key ownerType type description validations pin access capabilities constraints "
    "useAsCollectionCondition",
)
registry.inputs(
    "MetafieldDefinitionUpdateInput",
    "name namespace key ownerType description validations pin access capabilities constraintsUpdates "
    "useAsCollectionCondition",
)
registry.inputs("MetafieldDefinitionValidationInput", "name value")
registry.inputs("MetafieldDefinitionConstraintsInput", "key values")
registry.inputs("MetafieldDefinitionConstraintsUpdatesInput", "key values")
registry.inputs("MetafieldDefinitionConstraintValueUpdateInput", "create delete")
for _name in ("MetafieldAccessInput", "MetafieldAccessUpdateInput"):
    registry.inputs(_name, "admin storefront customerAccount")
for _name in ("MetafieldCapabilityCreateInput", "MetafieldCapabilityUpdateInput"):
    registry.inputs(_name, "adminFilterable uniqueValues smartCollectionCondition cartToOrderCopyable")
for _name in ("AdminFilterable", "UniqueValues", "SmartCollectionCondition", "CartToOrderCopyable"):
    registry.inputs(f"MetafieldCapability{_name}Input", "enabled")


@registry.mutation("metafieldDefinitionCreate", "definition", "createdDefinition userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["definition"]
    namespace = namespace_of(call, given.get("namespace"))
    checks.check_namespace(call, namespace, "metafieldDefinitionCreate")
    checks.check_access(given.get("access"), namespace, "INVALID")
    checks.check_form(given, namespace)
    asked = _asked(given)
    columns = checks.capabilities(asked, given["type"], given["ownerType"], ["definition"])
    rules = _rules(given.get("validations") or [], given["type"])
    checks.check_free(call, given["ownerType"], namespace, given["key"])
    constraints = _constraints(given.get("constraints"))
    pinned = None
    if given.get("pin"):
        pinned = checks.next_pin(call, given["ownerType"], bool(constraints), ["definition"])
    row = {"owner_type": given["ownerType"], "namespace": namespace, "key": given["key"], "name": given["name"]}
    row |= {"description": given.get("description"), "type": given["type"], "validations": rules}
    row |= {"access": _access(given.get("access") or {}, namespace), "constraints": constraints or ""}
    row |= columns | {"pinned_position": pinned}
    return {"createdDefinition": source(insert(call, row)), "userErrors": []}


def insert(call: Call, given: Row) -> Row | None:
    """Write a new definition; standing metafields that fit it take its type."""
    row: Row = {"id": call.db.next_id("MetafieldDefinition"), "standard_template": None}
    row |= {"unique_values": int(given["type"] == "id"), "admin_filterable": 0, "smart_collection": 0}
    row |= {"cart_to_order_copyable": 0, "validation_status": "ALL_VALID"} | given
    call.db.insert("metafield_definitions", row)
    call.target("MetafieldDefinition", row["id"])
    kept = call.db.get("metafield_definitions", row["id"])
    if kept is not None:
        _settle(call.store, kept, adopt=True)
    return call.db.get("metafield_definitions", row["id"])


def _asked(given: Row) -> Row:
    asked = dict(given.get("capabilities") or {})
    if given.get("useAsCollectionCondition"):
        asked.setdefault("smartCollectionCondition", {"enabled": True})
    return asked


def _rules(given: list[Row], type_name: str) -> list[Row]:
    wrong = metafield_validations.problems(given, type_name)
    if wrong:
        path = ["definition", "validations"]
        raise UserErrors([user_error(path, message, code) for message, code in wrong])
    label = type_name if type_name.startswith("number_") else "number_integer"
    return [rule | {"type": label if rule["name"] in {"min", "max"} else "json"} for rule in given]


def _access(given: Row, namespace: str) -> Row:
    admin = "MERCHANT_READ" if namespace.startswith("app--") else "PUBLIC_READ_WRITE"
    chosen = {name: value for name, value in given.items() if value is not None}
    return {"admin": admin, "storefront": "NONE", "customerAccount": "NONE"} | chosen


def _constraints(given: Row | None) -> Row | None:
    if not given:
        return None
    return {"key": given["key"], "values": [value.rsplit("/", 1)[-1] for value in given["values"]]}


@registry.mutation("metafieldDefinitionUpdate", "definition", "updatedDefinition validationJob userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["definition"]
    namespace = namespace_of(call, given.get("namespace"))
    checks.check_namespace(call, namespace, "metafieldDefinitionUpdate")
    row = metafields.definition(call.store, given["ownerType"], namespace, given["key"])
    if row is None:
        raise refuse(["definition"], "Definition not found.", "NOT_FOUND")
    _check_change(given, row, namespace)
    changes: Row = {name: given[name] for name in ("name", "description") if name in given}
    if given.get("validations") is not None:
        changes["validations"] = _new_rules(given["validations"], row)
    chosen = {name: value for name, value in (given.get("access") or {}).items() if value is not None}
    changes["access"] = json.loads(row["access"]) | chosen
    changes |= checks.capabilities(_asked(given), row["type"], row["owner_type"], ["definition"])
    if given.get("constraintsUpdates"):
        changes["constraints"] = _new_constraints(given["constraintsUpdates"], row) or ""
    call.db.update("metafield_definitions", row["id"], changes)
    _repin(call, given, row["id"])
    call.target("MetafieldDefinition", row["id"])
    job = None
    if "validations" in changes:
        job = jobs.promise(call.store, "validate_definition", {"id": row["id"]}, JOB_S)
    updated = call.db.get("metafield_definitions", row["id"])
    return {"updatedDefinition": source(updated), "validationJob": job, "userErrors": []}


def _check_change(given: Row, row: Row, namespace: str) -> None:
    checks.check_access(given.get("access"), namespace, "INVALID_INPUT")
    if row["standard_template"]:
        for name in ("name", "description", "validations"):
            if given.get(name) is not None:
                message = f"{name.title()} cannot be changed in a standard definition."
                raise refuse(["definition", name], message, "INVALID_INPUT")
    errors = checks.too_long(given)
    if errors:
        raise UserErrors(errors)


def _new_rules(given: list[Row], row: Row) -> list[Row]:
    before = list(metafield_validations.definitions_of(json.loads(row["validations"])))
    if before and before != list(metafield_validations.definitions_of(given)):
        message = "Validations must not change the existing metaobject definition value"
        raise refuse(["definition", "validations"], message, "METAOBJECT_DEFINITION_CHANGED")
    return _rules(given, row["type"])


def _new_constraints(given: Row, row: Row) -> Row | None:
    held = json.loads(row["constraints"]) if row["constraints"] else {"key": None, "values": []}
    if "key" in given and given["key"] is None:
        return None
    values = list(held["values"])
    for change in given.get("values") or []:
        if change.get("delete"):
            values = [value for value in values if value != change["delete"].rsplit("/", 1)[-1]]
        elif change.get("create"):
            values.append(change["create"].rsplit("/", 1)[-1])
    return {"key": given.get("key") or held["key"], "values": values}


def _repin(call: Call, given: Row, number: int) -> None:
    row = call.db.get("metafield_definitions", number) or {}
    if given.get("pin") and row["pinned_position"] is None:
        place = checks.next_pin(call, row["owner_type"], bool(row["constraints"]), ["definition"])
        call.db.update("metafield_definitions", number, {"pinned_position": place})
    elif given.get("pin") is False and row["pinned_position"] is not None:
        checks.unpin(call, row)


@jobs.work("validate_definition")
def _validate(store: Store, request: Row) -> None:
    row = store.db.get("metafield_definitions", request["id"])
    if row is not None:
        _settle(store, row, adopt=False)


def _settle(store: Store, row: Row, adopt: bool) -> None:
    """Say whether all standing values fit, and with `adopt` give the definition's type to those that do."""
    rules = json.loads(row["validations"])
    wrong = 0
    for held in metafields.described(store, row):
        try:
            value = metafield_values.normal(row["type"], held["value"])
            metafield_validations.check(rules, row["type"], value)
        except (Invalid, NotBuilt):
            wrong += 1
            continue
        if adopt and held["type"] != row["type"]:
            changes = {"type": row["type"], "value": value, "digest": metafields.digest(row["type"], value)}
            store.db.update("metafields", held["id"], changes)
    status = "SOME_INVALID" if wrong else "ALL_VALID"
    store.db.update("metafield_definitions", row["id"], {"validation_status": status})


def named(call: Call, args: dict[str, Any], id_argument: str) -> Row | None:
    """The definition that a mutation's id or identifier means."""
    if args.get(id_argument):
        return call.db.get("metafield_definitions", gid.number(args[id_argument], "MetafieldDefinition"))
    wanted = args.get("identifier")
    if not wanted:
        return None
    namespace = namespace_of(call, wanted.get("namespace"))
    return metafields.definition(call.store, wanted["ownerType"], namespace, wanted["key"])
