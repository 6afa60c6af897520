"""Turns JSON values into column values and refuses what the column cannot hold.

Shapes are checked here (payload errors), limits in `check_limits` (validation errors); nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.dataverse.errors import DataverseError, error, payload
from sandbox.dataverse.metadata.model import Column, Table
from sandbox.dataverse.values import EXACT_TYPES, TEXT_TYPES, guid, parse_date, parse_time, wire_time

_EDM = {"Integer": "Edm.Int32", "Picklist": "Edm.Int32", "State": "Edm.Int32", "Status": "Edm.Int32",
        "BigInt": "Edm.Int64", "Boolean": "Edm.Boolean", "Money": "Edm.Decimal", "Decimal": "Edm.Decimal",
        "Double": "Edm.Double", "Uniqueidentifier": "Edm.Guid", "DateTime": "Edm.DateTimeOffset"}


def edm_type(column: Column) -> str:
    """The Edm type of a column, as $metadata states it."""
    if column.is_lookup:
        return "Edm.Guid"
    if column.type == "DateTime" and column.date_only:
        return "Edm.Date"
    if column.type == "Virtual":
        return "Edm.Binary"
    return _EDM.get(column.type, "Edm.String")


def _refuse(table: Table, column: Column, value: Any) -> DataverseError:
    return payload(
        table.entity_set, f"Cannot convert the literal '{value}' to the expected type '{edm_type(column)}'.")


def _text(value: Any) -> Any:
    return value if isinstance(value, str) else None


def _whole(value: Any) -> Any:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _exact(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    return number if number.is_finite() else None


def _double(value: Any) -> Any:
    return float(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _flag(value: Any) -> Any:
    return value if isinstance(value, bool) else None


def _moment(value: Any) -> Any:
    found = parse_time(value) if isinstance(value, str) else None
    return wire_time(found) if found else None


def _day(value: Any) -> Any:
    return parse_date(value) if isinstance(value, str) else None


def _reader(column: Column) -> Callable[[Any], Any]:
    kind = column.type
    if kind in TEXT_TYPES:
        return _text
    if kind in EXACT_TYPES:
        return _exact
    if kind == "DateTime":
        return _day if column.date_only else _moment
    return {"Boolean": _flag, "Double": _double, "Uniqueidentifier": guid}.get(kind, _whole)


def convert(table: Table, column: Column, value: Any) -> Any:
    """A JSON value as a column value; 400 0x80048d19 when the JSON type does not fit."""
    if value is None:
        return None
    found = _reader(column)(value)
    if found is None:
        raise _refuse(table, column, value)
    return found


def check_limits(table: Table, column: Column, value: Any) -> None:
    """Length, range and choice of one value that is not null."""
    if column.max_length is not None and isinstance(value, str) and len(value) > column.max_length:
        raise error("StringLengthTooLong", column.name, table.name, column.max_length)
    if column.options and isinstance(value, int) and not isinstance(value, bool):
        _check_option(table, column, value)
    if column.minimum is not None and not column.minimum <= Decimal(value) <= (column.maximum or Decimal("Infinity")):
        raise error("DecimalValueOutOfRange" if column.type in EXACT_TYPES else "IntegerValueOutOfRange")


def _check_option(table: Table, column: Column, value: int) -> None:
    accepted = [o.value for o in column.options]
    if value not in accepted and column.type not in ("State", "Status"):
        raise error(
            "PicklistValueOutOfRange", value, column.name, table.name, ",".join(map(str, accepted)))
