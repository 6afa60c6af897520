"""Relay connections as Shopify pages them: sizes, cursors, keyset conditions.

A page costs what the page holds, whatever the size of the store.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sandbox.shopify.clock import parse_micros
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.store.database import Database, Row

MAX_PAGE = 250
MAX_DEPTH = 25_000
# An argument of our own: a bulk operation reads a list to its end, however deep that is.
WHOLE = "__whole"


@dataclass(frozen=True)
class Order:
    """What a list is sorted by: a column, whether it reads as a time, and whether letters compare without case."""

    column: str
    time: bool = False
    nocase: bool = False
    nullable: bool = False


@dataclass
class Connection:
    """One page and what `pageInfo` says of it."""

    rows: list[Row]
    has_next: bool
    has_previous: bool
    cursor_of: Callable[[Row], str]

    @cached_property
    def nodes(self) -> list[Row]:
        """The records."""
        return self.rows

    @cached_property
    def edges(self) -> list[Row]:
        """The records with their cursors."""
        return [{"node": row, "cursor": self.cursor_of(row)} for row in self.rows]

    @cached_property
    def page_info(self) -> Row:
        """As GraphQL names it."""
        return {
            "hasNextPage": self.has_next,
            "hasPreviousPage": self.has_previous,
            "startCursor": self.cursor_of(self.rows[0]) if self.rows else None,
            "endCursor": self.cursor_of(self.rows[-1]) if self.rows else None,
        }


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Select:
    """A list in the store: what to select from where, the number's column, the order, how cursors show values."""

    columns: str
    source: str
    where: str
    parameters: list[Any]
    id_column: str
    order: Order
    show: Callable[[Any], Any] = _as_it_is


def page(database: Database, select: Select, args: dict[str, Any], limit: int = MAX_PAGE) -> Connection:
    """One page of a list by first/after or last/before; raises FieldFailed in the vendor's words."""
    size, forward = size_of(args, limit)
    reverse = bool(args.get("reverse"))
    descending = reverse if forward else not reverse
    where, parameters = [select.where], list(select.parameters)
    if args.get("after") and not args.get(WHOLE):
        _depth(database, select, args["after"], reverse)
    for name, after in (("after", True), ("before", False)):
        if args.get(name):
            text, values = _beyond(select, decode(args[name]), reverse if after else not reverse)
            where.append(text)
            parameters += values
    collate = " COLLATE NOCASE" if select.order.nocase else ""
    way = "DESC" if descending else "ASC"
    same = select.order.column == select.id_column
    order = f"{select.id_column} {way}" if same else f"{select.order.column}{collate} {way}, {select.id_column} {way}"
    sql = (
        f"SELECT {select.columns} FROM {select.source} WHERE {' AND '.join(where)} "  # noqa: S608 - parts are our own
        f"ORDER BY {order} LIMIT ?"
    )
    rows = database.all(sql, [*parameters, size + 1])
    more = len(rows) > size
    rows = rows[:size] if forward else rows[:size][::-1]
    beyond = bool(args.get("after" if forward else "before"))
    return Connection(rows, more if forward else beyond, beyond if forward else more, _cursor(select))


def _depth(database: Database, select: Select, cursor: str, reverse: bool) -> None:
    text, values = _beyond(select, decode(cursor), not reverse)
    sql = (
        f"SELECT COUNT(*) FROM (SELECT 1 FROM {select.source} "  # noqa: S608 - parts are our own
        f"WHERE {select.where} AND {text} LIMIT {MAX_DEPTH})"
    )
    if database.value(sql, [*select.parameters, *values]) >= MAX_DEPTH - 1:
        raise FieldFailed(f"Pagination is limited to {MAX_DEPTH} objects; use a filter to reach more", "BAD_REQUEST")


def _own_id(row: Row) -> tuple[Any, Any]:
    return row["id"], row["id"]


def listed(
    rows: list[Row],
    args: dict[str, Any],
    limit: int = MAX_PAGE,
    mark: Callable[[Row], tuple[Any, Any]] = _own_id,
) -> Connection:
    """One page of a short list that is already in memory and in order; `mark` is what a cursor holds of a row."""
    size, forward = size_of(args, limit)
    if args.get("reverse"):
        rows = rows[::-1]
    identifiers = [mark(row)[0] for row in rows]
    start, end = 0, len(rows)
    if args.get("after"):
        start = _position(identifiers, decode(args["after"])["last_id"], len(rows)) + 1
    if args.get("before"):
        end = _position(identifiers, decode(args["before"])["last_id"], len(rows))
    window = rows[start:end]
    kept = window[:size] if forward else window[-size:] if size else []
    more = len(window) > size
    shown = more if forward else end < len(rows)
    return Connection(kept, shown, start > 0 if forward else more, lambda row: encode(*mark(row)))


def size_of(args: dict[str, Any], limit: int = MAX_PAGE) -> tuple[int, bool]:
    """Page size and direction."""
    first, last = args.get("first"), args.get("last")
    if first is None and last is None:
        raise FieldFailed("you must provide one of first or last", "BAD_REQUEST")
    if first is not None and last is not None:
        raise FieldFailed("providing both first and last is not supported", "BAD_REQUEST")
    name, size = ("first", first) if first is not None else ("last", last)
    if size > limit:
        raise FieldFailed(f"{name} cannot exceed {limit}", "BAD_REQUEST")
    if size < 0:
        raise FieldFailed(f"{name} cannot be less than 0", "BAD_REQUEST")
    return size, first is not None


def encode(number: Any, value: Any) -> str:
    """A cursor as Shopify writes it: without the value where there is none (recorded)."""
    content = {"last_id": number} | ({} if value is None else {"last_value": value})
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    return base64.b64encode(text.encode()).decode()


def decode(cursor: str) -> dict[str, Any]:
    """What a cursor says; raises FieldFailed when it is none."""
    try:
        content = json.loads(base64.b64decode(cursor, validate=True))
        return {"last_id": content["last_id"], "last_value": content.get("last_value")}
    except (ValueError, binascii.Error, KeyError, TypeError, AttributeError):
        raise FieldFailed("Malformed cursor", "BAD_REQUEST") from None


def _position(identifiers: list[Any], wanted: Any, default: int) -> int:
    return identifiers.index(wanted) if wanted in identifiers else default


def _cursor(select: Select) -> Callable[[Row], str]:
    column = select.order.column.rsplit(".", 1)[-1]
    return lambda row: encode(row["id"], select.show(row[column]))


def _beyond(select: Select, cursor: dict[str, Any], descending: bool) -> tuple[str, list[Any]]:
    sign = "<" if descending else ">"
    number = cursor["last_id"]
    if select.order.column == select.id_column:
        return f"{select.id_column} {sign} ?", [number]
    collate = " COLLATE NOCASE" if select.order.nocase else ""
    column = f"{select.order.column}{collate}"
    value = _column_value(select.order, cursor["last_value"])
    if value is None:
        if descending:
            return f"({column} IS NULL AND {select.id_column} < ?)", [number]
        return f"({column} IS NOT NULL OR {select.id_column} > ?)", [number]
    text = f"({column} {sign}= ? AND ({column} {sign} ? OR {select.id_column} {sign} ?))"
    if descending and select.order.nullable:
        text = f"({text} OR {column} IS NULL)"
    return text, [value, value, number]


def _column_value(order: Order, value: Any) -> Any:
    if not order.time or value is None:
        return value
    if isinstance(value, int):
        return value * 1000
    return parse_micros(str(value).replace(" ", "T"))
