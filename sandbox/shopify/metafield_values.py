"""Which values a metafield type takes, and in which form the store keeps and shows them.

Pure: what a reference points at is looked up in `metafield_references`. Raises Invalid with the vendor's recorded
sentence; a type it does not check is refused as not modelled.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from sandbox.shopify import metafield_types
from sandbox.shopify.dialect import NotBuilt
from sandbox.shopify.metafield_json import Invalid, dump, link, measure, money, rating, read

INTEGER_LIMIT = 2**53 - 1
DECIMAL_LIMIT = Decimal("9999999999999")
SCHEMES = ("http", "https", "mailto", "sms", "tel")
MAX_LIST = 128
JSON_TYPES = frozenset(["json", "json_string", "rich_text_field", "money", "rating", "link"])


def normal(type_name: str, value: str) -> str:
    """The value as the store keeps it; raises Invalid, or NotBuilt for a type that is not checked."""
    if type_name.startswith("list."):
        return _list(metafield_types.inner(type_name), value)
    if metafield_types.is_reference(type_name):
        return value
    if type_name in metafield_types.MEASUREMENTS:
        return measure(type_name, value)
    check = _CHECKS.get(type_name)
    if check is None:
        raise NotBuilt(f"values of the metafield type {type_name}")
    return check(value)


def shown(type_name: str, value: str) -> Any:
    """The value as `jsonValue` shows it."""
    single = metafield_types.inner(type_name)
    if type_name != single or single in JSON_TYPES or single in metafield_types.MEASUREMENTS:
        return json.loads(value)
    if single in {"number_integer", "integer"}:
        return int(value)
    return value == "true" if single == "boolean" else value


def coerced_boolean(value: str) -> str:
    """A boolean as it is read where nothing may fail: only `false` is false (metaobjectCreate, recorded)."""
    return "false" if value.strip().lower() == "false" else "true"


def _single_line(value: str) -> str:
    if "\n" in value or "\r" in value:
        raise Invalid("Value must be a single line text string.")
    return value


def _text(value: str) -> str:
    return value


def _integer(value: str) -> str:
    if not re.fullmatch(r"[+-]?\d+", value.strip()):
        raise Invalid("Value must be an integer.")
    if abs(int(value)) > INTEGER_LIMIT:
        raise Invalid(f"Value can't exceed {INTEGER_LIMIT}.")
    return str(int(value))


def _decimal(value: str) -> str:
    try:
        number = Decimal(value.strip())
    except InvalidOperation:
        raise Invalid("Value must be a decimal.") from None
    if not number.is_finite():
        raise Invalid("Value must be a decimal.")
    if abs(number) > DECIMAL_LIMIT:
        raise Invalid(f"Value can't exceed {DECIMAL_LIMIT:f}.")
    # A whole number gains its decimal place, as decimals are kept.
    text = f"{number:f}"
    return text if "." in text else f"{text}.0"


def _boolean(value: str) -> str:
    if value not in {"true", "false"}:
        raise Invalid("Value must be true or false.")
    return value


def _color(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise Invalid("Value must be a hex color code.")
    return value


def _date(value: str) -> str:
    try:
        datetime.strptime(value, "%Y-%m-%d")  # noqa: DTZ007 - a date has no zone
    except ValueError:
        raise Invalid("Value must be in YYYY-MM-DD format.") from None
    return value


def _moment(value: str) -> str:
    wrong = Invalid("Value must be in \u201cYYYY-MM-DDTHH:MM:SS\u201d format. For example: 2022-06-01T15:30:00")
    if not re.match(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", value):
        raise wrong
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        raise wrong from None
    return moment.isoformat() if moment.tzinfo else f"{moment.isoformat()}+00:00"


def _url(value: str) -> str:
    scheme = urlsplit(value).scheme
    if not scheme:
        allowed = ", ".join(f'"{one}"' for one in SCHEMES)
        raise Invalid(
            "Value cannot have an empty scheme (protocol), must include one of the following "
            f"URL schemes: [{allowed}].'"
        )
    if scheme not in SCHEMES:
        raise Invalid(f"Value must be one of the following URL schemes: {', '.join(SCHEMES)}.")
    return value


def _link(value: str) -> str:
    _url(link(value))
    return value


def _document(value: str) -> str:
    read(value)
    return value


def _list(single: str, value: str) -> str:
    content = read(value)
    if not isinstance(content, list):
        raise Invalid("Value must be an array.")
    if len(content) > MAX_LIST:
        raise Invalid(f"Value has more than {MAX_LIST} elements.")
    kept = []
    for position, item in enumerate(content):
        try:
            kept.append(normal(single, item if isinstance(item, str) else dump(item)))
        except Invalid as wrong:
            raise Invalid(str(wrong), position) from None
    if single in metafield_types.UNITS:
        return f"[{','.join(kept)}]"
    return value


_CHECKS: dict[str, Callable[[str], str]] = {
    "single_line_text_field": _single_line,
    "multi_line_text_field": _text,
    "rich_text_field": _document,
    "number_integer": _integer,
    "number_decimal": _decimal,
    "boolean": _boolean,
    "color": _color,
    "date": _date,
    "date_time": _moment,
    "url": _url,
    "rating": rating,
    "json": _document,
    "id": _single_line,
    "link": _link,
    "language": _text,
    "money": money,
    "string": _text,
    "integer": _integer,
    "float": _decimal,
    "json_string": _document,
}
