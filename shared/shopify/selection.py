"""From the paths a mapping names to the GraphQL fragment that reads them, checked against the schema.

    selection = Selection(schema, "ProductVariant", ["sku", 'metafields."dynamics.vendor_part_number"'])
    selection.fragment("VariantFields"), selection.digest

A path is what JMESPath would write over the record: names joined by dots; a quoted name is a metafield
("namespace.key" after `metafields`), a field with arguments ("image(maxWidth: 100)") or a type ("... on Customer").
It sends nothing; shared/shopify/shaping.py turns the answer back into content in which the same paths resolve.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from shared.errors import SchemaMismatch
from shared.fields import FieldInfo
from shared.shopify.schema import Field, Schema

CONNECTION_PAGE = 50
_SEGMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|([A-Za-z_]\w*)')
_CALL = re.compile(r"([A-Za-z_]\w*)\s*\((.*)\)", re.DOTALL)
_ARGUMENT = re.compile(r"([A-Za-z_]\w*)\s*:")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SAFE_CALL = re.compile(r'(?:[\w\s,:.\-\[\]$]|"(?:[^"\\]|\\.)*")*')
_ON = "... on "
_SCALARS = {
    "Int": "integer",
    "Decimal": "decimal",
    "Money": "decimal",
    "Float": "decimal",
    "Boolean": "boolean",
    "Date": "date",
    "DateTime": "datetime",
    "JSON": "object",
}


@dataclass(slots=True)
class Part:
    """One level of the tree of what is selected: its name in content (`key`) and in the answer, and what is below.

    `call` is the field with its arguments; empty for the root, a type of a union and the holder of metafields.
    """

    key: str
    answer: str
    call: str
    type_name: str
    is_list: bool = False
    metafield: bool = False
    connection: bool = False
    condition: str = ""
    parts: dict[str, Part] = field(default_factory=dict)

    def walk(self) -> Iterator[Part]:
        """All parts below this one."""
        for part in self.parts.values():
            yield part
            yield from part.walk()


class Selection:
    """A checked set of paths on one type. Raises SchemaMismatch naming path, type and the nearest existing field."""

    def __init__(self, schema: Schema, type_name: str, paths: Iterable[str]) -> None:
        self._schema = schema
        self.root = Part("", "", "", type_name)
        self.paths = tuple(sorted(set(paths)))
        for path in self.paths:
            self._add(path)
        for part in (self.root, *self.root.walk()):
            self._complete(part)

    @property
    def digest(self) -> str:
        """What identifies the content this selection reads; a page read under another one is read again."""
        return hashlib.sha256(f"{self._schema.version} {self.body()}".encode()).hexdigest()[:16]

    def continuation(self, owner: Part, connection: Part) -> str:
        """The document that reads one more page of a connection below `owner`; variables `id` and `after`."""
        call = connection.call.replace("(", "(after: $after, ", 1)
        inner = f"{_body(connection)} pageInfo {{ hasNextPage endCursor }}"
        return (
            "query ConnectionContinued($id: ID!, $after: String!) { node(id: $id) { "
            f"... on {owner.type_name} {{ page: {call} {{ {inner} }} }} }} }}"
        )

    def fragment(self, name: str) -> str:
        """The fragment's definition, to be put behind a document that spreads it."""
        return f"fragment {name} on {self.root.type_name} {{ {self.body()} }}"

    def body(self) -> str:
        """The selected fields without the braces around them."""
        return _body(self.root)

    def describe(self, path: str) -> FieldInfo | None:
        """What the schema says of a path on this type (selected or not); None where it does not exist."""
        try:
            part = Selection(self._schema, self.root.type_name, ())._add(path)
        except SchemaMismatch:
            return None
        kind, entry = "text" if part.metafield else self._kind(part.type_name), self._schema.entry(part.type_name)
        options, inside = tuple(entry.get("e", ())), tuple(entry.get("f", ()))
        return FieldInfo(path, kind, is_list=part.is_list, options=options, inside=inside)

    def _kind(self, type_name: str) -> str:
        """A type in the words of shared.records.FieldInfo."""
        letter = self._schema.entry(type_name).get("k")
        return "choice" if letter == "E" else _SCALARS.get(type_name, "text") if letter == "S" else "object"

    def _add(self, path: str) -> Part:
        """Put one path into the tree, return its last part."""
        part, listed = self.root, False
        names = split(path)
        for position, name in enumerate(names):
            if part.metafield or part.type_name == "JSON":
                break  # below a JSON value everything is read, and nothing is known of it
            if name == "metafields" and self._schema.field(part.type_name, "metafield") and position + 1 < len(names):
                part = _metafield(part, names[position + 1])
                break
            part = self._step(part, name, path)
            listed = listed or part.is_list
        part.is_list = part.is_list or (listed and not part.parts)
        return part

    def _step(self, part: Part, name: str, path: str) -> Part:
        """One name further down, as a field, a field with arguments, or a type of a union."""
        if name not in part.parts:
            part.parts[name] = self._condition(part, name, path) or self._field(part, name, path)
        return part.parts[name]

    def _condition(self, part: Part, name: str, path: str) -> Part | None:
        if not name.startswith(_ON):
            return None
        wanted = name.removeprefix(_ON).strip()
        if wanted not in self._schema.possible(part.type_name):
            raise SchemaMismatch(f"{path}: {part.type_name} is never a {wanted}.", facts={"path": path})
        return Part(name, "", "", wanted, condition=wanted)

    def _field(self, part: Part, name: str, path: str) -> Part:
        call = _CALL.fullmatch(name)
        field_name = call[1] if call else name
        found = self._schema.field(part.type_name, field_name)
        if found is None:
            raise SchemaMismatch(
                f"{path}: the type {part.type_name} has no field {field_name!r}"
                f"{self._schema.suggest(part.type_name, field_name)}",
                facts={"path": path, "type": part.type_name},
            )
        text = checked_arguments(part.type_name, found, call[2] if call else "", path)
        connection = found.type_name.endswith("Connection")
        if connection and not re.search(r"\b(first|last)\s*:", text):
            text = f"(first: {CONNECTION_PAGE}{', ' + text[1:-1] if text else ''})"
        answer = _answer(part, _alias(name) if call else field_name)
        return Part(name, answer, field_name + text, found.type_name, found.is_list, connection=connection)

    def _complete(self, part: Part) -> None:
        """Add what reading whole needs: page marks of connections, ids of their owners, the type behind unions."""
        if not part.parts and not part.metafield and not self._schema.is_leaf(part.type_name):
            if part is self.root:
                return
            raise SchemaMismatch(
                f"{part.key}: {part.type_name} is an object; name a field of it.", facts={"type": part.type_name}
            )
        if any(child.condition for child in part.parts.values()):
            part.parts.setdefault("__typename", Part("__typename", _answer(part, "__typename"), "__typename", "String"))
        if any(child.connection for child in part.parts.values()):
            if "Node" not in self._schema.entry(part.type_name).get("n", ()):
                raise SchemaMismatch(
                    f"{part.key}: a {part.type_name} has no id, so its lists cannot be read beyond the first page.",
                    facts={"type": part.type_name},
                )
            part.parts.setdefault("id", Part("id", _answer(part, "id"), "id", "ID"))


