"""Column values: Python to SQLite and back, and how each type is printed on the wire.

Money and decimals are stored as offset, zero-padded text of 31 digits with twelve decimals, so that plain text
order is numeric order and indexes work; a float never touches them.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

SCALE = 12
_OFFSET = 5 * 10**29
_WIDTH = 31

LOOKUP_TYPES = frozenset({"Lookup", "Customer", "Owner"})
EXACT_TYPES = frozenset({"Money", "Decimal"})
TEXT_TYPES = frozenset({"String", "Memo", "Virtual", "EntityName"})
INT_TYPES = frozenset({"Integer", "BigInt", "Picklist", "State", "Status"})
# Decimals printed on the wire: money is SQL money (4), decimals carry ten, exchange rates twelve.
WIRE_DIGITS = {"Money": 4, "Decimal": 10}

_GUID = re.compile(r"^\{?([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})\}?$")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")


WILDCARDS = frozenset("%_[")
_PATTERN = re.compile(r"%|_|\[\^?[^\]]+\]")


@lru_cache(maxsize=512)
def like_regex(pattern: str, shape: str) -> re.Pattern[str]:
    """A folded text with the wildcards of SQL's LIKE as an expression; `shape` says where more may stand."""
    out, at = [], 0
    for match in _PATTERN.finditer(pattern):
        out.append(re.escape(pattern[at:match.start()]))
        found = match.group()
        inside = found.strip("[]").replace("\\", "\\\\")
        out.append({"%": ".*", "_": "."}.get(found, f"[{inside}]"))
        at = match.end()
    out.append(re.escape(pattern[at:]))
    return re.compile(shape.format("".join(out)), re.DOTALL)


def sql_type(kind: str) -> str:
    """The SQLite column declaration for a Dataverse attribute type."""
    if kind in TEXT_TYPES:
        return "TEXT COLLATE DATAVERSE"
    if kind in INT_TYPES or kind == "Boolean":
        return "INTEGER"
    return "REAL" if kind == "Double" else "TEXT"


def pack(number: Decimal) -> str:
    """A decimal as text whose order is the number's order."""
    return str(int(number.scaleb(SCALE).to_integral_value()) + _OFFSET).zfill(_WIDTH)


def unpack(text: str) -> Decimal:
    """The decimal packed in text, exact, with twelve decimals."""
    return Decimal(int(text) - _OFFSET).scaleb(-SCALE)


def encode(kind: str, value: Any) -> Any:
    """A row value as SQLite stores it."""
    if value is None:
        return None
    if kind in EXACT_TYPES:
        return pack(value)
    if kind == "Boolean":
        return int(value)
    return value


def decode(kind: str, value: Any) -> Any:
    """A stored value as a row value: Decimal, bool, int, float or text."""
    if value is None:
        return None
    if kind in EXACT_TYPES:
        return unpack(value)
    if kind == "Boolean":
        return bool(value)
    return value


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Text as the database compares it: no case, no accents, no trailing spaces (collation _CI_AI)."""
    text = text.rstrip(" ")
    if text.isascii():
        return text.lower()
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return plain.casefold()


@lru_cache(maxsize=65536)
def fold_case(text: str) -> str:
    """As `fold`, but accents count (collation _CI_AS)."""
    return text.rstrip(" ").casefold()


def guid(text: object) -> str | None:
    """The GUID in lower case with hyphens, or None if the text is none."""
    match = _GUID.match(text) if isinstance(text, str) else None
    return match.group(1).lower() if match else None


def is_uuid(text: str) -> bool:
    """Whether the text is any GUID."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def wire_time(moment: datetime) -> str:
    """A time as Dataverse prints it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str) -> datetime | None:
    """An ISO time or date as an aware UTC time, or None."""
    if _DATE.match(text):
        text += "T00:00:00Z"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_date(text: str) -> str | None:
    """A plain date `yyyy-mm-dd`, or None."""
    if not _DATE.match(text):
        return None
    try:
        datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - only a check that the day exists
    except ValueError:
        return None
    return text
