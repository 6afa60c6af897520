"""`match`: before a flow is switched on, who would be linked with whom: the report that the customer signs off.

The engine's own dry run decides, so that nobody is found here whom the flow would not find. Rows are kept in a
temporary file, so memory stays flat however many records there are. Writes nothing to either system or to the state.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from ops import private_files
from ops.ids import FlowName
from ops.pages import of_listing
from ops.plan_view import KEPT, SHOWN
from ops.session import Session, Tell, flow_of, refuse, session_of
from ops.show import NONE, Answer, clean, grid
from shared.errors import Ambiguous
from shared.records import Outcome, PairState, Verdict
from shared.sync.flow import Job
from shared.sync.work import Batch, Work
from shared.wiring import App

RESULTS = ("linked", "exact", "ambiguous", "unmatched", "skipped", "undecided")
OPEN = ("ambiguous", "undecided")
"""What a person has to settle first."""
MARK = "mark"
"""The key of a record that carries its counterpart's id."""
FINE = (Verdict.CREATED, Verdict.UPDATED, Verdict.UNCHANGED)
TWICE = "Several records lead to this counterpart; the first to come would get it. Give each a key of its own."
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Row(NamedTuple):
    """One record: which `key` found its `counterpart` (or several), and all `keys` that it was looked for by."""

    record: str
    result: str
    key: str
    keys: str
    counterpart: str
    twins: str
    because: str


