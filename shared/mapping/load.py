"""Reads a flow's mapping file, with a shop's replacements, and refuses what is wrong before anything runs.

Every problem names file, line and fix, and all are reported together. Nothing is guessed and nothing is defaulted that
a user could have meant otherwise.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.mapping.expressions import Expression
from shared.mapping.locate import Key, Spot, spots
from shared.mapping.meant import hint
from shared.mapping.model import HOWS, MappingModel
from shared.mapping.problems import Places, Problem, from_validation, refusal
from shared.mapping.semantics import examine
from shared.mapping.tables import problems as table_problems
from shared.records import Side

WITHOUT_LINES = frozenset({"variants"})
"""Kinds whose records have no lines on either side."""
_TOML = {
    "Illegal character '\\n'": ("a text does not end on its line", "close its quotes", False),
    "Invalid value": ("a value is needed here", "write a text in quotes, a number, true or false", False),
    "Cannot overwrite a value": ("this key stands in its table twice", "take one of the two out", True),
    "Cannot declare": ("this table stands in the file twice", "put its keys into one", True),
}
"""What tomllib says, what that means to whoever edits the file, and whether the line as a whole is meant."""
_SIDES = {"shopify_to_crm": (Side.SHOPIFY, Side.CRM), "crm_to_shopify": (Side.CRM, Side.SHOPIFY)}


@dataclass(frozen=True, slots=True)
class MappingFile:
    """A mapping that was found good: its model, its compiled expressions, and where each key stands.

    `digest` changes exactly when the meaning does: not with comments, the order of keys, or defaults written out.
    """

    model: MappingModel
    expressions: Mapping[Key, Expression]
    places: Places
    digest: str

    @property
    def flow(self) -> str:
        """The flow's name."""
        return self.model.flow

    @property
    def source(self) -> Side:
        """The side that is read."""
        return Side.SHOPIFY if self.model.source.type is not None else Side.CRM

    @property
    def target(self) -> Side:
        """The side that is written."""
        return self.source.other


def load(folder: Path, flow: str, *, shop: str | None = None) -> MappingFile:
    """The mapping of a flow (`tables_shopify_to_crm/FILE` for a table file), with the shop's own keys in front.

    Raises MappingInvalid naming file, line and fix; several problems stand together in its facts.
    """
    path = _path(folder, flow)
    content, known = _read(path, folder)
    places = Places(known, _name(path, folder))
    override = folder / shop / path.relative_to(folder) if shop else None
    if override is not None and override.is_file():
        replacement, its_lines = _read(override, folder)
        places = Places({**known, **its_lines}, places.file)
        _take_out_only_what_is_there(content, replacement, places)
        content = _replaced(content, replacement)
    return _checked(content, places, flow)


def _take_out_only_what_is_there(content: Mapping[str, Any], replacement: Mapping[str, Any], places: Places) -> None:
    """A field that a shop sets to false has to be one of the flow's own file."""
    fields, own = content.get("fields"), replacement.get("fields")
    known, asked = (each if isinstance(each, dict) else {} for each in (fields, own))
    wrong = [name for name, value in asked.items() if value is False and name not in known]
    if wrong:
        said = "there is no field {} to take out"
        raise refusal([places.problem(("fields", name), said.format(name), hint(name, known)) for name in wrong])


def parse(text: str, *, file: str = "mapping.toml") -> MappingFile:
    """A mapping from text, checked like a file; the flow is the one it names itself."""
    content, known = _parsed(text, file)
    return _checked(content, Places(known, file), None)


def _path(folder: Path, flow: str) -> Path:
    flow_name, _, table = flow.partition("/")
    return folder / "tables" / f"{table}.toml" if table else folder / f"{flow_name}.toml"


def _name(path: Path, folder: Path) -> str:
    """The file as a user knows it: with the name of the mappings folder, never the machine's path."""
    return (Path(folder.name) / path.relative_to(folder)).as_posix()


def _read(path: Path, folder: Path) -> tuple[dict[str, Any], dict[Key, tuple[str, Spot]]]:
    name = _name(path, folder)
    try:
        text = path.read_text(encoding="utf-8-sig")  # Notepad writes the mark
    except (FileNotFoundError, IsADirectoryError):
        fix = "take it out of TABLES" if path.parent.name == "tables" else "switch the flow off"
        raise refusal([Problem(name, 1, "there is no such file", f"add it, or {fix}")]) from None
    except UnicodeDecodeError:
        raise refusal([Problem(name, 1, "the file is not UTF-8 text", "save it as UTF-8")]) from None
    return _parsed(text, name)


