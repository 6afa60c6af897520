"""The validations of a definition: which a type may have, and what a value that breaks one is told.

A rule whose broken form nobody recorded is refused by name when a value breaks it, not when it is set.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.shopify import gid, metafield_types
from sandbox.shopify.dialect import NotBuilt
from sandbox.shopify.metafield_json import Invalid
from sandbox.shopify.store.database import Row

Rule = dict[str, Any]
Problem = tuple[str, str]
_TEXT = ("min", "max", "regex")
_BOUNDS = ("min", "max")
_SUPPORTED: dict[str, tuple[str, ...]] = {
    "single_line_text_field": (*_TEXT, "choices"),
    "multi_line_text_field": _TEXT,
    "id": _TEXT,
    "number_integer": (*_BOUNDS, "choices"),
    "number_decimal": (*_BOUNDS, "max_precision", "choices"),
    "url": ("allowed_domains",),
    "link": ("allowed_domains",),
    "date": _BOUNDS,
    "date_time": _BOUNDS,
    "json": ("schema",),
    "rating": ("scale_min", "scale_max"),
    "file_reference": ("file_type_options",),
    "metaobject_reference": ("metaobject_definition_id",),
    "mixed_reference": ("metaobject_definition_ids",),
    "product_taxonomy_value_reference": ("product_taxonomy_attribute_handle",),
}
_LENGTH = frozenset(["single_line_text_field", "multi_line_text_field", "id"])
# Rules that narrow a value in a way no recording words.
_UNWORDED = frozenset(["allowed_domains", "max_precision", "schema", "file_type_options"])


def supported(type_name: str) -> tuple[str, ...]:
    """The validations that a type knows; lists also count their elements."""
    single = metafield_types.inner(type_name)
    own = _BOUNDS if single in metafield_types.MEASUREMENTS else _SUPPORTED.get(single, ())
    return (*own, "list.min", "list.max") if single != type_name else own


def problems(rules: list[Rule], type_name: str) -> list[Problem]:
    """What is wrong with the validations of a definition: sentence and code, in the vendor's order."""
    names = [rule["name"] for rule in rules]
    if len(set(names)) != len(names):
        return [('Validations cannot contain duplicate "name" options.', "DUPLICATE_OPTION")]
    known = supported(type_name)
    for name in names:
        if name not in known:
            text = (
                f"Validations value for option {name} contains an invalid value: "
                f"'{name}' isn't supported for {type_name}."
            )
            return [(text, "INVALID_OPTION")]
    return [(text, "INVALID_OPTION") for text in _form(rules, type_name)]


def _form(rules: list[Rule], type_name: str) -> list[str]:
    given = {rule["name"]: rule["value"] for rule in rules}
    single = metafield_types.inner(type_name)
    if single in {"metaobject_reference", "mixed_reference"}:
        wanted = "metaobject_definition_id" if single == "metaobject_reference" else "metaobject_definition_ids"
        return [] if given.get(wanted) else ["Validations require that you select a metaobject."]
    if single == "rating":
        missing = [name for name in ("scale_max", "scale_min") if name not in given]
        return [f"Validations requires '{name}' to be provided." for name in missing]
    if single in _LENGTH or single == "number_integer":
        for name in _BOUNDS:
            if name in given and not re.fullmatch(r"-?\d+", given[name].strip()):
                return [f"Validations value for option {name} must be an integer."]
    low, high = (_comparable(given.get(name), single) for name in _BOUNDS)
    if low is not None and high is not None and low > high:
        return ["Validations contains an invalid value: 'min' must be less than 'max'."]
    return []


def check(rules: list[Rule], type_name: str, value: str) -> None:
    """Refuse a value that breaks a rule; raises Invalid."""
    single = metafield_types.inner(type_name)
    if single == type_name:
        _check_one(rules, single, value)
        return
    elements = json.loads(value, parse_float=Decimal)
    for rule in rules:
        if rule["name"] in {"list.min", "list.max"}:
            short = rule["name"] == "list.min" and len(elements) < int(rule["value"])
            if short or (rule["name"] == "list.max" and len(elements) > int(rule["value"])):
                raise NotBuilt(f"the refusal of a value by the validation {rule['name']}")
    for position, element in enumerate(elements):
        text = element if isinstance(element, str) else json.dumps(element, default=str)
        try:
            _check_one(rules, single, text)
        except Invalid as wrong:
            raise Invalid(str(wrong), position) from None


