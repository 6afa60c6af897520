"""A record's lines as `explain` shows them: each with its row, and per field what is wanted, held and decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ops.show import NONE, Answer, grid, value_text
from shared.lines import LineWrite
from shared.mapping.apply import KEEP, WantedLine
from shared.mapping.paths import get
from shared.sync.line_plan import Fate, LinePlan, LinesPlan
from shared.sync.ports import LineKey

SETTLED = "on both sides"


def view(plan: LinesPlan, wanted: Mapping[LineKey, WantedLine]) -> list[Answer]:
    """The lines of the source, those that left it, and rows that somebody made on the target."""
    whole = {change.name: change.decision for change in plan.changes}
    lines = [_line(line, wanted.get((line.pair.group, line.pair.id)), whole.get(line.name, "")) for line in plan.lines]
    theirs = (name for name, decision in whole.items() if decision == Fate.FOREIGN)
    return [*lines, *(_answer(name, name.partition("[")[2].rstrip("]"), Fate.FOREIGN.value) for name in theirs)]


def _line(line: LinePlan, wanted: WantedLine | None, decided: str) -> Answer:
    return _answer(line.name, line.pair.row, decided or _doing(line.write), list(_fields(line, wanted)))


def _answer(name: str, row: str, decision: str, fields: list[Answer] | None = None) -> Answer:
    return {"line": name, "row": row, "decision": decision, "fields": fields or []}


def _doing(write: LineWrite | None) -> str:
    if write is None:
        return SETTLED
    return "to be made" if write.etag is None else "to be changed"


def _fields(line: LinePlan, wanted: WantedLine | None) -> Iterator[Answer]:
    row = line.sides.target.content if line.sides and line.sides.target else None
    for rule in line.rule.fields if line.rule and wanted else ():
        value: Any = wanted.values.get(rule.name, KEEP) if wanted else KEEP
        decided = line.plan.decisions.get(rule.name)
        yield {
            "field": rule.name,
            "wanted": None if value is KEEP else value,
            "actual": get(row, rule.to) if row else None,
            "decision": decided.value if decided else "",
        }


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
