"""What the API tells of metaobjects: by id, by handle, as a list of a type, and who refers to them.

Reads only.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, lists, metafield_values, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.lists import Kind
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.resolvers.metafields import many_references, namespace_of, one_reference
from sandbox.shopify.resolvers.metaobject_definitions import source as definition_source
from sandbox.shopify.search.match import Sql
from sandbox.shopify.store import metaobjects
from sandbox.shopify.store.database import Row

ENTRIES = Kind(
    "Metaobject",
    "o.*",
    "metaobjects o",
    "o.id",
    {
        "id": Order("o.id"),
        "type": Order("o.type"),
        "updated_at": Order("o.updated_at", time=True),
        "display_name": Order("o.display_name", nocase=True),
    },
)
registry.keys("Metaobject", "type handle displayName")
registry.keys("MetaobjectCapabilityData", "publishable onlineStore")
registry.keys("MetaobjectCapabilityDataPublishable", "status")
registry.keys("MetaobjectCapabilityDataOnlineStore", "templateSuffix")
registry.keys("MetaobjectField", "key type value definition")
registry.keys("MetafieldRelation", "key name namespace")


def source(row: Row | None) -> Row | None:
    """An entry as the executor passes it on."""
    return None if row is None else row | {"__typename": "Metaobject"}


@registry.node("Metaobject")
def _node(call: Call, identifier: str) -> Row | None:
    return source(call.db.get("metaobjects", gid.number(identifier, "Metaobject")))


@registry.field("QueryRoot", "metaobject", "id")
def _one(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _node(call, args["id"])


@registry.field("QueryRoot", "metaobjectByHandle", "handle")
def _by_handle(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    wanted = args["handle"]
    return source(metaobjects.by_handle(call.store, namespace_of(call, wanted["type"]), wanted["handle"]))


@registry.field("QueryRoot", "metaobjects", f"{registry.CONNECTION_ARGUMENTS} type sortKey query")
def _many(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    definition = metaobjects.definition_of_type(call.store, namespace_of(call, args["type"]))
    number = definition["id"] if definition else 0
    key = (args.get("sortKey") or "id").lower()
    filterable = metaobjects.filterable(call.store, number)
    given = args | {"sortKey": key if key in ENTRIES.orders else "id"}
    return lists.connection(call, ENTRIES, given, Sql("o.definition_id = ?", [number]), filterable)


@registry.field("Metaobject", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("Metaobject", row["id"])


@registry.field("Metaobject", "definition")
def _definition(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return definition_source(metaobjects.definition(call.store, row["definition_id"]))


@registry.field("Metaobject", "capabilities")
def _capabilities(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    definition = metaobjects.definition(call.store, row["definition_id"]) or {}
    enabled = json.loads(definition["capabilities"])
    publishable = {"status": row["status"] or "DRAFT"} if enabled["publishable"]["enabled"] else None
    online = {"templateSuffix": row["template_suffix"] or ""} if enabled["onlineStore"]["enabled"] else None
    return {"publishable": publishable, "onlineStore": online}


def _fields_of(row: Row, call: Call) -> list[Row]:
    held = metaobjects.values(call.store, row["id"])
    kinds = metaobjects.fields(call.store, row["definition_id"])
    return [
        {"key": kind["key"], "type": kind["type"], "value": held.get(kind["key"]), "definition": kind} for kind in kinds
    ]


@registry.field("Metaobject", "fields")
def _fields(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    return _fields_of(row, call)


@registry.field("Metaobject", "field", "key")
def _field(row: Row, call: Call, args: dict[str, Any]) -> Row | None:
    return next((field for field in _fields_of(row, call) if field["key"] == args["key"]), None)


@registry.field("Metaobject", "values")
def _values(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    return {field["key"]: _shown(field) for field in _fields_of(row, call)}


def _shown(field: Row) -> Any:
    return None if field["value"] is None else metafield_values.shown(field["type"], field["value"])


@registry.field("MetaobjectField", "jsonValue")
def _json_value(row: Row, _call: Call, _args: dict[str, Any]) -> Any:
    return _shown(row)


@registry.field("MetaobjectField", "reference")
def _reference(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return one_reference(call, row["type"], row["value"])


@registry.field("MetaobjectField", "references", "first last after before")
def _references(row: Row, call: Call, args: dict[str, Any]) -> Connection | None:
    return many_references(call, row["type"], row["value"], args)


@registry.field("Metaobject", "referencedBy", registry.CONNECTION_ARGUMENTS)
def _referenced_by(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    where = ("l.target = ?", [gid.make("Metaobject", row["id"])])
    return page(call.db, Select("l.*", "reference_links l", *where, "l.id", Order("l.id"), str), args)


@registry.field("MetafieldRelation", "name")
def _relation_name(row: Row, call: Call, _args: dict[str, Any]) -> str:
    if row["source_kind"] == metaobjects.KIND:
        entry = call.db.get("metaobjects", row["source_id"]) or {}
        kinds = metaobjects.fields(call.store, entry["definition_id"])
        return next((kind["name"] for kind in kinds if kind["key"] == row["key"]), row["key"])
    sql = "SELECT name FROM metafield_definitions WHERE namespace = ? AND key = ?"
    return call.db.value(sql, (row["namespace"], row["key"])) or row["key"]


@registry.field("MetafieldRelation", "referencer")
def _referencer(row: Row, call: Call, _args: dict[str, Any]) -> Any:
    return registry.NODES[row["source_kind"]](call, gid.make(row["source_kind"], row["source_id"]))


@registry.field("MetafieldRelation", "target")
def _target(row: Row, call: Call, _args: dict[str, Any]) -> Any:
    return _node(call, row["target"])


@registry.field("Metaobject", "createdByApp")
def _app(_row: Row, call: Call, _args: dict[str, Any]) -> Any:
    return registry.NODES["App"](call, call.store.setting("app_id") or "")


@registry.field("Metaobject", "createdBy")
def _created_by(_row: Row, call: Call, _args: dict[str, Any]) -> Any:
    return registry.NODES["App"](call, call.store.setting("app_id") or "")


@registry.field("Metaobject", "createdAt")
def _created(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["created_at"])


@registry.field("Metaobject", "updatedAt")
def _updated(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["updated_at"])
