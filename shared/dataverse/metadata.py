"""What the organization says of its tables: columns, types, lengths, choices, lookups, keys; read once, when asked.

One batch of reads per table and process. It never decides what a mapping may do; it states facts.
Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared.dataverse import odata
from shared.dataverse.batch import Operation
from shared.dataverse.client import Client, rows_of
from shared.dataverse.faults import RowGone
from shared.errors import Rejected, SchemaMismatch, SyncError
from shared.fields import FieldInfo

_CAST = "Microsoft.Dynamics.CRM."
_TABLE = (
    "$select=LogicalName,EntitySetName,PrimaryIdAttribute,PrimaryNameAttribute,ChangeTrackingEnabled,"
    "IsOptimisticConcurrencyEnabled"
    "&$expand=Attributes($select=LogicalName,AttributeType,DisplayName,RequiredLevel,IsValidForRead,IsValidForCreate,"
    "IsValidForUpdate),Keys($select=LogicalName,KeyAttributes,EntityKeyIndexStatus),"
    "ManyToOneRelationships($select=ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName)"
)
_DETAILS = {
    "StringAttributeMetadata": "$select=LogicalName,MaxLength",
    "MemoAttributeMetadata": "$select=LogicalName,MaxLength",
    "DecimalAttributeMetadata": "$select=LogicalName,Precision",
    "DoubleAttributeMetadata": "$select=LogicalName,Precision",
    "MoneyAttributeMetadata": "$select=LogicalName,Precision,PrecisionSource",
    "DateTimeAttributeMetadata": "$select=LogicalName,Format",
    "PicklistAttributeMetadata": "$select=LogicalName&$expand=OptionSet($select=Options)",
    "MultiSelectPicklistAttributeMetadata": "$select=LogicalName&$expand=OptionSet($select=Options)",
    "StateAttributeMetadata": "$select=LogicalName&$expand=OptionSet($select=Options)",
    "StatusAttributeMetadata": "$select=LogicalName&$expand=OptionSet($select=Options)",
}
_TYPES = {
    "String": "text", "Memo": "text", "EntityName": "text", "Uniqueidentifier": "text",
    "Integer": "integer", "BigInt": "integer",
    "Decimal": "decimal", "Money": "decimal", "Double": "decimal",
    "Boolean": "boolean", "DateTime": "datetime",
    "Picklist": "choice", "State": "choice", "Status": "choice",
    "Lookup": "reference", "Customer": "reference", "Owner": "reference",
}  # fmt: skip
# The platform fills these itself, so a create without them is not refused although they are SystemRequired.
_FILLED = frozenset({"choice", "boolean", "integer"})
_PRICING_PRECISION, _CURRENCY_PRECISION = 1, 2
ORGANIZATION = (
    "organizationid", "name", "oobpricecalculationenabled", "discountcalculationmethod", "ispricelistmandatory",
    "pricingdecimalprecision", "currencydecimalprecision", "basecurrencyprecision", "_basecurrencyid_value",
    "createproductswithoutparentinactivestate", "useinbuiltrulefordefaultpricelistselection",
    "issopintegrationenabled", "expirechangetrackingindays",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `kind` is Dataverse's AttributeType; `info` says the same in the words both systems share.

    `label` is what people see, and what Dataverse's own messages call the column.
    """

    name: str
    kind: str
    info: FieldInfo
    label: str = ""

    @property
    def is_lookup(self) -> bool:
        """Whether it refers to a row."""
        return self.info.type == "reference"

    @property
    def wire(self) -> str:
        """The property it is read as."""
        return f"_{self.name}_value" if self.is_lookup else self.name


@dataclass(frozen=True, slots=True)
class Lookup:
    """One way a lookup column may point: `navigation` is what a write binds."""

    column: str
    target: str
    navigation: str


