"""A flow's mapping joined with the reverse flow's: what the engine works by, frozen and checked.

`join` is the only way to make it. Rules hold no records, no settings and no connections.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from shared.mapping.expressions import Expression
from shared.mapping.joint import (
    Fields,
    Seen,
    every_field,
    examine_together,
    fields_of,
    line_fields_of,
    line_path,
    two_way,
)
from shared.mapping.load import MappingFile
from shared.mapping.model import FieldModel, LinesModel, MappingModel, Owner, Place
from shared.mapping.paths import canonical
from shared.mapping.problems import refusal
from shared.mapping.tables import GONE, INACTIVE
from shared.records import Side


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One field of the forward flow and what the reverse flow does with it.

    `reads` are source paths in the order of their first use, `to` is the target path. In a line's field `reads` are
    full paths of the record, `to` and `reverse_writes` are paths inside the line.
    `owner` is always decided: a field that one flow writes belongs to its source side.
    """

    name: str
    reads: tuple[str, ...]
    to: str
    owner: Owner
    drift: Literal["accept", "repair"]
    on_create: bool
    two_way: bool
    reverse_writes: str | None
    """The source path that the reverse flow writes for this field, on_create included; None: it writes none."""
    reverse_reads: tuple[str, ...]
    mapped: FieldModel
    expression: Expression | None

    @property
    def text(self) -> str:
        """How the value comes about, as the user wrote it."""
        if self.expression is not None:
            return self.expression.text
        constant = self.mapped.constant
        return f"constant {constant}" if constant is not None else f"value {self.mapped.value!r}"


@dataclass(frozen=True, slots=True)
class SkipRule:
    """Records that are left alone, and why."""

    when: Expression
    reason: str


@dataclass(frozen=True, slots=True)
class MatchRule:
    """The field whose value finds an unpaired record's counterpart.

    `source` is searched on the source side (for a second record with the same value), `target` on the target.
    `several`: whether a value that does not tell one record from all others parks it, or says nothing. `when`: for
    which records the key counts; None: for all.
    """

    field: str
    source: str
    target: str
    ignore_case: bool = False
    several: Literal["park", "next"] = "park"
    when: Expression | None = None

    @property
    def personal(self) -> bool:
        """Whether the value is a person's, so that no error may quote it."""
        return any(word in path.lower() for path in (self.source, self.target) for word in ("mail", "phone"))


