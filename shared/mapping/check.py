"""Holds a mapping file against the two systems' schemas before anything runs.

Asks only the two schemas it is given and reads no record. An error stops the flow; a warning is for the person who
edits the file.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from shared.fields import FieldInfo
from shared.mapping.expressions import Expression
from shared.mapping.joint import Seen, every_field, line_path
from shared.mapping.load import MappingFile
from shared.mapping.locate import Key
from shared.mapping.paths import canonical, split_path
from shared.mapping.plausible import key_problem, length_problem, literal_problem, type_problem

Level = Literal["error", "warning"]


class Schema(Protocol):
    """What one side can say about the record type that a mapping names."""

    def describe(self, path: str) -> FieldInfo | None:
        """The field at a canonical path; None where there is none."""

    def suggest(self, path: str) -> str | None:
        """The path that was probably meant."""

    def required_on_create(self) -> Sequence[str]:
        """The paths without which a create is refused and which nothing but the mapping fills."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a mapping: how bad, which field, where it stands, and a sentence with the fix."""

    level: Level
    field: str
    file: str
    line: int
    sentence: str


def check(
    mapping: MappingFile, source: Schema, target: Schema, *, constants: Collection[str] | None = None
) -> list[Finding]:
    """Everything the schemas know against the file, errors first; `constants` are the names the flow resolves."""
    held = _Check(mapping, source, target, constants)
    found = set(held.findings())
    return sorted(found, key=lambda one: (one.level, one.file, one.line, one.sentence))


