"""Where keys and values stand in a TOML file, by line and column; tomllib keeps no positions.

Reads only text that tomllib has accepted, so it need not find errors, only keys. Lines and columns count from 1,
columns in characters.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass

Key = tuple[str | int, ...]
Position = tuple[int, int]
"""Line and column."""

_KEY_PART = r"(?:[A-Za-z0-9_-]+|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')"
_KEY = re.compile(rf"{_KEY_PART}(?:[ \t]*\.[ \t]*{_KEY_PART})*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_TEXTS = (
    re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)
_BARE = re.compile(r"[^,\]}\n#]*")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a key stands, and where its value begins (None: it has none of its own, as a table's header).

    `text`: where the first character of a text value stands, where the text is as it was typed, without escapes.
    """

    key: Position
    value: Position | None = None
    text: Position | None = None


def spots(text: str) -> dict[Key, Spot]:
    """The spot of every table header and key; members of `[[skip]]` and of lists are numbered from 0."""
    return _Scan(text.replace("\r\n", "\n")).spots()


def moved(start: Position, text: str, offset: int) -> Position:
    """The position of the character at `offset` of a text that begins at `start`."""
    before = text[:offset]
    line, column = start
    breaks = before.count("\n")
    return (line + breaks, offset - before.rfind("\n")) if breaks else (line, column + offset)


class _Scan:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._found: dict[Key, Spot] = {}

    def spots(self) -> dict[Key, Spot]:
        prefix: Key = ()
        counts: dict[Key, int] = {}
        while self._skip(_BLANK) < len(self._text):
            if self._text[self._at] == "[":
                prefix = self._header(counts)
            else:
                self._pair(prefix)
        return self._found

    def _header(self, counts: dict[Key, int]) -> Key:
        """A table's header: the key its lines stand under."""
        start = self._at
        several = self._text.startswith("[[", start)
        self._at += 2 if several else 1
        self._skip(_SPACE)
        prefix = self._key()
        self._at = self._text.index("]", self._at) + (2 if several else 1)
        spot = Spot(self._position(start))
        if several:
            counts[prefix] = counts.get(prefix, -1) + 1
            self._found.setdefault(prefix, spot)
            prefix = (*prefix, counts[prefix])
        for length in range(1, len(prefix) + 1):  # tables that only their inner tables make known
            self._found.setdefault(prefix[:length], spot)
        return prefix

    def _pair(self, prefix: Key) -> None:
        """`key = value`, in a table or in braces."""
        start = self._position(self._at)
        key = (*prefix, *self._key())
        for length in range(len(prefix) + 1, len(key)):
            self._found.setdefault(key[:length], Spot(start))
        self._skip(_SPACE)
        self._at += 1  # the sign of equality
        self._skip(_SPACE)
        self._value(key, start)

    def _value(self, key: Key, start: Position) -> None:
        value = self._position(self._at)
        first = self._text[self._at]
        self._found.setdefault(key, Spot(start, value))
        if first == "{":
            self._members(key, "}")
        elif first == "[":
            self._members(key, "]")
        elif first in "\"'":
            self._found[key] = Spot(start, value, self._inside_text())
        else:
            self._skip(_BARE)

    def _members(self, key: Key, end: str) -> None:
        """What stands in braces or brackets."""
        self._at += 1
        number = 0
        while True:
            self._skip(_BLANK)
            if self._text[self._at] == ",":
                self._at += 1
            elif self._text[self._at] == end:
                self._at += 1
                return
            elif end == "}":
                self._pair(key)
            else:
                self._value((*key, number), self._position(self._at))
                number += 1

    def _inside_text(self) -> Position | None:
        """Go past a text; where its first character stands, if no escape makes it another than was typed."""
        start = self._at
        match = next(filter(None, (each.match(self._text, start) for each in _TEXTS)))
        self._at = match.end()
        quotes = 3 if match.group().startswith(('"""', "'''")) else 1
        inner = start + quotes
        if quotes == 3 and self._text.startswith("\n", inner):
            inner += 1  # TOML takes away a line end right behind the quotes
        escaped = self._text[start] == '"' and "\\" in match.group()
        return None if escaped else self._position(inner)

    def _key(self) -> Key:
        match = _KEY.match(self._text, self._at)
        if match is None:
            raise ValueError("tomllib accepted a text that has no key here")
        self._at = match.end()
        return _names(match.group())

    def _skip(self, blank: re.Pattern[str]) -> int:
        match = blank.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._at

    def _position(self, offset: int) -> Position:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def _names(dotted: str) -> Key:
    """The parts of a dotted key, unquoted as TOML does it."""
    value: object = tomllib.loads(f"{dotted} = 0")
    names: list[str] = []
    while isinstance(value, dict):
        name, value = next(iter(value.items()))
        names.append(name)
    return tuple(names)
