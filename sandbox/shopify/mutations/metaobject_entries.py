"""The checks on one metaobject that is about to be written: its fields, handle and capabilities.

All errors of a call are gathered; nothing is written here.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from sandbox.shopify.call import Call
from sandbox.shopify.metafield_json import Invalid
from sandbox.shopify.metafield_values import coerced_boolean
from sandbox.shopify.mutations.metafield_checks import kept_value
from sandbox.shopify.mutations.metaobject_errors import problem
from sandbox.shopify.mutations.metaobject_fields import undefined
from sandbox.shopify.store import metaobjects
from sandbox.shopify.store.database import Row

CAPABILITIES = {"publishable": "publishable", "onlineStore": "online_store"}


@dataclass
class Wanted:
    """What an input asks for, checked: values by key (None takes one away), and every error."""

    values: dict[str, str | None] = field(default_factory=dict)
    errors: list[Row] = field(default_factory=list)


def checked(call: Call, definition: Row, given: Row, standing: dict[str, str] | None) -> Wanted:
    """The fields of an input against a definition; `standing` are the values of an entry that is there already."""
    fields = {one["key"]: one for one in metaobjects.fields(call.store, definition["id"])}
    wanted = Wanted()
    for place, entry in enumerate(given.get("fields") or []):
        path = ["metaobject", "fields", str(place)]
        key = entry["key"]
        if key in wanted.values:
            wanted.errors += _duplicate(fields[key], path)
        elif key not in fields:
            wanted.errors.append(undefined(key, path, named=key))
        else:
            _check_value(call, fields[key], entry["value"], path, wanted, standing is None)
    _check_required(fields, wanted, standing or {})
    wanted.errors += _capability_errors(definition, given.get("capabilities") or {})
    return wanted


def _duplicate(kind: Row, path: list[str]) -> list[Row]:
    """A field given twice counts as not given, which a required one is told as well (recorded)."""
    key = kind["key"]
    found = [problem(path, f'Field "{key}" duplicates other inputs', "DUPLICATE_FIELD_INPUT", key)]
    if kind["required"]:
        found.append(problem(path, f"{kind['name']} can't be blank", "OBJECT_FIELD_REQUIRED", key))
    return found


def _check_value(call: Call, kind: Row, value: str, path: list[str], wanted: Wanted, new: bool) -> None:
    key = kind["key"]
    wanted.values[key] = None
    if not value.strip():
        if kind["required"]:
            wanted.errors.append(problem(path, f"{kind['name']} can't be blank", "OBJECT_FIELD_REQUIRED", key))
        return
    # A new entry takes any text for a boolean; a change of one does not (both recorded).
    text = coerced_boolean(value) if new and kind["type"] == "boolean" else value
    try:
        wanted.values[key] = kept_value(call, kind["type"], text, json.loads(kind["validations"]))
    except Invalid as wrong:
        wanted.errors.append(problem(path, str(wrong), "INVALID_VALUE", key, wrong.index))


def _check_required(fields: dict[str, Row], wanted: Wanted, standing: dict[str, str]) -> None:
    for key, kind in fields.items():
        if kind["required"] and key not in wanted.values and key not in standing:
            message = f"{kind['name']} can't be blank"
            wanted.errors.append(problem(["metaobject"], message, "OBJECT_FIELD_REQUIRED", key))


def _capability_errors(definition: Row, given: Row) -> list[Row]:
    enabled = json.loads(definition["capabilities"])
    found = []
    for name, label in CAPABILITIES.items():
        if given.get(name) is not None and not enabled[name]["enabled"]:
            path = ["metaobject", "capabilities", name]
            found.append(problem(path, f"Capability is not enabled: {label}", "CAPABILITY_NOT_ENABLED"))
    return found


def handle_errors(handle: str, path: list[str]) -> list[Row]:
    """What is wrong with a handle that was asked for."""
    found = []
    if not handle.strip():
        found.append(problem(path, "Handle can't be blank", "BLANK"))
    if len(handle) > 255:
        found.append(problem(path, "Handle is too long (maximum is 255 characters)", "TOO_LONG"))
    if not re.fullmatch(r"[\w\-]+", handle):
        found.append(problem(path, "Handle is invalid", "INVALID"))
    return found


def taken(path: list[str]) -> Row:
    """Another entry of the type has the handle."""
    return problem(path, "Handle has already been taken", "TAKEN")
