"""Which values a metafield type takes, and in which form the store keeps them.

Pure. Raises Invalid with the vendor's recorded sentence; a type it does not check is refused as not modelled.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from sandbox.shopify import gid

INTEGER_LIMIT = 2**53 - 1
DECIMAL_LIMIT = Decimal("9999999999999")
SCHEMES = ("http", "https", "mailto", "sms", "tel")
MAX_LIST = 128
MEASURES = {
    "dimension": {"in", "ft", "yd", "mm", "cm", "m"},
    "volume": {
        "ml",
        "cl",
        "l",
        "m3",
        "us_fl_oz",
        "us_pt",
        "us_qt",
        "us_gal",
        "imp_fl_oz",
        "imp_pt",
        "imp_qt",
        "imp_gal",
    },
    "weight": {"g", "kg", "oz", "lb"},
}
REFERENCES = frozenset(
    [
        "product_reference",
        "variant_reference",
        "collection_reference",
        "page_reference",
        "metaobject_reference",
        "mixed_reference",
        "file_reference",
        "customer_reference",
        "company_reference",
        "order_reference",
        "product_taxonomy_value_reference",
        "article_reference",
    ]
)


class Invalid(ValueError):
    """The value does not fit the type; the text is what the user error says."""


def normal(type_name: str, value: str, currency: str) -> str:
    """The value as the store keeps it; raises Invalid, or KeyError for a type that does not exist."""
    if type_name.startswith("list."):
        return _list(type_name.removeprefix("list."), value, currency)
    if type_name in REFERENCES:
        if not gid.is_valid(value):
            raise Invalid("Value must be a valid reference.")
        return value
    if type_name in MEASURES:
        return _measure(type_name, value)
    if type_name == "money":
        return _money(value, currency)
    return _CHECKS[type_name](value)


def exists(type_name: str) -> bool:
    """True for a type that Shopify knows and this module checks."""
    name = type_name.removeprefix("list.")
    return name in _CHECKS or name in REFERENCES or name in MEASURES or name == "money"


def _json(value: str) -> Any:
    try:
        return json.loads(value, parse_float=Decimal)
    except ValueError as error:
        raise Invalid(f"Value is invalid JSON: {error}.") from None


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
    if not re.match(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", value):
        raise Invalid("Value must be in \u201cYYYY-MM-DDTHH:MM:SS\u201d format. For example: 2022-06-01T15:30:00")
    moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
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


def _rating(value: str) -> str:
    content = _json(value)
    if not isinstance(content, dict) or not {"value", "scale_min", "scale_max"} <= set(content):
        raise Invalid("Value must be a stringified JSON object with value, scale_min and scale_max fields.")
    number, low, high = (Decimal(str(content[name])) for name in ("value", "scale_min", "scale_max"))
    if number > high:
        raise Invalid(f"Value has a maximum of {high}.")
    if number < low:
        raise Invalid(f"Value has a minimum of {low}.")
    return value


def _document(value: str) -> str:
    _json(value)
    return value


def _measure(type_name: str, value: str) -> str:
    content = _json(value)
    if not isinstance(content, dict) or set(content) != {"value", "unit"}:
        raise Invalid("Value must be a stringified JSON object with a value and a unit.")
    if str(content["unit"]).lower() not in MEASURES[type_name]:
        raise Invalid("Value must be a supported unit.")
    if not isinstance(content["value"], int | Decimal) or content["value"] < 0:
        raise Invalid("Value must be a non-negative number.")
    return value


def _money(value: str, currency: str) -> str:
    shape = (
        "Value must be a stringified JSON object with amount (numeric) and currency_code "
        "(string matching the shop's currency) fields."
    )
    try:
        content = json.loads(value, parse_float=Decimal)
    except ValueError:
        raise Invalid(shape) from None
    if not isinstance(content, dict):
        raise Invalid(shape)
    if not content.get("currency_code"):
        raise Invalid("Value must have a currency code.")
    try:
        number = Decimal(str(content.get("amount")))
    except InvalidOperation:
        raise Invalid("Value must have a numeric amount.") from None
    if abs(number) > Decimal(10) ** 18:
        raise Invalid(f"Value must be within +/-{Decimal(10) ** 18:f}.")
    del currency
    if not re.fullmatch(r"[A-Z]{3}", content["currency_code"]) or content["currency_code"] == "ZZZ":
        raise Invalid(f"Value contains an invalid currency, {content['currency_code']}.")
    return value


def _list(inner: str, value: str, currency: str) -> str:
    content = _json(value)
    if not isinstance(content, list):
        raise Invalid("Value must be an array.")
    if len(content) > MAX_LIST:
        raise Invalid(f"Value has more than {MAX_LIST} elements.")
    for item in content:
        normal(inner, item if isinstance(item, str) else json.dumps(item, default=str), currency)
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
    "rating": _rating,
    "json": _document,
    "id": _single_line,
    "link": _document,
    "language": _text,
}
