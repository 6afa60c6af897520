"""Small mapping files as text, so that a test shows only the keys it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.mapping.apply import wanted
from shared.mapping.load import MappingFile, parse
from shared.mapping.rules import Rules, join

SHOPIFY_TO_CRM = """flow = "things_shopify_to_crm"
kind = "things"
[source]
type = "Thing"
[target]
table = "thing"
"""
CRM_TO_SHOPIFY = """flow = "things_crm_to_shopify"
kind = "things"
[source]
table = "thing"
[target]
type = "Thing"
"""


def inward(body: str) -> MappingFile:
    """A file from Shopify to CRM with these tables."""
    return parse(SHOPIFY_TO_CRM + body, file="inward.toml")


def outward(body: str) -> MappingFile:
    """A file from CRM to Shopify with these tables."""
    return parse(CRM_TO_SHOPIFY + body, file="outward.toml")


def field(name: str, **keys: Any) -> str:
    """One `[fields.NAME]` table; `from_` stands for `from`."""
    return table(f"fields.{name}", **keys)


def table(header: str, **keys: Any) -> str:
    """One TOML table."""
    lines = [f"{key.rstrip('_')} = {_toml(value)}" for key, value in keys.items()]
    return "\n".join([f"[{header}]", *lines, ""])


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f'"{key}" = {_toml(inner)}' for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value)


def rules_of(body: str, **settings: bool) -> Rules:
    """The rules of a file from Shopify to CRM without a reverse flow."""
    return join(inward(body), None, settings=settings)


def want(body: str, content: Mapping[str, Any], **constants: Any) -> dict[str, Any]:
    """What a file from Shopify to CRM wants for a record."""
    return wanted(rules_of(body), content, constants=constants, references={})
