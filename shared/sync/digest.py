"""Digests of single values: how an echo is recognised and a change found.

Two values are the same when their canonical texts are: None, '' and [] are one blank; 10, 10.0 and "10" are one
number; line ends and Unicode composition do not count. Never digests a whole record: a base is per physical path.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from shared.mapping.paths import get
from shared.records import Content

BLANK = "-"


def is_blank(value: Any) -> bool:
    """True for None, an empty text, an empty list or mapping: all mean 'no value'."""
    return value is None or (isinstance(value, str | list | tuple | Mapping) and len(value) == 0)


def canonical(value: Any) -> str:
    """The one text that all representations of an equal value share."""
    if is_blank(value):
        return ""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{canonical(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(f"{len(text)}:{text}" for text in map(canonical, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return _number(Decimal(value))
    if isinstance(value, float):
        return _number(Decimal(str(value)))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return unicodedata.normalize("NFC", str(value)).replace("\r\n", "\n").replace("\r", "\n")


def _number(value: Decimal) -> str:
    if value == 0:
        return "0"
    return format(value.normalize(), "f")


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal as far as either system is concerned."""
    return canonical(left) == canonical(right)


def digest(value: Any) -> str:
    """16 hexadecimal digits of a value's canonical text; '-' for a blank."""
    text = canonical(value)
    if not text:
        return BLANK
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def digests(content: Content, paths: Iterable[str]) -> dict[str, str]:
    """The digest of each physical path of a record."""
    return {path: digest(get(content, path)) for path in paths}


def fingerprint(parts: Iterable[str]) -> str:
    """One digest over many texts, in the order given; for mappings, selections and parked content."""
    whole = hashlib.blake2b(digest_size=8)
    for part in parts:
        whole.update(f"{len(part)}:".encode())
        whole.update(part.encode("utf-8", "surrogatepass"))
    return whole.hexdigest()
