"""A table's mapping file, proposed from Shopify's schema and what the organization has: text that a person edits.

Every field of the type that has a value of its own becomes a column; lists become rows where they are asked for, else
a line that says how. Never writes a file, nor anything to either system.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ops.naming import distinct, snake, words
from shared.errors import SchemaMismatch
from shared.shopify.schema import Field, Schema

TEXT, LONG = 255, 4000
MOST_OPTIONS = 40
"""Values of an enumeration from which it becomes a text: currencies and countries are no choices."""
_LONG = re.compile(r"note|description|body|message|summary", re.IGNORECASE)
_NAMES = ("name", "title", "displayName", "handle", "description", "lastCharacters")
_LEFT_OUT = frozenset({"id", "legacyResourceId", "defaultCursor", "updatedAt", "storefrontId"})
_PLAIN = {"Boolean": "boolean", "Date": "date", "DateTime": "datetime", "Int": "integer"}
_ENOUGH = {"Image": ("url",), "Count": ("count",)}
"""Of these objects only what a table can use."""
_NUMBERS = frozenset({"Decimal", "Money", "Float"})
METAFIELDS = "metafields"  # behind this name a path has one metafield's
_LAST = "split({0}.id, '/')[-1]"
REFERENCES: Mapping[str, tuple[str, str]] = {
    "Customer": ("customers", "{0}.legacyResourceId"),
    "Company": ("companies", _LAST),
    "Order": ("orders", "{0}.legacyResourceId"),
    "ProductVariant": ("variants", "{0}.legacyResourceId"),
}
"""Types whose records other flows keep: the kind, and where a reference says which one."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for, and the tables that other flows' records are in, by kind."""

    root: str
    type_name: str
    stem: str
    table: str
    each: str = ""
    key: str = ""
    fields: Sequence[str] = ()
    tables: Mapping[str, str] = field(default_factory=dict)
    keys: Sequence[tuple[str, str]] = ()
    """Of metaobjects: the fields of their definition, key and type."""


@dataclass(frozen=True, slots=True)
class Column:
    """One proposed field: its name, where its value comes from, and the column."""

    name: str
    source: str
    column: str
    choices: Sequence[str] = ()
    pair: str = ""


def proposed(schema: Schema, wish: Wish) -> str:
    """The file's text."""
    entry = [name for name in schema.entry(wish.type_name).get("f", ()) if _of_itself(schema, wish.type_name, name)]
    wanted = list(wish.fields or entry)
    _check(schema, wish)
    parts = [_head(wish), _field("name", _title(schema, wish.type_name), f"{_prefix(wish)}_name")]
    remarks, groups = list[str](), list[str]()
    columns = [column for name in wanted for column in _columns(schema, wish, wish.type_name, name)]
    columns = [column for column in columns if column.name != "name"]
    keys = [_of_key(key, kind) for key, kind in wish.keys]  # they may be called as its own are
    parts += [_text(each, _prefix(wish)) for each in _apart([*columns, *keys])]
    for name in wanted:
        lists = _list_of(schema, wish.type_name, name)
        if lists and wish.fields:
            groups.append(_group(schema, wish, name, *lists))
        elif lists:
            remarks.append(f"# {name}: a list of {lists[1]}; for rows of a table of its own: --fields …,{name}")
    return "\n".join([*parts, *groups, *([*remarks, ""] if remarks else [])])


def _check(schema: Schema, wish: Wish) -> None:
    """Refuse fields that the type does not have, or that their names alone do not read."""
    for name in wish.fields:
        found = schema.field(wish.type_name, name.partition(".")[0])
        if found is None:
            near = schema.suggest(wish.type_name, name)
            raise SchemaMismatch(f"The type {wish.type_name} has no field {name!r}{near}")
        if found.required_args or name == METAFIELDS:
            raise SchemaMismatch(f"{name} is not read by its name alone: docs/tables.md shows how to write its field.")


def _apart(columns: Sequence[Column]) -> list[Column]:
    named = zip(columns, distinct([column.name for column in columns], {"name"}), strict=True)
    return [replace(column, name=name) for column, name in named]


def _of_itself(schema: Schema, type_name: str, name: str) -> bool:
    """Whether a field is proposed by itself: known to last, without arguments that have to be given."""
    found = schema.field(type_name, name)
    late = name in schema.entry(type_name).get("d", ())
    return found is not None and not late and not found.required_args and name not in _LEFT_OUT


