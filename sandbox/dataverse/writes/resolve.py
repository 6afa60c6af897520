"""Finds the rows that addresses and bindings name: by GUID, by alternate key, by Content-ID.

It reads, it never writes. Every failure answers with the documented code.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import bad_request, error, payload
from sandbox.dataverse.metadata.model import Key, Table
from sandbox.dataverse.store import Row
from sandbox.dataverse.urls import Segment, parse_key, split_path
from sandbox.dataverse.values import guid

from .convert import convert

_REFERENCE = re.compile(r"^/?\$([A-Za-z0-9_.\-]+)$")


def find_key(table: Table, values: dict[str, Any]) -> tuple[Key, Row]:
    """The active alternate key that consists of exactly these columns, and the values by column."""
    columns: Row = {}
    for name, value in values.items():
        column = table.by_wire.get(name) or table.columns.get(name)
        if column is None:
            raise _not_a_key(table)
        if isinstance(value, str) and (column.is_lookup or column.type == "Uniqueidentifier"):
            value = guid(value)
        elif not column.is_lookup:
            value = convert(table, column, value)
        columns[column.name] = value
    for key in table.keys.values():
        if set(key.columns) == set(columns):
            if key.status != "Active":
                raise error("EntityKeyNotDefined", table.name)
            return key, columns
    raise _not_a_key(table)


def _not_a_key(table: Table) -> Exception:
    kind = f"Microsoft.Dynamics.CRM.{table.name}"
    return error(
        "EntityKeyNotDefined",
        message=f"The key in the request URI is not valid for resource '{kind}'. Ensure that the names and number "
        f"of key properties match the declared key properties for the resource '{kind}'.")


def address(ctx: Context, table: Table, args: str) -> tuple[str | None, Row]:
    """The row id a key predicate names (None when an alternate key finds nothing) and the key's values."""
    key = parse_key(args, table.name)
    if isinstance(key, str):
        return key, {}
    if set(key) == {table.pk}:
        return guid(key[table.pk]), {}
    _, values = find_key(table, key)
    found = ctx.store.find(table, values, [table.pk], limit=1)
    return (found[0][table.pk] if found else None), values


def existing(ctx: Context, table: Table, args: str) -> str:
    """As `address`, but 404 0x80060891 or 0x80040217 when there is no such row."""
    row_id, values = address(ctx, table, args)
    if row_id is None:
        raise error("RecordNotFoundByEntityKey", table.name)
    if values or ctx.store.get(table, row_id, [table.pk]):
        return row_id
    raise error("ObjectDoesNotExist", table.name, row_id)


def reference(ctx: Context, text: str, entity_set: str) -> tuple[Table, str]:
    """The table and row a binding names: `/set(id)`, `set(key='v')`, an absolute address, or `$1`."""
    if not isinstance(text, str):
        raise payload(entity_set, "An @odata.bind value must be a string.")
    path = local_path(ctx, text)
    segments = split_path(path)
    if len(segments) != 1 or segments[0].args is None:
        raise payload(entity_set, f"The URI '{text}' is not valid because it does not address one entity.")
    return row_of(ctx, segments[0])


def row_of(ctx: Context, segment: Segment) -> tuple[Table, str]:
    """The table and existing row of a path segment with a key."""
    table = ctx.registry.by_set(segment.name)
    return table, existing(ctx, table, segment.args or "")


def local_path(ctx: Context, text: str) -> str:
    """An address relative to the API root, with Content-ID references put in."""
    match = _REFERENCE.match(text)
    if match:
        text = content_reference(ctx, match.group(1))
    if "://" in text or text.startswith("/api/data/"):
        text = re.sub(r"^(?:https?://[^/]+)?/api/data/v9\.\d+/", "", text)
    return unquote(text)


def content_reference(ctx: Context, name: str) -> str:
    """The address an earlier part of the change set got; 400 when there is none."""
    if name not in ctx.content_ids:
        raise bad_request(f"Content-ID Reference: '${name}' does not exist in the batch context.")
    return ctx.content_ids[name]