@dataclass(frozen=True, slots=True)
class Key:
    """An alternate key. `status` is Pending, InProgress, Active or Failed."""

    name: str
    columns: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table as this organization defines it. `versioned`: it takes a row's ETag as a condition."""

    name: str
    entity_set: str
    id_column: str
    name_column: str
    tracked: bool
    columns: Mapping[str, Column]
    lookups: tuple[Lookup, ...]
    keys: tuple[Key, ...]
    versioned: bool = True

    def column(self, name: str) -> Column:
        """A column by name; SchemaMismatch naming it where there is none."""
        if name not in self.columns:
            raise SchemaMismatch(
                f"The table {self.name} has no column {name}. Create it (`python -m ops setup` creates the product's "
                "own ones) or take it out of the mapping.",
                facts={"table": self.name, "column": name},
            )
        return self.columns[name]

    def labelled(self, label: str) -> str:
        """The column of that label, or the label itself where none or several have it."""
        names = [column.name for column in self.columns.values() if column.label.casefold() == label.casefold()]
        return names[0] if len(names) == 1 else label

    def targets(self, column: str) -> tuple[Lookup, ...]:
        """Where a lookup column may point."""
        return tuple(lookup for lookup in self.lookups if lookup.column == column)

    def navigation(self, path: str) -> Lookup | None:
        """The lookup that a path names: a column with one target, or `customerid_account` where there are several."""
        direct = self.targets(path)
        if len(direct) == 1:
            return direct[0]
        return next((lookup for lookup in self.lookups if f"{lookup.column}_{lookup.target}" == path), None)


