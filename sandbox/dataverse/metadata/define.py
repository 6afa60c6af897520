"""Creates tables, columns, keys and relationships through the Web API, and switches change tracking on.

Reference: webapi/create-update-entity-definitions-using-web-api, define-alternate-keys-entity.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error, payload
from sandbox.dataverse.http import Request, Response, no_content
from sandbox.dataverse.security import demand_named

from .describe import TYPE_NAMES, metadata_id
from .model import Key, Table

_TYPE_OF = {name: kind for kind, name in TYPE_NAMES.items() if kind not in ("Customer", "Owner", "Virtual")}
_KEY_TYPES = frozenset({"Decimal", "Integer", "String", "DateTime", "Lookup", "Picklist"})
_ON_DELETE = {"Cascade": "cascade", "Restrict": "restrict"}
MAX_KEYS, MAX_KEY_COLUMNS, MAX_KEY_BYTES = 10, 16, 900
_CUSTOM_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9]{1,7}_\w+$")


def _label(body: dict[str, Any], name: str) -> str | None:
    labels = (body.get(name) or {}).get("LocalizedLabels") or [{}]
    text = labels[0].get("Label")
    return text if isinstance(text, str) else None


def _labels(body: dict[str, Any]) -> dict[str, str]:
    found = {name: _label(body, name) for name in ("DisplayName", "DisplayCollectionName", "Description")}
    return {name: text for name, text in found.items() if text is not None}


def _schema_name(body: dict[str, Any]) -> str:
    name = body.get("SchemaName")
    if not isinstance(name, str) or not _CUSTOM_NAME.match(name):
        raise error("InvalidArgument", message=f"SchemaName '{name}' must carry a customization prefix, such as new_.")
    return name


def facts_of(body: dict[str, Any]) -> dict[str, Any]:
    """The facts of a column from the AttributeMetadata sent."""
    kind = _TYPE_OF.get(str(body.get("@odata.type", "")).lstrip("#").removeprefix("Microsoft.Dynamics.CRM."))
    if kind is None:
        raise payload("AttributeMetadata", f"The type '{body.get('@odata.type')}' is not a column type.")
    required = (body.get("RequiredLevel") or {}).get("Value", "None")
    facts: dict[str, Any] = {
        "type": kind, "schema": body["SchemaName"], "display": _label(body, "DisplayName"), "required": required}
    for ours, theirs in (("maxlength", "MaxLength"), ("precision", "Precision"),
                         ("precisionSource", "PrecisionSource"), ("default", "DefaultFormValue")):
        if isinstance(body.get(theirs), int) and not (theirs == "DefaultFormValue" and body[theirs] == -1):
            facts[ours] = body[theirs]
    for ours, theirs in (("min", "MinValue"), ("max", "MaxValue")):
        if isinstance(body.get(theirs), int | Decimal):
            facts[ours] = str(body[theirs])
    _typed_facts(kind, body, facts)
    return facts


def _typed_facts(kind: str, body: dict[str, Any], facts: dict[str, Any]) -> None:
    if kind in ("String", "Memo"):
        facts.setdefault("maxlength", 100 if kind == "String" else 2000)
        facts["format"] = (body.get("FormatName") or {}).get("Value")
    if kind == "DateTime":
        facts["dtbehavior"] = (body.get("DateTimeBehavior") or {}).get("Value", "UserLocal")
    options = (body.get("OptionSet") or {}).get("Options")
    if options:
        facts["options"] = [[o["Value"], _label(o, "Label") or str(o["Value"])] for o in options]


def create_column(ctx: Context, table: Table, request: Request) -> Response:
    """POST …/Attributes: 204; 0x80047013 when the name is taken."""
    demand_named(ctx, "prvCreateAttribute")
    body = request.json()
    name = _schema_name(body).lower()
    if name in table.columns:
        raise error("DuplicateAttributeSchemaName")
    with ctx.store.transaction():
        ctx.registry.add_column(table, name, facts_of(body))
    entity_id, column_id = metadata_id("entity", table.name), metadata_id("attribute", table.name, name)
    return no_content({"OData-EntityId": f"{ctx.base_url}EntityDefinitions({entity_id})/Attributes({column_id})"})


def create_key(ctx: Context, table: Table, request: Request) -> Response:
    """POST …/Keys: 204, the key is Pending until its index is built."""
    demand_named(ctx, "prvCreateEntityKey")
    body = request.json()
    schema = _schema_name(body)
    names = tuple(body.get("KeyAttributes") or ())
    if schema.lower() in table.keys:
        raise error("EntityKeyNameExists", schema, table.name)
    if any(set(k.columns) == set(names) for k in table.keys.values()):
        raise error("EntityKeyWithSelectedAttributesExists")
    _check_key(table, names)
    now, delay = ctx.core.clock.now(), timedelta(seconds=ctx.core.config.key_activation_s)
    key = Key(schema.lower(), schema, names, ctx.core.ids.new(), now + delay, started_at=now + delay / 2)
    with ctx.store.transaction():
        ctx.registry.add_key(table, key)
    entity_id = metadata_id("entity", table.name)
    return no_content({"OData-EntityId": f"{ctx.base_url}EntityDefinitions({entity_id})/Keys({key.id})"})


def _check_key(table: Table, names: tuple[str, ...]) -> None:
    size = 0
    for name in names:
        column = table.columns.get(name)
        if column is None or column.type not in _KEY_TYPES:
            raise error("InvalidArgument", message=f"The column '{name}' cannot be part of an alternate key.")
        size += 2 * (column.max_length or 0) if column.type == "String" else 16
    if not names or len(names) > MAX_KEY_COLUMNS or size > MAX_KEY_BYTES or len(table.keys) >= MAX_KEYS:
        raise error("InvalidArgument", message="The key exceeds the limits of 10 keys per table, 16 columns or 900 "
                    "bytes per key.")


def delete_key(ctx: Context, table: Table, key: Key) -> Response:
    """DELETE of an alternate key."""
    demand_named(ctx, "prvDeleteEntityKey")
    with ctx.store.transaction():
        ctx.registry.drop_key(table, key.name)
    return no_content()


def reactivate_key(ctx: Context, table: Table, key: Key) -> Response:
    """Try a failed key again."""
    demand_named(ctx, "prvWriteEntityKey")
    if key.status != "Failed":
        raise error("ReactivateEntityKeyOnlyForFailedJobs")
    now, delay = ctx.core.clock.now(), timedelta(seconds=ctx.core.config.key_activation_s)
    with ctx.store.transaction():
        ctx.registry.reactivate(table, key, now + delay / 2, now + delay)
    return no_content()


def create_table(ctx: Context, request: Request) -> Response:
    """POST EntityDefinitions: a custom table with its primary name column."""
    demand_named(ctx, "prvCreateEntity")
    body = request.json()
    schema = _schema_name(body)
    name = schema.lower()
    if ctx.registry.get(name):
        raise error("DuplicateName")
    columns = {_schema_name(a).lower(): facts_of(a) for a in body.get("Attributes", [])}
    primary = next((_schema_name(a).lower() for a in body.get("Attributes", []) if a.get("IsPrimaryName")), None)
    if primary is None:
        raise error("InvalidArgument", message="A table needs one column with IsPrimaryName.")
    raw = custom_table(name, schema, primary, columns)
    raw["owned"] = body.get("OwnershipType", "UserOwned")
    raw["changeTracking"] = bool(body.get("ChangeTrackingEnabled", False))
    with ctx.store.transaction():
        table = ctx.registry.add_table(name, raw)
        ctx.registry.relabel(table, _labels(body))
        ctx.core.after_new_table(ctx, name)
    return no_content({"OData-EntityId": f"{ctx.base_url}EntityDefinitions({metadata_id('entity', name)})"})


def entity_set_name(name: str) -> str:
    """The set name the platform derives from a custom table's name."""
    if name.endswith(("s", "x", "z", "ch", "sh")):
        return f"{name}es"
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}s"


