"""The text of the Web API: literals, key predicates, query strings and exact JSON.

Pure functions. Numbers never pass through float, and nothing that a caller supplies reaches a URL unquoted.
Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/query/overview.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any
from urllib.parse import quote

_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_SAFE = "$,()'=:@;"


def guid(text: str) -> str:
    """The canonical (lower-case, bare) form of a GUID; ValueError where it is none."""
    bare = text.strip().strip("{}").lower()
    if _GUID.fullmatch(bare) is None:
        raise ValueError(f"{text!r} is not a GUID")
    return bare


def is_guid(text: str) -> bool:
    """Whether the text is a GUID in any of its written forms."""
    return _GUID.fullmatch(text.strip().strip("{}").lower()) is not None


def literal(value: object) -> str:
    """A value as OData writes it in a filter: text quoted and doubled, GUIDs and numbers bare."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int):
        return str(value)
    text = str(value)
    return text if _GUID.fullmatch(text) else quoted(text)


def quoted(text: str) -> str:
    """A text literal."""
    return "'" + text.replace("'", "''") + "'"


def row(entity_set: str, row_id: str) -> str:
    """The address of a row by its primary key."""
    return f"{entity_set}({guid(row_id)})"


def within(column: str, values: Sequence[str]) -> str:
    """A filter for rows whose column holds one of the values. The server compares without regard to case.

    The values are JSON in double quotes: doubled single quotes are refused here (filter-rows: manage single quotes).
    """
    listed = ",".join(json.dumps(value, ensure_ascii=False) for value in values)
    return f"Microsoft.Dynamics.CRM.In(PropertyName={quoted(column)},PropertyValues=[{listed}])"


def query(path: str, options: Mapping[str, str]) -> str:
    """A path with its query options; spaces become %20 (a plus sign would be taken literally)."""
    if not options:
        return path
    return path + "?" + "&".join(f"{name}={quote(value, safe=_SAFE)}" for name, value in options.items() if value)


def chunks(values: Sequence[str], *, count: int, characters: int) -> Iterator[list[str]]:
    """Cut a list so that no part has more entries, or more characters once encoded, than a URL should carry."""
    part: list[str] = []
    size = 0
    for value in values:
        cost = len(quote(quoted(value), safe=_SAFE)) + 1
        if part and (len(part) >= count or size + cost > characters):
            yield part
            part, size = [], 0
        part.append(value)
        size += cost
    if part:
        yield part


def dumps(value: Any) -> str:
    """JSON with every digit of a Decimal kept as a number; floats are refused (TypeError)."""
    if isinstance(value, str):
        return str(encode_basestring(value))
    if isinstance(value, Mapping):
        return (
            "{" + ",".join([f"{encode_basestring(str(name))}:{dumps(member)}" for name, member in value.items()]) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ",".join([dumps(member) for member in value]) + "]"
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise TypeError("only finite numbers can be sent")
        return format(value, "f")
    if value is None or isinstance(value, int):
        return json.dumps(value)
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


def loads(body: bytes) -> Any:
    """JSON with every number that has a fraction as Decimal; an empty body is None."""
    return json.loads(body, parse_float=Decimal) if body else None
