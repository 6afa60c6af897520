"""`explain`: why one record is as it is. Runs the engine's own steps on it, live, and writes nothing.

Shows values of fields: that is what it is for. A step that would end the record's way is told, and the fields are
decided all the same, so that a record that is settled or kept apart can be seen whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import typer

from ops import line_view
from ops.field_view import ON_CREATE, base, cut, digests_of
from ops.field_view import view as view_field
from ops.ids import FlowName, RecordId, of_side
from ops.pages import of_items
from ops.pairs import lines, view
from ops.parked import shown
from ops.plan_view import Planned, planned
from ops.session import Session, flow_of, session_of
from ops.show import NONE, Answer, changes_text, clean, grid, moment, value_text
from ops.vanished import vanished
from shared.errors import Busy, Invalid
from shared.mapping.apply import KEEP
from shared.mapping.paths import get
from shared.mapping.rules import FieldRule
from shared.records import Item, Outcome, Page, Pair
from shared.sync import deciding, lining, looking, reading
from shared.sync.flow import Job
from shared.sync.work import Batch, Work
from shared.wiring import App

STEPS = (reading.pair, reading.refresh, reading.accept, deciding.compute, looking.look, deciding.plan)
RUNS, BLOBS, PAST = 200, 40, 5
"""How far back outcomes are looked for: runs, their blobs, and outcomes shown."""


def explain(context: typer.Context, flow: FlowName, record: RecordId) -> None:
    """Why a record is as it is: its pair, and per field what both sides hold, what was agreed on, and the decision.

    ID is the id in the flow's source system. Exit code 1: the record is parked, or would be.
    """
    session, chosen = session_of(context), flow_of(flow)
    found: list[Answer] = []
    with session.progress("asking both systems"):
        for shop in session.shops():
            job = session.app().job(chosen.name, shop)
            found.append(_explain(session.app(), job, of_side(record, chosen.source, job.rules.source_type)))
    answer = next((each for each in found if each["fields"] or each["pair"] or each["parked"]), found[0])
    session.attention = answer["parked"] is not None or answer["verdict"] == "park"
    session.give(answer, lambda: _draw(session, answer))


def _explain(app: App, job: Job, record_id: str) -> Answer:
    (work, pair), now = _examined(app, job, record_id), _verdict(app, job, record_id)
    target_id = (work.target.id if work.target else None) or now.target_id
    target_id = target_id or (pair.id_on(job.flow.source.other) if pair else None)
    return {
        "flow": job.flow.name,
        "shop": job.shop,
        "source": job.flow.source.value,
        "target": job.flow.source.other.value,
        "source_id": record_id,
        "target_id": target_id,
        "verdict": now.verdict,
        "reason": now.reason,
        "code": now.code,
        "pair": view(pair) if pair else None,
        "parked": shown(work.parked) if work.parked else None,
        "fields": [_field(job, work, rule) for rule in job.rules.fields] if work.record else [],
        "lines": line_view.view(work.lines, {(line.group, line.id): line for line in work.wanted_lines}, work.cut),
        "outcomes": list(_past(app, job, record_id, target_id)),
    }


def _verdict(app: App, job: Job, record_id: str) -> Planned:
    """What a run would say now."""
    result, batch = app.engine(job).study(_page(job, record_id))
    if result.trouble is not None:
        raise result.trouble
    outcome = result.outcomes[0]
    return planned(replace(outcome, reason=vanished(app, job, batch.works).get(outcome.source_id, outcome.reason)))


def _examined(app: App, job: Job, record_id: str) -> tuple[Work, Pair | None]:
    """The record after the steps, as far as they can go, and its pair as it is stored; of a record whose counterpart
    is gone the steps begin a new one. Only an error or a missing record stops them."""
    batch = Batch(job, app.engine_ports(), _page(job, record_id), job.scope(), holder="explain")
    reading.open_page(batch)
    work: Work = batch.works[0]
    pair: Pair | None = None
    for step in STEPS:
        step(batch)
        pair = pair or work.pair
        error = work.outcome.error if work.outcome else None
        if error is not None and not isinstance(error, Busy):
            break
        work.outcome = None
        if step is reading.refresh and work.record is None:
            break
    if work.sides is not None:
        work.lines = lining.whole(batch, work, work.sides)
    return work, pair


def _page(job: Job, record_id: str) -> Page:
    return next(of_items(job, [Item(record_id)]))


def _field(job: Job, work: Work, rule: FieldRule) -> Answer:
    content = work.record.content if work.record else {}
    target, source, other = work.target.content if work.target else None, job.flow.source, job.flow.source.other
    now = {path: work.digests.get(path, "") for path in rule.reads}
    bases = base(work.pair, source, now), base(work.pair, other, digests_of(target, rule.to))
    reads = {path: get(content, path) for path in rule.reads}
    shown = view_field(rule, reads, work.wanted.get(rule.name, KEEP), target, *bases)
    return {**shown, "decision": cut(_decision(work, rule), work.cut.get(rule.name))}


def _decision(work: Work, rule: FieldRule) -> str:
    decided = work.plan.decisions.get(rule.name)
    if decided is not None:
        return decided.value
    if work.outcome is not None and work.outcome.error is not None:
        named = work.outcome.error.facts.get("field") == rule.name
        return clean(work.outcome.reason) if named else "not decided"
    return ON_CREATE if rule.on_create else "not decided"


def _past(app: App, job: Job, record_id: str, target_id: str | None) -> Iterator[Answer]:
    """The last outcomes that name the record, in its flow and, by its counterpart, in the reverse flow."""
    wanted = {job.flow.name: record_id}
    if job.flow.reverse and target_id:
        wanted[job.flow.reverse] = target_id
    rows = [row for name in wanted for row in app.state.runs.last(job.shop, name, RUNS) if row.outcomes_blob]
    left = PAST
    for row in sorted(rows, key=lambda row: row.started_at, reverse=True)[:BLOBS]:
        outcomes: list[Outcome] = []
        with suppress(Invalid):  # kept for a time only
            outcomes = app.state.journal.get_outcomes(row.outcomes_blob)
        for outcome in outcomes:
            if outcome.source_id == wanted[row.flow] and left:
                left -= 1
                told = {"verdict": outcome.verdict, "reason": clean(outcome.reason), "changes": outcome.changes}
                yield {"at": row.started_at, "flow": row.flow, "origin": row.origin, **told}


def _draw(session: Session, answer: Answer) -> None:
    code = f" ({answer['code']})" if answer["code"] else ""
    facts = [
        ("record", f"{answer['source']} {answer['source_id']} → {answer['target']} {answer['target_id'] or NONE}"),
        ("flow", f"{answer['flow']}, {answer['shop']}"),
        *(lines(answer["pair"]) if answer["pair"] else [("pair", "none")]),
        ("a run would", f"{answer['verdict']}: {answer['reason']}{code}"),
    ]
    if (row := answer["parked"]) is not None:
        facts.append(("parked", f"{row.code} since {moment(row.first_at)}: {row.sentence}"))
    session.out.print(grid(("", ""), facts))
    if answer["fields"]:
        heads = (f"{answer['source']} holds", "computed by", "wanted", f"{answer['target']} holds", "decision")
        fields = sorted(answer["fields"], key=lambda each: bool(each["decision"] == ON_CREATE))
        rows = [_row(answer, each) for each in fields]
        session.out.print(grid(("field", *heads), rows, title="field by field"))
    if answer["lines"]:
        session.out.print(line_view.table(answer["lines"]))
    past = [
        (moment(e["at"]), e["flow"], e["origin"], e["verdict"], changes_text(e["changes"]) or e["reason"])
        for e in answer["outcomes"]
    ]
    if past:
        session.out.print(grid(("at", "flow", "from", "verdict", "what"), past, title="what runs did with it"))


def _row(answer: Answer, each: Answer) -> tuple[str, ...]:
    bases = {answer["source"]: each["source_base"], answer["target"]: each["target_base"]}
    moved = " and ".join(side for side, base in bases.items() if base == "moved")
    agreed = "never agreed" if "none" in bases.values() or answer["pair"] is None else "nothing moved"
    owner = f"owner {each['owner']}" if each["two_way"] else f"from {each['owner']} only"
    return (
        each["field"],
        "\n".join(value_text(value, 40) for value in each["reads"].values()) or NONE,
        value_text(each["expression"], 90),
        "(leave it)" if each["leaves"] else value_text(each["wanted"], 40),
        f"{value_text(each['actual'], 40)}\n({each['to']})",
        f"{each['decision']}\n({f'{moved} moved' if moved else agreed}; {owner})",
    )