class _Check:
    def __init__(self, mapping: MappingFile, source: Schema, target: Schema, constants: Collection[str] | None) -> None:
        self._file = mapping
        self._source = source
        self._target = target
        self._constants = constants
        self._fields = every_field(mapping)

    def findings(self) -> Iterator[Finding]:
        for seen in self._fields:
            yield from self._reads(seen.key, seen.name, seen.reads, seen.expression)
            yield from self._writes(seen)
            yield from self._constant(seen)
        for key, expression in self._file.expressions.items():
            if key[0] in ("skip", "match"):
                yield from self._reads(key, f"{key[0]}.{key[1]}", expression.reads, expression)
        for group in self._file.model.lines:
            yield from self._line_list(group)
        yield from self._deletion()
        yield from self._required()

    def _finding(self, level: Level, key: Key, field: str, sentence: str) -> Finding:
        file, line = self._file.places.of(key)
        return Finding(level, field, file, line, f"{field}: {sentence}.")

    def _reads(self, key: Key, field: str, paths: Iterable[str], expression: Expression | None) -> Iterator[Finding]:
        text = expression.text if expression else ""
        for path in paths:
            info = self._source.describe(path)
            if info is None:
                yield self._finding("error", key, field, _unknown(path, self._source, self._file.source, text))
            elif info.type == "object":
                fix = f"name the fields it needs, e.g. {self._source.suggest(path) or path + '.id'}"
                yield self._finding("error", key, field, f"{path} is an object and is read as a whole; {fix}")
            elif not info.readable:
                yield self._finding(
                    "error", key, field, f"{path} cannot be read from {self._file.source}; take another field"
                )

    def _writes(self, seen: Seen) -> Iterator[Finding]:
        key, name, path = (*seen.key, "to"), seen.name, seen.writes
        info = self._target.describe(path)
        if info is None:
            yield self._finding("error", key, name, _unknown(path, self._target, self._file.target, ""))
            return
        problem = _not_writable(info, on_create=seen.mapped.on_create)
        if problem:
            yield self._finding("error", key, name, problem)
        yield from self._values(seen, info)
        if seen.expression is not None and seen.mapped.pair is None:
            yield from self._plausible(seen, seen.expression, info)

    def _values(self, seen: Seen, info: FieldInfo) -> Iterator[Finding]:
        """The literals of a field: value, the values table, and other."""
        mapped = seen.mapped
        literals = [("value", mapped.value), *(("values", value) for value in (mapped.values or {}).values())]
        if mapped.other not in ("park", "keep", "blank"):
            literals.append(("other", mapped.other))
        for where, literal in literals:
            problem = literal_problem(literal, info) if literal is not None and literal != "" else ""
            if problem:
                yield self._finding(
                    "error", (*seen.key, where), seen.name, f"{literal!r} does not fit {info.path}: {problem}"
                )
        source = self._origin(seen)
        for word in mapped.values or {}:
            problem = key_problem(word, source) if source else ""
            if problem:
                yield self._finding(
                    "error", (*seen.key, "values"), seen.name, f"values can never meet this key: {problem}"
                )

    def _plausible(self, seen: Seen, expression: Expression, info: FieldInfo) -> Iterator[Finding]:
        source = self._origin(seen)
        level, sentence = length_problem(expression, source, info)
        if level:
            yield self._finding(level, (*seen.key, "from"), seen.name, sentence)
        problem = type_problem(expression, source, info, translated=seen.mapped.values is not None)
        if problem:
            yield self._finding("warning", (*seen.key, "from"), seen.name, problem)

    def _origin(self, seen: Seen) -> FieldInfo | None:
        """The source field whose content the expression gives unchanged, where there is one; a line's own field too."""
        path = seen.expression.origin if seen.expression else None
        if path is None:
            return None
        in_line = seen.key[0] == "lines"
        return self._source.describe(line_path(self._file, str(seen.key[1]), path) if in_line else path)

    def _constant(self, seen: Seen) -> Iterator[Finding]:
        pair = seen.mapped.pair
        for name in (seen.mapped.constant, pair.fallback if pair else None):
            if name is None or self._constants is None or name in self._constants:
                continue
            close = difflib.get_close_matches(name, list(self._constants), n=1)
            fix = f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(self._constants))}"
            yield self._finding("error", seen.key, seen.name, f"this flow has no constant {name}; {fix}")

    def _line_list(self, group: str) -> Iterator[Finding]:
        """A group's list and the id of its lines on the source side, and its collection on the target's."""
        place, name = ("lines", group), f"lines.{group}"
        items, line_id = (self._file.expressions[*place, key] for key in ("from", "id"))
        info = self._source.describe(items.origin or "")
        if info is None or not info.is_list:
            what = f"{items.origin} is no list of the source record; name one"
            yield self._finding("error", (*place, "from"), name, what)
        yield from self._reads((*place, "from"), name, (path for path in items.reads if path != items.origin), items)
        paths = (line_path(self._file, group, path) for path in line_id.reads)
        yield from self._reads((*place, "id"), name, paths, line_id)
        to = canonical(self._file.model.lines[group].to)
        rows = self._target.describe(to)
        if rows is not None and not rows.is_list:
            yield self._finding("error", (*place, "to"), name, f"{to} holds one value in {self._file.target}, no rows")

    def _deletion(self) -> Iterator[Finding]:
        for written, value in (self._file.model.deleted.set or {}).items():
            key, path = ("deleted", "set", written), canonical(written)
            info = self._target.describe(path)
            if info is None:
                yield self._finding("error", key, "deleted", _unknown(path, self._target, self._file.target, ""))
                continue
            problem = "" if info.updatable else f"{path} cannot be changed; choose another column"
            problem = problem or literal_problem(value, info)
            if problem:
                yield self._finding("error", key, "deleted", f"{value!r} for {path}: {problem}")

    def _required(self) -> Iterator[Finding]:
        written = {seen.writes for seen in self._fields}
        for path in self._target.required_on_create():
            if canonical(path) not in written:
                fix = f'add a field with to = "{path}"'
                yield self._finding("error", ("fields",), path, f"a create needs a value and no field gives one; {fix}")


def _not_writable(info: FieldInfo, *, on_create: bool) -> str:
    if info.type == "object":
        return f"{info.path} is an object; name the field inside it"
    if on_create and not info.creatable:
        return f"{info.path} cannot be set when a record is created; take out on_create, or choose another column"
    if not on_create and not info.updatable:
        fix = "add on_create = true" if info.creatable else "choose another column"
        return f"{info.path} cannot be changed once the record exists; {fix}"
    return ""


def _unknown(path: str, schema: Schema, side: str, text: str) -> str:
    last = split_path(path)[-1]
    if f'"{last}"' in text:
        return f"{side} has no {path}; if {last} is a text and not a field, write it in single quotes: '{last}'"
    meant = schema.suggest(path)
    fix = f"did you mean {meant}?" if meant else "look the name up in that system's schema"
    return f"{side} has no {path}; {fix}"
