"""Tables, columns, keys and relationships as the metadata part of the Web API prints them.

Reference: webapi/query-metadata-web-api. Only facts the schema has are printed; there is no guessing.
"""

from __future__ import annotations

import uuid
from decimal import Decimal
from functools import cache
from typing import Any

from sandbox.dataverse.clock import NAMESPACE

from .model import Column, Key, Link, Nav, Table

TYPE_NAMES = {
    "String": "StringAttributeMetadata", "Memo": "MemoAttributeMetadata", "Integer": "IntegerAttributeMetadata",
    "BigInt": "BigIntAttributeMetadata", "Boolean": "BooleanAttributeMetadata", "Money": "MoneyAttributeMetadata",
    "Decimal": "DecimalAttributeMetadata", "Double": "DoubleAttributeMetadata",
    "DateTime": "DateTimeAttributeMetadata", "Picklist": "PicklistAttributeMetadata",
    "State": "StateAttributeMetadata", "Status": "StatusAttributeMetadata", "Lookup": "LookupAttributeMetadata",
    "Customer": "LookupAttributeMetadata", "Owner": "LookupAttributeMetadata",
    "Uniqueidentifier": "UniqueIdentifierAttributeMetadata", "Virtual": "ImageAttributeMetadata",
    "EntityName": "EntityNameAttributeMetadata"}
_FORMATS = {"PhoneticGuide", "Email", "Url", "TickerSymbol", "TextArea", "Text"}


@cache
def metadata_id(kind: str, *names: str) -> str:
    """A stable id of a definition."""
    return str(uuid.uuid5(NAMESPACE, "/".join((kind, *names))))


def label(text: str | None) -> dict[str, Any]:
    """A label with one English text."""
    localized = {"Label": text or "", "LanguageCode": 1033, "IsManaged": True, "HasChanged": None}
    return {"LocalizedLabels": [localized], "UserLocalizedLabel": localized}


def _managed(value: object, name: str) -> dict[str, Any]:
    return {"Value": value, "CanBeChanged": True, "ManagedPropertyLogicalName": name}


def entity(table: Table) -> dict[str, Any]:
    """The EntityMetadata of a table."""
    return {
        "MetadataId": metadata_id("entity", table.name), "LogicalName": table.name, "SchemaName": table.schema,
        "EntitySetName": table.entity_set, "LogicalCollectionName": table.entity_set,
        "CollectionSchemaName": table.entity_set, "PrimaryIdAttribute": table.pk,
        "PrimaryNameAttribute": table.primary_name, "ObjectTypeCode": table.object_type_code,
        "OwnershipType": table.ownership, "ChangeTrackingEnabled": table.change_tracking,
        "IsOptimisticConcurrencyEnabled": table.optimistic, "IsCustomEntity": table.custom,
        "CanChangeTrackingBeEnabled": _managed(True, "canchangetrackingbeenabled"),
        "CanCreateAttributes": _managed(True, "cancreateattributes"),
        "IsActivity": table.pk == "activityid", "IsIntersect": False, "IsManaged": not table.custom,
        "TableType": "Standard", "DataProviderId": None, "HasActivities": False, "HasNotes": False,
        "PrimaryImageAttribute": "entityimage" if "entityimage" in table.columns else None,
        "DisplayName": label(table.labels.get("DisplayName", table.schema)),
        "DisplayCollectionName": label(table.labels.get("DisplayCollectionName", table.entity_set)),
        "Description": label(table.labels.get("Description", ""))}


def attribute(table: Table, column: Column) -> dict[str, Any]:
    """The AttributeMetadata of a column, with the properties of its type."""
    body: dict[str, Any] = {
        "@odata.type": f"#Microsoft.Dynamics.CRM.{TYPE_NAMES[column.type]}",
        "MetadataId": metadata_id("attribute", table.name, column.name), "EntityLogicalName": table.name,
        "LogicalName": column.name, "SchemaName": column.schema, "AttributeType": column.type,
        "AttributeTypeName": {"Value": f"{column.type}Type"}, "DisplayName": label(column.display),
        "RequiredLevel": _managed(column.required, "canmodifyrequirementlevelsettings"),
        "IsValidForCreate": column.create, "IsValidForUpdate": column.update, "IsValidForRead": column.read,
        "IsCustomAttribute": column.custom, "IsPrimaryId": column.name == table.pk,
        "IsPrimaryName": column.name == table.primary_name, "IsLogical": False, "AttributeOf": None,
        "IsSecured": False, "IsValidODataAttribute": True}
    body.update(_typed(column))
    return body


