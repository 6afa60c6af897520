"""Reads paths, key predicates and query strings of OData addresses.

It knows grammar only; which names exist is decided where they are used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote

from .errors import bad_request, error
from .values import guid

# Key values with these characters cannot be addressed (define-alternate-keys-entity).
FORBIDDEN_IN_KEYS = frozenset('/<>*%&:\\?+')
_TIME = re.compile(r"^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?$")


@dataclass(frozen=True)
class Segment:
    """One step of a path: a name and, when it had parentheses, what stood inside."""

    name: str
    args: str | None = None


def split_path(path: str) -> list[Segment]:
    """The segments of a decoded path below the API root; slashes in quotes or parentheses do not split."""
    segments = []
    for part in split_outside(path.strip("/"), "/"):
        if part.endswith(")") and "(" in part:
            name, args = part[:-1].split("(", 1)
            segments.append(Segment(name, args))
        elif part:
            segments.append(Segment(part))
    return segments


def split_outside(text: str, separator: str) -> list[str]:
    """Split where the separator stands outside quotes, parentheses and brackets."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, char in enumerate(text):
        if char == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == separator and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    return parts


def parse_query(query: str) -> dict[str, str]:
    """Query options, decoded; a plus means a space, as the OData library reads it."""
    options: dict[str, str] = {}
    for part in query.split("&"):
        if not part:
            continue
        name, _, value = part.partition("=")
        options[unquote(name.replace("+", " "))] = unquote(value.replace("+", " "))
    return options


def literal(text: str) -> Any:
    """A literal of a key predicate or function argument: text, number, GUID, time, true, false, null."""
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if text in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text]
    found = guid(text)
    if found:
        return found
    if _TIME.match(text):
        return text
    try:
        return int(text) if re.fullmatch(r"-?\d+", text) else Decimal(text)
    except InvalidOperation:
        raise bad_request(f"Syntax error in '{text}': not a literal.") from None


def parse_key(args: str, table: str) -> str | dict[str, Any]:
    """A key predicate: a GUID for the primary key, or the named values of an alternate key."""
    found = guid(args.strip().strip("'"))
    if found:
        return found
    values: dict[str, Any] = {}
    for part in split_outside(args, ","):
        name, equals, text = part.partition("=")
        if not equals:
            raise error(
                "CrmHttpError", status=400,
                message=f"The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.{table}'. "
                "Ensure that the names and number of key properties match the declared key properties for the "
                f"resource 'Microsoft.Dynamics.CRM.{table}'.")
        value = literal(text)
        if isinstance(value, str) and text.strip().startswith("'") and FORBIDDEN_IN_KEYS & set(value):
            raise bad_request("A potentially dangerous Request.Path value was detected from the client.")
        values[name.strip()] = value
    return values
