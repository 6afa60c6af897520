"""What the keys of one mapping file must mean together; compiles its expressions on the way.

Finds everything it can in one pass and never raises; two files of a kind are held against each other in joint.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from shared.mapping.expressions import Expression, ExpressionInvalid, compiled
from shared.mapping.locate import Key
from shared.mapping.meant import hint
from shared.mapping.model import FieldModel, LinesModel, MappingModel, Place
from shared.mapping.paths import canonical, split_path
from shared.mapping.problems import Places, Problem, at


@dataclass
class Findings:
    """What a look at one file gave: problems, and its expressions compiled, by the key they stand at."""

    problems: list[Problem] = field(default_factory=list)
    expressions: dict[Key, Expression] = field(default_factory=dict)


def examine(model: MappingModel, places: Places) -> Findings:
    """Everything about one file that its keys' types cannot say."""
    findings = Findings()

    def report(key: Key, what: str, fix: str) -> None:
        findings.problems.append(places.wrong_value(key, what, fix))

    for key, text in _expressions(model):
        try:
            findings.expressions[key] = compiled(text)
        except ExpressionInvalid as error:
            where = places.inside(key, text, error.offset)
            findings.problems.append(at(where, f"{_name(key)}: {error.what}", error.fix))
    _sides(model, report)
    _whole(model, report)
    _group(model.fields, ("fields",), report)
    for name, lines in model.lines.items():
        _lines(name, lines, findings, report)
    return findings


Report = Callable[[Key, str, str], None]
_TAKEN = frozenset({"fields", "deleted"})


def _name(key: Key) -> str:
    return ".".join(str(part) for part in key)


def _expressions(model: MappingModel) -> Iterator[tuple[Key, str]]:
    for index, skip in enumerate(model.skip):
        yield ("skip", index, "when"), skip.when
    for index, match in enumerate(model.match):
        if match.when is not None:
            yield ("match", index, "when"), match.when
    yield from _field_expressions(model.fields, ("fields",))
    for name, lines in model.lines.items():
        yield ("lines", name, "from"), lines.from_
        yield ("lines", name, "id"), lines.id
        yield from _field_expressions(lines.fields, ("lines", name, "fields"))


def _field_expressions(fields: Mapping[str, FieldModel], prefix: Key) -> Iterator[tuple[Key, str]]:
    for name, mapped in fields.items():
        if mapped.from_ is not None:
            yield (*prefix, name, "from"), mapped.from_
        if mapped.pair is not None:
            yield (*prefix, name, "pair", "id"), mapped.pair.id


def _sides(model: MappingModel, report: Report) -> None:
    for key, place in (("source", model.source), ("target", model.target)):
        if (place.type is None) == (place.table is None):
            report((key,), f"[{key}] needs exactly one of type and table", "type for Shopify, table for Dataverse")
    if _is_shopify(model.source) == _is_shopify(model.target):
        report(("target",), "source and target are on the same side", "give one a type and the other a table")


def _is_shopify(place: Place) -> bool:
    return place.type is not None


def _whole(model: MappingModel, report: Report) -> None:
    for index, match in enumerate(model.match):
        key = ("match", index, "field")
        if match.field not in model.fields:
            fix = hint(match.field, model.fields, "name one of")
            report(key, f"[[match]] names {match.field!r}, which is no field of this file", fix)
        elif model.fields[match.field].from_ is None:
            report(key, "[[match]] names a field without a from", "match by one that has a from")
    if (model.deleted.set is None) == (model.deleted.action is None):
        report(("deleted",), "[deleted] needs exactly one of set and action", 'write set = { … } or action = "keep"')
    for path in model.deleted.set or {}:
        _path(("deleted", "set", path), path, report)


def _path(key: Key, path: str, report: Report) -> bool:
    try:
        split_path(path)
    except ValueError as error:
        report(key, str(error), "expressions belong into from; here stands only where the value goes")
        return False
    return True


