"""Step 7 for lines: which rows of a record's collections are made, changed, left and deleted, and why. Pure.

A line is paired by its id and has bases of its own, so its fields are decided three ways as a record's are. Which rows
are ours is known by the lines' state rows and by the ids we choose; all others are somebody else's and are left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from shared.errors import Ambiguous, SyncError
from shared.lines import ETAG, ROW, LinePair, LineWrite
from shared.mapping.apply import WantedLine
from shared.mapping.paths import get, join_path, split_path, within
from shared.mapping.rules import LineMatchRule, LinesRule
from shared.records import Content, FieldChange, Pair, PairState, Record
from shared.sync.bases import Scope, agree
from shared.sync.digest import digest
from shared.sync.plan import Plan, Sides, plan_record
from shared.sync.ports import LineKey
from shared.sync.sent import appended

Rows = Mapping[str, tuple[str, Content]]
"""Row id → its collection's path and the row."""


class Fate(StrEnum):
    """What is said of a whole line; the text a person reads."""

    GONE = "it is gone on the source"
    KEPT = "it is gone on the source, the target owns its lines"
    AWAY = "deleted on the target, which owns its lines"
    FOREIGN = "made on the target by somebody, left"


@dataclass(frozen=True, slots=True)
class LinePlan:
    """One line: what is known of it, its fields' plan (`sides` None: it is not on the source), and its write.

    `done`: nothing is to be known of it any more once the write is done.
    """

    name: str
    pair: LinePair
    rule: LinesRule | None = None
    sides: Sides | None = None
    plan: Plan = field(default_factory=Plan)
    write: LineWrite | None = None
    done: bool = False

    def announced(self) -> LinePair | None:
        """What is stored before its write is sent: that we make it, and what we put there. None: nothing new."""
        if self.write is None or self.write.values is None:
            return None
        sent = appended(self.pair.sent, {path: digest(value) for path, value in self.write.values.items()})
        return None if self.pair.version and sent == self.pair.sent else replace(self.pair, sent=sent)

    def agreed(self, after: Rows | None, stored: LinePair) -> LinePair:
        """What is known of it afterwards; `after`: the rows that were read back (None: nothing had to be written)."""
        if self.sides is None or self.rule is None:
            return stored
        found = after.get(self.pair.row) if after is not None else None
        if after is not None and found is None:
            return stored  # deleted right after: what was sent is kept, and the next look sees it
        scope = Scope(self.sides.source_side, self.rule.fields, tuple(rule.to for rule in self.rule.fields))
        agreement = agree(scope, self.plan, self.sides, Record(self.pair.row, found[1]) if found else None)
        bases = {side.value: dict(known) for side, known in agreement.bases.items()}
        return replace(stored, bases=bases, sent={})


@dataclass(frozen=True)
class LinesPlan:
    """The lines of one record. `changes` are told in its outcome."""

    lines: tuple[LinePlan, ...] = ()
    changes: tuple[FieldChange, ...] = ()

    @cached_property
    def writes(self) -> tuple[LineWrite, ...]:
        """The rows that are made, changed or deleted."""
        return tuple(line.write for line in self.lines if line.write is not None)

    @property
    def error(self) -> SyncError | None:
        """Why the record cannot be planned."""
        return next((line.plan.error for line in self.lines if line.plan.error is not None), None)


def name_of(group: str, line_id: str) -> str:
    """What a line is called in outcomes and errors."""
    return f"lines.{group}[{line_id}]"


def rows_of(groups: Sequence[LinesRule], content: Content | None) -> dict[str, tuple[str, Content]]:
    """All rows of the collections that the groups write to."""
    collections = dict.fromkeys(group.to for group in groups)
    found = ((to, row) for to in collections for row in (get(content, to) if content else None) or ())
    return {str(row[ROW]): (to, row) for to, row in found}


def plan_lines(
    groups: Sequence[LinesRule],
    wanted: Sequence[WantedLine],
    known: Mapping[LineKey, LinePair],
    sides: Sides,
    row_of: Callable[[str], str],
) -> LinesPlan:
    """The plan of a record's lines; `row_of` gives the id that the row of a line has, by group and id."""
    present = {(line.group, line.id) for line in wanted}
    planner = _Planner(groups, known, sides, row_of, {pair.row for key, pair in known.items() if key in present})
    lines = [planner.wanted(line) for line in wanted]
    lines += [planner.missing(pair) for key, pair in known.items() if key not in present]
    changes = [change for line in lines for change in planner.changes(line)]
    return LinesPlan(tuple(lines), (*changes, *planner.foreign({line.pair.row for line in lines})))


