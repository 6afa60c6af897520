"""Plants metaobject definitions, their entries, the platform's own definitions, and bulk operations that were run."""

from __future__ import annotations

from typing import Any

from sandbox.conformance.seeding.garden import Garden, copied, micros
from sandbox.conformance.seeding.records import Shown

DEFINE = """mutation($d: MetaobjectDefinitionCreateInput!) { metaobjectDefinitionCreate(definition: $d) {
  userErrors { field message } } }"""
CREATE = """mutation($m: MetaobjectCreateInput!) { metaobjectCreate(metaobject: $m) { metaobject { id }
  userErrors { field message } } }"""
OVER = frozenset(["COMPLETED", "FAILED", "CANCELED"])


def plant(garden: Garden, shown: Shown) -> None:
    """Plant every metaobject definition that was there before, and those that its entries were made by."""
    for one in shown.of("MetaobjectDefinition"):
        if one.root.startswith("standard"):
            continue  # Enabling a standard definition makes it.
        type_name = one.fields.get("type") or _type_of_entries(shown)
        if not type_name:
            continue
        given = {"type": type_name, "name": type_name} | copied(one.fields, "name description displayNameKey")
        fields = [field for field in one.list("fieldDefinitions") if isinstance(field, dict)] or _entry_fields(shown)
        given["fieldDefinitions"] = [_field(field) for field in fields]
        if not given.get("displayNameKey") and fields:
            given["displayNameKey"] = fields[0]["key"]
        capabilities = one.fields.get("capabilities")
        publishable = (capabilities or {}).get("publishable") or {"enabled": _has_status(shown)}
        given["capabilities"] = {"publishable": {"enabled": bool(publishable.get("enabled"))}}
        garden.expect("MetaobjectDefinition", [one])
        if type_name.startswith("shopify--"):
            _own(garden, given)
        else:
            garden.ask(DEFINE, d=given)
        garden.mark(one)


def _type_of_entries(shown: Shown) -> str | None:
    # A definition that only a delete names belongs to the entries of the case, if those are of one type.
    types = {record.fields.get("type") for record in shown.records.values() if record.kind == "Metaobject"}
    return types.pop() if len(types) == 1 else None


def _entry_fields(shown: Shown) -> list[dict[str, Any]]:
    for record in shown.records.values():
        if record.kind == "Metaobject":
            return [_kind_of(field) for field in record.list("fields") if isinstance(field, dict) and "key" in field]
    return []


def _kind_of(field: dict[str, Any]) -> dict[str, Any]:
    told = field.get("definition")
    kind = told if isinstance(told, dict) else {}
    return {"type": {"name": field.get("type") or "single_line_text_field"}} | kind | {"key": field["key"]}


def _has_status(shown: Shown) -> bool:
    entries = [record for record in shown.records.values() if record.kind == "Metaobject"]
    return any((entry.fields.get("capabilities") or {}).get("publishable") for entry in entries)


def _field(given: dict[str, Any]) -> dict[str, Any]:
    kind = given.get("type")
    type_name = kind.get("name") if isinstance(kind, dict) else kind
    rules = [copied(rule, "name value") for rule in given.get("validations") or [] if isinstance(rule, dict)]
    found = copied(given, "key name description required") | {"type": type_name or "single_line_text_field"}
    return found | ({"validations": rules} if rules else {})


def _own(garden: Garden, given: dict[str, Any]) -> None:
    """A definition of the platform's own type: no app can make one."""
    db, now = garden.box.store.db, garden.box.store.now()
    number = db.next_id("MetaobjectDefinition")
    off = {"enabled": False}
    capabilities = {"publishable": off, "translatable": off, "renderable": off | {"data": None}}
    capabilities["onlineStore"] = off | {"data": None}
    access = {"admin": "PUBLIC_READ_WRITE", "storefront": "PUBLIC_READ", "customerAccount": "NONE"}
    row = {"id": number, "type": given["type"], "name": given["name"], "description": given.get("description")}
    row |= {"display_name_key": given.get("displayNameKey"), "access": access, "capabilities": capabilities}
    db.insert("metaobject_definitions", row | {"created_at": now, "updated_at": now})


def plant_entries(garden: Garden, shown: Shown) -> None:
    """Plant the metaobjects that were there before."""
    for one in shown.of("Metaobject"):
        if not one.fields.get("type"):
            continue
        values = [copied(field, "key value") for field in one.list("fields") if isinstance(field, dict)]
        given = copied(one.fields, "type handle") | {"fields": [field for field in values if field.get("value")]}
        garden.expect("Metaobject", [one])
        garden.ask(CREATE, m=given)
        garden.mark(one)


def plant_operations(garden: Garden, shown: Shown) -> None:
    """Plant the bulk operations that an app had run before."""
    for one in shown.of("BulkOperation"):
        created = micros(one.fields.get("createdAt"))
        if created is None or one.fields.get("status") not in OVER:
            continue
        fields, store = one.fields, garden.box.store
        completed = micros(fields.get("completedAt"))
        row: dict[str, Any] = {"id": int(one.number), "type": fields.get("type") or "QUERY"}
        row |= {"status": fields["status"], "error_code": fields.get("errorCode"), "query": fields.get("query") or ""}
        row |= {"actor": "app", "scopes": [], "api_version": "2026-10", "group_objects": 0, "staged_path": None}
        row |= {"client_identifier": None, "object_count": int(fields.get("objectCount") or 0)}
        row |= {"root_count": int(fields.get("rootObjectCount") or 0), "due_at": created, "created_at": created}
        row |= {"file_size": int(fields["fileSize"]) if fields.get("fileSize") else None, "completed_at": completed}
        # The file itself is not recorded; its address is, as long as it had not expired.
        has_file = bool(fields.get("url") or fields.get("partialDataUrl"))
        row |= {"file": store.blobs.new().name if has_file else None, "ended_at": store.clock.micros()}
        store.db.insert("bulk_operations", row)
        garden.mark(one)