def custom_table(name: str, schema: str, primary: str, columns: dict[str, Any]) -> dict[str, Any]:
    """The facts of a custom table, in the form of a schema file."""
    read_only = {"create": False, "update": False}
    user = {"type": "Lookup", "targets": ["systemuser"], **read_only}
    system: dict[str, Any] = {
        f"{name}id": {"type": "Uniqueidentifier", "required": "SystemRequired", "update": False},
        "createdon": {"type": "DateTime", **read_only}, "modifiedon": {"type": "DateTime", **read_only},
        "createdby": user, "modifiedby": user, "overriddencreatedon": {"type": "DateTime", "update": False},
        "ownerid": {"type": "Owner", "targets": ["systemuser", "team"], "required": "SystemRequired"},
        "owningbusinessunit": {"type": "Lookup", "targets": ["businessunit"], **read_only},
        "owninguser": user, "owningteam": {"type": "Lookup", "targets": ["team"], **read_only},
        "statecode": {"type": "State", "options": [[0, "Active"], [1, "Inactive"]]},
        "statuscode": {"type": "Status", "options": [[1, "Active", 0], [2, "Inactive", 1]]},
        "versionnumber": {"type": "BigInt", **read_only}}
    one = {"createdby": ["createdby", "systemuser"], "modifiedby": ["modifiedby", "systemuser"],
           "ownerid": ["ownerid", "principal"], "owningbusinessunit": ["owningbusinessunit", "businessunit"],
           "owninguser": ["owninguser", "systemuser"], "owningteam": ["owningteam", "team"]}
    return {"set": entity_set_name(name), "pk": f"{name}id", "name": primary, "owned": "UserOwned", "schema": schema,
            "columns": {**system, **{n: {**f, "custom": True} for n, f in columns.items()}}, "one": one, "many": {}}


