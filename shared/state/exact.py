"""JSON that keeps Decimals and times exact, for journal lines and stored values.

A Decimal becomes {"<mark>d": "10.00"}, a time {"<mark>t": "..."}; keys that begin with the mark themselves are
escaped, which is only looked for when the mark occurs more often than it was written. Must never turn a number into
a float.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

_MARK = "\ue000"  # a private-use character: no GraphQL name and no column name holds it
_DECIMAL, _TIME, _ESCAPED = f"{_MARK}d", f"{_MARK}t", f"{_MARK}e"
_WRITTEN = json.dumps(_MARK)[1:-1]


def dumps(value: Any) -> str:
    """Compact JSON of nested mappings and lists of str, int, Decimal, bool, datetime and None."""
    tags = 0

    def tag(other: Any) -> Any:
        nonlocal tags
        if isinstance(other, Decimal):
            tags += 1
            return {_DECIMAL: str(other)}
        if isinstance(other, datetime):
            tags += 1
            return {_TIME: other.astimezone(UTC).isoformat()}
        if isinstance(other, Mapping):
            return dict(other)
        raise TypeError(f"{type(other).__name__} cannot be stored")

    text = json.dumps(value, default=tag, separators=(",", ":"))
    if text.count(_WRITTEN) == tags:
        return text
    return json.dumps({_ESCAPED: _escaped(value)}, default=tag, separators=(",", ":"))


def loads(text: str | bytes) -> Any:
    """The value again: Decimals and times exact, lists as lists, mappings as dicts."""
    value = json.loads(text, object_hook=_untag)
    if isinstance(value, dict) and len(value) == 1 and _ESCAPED in value:
        return _unescaped(value[_ESCAPED])
    return value


def _untag(found: dict[str, Any]) -> Any:
    if len(found) == 1:
        if _DECIMAL in found:
            return Decimal(found[_DECIMAL])
        if _TIME in found:
            return datetime.fromisoformat(found[_TIME])
    return found


def _escaped(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_MARK + key if key.startswith(_MARK) else key: _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, list | tuple) else value


def _unescaped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[1:] if key.startswith(_MARK) else key: _unescaped(item) for key, item in value.items()}
    return [_unescaped(item) for item in value] if isinstance(value, list) else value
