"""Makes the committed schema table from Shopify's own introspection; run once per API version, never at run time.

    python -m shared.shopify.schema.extract node_modules/@shopify/dev-mcp/dist/data/admin_2026-10.json.gz 2026-10

The source is the npm package `@shopify/dev-mcp` (ISC); descriptions are left out, names and types are kept whole.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any


def compact(introspection: dict[str, Any]) -> dict[str, Any]:
    """The schema as {"query", "mutation", "types": {name: entry}}; shared/shopify/schema/__init__.py reads it.

    An entry is {"k": kind letter} with "f" fields {name: type or [type, {argument: type}]}, "i" input fields,
    "e" enum values, "p" possible types, "n" interfaces, "d" deprecated field names; empty parts are left out.
    """
    schema = introspection["data"]["__schema"]
    types = {entry["name"]: _entry(entry) for entry in schema["types"] if not entry["name"].startswith("__")}
    return {
        "query": schema["queryType"]["name"],
        "mutation": schema["mutationType"]["name"],
        "directives": {d["name"]: [d["locations"], _inputs(d["args"])] for d in schema["directives"]},
        "types": types,
    }


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    letters = {"OBJECT": "O", "INTERFACE": "I", "UNION": "U", "ENUM": "E", "INPUT_OBJECT": "P", "SCALAR": "S"}
    fields = entry.get("fields") or ()
    parts: dict[str, Any] = {
        "f": {f["name"]: [text(f["type"]), _inputs(f["args"])] if f["args"] else text(f["type"]) for f in fields},
        "i": _inputs(entry.get("inputFields") or ()),
        "e": [value["name"] for value in entry.get("enumValues") or ()],
        "p": [kind["name"] for kind in entry.get("possibleTypes") or ()],
        "n": [kind["name"] for kind in entry.get("interfaces") or ()],
        "d": [f["name"] for f in fields if f["isDeprecated"]],
        "o": 1 if entry.get("isOneOf") else 0,
    }
    return {"k": letters[entry["kind"]], **{key: value for key, value in parts.items() if value}}


def _inputs(values: Any) -> dict[str, str]:
    """Name → type; a default value follows the type, as in SDL."""
    return {
        value["name"]: text(value["type"]) + (f" = {value['defaultValue']}" if value["defaultValue"] else "")
        for value in values
    }


def text(kind: dict[str, Any]) -> str:
    """A type reference as SDL writes it: `[String!]!`."""
    if kind["kind"] == "NON_NULL":
        return f"{text(kind['ofType'])}!"
    if kind["kind"] == "LIST":
        return f"[{text(kind['ofType'])}]"
    return str(kind["name"])


def main(source: str, version: str) -> None:
    """Write the table of one version next to this file."""
    with gzip.open(source) as file:
        table = compact(json.load(file))
    target = Path(__file__).parent / f"admin_{version}.json.gz"
    body = json.dumps(table, separators=(",", ":"), sort_keys=True).encode()
    target.write_bytes(gzip.compress(body, compresslevel=9, mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:3])
