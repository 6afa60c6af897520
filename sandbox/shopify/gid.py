"""Shopify's global ids: `gid://shopify/Product/123`.

Nothing here knows whether the record exists.
"""

from __future__ import annotations

import re

LARGEST = 2**63 - 1
_FORM = re.compile(r"^gid://([A-Za-z0-9_.\-]+)/([A-Za-z0-9_.:\-]+)/(.+)$")


def make(kind: str, number: int | str) -> str:
    """The global id of a record."""
    return f"gid://shopify/{kind}/{number}"


def is_valid(text: object) -> bool:
    """True for anything that has the form of a global id."""
    return isinstance(text, str) and _FORM.match(text) is not None


def kind_of(text: str) -> str:
    """The type name within a global id, empty when it has none."""
    match = _FORM.match(text)
    return match[2] if match else ""


def number(text: object, kind: str) -> int | None:
    """The numeric id when this is a global id of that kind, else None."""
    match = _FORM.match(text) if isinstance(text, str) else None
    if match is None or match[2] != kind or not match[3].isdigit():
        return None
    value = int(match[3])
    return value if value <= LARGEST else None
