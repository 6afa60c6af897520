"""Whether a value fits a column, as far as the two schemas and the expression's text can tell beforehand.

Each function answers with a sentence that holds the fix, or nothing. Doubt is no finding: what cannot be known is left
to the target, which refuses single records.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal

from shared.fields import FieldInfo
from shared.mapping.expressions import Expression, origin_of
from shared.mapping.listed import IsList, first_list, gives_list
from shared.mapping.model import FieldModel
from shared.mapping.paths import join_path
from shared.mapping.text import units

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_RESULTS = {
    "text": "truncate html_to_text text_to_html lower upper trim join to_string",
    "decimal": "money decimal sum avg",
    "integer": "length ceil floor",
    "boolean": "contains starts_with ends_with",
    "date": "date",
}
_RESULT_OF = {name: result for result, names in _RESULTS.items() for name in names.split()}
_FITS: Mapping[str, frozenset[str]] = {
    "text": frozenset({"text", "integer", "choice", "reference", "date", "datetime"}),
    "integer": frozenset({"integer", "choice"}),
    "decimal": frozenset({"decimal", "integer"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date"}),
    "datetime": frozenset({"datetime", "date"}),
    "choice": frozenset({"choice", "integer", "text"}),
}
_INSIDE_LISTS = frozenset({"filter_projection", "projection", "value_projection", "expref", "flatten", "pipe"})
_CONVERT = {
    "text": "convert it with to_string()",
    "decimal": "convert it with decimal() or money()",
    "integer": "translate it with values, or take a whole number",
    "boolean": "compare it, e.g. status == 'ACTIVE'",
    "date": "convert it with date()",
    "datetime": "take a field that holds a time",
}


def literal_problem(value: Any, info: FieldInfo) -> str:
    """Why a literal does not fit the column; empty where it does."""
    if isinstance(value, list) != info.is_list:
        return "it takes a list; write [ … ]" if info.is_list else "it takes one value, not a list"
    return next(filter(None, (_one(one, info) for one in (value if isinstance(value, list) else [value]))), "")


def _one(value: Any, info: FieldInfo) -> str:
    if info.options:
        return _option(value, info.options)
    if isinstance(value, bool) != (info.type == "boolean"):
        return "it takes true or false" if info.type == "boolean" else f"it takes {info.type}, not true or false"
    if info.type in {"integer", "decimal"}:
        return _number(value, info)
    return _text(value, info)


def _text(value: Any, info: FieldInfo) -> str:
    if info.type in {"text", "reference"} and not isinstance(value, str):
        return "it takes a text; put it in quotes"
    if info.type == "reference" and not _GUID.fullmatch(value):
        return "it takes the id of a row; name the row by constant or pair"
    if info.max_length is not None and isinstance(value, str) and units(value) > info.max_length:
        return f"it holds {info.max_length} characters and the text has {units(value)}; shorten it"
    return ""


def _number(value: Any, info: FieldInfo) -> str:
    if not isinstance(value, int | Decimal):
        return f"it takes a number ({info.type}), not a text; write it without quotes"
    if info.type == "integer" and value != int(value):
        return "it takes a whole number"
    places = -int(Decimal(value).as_tuple().exponent)
    if info.precision is not None and places > info.precision:
        return f"it holds {info.precision} decimal places and the value has {places}; round it"
    return ""


def _option(value: Any, options: Iterable[str]) -> str:
    allowed = list(options)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if text in allowed:
        return ""
    close = difflib.get_close_matches(text, allowed, n=1)
    shown = f"did you mean {close[0]}?" if close else f"possible are {', '.join(allowed[:12])}"
    return f"{text} is none of its options; {shown}"


def key_problem(key: str, source: FieldInfo) -> str:
    """Why a key of a values table can never match; empty where it can. The key "" stands for an empty value."""
    return _option(key, source.options) if source.options and key != "" else ""


def unlisted(mapped: FieldModel, source: FieldInfo | None) -> str:
    """Which values of a choice its table leaves to be parked, although nobody said so; empty where none."""
    if source is None or not source.options or mapped.values is None or "other" in mapped.model_fields_set:
        return ""
    return ", ".join(option for option in source.options if option not in mapped.values)


def compared(expression: Expression) -> Iterator[tuple[str, bool, Any]]:
    """Each path that is compared with a literal, whether by == or !=, and the literal; not inside lists."""
    stack: list[Mapping[str, Any]] = [expression.tree]
    while stack:
        node = stack.pop()
        children = [child for child in node.get("children", ()) if isinstance(child, Mapping)]
        if node["type"] == "comparator":
            words = [child["value"] for child in children if child["type"] == "literal"]
            paths = [found for child in children if child["type"] != "literal" and (found := origin_of(child))]
            if paths and words:
                yield paths[0], node["value"] in ("eq", "ne"), words[0]
        elif node["type"] not in _INSIDE_LISTS:
            stack.extend(reversed(children))


def compare_problem(path: str, source: FieldInfo, equal: bool, literal: Any) -> str:
    """Why a path can never be to a literal what a comparison asks, and what to write; empty where it can be."""
    given, kind = _kind_of(literal), _compared_as(source)
    if not given or not kind:
        return ""
    if given == kind:
        return _two_texts(path, source, equal, literal) if kind == "text" else ""
    quoted = f"'{literal}'" if given == "text" else f"`{json.dumps(literal, default=str)}`"
    text = f"write '{quoted.strip('`')}' in single quotes" if equal else f"write decimal({path}), if it holds a number"
    return {
        "list": f"it is a list; write contains({path}, {quoted})",
        "boolean": f"it is true or false; write {path}, or !({path})",
        "number": "it is a number; numbers stand between backticks, `1`",
        "text": f"it is a text; {text}",
    }[kind]


def _two_texts(path: str, source: FieldInfo, equal: bool, literal: str) -> str:
    if equal:
        return key_problem(literal, source)
    number = source.type == "text" and re.fullmatch(r"-?\d+(\.\d+)?", literal)
    return f"texts are compared letter by letter; write decimal({path}) and `{literal}`" if number else ""


def _kind_of(literal: Any) -> str:
    """What a literal is; nothing for null, which everything may be, and for lists and objects."""
    if isinstance(literal, bool):
        return "boolean"
    return "text" if isinstance(literal, str) else "number" if isinstance(literal, int | Decimal) else ""


def _compared_as(source: FieldInfo) -> str:
    """What a field's value is in an expression; nothing where the schema does not tell, as of a metafield."""
    if source.type == "object" or "metafields" in source.path:
        return ""
    if source.is_list:
        return "list"
    if source.type == "choice":
        return "number" if all(map(str.isdigit, source.options)) else "text"
    return {"boolean": "boolean", "integer": "number", "decimal": "number"}.get(source.type, "text")


