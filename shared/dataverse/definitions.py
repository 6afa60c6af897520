"""What an installation adds to an organization, and its definitions as the Web API takes them. Sends nothing.

Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/create-update-column-definitions-using-web-api,
create-update-entity-definitions-using-web-api and create-update-entity-relationships-using-web-api.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LANGUAGE = 1033
CAST = "Microsoft.Dynamics.CRM."
NAME_LENGTH = 200


class ColumnType(StrEnum):
    """Types of columns that an installation adds: Dataverse's AttributeType."""

    TEXT = "String"
    LONG_TEXT = "Memo"
    DECIMAL = "Decimal"
    INTEGER = "Integer"
    MOMENT = "DateTime"


_FACTS: Mapping[ColumnType, Mapping[str, Any]] = {
    ColumnType.TEXT: {"FormatName": {"Value": "Text"}},
    ColumnType.LONG_TEXT: {"Format": "TextArea"},
    ColumnType.DECIMAL: {"Precision": 4, "MinValue": -100_000_000_000, "MaxValue": 100_000_000_000},
    ColumnType.INTEGER: {"Format": "None", "MinValue": -2_147_483_648, "MaxValue": 2_147_483_647},
    ColumnType.MOMENT: {"Format": "DateAndTime", "DateTimeBehavior": {"Value": "UserLocal"}},
}


@dataclass(frozen=True, slots=True)
class NewColumn:
    """A column of ours. `name` is the logical name, prefix included; texts have a length."""

    table: str
    name: str
    label: str
    max_length: int = 0
    type: ColumnType = ColumnType.TEXT

    @property
    def definition(self) -> dict[str, Any]:
        """The body that makes it."""
        length = {"MaxLength": self.max_length} if self.max_length else {}
        return {**_column(self.name, self.label, self.type), **length}


@dataclass(frozen=True, slots=True)
class NewTable:
    """A table of ours whose rows belong to rows of another: `lookup` is their column, `relation` its relationship."""

    name: str
    label: str
    plural: str
    parent: str
    lookup: str
    relation: str

    @property
    def definition(self) -> dict[str, Any]:
        """The body that makes the table, with the name column that every table has."""
        name = {**_column("new_name", "Name", ColumnType.TEXT), "IsPrimaryName": True, "MaxLength": NAME_LENGTH}
        return {
            "@odata.type": f"{CAST}EntityMetadata",
            "SchemaName": self.name,
            "DisplayName": label(self.label),
            "DisplayCollectionName": label(self.plural),
            "OwnershipType": "UserOwned",
            "HasActivities": False,
            "HasNotes": False,
            "Attributes": [name],
        }

    @property
    def relationship(self) -> dict[str, Any]:
        """The body that makes its lookup; rows go with the row they belong to."""
        return {
            "@odata.type": f"{CAST}OneToManyRelationshipMetadata",
            "SchemaName": self.relation,
            "ReferencedEntity": self.parent,
            "ReferencingEntity": self.name,
            "CascadeConfiguration": {"Delete": "Cascade", "Assign": "NoCascade", "Share": "NoCascade"},
            "Lookup": {
                "@odata.type": f"{CAST}LookupAttributeMetadata",
                "SchemaName": self.lookup,
                "DisplayName": label(self.parent),
            },
        }


@dataclass(frozen=True, slots=True)
class TableKey:
    """An alternate key of ours on one column."""

    table: str
    name: str
    label: str
    column: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything an installation wants. `solution` puts what is created into that unmanaged solution."""

    columns: tuple[NewColumn, ...]
    keys: tuple[TableKey, ...]
    tracked: tuple[str, ...]
    solution: str = ""
    tables: tuple[NewTable, ...] = ()


def label(text: str) -> dict[str, Any]:
    """A label in English."""
    localized = {"@odata.type": f"{CAST}LocalizedLabel", "Label": text, "LanguageCode": LANGUAGE}
    return {"@odata.type": f"{CAST}Label", "LocalizedLabels": [localized]}


def _column(name: str, title: str, of: ColumnType) -> dict[str, Any]:
    return {
        "@odata.type": f"{CAST}{of.value}AttributeMetadata",
        "AttributeType": of.value,
        "AttributeTypeName": {"Value": f"{of.value}Type"},
        "SchemaName": name,
        "DisplayName": label(title),
        "RequiredLevel": {"Value": "None"},
        **_FACTS[of],
    }
