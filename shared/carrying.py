"""The tables that are carried: which flows there are, what they listen to, and whether they can run.

One flow's functions serve all of them (`part_names`). Composes nothing and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from shared.errors import Misconfigured, SchemaMismatch
from shared.fields import FieldInfo
from shared.flows import FLOWS, flow_named
from shared.kinds import DOCUMENTS, Kind, TableKind, kind_of
from shared.mapping.check import Known, check
from shared.mapping.findings import Finding, stop_at
from shared.mapping.load import MappingFile
from shared.mapping.rules import Rules
from shared.mapping.tables import FLOW as TABLES
from shared.mapping.tables import STEM, TAKEN, name_of, stem_of
from shared.settings import Settings
from shared.shopify.client import ShopifyClient
from shared.sync.flow import Flow, Timing

PAGE_AGE_S = 86_400.0
"""For so long the content of a table's page is believed: a bulk operation may take hours, and waits may follow."""
_TYPES = {"String": "text", "Memo": "text", "Decimal": "decimal", "Integer": "integer", "DateTime": "datetime",
          "Date": "date", "Boolean": "boolean", "Picklist": "choice"}  # fmt: skip


def flows(settings: Settings) -> tuple[Flow, ...]:
    """Every flow that jobs are made of: for tables one for each that is carried."""
    fixed = (flow for flow in FLOWS if flow.name != TABLES)
    return (*fixed, *(flow_named(name_of(table)) for table in settings.tables))


def part_names(settings: Settings, flow_name: str) -> tuple[str, ...]:
    """The flows that one flow's functions serve: itself, or all tables that are carried."""
    return tuple(map(name_of, settings.tables)) if flow_name == TABLES else (flow_name,)


def timing(kind: Kind, general: Timing) -> Timing:
    """A table's times. Its pages may be old, for nothing is written back: what was applied or parked behind such a read
    is told by its moment, and what changed behind it is found as any change is."""
    age_s = max(general.content_age_s, PAGE_AGE_S)
    return replace(general, content_age_s=age_s) if isinstance(kind, TableKind) else general


def topics(flow: Flow, rules: Callable[[], Rules], client: ShopifyClient) -> Mapping[str, str]:
    """What a flow listens to (see Flow); a table's follow from its file. Raises Misconfigured where that is wrong."""
    kind = kind_of(rules()) if stem_of(flow.name) else None
    return kind.topics(client.schema) if isinstance(kind, TableKind) else flow.topics


class Describes(Protocol):
    """Whoever can say what a path is."""

    def describe(self, path: str) -> FieldInfo | None:
        """What the schema says of it; None where it does not exist."""


class Rows(Describes, Protocol):
    """Rows of CRM, as far as they are asked here."""

    @property
    def names(self) -> Sequence[str]:
        """What a path may begin with. Raises SchemaMismatch where there is no such table."""


Sides = tuple[Describes, Rows]
"""The records in Shopify, and the rows in CRM."""


@dataclass(frozen=True)
class Side:
    """One side's schema in the words of the mapping check. `entity` None: nothing of it is there yet; `planned`: what
    `setup` would make."""

    entity: Describes | None
    own: Sequence[str]
    planned: Mapping[str, FieldInfo]
    searchable: Collection[str] | None = None

    @property
    def names(self) -> Sequence[str]:
        """The names that are there, and those that will be."""
        return [*self.own, *self.planned]

    def describe(self, path: str) -> FieldInfo | None:
        """The field at a path, or what it will be; None where there is none."""
        try:
            found = self.entity.describe(path) if self.entity else None
        except SchemaMismatch:
            if not self.planned:
                raise
            found = None
        return found or self.planned.get(path)

    def required_on_create(self) -> Sequence[str]:
        """None: of a table of ours nothing is."""
        return ()


def planned(kind: TableKind, shop_key: str) -> Mapping[str, FieldInfo]:
    """The columns that `setup` makes for a table's file, by their paths in records."""
    wanted = kind.wanted([shop_key])
    of = {table.name: f"{table.relation}." if table.relation else "" for table in wanted.tables}
    found: dict[str, FieldInfo] = {}
    for column in wanted.columns:
        path = of[column.table] + column.name
        options = tuple(str(number) for number, _ in column.options)
        found[path] = FieldInfo(
            path, _TYPES[column.type.value], creatable=True, updatable=True, options=options,
            max_length=column.max_length or None, precision=4 if column.type.value == "Decimal" else None,
        )  # fmt: skip
    for lookup in wanted.lookups:
        path = of[lookup.table] + lookup.name
        found[path] = FieldInfo(path, "reference", creatable=True, updatable=True)
    for table in wanted.tables:
        path = of[table.name] + table.name_column
        found[path] = FieldInfo(path, "text", creatable=True, updatable=True, max_length=200)
    for relation in (table.relation for table in wanted.tables if table.relation):
        inside = tuple(path.removeprefix(f"{relation}.") for path in found if path.startswith(f"{relation}."))
        found[relation] = FieldInfo(relation, "object", is_list=True, inside=inside)
    for name, options in (("statecode", ("0", "1")), ("statuscode", ("1", "2"))):
        found[name] = FieldInfo(name, "choice", updatable=True, options=options)
    return found


def findings(
    mapping: MappingFile, sides: Sides, client: ShopifyClient, known: Known, yet: Mapping[str, FieldInfo] | None
) -> list[Finding]:
    """A table's file held against both schemas; `yet` is what CRM will have besides what it has, None: all of it is
    unknown."""
    names = list(client.schema.entry(mapping.model.source.type or "").get("f", ()))
    return check(mapping, Side(sides[0], names, {}), None if yet is None else _of_crm(sides[1], yet), known)


def _of_crm(rows: Rows, yet: Mapping[str, FieldInfo]) -> Side:
    try:
        return Side(rows, rows.names, yet)
    except SchemaMismatch:
        if not yet:
            raise
        return Side(None, (), yet)


def table_of(file: Callable[[Flow], MappingFile], kind: str) -> str:
    """The table of CRM that a kind's rows are in, by its own file; empty where that cannot say so."""
    if kind not in TAKEN and not STEM.fullmatch(kind):
        return ""
    fixed = next((flow for flow in FLOWS if flow.kind == kind), None) if kind in TAKEN else flow_named(name_of(kind))
    if fixed is None or kind == DOCUMENTS.name:  # documents are in several
        return ""
    try:
        model = file(fixed).model
    except Misconfigured:  # its own flow tells that
        return ""
    return model.target.table or model.source.table or ""


def check_now(mapping: MappingFile, sides: Sides, client: ShopifyClient, known: Known) -> None:
    """Raise MappingInvalid, naming file, line and fix, where what CRM has now is not what the file needs."""
    stop_at(findings(mapping, sides, client, known, {}), "see docs/tables.md")