class _Planner:
    def __init__(
        self,
        groups: Sequence[LinesRule],
        known: Mapping[LineKey, LinePair],
        sides: Sides,
        row_of: Callable[[str], str],
        taken: set[str],
    ) -> None:
        self._taken = taken
        self._groups = {group.name: group for group in groups}
        self._known = known
        self._sides = sides
        self._row_of = row_of
        self._rows = rows_of(groups, sides.target.content if sides.target else None)

    def wanted(self, line: WantedLine) -> LinePlan:
        """A line of the source."""
        rule, name = self._groups[line.group], name_of(line.group, line.id)
        pair = self._known.get((line.group, line.id))
        away = pair is not None and bool(pair.bases) and self._sides.target is not None and pair.row not in self._rows
        if pair is None:
            try:
                pair = LinePair(line.group, line.id, self._row_for(rule, line))
            except Ambiguous as error:
                return LinePlan(name, LinePair(line.group, line.id, ""), rule, plan=Plan(error=error))
        if away and rule.owner == self._sides.target_side:
            return LinePlan(name, pair, rule)
        row = self._rows.get(pair.row, ("", None))[1]
        sides = self._line_sides(rule, line, pair, row)
        plan = plan_record(rule.fields, line.values, sides)
        etag = None if row is None else str(row[ETAG])
        write = LineWrite(name, rule.to, pair.row, plan.values, etag) if plan.values or row is None else None
        return LinePlan(name, pair, rule, sides, plan, write)

    def _row_for(self, rule: LinesRule, line: WantedLine) -> str:
        """The row of a line that is not known: one of our own id, one that a key finds, or a new one.

        Raises Ambiguous where a key finds several.
        """
        own = self._row_of(f"{line.group}|{line.id}")
        if own in self._rows or not rule.matches:
            return own
        free = {row: content for row, (to, content) in self._rows.items() if to == rule.to and row not in self._taken}
        for match in rule.matches:
            found = [row for row, content in free.items() if _holds(content, match, line.keys.get(match.field))]
            if len(found) > 1:
                raise _several(name_of(line.group, line.id), match, found)
            if found:
                self._taken.add(found[0])
                return found[0]
        return own

    def missing(self, pair: LinePair) -> LinePlan:
        """A line that is known and not on the source any more: its row goes, because we made it.

        A row that a new line has found is that line's now.
        """
        name, rule = name_of(pair.group, pair.id), self._groups.get(pair.group)
        to, row = self._rows.get(pair.row, ("", None))
        if row is None or pair.row in self._taken:
            return LinePlan(name, pair, rule, done=True)
        if rule is not None and rule.owner == self._sides.target_side:
            return LinePlan(name, pair, rule)
        return LinePlan(name, pair, rule, write=LineWrite(name, to, pair.row, None, str(row[ETAG])), done=True)

    def changes(self, line: LinePlan) -> Iterator[FieldChange]:
        """What is told of a line."""
        for change in line.plan.changes:
            yield replace(change, name=f"{line.name}.{change.name}")
        row = _told(self._rows.get(line.pair.row, ("", None))[1])
        if line.write is not None and line.write.values is None:
            yield FieldChange(line.name, row, None, Fate.GONE.value)
        elif line.sides is None and not line.done:
            yield FieldChange(line.name, row, row, (Fate.KEPT if row is not None else Fate.AWAY).value)

    def foreign(self, ours: set[str]) -> Iterator[FieldChange]:
        """The rows that are nobody's line of the source, where the target does not own the lines anyway."""
        told = {rule.to for rule in self._groups.values() if rule.owner != self._sides.target_side}
        for row_id, (to, row) in self._rows.items():
            if row_id not in ours and to in told:
                yield FieldChange(f"{to}[{row_id}]", _told(row), _told(row), Fate.FOREIGN.value)

    def _line_sides(self, rule: LinesRule, line: WantedLine, pair: LinePair, row: Content | None) -> Sides:
        whole = self._sides
        header = whole.pair or Pair("", "", whole.source_side, PairState.PAIRED, "")  # an intent has agreed on nothing
        bases = {side: pair.bases[side] for side in (whole.source_side, whole.target_side) if side in pair.bases}
        paths = {path for each in rule.fields for path in each.reads}
        lost = {path: tuple(digests.split(",")) for path, digests in pair.sent.items()}
        return Sides(
            source_side=whole.source_side,
            source=replace(whole.source, id=line.id, content=line.content),
            target=replace(whole.target, id=pair.row, content=row) if whole.target and row is not None else None,
            pair=replace(header, bases=bases) if bases else None,
            source_digests={path: digest(self._at(rule, line, path)) for path in paths},
            mapping_changed=whole.mapping_changed,
            sent={whole.target_side: lost},
            made=whole.made and not bases,
        )

    def _at(self, rule: LinesRule, line: WantedLine, path: str) -> Any:
        """The value at a full path, as this line sees it."""
        if within(path, rule.path) and path != rule.path:
            return get(line.content, join_path(split_path(path)[len(split_path(rule.path)) :]))
        return get(self._sides.source.content, path)


def _holds(row: Content, match: LineMatchRule, key: str | None) -> bool:
    """Whether a row has the value of a line's key."""
    value = get(row, match.target)
    text = value.strip() if isinstance(value, str) else str(value)
    return key is not None and value is not None and (text.casefold() if match.ignore_case else text) == key


def _several(name: str, match: LineMatchRule, rows: Sequence[str]) -> Ambiguous:
    sentence = f"{name}: {len(rows)} rows of its record have its {match.field}. Let one of them keep it, then retry."
    return Ambiguous(sentence, facts={"line": name, "field": match.field, "rows": sorted(rows)[:10]})


def _told(row: Content | None) -> dict[str, Any] | None:
    """A row without its id and version."""
    return None if row is None else {name: value for name, value in row.items() if name not in (ROW, ETAG)}
