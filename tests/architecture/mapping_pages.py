"""Renders what docs/mapping.md and docs/flows.md say of code and of mapping files: keys, functions, fields."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from shared.flows import FLOWS
from shared.mapping.functions import FUNCTION_NAMES, OWN_FUNCTIONS, MappingFunctions
from shared.mapping.load import load
from shared.mapping.model import (
    Deleted,
    FieldModel,
    LineMatch,
    LinesModel,
    MappingModel,
    Match,
    PairRef,
    Place,
    Skip,
)
from shared.mapping.rules import FieldRule, Rules, join

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "mapping.md"
FLOWS_PAGE = ROOT / "docs" / "flows.md"
MAPPINGS = ROOT / "mappings"
BY = "by python -m tests.architecture.docs_tables"
TABLES: Mapping[str, type[Any]] = {
    "the file": MappingModel,
    "[source]` and `[target]": Place,
    "[[match]]": Match,
    "[[skip]]": Skip,
    "[deleted]": Deleted,
    "[fields.NAME]": FieldModel,
    "pair": PairRef,
    "[lines.NAME]": LinesModel,
    "[[lines.NAME.match]]": LineMatch,
}
"""The tables of a mapping file, by what people call them."""
STANDARD = {
    "abs": 'abs(`-2`)  ->  2',
    "avg": "avg(amounts)  ->  2",
    "ceil": "ceil(`1.2`)  ->  2",
    "contains": "contains(list, 'b')  ->  true",
    "ends_with": "ends_with(title, 'Hat')  ->  true",
    "floor": "floor(`1.8`)  ->  1",
    "join": "join(' ', [first, last][?@])  ->  \"Jane\"",
    "keys": "keys(size)  ->  [\"h\", \"w\"]",
    "length": "length(list)  ->  2",
    "map": "map(&to_string(@), amounts)  ->  [\"1\", \"3\"]",
    "max": "max(amounts)  ->  3",
    "max_by": "max_by(lines, &n).name  ->  \"Cup\"",
    "merge": "merge(size, {d: `1`}).d  ->  1",
    "min": "min(amounts)  ->  1",
    "min_by": "min_by(lines, &n).name  ->  \"Tea\"",
    "not_null": "not_null(last, first)  ->  \"Jane\"",
    "reverse": "reverse(list)  ->  [\"b\", \"a\"]",
    "sort": "sort(['b', 'a'])  ->  [\"a\", \"b\"]",
    "sort_by": "sort_by(lines, &name)[0].name  ->  \"Cup\"",
    "starts_with": "starts_with(title, 'Wool')  ->  true",
    "sum": "sum(amounts)  ->  4",
    "to_array": "to_array(title)  ->  [\"Wool Hat\"]",
    "to_number": "to_number(price)  ->  12.345",
    "to_string": "to_string(gift)  ->  \"false\"",
    "type": "type(list)  ->  \"array\"",
    "values": "values(size)  ->  [3, 2]",
}
"""An example of each function that is JMESPath's own."""


def between(text: str, name: str, made: str) -> str:
    """The page with what stands between the marks of that name made anew."""
    begin = re.search(rf"<!-- {re.escape(name)}: generated [^>]*-->\n", text)
    if begin is None:
        raise ValueError(f"the page has no place for {name}")
    head, rest = text[: begin.end()], text[begin.end() :]
    _, end, tail = rest.partition("<!-- end -->")
    return head + made + end + tail


def guide_page() -> str:
    """docs/mapping.md with its generated parts made anew."""
    text = GUIDE.read_text("utf-8")
    text = between(text, "keys", "\n".join(_keys()))
    return between(text, "functions", "\n".join(_functions()))


def _keys() -> Iterator[str]:
    for called, model in TABLES.items():
        yield f"\n**{'The whole file' if called == 'the file' else f'`{called}`'}**\n"
        yield "| key | takes | default | means |\n|-|-|-|-|"
        schema = model.model_json_schema(by_alias=True)
        for key, each in schema["properties"].items():
            needed = key in schema.get("required", ())
            default = "needed" if needed else _default(each)
            yield f"| `{key}` | {_takes(each)} | {default} | {_cell(each['description'])} |"
    yield ""


def _default(each: Mapping[str, Any]) -> str:
    value = each.get("default")
    plain = {None: "—", True: "`true`", False: "`false`"}
    return plain[value] if value is None or isinstance(value, bool) else f'`"{value}"`'


def _takes(each: Mapping[str, Any]) -> str:
    """What may be written, in a word or two."""
    choices = [one for one in each.get("anyOf", [each]) if one.get("type") != "null"]
    if len(choices) > 2:
        return "any value"
    one = choices[0]
    if "enum" in one:
        return ", ".join(f'`"{word}"`' for word in one["enum"])
    if "const" in one:
        return f'`"{one["const"]}"`'
    words = {"string": "text", "boolean": "true or false", "integer": "whole number", "array": "several tables"}
    return words.get(str(one.get("type")), "table")


