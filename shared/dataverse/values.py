"""A wanted value as the wire must carry it for one column, or the refusal that names column and reason; and back.

Nothing is rounded or cut here: what a column cannot hold exactly is refused, so that a silent change by the server
never looks like an edit by a person.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.dataverse import odata
from shared.dataverse.metadata import Column
from shared.errors import Invalid

MONEY_DIGITS = 4
"""Decimal places of the platform's money type, where no narrower precision is known."""


def wire_value(column: Column, value: Any) -> Any:
    """The JSON value for a plain column (lookups are bound elsewhere); Invalid where it does not fit the type."""
    if value is None or (value == "" and column.info.type != "text"):
        return None
    try:
        return _CONVERTERS[column.info.type](column, value)
    except (ValueError, TypeError, InvalidOperation):
        sentence = f"{column.name}: a value of type {type(value).__name__} cannot be written as {column.info.type}."
        raise Invalid(sentence, facts={"column": column.name, "type": column.info.type}) from None


def _text(column: Column, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise TypeError
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _integer(column: Column, value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError
    number = Decimal(value)
    if number != number.to_integral_value():
        raise ValueError
    return int(number)


def _decimal(column: Column, value: Any) -> Decimal:
    if isinstance(value, bool | float):
        raise TypeError
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError
    limit = column.info.precision
    if limit is None and column.kind == "Money":
        limit = MONEY_DIGITS
    places = len(format(number, "f").partition(".")[2].rstrip("0"))  # normalize() would round beyond 28 digits
    if limit is not None and places > limit:
        sentence = f"{column.name} holds {limit} decimal places; the value has {places}. Round it in the mapping."
        raise Invalid(sentence, facts={"column": column.name, "precision": limit, "places": places})
    return number


def _boolean(column: Column, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _moment(column: Column, value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, str | date):
        return str(value)
    raise TypeError


def _date(column: Column, value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return _moment(column, value)


def _reference(column: Column, value: Any) -> str:
    return odata.guid(str(value))


_CONVERTERS = {
    "text": _text,
    "integer": _integer,
    "choice": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "datetime": _moment,
    "date": _date,
    "reference": _reference,
}


def read_value(column: Column, value: Any) -> Any:
    """A value as the wire gives it in the words of records: ids lower-case, numbers with a fraction as Decimal."""
    if value is None:
        return None
    if column.info.type == "decimal" and not isinstance(value, bool):
        return Decimal(value)
    return str(value).lower() if column.is_lookup or column.kind == "Uniqueidentifier" else value


def moment(text: Any) -> datetime | None:
    """A time of the wire as aware UTC."""
    if not isinstance(text, str) or not text:
        return None
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def same(wanted: Any, found: Any) -> bool:
    """Whether a value read back is what was sent; blanks are one, numbers compare as numbers."""
    if wanted in (None, "") or found in (None, ""):
        return wanted in (None, "") and found in (None, "")
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    if isinstance(found, int | Decimal):
        try:
            return Decimal(wanted) == Decimal(found)
        except (InvalidOperation, TypeError, ValueError):
            return False
    if odata.is_guid(str(found)):
        return str(wanted).lower() == str(found).lower()
    return str(wanted).replace("\r\n", "\n") == str(found).replace("\r\n", "\n")
