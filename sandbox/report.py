"""What `make run` prints at the end: what each flow did and cost, and whether both sides agree, field by field.

The agreement is computed from fresh listings of both sides and the mapping files alone: no pairs, no bases, no
engine, so that a defect there cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from shared import wiring
from shared.flows import FLOWS
from shared.mapping.apply import KEEP, skip_reason, wanted
from shared.mapping.paths import get
from shared.records import PairState, Record, RunRow, Side, Verdict
from shared.sync.digest import same
from shared.sync.flow import Job, Mode
from shared.sync.ports import Entity

VERDICTS = [Verdict.CREATED, Verdict.UPDATED, Verdict.UNCHANGED, Verdict.SKIPPED, Verdict.LATER, Verdict.RETIRED]
SHOWN = 10
RETIRED = 1


def table(app: wiring.App, since: datetime) -> Table:
    """One row per flow: what it did since that moment; parked are those that wait now."""
    printed = Table(title="What the flows did")
    for name in ("flow", "read", *(verdict.value for verdict in VERDICTS), "parked", "calls", "points", "seconds"):
        printed.add_column(name, justify="left" if name == "flow" else "right", no_wrap=name == "flow")
    for flow in FLOWS:
        rows = list(_since(app, flow.name, since))
        parked = sum(1 for shop in app.settings.shops for _ in app.state.parked.list(shop.shop, flow.name))
        counts = [sum(row.counts.get(verdict.value, 0) for row in rows) for verdict in VERDICTS]
        spent = sum(row.duration_s for row in rows)
        figures = [sum(row.read for row in rows), *counts, parked]
        costs = [sum(row.calls for row in rows), sum(row.points for row in rows), f"{spent:.1f}"]
        printed.add_row(flow.name, *map(str, figures), *map(str, costs))
    return printed


def _since(app: wiring.App, flow: str, since: datetime) -> Iterator[RunRow]:
    for shop in app.settings.shops:
        yield from (row for row in app.state.runs.last(shop.shop, flow, 1000) if row.started_at >= since)


@dataclass
class Tally:
    """What was compared and what differs."""

    pairs: int = 0
    fields: int = 0
    parked: int = 0
    retired: int = 0
    differences: list[str] = field(default_factory=list)


def agreement(app: wiring.App, console: Console) -> bool:
    """Compare both sides and print the result; True when they agree."""
    tally = Tally()
    for shop in app.settings.shops:
        _compare(app, shop.shop, tally)
    for line in tally.differences[:SHOWN]:
        console.print(f"[red]differs[/red] {escape(line)}", soft_wrap=True)
    if len(tally.differences) > SHOWN:
        console.print(f"... and {len(tally.differences) - SHOWN} more")
    verdict = "[green]Both sides agree[/green]" if not tally.differences else "[red]The sides differ[/red]"
    console.print(
        f"{verdict}: {tally.pairs} pairs, {tally.fields} fields compared, {len(tally.differences)} differences, "
        f"{tally.parked} records parked, {tally.retired} retired."
    )
    return not tally.differences


def _compare(app: wiring.App, shop: str, tally: Tally) -> None:
    parked = {row.source_id for flow in FLOWS for row in app.state.parked.list(shop, flow.name)}
    tally.parked += len(parked)
    for kind in dict.fromkeys(flow.kind for flow in FLOWS if app.settings.modes[flow.name] is not Mode.OFF):
        jobs = [app.job(flow.name, shop) for flow in FLOWS if flow.kind == kind]
        _compare_kind(app, shop, jobs, parked, tally)


def _compare_kind(app: wiring.App, shop: str, jobs: list[Job], parked: set[str], tally: Tally) -> None:
    """The records of one kind; rows of a side that no flow reads may be alone there."""
    sides = {Side.SHOPIFY: _of(jobs[0], Side.SHOPIFY), Side.CRM: _of(jobs[0], Side.CRM)}
    listed = {side: _listed(entity) for side, entity in sides.items()}
    known = parked | _laid_to_rest(app, shop, jobs[0].flow.kind)
    links = _links(listed[Side.SHOPIFY], listed[Side.CRM])
    for job in jobs:
        at = 0 if job.flow.source is Side.SHOPIFY else 1
        _alone(job, listed[job.flow.source], {link[at] for link in links}, known, tally)
    for shopify_id, crm_id in links:
        tally.pairs += 1
        row = listed[Side.CRM][crm_id]
        if jobs[0].flow.crm_table == "product" and row.content.get("statecode") == RETIRED:
            tally.retired += 1  # a retired product is off the price list and read-only: it is not kept the same
            continue
        _fields(jobs, {Side.SHOPIFY: listed[Side.SHOPIFY][shopify_id], Side.CRM: row}, tally)


def _of(job: Job, side: Side) -> Entity:
    return job.source if job.flow.source is side else job.target


def _listed(entity: Entity) -> dict[str, Record]:
    found: dict[str, Record] = {}
    token, more = "", True
    while more:
        page = entity.listing(token)
        found.update({item.id: item.record for item in page.items if item.record is not None})
        token, more = page.token, page.more
    return found


def _links(shopify: dict[str, Record], crm: dict[str, Record]) -> set[tuple[str, str]]:
    """Who belongs to whom by the marks on the records themselves."""
    marked = {(record.marker, row) for row, record in crm.items() if record.marker in shopify}
    marked |= {(each, record.marker) for each, record in shopify.items() if record.marker in crm}
    return {(each, row) for each, row in marked if each and row}


def _laid_to_rest(app: wiring.App, shop: str, kind: str) -> set[str]:
    """Ids of both sides whose counterpart was deleted: being alone is what they should be."""
    pairs = [pair for pair in app.state.crossrefs.scan(shop, kind) if pair.state is PairState.TOMBSTONE]
    return {found for pair in pairs for found in (pair.shopify_id, pair.crm_id) if found}


def _alone(job: Job, records: dict[str, Record], linked: set[str], parked: set[str], tally: Tally) -> None:
    for record_id, record in records.items():
        if record_id not in linked and record_id not in parked and not skip_reason(job.rules, record.content):
            tally.differences.append(f"{job.flow.source.value} {record_id} has no counterpart and no reason for it")


def _fields(jobs: list[Job], ends: dict[Side, Record], tally: Tally) -> None:
    """Each field once: one that two flows write is compared as the flow from Shopify has it."""
    for job in jobs:
        source, target = ends[job.flow.source], ends[job.flow.source.other]
        wants = wanted(job.rules, source.content, constants=job.constants(), references={})
        for rule in job.rules.fields:
            value = wants[rule.name]
            if rule.on_create or value is KEEP or (rule.two_way and job.flow.source is Side.CRM):
                continue
            tally.fields += 1
            actual = get(target.content, rule.to)
            if not same(value, actual):
                where = f"{job.flow.name} {source.id} → {target.id}"
                tally.differences.append(f"{where}: {rule.name}: wanted {value!r}, found {actual!r}")
