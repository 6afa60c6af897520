"""A record's lines as `explain` shows them: each with its row, and per field what is wanted, held and decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ops.field_view import ON_CREATE, base, cut, digests_of
from ops.field_view import view as view_field
from ops.show import NONE, Answer, grid, value_text
from shared.lines import LineWrite
from shared.mapping.apply import KEEP, WantedLine
from shared.mapping.paths import get
from shared.mapping.rules import FieldRule
from shared.records import Content
from shared.sync.line_plan import Fate, LinePlan, LinesPlan
from shared.sync.ports import LineKey

SETTLED = "on both sides"


def view(
    plan: LinesPlan, wanted: Mapping[LineKey, WantedLine], cuts: Mapping[str, tuple[int, int]] | None = None
) -> list[Answer]:
    """The lines of the source, those that left it, and rows that somebody made on the target."""
    whole = {change.name: change.decision for change in plan.changes}
    lines = []
    for line in plan.lines:
        found = wanted.get((line.pair.group, line.pair.id))
        fields = [_field(line, found, rule, cuts or {}) for rule in (line.rule.fields if line.rule and found else ())]
        lines.append(_answer(line.name, line.pair.row, whole.get(line.name) or _doing(line.write), fields))
    theirs = (name for name, decision in whole.items() if decision == Fate.FOREIGN)
    return [*lines, *(_answer(name, name.partition("[")[2].rstrip("]"), Fate.FOREIGN.value) for name in theirs)]


def _answer(name: str, row: str, decision: str, fields: list[Answer] | None = None) -> Answer:
    return {"line": name, "row": row, "decision": decision, "fields": fields or []}


def _doing(write: LineWrite | None) -> str:
    if write is None:
        return SETTLED
    return "to be made" if write.etag is None else "to be changed"


def _field(
    line: LinePlan, wanted: WantedLine | None, rule: FieldRule, cuts: Mapping[str, tuple[int, int]]
) -> Answer:
    sides, content = line.sides, wanted.content if wanted else {}
    target = sides.target.content if sides and sides.target else None
    bases = ("", "")
    if sides is not None:
        now = {path: sides.source_digests[path] for path in rule.reads}
        bases = base(sides.pair, sides.source_side, now), base(sides.pair, sides.target_side, _at(target, rule))
    reads = {path: get(content, path) for path in (rule.expression.reads if rule.expression else ())}
    value: Any = wanted.values.get(rule.name, KEEP) if wanted else KEEP
    decided = line.plan.decisions.get(rule.name)
    decision = cut(decided.value if decided else "", cuts.get(f"{line.name}.{rule.name}"))
    return {**view_field(rule, reads, value, target, *bases), "decision": decision or _once(rule)}


def _at(target: Content | None, rule: FieldRule) -> dict[str, str]:
    return digests_of(target, rule.to)


def _once(rule: FieldRule) -> str:
    return ON_CREATE if rule.on_create else ""


def table(lines: list[Answer]) -> Any:
    """The lines in a table: a row a line, and one for each field that is not equal."""
    rows = []
    for each in lines:
        rows.append((each["line"], each["decision"], NONE, NONE))
        different = (field for field in each["fields"] if field["wanted"] != field["actual"] and field["decision"])
        rows += [
            (f"  {field['field']}", field["decision"], value_text(field["wanted"], 40), value_text(field["actual"], 40))
            for field in different
        ]
    return grid(("line", "decision", "wanted", "held"), rows, title="line by line")
