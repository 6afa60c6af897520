"""Reads the schema files into tables, and custom definitions out of their stored JSON.

It must not know the database; `registry` joins both. Columns the sources lack (a primary id) are added here.
"""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from .model import Column, Link, Many, Nav, Option, Table

SCHEMA = Path(__file__).parent.parent / "schema"
_OWNER_NAVS = {"owner", "principal"}
_FIXED_PRECISION = {"exchangerate": 12, "quantity": 5}


def load_tables(tracking_default: bool) -> dict[str, Table]:
    """All standard tables by logical name; tables whose tracking is unknown get the default."""
    tables = {}
    for name, (table, tracking) in _templates().items():
        tables[name] = replace(
            table, columns=dict(table.columns), one=dict(table.one), many=dict(table.many), keys={},
            by_wire=dict(table.by_wire), change_tracking=tracking_default if tracking is None else tracking)
    return tables


@lru_cache(maxsize=1)
def _templates() -> dict[str, tuple[Table, bool | None]]:
    """The tables as the files state them, read once; columns are shared because nothing changes them later."""
    overrides = {k: v["set"] for k, v in json.loads((SCHEMA / "overrides.json").read_text()).items()}
    tables, tracking = {}, {}
    for folder in ("platform", "sales"):
        for path in sorted((SCHEMA / folder).glob("*.json")):
            raw = json.loads(path.read_text(encoding="utf-8"))
            tables[path.stem] = table_from(path.stem, raw, False, overrides)
            tracking[path.stem] = raw.get("changeTracking")
    for table in tables.values():
        table.many = {n: m for n, m in table.many.items() if _reaches(tables, m)}
    for name, facts in json.loads((SCHEMA / "links.json").read_text()).items():
        first, second = (tables[t] for t in facts["tables"])
        for mine, other in ((first, second), (second, first)):
            mine.links[name] = Link(name, facts["intersect"], mine.pk, other.pk, other.name)
    return {name: (table, tracking[name]) for name, table in tables.items()}


def _reaches(tables: dict[str, Table], many: Many) -> bool:
    return many.table in tables and many.column in tables[many.table].columns


def table_from(name: str, raw: dict[str, Any], tracking: bool, overrides: dict[str, Any]) -> Table:
    """One table from its file: head, columns, navigation properties."""
    table = Table(
        name=name, schema=raw.get("schema", name), entity_set=raw["set"], pk=raw["pk"],
        primary_name=raw["name"], ownership=raw["owned"], object_type_code=raw.get("otc") or 0,
        change_tracking=raw.get("changeTracking", tracking), optimistic=raw.get("optimistic", True))
    if table.pk not in raw["columns"]:
        table.add_column(Column(table.pk, "Uniqueidentifier", table.pk, table.pk, "SystemRequired", update=False))
    for column, facts in raw["columns"].items():
        table.add_column(column_from(column, {**facts, **overrides.get(f"{name}.{column}", {})}))
    for nav, (column, target) in raw["one"].items():
        if column in table.columns:
            add_nav(table, nav, column, target)
    table.many = {nav: Many(nav, other, column) for nav, (other, column) in raw["many"].items()}
    for column in table.columns.values():
        if column.is_lookup and not column.targets:
            column.targets = tuple(t for nav in table.one.values() if nav.column == column.name for t in nav.targets)
    return table


def add_nav(table: Table, nav: str, column: str, target: str) -> None:
    """Make a single-valued navigation property known."""
    known = table.columns.get(column)
    targets = known.targets if known is not None and target in _OWNER_NAVS else (target,)
    table.one[nav] = Nav(nav, column, targets)


def column_from(name: str, facts: dict[str, Any]) -> Column:
    """One column from its facts; precision left open by the sources gets the platform's usual one."""
    kind = facts["type"]
    return Column(
        name=name, type=kind, schema=facts.get("schema", name), display=facts.get("display") or name,
        required=facts.get("required", "None"), create=facts.get("create", True), update=facts.get("update", True),
        read=facts.get("read", True), max_length=facts.get("maxlength"), minimum=_number(facts.get("min")),
        maximum=_number(facts.get("max")), precision=_precision(name, kind, facts),
        precision_source=_precision_source(kind, facts), format=facts.get("format"),
        date_only=facts.get("dtbehavior") == "DateOnly", behavior=facts.get("dtbehavior"),
        targets=tuple(facts.get("targets", ())), options=tuple(Option(*o) for o in facts.get("options", ())),
        default=facts.get("default"), custom=facts.get("custom", False),
        on_delete=facts.get("onDelete", ""))


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None


def _precision(name: str, kind: str, facts: dict[str, Any]) -> int | None:
    if "precision" in facts:
        return int(facts["precision"])
    if kind == "Money":
        return 4 if name.endswith("_base") else 2
    if kind == "Decimal":
        return _FIXED_PRECISION.get(name, 5 if name.startswith("quantity") else 2)
    return None


def _precision_source(kind: str, facts: dict[str, Any]) -> int | None:
    if kind != "Money":
        return None
    return int(facts.get("precisionSource", 2))
