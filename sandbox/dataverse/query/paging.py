"""Paging cookies: where a page ended, written as Dataverse writes them and read back.

A cookie holds the sort values of the last row, so the next page starts there by index and costs the same as the
first. Clients must treat it as opaque.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from sandbox.dataverse.errors import bad_request
from sandbox.dataverse.values import guid

_COOKIE = re.compile(
    r'^<cookie pagenumber="(\d+)" pagingcookie="([^"]*)" istracking="(True|False)"(?: token="([^"]*)")? />$')
_PART = re.compile(r'<([\w.]+) last="([^"]*)" first="([^"]*)"( lastnull="1")? />')


@dataclass(frozen=True)
class Cookie:
    """The page to come and the sort values of the row before it."""

    page: int
    last: tuple[Any, ...]
    token: str | None = None


def write_cookie(page: int, names: list[str], first: tuple[Any, ...], last: tuple[Any, ...]) -> str:
    """The inner cookie text of a page that ended with `last`."""
    parts = []
    for name, begin, end in zip(names, first, last, strict=True):
        null = ' lastnull="1"' if end is None else ""
        parts.append(f'<{name} last="{_value(end)}" first="{_value(begin)}"{null} />')
    return f'<cookie page="{page}">{"".join(parts)}</cookie>'


def _value(value: Any) -> str:
    if isinstance(value, str) and guid(value):
        return f"{{{value.upper()}}}"
    return quote(json.dumps(value), safe="")


def skiptoken(page: int, inner: str, token: str | None = None) -> str:
    """The `$skiptoken` of the next link, percent-encoded as Dataverse does."""
    tracking = "True" if token is not None else "False"
    extra = f' token="{quote(token, safe="")}"' if token is not None else ""
    lowered = re.sub(r"%[0-9A-F]{2}", lambda m: m.group(0).lower(), quote(inner, safe=""))
    outer = f'<cookie pagenumber="{page}" pagingcookie="{lowered}" istracking="{tracking}"{extra} />'
    return quote(outer, safe="=/")


def read_cookie(text: str) -> Cookie:
    """A cookie read back; 400 when it is not one of ours."""
    match = _COOKIE.match(text)
    if match is None:
        raise bad_request("The paging cookie is malformed.")
    inner = unquote(match.group(2))
    values = []
    for part in _PART.finditer(inner):
        raw = part.group(2)
        found = guid(raw)
        values.append(None if part.group(4) else found if found else json.loads(unquote(raw)))
    token = match.group(4)
    return Cookie(int(match.group(1)), tuple(values), unquote(token) if token is not None else None)


def after(keys: list[tuple[str, bool]], last: tuple[Any, ...]) -> tuple[str, list[Any]]:
    """SQL for the rows behind `last` in the order of the keys (expression, descending); nulls sort first."""
    alternatives: list[str] = []
    params: list[Any] = []
    for at, (expression, descending) in enumerate(keys):
        tests, values = [], []
        for (earlier, _), value in zip(keys[:at], last, strict=False):
            tests.append(f"{earlier} IS ?")
            values.append(value)
        value = last[at]
        if value is None:
            tests.append("0" if descending else f"{expression} IS NOT NULL")
        else:
            tests.append(
                f"({expression} < ? OR {expression} IS NULL)" if descending else f"{expression} > ?")
            values.append(value)
        alternatives.append(f"({' AND '.join(tests)})")
        params.extend(values)
    return f"({' OR '.join(alternatives)})", params
