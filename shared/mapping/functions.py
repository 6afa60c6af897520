"""The functions a mapping may call: JMESPath's own, exact with Decimal, and a small documented set of ours.

Every function of ours gives null for null. No function ever gives a float, and no error text carries a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jmespath.functions import TYPES_MAP, Functions, signature
from jmespath.visitor import _Expression

from shared.mapping import phones, text

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)
_PYTHON: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, Decimal),
    "array": list,
    "object": Mapping,
    "null": type(None),
    "boolean": bool,
    "expref": _Expression,
}
_ANY: Any = {"types": []}
_TEXT: Any = {"types": ["string", "null"]}
_COUNT: Any = {"types": ["number"]}
_AMOUNT: Any = {"types": ["number", "string", "null"]}
_NUMBERS: Any = {"types": ["array-number"]}


class FunctionFailed(ValueError):
    """A function could not be computed; the text names the function and kinds of values, never a value."""


def optional(argument: Mapping[str, Any]) -> Any:
    """A last argument that may be left out."""
    return {**argument, "optional": True}


def kind(value: object) -> str:
    """A value's JMESPath type, with a text's or list's length: enough to say what is wrong without the value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return f"text of length {len(value)}"
    if isinstance(value, int | Decimal):
        return "number"
    if isinstance(value, Mapping):
        return "object"
    return f"list of {len(value)}" if isinstance(value, Sequence) else type(value).__name__


def number(value: str) -> Decimal | None:
    """The exact number a text stands for; None where it stands for none."""
    stripped = value.strip()
    return Decimal(stripped) if _NUMBER.fullmatch(stripped) else None


def json_text(value: object) -> str:
    """JSON with Decimals as the numbers they are."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        inner = ",".join(
            f"{json.dumps(str(key), ensure_ascii=False)}:{json_text(item)}" for key, item in sorted(value.items())
        )
        return f"{{{inner}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{','.join(json_text(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False)


def _check(function: str, value: object, types: Sequence[str]) -> None:
    """Whether a value is of one of JMESPath's types (`array-number`: a list of numbers only)."""
    for wanted in types:
        if _is_a(value, wanted):
            return
    given = kind(value)
    if isinstance(value, list):
        given = f"a list with {', '.join(sorted({kind(member) for member in value}))}"
    hint = "; [?@] behind the list leaves out what is empty" if function == "join" else ""
    raise FunctionFailed(f"{function}() takes {' or '.join(types)}, and was given {given}{hint}")


def _is_a(value: object, wanted: str) -> bool:
    if isinstance(value, bool):
        return wanted == "boolean"
    python = _PYTHON.get(wanted)
    if python is not None:
        return isinstance(value, python)
    inner = wanted.partition("-")[2]
    return isinstance(value, list) and all(_is_a(member, inner) for member in value)


