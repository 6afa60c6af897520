"""The `Microsoft.Dynamics.CRM.*` query functions: found in the text, kept aside, compiled to SQL.

odata-query knows neither their bracketed lists nor three named parameters, so a numbered placeholder takes their
place before it parses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.dataverse.errors import bad_request
from sandbox.dataverse.urls import split_outside
from sandbox.dataverse.values import parse_time

_CALL = re.compile(r"Microsoft\.Dynamics\.CRM\.(\w+)\(")
_ITEM = re.compile(r"'((?:[^']|'')*)'|\"([^\"]*)\"|([^,\[\]\s][^,\[\]]*)")
PLACEHOLDER = "sandboxfn"


@dataclass(frozen=True)
class Call:
    """One function call: its name, the property path and the values as text."""

    name: str
    path: str
    values: tuple[str, ...]


def extract(text: str) -> tuple[str, list[Call]]:
    """The filter with placeholders in place of function calls, and the calls."""
    calls: list[Call] = []
    parts: list[str] = []
    at = 0
    while True:
        match = _CALL.search(text, at)
        if match is None or _quoted(text, match.start()):
            if match is None:
                break
            parts.append(text[at:match.end()])
            at = match.end()
            continue
        end = _closing(text, match.end())
        parts.append(f"{text[at:match.start()]}x.{PLACEHOLDER}({len(calls)})")
        calls.append(_call(match.group(1), text[match.end():end]))
        at = end + 1
    return "".join(parts) + text[at:], calls


def _quoted(text: str, at: int) -> bool:
    return text.count("'", 0, at) % 2 == 1


def _closing(text: str, start: int) -> int:
    depth, quoted = 1, False
    for at in range(start, len(text)):
        char = text[at]
        if char == "'":
            quoted = not quoted
        elif not quoted and char in "()":
            depth += 1 if char == "(" else -1
            if depth == 0:
                return at
    raise bad_request(f"Syntax error: unbalanced parentheses in '{text}'.")


def _call(name: str, inside: str) -> Call:
    arguments = {}
    for part in split_outside(inside, ","):
        key, equals, value = part.partition("=")
        if not equals:
            raise bad_request(f"Syntax error in the arguments of 'Microsoft.Dynamics.CRM.{name}'.")
        arguments[key.strip()] = value.strip()
    path = arguments.get("PropertyName", "").strip("'\"")
    raw = arguments.get("PropertyValues") or arguments.get("PropertyValue") or ""
    values = tuple(_item(m) for m in _ITEM.finditer(raw.strip("[]")))
    if not path:
        raise bad_request(f"The function 'Microsoft.Dynamics.CRM.{name}' needs PropertyName.")
    return Call(name, path, values)


def _item(match: re.Match[str]) -> str:
    if match.group(1) is not None:
        return match.group(1).replace("''", "'")
    return match.group(2) if match.group(2) is not None else match.group(3).strip()


Span = tuple[datetime | None, datetime | None]


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _days(now: datetime, first: int, last: int) -> Span:
    return _midnight(now) + timedelta(days=first), _midnight(now) + timedelta(days=last + 1)


# Spans of time [from, to) a function stands for; whole days in UTC (the user's zone is UTC here).
SPANS: dict[str, Callable[[datetime, int], Span]] = {
    "Today": lambda now, x: _days(now, 0, 0),
    "Yesterday": lambda now, x: _days(now, -1, -1),
    "Tomorrow": lambda now, x: _days(now, 1, 1),
    "Last7Days": lambda now, x: (_midnight(now) - timedelta(days=7), now + timedelta(seconds=1)),
    "Next7Days": lambda now, x: (now, _midnight(now) + timedelta(days=8)),
    "LastXDays": lambda now, x: (_midnight(now) - timedelta(days=x), now + timedelta(seconds=1)),
    "NextXDays": lambda now, x: (now, _midnight(now) + timedelta(days=x + 1)),
    "LastXHours": lambda now, x: (now - timedelta(hours=x), now + timedelta(seconds=1)),
    "NextXHours": lambda now, x: (now, now + timedelta(hours=x)),
    "LastXWeeks": lambda now, x: (_midnight(now) - timedelta(weeks=x), now + timedelta(seconds=1)),
    "OlderThanXMinutes": lambda now, x: (None, now - timedelta(minutes=x)),
    "OlderThanXHours": lambda now, x: (None, now - timedelta(hours=x)),
    "OlderThanXDays": lambda now, x: (None, _midnight(now) - timedelta(days=x)),
}


def day_span(name: str, values: tuple[str, ...]) -> Span:
    """The days `On`, `OnOrAfter` and `OnOrBefore` stand for."""
    found = parse_time(values[0]) if values else None
    if found is None:
        raise bad_request(f"The function 'Microsoft.Dynamics.CRM.{name}' needs a date.")
    first, last = _days(found, 0, 0)
    return (None if name == "OnOrBefore" else first), (None if name == "OnOrAfter" else last)