def _check_one(rules: list[Rule], single: str, value: str) -> None:
    if single == "rating":
        _scale(rules, value)
    for rule in rules:
        message = _broken(rule["name"], rule["value"], single, value)
        if message is not None:
            raise Invalid(message)


def _scale(rules: list[Rule], value: str) -> None:
    content = json.loads(value)
    for rule in rules:
        if rule["name"] in {"scale_min", "scale_max"}:
            own = content[rule["name"]]
            if Decimal(str(own)) != Decimal(rule["value"]):
                raise Invalid(
                    "Value min and max on the rating value must be the same as the min and max on the definition."
                )


def _broken(name: str, bound: str, single: str, value: str) -> str | None:
    if name == "choices":
        options = json.loads(bound)
        shown = ", ".join(f'"{option}"' for option in options)
        return None if value in options else f"Value does not exist in provided choices: [{shown}]."
    if name == "regex":
        return None if re.search(bound, value) else "Value is not the correct format."
    if name in _UNWORDED and not _kept(name, bound, value):
        raise NotBuilt(f"the refusal of a value by the validation {name}")
    return _out_of_bounds(name, bound, single, value) if name in _BOUNDS else None


def _out_of_bounds(name: str, bound: str, single: str, value: str) -> str | None:
    if single in metafield_types.MEASUREMENTS:
        raise NotBuilt(f"the validation {name} of {single} metafields")
    limit, measured = _comparable(bound, single), _comparable(value, single, measured=True)
    if limit is None or measured is None:
        return None
    if not (measured < limit if name == "min" else measured > limit):
        return None
    of = " length" if single in _LENGTH else ""
    word = "minimum" if name == "min" else "maximum"
    return f"Value has a {word}{of} of {_bound_shown(bound, single)}."


def _bound_shown(bound: str, single: str) -> str:
    if single != "date_time":
        return bound
    return f"{_moment(bound):%Y-%m-%d %H:%M:%S} +0000"


def _comparable(text: str | None, single: str, measured: bool = False) -> Any:
    if text is None:
        return None
    if single == "date":
        return text
    if single == "date_time":
        return _moment(text)
    if measured and single in _LENGTH:
        return Decimal(len(text))
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None)


def _kept(name: str, bound: str, value: str) -> bool:
    if name == "max_precision":
        return len(value.partition(".")[2].rstrip("0")) <= int(bound)
    if name == "allowed_domains":
        return any(f"//{domain}" in value or f".{domain}" in value for domain in json.loads(bound))
    if name == "file_type_options":
        images = gid.kind_of(value) == "MediaImage"
        return "Image" in json.loads(bound) if images else "Video" not in value or "Video" in json.loads(bound)
    return False


def definitions_of(rules: list[Rule]) -> Iterator[str]:
    """The metaobject definitions whose entries a reference may point at."""
    for rule in rules:
        if rule["name"] == "metaobject_definition_id":
            yield rule["value"]
        elif rule["name"] == "metaobject_definition_ids":
            yield from json.loads(rule["value"])


def check_entry(rules: list[Rule], type_name: str, entries: list[Row]) -> None:
    """Refuse references to entries of other metaobject definitions; raises Invalid."""
    allowed = list(definitions_of(rules))
    single = metafield_types.inner(type_name)
    for position, entry in enumerate(entries):
        if not allowed or gid.make("MetaobjectDefinition", entry["definition_id"]) in allowed:
            continue
        place = None if single == type_name else position
        if single == "mixed_reference":
            raise Invalid("Value must belong to one of the specified metaobject definitions.", place)
        raise Invalid(f"Value must belong to the specified metaobject definition {allowed[0]}.", place)