def _prefix(wish: Wish) -> str:
    return wish.table.partition("_")[0]


def _head(wish: Wish) -> str:
    root = json.dumps(wish.root) if '"' not in wish.root else f"'{wish.root}'"
    lines = [
        "#:schema ../mapping.schema.json",
        f"# Proposed for Shopify's {wish.root}. Take out what nobody needs; docs/tables.md explains every key.",
        "",
        'flow = "tables_shopify_to_crm"',
        f'kind = "{wish.stem}"',
        "",
        "[source]",
        f"root = {root}",
        *([f'each = "{wish.each}"'] if wish.each else []),
        *([f'key = "{wish.key}"'] if wish.key else []),
        f'type = "{wish.type_name}"',
        "",
        "[target]",
        f'table = "{wish.table}"',
        f'label = "Shopify {words(wish.type_name).lower()}"',
        "",
        '# What a deletion in Shopify does to the row: "deactivate", "delete" or "keep".',
        "[deleted]",
        'action = "deactivate"',
        "",
    ]
    return "\n".join(lines)


def _title(schema: Schema, type_name: str) -> str:
    found = next((name for name in _NAMES if _is_text(schema.field(type_name, name))), None)
    if found is None and schema.field(type_name, "id") is None:
        return "'-'"
    return f"truncate({found}, `200`)" if found else "split(id, '/')[-1]"


def _is_text(found: Field | None) -> bool:
    return found is not None and found.type_name == "String" and not found.is_list and not found.required_args


def _field(name: str, source: str, to: str) -> str:
    return "\n".join([f"[fields.{name}]", f"from = {_quoted(source)}", f'to = "{to}"', ""])


def _quoted(text: str) -> str:
    """A TOML text, in the quotes that leave it readable."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f"'{text}'" if "'" not in text else f"'''{text}'''"


def _text(column: Column, prefix: str, place: str = "fields") -> str:
    to = f"{prefix}_{column.name.replace('_', '')}"
    how = f"pair = {column.pair}" if column.pair else f"from = {_quoted(column.source)}"
    lines = [f"[{place}.{column.name}]", how, f'to = "{to}"']
    label = words(column.name)
    if column.choices:
        values = ", ".join(f"{value} = {number}" for number, value in enumerate(column.choices, start=1))
        lines += [f"values = {{ {values} }}", "", f"[{place}.{column.name}.column]", 'type = "choice"']
        lines += [f'label = "{label}"', "", f"[{place}.{column.name}.column.options]"]
        lines += [f'{number} = "{words(value)}"' for number, value in enumerate(column.choices, start=1)]
    else:
        lines.append(f'column = {{ {column.column}, label = "{label}" }}')
    return "\n".join([*lines, ""])


def _columns(schema: Schema, wish: Wish, type_name: str, path: str) -> Iterator[Column]:
    """The columns of one field: one, those of a small object, or none for what is no value."""
    found = _at(schema, type_name, path)
    if found is None:
        return
    if schema.is_leaf(found.type_name):
        yield _leaf(schema, path, found)
    elif found.is_list or found.type_name.endswith("Connection"):
        return
    elif found.type_name in REFERENCES:
        yield from _reference(wish, path, found)
    elif found.type_name in ("MoneyBag", "MoneyV2"):
        inside = f"{path}.shopMoney" if found.type_name == "MoneyBag" else path
        yield Column(snake(path.removesuffix("Set")), f"{inside}.amount", 'type = "decimal"')
    elif "." not in path and "Node" not in schema.entry(found.type_name).get("n", ()):
        yield from _inside(schema, wish, type_name, path, found.type_name)


def _at(schema: Schema, type_name: str, path: str) -> Field | None:
    found = None
    for name in path.split("."):
        found = schema.field(found.type_name if found else type_name, name)
        if found is None:
            return None
    return found


def _inside(schema: Schema, wish: Wish, type_name: str, path: str, inner: str) -> Iterator[Column]:
    """The values of a small object that has no life of its own, such as an address."""
    for name in _ENOUGH.get(inner, schema.entry(inner).get("f", ())):
        if _of_itself(schema, inner, name) and schema.is_leaf(_type(schema, inner, name)):
            yield from _columns(schema, wish, type_name, f"{path}.{name}")


def _type(schema: Schema, type_name: str, name: str) -> str:
    found = schema.field(type_name, name)
    return found.type_name if found else ""


def _reference(wish: Wish, path: str, found: Field) -> Iterator[Column]:
    """A lookup to the row that another flow makes of that record, where its table is known."""
    kind, expression = REFERENCES[found.type_name]
    if kind in wish.tables:
        pair = f'{{ kind = "{kind}", id = {_quoted(expression.format(path))} }}'
        yield Column(f"{snake(path)}_ref", "", f'type = "lookup", table = "{wish.tables[kind]}"', pair=pair)


def _leaf(schema: Schema, path: str, found: Field) -> Column:
    name, options = snake(path), schema.entry(found.type_name).get("e", ())
    if found.is_list:
        return Column(name, f"truncate(join(', ', {path}[?@]), `2000`)", 'type = "long_text", length = 2000')
    if options and len(options) <= MOST_OPTIONS:
        return Column(name, path, "", choices=options)
    if options:
        return Column(name, path, 'type = "text", length = 50')
    return _value(name, path, found.type_name)


def _value(name: str, path: str, kind: str) -> Column:
    if kind in _PLAIN:
        return Column(name, path, f'type = "{_PLAIN[kind]}"')
    if kind in _NUMBERS:
        return Column(name, f"money({path}, `4`)" if kind == "Float" else path, 'type = "decimal"')
    if kind == "JSON":
        return Column(name, f"to_string({path})", f'type = "long_text", length = {LONG}')
    inside = f"html_to_text({path})" if kind == "HTML" else path
    long = kind in ("HTML", "URL") or _LONG.search(path)
    length, of = (LONG, "long_text") if long else (TEXT, "text")
    return Column(name, f"truncate({inside}, `{length}`)", f'type = "{of}", length = {length}')


def _of_key(key: str, kind: str) -> Column:
    """A metaobject's field, by its key; its value is a text."""
    value = f'"field(key: \\"{key}\\")".value'
    name = re.sub(r"[^a-z0-9_]", "_", key.lower())
    name = name if name[0].isalpha() else f"f_{name}"
    if kind in ("number_integer", "number_decimal"):
        return Column(name, f"decimal({value})", 'type = "decimal"')
    if kind == "boolean":
        return Column(name, f"{value} == 'true'", 'type = "boolean"')
    length = LONG if kind.startswith(("multi_line", "rich_text", "json", "list.")) else TEXT
    of = "long_text" if length == LONG else "text"
    return Column(name, f"truncate({value}, `{length}`)", f'type = "{of}", length = {length}')


