"""What is wrong with mapping files, said to the person who edits them: file, line, column, what, and the fix.

Several problems are reported together. Nothing here knows what a key means.
"""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from shared.errors import MappingInvalid
from shared.mapping.locate import Key, Spot, moved

_PLAIN = "write a text, a number, true or false, or a list of texts"


class Where(NamedTuple):
    """A place in a file, counted from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right."""

    file: str
    line: int
    what: str
    fix: str
    column: int = 1

    @property
    def sentence(self) -> str:
        """The whole problem in one sentence."""
        return f"{self.file}, line {self.line}, column {self.column}: {self.said}"

    @property
    def said(self) -> str:
        """What is wrong, and the fix."""
        return f"{self.what}; {self.fix}{'' if self.fix.endswith(('?', '.')) else '.'}"


@dataclass(frozen=True, slots=True)
class Places:
    """Where each key stands: the files of one mapping, an override's keys in front of the file's own."""

    known: Mapping[Key, tuple[str, Spot]]
    file: str

    def of(self, key: Key) -> Where:
        """Where a key stands, or the nearest table around it: for what is missing, or should not be there."""
        for length in range(len(key), 0, -1):
            if key[:length] in self.known:
                file, spot = self.known[key[:length]]
                return Where(file, *spot.key)
        return Where(self.file, 1, 1)

    def value(self, key: Key) -> Where:
        """Where a key's value begins; where it has none of its own, the key."""
        file, spot = self.known.get(key, (self.file, None))
        return Where(file, *spot.value) if spot is not None and spot.value is not None else self.of(key)

    def inside(self, key: Key, text: str, offset: int) -> Where:
        """Where the character at `offset` of a text value stands; where escapes hide that, its beginning."""
        file, spot = self.known.get(key, (self.file, None))
        if spot is None or spot.text is None:
            return self.value(key)
        return Where(file, *moved(spot.text, text, offset))

    def problem(self, key: Key, what: str, fix: str) -> Problem:
        """A problem with a key: one that is missing, or should not be there."""
        return at(self.of(key), what, fix)

    def wrong_value(self, key: Key, what: str, fix: str) -> Problem:
        """A problem with a key's value."""
        return at(self.value(key), what, fix)


def at(where: Where, what: str, fix: str) -> Problem:
    """A problem at that place."""
    return Problem(where.file, where.line, what, fix, where.column)


def refusal(problems: Sequence[Problem]) -> MappingInvalid:
    """The error for one or more problems: the first in its sentence, all of them in its facts."""
    ordered = sorted(set(problems), key=lambda problem: (problem.file, problem.line, problem.column))
    more = f" ({len(ordered) - 1} more in these files.)" if len(ordered) > 1 else ""
    first = ordered[0]
    where = {"file": first.file, "line": first.line, "column": first.column}
    facts = {**where, "problems": [asdict(problem) for problem in ordered]}
    return MappingInvalid(first.sentence + more, facts=facts)


def from_validation(error: ValidationError, model: type[BaseModel], places: Places) -> list[Problem]:
    """Pydantic's findings in the user's words, one per key."""
    found: dict[Key, Problem] = {}
    for detail in error.errors(include_url=False, include_context=True, include_input=False):
        key, owner, whole = _known_key(detail["loc"], model)
        where = places.of(key)
        if detail["type"] == "extra_forbidden":
            what, fix = f"unknown key {_dotted(key)!r}", _meant(str(key[-1]), owner)
        elif detail["type"] == "missing":
            what, fix = f"{_dotted(key)!r} is missing", "add it" + _described(owner, str(key[-1]))
        else:
            what, fix = f"{_dotted(key)!r} is not as it must be", _expected(detail) if whole else _PLAIN
            where = where if detail["loc"][-1] == "[key]" else places.value(key)
        found.setdefault(key, at(where, what, fix))
    return list(found.values())


def _known_key(location: Sequence[str | int], model: type[BaseModel]) -> tuple[Key, type[BaseModel], bool]:
    """The part of pydantic's location that stands in the file, its model, and whether that is all of the location.

    Pydantic adds a name for each member of a union it tried, and `[key]` where the key itself is wrong.
    """
    current: Any = model
    owner = model
    key: list[str | int] = []
    for part in location:
        if part == "[key]":
            break
        if isinstance(current, type) and issubclass(current, BaseModel):
            owner = current
            key.append(part)
            current = _field_type(current, str(part))
        elif typing.get_origin(current) is dict:
            key.append(part)
            current = typing.get_args(current)[1]
        elif typing.get_origin(current) is list and isinstance(part, int):
            key.append(part)
            current = typing.get_args(current)[0]
        else:
            return tuple(key), owner, False
    return tuple(key), owner, True


def _field_type(model: type[BaseModel], name: str) -> Any:
    for field_name, field in model.model_fields.items():
        if name in (field.alias, field_name):
            return _without_none(field.annotation)
    return None


def _without_none(annotation: Any) -> Any:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        members = [member for member in typing.get_args(annotation) if member is not type(None)]
        return members[0] if len(members) == 1 else None
    return annotation


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    """The keys a user may write in this table."""
    for name, field in model.model_fields.items():
        yield field.alias or name


def _meant(word: str, model: type[BaseModel]) -> str:
    allowed = list(keys_of(model))
    close = difflib.get_close_matches(word.lower(), allowed, n=1, cutoff=0.7)
    return f"did you mean {close[0]!r}?" if close else f"possible here: {', '.join(allowed)}"


def _described(model: type[BaseModel], key: str) -> str:
    for name, field in model.model_fields.items():
        if key in (field.alias, name) and field.description:
            return f" ({field.description.rstrip('.')})"
    return ""


def _expected(detail: Mapping[str, Any]) -> str:
    context = detail.get("ctx") or {}
    kinds = {
        "literal_error": f"write {context.get('expected')}",
        "string_pattern_mismatch": "names are lower-case letters, digits and underscores, and begin with a letter",
        "string_too_short": "it must not be empty",
        "too_short": "at least one entry is needed",
        "bool_type": "write true or false",
        "int_type": "write a whole number without quotes",
        "greater_than_equal": f"it is at least {context.get('ge')}",
        "string_type": "write a text in quotes",
        "model_type": "write a table in [brackets]",
        "dict_type": "write a table in [brackets] or { braces }",
        "list_type": "write it with double [[brackets]]",
    }
    return kinds.get(detail["type"], _PLAIN)


def _dotted(key: Key) -> str:
    return ".".join(str(part) for part in key)