def _number(value: Decimal | None) -> Any:
    return None if value is None else int(value) if value == value.to_integral_value() else value


def _typed(column: Column) -> dict[str, Any]:
    kind = column.type
    if kind in ("String", "Memo"):
        style = column.format if column.format in _FORMATS else "TextArea" if kind == "Memo" else "Text"
        return {"MaxLength": column.max_length or 100, "Format": style, "FormatName": {"Value": style}}
    if kind in ("Integer", "BigInt"):
        return {"MinValue": _number(column.minimum), "MaxValue": _number(column.maximum)}
    if kind in ("Money", "Decimal", "Double"):
        body = {"MinValue": _number(column.minimum), "MaxValue": _number(column.maximum),
                "Precision": column.precision}
        return {**body, "PrecisionSource": column.precision_source} if kind == "Money" else body
    return _described(column)


def _described(column: Column) -> dict[str, Any]:
    if column.type == "DateTime":
        return {"Format": "DateOnly" if column.date_only or column.format == "DateOnly" else "DateAndTime",
                "DateTimeBehavior": {"Value": column.behavior or "UserLocal"}}
    if column.is_lookup:
        return {"Targets": list(column.targets)}
    if column.type in ("Picklist", "State", "Status"):
        return {"DefaultFormValue": column.default if isinstance(column.default, int) else -1}
    return {}


def option_set(table: Table, column: Column) -> dict[str, Any] | None:
    """The OptionSet of a choice column; None for other types."""
    if column.type == "Boolean":
        return {"OptionSetType": "Boolean", "Name": f"{table.name}_{column.name}", "IsGlobal": False,
                "FalseOption": {"Value": 0, "Label": label("No")}, "TrueOption": {"Value": 1, "Label": label("Yes")}}
    if column.type not in ("Picklist", "State", "Status"):
        return None
    options = []
    for option in column.options:
        body: dict[str, Any] = {"Value": option.value, "Label": label(option.label), "IsManaged": True}
        if column.type == "Status":
            body = {"@odata.type": "#Microsoft.Dynamics.CRM.StatusOptionMetadata", **body, "State": option.state}
        options.append(body)
    return {"MetadataId": metadata_id("optionset", table.name, column.name), "OptionSetType": column.type,
            "Name": f"{table.name}_{column.name}", "IsGlobal": False, "Options": options}


def key(table: Table, found: Key) -> dict[str, Any]:
    """The EntityKeyMetadata of an alternate key."""
    return {"MetadataId": found.id, "LogicalName": found.name, "SchemaName": found.schema,
            "EntityLogicalName": table.name, "KeyAttributes": list(found.columns),
            "EntityKeyIndexStatus": found.status, "IsCustomizable": _managed(True, "iscustomizable"),
            "IsManaged": False, "DisplayName": label(found.schema), "AsyncJob": None}


def many_to_many(table: Table, link: Link) -> dict[str, Any]:
    """The ManyToManyRelationshipMetadata, its tables in the order of their names."""
    (first, mine), (second, theirs) = sorted(((table.name, link.mine), (link.table, link.theirs)))
    return {
        "MetadataId": metadata_id("relationship", link.name), "SchemaName": link.name,
        "RelationshipType": "ManyToManyRelationship", "IntersectEntityName": link.intersect,
        "Entity1LogicalName": first, "Entity1IntersectAttribute": mine, "Entity1NavigationPropertyName": link.name,
        "Entity2LogicalName": second, "Entity2IntersectAttribute": theirs, "Entity2NavigationPropertyName": link.name,
        "IsCustomRelationship": False}


def many_to_one(table: Table, nav: Nav, target: Table | None, name: str) -> dict[str, Any]:
    """The OneToManyRelationshipMetadata seen from the referencing side."""
    other = nav.targets[0] if nav.targets else ""
    referenced = next((m.name for m in target.many.values()
                       if m.table == table.name and m.column == nav.column), "") if target else ""
    return {
        "MetadataId": metadata_id("relationship", table.name, nav.name), "SchemaName": name,
        "RelationshipType": "OneToManyRelationship", "ReferencingEntity": table.name,
        "ReferencingAttribute": nav.column, "ReferencingEntityNavigationPropertyName": nav.name,
        "ReferencedEntity": other, "ReferencedAttribute": target.pk if target else f"{other}id",
        "ReferencedEntityNavigationPropertyName": referenced, "IsCustomRelationship": table.columns[nav.column].custom}