def _list_of(schema: Schema, type_name: str, name: str) -> tuple[str, str] | None:
    """The path and the type of a list of objects that can be read whole; None for anything else."""
    found = schema.field(type_name, name)
    if found is None or schema.is_leaf(found.type_name) or found.required_args or name == METAFIELDS:
        return None
    nodes = schema.field(found.type_name, "nodes") if found.type_name.endswith("Connection") else None
    path, inner = (f"{name}.nodes", nodes.type_name) if nodes else (name, found.type_name)
    return (path, inner) if (nodes or found.is_list) and not schema.is_abstract(inner) else None


def _group(schema: Schema, wish: Wish, name: str, path: str, type_name: str) -> str:
    """A list as rows of a table of its own, told apart by their ids, or by what a person puts there."""
    group, child = snake(name), f"{wish.table}{name.lower().removesuffix('s')}"
    lines = [
        f"[lines.{group}]",
        f'from = "{path}"',
        'id = "id"' if schema.field(type_name, "id") else 'id = "WHAT TELLS THEM APART"',
        f'to = "{wish.table}_{name.lower()}"',
        "",
        f"[lines.{group}.table]",
        f'name = "{child}"',
        f'parent = "{wish.table}ref"',
        f'label = "Shopify {words(type_name).lower()}"',
        "",
    ]
    prefix, place = _prefix(wish), f"lines.{group}.fields"
    title = _field("name", _title(schema, type_name), f"{prefix}_name").replace("[fields.", f"[{place}.")
    names = [each for each in schema.entry(type_name).get("f", ()) if _of_itself(schema, type_name, each)]
    columns = [column for each in names for column in _columns(schema, wish, type_name, each)]
    columns = [column for column in columns if column.name != "name"]
    return "\n".join([*lines, title, *(_text(each, prefix, place) for each in _apart(columns))])
