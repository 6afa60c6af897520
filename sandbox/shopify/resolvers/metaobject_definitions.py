"""What the API tells of metaobject definitions.

Reads only.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, metafield_types, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.resolvers.metafields import namespace_of
from sandbox.shopify.store import metaobjects
from sandbox.shopify.store.database import Row

THUMBNAILS = frozenset(["color", "file_reference"])
registry.keys("MetaobjectDefinition", "type name description")
registry.keys("MetaobjectAccess", "admin storefront customerAccount")
registry.keys("MetaobjectCapabilities", "publishable translatable renderable onlineStore")
for _name in ("Publishable", "Translatable"):
    registry.keys(f"MetaobjectCapabilities{_name}", "enabled")
for _name in ("Renderable", "OnlineStore"):
    registry.keys(f"MetaobjectCapabilities{_name}", "enabled data")
registry.keys("MetaobjectFieldDefinition", "key name description")
registry.keys("MetaobjectFieldDefinitionCapabilities", "adminFilterable")
registry.keys("MetaobjectFieldCapabilityAdminFilterable", "eligible enabled")


def source(row: Row | None) -> Row | None:
    """A definition row as the executor passes it on."""
    return None if row is None else row | {"__typename": "MetaobjectDefinition"}


@registry.node("MetaobjectDefinition")
def _node(call: Call, identifier: str) -> Row | None:
    return source(metaobjects.definition(call.store, gid.number(identifier, "MetaobjectDefinition")))


@registry.field("QueryRoot", "metaobjectDefinition", "id")
def _one(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _node(call, args["id"])


@registry.field("QueryRoot", "metaobjectDefinitionByType", "type")
def _by_type(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return source(metaobjects.definition_of_type(call.store, namespace_of(call, args["type"])))


@registry.field("QueryRoot", "metaobjectDefinitions", registry.CONNECTION_ARGUMENTS)
def _many(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    return page(call.db, Select("d.*", "metaobject_definitions d", "1", [], "d.id", Order("d.id"), str), args)


@registry.field("MetaobjectDefinition", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("MetaobjectDefinition", row["id"])


@registry.field("MetaobjectDefinition", "displayNameKey")
def _display(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    key: str | None = row["display_name_key"]
    return key


@registry.field("MetaobjectDefinition", "access")
def _access(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    return dict(json.loads(row["access"]))


@registry.field("MetaobjectDefinition", "capabilities")
def _capabilities(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    return dict(json.loads(row["capabilities"]))


registry.keys("MetaobjectCapabilityDefinitionDataRenderable", "metaTitleKey metaDescriptionKey")
registry.keys("MetaobjectCapabilityDefinitionDataOnlineStore", "urlHandle")


@registry.field("MetaobjectDefinition", "fieldDefinitions")
def _fields(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    return metaobjects.fields(call.store, row["id"])


@registry.field("MetaobjectFieldDefinition", "required")
def _required(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return bool(row["required"])


@registry.field("MetaobjectFieldDefinition", "type")
def _type(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    return metafield_types.shown(row["type"])


@registry.field("MetaobjectFieldDefinition", "validations")
def _validations(row: Row, _call: Call, _args: dict[str, Any]) -> list[Row]:
    return list(json.loads(row["validations"]))


@registry.field("MetaobjectFieldDefinition", "capabilities")
def _field_capabilities(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    return {"adminFilterable": {"eligible": True, "enabled": bool(row["admin_filterable"])}}


@registry.field("MetaobjectDefinition", "hasThumbnailField")
def _thumbnail(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    return any(field["type"] in THUMBNAILS for field in metaobjects.fields(call.store, row["id"]))


@registry.field("MetaobjectDefinition", "metaobjectsCount")
def _count(row: Row, call: Call, _args: dict[str, Any]) -> int:
    return metaobjects.count(call.store, row["id"])


@registry.field("MetaobjectDefinition", "metaobjects", registry.CONNECTION_ARGUMENTS)
def _entries(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    where = ("m.definition_id = ?", [row["id"]])
    return page(call.db, Select("m.*", "metaobjects m", *where, "m.id", Order("m.id"), str), args)


registry.keys("StandardMetaobjectDefinitionTemplate", "type name")


@registry.field("MetaobjectDefinition", "standardTemplate")
def _standard(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    # Only the platform's templates make definitions with its prefix.
    return {"type": row["type"], "name": row["name"]} if row["type"].startswith("shopify--") else None


@registry.field("MetaobjectDefinition", "createdByApp")
def _app(_row: Row, call: Call, _args: dict[str, Any]) -> Any:
    return registry.NODES["App"](call, call.store.setting("app_id") or "")


@registry.field("MetaobjectDefinition", "createdAt")
def _created(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["created_at"])


@registry.field("MetaobjectDefinition", "updatedAt")
def _updated(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["updated_at"])