@dataclass(frozen=True, slots=True)
class LineMatchRule:
    """The field whose value finds the row of a line that is not known yet; `target` is a path inside the row."""

    field: str
    target: str
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class LinesRule:
    """One group of a record's lines. `path` is the list's own path, `to` the target's child collection.

    `owner` decides about whole lines: one that was deleted on the other side is put back.
    """

    name: str
    owner: Literal["crm", "shopify"]
    items: Expression
    path: str
    id: Expression
    to: str
    fields: tuple[FieldRule, ...]
    matches: tuple[LineMatchRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything a flow does by its mapping.

    `fields` has the create-only ones first: whoever lays the values of a create in this order lets another field of
    the same path win where it wants something (KEEP and blank want nothing on create).
    `deleted` is what a source deletion writes; None leaves the target, GONE (shared/mapping/tables.py) takes it away.
    """

    flow: str
    kind: str
    source: Side
    target: Side
    source_type: str
    target_type: str
    fields: tuple[FieldRule, ...]
    lines: tuple[LinesRule, ...]
    skips: tuple[SkipRule, ...]
    matches: tuple[MatchRule, ...]
    deleted: Mapping[str, Any] | None
    has_reverse: bool
    constants: frozenset[str]
    """The names of all constants that the fields use; whoever runs the flow resolves them before."""
    digest: str
    model: MappingModel = field(repr=False)
    """The forward file as it was written: a table's kind is made from it."""
    _paths: Mapping[Side, tuple[str, ...]] = field(repr=False)

    @property
    def crm_table(self) -> str:
        """The table of CRM that the mapping names."""
        return self.source_type if self.source is Side.CRM else self.target_type

    def paths(self, side: Side) -> tuple[str, ...]:
        """Every path either flow's mapping reads or writes on that side, sorted."""
        return self._paths[side]

    def reads(self) -> frozenset[str]:
        """The source's paths that this flow's own mapping reads."""
        fields = (*self.fields, *(rule for group in self.lines for rule in group.fields))
        conditions = [path for skip in self.skips for path in skip.when.reads]
        conditions += [path for match in self.matches if match.when for path in match.when.reads]
        return frozenset(conditions).union(*(each.reads for each in fields))

    def field_named(self, name: str) -> FieldRule:
        """The record's field of that name; KeyError where there is none."""
        return next(rule for rule in self.fields if rule.name == name)


def join(forward: MappingFile, reverse: MappingFile | None, *, settings: Mapping[str, bool] | None = None) -> Rules:
    """The rules of the forward flow. `settings` are the boolean settings that `when_setting` may name.

    Raises MappingInvalid where the two files leave open who decides, or contradict each other.
    """
    switches = dict(settings or {})
    problems = examine_together(forward, reverse, switches)
    if problems:
        raise refusal(problems)
    model = forward.model
    fields = _joined(forward, fields_of(forward, switches), fields_of(reverse, switches) if reverse else {})
    return Rules(
        flow=model.flow,
        kind=model.kind,
        source=forward.source,
        target=forward.target,
        source_type=_record_type(model.source),
        target_type=_record_type(model.target),
        fields=fields,
        lines=tuple(_lines(forward, reverse, group, switches) for group in forward.model.lines),
        skips=tuple(
            SkipRule(forward.expressions["skip", index, "when"], skip.reason) for index, skip in enumerate(model.skip)
        ),
        matches=tuple(_matches(forward)),
        deleted=_deleted(forward),
        has_reverse=reverse is not None,
        constants=frozenset(_constants(forward, switches)),
        digest=_digest(forward, switches),
        model=model,
        _paths=_all_paths([forward] if reverse is None else [forward, reverse], switches),
    )


def _record_type(place: Place) -> str:
    return place.type or place.table or ""


def _joined(forward: MappingFile, ours: Fields, theirs: Fields) -> tuple[FieldRule, ...]:
    """The rules of fields, create-only ones first: laid in this order, another field of the same path wins a create."""
    rules = [_field_rule(forward, seen, theirs.get(name)) for name, seen in ours.items()]
    return tuple(sorted(rules, key=lambda rule: not rule.on_create))


def _field_rule(forward: MappingFile, seen: Seen, other: Seen | None) -> FieldRule:
    both = two_way(seen, other)
    declared = seen.mapped.owner or (other.mapped.owner if other is not None and both else None)
    return FieldRule(
        name=seen.name,
        reads=seen.reads,
        to=seen.to,
        owner=declared or forward.source.value,
        drift=seen.mapped.drift,
        on_create=seen.mapped.on_create,
        two_way=both,
        reverse_writes=other.to if other is not None else None,
        reverse_reads=other.reads if other is not None else (),
        mapped=seen.mapped,
        expression=seen.expression,
    )


def _lines(forward: MappingFile, reverse: MappingFile | None, group: str, switches: Mapping[str, bool]) -> LinesRule:
    lines, items = forward.model.lines[group], forward.expressions["lines", group, "from"]
    theirs = line_fields_of(reverse, group, switches) if reverse else {}
    return LinesRule(
        name=group,
        owner=lines.owner or forward.source.value,
        items=items,
        path=items.origin or "",
        id=forward.expressions["lines", group, "id"],
        to=canonical(lines.to),
        fields=_joined(forward, line_fields_of(forward, group, switches), theirs),
        matches=tuple(_line_matches(lines)),
    )


def _line_matches(lines: LinesModel) -> Iterable[LineMatchRule]:
    for match in lines.match:
        yield LineMatchRule(match.field, canonical(lines.fields[match.field].to), match.ignore_case)


def _matches(file: MappingFile) -> Iterable[MatchRule]:
    for index, match in enumerate(file.model.match):
        reads = file.expressions["fields", match.field, "from"].reads
        to = canonical(file.model.fields[match.field].to)
        when = file.expressions.get(("match", index, "when"))
        yield MatchRule(match.field, reads[0], to, match.ignore_case, match.several, when)


def _deleted(file: MappingFile) -> Mapping[str, Any] | None:
    written, action = file.model.deleted.set, file.model.deleted.action
    if action == "delete":
        return {GONE: True}
    if action == "deactivate":
        return INACTIVE
    return None if written is None else {canonical(path): value for path, value in written.items()}


def _constants(file: MappingFile, switches: Mapping[str, bool]) -> Iterable[str]:
    for seen in every_field(file, switches):
        if seen.mapped.constant is not None:
            yield seen.mapped.constant
        if seen.mapped.pair is not None and seen.mapped.pair.fallback is not None:
            yield seen.mapped.pair.fallback


def _all_paths(files: Iterable[MappingFile], switches: Mapping[str, bool]) -> Mapping[Side, tuple[str, ...]]:
    found: dict[Side, set[str]] = {Side.CRM: set(), Side.SHOPIFY: set()}
    for file in files:
        reads, writes = found[file.source], found[file.target]
        for seen in every_field(file, switches):
            reads.update(seen.reads)
            writes.add(seen.writes)
        conditions = [expression for key, expression in file.expressions.items() if key[0] in ("skip", "match")]
        reads.update(path for expression in conditions for path in expression.reads)
        writes.update(path for path in _deleted(file) or {} if path != GONE)
        reads.update(_line_reads(file))
    return {side: tuple(sorted(paths)) for side, paths in found.items()}


def _line_reads(file: MappingFile) -> Iterable[str]:
    """What choosing the lines and naming them reads: conditions and ids, not the list as a whole."""
    for group in file.model.lines:
        items, line_id = (file.expressions["lines", group, key] for key in ("from", "id"))
        yield from (path for path in items.reads if path != items.origin)
        yield from (line_path(file, group, path) for path in line_id.reads)


def _digest(file: MappingFile, switches: Mapping[str, bool]) -> str:
    """The file's digest and the settings that its fields depend on."""
    named = {seen.mapped.when_setting for seen in every_field(file) if seen.mapped.when_setting is not None}
    states = "".join(f"{name}={switches[name]};" for name in sorted(named))
    return hashlib.sha256(f"{file.digest};{states}".encode()).hexdigest()[:16]
