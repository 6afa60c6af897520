"""The half of the check that holds what a mapping reads against the source's schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from shared.mapping.expressions import Expression, offset_of
from shared.mapping.findings import Finding, Level, Report, Schema, in_line, inside
from shared.mapping.joint import Seen, line_path
from shared.mapping.load import MappingFile
from shared.mapping.locate import Key
from shared.mapping.meant import meant, of_the_record, wrong_part
from shared.mapping.paths import join_path, split_path
from shared.mapping.plausible import compare_problem, compared, key_problem
from shared.mapping.problems import Where


class Reads(Report):
    """What the source says of the paths that fields, conditions and lists read."""

    def __init__(self, mapping: MappingFile, source: Schema) -> None:
        super().__init__(mapping)
        self._source = source

    def findings(self, fields: Iterable[Seen]) -> Iterator[Finding]:
        """Everything that is read."""
        for seen in fields:
            if in_line(seen) and not self._is_list(str(seen.key[1])):
                continue  # the list itself is told to be wrong
            if seen.expression is not None:
                key = (*seen.key, "from") if seen.mapped.pair is None else (*seen.key, "pair", "id")
                yield from self._reads(key, seen.name, seen.reads, seen.expression)
                yield from self._compares(key, seen.name, seen.expression)
        for key, expression in self.file.expressions.items():
            if key[0] in ("skip", "match"):
                name = f"{key[0]}.{key[1]}"
                yield from self._reads(key, name, expression.reads, expression)
                yield from self._compares(key, name, expression)
        for group in self.file.model.lines:
            yield from self._line_list(group)

    def _reads(self, key: Key, field: str, paths: Iterable[str], expression: Expression) -> Iterator[Finding]:
        for path in paths:
            info = self._source.describe(path)
            if info is None:
                said = self._unread(key, path, expression)
            elif info.type == "object":
                inner = next((name for name in ("name", "title", "id") if name in info.inside), "id")
                said = f"{path} is an object and is read as a whole; name the fields it needs, e.g. {path}.{inner}"
            elif not info.readable:
                said = f"{path} cannot be read from {self.type_of(self.file.source)}; take another field"
            else:
                continue
            yield self.finding("error", self._at(key, path, expression), field, said)

    def _at(self, key: Key, path: str, expression: Expression) -> Where:
        """Where the wrong part of a path stands in its expression."""
        parts = split_path(path)
        wrong = wrong_part(self._source, path)
        for start in range(wrong + 1):
            for end in range(len(parts), wrong, -1):
                offset = offset_of(expression.text, parts[start:end])
                if offset is not None:
                    offset += len(join_path(parts[start:wrong])) + (wrong > start)
                    return self.file.places.inside(key, expression.text, offset)
        return self.file.places.value(key)

    def _unread(self, key: Key, path: str, expression: Expression) -> str:
        what, last = f"{self.type_of(self.file.source)} has no {path}", split_path(path)[-1]
        if f'"{last}"' in expression.text and not path.startswith("metafields"):
            return f"{what}; if {last} is a text and not a field, write it in single quotes: '{last}'"
        if "metafields" in split_path(path)[:-1]:
            return f'{what}; a metafield is named by namespace and key: metafields."custom.material"'
        close = meant(self._source, path)
        if key[0] == "lines" and key[2] != "from":
            listed = self.listed(str(key[1]))
            close = of_the_record(self._source, path, listed) or (close and inside(close, listed))
        return f"{what}; did you mean {close}?" if close else f"{what}; look the name up in its documentation"

    def _is_list(self, group: str) -> bool:
        info = self._source.describe(self.listed(group))
        return info is not None and info.is_list

    def _compares(self, key: Key, field: str, expression: Expression) -> Iterator[Finding]:
        """What a path is compared with and never is: another option than there are, or another kind of value."""
        for path, equal, literal in compared(expression):
            line = key[0] == "lines"
            info = self._source.describe(line_path(self.file, str(key[1]), path) if line else path)
            if info is not None and line and info.is_list:  # by the list that the line stands in
                info = replace(info, is_list=False)
            problem = compare_problem(path, info, equal, literal) if info else ""
            if problem:
                offset = max(expression.text.find(f"'{literal}'"), expression.text.find(f"`{literal}`"), 0)
                where = self.file.places.inside(key, expression.text, offset)
                option = equal and isinstance(literal, str) and bool(info and key_problem(literal, info))
                level: Level = "warning" if option else "error"
                yield self.finding(level, where, field, f"{path} is compared with what it never is: {problem}")

    def _line_list(self, group: str) -> Iterator[Finding]:
        """A group's list, and the id of its lines."""
        place, name = ("lines", group), f"lines.{group}"
        items, line_id = (self.file.expressions[*place, key] for key in ("from", "id"))
        info = self._source.describe(items.origin or "")
        if info is None:
            said = self._unread((*place, "from"), items.origin or "", items)
            where = self._at((*place, "from"), items.origin or "", items)
            yield self.finding("error", where, name, said)
            return
        if not info.is_list:
            yield self.error((*place, "from"), name, f"{items.origin} is no list of the source record; name one")
            return
        inner = (path for path in items.reads if path != items.origin)
        yield from self._reads((*place, "from"), name, inner, items)
        paths = (line_path(self.file, group, path) for path in line_id.reads)
        yield from self._reads((*place, "id"), name, paths, line_id)
