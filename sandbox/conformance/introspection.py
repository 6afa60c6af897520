"""What an answer says of the schema itself: its lists have no order of their own.

The published schema, which the sandbox serves, sorts fields and arguments by letter; the real server does not.
"""

from __future__ import annotations

import re
from typing import Any

_ROOT = re.compile(r"(?:(\w+)\s*:\s*)?\b(__type|__schema)\b(?!name)")


def unordered(query: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with every named list below `__type` and `__schema` sorted by name."""
    keys = {alias or name for alias, name in _ROOT.findall(query)}
    data = answer.get("data")
    if not keys or not isinstance(data, dict):
        return answer
    return answer | {"data": {key: _sorted(item) if key in keys else item for key, item in data.items()}}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    inner = [_sorted(item) for item in value]
    named = all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in inner)
    return sorted(inner, key=lambda item: item["name"]) if named else inner
