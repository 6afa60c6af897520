"""metaobjectCreate, metaobjectUpdate, metaobjectUpsert, metaobjectDelete, metaobjectBulkDelete.

A bulk delete is a job: what it takes away goes a little later.
"""

from __future__ import annotations

import json
from typing import Any

from graphql import ObjectValueNode

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.mutations import metaobject_entries as entries
from sandbox.shopify.mutations.metaobject_errors import NOT_FOUND, missing_type, refusal
from sandbox.shopify.resolvers.metafields import namespace_of
from sandbox.shopify.resolvers.metaobjects import source
from sandbox.shopify.store import jobs, metaobjects
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

# Entries named by id are gone at the next look; those of a whole type were recorded to stand for half a minute.
BY_IDS_S, BY_TYPE_S = 0.5, 32.0
registry.inputs("MetaobjectCreateInput", "type handle fields capabilities")
registry.inputs("MetaobjectUpdateInput", "handle fields capabilities redirectNewHandle")
registry.inputs("MetaobjectUpsertInput", "handle fields capabilities")
registry.inputs("MetaobjectFieldInput", "key value")
registry.inputs("MetaobjectHandleInput", "type handle")
registry.inputs("MetaobjectCapabilityDataInput", "publishable onlineStore")
registry.inputs("MetaobjectCapabilityDataPublishableInput", "status")
registry.inputs("MetaobjectCapabilityDataOnlineStoreInput", "templateSuffix")
registry.inputs("MetaobjectBulkDeleteWhereCondition", "type ids")


