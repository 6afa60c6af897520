"""What two mapping files of one kind must mean together: who owns a field that both write, and which fields are one.

Pure: two loaded files and the boolean settings in, fields seen with full paths and problems out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shared.mapping.expressions import Expression
from shared.mapping.load import MappingFile
from shared.mapping.locate import Key
from shared.mapping.meant import hint
from shared.mapping.model import FieldModel
from shared.mapping.paths import HEADER, canonical, join_path, split_path
from shared.mapping.problems import Problem


@dataclass(frozen=True, slots=True)
class Seen:
    """One active field of a file. `reads` and `writes` are full physical paths; `to` is as written, canonical."""

    key: Key
    name: str
    mapped: FieldModel
    expression: Expression | None
    reads: tuple[str, ...]
    to: str
    writes: str


Fields = Mapping[str, Seen]


def fields_of(file: MappingFile, settings: Mapping[str, bool] | None = None) -> Fields:
    """The record's fields that the settings leave active; all of them without settings."""
    return _active(file, ("fields",), file.model.fields, settings)


def line_fields_of(file: MappingFile, group: str, settings: Mapping[str, bool] | None = None) -> Fields:
    """A group of lines' fields that the settings leave active; none where the file has no such group."""
    lines = file.model.lines.get(group)
    return _active(file, ("lines", group, "fields"), lines.fields if lines else {}, settings)


def every_field(file: MappingFile, settings: Mapping[str, bool] | None = None) -> tuple[Seen, ...]:
    """The record's fields and those of all its lines."""
    groups = (line_fields_of(file, group, settings).values() for group in file.model.lines)
    return (*fields_of(file, settings).values(), *(seen for group in groups for seen in group))


def _active(
    file: MappingFile, prefix: Key, fields: Mapping[str, FieldModel], settings: Mapping[str, bool] | None
) -> Fields:
    return {
        name: _seen(file, (*prefix, name), mapped)
        for name, mapped in fields.items()
        if mapped.when_setting is None or settings is None or settings.get(mapped.when_setting, False)
    }


def _seen(file: MappingFile, key: Key, mapped: FieldModel) -> Seen:
    expression = file.expressions.get((*key, "from")) or file.expressions.get((*key, "pair", "id"))
    reads = expression.reads if expression else ()
    to = writes = canonical(mapped.to)
    if key[0] == "lines":
        group = str(key[1])
        reads = tuple(line_path(file, group, path) for path in reads)
        writes = join_path((*split_path(file.model.lines[group].to), *split_path(to)))
    return Seen(key, str(key[-1]), mapped, expression, reads, to, writes)


def line_path(file: MappingFile, group: str, path: str) -> str:
    """The full physical path of what a line's expression reads."""
    first, *rest = split_path(path)
    if first == HEADER and rest:
        return join_path(rest)
    listed = file.expressions["lines", group, "from"].origin or ""
    return join_path((*split_path(listed), first, *rest))


def examine_together(forward: MappingFile, reverse: MappingFile | None, settings: Mapping[str, bool]) -> list[Problem]:
    """Everything that is wrong with the two as a couple, said from the forward file's point of view."""
    problems = list(_unknown_settings(forward, settings))
    if reverse is not None and (forward.model.kind != reverse.model.kind or forward.source is reverse.source):
        fix = "give both the same kind, and opposite source and target"
        problems.append(forward.places.wrong_value(("kind",), f"{forward.flow} and {reverse.flow} are no couple", fix))
    for ours, theirs in _couples(forward, reverse, settings):
        for name, seen in ours.items():
            problems.extend(_one_field(forward, reverse, seen, theirs.get(name)))
        if reverse:
            problems.extend(_unjoined(forward, reverse, ours, theirs))
    return problems


def _couples(
    forward: MappingFile, reverse: MappingFile | None, settings: Mapping[str, bool]
) -> Iterator[tuple[Fields, Fields]]:
    """The fields that belong together: the records', and those of the groups of lines that share a name."""
    yield fields_of(forward, settings), fields_of(reverse, settings) if reverse else {}
    for group in forward.model.lines:
        yield line_fields_of(forward, group, settings), line_fields_of(reverse, group, settings) if reverse else {}


