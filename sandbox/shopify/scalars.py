"""How Shopify reads and prints its own scalars: money, decimals, times, ids, links.

Reading raises BadScalar with the vendor's wording.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from sandbox.shopify import gid

_INT_LIMIT = 2**31


class BadScalar(ValueError):
    """The value cannot be read as that scalar; `custom` says whether Shopify's own coercion words the message."""

    def __init__(self, explanation: str, custom: bool = True) -> None:
        super().__init__(explanation)
        self.explanation = explanation
        self.custom = custom


def read(type_name: str, value: Any) -> Any:
    """The value as the resolvers get it; raises BadScalar."""
    reader = _READERS.get(type_name)
    return reader(value) if reader else value


def _could_not(value: Any, type_name: str) -> BadScalar:
    return BadScalar(f"Could not coerce value {json.dumps(value, ensure_ascii=False)} to {type_name}", custom=False)


def _int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -_INT_LIMIT <= value < _INT_LIMIT:
        raise _could_not(value, "Int")
    return value


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _could_not(value, "Float")
    return float(value)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise _could_not(value, "String")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _could_not(value, "Boolean")
    return value


def _id(value: Any) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not gid.is_valid(text):
        raise BadScalar(f"Invalid global id '{text}'")
    return str(text)


def _decimal(value: Any) -> str | None:
    text = str(value).strip()
    if value == "":
        return None  # recorded on tax rates: a blank decimal is none, and the mutation says what it misses
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BadScalar(f"invalid decimal '{text}'") from None
    if isinstance(value, bool) or not number.is_finite():
        raise BadScalar(f"invalid decimal '{text}'")
    return text


def _moment(value: Any) -> str:
    try:
        datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        raise BadScalar(f"invalid DateTime '{value}'") from None
    return str(value)


def _unsigned(value: Any) -> int:
    text = str(value)
    if re.fullmatch(r"-\d+", text):
        raise BadScalar(f"UnsignedInt64 '{text}' is out of range")
    if not text.isdigit():
        raise BadScalar(f"UnsignedInt64 invalid value '{text}'")
    return int(text)


def _url(value: Any) -> str:
    parts = urlsplit(str(value))
    if not parts.scheme:
        raise BadScalar(f"Invalid url '{value}', missing scheme")
    if not parts.netloc:
        raise BadScalar(f"Invalid url '{value}', missing host")
    return str(value)


_READERS = {
    "Int": _int,
    "Float": _float,
    "String": _string,
    "Boolean": _boolean,
    "ID": _id,
    "Decimal": _decimal,
    "Money": _decimal,
    "DateTime": _moment,
    "UnsignedInt64": _unsigned,
    "URL": _url,
}


def money(value: Decimal | str) -> str:
    """A variant's price as the API prints it: two places, halves away from zero."""
    return f"{Decimal(value).quantize(Decimal('0.01'), ROUND_HALF_UP):f}"


def amount(value: Decimal | str) -> str:
    """The amount of a MoneyV2 as the API prints it: trimmed, one place at least."""
    number = Decimal(value)
    text = f"{number.normalize():f}"
    return text if "." in text else f"{text}.0"