def split(path: str) -> tuple[str, ...]:
    """The names of a path: `a."b.c".d` → ("a", "b.c", "d"). Raises SchemaMismatch for text that is no path."""
    names, position = [], 0
    while match := _SEGMENT.match(path, position):
        quoted = match[1]
        names.append(match[2] if quoted is None else quoted.replace('\\"', '"').replace("\\\\", "\\"))
        position = match.end()
        if position == len(path):
            return tuple(names)
        if path[position] != ".":
            break
        position += 1
    raise SchemaMismatch(f"{path!r} is not a path: names joined by dots, unusual ones in double quotes.")


def metafield_path(namespace: str, key: str) -> str:
    """The path of a metafield."""
    return f'metafields."{namespace}.{key}"'


def metafield_name(name: str) -> tuple[str, str]:
    """Namespace and key of "namespace.key"; the key is what follows the last dot. Raises SchemaMismatch."""
    namespace, _, key = name.rpartition(".")
    if not re.fullmatch(r"[$:\w.-]+", namespace) or not re.fullmatch(r"[\w-]{2,64}", key):
        raise SchemaMismatch(f'metafields."{name}": write "namespace.key".', facts={"path": name})
    return namespace, key


def _metafield(owner: Part, name: str) -> Part:
    """The part `metafields` of an owner, and below it one metafield as a field of the owner under an alias."""
    namespace, key = metafield_name(name)
    holder = owner.parts.setdefault("metafields", Part("metafields", "", "", owner.type_name))
    call = f'metafield(namespace: "{namespace}", key: "{key}") {{ type value jsonValue }}'
    return holder.parts.setdefault(name, Part(name, _answer(owner, _alias(name)), call, "JSON", metafield=True))


def _alias(name: str) -> str:
    """A response name that depends on the text alone, so that equal fields merge and different ones never collide."""
    return "x" + hashlib.sha256(name.encode()).hexdigest()[:10]


def checked_arguments(type_name: str, found: Field, text: str, path: str) -> str:
    """The arguments of a field as the mapping wrote them, with only names the schema knows; nothing but literals.

    Raises SchemaMismatch.
    """
    if text and not _SAFE_CALL.fullmatch(text):
        raise SchemaMismatch(f"{path}: the arguments of {found.name} are not plain literals.", facts={"path": path})
    names = _ARGUMENT.findall(_STRING.sub('""', text))
    unknown = [name for name in names if name not in found.args]
    missing = [name for name in found.required_args if name not in names]
    if unknown or missing:
        wrong = f"does not take {unknown[0]!r}" if unknown else f"needs {missing[0]!r}"
        raise SchemaMismatch(
            f"{path}: {type_name}.{found.name} {wrong} (it takes: {', '.join(found.args) or 'nothing'}).",
            facts={"path": path, "type": type_name},
        )
    return f"({text})" if text else ""


def _answer(owner: Part, name: str) -> str:
    """The response name: inside a union two types may have one field with different types, so each gets its own."""
    return f"on{owner.condition}_{name}" if owner.condition else name


def _body(part: Part) -> str:
    return " ".join(_text(child) for _, child in sorted(part.parts.items()))


def _text(part: Part) -> str:
    if part.condition:
        return f"... on {part.condition} {{ {_body(part)} }}"
    if not part.call:
        return _body(part)  # the holder of metafields, which are fields of its owner
    field_name = part.call.partition("(")[0]
    call = part.call if field_name == part.answer else f"{part.answer}: {part.call}"
    if not part.parts:
        return call
    page = " pageInfo { hasNextPage endCursor }" if part.connection else ""
    return f"{call} {{ {_body(part)}{page} }}"
