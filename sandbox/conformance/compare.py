"""Compares a recorded answer with the sandbox's, leaf by leaf, and names the first difference.

Everything is compared: keys, nulls, types, order of lists, every other word of a text that holds something variable.
Only this is not compared by value, and then by its form and against what stood for it elsewhere in the case:
- numbers in global ids, `legacyResourceId`, cursors and texts; record names such as #1001: bound one to one;
- random words (uuids, 32 or more hex digits, confirmation numbers, generated handle endings): bound one to one;
- times no request brought in: same notation, and never earlier than one they came after in the recording;
- places in a document that starts with a word: recordings lost the blanks before it, so all places of one request
  may be off by the same lines, and in its first line by the same columns;
- fields, arguments and types in answers about the schema: compared by name, not by place;
- the path of addresses that the vendor's own storage makes up; `extensions.cost`.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sandbox.conformance.bindings import Bindings

CURSORS = {"cursor", "startCursor", "endCursor", "defaultCursor"}
_GID = r"gid://shopify/(?P<kind>[A-Za-z]+)/(?P<id>[A-Za-z0-9_.:\-]*[A-Za-z0-9_\-])"
_TIME = r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+\-]\d\d:?\d\d))"
_NAME = r"(?P<name>#D?\d+)"
_UUID = r"(?P<uuid>(?<![0-9a-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z]))"
_HEX = r"(?P<hex>(?<![0-9a-z])[0-9a-f]{32,}(?![0-9a-z]))"
_NUMBER = r"(?P<number>(?<![0-9A-Za-z.])[0-9]{8,}(?![0-9A-Za-z]))"
VARIABLE = re.compile("|".join((_GID, _TIME, _NAME, _UUID, _HEX, _NUMBER)))
_URL = re.compile(r"https?://\S+")
_ENDING = re.compile(r"^(.*-)([a-z0-9]{8})$")
_CONFIRMATION = re.compile(r"^[A-Z0-9]{9}$")
_MISSING = object()


@dataclass(frozen=True)
class Difference:
    """The first place where the two answers part."""

    path: str
    expected: Any
    got: Any

    def __str__(self) -> str:
        return f"{self.path or 'answer'}: expected {_short(self.expected)}, got {_short(self.got)}"


def answers(expected: dict[str, Any], got: dict[str, Any], bindings: Bindings) -> Difference | None:
    """The first difference of two whole answers; a recording without extensions says nothing about them."""
    theirs, ours = _without_cost(expected), _without_cost(got)
    if "extensions" not in expected:
        ours.pop("extensions", None)
    if "errors" in ours and "errors" not in theirs:
        return Difference("errors", "nothing", ours["errors"])
    found = values(theirs, ours, "", bindings)
    if found is not None:
        return found
    early = bindings.disorder()
    return None if early is None else Difference(early, "a time not before those it came after", "an earlier one")


def _without_cost(answer: dict[str, Any]) -> dict[str, Any]:
    kept = dict(answer)
    extensions = {key: value for key, value in (kept.pop("extensions", None) or {}).items() if key != "cost"}
    return kept | {"extensions": extensions} if extensions else kept


def values(expected: Any, got: Any, path: str, bindings: Bindings) -> Difference | None:
    """The first difference of two values."""
    if isinstance(expected, dict) and isinstance(got, dict):
        if expected.keys() == got.keys() == {"line", "column"} and None not in expected.values():
            same = bindings.place((expected["line"], expected["column"]), (got["line"], got["column"]))
            return None if same else Difference(path, expected, got)
        return _objects(expected, got, path, bindings)
    if isinstance(expected, list) and isinstance(got, list):
        return _lists(expected, got, path, bindings)
    if isinstance(expected, str) and isinstance(got, str):
        return None if _texts(expected, got, path, bindings) else Difference(path, expected, got)
    same = expected is got if isinstance(expected, bool) or isinstance(got, bool) else expected == got
    return None if same else Difference(path, expected, got)


def _objects(expected: dict[str, Any], got: dict[str, Any], path: str, bindings: Bindings) -> Difference | None:
    for key in [*expected, *(key for key in got if key not in expected)]:
        inner = f"{path}.{key}" if path else key
        theirs, ours = expected.get(key, _MISSING), got.get(key, _MISSING)
        if theirs is _MISSING or ours is _MISSING:
            return Difference(inner, _or_nothing(theirs), _or_nothing(ours))
        found = values(theirs, ours, inner, bindings)
        if found is not None:
            return found
    return None


def _lists(expected: list[Any], got: list[Any], path: str, bindings: Bindings) -> Difference | None:
    for position, (theirs, ours) in enumerate(zip(expected, got, strict=False)):
        found = values(theirs, ours, f"{path}[{position}]", bindings)
        if found is not None:
            return found
    if len(expected) != len(got):
        position = min(len(expected), len(got))
        rest = [_or_nothing(rows[position] if position < len(rows) else _MISSING) for rows in (expected, got)]
        return Difference(f"{path}[{position}]", *rest)
    return None


def _texts(expected: str, got: str, path: str, bindings: Bindings) -> bool:
    key = path.rsplit(".", 1)[-1].split("[")[0]
    if key in CURSORS:
        return _cursors(expected, got, bindings)
    if key == "confirmationNumber" and _CONFIRMATION.match(expected) and _CONFIRMATION.match(got):
        return bindings.pair("opaque", expected, got)
    if expected != got and not bindings.was_sent(expected):
        if _URL.fullmatch(expected) and _URL.fullmatch(got):
            return _addresses(expected, got, path, bindings)
        ends = _ENDING.match(expected), _ENDING.match(got)
        if key == "handle" and ends[0] and ends[1] and ends[0][1] == ends[1][1]:
            return bindings.pair("opaque", expected, got)
    return _parts(expected, got, path, bindings)


def _parts(expected: str, got: str, path: str, bindings: Bindings) -> bool:
    theirs, ours = list(VARIABLE.finditer(expected)), list(VARIABLE.finditer(got))
    if len(theirs) != len(ours) or VARIABLE.sub("\0", expected) != VARIABLE.sub("\0", got):
        return False
    return all(_part(one, two, path, bindings) for one, two in zip(theirs, ours, strict=True))


def _part(expected: re.Match[str], got: re.Match[str], path: str, bindings: Bindings) -> bool:
    sort, other = expected.lastgroup or "", got.lastgroup or ""
    if sort != other:
        return False
    if sort == "id":
        return expected["kind"] == got["kind"] and _ids(expected, got, bindings)
    one, two = expected[sort], got[sort]
    if sort == "time":
        return _times(one, two, path, bindings)
    if sort == "name":
        return one.rstrip("0123456789") == two.rstrip("0123456789") and bindings.pair("name", one, two)
    if sort == "number":
        return bindings.pair_number(one, two)
    return len(one) == len(two) and bindings.pair("opaque", one, two)


def _ids(expected: re.Match[str], got: re.Match[str], bindings: Bindings) -> bool:
    one, two = expected["id"], got["id"]
    if one.isdigit() and two.isdigit():
        return bindings.pair(expected["kind"], one, two)
    if re.fullmatch(_UUID, one) and re.fullmatch(_UUID, two):
        return bindings.pair(expected["kind"], one, two)
    return one == two


def _times(expected: str, got: str, path: str, bindings: Bindings) -> bool:
    one, two = datetime.fromisoformat(expected), datetime.fromisoformat(got)
    if bindings.was_sent(expected):
        return expected == got
    bindings.moment(one, two, path)
    return re.sub(r"\d", "0", expected) == re.sub(r"\d", "0", got)


def _cursors(expected: str, got: str, bindings: Bindings) -> bool:
    theirs, ours = _opened(expected), _opened(got)
    if theirs is not None:
        if ours is None or list(theirs) != list(ours):
            return False
        number = theirs.get("last_id"), ours.get("last_id")
        if not bindings.pair_number(str(number[0]), str(number[1])):
            return False
    return bindings.pair("cursor", expected, got)


def _opened(cursor: str) -> dict[str, Any] | None:
    try:
        content = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        return None
    return content if isinstance(content, dict) and "last_id" in content else None


def _addresses(expected: str, got: str, path: str, bindings: Bindings) -> bool:
    theirs, ours = urlsplit(expected), urlsplit(got)
    if (theirs.hostname or "").endswith(".myshopify.com"):
        return theirs.hostname == ours.hostname and _parts(theirs.path, ours.path, path, bindings)
    ending = re.search(r"\.[a-z0-9]{2,5}$", theirs.path)
    return ending is None or ours.path.endswith(ending[0])


def _or_nothing(value: Any) -> Any:
    return "nothing" if value is _MISSING else value


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 400 else f"{text[:400]}..."
