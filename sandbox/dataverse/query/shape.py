"""Rows as JSON objects: etag, columns, and the annotations that were asked for.

It reads names of referenced rows in one query per table and page, never per row.
"""

# ruff: noqa: S608 - names come from the schema, values always travel as parameters
from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import unknown_property
from sandbox.dataverse.metadata.model import Column, Table
from sandbox.dataverse.store import Row, physical_columns, type_column
from sandbox.dataverse.values import EXACT_TYPES

FORMATTED = "OData.Community.Display.V1.FormattedValue"
LOOKUP_TABLE = "Microsoft.Dynamics.CRM.lookuplogicalname"
LOOKUP_NAV = "Microsoft.Dynamics.CRM.associatednavigationproperty"
_CHUNK = 400


def etag(row: Row) -> str:
    """The row's weak ETag."""
    return f'W/"{row["versionnumber"]}"'


def selected(table: Table, select: list[str] | None) -> list[Column]:
    """The columns a `$select` names (all readable ones without it); 400 0x80060888 for unknown names."""
    if select is None:
        return [c for c in table.columns.values() if c.read]
    columns = {}
    for name in select:
        column = table.by_wire.get(name)
        if column is not None and column.read:
            columns[name] = column
        elif name not in table.one and name not in table.many and name not in table.links:
            raise unknown_property(name, table.name)
    columns.setdefault(table.pk, table.columns[table.pk])
    return list(columns.values())


def needed(table: Table, columns: list[Column], extra: Iterable[str]) -> list[str]:
    """The physical columns to read for these columns, the version and extra ones."""
    if len(columns) == len(table.columns):
        return physical_columns(table)
    names = dict.fromkeys([table.pk, "versionnumber", *(c.name for c in columns), *extra])
    for name in list(names):
        column = table.columns[name]
        if column.polymorphic:
            names[type_column(name)] = None
    if any(c.type == "Money" for c in columns) and "transactioncurrencyid" in table.columns:
        names["transactioncurrencyid"] = None
    return list(names)


def number(column: Column, value: Decimal) -> Decimal:
    """An exact number with the decimals the wire shows."""
    return value.quantize(Decimal(1).scaleb(-column.digits))


class Shaper:
    """Turns rows of one table into JSON objects."""

    def __init__(self, ctx: Context, table: Table, columns: list[Column]) -> None:
        self._ctx = ctx
        self._table = table
        self._columns = [(c.wire, c, c.type in EXACT_TYPES) for c in columns]
        prefer = ctx.prefer
        self._formatted = prefer.annotates(FORMATTED)
        self._lookups = prefer.annotates(LOOKUP_TABLE)
        self._navs = prefer.annotates(LOOKUP_NAV)
        self._names: dict[tuple[str, str], str | None] = {}

    def shape(self, rows: list[Row]) -> list[dict[str, Any]]:
        """The rows as JSON objects."""
        if self._formatted:
            self._load_names(rows)
        return [self._one(row) for row in rows]

    def _one(self, row: Row) -> dict[str, Any]:
        out: dict[str, Any] = {"@odata.etag": etag(row)}
        annotated = self._formatted or self._lookups or self._navs
        for wire, column, exact in self._columns:
            value = row.get(column.name)
            if annotated and value is not None:
                self._annotate(out, wire, column, row)
            out[wire] = number(column, value) if exact and value is not None else value
        return out

    def _annotate(self, out: dict[str, Any], wire: str, column: Column, row: Row) -> None:
        if self._formatted:
            text = self._text(column, row)
            if text is not None:
                out[f"{wire}@{FORMATTED}"] = text
        if column.is_lookup:
            target = self._target(column, row)
            nav = self._table.nav_to(column.name, target)
            if self._navs and nav is not None:
                out[f"{wire}@{LOOKUP_NAV}"] = nav.name
            if self._lookups and target is not None:
                out[f"{wire}@{LOOKUP_TABLE}"] = target

    def _target(self, column: Column, row: Row) -> str | None:
        if column.polymorphic:
            found = row.get(type_column(column.name))
            return str(found) if found else None
        return column.targets[0] if column.targets else None

    def _text(self, column: Column, row: Row) -> str | None:
        value = row[column.name]
        if column.is_lookup:
            return self._names.get((self._target(column, row) or "", value))
        if column.options:
            return option_label(column, value)
        if column.type == "Money":
            return self._money(column, row)
        if column.type == "Boolean":
            return "Yes" if value else "No"
        if column.type in ("Decimal", "Integer"):
            return f"{round(value, column.precision or 0) if column.type == 'Decimal' else value:,}"
        return shown_time(value) if column.type == "DateTime" and not column.date_only else None

    def _money(self, column: Column, row: Row) -> str:
        symbol, digits = self._symbol(row.get("transactioncurrencyid"))
        return f"{symbol}{round(row[column.name], digits):,.{digits}f}"

    def _symbol(self, currency_id: str | None) -> tuple[str, int]:
        known = self._ctx.scratch.setdefault("symbols", {})
        if currency_id not in known:
            table = self._ctx.table("transactioncurrency")
            row = self._ctx.store.get(table, currency_id) if currency_id else None
            known[currency_id] = (row["currencysymbol"], row["currencyprecision"]) if row else ("", 2)
        found: tuple[str, int] = known[currency_id]
        return found

    def _load_names(self, rows: list[Row]) -> None:
        wanted: dict[str, set[str]] = {}
        for _, column, _ in self._columns:
            if column.is_lookup:
                for row in rows:
                    target = self._target(column, row)
                    if row.get(column.name) and target:
                        wanted.setdefault(target, set()).add(row[column.name])
        for target, ids in wanted.items():
            table = self._ctx.registry.get(target)
            if table is None or table.primary_name not in table.columns:
                continue
            for chunk in chunks(sorted(ids)):
                found = self._ctx.store.query(
                    f'SELECT "{table.pk}", "{table.primary_name}" FROM "{table.name}" '
                    f'WHERE "{table.pk}" IN ({",".join("?" * len(chunk))})', chunk)
                self._names.update({(target, r[0]): r[1] for r in found})


def option_label(column: Column, value: Any) -> str | None:
    """The label of a choice."""
    return next((o.label for o in column.options if o.value == value), None)


def shown_time(text: str) -> str:
    """A time as an English organization shows it, in UTC."""
    date, time = text[:10].split("-"), text[11:16].split(":")
    hour = int(time[0])
    return f"{int(date[1])}/{int(date[2])}/{date[0]} {hour % 12 or 12}:{time[1]} {'PM' if hour >= 12 else 'AM'}"


def chunks(items: list[str]) -> Iterable[list[str]]:
    """The list in pieces that fit a SQL parameter list."""
    for at in range(0, len(items), _CHUNK):
        yield items[at:at + _CHUNK]
