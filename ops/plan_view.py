"""A plan as it is counted, kept and shown. Memory stays flat: all records are counted, some of each kind are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console

from ops.show import NONE, Answer, changes_text, clean, grid, value_text
from shared.records import FieldChange, Outcome, Verdict

WOULD = {
    Verdict.CREATED: "create",
    Verdict.UPDATED: "update",
    Verdict.RETIRED: "retire",
    Verdict.UNCHANGED: "leave",
    Verdict.SKIPPED: "skip",
    Verdict.LATER: "later",
    Verdict.PARKED: "park",
}
APPLIED = ("create", "update", "retire")
"""What `apply` carries out."""
TOLD = ("update", "create", "retire", "park", "later")
"""What is shown record by record; the rest is counted by reason."""
KEPT, SHOWN, REASONS = 200, 5, 30


@dataclass(frozen=True)
class Planned:
    """One record. `code`: the error's name; a change whose values are equal is the other flow's turn."""

    id: str
    verdict: str
    reason: str
    code: str
    target_id: str | None
    changes: tuple[FieldChange, ...]


def planned(outcome: Outcome) -> Planned:
    """An outcome of a dry run as it is shown."""
    code = outcome.error.code if outcome.error else ""
    reason = clean(outcome.reason)
    return Planned(outcome.source_id, WOULD[outcome.verdict], reason, code, outcome.target_id, outcome.changes)


class Tally:
    """Counts all records of a plan and keeps some."""

    def __init__(self) -> None:
        self.totals: Counter[str] = Counter(dict.fromkeys(WOULD.values(), 0))
        self._reasons: dict[tuple[str, str], tuple[str, int]] = {}
        self._kept: dict[str, list[Planned]] = {verdict: [] for verdict in TOLD}

    def add(self, one: Planned) -> None:
        """Count it, and keep it while there is room."""
        self.totals[one.verdict] += 1
        key = (one.verdict, one.code or one.reason)
        if key in self._reasons or len(self._reasons) < REASONS:
            first, count = self._reasons.get(key, (one.reason, 0))
            self._reasons[key] = (first, count + 1)
        kept = self._kept.get(one.verdict)
        if kept is not None and len(kept) < KEPT:
            kept.append(one)

    def answer(self) -> Answer:
        """All of it: for errors one code's records are one reason, told in the words of the first of them."""
        records = [one for verdict in TOLD for one in self._kept[verdict]]
        reasons = [
            {"verdict": verdict, "code": code if code != first else "", "reason": first, "records": count}
            for (verdict, code), (first, count) in sorted(self._reasons.items(), key=lambda each: -each[1][1])
        ]
        left_out = sum(self.totals[verdict] for verdict in TOLD) - len(records)
        return {"totals": dict(self.totals), "reasons": reasons, "records": records, "left_out": left_out}


class Effect:
    """What another mapping folder would do otherwise."""

    def __init__(self) -> None:
        self._totals = dict.fromkeys(WOULD.values(), 0)
        self._differing = 0
        self._kept: list[Mapping[str, Planned]] = []

    def compare(self, now: Sequence[Planned], then: Sequence[Planned]) -> None:
        """Count one page's plans, and keep the first records that differ."""
        known = {one.id: one for one in now}
        for other in then:
            self._totals[other.verdict] += 1
            one = known[other.id]
            if (one.verdict, one.code, one.changes) != (other.verdict, other.code, other.changes):
                self._differing += 1
                self._kept += [{"now": one, "then": other}] if len(self._kept) < KEPT else []

    def answer(self) -> Answer:
        """Its totals, and the first records that differ."""
        return {"totals": self._totals, "differing": self._differing, "records": self._kept}


def draw(out: Console, answer: Answer) -> None:
    """For people: totals, reasons, and the first records of each kind, field by field."""
    for flow in answer["flows"]:
        head = f"{flow['flow']}, {flow['shop']} (mode {flow['mode']}; nothing was written)"
        out.print(head, style="bold", highlight=False)
        out.print(f"{flow['read']} read: {_totals(flow['totals'])}", highlight=False)
        rows = [
            (str(each["records"]), each["verdict"], each["code"], each["reason"])
            for each in flow["reasons"]
            if each["verdict"] not in ("create", "update")
        ]
        if rows:
            out.print(grid(("records", "would", "code", "because"), rows, numbers=("records",)))
        for verdict in TOLD:
            _draw_records(out, [one for one in flow["records"] if one.verdict == verdict], flow["totals"][verdict])
        if flow["other_mapping"] is not None:
            _draw_effect(out, flow["other_mapping"])
        out.print()


def _totals(totals: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {verdict}" for verdict, count in totals.items() if count) or "nothing"


def _draw_records(out: Console, records: Sequence[Planned], total: int) -> None:
    if not records:
        return
    verdict, first = records[0].verdict, records[:SHOWN]
    more = f" (the first {len(first)} of {total}; --out FILE has all)" if total > len(first) else ""
    if verdict in ("update", "retire"):
        heads = ("record", "its counterpart", "field", "is", "would be", "because")
        out.print(grid(heads, [row for one in first for row in _fields(one)], title=f"would {verdict}{more}"))
    else:
        out.print(grid(("record", "what"), [(one.id, _told(one)) for one in first], title=f"would {verdict}{more}"))


def _fields(one: Planned) -> list[tuple[str, ...]]:
    cells = [
        (e.name, value_text(e.before, 50), "stays" if e.before == e.after else value_text(e.after, 50), e.decision)
        for e in one.changes
    ]
    cells = cells or [("", "", "", one.reason)]
    return [(one.id, one.target_id or NONE, *cells[0]), *(("", "", *cell) for cell in cells[1:])]


def _told(one: Planned) -> str:
    """In one cell: the values of a create, the reason of everything else."""
    if one.verdict != "create":
        return one.reason
    return ", ".join(f"{each.name}: {value_text(each.after, 40)}" for each in one.changes)


def _draw_effect(out: Console, effect: Answer) -> None:
    out.print(f"With the other mapping: {_totals(effect['totals'])}; records that differ: {effect['differing']}")
    rows = [
        (one.id if label == "now" else "", label, one.verdict, changes_text(one.changes) or one.reason)
        for each in effect["records"][:SHOWN]
        for label, one in each.items()
    ]
    if rows:
        out.print(grid(("record", "mapping", "would", "what"), rows, title=f"the first {SHOWN} that differ"))
