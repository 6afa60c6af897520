"""Capabilities and access of metaobject definitions: publishable, translatable, renderable, online store.

Facts and checks; nothing is written here.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import registry
from sandbox.shopify.mutations.metaobject_errors import problem
from sandbox.shopify.mutations.metaobject_fields import undefined
from sandbox.shopify.store.database import Row

STANDARD: Row = {
    "publishable": {"enabled": False},
    "translatable": {"enabled": False},
    "renderable": {"enabled": False, "data": None},
    "onlineStore": {"enabled": False, "data": None},
}
RENDERED = ("single_line_text_field", "multi_line_text_field", "rich_text_field")
registry.inputs("MetaobjectAccessInput", "admin storefront customerAccount")
for _name in ("MetaobjectCapabilityCreateInput", "MetaobjectCapabilityUpdateInput"):
    registry.inputs(_name, "publishable translatable renderable onlineStore")
registry.inputs("MetaobjectCapabilityPublishableInput", "enabled")
registry.inputs("MetaobjectCapabilityTranslatableInput", "enabled")
registry.inputs("MetaobjectCapabilityRenderableInput", "enabled data")
registry.inputs("MetaobjectCapabilityDefinitionDataRenderableInput", "metaTitleKey metaDescriptionKey")
registry.inputs("MetaobjectCapabilityOnlineStoreInput", "enabled data")
registry.inputs("MetaobjectCapabilityDefinitionDataOnlineStoreInput", "urlHandle")


def default_access(type_name: str, given: Row | None) -> Row:
    """The access of a new definition."""
    admin = "MERCHANT_READ" if type_name.startswith("app--") else "PUBLIC_READ_WRITE"
    chosen_ones = {name: value for name, value in (given or {}).items() if value is not None}
    return {"admin": admin, "storefront": "NONE", "customerAccount": "NONE"} | chosen_ones


def chosen(standing: Row, given: Row | None) -> Row:
    """The capabilities after an input."""
    found = {name: dict(value) for name, value in standing.items()}
    for name, value in (given or {}).items():
        if value is None:
            continue
        found[name] |= {key: part for key, part in value.items() if part is not None}
        if name == "renderable" and found[name]["data"] is not None:
            found[name]["data"] = {"metaTitleKey": None, "metaDescriptionKey": None} | found[name]["data"]
    return found


def problems_of(given: Row, fields: list[Row]) -> list[Row]:
    """What is wrong with access and capabilities of an input."""
    found: list[Row] = []
    access = given.get("access") or {}
    if access.get("admin") and not str(given.get("type", "")).startswith(("$app", "app--")):
        message = "Admin access can only be specified on metaobject definitions that have an app-reserved type."
        found.append(problem(["definition", "access"], message, "ADMIN_ACCESS_INPUT_NOT_ALLOWED"))
    renderable = (given.get("capabilities") or {}).get("renderable") or {}
    kinds = {field["key"]: field["type"] for field in fields}
    for name, key in _rendered_keys(renderable.get("data") or {}):
        found += _render_problem(name, key, kinds)
    return found


def _rendered_keys(data: Row) -> list[tuple[str, Any]]:
    pairs = (("meta_title_key", data.get("metaTitleKey")), ("meta_description_key", data.get("metaDescriptionKey")))
    return [(name, key) for name, key in pairs if key]


def _render_problem(name: str, key: str, kinds: dict[str, str]) -> list[Row]:
    path = ["definition", "capabilities", "renderable"]
    if key not in kinds:
        return [undefined(key, path, "INVALID")]
    if kinds[key] in RENDERED:
        return []
    message = (
        f'Renderable Capability "{name}" cannot reference the field definition "{key}" of type "{kinds[key]}". '
        f"Only {', '.join(RENDERED)} definitions are allowed."
    )
    return [problem(path, message, "FIELD_TYPE_INVALID")]