def list_problem(expression: Expression, source: FieldInfo | None, target: FieldInfo, is_list: IsList) -> str:
    """Why one value does not fit a list, or a list one value, where the expression gives a field as it is."""
    many = gives_list(expression.tree, is_list) if source is not None and source.type != "object" else None
    if source is None or many is None or many == target.is_list:
        return ""
    if target.is_list:
        return f"{source.path} is one value and {target.path} takes a list; write [{expression.text}]"
    every, first = _taken(expression, is_list)
    joined = f"join(', ', {every if source.type == 'text' else f'({every})[].to_string(@)'})"
    return f"{source.path} is a list and {target.path} takes one value; write {joined}, or {first}"


def _taken(expression: Expression, is_list: IsList) -> tuple[str, str]:
    """All values of a list that an expression gives, and the first of them, as expressions."""
    text, names = expression.text.strip(), expression.names
    if not names:
        return text, f"{text} | [0]"  # behind a projection a bare [0] would be taken of each element
    length = first_list(names, is_list)
    listed, inner = join_path(names[:length]), join_path(names[length:])
    return (f"{listed}[].{inner}", f"{listed}[0].{inner}") if inner else (listed, f"{listed}[0]")


def truncated_to(expression: Expression) -> int | None:
    """The length an expression cuts its result to, where it says so itself."""
    return _last_literal(expression, "truncate")


def rounded_to(expression: Expression) -> int | None:
    """The decimal places an expression rounds to, where it says so itself."""
    tree = expression.tree
    if tree["type"] == "function_expression" and tree["value"] == "money" and len(tree["children"]) == 1:
        return 2
    return _last_literal(expression, "money")


def _last_literal(expression: Expression, function: str) -> int | None:
    tree = expression.tree
    if tree["type"] != "function_expression" or tree["value"] != function:
        return None
    value = tree["children"][-1].get("value")
    return value if isinstance(value, int) and tree["children"][-1]["type"] == "literal" else None


def length_problem(
    expression: Expression, source: FieldInfo | None, target: FieldInfo, mapped: FieldModel
) -> tuple[Literal["error", "warning"] | None, str]:
    """Level and sentence where a text can be longer than its column; no level where nothing is known of it."""
    if target.max_length is None or target.type != "text":
        return None, ""
    cut = mapped.length or truncated_to(expression)
    if cut is not None and cut > target.max_length:
        what, most = "length is" if mapped.length else "it is cut to", target.max_length
        return "error", f"{what} {cut} and {target.path} holds {most} characters; write {most}"
    longer = source is not None and (source.max_length or 0) > target.max_length
    if cut is None and longer:
        fix = f"add length = {target.max_length} to cut it"
        return "warning", f"it may be longer than the {target.max_length} characters of {target.path}; {fix}"
    return None, ""


def type_problem(expression: Expression, source: FieldInfo | None, target: FieldInfo, translated: bool) -> str:
    """Why the kind of value looks wrong for the column; empty where it looks right or is not known."""
    places = rounded_to(expression)
    if places is not None and target.precision is not None and places > target.precision:
        return f"it is rounded to {places} decimal places and the column holds {target.precision}; round to that"
    given = source.type if source is not None and expression.origin else _result(expression.tree)
    if translated or given is None:
        return ""
    if target.type == "choice":
        same = source is not None and set(source.options) <= set(target.options)
        return "" if same or given == "integer" else "the column takes one of its options; translate with values"
    fits = _FITS.get(target.type)
    if fits is None or given in fits:
        return ""
    return f"a value of kind {given} goes into a column of kind {target.type}; {_CONVERT[target.type]}"


def _result(tree: Mapping[str, Any]) -> str | None:
    """The kind of value an expression's outermost part gives, where that part decides it."""
    if tree["type"] == "function_expression":
        return _RESULT_OF.get(tree["value"])
    return "boolean" if tree["type"] in {"comparator", "not_expression"} else None