class MappingFunctions(Functions):
    """JMESPath's function table plus ours; see docs/mapping.md for each with an example."""

    def call_function(self, function_name: str, resolved_args: Iterable[Any]) -> Any:
        """Check the arguments' number and types, then call."""
        arguments = list(resolved_args)
        spec = self.FUNCTION_TABLE[function_name]
        declared = spec["signature"]
        if len(arguments) != len(declared) and (problem := arity_problem(function_name, len(arguments))):
            raise FunctionFailed(problem)
        for argument, accepted in zip(arguments, declared, strict=False):
            if accepted["types"]:
                _check(function_name, argument, accepted["types"])
        return spec["function"](self, *arguments)

    def _convert_to_jmespath_type(self, pyobject: str) -> str:
        """The library's own hook, by the name of a value's Python type."""
        return "number" if pyobject == "Decimal" else TYPES_MAP.get(pyobject, "unknown")

    @signature(_NUMBERS)
    def _func_avg(self, values: list[Any]) -> Decimal | None:
        return Decimal(sum(values)) / len(values) if values else None

    @signature({"types": ["object"]})
    def _func_keys(self, value: Mapping[str, Any]) -> list[str]:
        return sorted(value)

    @signature({"types": ["object"]})
    def _func_values(self, value: Mapping[str, Any]) -> list[Any]:
        return [value[name] for name in sorted(value)]

    @signature(_ANY)
    def _func_to_number(self, value: Any) -> Any:
        if isinstance(value, str):
            found = number(value)
            return int(found) if found is not None and re.fullmatch(r"[+-]?[0-9]+", value.strip()) else found
        return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None

    @signature(_ANY)
    def _func_to_string(self, value: Any) -> str:
        return value if isinstance(value, str) else json_text(value)

    @signature(_ANY)
    def _func_type(self, value: Any) -> str:
        return next(name for name in _PYTHON if _is_a(value, name))

    @signature(_TEXT, _COUNT)
    def _func_truncate(self, value: str | None, length: Any) -> str | None:
        """Cuts a text to a length as Dataverse counts it (most emoji count two), never through a character, and adds
        nothing. What is cut is told in the outcome; a field's `length` does the same without a function.

        truncate(title, `6`)  ->  "Wool H"
        """
        return None if value is None else text.truncate(value, int(length))

    @signature(_TEXT)
    def _func_html_to_text(self, value: str | None) -> str | None:
        """What a reader sees of HTML: one line per block, `- ` before items of a list.

        html_to_text(html)  ->  "Soft & warm\\n- red"
        """
        return None if value is None else text.html_to_text(value)

    @signature(_TEXT)
    def _func_text_to_html(self, value: str | None) -> str | None:
        """Escapes a text and makes paragraphs of it.

        text_to_html('a & b')  ->  "<p>a &amp; b</p>"
        """
        return None if value is None else text.text_to_html(value)

    @signature(_TEXT)
    def _func_lower(self, value: str | None) -> str | None:
        """Small letters.

        lower(title)  ->  "wool hat"
        """
        return None if value is None else value.lower()

    @signature(_TEXT)
    def _func_upper(self, value: str | None) -> str | None:
        """Capital letters.

        upper(title)  ->  "WOOL HAT"
        """
        return None if value is None else value.upper()

    @signature(_TEXT)
    def _func_trim(self, value: str | None) -> str | None:
        """Without blanks at both ends.

        trim('  x ')  ->  "x"
        """
        return None if value is None else value.strip()

    @signature(_TEXT, {"types": ["string"]})
    def _func_split(self, value: str | None, separator: str) -> list[str] | None:
        """The parts of a text, without blanks around them and without empty ones.

        split(tags, ',')  ->  ["a", "b"]
        """
        if value is None:
            return None
        parts = value.split(separator) if separator else [value]
        return [part.strip() for part in parts if part.strip()]

    @signature(_TEXT, optional(_TEXT))
    def _func_e164(self, value: str | None, country: str | None = None) -> str | None:
        """A phone number as both systems and a search agree on it; null where it is none. The country's two letters are
        for numbers that do not begin with `+`. To keep what is no number: `e164(phone, country) || phone`.

        e164('02/555.12.12', 'BE')  ->  "+3225551212"
        """
        return phones.e164(value, country) if value else None

    @signature(_AMOUNT)
    def _func_decimal(self, value: Any) -> Decimal | None:
        """The exact number of a text, not rounded.

        decimal(price)  ->  12.345
        """
        return self._amount("decimal", value)

    @signature(_AMOUNT, optional(_COUNT))
    def _func_money(self, value: Any, places: Any = 2) -> Decimal | None:
        """Rounds half up to 2 places, or to as many as are given.

        money(price)  ->  12.35
        money(price, `0`)  ->  12
        """
        amount = self._amount("money", value)
        return None if amount is None else amount.quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_HALF_UP)

    @signature(_TEXT, optional({"types": ["string"]}))
    def _func_date(self, value: str | None, zone: str = "UTC") -> str | None:
        """The day of a moment in UTC, or in a time zone.

        date(at)  ->  "2026-03-01"
        date(at, 'Europe/Berlin')  ->  "2026-03-02"
        """
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise FunctionFailed(f"date() takes a date or time as the systems write it, not {kind(value)}") from None
        if not is_zone(zone):
            raise FunctionFailed("date() takes the name of a time zone such as 'Europe/Berlin' as its second value")
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        plain_date = len(value) == len("2026-01-31")
        return (moment if plain_date else aware.astimezone(ZoneInfo(zone))).date().isoformat()

    @signature(_ANY, _ANY)
    def _func_default(self, value: Any, otherwise: Any) -> Any:
        """The second value only where the first is null or empty; unlike `||` it keeps false.

        default(vendor, 'none')  ->  "none"
        default(gift, `true`)  ->  false
        """
        return otherwise if value is None or value == "" or value == [] else value

    def _amount(self, name: str, value: Any) -> Decimal | None:
        if isinstance(value, str):
            if not value.strip():
                return None
            found = number(value)
            if found is None:
                raise FunctionFailed(f"{name}() takes a number with a decimal point, not {kind(value)}")
            return found
        return None if value is None else Decimal(value)


def is_zone(name: str) -> bool:
    """Whether a time zone is called so."""
    try:
        return bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, OSError, ValueError):  # unknown; a folder of the zones; no name at all
        return False


FUNCTION_NAMES = frozenset(MappingFunctions.FUNCTION_TABLE)
OWN_FUNCTIONS = FUNCTION_NAMES - frozenset(Functions.FUNCTION_TABLE)


def arity_problem(name: str, given: int) -> str:
    """What is wrong with calling `name` with that many values; empty when nothing is."""
    declared = MappingFunctions.FUNCTION_TABLE[name]["signature"]
    most = len(declared)
    least = sum(not argument.get("optional") for argument in declared)
    if declared and declared[-1].get("variadic"):
        return "" if given >= least else f"{name}() takes at least {least} values, not {given}"
    if least <= given <= most:
        return ""
    return f"{name}() takes {least if least == most else f'{least} or {most}'} values, not {given}"
