"""The half of the check that holds what a mapping writes against the target's schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from shared.fields import FieldInfo
from shared.mapping.expressions import Expression
from shared.mapping.findings import Finding, Report, Schema, in_line, inside, origin
from shared.mapping.joint import Seen
from shared.mapping.load import MappingFile
from shared.mapping.meant import meant
from shared.mapping.paths import canonical, split_path
from shared.mapping.plausible import (
    key_problem,
    length_problem,
    list_problem,
    literal_problem,
    type_problem,
    unlisted,
)
from shared.records import Side


class Writes(Report):
    """What the target says of the columns that are written; `source` helps to judge the values that go there."""

    def __init__(self, mapping: MappingFile, source: Schema | None, target: Schema) -> None:
        super().__init__(mapping)
        self._source = source
        self._target = target

    def findings(self, fields: Iterable[Seen]) -> Iterator[Finding]:
        """Everything that is written, and what should be."""
        fields = tuple(fields)
        for seen in fields:
            if not in_line(seen) or self._is_rows(str(seen.key[1])):  # else the collection itself is told to be wrong
                yield from self._writes(seen)
        for group in self.file.model.lines:
            yield from self._rows(group)
        yield from self._deletion()
        yield from self._required(fields)

    def _writes(self, seen: Seen) -> Iterator[Finding]:
        key, name, path = (*seen.key, "to"), seen.name, seen.writes
        info = self._target.describe(path)
        if info is None:
            yield self.error(key, name, self._unwritten(path, str(seen.key[1]) if in_line(seen) else ""))
            return
        problem = _not_writable(info, on_create=seen.mapped.on_create)
        if problem:
            yield self.error(key, name, problem)
        yield from self._values(seen, info)
        rows_id = seen.mapped.constant is not None or seen.mapped.pair is not None
        if rows_id and self.file.target is Side.CRM and info.type not in ("reference", "object"):
            what = f"the id of a row goes into a column of kind {info.type}; choose a lookup column"
            yield self.finding("warning", self.file.places.value(key), name, what)
        if seen.expression is not None and seen.mapped.pair is None:
            yield from self._plausible(seen, seen.expression, info)

    def _unwritten(self, path: str, group: str = "") -> str:
        what, close = f"{self.type_of(self.file.target)} has no {path}", meant(self._target, path)
        if "metafields" in split_path(path)[:-1]:
            return f'{what}; a metafield is named by namespace and key: metafields."custom.material"'
        if close:
            close = inside(close, self.rows_path(group)) if group else close
            return f"{what}; did you mean {close}?"
        if self.file.target is Side.CRM:
            fix = "make it in Power Apps, then `mapping check --live`, or look its logical name up"
            return f"{what}; {fix} (it is not its label)"
        return f"{what}; look the name up in its documentation"

    def _values(self, seen: Seen, info: FieldInfo) -> Iterator[Finding]:
        """The literals of a field: value, the values table, and other."""
        mapped = seen.mapped
        literals: list[tuple[tuple[str, ...], Any]] = [(("value",), mapped.value)]
        literals += [(("values", word), value) for word, value in (mapped.values or {}).items()]
        if mapped.other not in ("park", "keep", "blank"):
            literals.append((("other",), mapped.other))
        for where, literal in literals:
            problem = literal_problem(literal, info) if literal is not None and literal != "" else ""
            if problem:
                yield self.error((*seen.key, *where), seen.name, f"{literal!r} does not fit {info.path}: {problem}")
        source = origin(self.file, seen, self._source)
        for word in mapped.values or {}:
            problem = key_problem(word, source) if source else ""
            if problem:
                place = self.file.places.of((*seen.key, "values", word))
                yield self.finding("error", place, seen.name, f"values can never meet this key: {problem}")

    def _plausible(self, seen: Seen, expression: Expression, info: FieldInfo) -> Iterator[Finding]:
        source, key = origin(self.file, seen, self._source), (*seen.key, "from")
        where = self.file.places.value(key)
        level, sentence = length_problem(expression, source, info, seen.mapped)
        if level:
            yield self.finding(level, where, seen.name, sentence)
        shape = list_problem(expression, source, info, self._listed) if not in_line(seen) else ""
        problem = shape or type_problem(expression, source, info, translated=seen.mapped.values is not None)
        if problem:
            yield self.finding("error" if shape else "warning", where, seen.name, problem)
        missing = unlisted(seen.mapped, source)
        if missing:
            place = self.file.places.value((*seen.key, "values"))
            said = f"values does not list {missing}; add them, or say with other what becomes of them"
            yield self.finding("warning", place, seen.name, f"{said}: now such records are parked")

    def _listed(self, path: str) -> bool:
        info = self._source.describe(path) if self._source else None
        return info is not None and info.is_list

    def _rows(self, group: str) -> Iterator[Finding]:
        """The collection that a group of lines goes to."""
        key, to = ("lines", group, "to"), self.rows_path(group)
        info = self._target.describe(to)
        if info is None:
            yield self.error(key, f"lines.{group}", self._unwritten(to))
        elif not info.is_list:
            what = f"{to} holds one value in {self.type_of(self.file.target)}, no rows; name a collection"
            yield self.error(key, f"lines.{group}", what)

    def _is_rows(self, group: str) -> bool:
        info = self._target.describe(self.rows_path(group))
        return info is not None and info.is_list

    def _deletion(self) -> Iterator[Finding]:
        for written, value in (self.file.model.deleted.set or {}).items():
            key, path = ("deleted", "set", written), canonical(written)
            info = self._target.describe(path)
            if info is None:
                yield self.finding("error", self.file.places.of(key), "deleted", self._unwritten(path))
                continue
            problem = "" if info.updatable else f"{path} cannot be changed; choose another column"
            problem = problem or literal_problem(value, info)
            if problem:
                yield self.error(key, "deleted", f"{value!r} for {path}: {problem}")
        yield from self._unfit_status()

    def _unfit_status(self) -> Iterator[Finding]:
        """A status reason that belongs to another state than the one it is set with: Dataverse refuses the two."""
        given = {canonical(path): value for path, value in (self.file.model.deleted.set or {}).items()}
        info = self._target.describe("statuscode") if {"statecode", "statuscode"} <= given.keys() else None
        state_of = dict(zip(info.options, info.states, strict=False)) if info else {}
        state, status = str(given.get("statecode")), str(given.get("statuscode"))
        if state_of.get(status, state) != state:
            fit = ", ".join(each for each, of in state_of.items() if of == state)
            what = f"statuscode {status} belongs to statecode {state_of[status]}, not {state}; write statuscode = {fit}"
            yield self.error(("deleted", "set", "statuscode"), "deleted", what)

    def _required(self, fields: Iterable[Seen]) -> Iterator[Finding]:
        written = {seen.writes for seen in fields}
        for path in self._target.required_on_create():
            if canonical(path) not in written:
                what = f'a create needs a value and no field gives one; add a field with to = "{path}"'
                yield self.finding("error", self.file.places.of(("fields",)), path, what)


def _not_writable(info: FieldInfo, *, on_create: bool) -> str:
    if info.type == "object":
        return f"{info.path} is an object; name the field inside it"
    if not info.creatable and not info.updatable:
        return f"{info.path} cannot be written; choose another field"
    if on_create and not info.creatable:
        return f"{info.path} cannot be set when a record is created; take out on_create, or choose another column"
    if not on_create and not info.updatable:
        fix = "add on_create = true" if info.creatable else "choose another column"
        return f"{info.path} cannot be changed once the record exists; {fix}"
    return ""