def match(
    context: typer.Context,
    flow: FlowName,
    out: Annotated[Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Every record, as CSV.")] = None,
) -> None:
    """Before a flow is switched on: which records have a counterpart, by which key, and which would be made anew.

    Of everything that the source lists. `linked`: paired already; `exact`: would be linked, by this key; `ambiguous`:
    a person has to say which; `unmatched`: would be made; `skipped`: the mapping leaves it out; `undecided`: cannot be
    said yet. Nothing is written, on no side. Works while the flow is off.
    Exit code 1: a record is ambiguous or undecided.
    """
    session = session_of(context)
    if not flow_of(flow).creates:
        refuse(f"{flow} makes no records: it goes by the pairs of {flow_of(flow).reverse}.")
    answer: Answer = {"flows": []}
    with session.progress("matching") as tell, closing(Report()) as report:
        for known, shop in session.jobs([flow]):
            job = session.app().job(known.name, shop)
            report.fill(shop, _rows(session.app(), job, tell))
            answer["flows"].append({"flow": flow, "shop": shop, **report.answer(shop)})
        if out is not None:
            report.write(out)
    session.attention = any(one["totals"][result] for one in answer["flows"] for result in OPEN)
    session.give(answer, lambda: _draw(session, answer))


def _rows(app: App, job: Job, tell: Tell) -> Iterator[Row]:
    seen = 0
    for page in of_listing(app, job):
        result, batch = app.engine(job).study(page)
        if result.trouble is not None:
            raise result.trouble
        yield from (_row(batch, work, work.outcome) for work in batch.works if work.outcome is not None)
        seen += len(page.items)
        tell(f"{job.flow.name}: {seen} records matched")


def _row(batch: Batch, work: Work, outcome: Outcome) -> Row:
    facts: Mapping[str, Any] = outcome.error.facts if isinstance(outcome.error, Ambiguous) else {}
    here, there = (facts.get(f"same_key_in_{side.value}", ()) for side in (batch.scope.source, batch.scope.target))
    paired = work.pair.id_on(batch.scope.target) if work.pair is not None else None
    found = [work.target.id] if work.target else list(there) or [str(paired or facts.get("target") or "")]
    result = _result(work, outcome)
    return Row(
        record=work.id,
        result=result,
        key=work.evidence or (MARK if result == "exact" else ""),
        keys="; ".join(f"{name}={value}" for name, value in work.keys.items()),
        counterpart="; ".join(map(str, found)),
        twins="; ".join(map(str, here)),
        because="" if outcome.verdict in FINE else clean(outcome.reason),
    )


def _result(work: Work, outcome: Outcome) -> str:
    if work.pair is not None and work.pair.state in (PairState.PAIRED, PairState.WRITING):
        return "linked"
    if isinstance(outcome.error, Ambiguous):
        return "ambiguous"
    if work.target is not None and work.adopt:
        return "exact"
    return {Verdict.CREATED: "unmatched", Verdict.SKIPPED: "skipped"}.get(outcome.verdict, "undecided")


class Report:
    """All rows, in a temporary file that goes with the process."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("")
        columns = ", ".join(Row._fields)
        self._rows.execute(f"CREATE TABLE rows (shop, {columns})")
        self._rows.execute("CREATE INDEX counterparts ON rows (shop, result, counterpart)")

    def close(self) -> None:
        """Forget everything."""
        self._rows.close()

    def fill(self, shop: str, rows: Iterable[Row]) -> None:
        """Keep a shop's rows. Two that would be linked with one counterpart are ambiguous, as in the engine's pages."""
        places = ", ".join("?" * (len(Row._fields) + 1))
        self._rows.executemany(f"INSERT INTO rows VALUES ({places})", ((shop, *row) for row in rows))  # noqa: S608
        exact = "FROM rows WHERE shop = ? AND result = 'exact'"
        twice = f"SELECT counterpart {exact} GROUP BY counterpart HAVING count(*) > 1"
        self._rows.execute(
            f"UPDATE rows SET result = 'ambiguous', because = ? WHERE shop = ? AND result = 'exact' "  # noqa: S608
            f"AND counterpart IN ({twice})",
            (TWICE, shop, shop),
        )

    def answer(self, shop: str) -> Answer:
        """Counts, and the first records that a person has to settle."""
        counts = dict(self._rows.execute("SELECT result, count(*) FROM rows WHERE shop = ? GROUP BY 1", (shop,)))
        totals = {result: counts.get(result, 0) for result in RESULTS}
        keys = "SELECT key, count(*) FROM rows WHERE shop = ? AND result = 'exact' GROUP BY 1 ORDER BY 1"
        wanted = "SELECT * FROM rows WHERE shop = ? AND result IN (?, ?) ORDER BY result, rowid LIMIT ?"
        rows = [Row(*row[1:])._asdict() for row in self._rows.execute(wanted, (shop, *OPEN, KEPT))]
        return {
            "read": sum(totals.values()),
            "totals": totals,
            "keys": dict(self._rows.execute(keys, (shop,))),
            "records": rows,
            "left_out": sum(totals[each] for each in OPEN) - len(rows),
        }

    def write(self, file: Path) -> None:
        """All of it as CSV that a spreadsheet opens as it is meant; only its owner may read it."""
        with private_files.opened(file, encoding="utf-8-sig", newline="") as opened:
            lines = csv.writer(opened)
            lines.writerow(("shop", *Row._fields))
            lines.writerows([_cell(cell) for cell in row] for row in self._rows.execute("SELECT * FROM rows"))


def _cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _draw(session: Session, answer: Answer) -> None:
    for one in answer["flows"]:
        by = ", ".join(f"{count} by {key}" for key, count in one["keys"].items())
        counts = ", ".join(f"{count} {result}" for result, count in one["totals"].items() if count) or "nothing"
        session.tell(f"{one['flow']}, {one['shop']} (nothing was written)", "bold")
        session.tell(f"{one['read']} read: {counts}" + (f" (exact: {by})" if by else ""))
        first = one["records"][: SHOWN * 2]
        if first:
            rows = [
                (row["record"], row["result"], row["keys"] or NONE, row["counterpart"] or NONE, row["because"])
                for row in first
            ]
            more = one["totals"]["ambiguous"] + one["totals"]["undecided"]
            title = f"to be settled (the first {len(first)} of {more}; --out FILE has all)"
            session.out.print(grid(("record", "", "keys", "its counterpart", "because"), rows, title=title))
