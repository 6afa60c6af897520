"""What `make run` prints at the end: what each flow did and cost, and whether both sides agree, field by field.

The agreement is computed from fresh listings of both sides and the mapping files alone: no pairs, no bases, no
engine, so that a defect there cannot hide itself. Only which rows of CRM an order refers to is known from pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sandbox.report_documents import DocumentMoney
from sandbox.report_documents import compare as compare_document
from sandbox.report_money import Money
from shared import wiring
from shared.lines import ROW
from shared.mapping.apply import KEEP, WantedLine, references, skip_reason, wanted, wanted_lines
from shared.mapping.paths import get
from shared.mapping.rules import FieldRule, LinesRule
from shared.records import Content, PairState, Record, RunRow, Side, Verdict
from shared.sync.digest import same
from shared.sync.flow import WAITED, Begun, Job, Mode
from shared.sync.line_plan import name_of, rows_of
from shared.sync.ports import Entity

VERDICTS = [Verdict.CREATED, Verdict.UPDATED, Verdict.UNCHANGED, Verdict.SKIPPED, Verdict.LATER, Verdict.RETIRED]
SHOWN = 10
RETIRED = 1
DOCUMENTS = "documents"


def table(app: wiring.App, since: datetime) -> Table:
    """One row per flow: what it did since that moment; parked are those that wait now.

    `per 50`: calls to both systems for fifty records that were read, polls and records that came twice among them.
    """
    printed = Table(title="What the flows did")
    verdicts = [verdict.value for verdict in VERDICTS]
    for name in ("flow", "read", *verdicts, "parked", "calls", "per 50", "points", "seconds"):
        printed.add_column(name, justify="left" if name == "flow" else "right", no_wrap=name == "flow")
    for flow in app.flows:
        rows = list(_since(app, flow.name, since))
        parked = sum(1 for shop in app.settings.shops for _ in app.state.parked.list(shop.shop, flow.name))
        counts = [sum(row.counts.get(verdict.value, 0) for row in rows) for verdict in VERDICTS]
        spent = sum(row.duration_s for row in rows)
        figures = [sum(row.read for row in rows), *counts, parked]
        calls, read = sum(row.calls for row in rows), sum(row.read for row in rows)
        costs = [calls, f"{50 * calls / read:.1f}" if read else "", sum(row.points for row in rows), f"{spent:.1f}"]
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
    lines: int = 0
    parked: int = 0
    retired: int = 0
    differences: list[str] = field(default_factory=list)
    money: Money = field(default_factory=Money)
    documents: DocumentMoney = field(default_factory=DocumentMoney)


def agreement(app: wiring.App, console: Console) -> bool:
    """Compare both sides and print the result, and the orders' money; True when they agree."""
    tally = Tally(money=Money(app.settings.order_currency))
    for shop in app.settings.shops:
        _compare(app, shop.shop, tally)
    for line in tally.differences[:SHOWN]:
        console.print(f"[red]differs[/red] {escape(line)}", soft_wrap=True)
    if len(tally.differences) > SHOWN:
        console.print(f"... and {len(tally.differences) - SHOWN} more")
    verdict = "[green]Both sides agree[/green]" if not tally.differences else "[red]The sides differ[/red]"
    console.print(
        f"{verdict}: {tally.pairs} pairs, {tally.fields} fields and {tally.lines} lines compared, "
        f"{len(tally.differences)} differences, {tally.parked} records parked, {tally.retired} retired."
    )
    console.print(tally.money.table())
    if tally.documents.orders:
        console.print(tally.documents.table())
    return not tally.differences and tally.money.equal and tally.documents.equal


def _compare(app: wiring.App, shop: str, tally: Tally) -> None:
    parked = {row.source_id for flow in app.flows for row in app.state.parked.list(shop, flow.name)}
    tally.parked += len(parked)
    for kind in dict.fromkeys(flow.kind for flow in app.flows if app.settings.modes[flow.name] is not Mode.OFF):
        jobs = [app.job(flow.name, shop) for flow in app.flows if flow.kind == kind]
        _compare_kind(app, shop, jobs, parked, tally)


def _compare_kind(app: wiring.App, shop: str, jobs: list[Job], parked: set[str], tally: Tally) -> None:
    """The records of one kind; rows of a side that no flow reads may be alone there."""
    sides = {Side.SHOPIFY: _of(jobs[0], Side.SHOPIFY), Side.CRM: _of(jobs[0], Side.CRM)}
    listed = {side: _listed(entity) for side, entity in sides.items()}
    for job in jobs:
        listed[job.flow.source] = _completed(job, listed[job.flow.source], parked, tally)
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
        order = listed[Side.SHOPIFY][shopify_id]
        if jobs[0].flow.kind == DOCUMENTS:  # Shopify writes much of an order its own way: lines and money are compared
            tally.differences += compare_document(jobs[0], (row, order), tally.documents)
            tally.lines += len(row.content["document"]["lines"])
            if not row.content["statecode"]:  # a closed document takes no changes
                _fields(jobs[1:], {Side.SHOPIFY: order, Side.CRM: row}, tally)
            continue
        _fields(jobs, {Side.SHOPIFY: order, Side.CRM: row}, tally)
    if jobs[0].flow.crm_table == "salesorder":
        _money(jobs[0], listed, parked, links, tally)
        tally.money.parked += sum(1 for _ in app.state.parked.list(shop, jobs[0].flow.name))


