"""On which line of a TOML file a key stands; tomllib keeps no positions.

Reads only text that tomllib has accepted, so it need not find errors, only keys.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

Key = tuple[str | int, ...]

_KEY_PART = r"(?:[A-Za-z0-9_-]+|\"(?:[^\"\\]|\\.)*\"|'[^']*')"
_KEY = re.compile(rf"\s*({_KEY_PART}(?:\s*\.\s*{_KEY_PART})*)\s*=")
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_KEY_PART}(?:\s*\.\s*{_KEY_PART})*)\s*\]")
_TOKENS = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"'  # texts with escapes
    r"|'''.*?'''|'[^'\n]*'"  # texts as they are
    r"|#[^\n]*|[\[\]{}\n]|[^\"'#\[\]{}\n]+",
    re.DOTALL,
)


def line_numbers(text: str) -> dict[Key, int]:
    """The line of every table header and key; members of `[[skip]]` are numbered from 0."""
    found: dict[Key, int] = {}
    prefix: Key = ()
    counts: dict[Key, int] = {}
    for line, statement in _statements(text):
        header = _HEADER.match(statement)
        if header:
            prefix = _names(header.group(2))
            if header.group(1) == "[[":
                counts[prefix] = counts.get(prefix, -1) + 1
                found.setdefault(prefix, line)
                prefix = (*prefix, counts[prefix])
            for length in range(1, len(prefix) + 1):  # tables that only their inner tables make known
                found.setdefault(prefix[:length], line)
        elif match := _KEY.match(statement):
            found.setdefault((*prefix, *_names(match.group(1))), line)
    return found


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each statement with the line it begins on; strings and brackets may span lines."""
    line = first = 1
    depth = 0
    current = ""
    for piece in _TOKENS.findall(text + "\n"):
        if piece == "\n" and depth == 0:
            yield first, current
            current, first = "", line + 1
        elif not piece.startswith("#"):
            depth += (piece in ("[", "{")) - (piece in ("]", "}"))
            current += piece
        line += piece.count("\n")


def _names(dotted: str) -> Key:
    """The parts of a dotted key, unquoted as TOML does it."""
    value: object = tomllib.loads(f"{dotted} = 0")
    names: list[str] = []
    while isinstance(value, dict):
        name, value = next(iter(value.items()))
        names.append(name)
    return tuple(names)
