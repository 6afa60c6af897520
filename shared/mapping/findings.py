"""What the check of a mapping finds, and in whose words.

Here is only what both halves of it share; shared/mapping/check.py puts them together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from shared.fields import FieldInfo
from shared.mapping.joint import Seen, line_path
from shared.mapping.load import MappingFile
from shared.mapping.locate import Key
from shared.mapping.meant import Names
from shared.mapping.paths import canonical, join_path, split_path, within
from shared.mapping.problems import Problem, Where, refusal
from shared.records import Side

Level = Literal["error", "warning"]
SYSTEMS = {Side.CRM: "Dataverse", Side.SHOPIFY: "Shopify"}


class Schema(Names, Protocol):
    """What one side can say about the record type that a mapping names."""

    @property
    def searchable(self) -> Collection[str] | None:
        """The paths by which its records can be found; None where any will do."""

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
    column: int = 1


class Report:
    """What both halves of the check share: the file, and how a finding is put down."""

    def __init__(self, mapping: MappingFile) -> None:
        self.file = mapping

    def finding(self, level: Level, where: Where, field: str, sentence: str) -> Finding:
        """A finding at a place."""
        end = "" if sentence.endswith("?") else "."
        return Finding(level, field, where.file, where.line, f"{field}: {sentence}{end}", where.column)

    def error(self, key: Key, field: str, sentence: str) -> Finding:
        """An error at a key's value."""
        return self.finding("error", self.file.places.value(key), field, sentence)

    def type_of(self, side: Side) -> str:
        """A side's record type as people call it."""
        place = self.file.model.source if side is self.file.source else self.file.model.target
        return f"{SYSTEMS[side]}'s {place.type or place.table}"

    def listed(self, group: str) -> str:
        """The path of the list that a group of lines is made from."""
        return self.file.expressions["lines", group, "from"].origin or ""

    def rows_path(self, group: str) -> str:
        """The path of the collection that a group of lines goes to."""
        return canonical(self.file.model.lines[group].to)


def inside(path: str, of: str) -> str:
    """A path as it is written where the list around it is named already."""
    return join_path(split_path(path)[len(split_path(of)) :]) if of and path != of and within(path, of) else path


def in_line(seen: Seen) -> bool:
    """Whether it is a field of a line."""
    return seen.key[0] == "lines"


def origin(file: MappingFile, seen: Seen, source: Schema | None) -> FieldInfo | None:
    """The source field whose content the expression gives unchanged, where there is one; a line's own field too."""
    path = seen.expression.origin if seen.expression else None
    if path is None or source is None:
        return None
    return source.describe(line_path(file, str(seen.key[1]), path) if in_line(seen) else path)


def stop_at(found: Iterable[Finding], see: str) -> None:
    """Raise MappingInvalid, naming file, line and fix, where an error is among them."""
    wrong = [each for each in found if each.level == "error"]
    if wrong:
        problems = [Problem(each.file, each.line, *_parted(each.sentence, see), each.column) for each in wrong]
        raise refusal(problems)


def _parted(sentence: str, see: str) -> tuple[str, str]:
    """What is wrong, and the fix."""
    what, _, fix = sentence.removesuffix(".").rpartition("; ")
    return (what, fix) if what else (fix, see)