def _completed(job: Job, records: dict[str, Record], parked: set[str], tally: Tally) -> dict[str, Record]:
    """The records with what their mapping reads besides them; one that cannot be completed has to be parked."""
    complete = job.beside.complete
    if complete is None:
        return records
    found: dict[str, Record] = {}
    completed = complete(list(records.values()), [Begun(tried_at=WAITED)] * len(records))
    for record_id, made in zip(records, completed, strict=True):
        if isinstance(made, Record):
            found[record_id] = made
        elif record_id not in parked and not skip_reason(job.rules, records[record_id].content):
            tally.differences.append(f"{job.flow.source.value} {record_id} cannot be completed, and is not parked")
    return found


def _money(
    job: Job, listed: dict[Side, dict[str, Record]], parked: set[str], links: set[tuple[str, str]], tally: Tally
) -> None:
    """The money of all orders that CRM is meant to have, and of all orders that CRM has of this shop."""
    apart = {row for order, row in links if order in parked}
    for record_id, record in listed[Side.SHOPIFY].items():
        if record_id not in parked and not skip_reason(job.rules, record.content):
            tally.money.shopify(record.content)
    for record_id, record in listed[Side.CRM].items():
        if record.marker and record_id not in apart:
            tally.money.crm(record.content)


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
    if not job.flow.creates:
        return
    for record_id, record in records.items():
        if record_id not in linked and record_id not in parked and not skip_reason(job.rules, record.content):
            tally.differences.append(f"{job.flow.source.value} {record_id} has no counterpart and no reason for it")


def _fields(jobs: list[Job], ends: dict[Side, Record], tally: Tally) -> None:
    """Each field once: one that two flows write is compared as the flow from Shopify has it."""
    for job in jobs:
        source, target = ends[job.flow.source], ends[job.flow.source.other]
        known = job.resolve(references(job.rules, source.content))
        wants = wanted(job.rules, source.content, constants=job.constants(), references=known)
        where = f"{job.flow.name} {source.id} → {target.id}"
        for rule in job.rules.fields:
            if not (rule.two_way and job.flow.source is Side.CRM):
                _field(rule, wants[rule.name], target.content, where, tally)
        _lines(job, source, target, tally)


def _field(rule: FieldRule, value: object, content: Content, where: str, tally: Tally) -> None:
    if rule.on_create or value is KEEP:
        return
    tally.fields += 1
    actual = get(content, rule.to)
    if not same(value, actual):
        tally.differences.append(f"{where}: {rule.name}: wanted {value!r}, found {actual!r}")


def _lines(job: Job, source: Record, target: Record, tally: Tally) -> None:
    """Each line has its row with its values, and no row is there that belongs to no line."""
    rows = rows_of(job.rules.lines, target.content)
    rules = {group.name: group for group in job.rules.lines}
    known = job.resolve(references(job.rules, source.content))
    for line in wanted_lines(job.rules, source.content, constants=job.constants(), references=known):
        name = name_of(line.group, line.id)
        where = f"{job.flow.name} {source.id} → {target.id}: {name}"
        tally.lines += 1
        made = job.target.line_id(target.id, f"{line.group}|{line.id}") or ""
        found = rows.pop(made if made in rows else _matched(rules[line.group], line, rows), None)
        if found is None:
            tally.differences.append(f"{where} has no row")
            continue
        for rule in rules[line.group].fields:
            _field(rule, line.values[rule.name], found[1], where, tally)
    owned = {group.to for group in rules.values() if group.owner == job.flow.source.other}
    for to, row in rows.values():
        if to in owned:
            continue  # whatever else the target has there is its own
        tally.differences.append(f"{job.flow.name} {source.id} → {target.id}: {to} {row[ROW]} belongs to no line")


def _matched(group: LinesRule, line: WantedLine, rows: Mapping[str, tuple[str, Content]]) -> str:
    """The row of another's making that has a line's key."""
    for match in group.matches:
        key = line.keys.get(match.field)
        for row_id, (to, row) in rows.items():
            value = str(get(row, match.target))
            if to == group.to and key == (value.casefold() if match.ignore_case else value):
                return row_id
    return ""