@lru_cache(maxsize=64)  # asked for by its flow and by the reverse one; nobody changes what it gives
def _parsed(text: str, name: str) -> tuple[dict[str, Any], dict[Key, tuple[str, Spot]]]:
    try:
        content = tomllib.loads(text, parse_float=Decimal)
    except ValueError as error:  # TOMLDecodeError, and numbers longer than Python reads
        raise refusal([_not_toml(str(error), text, name)]) from None
    except RecursionError:
        raise refusal([Problem(name, 1, "brackets are nested too deeply", "take some of them out")]) from None
    return content, {key: (name, spot) for key, spot in spots(text).items()}


def _not_toml(message: str, text: str, name: str) -> Problem:
    place = re.search(r"line (\d+), column (\d+)", message)
    line, column = map(int, place.groups()) if place else (text.count("\n") + 1, 1)
    known = next((each for each in _TOML if message.startswith(each)), "")
    if known:
        what, fix, begins = _TOML[known]
        return Problem(name, line, f"not TOML: {what}", fix, 1 if begins else column)
    what = re.sub(r" \(at [^)]*\)", "", message)
    fix = "check quotes, brackets and doubled keys near this place"
    return Problem(name, line, f"not TOML: {what[:1].lower()}{what[1:]}", fix, column)


def _replaced(content: Mapping[str, Any], replacement: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are merged down to the keys of a field; what a key holds (`values`, `skip`) is replaced whole."""
    merged = dict(content)
    for key, value in replacement.items():
        old = merged.get(key)
        if not (isinstance(old, dict) and isinstance(value, dict)) or key == "deleted":
            merged[key] = value
        elif key == "fields":
            merged[key] = _replaced_fields(old, value)
        else:
            merged[key] = _replaced(old, value)
    return merged


def _replaced_fields(fields: Mapping[str, Any], replacement: Mapping[str, Any]) -> dict[str, Any]:
    """A field set to false goes; a new way to fill a field (from, value …) ends the old one."""
    merged = dict(fields)
    for name, value in replacement.items():
        old = merged.get(name)
        if value is False and name in merged:
            del merged[name]
        elif isinstance(old, dict) and isinstance(value, dict):
            new_way = any(how in value for how in HOWS)
            merged[name] = {key: kept for key, kept in old.items() if not (new_way and key in HOWS)} | value
        else:
            merged[name] = value
    return merged


def _checked(content: Mapping[str, Any], places: Places, flow: str | None) -> MappingFile:
    try:
        model = MappingModel.model_validate(content)
    except ValidationError as error:
        raise refusal(from_validation(error, MappingModel, places)) from None
    findings = examine(model, places)
    problems = findings.problems + _flow_problems(model, places, flow)
    if problems:
        raise refusal(problems)
    return MappingFile(model, findings.expressions, places, _digest(model))


def _flow_problems(model: MappingModel, places: Places, flow: str | None) -> list[Problem]:
    if flow is not None and model.flow != flow.partition("/")[0]:
        return [places.wrong_value(("flow",), f"flow is {model.flow!r} here", f"write {flow.partition('/')[0]!r}")]
    sides = next((sides for ending, sides in _SIDES.items() if model.flow.endswith(ending)), None)
    if sides is None:
        fix = "its name ends in _shopify_to_crm or _crm_to_shopify"
        return [places.wrong_value(("flow",), f"{model.flow!r} does not say its direction", fix)]
    if (model.source.type is not None) != (sides[0] is Side.SHOPIFY):
        fix = f"give the {sides[0]} side's record type as [source] and the other's as [target]"
        return [places.problem(("source",), f"{model.flow} reads from {sides[0]}, [source] names the other side", fix)]
    if flow is not None and model.lines and model.kind in WITHOUT_LINES:
        return [places.problem(("lines",), "lines: this flow's records have no lines", "take the table out")]
    return table_problems(model, places, flow)


def _digest(model: MappingModel) -> str:
    plain = json.dumps(model.model_dump(by_alias=True, exclude_defaults=True), sort_keys=True, default=_number)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def _number(value: object) -> object:
    """A Decimal in the digest: told apart from the same digits as text."""
    if isinstance(value, Decimal):
        return {"number": str(value)}
    raise TypeError(type(value).__name__)
