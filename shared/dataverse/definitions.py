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
    """Types of columns that an installation adds: Dataverse's AttributeType, and what it tells apart by formats."""

    TEXT = "String"
    LONG_TEXT = "Memo"
    DECIMAL = "Decimal"
    INTEGER = "Integer"
    MOMENT = "DateTime"
    DATE = "Date"
    BOOLEAN = "Boolean"
    CHOICE = "Picklist"

    @property
    def kind(self) -> str:
        """What Dataverse calls it: a date is one of its times."""
        return "DateTime" if self is ColumnType.DATE else self.value


_FACTS: Mapping[ColumnType, Mapping[str, Any]] = {
    ColumnType.TEXT: {"FormatName": {"Value": "Text"}},
    ColumnType.LONG_TEXT: {"Format": "TextArea"},
    ColumnType.DECIMAL: {"Precision": 4, "MinValue": -100_000_000_000, "MaxValue": 100_000_000_000},
    ColumnType.INTEGER: {"Format": "None", "MinValue": -2_147_483_648, "MaxValue": 2_147_483_647},
    ColumnType.MOMENT: {"Format": "DateAndTime", "DateTimeBehavior": {"Value": "UserLocal"}},
    ColumnType.DATE: {"Format": "DateOnly", "DateTimeBehavior": {"Value": "DateOnly"}},
    ColumnType.BOOLEAN: {"DefaultValue": False},
    ColumnType.CHOICE: {},
}


@dataclass(frozen=True, slots=True)
class NewColumn:
    """A column of ours. `name` is the logical name, prefix included; texts have a length, choices options."""

    table: str
    name: str
    label: str
    max_length: int = 0
    type: ColumnType = ColumnType.TEXT
    options: tuple[tuple[int, str], ...] = ()

    @property
    def definition(self) -> dict[str, Any]:
        """The body that makes it."""
        length = {"MaxLength": self.max_length} if self.max_length else {}
        return {**_column(self.name, self.label, self.type), **length, **self._choices()}

    def _choices(self) -> dict[str, Any]:
        if self.type is ColumnType.BOOLEAN:
            return {"OptionSet": {"TrueOption": _option(1, "Yes"), "FalseOption": _option(0, "No")}}
        if self.type is not ColumnType.CHOICE:
            return {}
        options = [_option(number, text) for number, text in self.options]
        return {"OptionSet": {"IsGlobal": False, "OptionSetType": "Picklist", "Options": options}}


@dataclass(frozen=True, slots=True)
class NewLookup:
    """A lookup of ours from a table's rows to another's. A row stays when the one it names is deleted."""

    table: str
    name: str
    label: str
    target: str

    @property
    def definition(self) -> dict[str, Any]:
        """The body that makes it, with its relationship."""
        schema = f"new_{self.target.removeprefix('new_')}_{self.name.removeprefix('new_')}_"
        return {
            "@odata.type": f"{CAST}OneToManyRelationshipMetadata",
            "SchemaName": f"{schema}{self.table.removeprefix('new_')}"[:100],
            "ReferencedEntity": self.target,
            "ReferencingEntity": self.table,
            "CascadeConfiguration": {"Delete": "RemoveLink", "Assign": "NoCascade", "Share": "NoCascade"},
            "Lookup": {
                "@odata.type": f"{CAST}LookupAttributeMetadata",
                "SchemaName": self.name,
                "DisplayName": label(self.label),
            },
        }


@dataclass(frozen=True, slots=True)
class NewTable:
    """A table of ours. Do its rows belong to rows of another, `lookup` is their column, `relation` its relationship."""

    name: str
    label: str
    plural: str
    parent: str = ""
    lookup: str = ""
    relation: str = ""

    @property
    def name_column(self) -> str:
        """The column that people know its rows by."""
        return f"{self.name.partition('_')[0]}_name"

    @property
    def definition(self) -> dict[str, Any]:
        """The body that makes the table, with the name column that every table has."""
        name = {**_column(self.name_column, "Name", ColumnType.TEXT), "IsPrimaryName": True}
        return {
            "@odata.type": f"{CAST}EntityMetadata",
            "SchemaName": self.name,
            "DisplayName": label(self.label),
            "DisplayCollectionName": label(self.plural),
            "OwnershipType": "UserOwned",
            "HasActivities": False,
            "HasNotes": False,
            "Attributes": [{**name, "MaxLength": NAME_LENGTH}],
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
    lookups: tuple[NewLookup, ...] = ()

    def __add__(self, other: Wanted) -> Wanted:
        """Both together, what both want once."""
        return Wanted(
            tuple(dict.fromkeys((*self.columns, *other.columns))),
            tuple(dict.fromkeys((*self.keys, *other.keys))),
            tuple(dict.fromkeys((*self.tracked, *other.tracked))),
            self.solution or other.solution,
            tuple(dict.fromkeys((*self.tables, *other.tables))),
            tuple(dict.fromkeys((*self.lookups, *other.lookups))),
        )


def label(text: str) -> dict[str, Any]:
    """A label in English."""
    localized = {"@odata.type": f"{CAST}LocalizedLabel", "Label": text, "LanguageCode": LANGUAGE}
    return {"@odata.type": f"{CAST}Label", "LocalizedLabels": [localized]}


def _option(number: int, text: str) -> dict[str, Any]:
    return {"Value": number, "Label": label(text)}


def _column(name: str, title: str, of: ColumnType) -> dict[str, Any]:
    return {
        "@odata.type": f"{CAST}{of.kind}AttributeMetadata",
        "AttributeType": of.kind,
        "AttributeTypeName": {"Value": f"{of.kind}Type"},
        "SchemaName": name,
        "DisplayName": label(title),
        "RequiredLevel": {"Value": "None"},
        **_FACTS[of],
    }
