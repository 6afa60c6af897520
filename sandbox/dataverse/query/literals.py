"""Literals of filters as stored values, refused when their type does not fit the column.

Money and decimals become packed text, times whole seconds, GUIDs lower case.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from odata_query import ast

from sandbox.dataverse.errors import DataverseError, bad_request
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.values import EXACT_TYPES, TEXT_TYPES, guid, pack, parse_date, parse_time, wire_time
from sandbox.dataverse.writes.convert import edm_type

_KINDS = {ast.String: "Edm.String", ast.Integer: "Edm.Int32", ast.Float: "Edm.Double", ast.Boolean: "Edm.Boolean",
          ast.GUID: "Edm.Guid", ast.DateTime: "Edm.DateTimeOffset", ast.Date: "Edm.Date"}
WORDS = {"=": "Equal", "<>": "NotEqual", "<": "LessThan", "<=": "LessThanOrEqual", ">": "GreaterThan",
          ">=": "GreaterThanOrEqual"}


def _mismatch(column: Column, node: Any, operator: str) -> DataverseError:
    return bad_request(
        f"A binary operator with incompatible types was detected. Found operand types '{edm_type(column)}' and "
        f"'{_KINDS.get(type(node), 'Edm.String')}' for operator kind '{WORDS.get(operator, 'Equal')}'.")


def bound(column: Column, node: Any, operator: str) -> Any:
    """A literal node as the stored value to compare the column with."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = _negated(node.operand)
    kind = "Uniqueidentifier" if column.is_lookup else "Text" if column.type in TEXT_TYPES else column.type
    fitting, read = _READERS.get(kind, _WHOLE)
    text: str = getattr(node, "val", "")
    if not isinstance(node, fitting):
        raise _mismatch(column, node, operator)
    return _time(column, text, operator) if kind == "DateTime" else read(text)


_NUMBER = (ast.Integer, ast.Float)
_WHOLE: tuple[tuple[type, ...], Callable[[str], Any]] = ((ast.Integer,), int)
# Which literals fit a kind of column, and how they are read.
_READERS: dict[str, tuple[tuple[type, ...], Callable[[str], Any]]] = {
    "Text": ((ast.String,), str),
    "Uniqueidentifier": ((ast.GUID,), str.lower),
    "Boolean": ((ast.Boolean,), lambda text: int(text.lower() == "true")),
    "Money": (_NUMBER, lambda text: pack(Decimal(text))),
    "Decimal": (_NUMBER, lambda text: pack(Decimal(text))),
    "Double": (_NUMBER, float),
    "DateTime": ((ast.DateTime, ast.Date), str),
}


def _negated(node: Any) -> Any:
    if not isinstance(node, ast.Integer | ast.Float):
        raise bad_request("A minus sign needs a number behind it.")
    return type(node)(f"-{node.val}")


def _time(column: Column, text: str, operator: str) -> str:
    if column.date_only:
        return text[:10]
    moment = parse_time(text)
    if moment is None:
        raise bad_request(f"The time '{text}' is not valid.")
    if moment.microsecond and operator in (">=", "<"):
        moment += timedelta(seconds=1)
    if moment.microsecond and operator in ("=", "<>"):
        return moment.isoformat()
    return wire_time(moment)


def text_value(column: Column, text: str) -> Any:
    """A value given as text to a query function, as stored."""
    if column.type in TEXT_TYPES:
        return text
    if column.is_lookup or column.type == "Uniqueidentifier":
        value: Any = guid(text)
    elif column.type == "DateTime":
        moment = parse_time(text)
        value = (parse_date(text[:10]) if column.date_only else wire_time(moment)) if moment else None
    elif column.type == "Boolean":
        value = {"true": 1, "1": 1, "false": 0, "0": 0}.get(text.lower())
    else:
        value = _number(column, text)
    if value is None:
        raise bad_request(f"The value '{text}' is not valid for the attribute '{column.name}'.")
    return value


def _number(column: Column, text: str) -> Any:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if column.type in EXACT_TYPES:
        return pack(number)
    return float(number) if column.type == "Double" else int(number)
