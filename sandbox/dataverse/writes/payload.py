"""Reads the body of a create or update: columns, bindings and nested rows, each name checked.

Read-only columns are dropped silently and misspelt names are errors, as on the platform. Nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error, payload
from sandbox.dataverse.metadata.model import Column, Many, Nav, Table
from sandbox.dataverse.security import demand
from sandbox.dataverse.store import Row, type_column

from .convert import check_limits, convert
from .resolve import reference


@dataclass
class Parsed:
    """A body taken apart: column values, nested rows to create first and after, rows to attach."""

    values: Row = field(default_factory=dict)
    nested_one: list[tuple[Nav, dict[str, Any]]] = field(default_factory=list)
    nested_many: list[tuple[Many, list[dict[str, Any]]]] = field(default_factory=list)
    attach: list[tuple[Many, list[tuple[Table, str]]]] = field(default_factory=list)
    address: str | None = None


def parse_body(ctx: Context, table: Table, body: Any, creating: bool) -> Parsed:
    """Take the body apart; 400 0x80048d19 for anything undeclared."""
    if not isinstance(body, dict):
        raise payload(table.entity_set, "The body must be a JSON object.")
    parsed = Parsed()
    for name, value in body.items():
        if "@" in name:
            _annotation(ctx, table, parsed, (name, value, body))
        elif name in table.columns and not table.columns[name].is_lookup:
            _column(table, table.columns[name], parsed, value, creating)
        else:
            _navigation(table, parsed, name, value, creating)
    return parsed


def _column(table: Table, column: Column, parsed: Parsed, value: Any, creating: bool) -> None:
    found = convert(table, column, value)
    writable = column.create if creating else column.update
    if not writable:
        return
    if found is not None:
        check_limits(table, column, found)
    parsed.values[column.name] = found


def _annotation(ctx: Context, table: Table, parsed: Parsed, item: tuple[str, Any, dict[str, Any]]) -> None:
    name, value, body = item
    target, _, annotation = name.partition("@")
    if not target:
        if annotation == "odata.id":
            parsed.address = value
        elif annotation == "odata.type":
            _check_type(table, value)
        return
    if annotation != "odata.bind":
        if target not in body and target not in table.by_wire:
            raise undeclared(table, target)
        return
    if target in table.one:
        _bind(ctx, table, parsed, table.one[target], value)
    elif target in table.many:
        many = table.many[target]
        items = value if isinstance(value, list) else [value]
        parsed.attach.append((many, [reference(ctx, v, table.entity_set) for v in items]))
    else:
        raise _unbindable(table, target)


def _unbindable(table: Table, name: str) -> Exception:
    if name in table.links:
        return error(
            "UnExpected", status=501, message="The sandbox does not bind many-to-many relationships in a body.")
    return undeclared(table, name)


def _check_type(table: Table, value: Any) -> None:
    if not isinstance(value, str) or value.lstrip("#") not in (f"Microsoft.Dynamics.CRM.{table.name}", "crmbaseentity"):
        raise payload(
            table.entity_set,
            f"A resource with type '{value}' was found, but it is not assignable to the expected type "
            f"'Microsoft.Dynamics.CRM.{table.name}'.")


def undeclared(table: Table, name: str) -> Exception:
    """The error for an annotation on a property the type does not declare."""
    return payload(
        table.entity_set,
        f"An undeclared property '{name}' which only has property annotations in the payload but no property value "
        "was found in the payload. In OData, only declared navigation properties and declared named streams can be "
        "represented as properties without values.")


def _bind(ctx: Context, table: Table, parsed: Parsed, nav: Nav, value: Any) -> None:
    if value is None:
        set_lookup(table, parsed.values, nav, None, None)
        return
    other, row_id = reference(ctx, value, table.entity_set)
    if other.name not in nav.targets:
        raise payload(
            table.entity_set,
            f"A node of type 'Microsoft.Dynamics.CRM.{other.name}' is not assignable to the navigation property "
            f"'{nav.name}'.")
    demand(ctx, table, "Assign" if nav.column == "ownerid" else "Append")
    if nav.column != "ownerid":
        demand(ctx, other, "AppendTo")
    set_lookup(table, parsed.values, nav, other.name, row_id)


def set_lookup(table: Table, values: Row, nav: Nav, target: str | None, row_id: str | None) -> None:
    """Put a reference into column values, with its table where the lookup has several."""
    column = table.columns[nav.column]
    values[column.name] = row_id
    if column.polymorphic:
        values[type_column(column.name)] = target


def _navigation(table: Table, parsed: Parsed, name: str, value: Any, creating: bool) -> None:
    if name in table.by_wire:
        raise payload(
            table.entity_set,
            "CRM do not support direct update of Entity Reference properties, Use Navigation properties instead.")
    if name in table.one:
        _nested_one(table, parsed, table.one[name], value, creating)
    elif name in table.many and isinstance(value, list):
        if not creating:
            raise payload(table.entity_set, f"Deep update of navigation property '{name}' is not allowed.")
        parsed.nested_many.append((table.many[name], value))
    else:
        raise payload(
            table.entity_set,
            f"Invalid property '{name}' was found in entity 'Microsoft.Dynamics.CRM.{table.name}'.")


def _nested_one(table: Table, parsed: Parsed, nav: Nav, value: Any, creating: bool) -> None:
    if value is None:
        set_lookup(table, parsed.values, nav, None, None)
    elif isinstance(value, dict) and creating:
        parsed.nested_one.append((nav, value))
    elif isinstance(value, dict):
        raise payload(table.entity_set, f"Deep update of navigation property '{nav.name}' is not allowed.")
    else:
        raise payload(
            table.entity_set,
            "An unexpected 'PrimitiveValue' node was found when reading from the JSON reader. A 'StartObject' node "
            "was expected.")
