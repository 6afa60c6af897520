"""The JSON Schema of a mapping file, made from the model, so that editors complete and explain keys.

`python -m shared.mapping.schema` prints it; a test compares it with mappings/mapping.schema.json.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from shared.mapping.model import MappingModel


def schema_text() -> str:
    """The schema as it is stored: two spaces, a line end at the end."""
    schema = _without_null(MappingModel.model_json_schema(by_alias=True))
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Mapping of one flow"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _without_null(node: Any) -> Any:
    """TOML has no null, and titles repeat the keys: both would only clutter what an editor shows."""
    if isinstance(node, list):
        return [_without_null(member) for member in node if member != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if not _clutter(key, value)}
    if len(choices := _without_null(kept.get("anyOf", []))) == 1:
        del kept["anyOf"]
        kept = choices[0] | kept
    return {key: _without_null(value) for key, value in kept.items()}


def _clutter(key: str, value: Any) -> bool:
    return (key == "default" and value is None) or (key == "title" and isinstance(value, str))


if __name__ == "__main__":
    sys.stdout.write(schema_text())