@registry.mutation("metaobjectCreate", "metaobject", "metaobject userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["metaobject"]
    type_name = namespace_of(call, given["type"])
    definition = metaobjects.definition_of_type(call.store, type_name)
    if definition is None:
        raise missing_type(["metaobject", "type"], given["type"], "UNDEFINED_OBJECT_TYPE")
    return _make(call, definition, given, ["metaobject", "handle"])


def _make(call: Call, definition: Row, given: Row, handle_path: list[str]) -> Row:
    wanted = entries.checked(call, definition, given, None)
    handle = given.get("handle") or ""
    if handle:
        wanted.errors += entries.handle_errors(handle, handle_path)
        if metaobjects.by_handle(call.store, definition["type"], handle) is not None:
            wanted.errors.append(entries.taken(handle_path))
    if wanted.errors:
        raise UserErrors(wanted.errors)
    name = wanted.values.get(definition["display_name_key"] or "")
    if not handle:
        handle = metaobjects.free_handle(call.store, definition["type"], name or "")
    now = call.store.now()
    row: Row = {"id": call.db.next_id("Metaobject"), "definition_id": definition["id"], "type": definition["type"]}
    row |= {"handle": handle, "display_name": "", "status": _status(definition), "template_suffix": None}
    row |= {"created_at": now, "updated_at": now} | _capability_columns(given)
    call.db.insert("metaobjects", row)
    return _written(call, row, wanted.values)


def _status(definition: Row) -> str | None:
    return "DRAFT" if json.loads(definition["capabilities"])["publishable"]["enabled"] else None


def _capability_columns(given: Row) -> Row:
    capabilities = given.get("capabilities") or {}
    found: Row = {}
    if capabilities.get("publishable"):
        found["status"] = capabilities["publishable"]["status"]
    if capabilities.get("onlineStore") and capabilities["onlineStore"].get("templateSuffix") is not None:
        found["template_suffix"] = capabilities["onlineStore"]["templateSuffix"]
    return found


def _written(call: Call, row: Row, values: dict[str, str | None]) -> Row:
    metaobjects.set_values(call.store, row, values)
    metaobjects.settle(call.store, row["id"])
    call.target("Metaobject", row["id"])
    return {"metaobject": source(call.db.get("metaobjects", row["id"])), "userErrors": []}


@registry.mutation("metaobjectUpdate", "id metaobject", "metaobject userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = call.db.get("metaobjects", gid.number(args["id"], "Metaobject"))
    if row is None:
        raise refusal(["id"], NOT_FOUND, "RECORD_NOT_FOUND")
    return _change(call, row, args["metaobject"])


def _change(call: Call, row: Row, given: Row) -> Row:
    definition = metaobjects.definition(call.store, row["definition_id"])
    assert definition is not None  # noqa: S101 - entries go with their definition
    wanted = entries.checked(call, definition, given, metaobjects.values(call.store, row["id"]))
    path = ["metaobject", "handle"]
    handle = given.get("handle")
    if handle is not None and handle != row["handle"]:
        wanted.errors += entries.handle_errors(handle, path)
        if metaobjects.by_handle(call.store, row["type"], handle) is not None:
            wanted.errors.append(entries.taken(path))
    if wanted.errors:
        raise UserErrors(wanted.errors)
    online = json.loads(definition["capabilities"])["onlineStore"]["enabled"]
    if given.get("redirectNewHandle") and online and handle not in {None, row["handle"]}:
        raise registry.not_built("the redirect of a metaobject's new handle")
    changes = {"updated_at": call.store.now()} | _capability_columns(given)
    if handle is not None:
        changes["handle"] = handle
    call.db.update("metaobjects", row["id"], changes)
    return _written(call, row, wanted.values)


@registry.mutation("metaobjectUpsert", "handle metaobject", "metaobject userErrors")
def _upsert(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    key, given = args["handle"], args.get("metaobject") or {}
    type_name = namespace_of(call, key["type"])
    definition = metaobjects.definition_of_type(call.store, type_name)
    if definition is None:
        raise missing_type(["handle", "type"], key["type"], "UNDEFINED_OBJECT_TYPE")
    row = metaobjects.by_handle(call.store, type_name, key["handle"])
    if row is not None:
        return _change(call, row, given)
    if given.get("handle"):
        return _make(call, definition, given, ["metaobject", "handle"])
    return _make(call, definition, given | {"handle": key["handle"]}, ["handle", "handle"])


@registry.mutation("metaobjectDelete", "id", "deletedId userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = call.db.get("metaobjects", gid.number(args["id"], "Metaobject"))
    if row is None:
        raise refusal(["id"], NOT_FOUND, "RECORD_NOT_FOUND")
    metaobjects.delete(call.store, row["id"])
    call.target("Metaobject", row["id"])
    return {"deletedId": gid.make("Metaobject", row["id"]), "userErrors": []}


@registry.mutation("metaobjectBulkDelete", "where", "job userErrors")
def _bulk_delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    where = args["where"]
    if (where.get("type") is None) == (where.get("ids") is None):
        raise _wrong_condition(call)
    if where.get("type") is not None:
        definition = metaobjects.definition_of_type(call.store, namespace_of(call, where["type"]))
        if definition is None:
            raise missing_type(["where", "type"], where["type"], "RECORD_NOT_FOUND")
        job = jobs.promise(call.store, "delete_type", {"definition": definition["id"]}, BY_TYPE_S)
    else:
        numbers = [gid.number(one, "Metaobject") for one in where["ids"]]
        job = jobs.promise(call.store, "delete_metaobjects", {"ids": numbers}, BY_IDS_S)
    return {"job": job, "userErrors": []}


def _wrong_condition(call: Call) -> FieldFailed:
    text = "MetaobjectBulkDeleteWhereCondition requires exactly one of type, ids"
    failed = FieldFailed(text, "INVALID_FIELD_ARGUMENTS")
    given = call.input_node
    # The place is that of the condition that is one too many (recorded).
    if isinstance(given, ObjectValueNode) and given.fields:
        failed.locate = [given.fields[-1]]
    elif given is not None:
        failed.locate = [given]
    return failed


@jobs.work("delete_metaobjects")
def _delete_many(store: Store, request: Row) -> None:
    for number in request["ids"]:
        if number is not None:
            metaobjects.delete(store, number)


@jobs.work("delete_type")
def _delete_type(store: Store, request: Row) -> None:
    sql = "SELECT id FROM metaobjects WHERE definition_id = ?"
    for row in store.db.all(sql, (request["definition"],)):
        metaobjects.delete(store, row["id"])