def _group(fields: Mapping[str, FieldModel], prefix: Key, report: Report) -> None:
    """The fields of the record, or those of its lines."""
    targets: dict[str, list[str]] = defaultdict(list)
    for name, mapped in fields.items():
        _field((*prefix, name), mapped, report)
        if _path((*prefix, name, "to"), mapped.to, report):
            targets[canonical(mapped.to)].append(name)
    for path, names in targets.items():
        _one_writer(prefix, path, {name: fields[name] for name in names}, report)
    _no_overlap(prefix, targets, report)


def _field(key: Key, mapped: FieldModel, report: Report) -> None:
    name = key[-1]
    if len(mapped.hows) != 1:
        given = " and ".join(mapped.hows) or "none"
        what = f"{name}: exactly one of from, value, constant and pair is needed, {given} given"
        report(key, what, "keep one of them")
    if mapped.values is not None and mapped.from_ is None:
        report((*key, "values"), f"{name}: values translates what from reads", "add a from, or write the value itself")
    if "other" in mapped.model_fields_set and mapped.values is None:
        report((*key, "other"), f"{name}: other has no meaning without values", "add the values table or take it out")
    _texts(key, mapped, report)
    if mapped.required and mapped.blank == "keep":
        fix = "required parks an empty value, keep ignores it: choose one"
        report((*key, "blank"), f'{name}: required and blank = "keep" exclude each other', fix)
    _once(key, mapped, report)


def _texts(key: Key, mapped: FieldModel, report: Report) -> None:
    name = key[-1]
    if "too_long" in mapped.model_fields_set and mapped.length is None:
        report((*key, "too_long"), f"{name}: too_long has no meaning without length", "add length = and a number")
    if mapped.length is not None and mapped.from_ is None:
        report((*key, "length"), f"{name}: length is about what from reads", "add a from, or shorten the value itself")


def _once(key: Key, mapped: FieldModel, report: Report) -> None:
    name = key[-1]
    if mapped.on_create and mapped.owner is not None:
        fix = "take out one of them"
        report((*key, "owner"), f"{name}: on_create is written once, so there is nothing for an owner to decide", fix)
    if mapped.on_create and mapped.drift != "accept":
        report((*key, "drift"), f"{name}: on_create is written once and never repaired", "take out one of them")


def _one_writer(prefix: Key, path: str, writers: Mapping[str, FieldModel], report: Report) -> None:
    for on_create in (False, True):
        same = [name for name, mapped in writers.items() if mapped.on_create is on_create]
        if len(same) > 1:
            fix = "write it once; one further field may give its value with on_create = true"
            report((*prefix, same[1], "to"), f"{' and '.join(same)} both write {path}", fix)


def _no_overlap(prefix: Key, targets: Mapping[str, list[str]], report: Report) -> None:
    by_segments = {split_path(path): names[0] for path, names in targets.items()}
    for segments, name in by_segments.items():
        for length in range(1, len(segments)):
            outer = by_segments.get(segments[:length])
            if outer is not None:
                what = f"{outer} writes the whole that {name} writes a part of"
                report((*prefix, outer, "to"), what, "name its parts")


def _lines(name: str, lines: LinesModel, findings: Findings, report: Report) -> None:
    key, table = ("lines", name), f"lines.{name}"
    if name in _TAKEN:  # a shop's own file is laid over this one by the names of tables
        report(key, f"a group of lines cannot be called {name}", "choose another name")
    _path((*key, "to"), lines.to, report)
    _group(lines.fields, (*key, "fields"), report)
    for index, match in enumerate(lines.match):
        if match.field not in lines.fields:
            fix = hint(match.field, lines.fields, "name one of")
            what = f"{table}.match names {match.field!r}, which is no field of it"
            report((*key, "match", index, "field"), what, fix)
    if not lines.fields:
        report(key, f"[{table}] has no fields", f"add at least one [{table}.fields.NAME]")
    source = findings.expressions.get((*key, "from"))
    if source is not None and source.origin is None:
        report((*key, "from"), f"{table}.from is not a list of the source record", "name one, e.g. lineItems.nodes")