def _unknown_settings(file: MappingFile, settings: Mapping[str, bool]) -> Iterator[Problem]:
    for seen in every_field(file):
        named = seen.mapped.when_setting
        if named is not None and named not in settings:
            what = f"{seen.name}: there is no setting {named} to switch a field by"
            yield file.places.wrong_value((*seen.key, "when_setting"), what, hint(named, settings))


def two_way(ours: Seen, theirs: Seen | None) -> bool:
    """Whether both flows write the field other than on create."""
    return theirs is not None and not ours.mapped.on_create and not theirs.mapped.on_create


def _one_field(forward: MappingFile, reverse: MappingFile | None, ours: Seen, theirs: Seen | None) -> Iterator[Problem]:
    if reverse is not None and theirs is not None and two_way(ours, theirs):
        yield from _both_write(forward, reverse, ours, theirs)
        return
    name, mapped = ours.name, ours.mapped
    if mapped.owner == "latest":
        fix = "take owner out, or let the other flow write the field as well"
        what = f'{name}: owner "latest" needs two flows that write it'
        yield forward.places.wrong_value((*ours.key, "owner"), what, fix)
    elif reverse is not None and mapped.owner == forward.target:
        fix = f"take owner out, or give {reverse.flow} a field of this name that is not on_create"
        what = f"{name} belongs to {mapped.owner}, yet only {forward.flow} writes it"
        yield forward.places.wrong_value((*ours.key, "owner"), what, fix)
    if mapped.drift == "repair" and reverse is None:
        fix = 'use drift = "accept", or add the reverse flow\'s mapping'
        what = f'{name}: drift "repair" needs a reverse flow that sees the change'
        yield forward.places.wrong_value((*ours.key, "drift"), what, fix)


def _both_write(forward: MappingFile, reverse: MappingFile, ours: Seen, theirs: Seen) -> Iterator[Problem]:
    name = ours.name
    owners = {seen.mapped.owner for seen in (ours, theirs)} - {None}
    if not owners:
        fix = f'add owner = "crm", "shopify" or "latest" to it (here, in {reverse.flow}, or in both)'
        yield forward.places.problem(ours.key, f"{name} is written by both flows and has no owner", fix)
    elif len(owners) > 1:
        fix = f"write the same owner in both; {reverse.flow} says {theirs.mapped.owner!r}"
        yield forward.places.wrong_value((*ours.key, "owner"), f"{name} has the owner {ours.mapped.owner!r} here", fix)
    if ours.mapped.drift != "accept":
        what = f"{name} is written by both flows, so drift says nothing"
        yield forward.places.wrong_value((*ours.key, "drift"), what, "take drift out; the owner decides")
    if theirs.writes not in ours.reads or ours.writes not in theirs.reads:
        what = f"{name} is one field in both flows, yet {reverse.flow} does not write what it reads here, and back"
        yield forward.places.problem(ours.key, what, "give the two different names, or map the same paths both ways")


def _unjoined(forward: MappingFile, reverse: MappingFile, ours: Fields, theirs: Fields) -> Iterator[Problem]:
    """Two fields under different names that carry the same two columns back and forth: nobody would decide."""
    for seen in ours.values():
        for other in theirs.values():
            if seen.name == other.name or seen.mapped.on_create or other.mapped.on_create:
                continue
            circular = other.writes in seen.reads and seen.writes in other.reads
            if circular and not (_partial(seen) and _partial(other)):
                fix = 'give both one name and an owner, or limit both by values with other = "keep"'
                what = f"{seen.name} and {other.name} ({reverse.flow}) are one field under two names"
                yield forward.places.problem(seen.key, what, fix)


def _partial(seen: Seen) -> bool:
    """Whether the field writes only for some source values and leaves the target alone otherwise."""
    return seen.mapped.values is not None and seen.mapped.other == "keep"
