"""The `Microsoft.Dynamics.CRM.*` query functions: found in the text, kept aside, compiled to SQL.

odata-query knows neither their bracketed lists nor three named parameters, so a numbered placeholder takes their
place before it parses.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from sandbox.dataverse.errors import bad_request
from sandbox.dataverse.values import parse_time

from .spans import Span, days

_CALL = re.compile(r"Microsoft\.Dynamics\.CRM\.(\w+)\(")
_DOUBLED = re.compile(r"[^\[,\s]''|''[^,\]\s]")
_ITEM = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"\\]|\\.)*)\"|([^,\[\]\s][^,\[\]]*)")
PLACEHOLDER = "sandboxfn"
# Functions the platform has and the sandbox does not: fiscal periods, hierarchies, teams, multi-select, language.
NOT_MODELLED = re.compile(
    r"Fiscal|^(Not)?Under(OrEqual)?$|^Above(OrEqual)?$|Hierarchy|Teams$|ContainValues$|^Contains$|Language$")


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
    return mask(text)[at] == "x"


def mask(text: str) -> str:
    """The text with everything inside quotes, single or double, replaced by x; quotes of the other kind are text."""
    out, quote, escaped = [], "", False
    for char in text:
        if quote:
            ends = char == quote and not escaped
            out.append(char if ends else "x")
            escaped = char == "\\" and quote == '"' and not escaped
            quote = "" if ends else quote
        else:
            out.append(char)
            quote = char if char in "'\"" else ""
    return "".join(out)


def _closing(text: str, start: int) -> int:
    depth = 1
    for at, char in enumerate(mask(text[start:]), start):
        if char in "()":
            depth += 1 if char == "(" else -1
            if depth == 0:
                return at
    raise bad_request(f"Syntax error: unbalanced parentheses in '{text}'.")


def _call(name: str, inside: str) -> Call:
    arguments = {}
    for part in _arguments(inside):
        key, equals, value = part.partition("=")
        if not equals:
            raise bad_request(f"Syntax error in the arguments of 'Microsoft.Dynamics.CRM.{name}'.")
        arguments[key.strip()] = value.strip()
    path = arguments.get("PropertyName", "").strip("'\"")
    raw = arguments.get("PropertyValues") or arguments.get("PropertyValue") or ""
    if raw.startswith("[") and _DOUBLED.search(raw):
        # The array is read as JSON, in which a quote cannot be doubled (filter-rows: manage single quotes).
        raise bad_request("Invalid JSON. A comma character ',' was expected in scope 'Array'. Every two elements in an "
                          "array and properties of an object must be separated by commas.")
    values = tuple(_item(m) for m in _ITEM.finditer(raw.strip("[]")))
    if not path:
        raise bad_request(f"The function 'Microsoft.Dynamics.CRM.{name}' needs PropertyName.")
    return Call(name, path, values)


def _arguments(inside: str) -> list[str]:
    """The arguments of a call, cut at commas outside quotes and brackets."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(mask(inside)):
        depth += (char in "([") - (char in ")]")
        if char == "," and depth == 0:
            parts.append(inside[start:at])
            start = at + 1
    return [*parts, inside[start:]]


def _item(match: re.Match[str]) -> str:
    if match.group(1) is not None:
        return match.group(1).replace("''", "'")
    if match.group(2) is not None:
        return str(json.loads(f'"{match.group(2)}"'))
    return match.group(3).strip()


def day_span(name: str, values: tuple[str, ...]) -> Span:
    """The days `On`, `OnOrAfter` and `OnOrBefore` stand for."""
    found = parse_time(values[0]) if values else None
    if found is None:
        raise bad_request(f"The function 'Microsoft.Dynamics.CRM.{name}' needs a date.")
    first, last = days(found, 0, 0)
    return (None if name == "OnOrBefore" else first), (None if name == "OnOrAfter" else last)


def whole(call: Call) -> int:
    """The number of an X function; 400 when it is none, 0 for functions without one."""
    if "X" not in call.name:
        return 0
    if not call.values or not call.values[0].isdigit():
        raise bad_request(f"The function 'Microsoft.Dynamics.CRM.{call.name}' needs a whole number.")
    return int(call.values[0])