def _functions() -> Iterator[str]:
    yield "\n| function | gives |\n|-|-|"
    for name in sorted(OWN_FUNCTIONS):
        prose, _, _ = _documented(name).partition("\n\n")
        yield f"| `{_call(name)}` | {_cell(' '.join(prose.split()))} |"
    yield "\n```text"
    yield from examples()
    yield "```\n"


def examples() -> list[str]:
    """An example of every function there is: those that are ours first."""
    lines = (line for name in sorted(OWN_FUNCTIONS) for line in _documented(name).splitlines())
    theirs = (STANDARD[name] for name in sorted(FUNCTION_NAMES - OWN_FUNCTIONS))
    pairs = [line.split("  ->  ") for line in (*lines, *theirs) if "  ->  " in line]
    wide = max(len(call) for call, _ in pairs)
    return [f"{call:{wide}}  ->  {result}" for call, result in pairs]


def _documented(name: str) -> str:
    return inspect.cleandoc(getattr(MappingFunctions, f"_func_{name}").__doc__ or "")


def _call(name: str) -> str:
    """How a function is called, optional values in brackets."""
    function = getattr(MappingFunctions, f"_func_{name}")
    _, *named = inspect.signature(function).parameters.values()
    words = [each.name if each.default is inspect.Parameter.empty else f"[{each.name}]" for each in named]
    return f"{name}({', '.join(words)})"


def flows_page() -> str:
    """docs/flows.md with the fields of every mapping file made anew."""
    text = FLOWS_PAGE.read_text("utf-8")
    for flow in FLOWS:
        if (MAPPINGS / f"{flow.name}.toml").is_file():
            text = between(text, f"fields of {flow.name}", "\n".join(_fields(flow.name, flow.reverse)))
    return text


def _fields(flow: str, reverse: str | None) -> Iterator[str]:
    file, back = load(MAPPINGS, flow), load(MAPPINGS, reverse) if reverse else None
    rules = join(file, back, settings={"publish": True})
    yield "\n| field | from | to | |\n|-|-|-|-|"
    yield from (_row(rules, rule) for rule in _as_written(rules.fields, file.model.fields))
    for group in rules.lines:
        model = file.model.lines[group.name]
        yield f"\n`lines.{group.name}`: each of {_code(model.from_)} is a row of `{model.to}`.\n"
        yield "| field | from | to | |\n|-|-|-|-|"
        yield from (_row(rules, rule) for rule in _as_written(group.fields, model.fields))
    if rules.skips:
        yield "\n| left alone where | because |\n|-|-|"
        yield from (f"| {_code(skip.when.text)} | {_cell(skip.reason)} |" for skip in rules.skips)
    yield ""


def _as_written(rules: tuple[FieldRule, ...], fields: Mapping[str, FieldModel]) -> list[FieldRule]:
    order = list(fields)
    return sorted(rules, key=lambda rule: order.index(rule.name))


def _row(rules: Rules, rule: FieldRule) -> str:
    says = "; ".join((*_decided(rules, rule), *_becomes(rule.mapped)))
    return f"| {rule.name} | {_source(rule.mapped)} | {_code(rule.mapped.to)} | {_cell(says)} |"


def _source(mapped: FieldModel) -> str:
    if mapped.from_ is not None:
        return _code(mapped.from_)
    if mapped.pair is not None:
        return f"the {mapped.pair.kind} of {_code(mapped.pair.id)}"
    if mapped.constant is not None:
        return f"the setting's {mapped.constant.replace('_', ' ')}"
    return f"always {_code(str(mapped.value).lower() if isinstance(mapped.value, bool) else str(mapped.value))}"


def _decided(rules: Rules, rule: FieldRule) -> Iterator[str]:
    """When it is written, and who decides, in a few words."""
    sides = {"crm": "CRM decides", "shopify": "Shopify decides", "latest": "the newer change"}
    if rule.on_create:
        yield "on create"
    if rule.two_way:
        yield f"both ways, {sides[rule.owner]}"
    elif rules.has_reverse and rule.owner != rules.source.value:
        yield sides[rule.owner]
    if rule.drift == "repair":
        yield "put right where changed"


def _becomes(mapped: FieldModel) -> Iterator[str]:
    """What becomes of the value, in a few words."""
    if mapped.values is not None:
        words = ", ".join(f"{word or 'empty'} = {value}" for word, value in mapped.values.items())
        other = {"park": "else parked", "keep": "else kept", "blank": "else empty"}
        yield f"{words}, {other.get(str(mapped.other), f'else {mapped.other}')}"
    if mapped.required:
        yield "needed"
    if mapped.blank == "keep":
        yield "empty: kept"
    if mapped.length is not None:
        yield f"at most {mapped.length}"
    if mapped.when_setting is not None:
        yield f"where {mapped.when_setting} is true"


def _code(text: str) -> str:
    """A text as code in a cell of a table; a text with backticks in two of them."""
    whole = _cell(" ".join(text.split()))
    return f"`` {whole} ``" if "`" in whole else f"`{whole}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