def update_table(ctx: Context, table: Table, request: Request) -> Response:
    """PUT of a definition; taken from it: the labels, and ChangeTrackingEnabled, which never goes off again."""
    demand_named(ctx, "prvWriteEntity")
    body = request.json()
    if not isinstance(body, dict):
        raise payload("EntityMetadata", "The body must be an EntityMetadata object.")
    with ctx.store.transaction():
        ctx.registry.set_tracking(table, body.get("ChangeTrackingEnabled") is True)
        ctx.registry.relabel(table, _labels(body))
    return no_content({"OData-EntityId": f"{ctx.base_url}EntityDefinitions({metadata_id('entity', table.name)})"})


def create_relationship(ctx: Context, request: Request) -> Response:
    """POST RelationshipDefinitions: a lookup column with navigation properties on both sides."""
    if request.method != "POST":
        raise error("CrmHttpError", "RelationshipDefinitions")
    demand_named(ctx, "prvCreateRelationship")
    body = request.json()
    schema = _schema_name(body)
    table, target = ctx.registry.get(body.get("ReferencingEntity")), ctx.registry.get(body.get("ReferencedEntity"))
    if table is None or target is None or not isinstance(body.get("Lookup"), dict):
        raise error("InvalidArgument", message="ReferencingEntity, ReferencedEntity and Lookup are needed.")
    lookup = body["Lookup"]
    name = _schema_name(lookup).lower()
    if name in table.columns:
        raise error("DuplicateAttributeSchemaName")
    facts = {"type": "Lookup", "schema": lookup["SchemaName"], "display": _label(lookup, "DisplayName"),
             "required": (lookup.get("RequiredLevel") or {}).get("Value", "None"), "targets": [target.name],
             "navs": [[lookup["SchemaName"], target.name]], "many": [[target.name, schema]],
             "onDelete": _ON_DELETE.get((body.get("CascadeConfiguration") or {}).get("Delete", ""), "remove_link")}
    with ctx.store.transaction():
        ctx.registry.add_column(table, name, facts)
    found = metadata_id("relationship", table.name, lookup["SchemaName"])
    return no_content({"OData-EntityId": f"{ctx.base_url}RelationshipDefinitions({found})"})