class Metadata:
    """The tables of one organization, each read at its first use. Safe to share between threads."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._tables: dict[str, Table] = {}
        self._sets: dict[str, str] = {}
        self._organization: Mapping[str, Any] | None = None
        self._lock = threading.RLock()

    def table(self, name: str) -> Table:
        """A table by logical name; SchemaMismatch where the organization has none of that name."""
        with self._lock:
            if name not in self._tables:
                self._tables[name] = self._read(name)
            return self._tables[name]

    def entity_set(self, name: str) -> str:
        """The name a table has in URLs; all of them are read in one call, because lookups may point anywhere."""
        with self._lock:
            if name in self._tables:
                return self._tables[name].entity_set
            if not self._sets:
                url = "EntityDefinitions?$select=LogicalName,EntitySetName"
                for page in self._client.pages(url, name="entity set names"):
                    self._sets.update({row["LogicalName"]: row["EntitySetName"] for row in page.data["value"]})
            if name not in self._sets:
                raise SchemaMismatch(f"The table {name} does not exist in this organization.", facts={"table": name})
            return self._sets[name]

    def forget(self, name: str) -> None:
        """Read the table again at its next use: its definition was changed."""
        with self._lock:
            self._tables.pop(name, None)

    def describe(self, table: str, path: str) -> FieldInfo | None:
        """What a column is, for the check of a mapping; None where it does not exist.

        A lookup is named by its column; one with several targets by column and target (`customerid_account`).
        """
        known = self.table(table)
        if path in known.columns:
            return replace(known.columns[path].info, targets=tuple(each.target for each in known.targets(path)))
        lookup = known.navigation(path)
        if lookup is None or lookup.column not in known.columns:
            return None
        return replace(known.columns[lookup.column].info, path=path, required=False, targets=(lookup.target,))

    def required(self, table: str) -> tuple[FieldInfo, ...]:
        """The columns without which a create is refused."""
        return tuple(column.info for column in self.table(table).columns.values() if column.info.required)

    def known(self) -> Mapping[str, Table]:
        """The tables that were asked for so far."""
        with self._lock:
            return dict(self._tables)

    def organization(self) -> Mapping[str, Any]:
        """The organization's settings that change how it behaves (`ORGANIZATION` lists them)."""
        with self._lock:
            if self._organization is None:
                url = odata.query("organizations", {"$select": ",".join(ORGANIZATION)})
                rows = self._client.get(url, name="organization settings").data["value"]
                self._organization = rows[0] if rows else {}
            return self._organization

    def _read(self, name: str) -> Table:
        root = f"EntityDefinitions(LogicalName={odata.quoted(name)})"
        call = f"definition of {name}"
        urls = [f"{root}?{_TABLE}", *(f"{root}/Attributes/{_CAST}{cast}?{what}" for cast, what in _DETAILS.items())]
        strong = {"Consistency": "Strong"}
        reply = self._client.batch([Operation("GET", url, headers=strong) for url in urls], name=call)
        try:
            parts = [rows_of(part, call=call, answer=reply.answer) for part in reply.results]
        except (Rejected, RowGone, SchemaMismatch) as error:
            raise _unknown_table(name, error) from None
        details = {row["LogicalName"]: row for part in parts[1:] for row in part["value"]}
        return self._built(parts[0], details)

    def _built(self, found: Mapping[str, Any], details: Mapping[str, Mapping[str, Any]]) -> Table:
        own_id = found["PrimaryIdAttribute"]
        columns = {}
        for row in found["Attributes"]:
            name = row["LogicalName"]
            info = self._info(row, details.get(name, {}), is_id=name == own_id)
            if info is not None:
                columns[name] = Column(name, str(row["AttributeType"]), info, _label_of(row))
        return Table(
            name=found["LogicalName"],
            entity_set=found["EntitySetName"],
            id_column=own_id,
            name_column=found["PrimaryNameAttribute"] or "",
            tracked=bool(found["ChangeTrackingEnabled"]),
            columns=columns,
            lookups=_lookups(found["ManyToOneRelationships"]),
            keys=tuple(
                Key(row["LogicalName"], tuple(row["KeyAttributes"]), str(row["EntityKeyIndexStatus"]))
                for row in found["Keys"]
            ),
            versioned=found.get("IsOptimisticConcurrencyEnabled") is not False,
        )

    def _info(self, row: Mapping[str, Any], detail: Mapping[str, Any], *, is_id: bool) -> FieldInfo | None:
        kind = _TYPES.get(str(row["AttributeType"]))
        if "OptionSet" in detail and kind is None:
            kind = "choice"
        if kind is None:
            return None
        if kind == "datetime" and str(detail.get("Format")) == "DateOnly":
            kind = "date"
        level = (row.get("RequiredLevel") or {}).get("Value")
        creatable = bool(row["IsValidForCreate"])
        filled = kind in _FILLED or row["AttributeType"] == "EntityName"
        must = level == "SystemRequired" and creatable and not filled
        return FieldInfo(
            path=row["LogicalName"],
            type=kind,
            readable=bool(row["IsValidForRead"]),
            creatable=creatable,
            updatable=bool(row["IsValidForUpdate"]) and not is_id,
            max_length=detail.get("MaxLength"),
            precision=self._precision(detail),
            options=_options(detail),
            states=_options(detail, "State"),
            required=must and not is_id and row["LogicalName"] not in ("ownerid", "organizationid"),
        )

    def _precision(self, detail: Mapping[str, Any]) -> int | None:
        """Decimal places: a price follows the organization's setting, other money the currency of its row (None)."""
        source = detail.get("PrecisionSource")
        if source == _PRICING_PRECISION:
            return int(self.organization().get("pricingdecimalprecision", detail["Precision"]))
        return None if source == _CURRENCY_PRECISION else detail.get("Precision")


def _unknown_table(name: str, error: SyncError) -> SchemaMismatch:
    sentence = f"The table {name} does not exist in this organization, or its definition cannot be read."
    return SchemaMismatch(sentence, facts={**error.facts, "table": name})


def _lookups(rows: Sequence[Mapping[str, Any]]) -> tuple[Lookup, ...]:
    return tuple(
        Lookup(row["ReferencingAttribute"], row["ReferencedEntity"], row["ReferencingEntityNavigationPropertyName"])
        for row in rows
        if row["ReferencingEntityNavigationPropertyName"]
    )


def _label_of(row: Mapping[str, Any]) -> str:
    label = (row.get("DisplayName") or {}).get("UserLocalizedLabel") or {}
    return str(label.get("Label") or "")


def _options(detail: Mapping[str, Any], what: str = "Value") -> tuple[str, ...]:
    options = (detail.get("OptionSet") or {}).get("Options") or ()
    return tuple(str(option[what]) for option in options if what in option)
