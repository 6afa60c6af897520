"""Physical paths: where a value sits in a record, as one canonical text.

Segments are joined by dots; a segment that is not a plain identifier stands in double quotes, as JMESPath writes it.
Lists are transparent: a path through a list means that field of every element. Nothing here writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from shared.records import Content

Segments = tuple[str, ...]
HEADER = "header"
"""The name under which a line's expressions reach the record around the line."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def join_path(segments: Iterable[str]) -> str:
    """The canonical text of a path: `metafields."custom.size"`."""
    return ".".join(
        segment if _PLAIN.fullmatch(segment) else json.dumps(segment, ensure_ascii=False) for segment in segments
    )


@lru_cache(maxsize=4096)
def split_path(path: str) -> Segments:
    """The segments of a path; ValueError with a sentence where the text is not a path."""
    segments: list[str] = []
    position = 0
    while True:
        match = _PLAIN.match(path, position) or _QUOTED.match(path, position)
        if match is None:
            raise ValueError(f"{path!r} is not a path: names joined by dots, other names in double quotes")
        segments.append(_segment(match.group(), path))
        position = match.end()
        if position == len(path):
            return tuple(segments)
        if path[position] != ".":
            raise ValueError(f"{path!r} is not a path: a dot was expected after {path[:position]!r}")
        position += 1


def _segment(text: str, path: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text))
    except ValueError:
        raise ValueError(f"{path!r} is not a path: {text} is not a quoted name") from None


def known(content: Content, path: str) -> bool:
    """Whether the record was read as far as that path; below a null or a list there is nothing more to know."""
    value: Any = content
    for segment in split_path(path):
        if not isinstance(value, Mapping):
            return True
        if segment not in value:
            return False
        value = value[segment]
    return True


def canonical(path: str) -> str:
    """The one text form of a path that a person wrote."""
    return join_path(split_path(path))


def get(content: Content, path: str) -> Any:
    """The value at a path; a list on the way gives the list of its elements' values, nothing there gives None."""
    return _walk(content, split_path(path))


def _walk(value: Any, segments: Segments) -> Any:
    for index, segment in enumerate(segments):
        if isinstance(value, Mapping):
            value = value.get(segment)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            return [_walk(element, segments[index:]) for element in value]
        else:
            return None
    return value


def within(path: str, other: str) -> bool:
    """Whether `path` is `other` or lies inside it."""
    mine, theirs = split_path(path), split_path(other)
    return mine[: len(theirs)] == theirs
