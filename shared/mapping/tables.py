"""The files in mappings/tables/: one for each table of CRM that rows of Shopify come into, whatever they are.

A file's stem is its kind, and `FLOW/stem` its name wherever a flow is named. Checked here is what only such files may
say, and what they have to; whether the schemas know what they name is asked elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product

from shared.mapping.locate import Key
from shared.mapping.model import ColumnModel, FieldModel, LinesModel, MappingModel
from shared.mapping.problems import Places, Problem

FLOW = "tables_shopify_to_crm"
GONE = '"@gone"'
"""The path that stands for a row as a whole where `[deleted] action = "delete"`; no column can be called that."""
INACTIVE = {"statecode": 1, "statuscode": 2}
TAKEN = frozenset({"variants", "customers", "companies", "orders", "documents"})
"""Kinds of other flows: their pairs must not be mixed with a table's."""
STEM = re.compile(r"[a-z][a-z0-9_]{0,39}")
CUSTOM = re.compile(r"[a-z][a-z0-9]{1,7}_[a-z0-9_]+")
_ONLY_HERE = ("root", "each", "key", "changes", "label", "plural")


def name_of(stem: str) -> str:
    """The flow's name of a table file."""
    return f"{FLOW}/{stem}"


def stem_of(flow: str) -> str:
    """The table file that a flow's name names; empty where it names none."""
    return flow.partition("/")[2] if flow.startswith(f"{FLOW}/") else ""


def problems(model: MappingModel, places: Places, flow: str | None) -> list[Problem]:
    """What is wrong with a table's file, or with another one that says what only those may."""
    found = _of_table(model, flow) if model.flow == FLOW else _of_others(model)
    return [places.problem(key, what, fix) for key, what, fix in found]


_Found = Iterator[tuple[Key, str, str]]


def _of_others(model: MappingModel) -> _Found:
    fix = "take it out"
    for side, name in _given(model, ("source", "target"), _ONLY_HERE):
        yield (side, name), f"{side}.{name} is of files in tables/ alone", fix
    if model.deleted.action not in (None, "keep"):
        yield ("deleted", "action"), f"{model.flow} never deletes a counterpart", 'write "keep", or use set = { … }'
    for key, field in _fields(model):
        if field.column is not None:
            yield (*key, "column"), "columns are made for files in tables/ alone", fix
    for name, lines in model.lines.items():
        if lines.table is not None:
            yield ("lines", name, "table"), "tables are made for files in tables/ alone", fix


def _given(model: MappingModel, sides: Sequence[str], names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for side, name in product(sides, names):
        if getattr(getattr(model, side), name) is not None:
            yield side, name


def _of_table(model: MappingModel, flow: str | None) -> _Found:
    stem = stem_of(flow) if flow else model.kind
    if model.kind != stem:
        yield ("kind",), f"kind is {model.kind!r} here", f"write the file's own name, {stem!r}"
    if not STEM.fullmatch(stem) or stem in TAKEN:
        fix = f"small letters, digits and _, at most 40, and none of {', '.join(sorted(TAKEN))}"
        yield ("kind",), f"{stem!r} cannot be the name of a table's file", fix
    yield from _source(model)
    for side, name in _given(model, ("target",), ("root", "each", "key", "changes")):
        yield (side, name), f"{side}.{name} says nothing", "it belongs under [source]"
    if model.match:
        yield ("match", 0), "a table's rows are found by their mark alone", "take [[match]] out"
    if not CUSTOM.fullmatch(model.target.table or ""):
        said = f"{model.target.table!r} is no custom table"
        yield ("target", "table"), said, _custom(model.target.table or "", "new_shopifylocation")
    yield from _columns(model)
    yield from _lines(model.lines)


def _custom(name: str, example: str) -> str:
    """How a name has to be written to be a custom one."""
    if CUSTOM.fullmatch(name.lower()):
        return f"logical names have no capitals: write {name.lower()}"
    return f"give it a prefix: {example}"


def _source(model: MappingModel) -> _Found:
    if model.source.root is None:
        yield ("source", "root"), "source.root is missing", "name the connection that lists the records"
    if model.source.key is not None and model.source.each is None:
        yield ("source", "key"), "source.key has no meaning without source.each", "take it out"


def _columns(model: MappingModel) -> _Found:
    for key, field in _fields(model):
        column, name = field.column, key[-1]
        if column is None:
            continue
        if not CUSTOM.fullmatch(field.to):
            yield (*key, "to"), f"{name}: {field.to!r} is no custom column", _custom(field.to, "new_city")
        for what, fix in _column(column):
            yield (*key, "column"), f"{name}: {what}", fix
        if column.type == "choice" and field.values is not None:
            missing = _unlisted(field, set(column.options or {}))
            if missing:
                fix = "add them to options; setup makes no others"
                yield (*key, "values"), f"{name}: the choice has no option {', '.join(missing)}", fix
        if (column.type == "lookup") != (field.pair is not None):
            yield (*key, "column"), f"{name}: a lookup and a pair belong together", "add the other, or take it out"


def _column(column: ColumnModel) -> Iterator[tuple[str, str]]:
    if (column.length is None) == (column.type in ("text", "long_text")):
        yield "a text column has a length, others have none", "add it, or take it out"
    if column.type == "text" and (column.length or 0) > 4000:
        yield f"a text has at most 4000 characters, not {column.length}", 'use type = "long_text"'
    if (column.options is None) == (column.type == "choice"):
        yield "a choice has options, others have none", "write options = { 1 = \"Open\", … }, or take it out"
    if any(not number.isascii() or not number.isdigit() for number in column.options or {}):
        yield "options are numbers with their labels", 'write options = { 1 = "Open", … }'
    if (column.table is None) == (column.type == "lookup"):
        yield "a lookup names a table, others do not", 'write table = "account", or take it out'


def _unlisted(field: FieldModel, options: set[str]) -> Sequence[str]:
    other = [] if field.other in ("park", "keep", "blank") else [field.other]
    wanted = {str(value) for value in [*(field.values or {}).values(), *other]}
    return sorted(wanted - options)


def _lines(groups: dict[str, LinesModel]) -> _Found:
    for name, lines in groups.items():
        if lines.table is None:
            yield ("lines", name), f"lines.{name}.table is missing", "say which table `setup` makes for these rows"
            continue
        for key, text in (("name", lines.table.name), ("parent", lines.table.parent)):
            if not CUSTOM.fullmatch(text):
                yield ("lines", name, "table", key), f"{text!r} is no custom name", _custom(text, "new_…")
        if not CUSTOM.fullmatch(lines.to):
            yield ("lines", name, "to"), f"{lines.to!r} is no name of a relationship", _custom(lines.to, "new_…")


def _fields(model: MappingModel) -> Iterator[tuple[Key, FieldModel]]:
    yield from ((("fields", name), field) for name, field in model.fields.items())
    for group, lines in model.lines.items():
        yield from ((("lines", group, "fields", name), field) for name, field in lines.fields.items())
