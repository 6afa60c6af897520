"""Metafield values that are JSON documents: measurements, money, ratings, links.

Pure. The sentences are recorded ones; what the vendor's parser says of broken JSON is modelled for the first
unexpected word.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.shopify import metafield_types
from sandbox.shopify.dialect import NotBuilt


class Invalid(ValueError):
    """The value does not fit the type; the text is what the user error says, `index` the element of a list."""

    def __init__(self, message: str, index: int | None = None) -> None:
        super().__init__(message)
        self.index = index


def read(value: str) -> Any:
    """The document in a text; raises Invalid."""
    try:
        return json.loads(value, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise Invalid(f"Value is invalid JSON: {_complaint(error, value)}.") from None


def dump(content: Any) -> str:
    """A document as text, numbers as they were read."""
    if isinstance(content, Decimal):
        return f"{content:f}"
    if isinstance(content, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{dump(item)}" for key, item in content.items()) + "}"
    if isinstance(content, list):
        return "[" + ",".join(dump(item) for item in content) + "]"
    return json.dumps(content, ensure_ascii=False)


def _complaint(error: json.JSONDecodeError, value: str) -> str:
    rest = value[error.pos :].lstrip()
    if not rest:
        return "unexpected end of input"
    at = f"at line {error.lineno} column {error.colno}"
    word = re.match(r"[^\s{}\[\]:,\"]+", rest)
    shown = word[0] if word else rest[0]
    what = "expected object key, got" if "property name" in error.msg else "unexpected token"
    return f"{what} '{shown}' {at}"


def _object(value: str) -> dict[str, Any] | None:
    try:
        content = json.loads(value, parse_float=Decimal)
    except json.JSONDecodeError:
        return None
    return content if isinstance(content, dict) else None


def measure(type_name: str, value: str) -> str:
    """A measurement as it is kept: a decimal and the unit's long name."""
    content = _object(value)
    if content is None:
        raise Invalid(
            "Value must be a stringified JSON object with a value (numeric) and unit "
            "(string from one the supported measurement units) fields."
        )
    if "unit" not in content or "value" not in content:
        raise Invalid("Value must contain unit and value.")
    if type_name not in metafield_types.UNITS:
        raise NotBuilt(f"the units of the metafield type {type_name}")
    units = metafield_types.UNITS[type_name]
    unit = str(content["unit"])
    if unit.lower() not in units and unit.upper() not in units.values():
        raise Invalid("Value must be a supported unit.")
    number = _number(content["value"])
    if number is None or number < 0:
        raise Invalid("Value must be a non-negative number.")
    text = f"{number:f}"
    kept = text if "." in text else f"{text}.0"
    return f'{{"value":{kept},"unit":"{units.get(unit.lower(), unit.upper())}"}}'


def _number(given: Any) -> Decimal | None:
    try:
        return None if isinstance(given, bool) else Decimal(str(given))
    except InvalidOperation:
        return None


def money(value: str) -> str:
    """An amount with its currency."""
    content = _object(value)
    if content is None or "currency_code" not in content or "amount" not in content:
        raise Invalid(
            "Value must be a stringified JSON object with amount (numeric) and currency_code "
            "(string matching the shop's currency) fields."
        )
    if not content["currency_code"]:
        raise Invalid("Value must have a currency code.")
    number = _number(content["amount"])
    if number is None:
        raise Invalid("Value must have a numeric amount.")
    if abs(number) > Decimal(10) ** 18:
        raise Invalid(f"Value must be within +/-{Decimal(10) ** 18:f}.")
    code = str(content["currency_code"])
    if not re.fullmatch(r"[A-Z]{3}", code) or code == "ZZZ":
        raise Invalid(f"Value contains an invalid currency, {code}.")
    return value


def rating(value: str) -> str:
    """A number on a scale that the value itself carries."""
    content = read(value)
    if not isinstance(content, dict) or not {"value", "scale_min", "scale_max"} <= set(content):
        raise Invalid("Value must be a stringified JSON object with value, scale_min and scale_max fields.")
    number, low, high = (_number(content[name]) for name in ("value", "scale_min", "scale_max"))
    if number is None or low is None or high is None:
        raise Invalid("Value must be a stringified JSON object with value, scale_min and scale_max fields.")
    if number > high:
        raise Invalid(f"Value has a maximum of {content['scale_max']}.")
    if number < low:
        raise Invalid(f"Value has a minimum of {content['scale_min']}.")
    return value


def link(value: str) -> str:
    """The address in a link; a link has a text and an address."""
    content = _object(value)
    if content is None or not isinstance(content.get("url"), str) or "text" not in content:
        raise Invalid("Value must be a valid link.")
    return str(content["url"])
