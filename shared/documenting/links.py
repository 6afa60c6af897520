"""The documents that some documents were made from, and those made from them: asked of CRM, a few calls a page.

Only what has links costs calls. Decides nothing: shared/flows/documents/deal.py does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from shared.dataverse import odata
from shared.dataverse.client import Client
from shared.dataverse.documents import TABLE
from shared.flows.documents.deal import Node
from shared.flows.documents.states import PARENTS, state_of
from shared.records import Record

_SETS: Mapping[str, str] = {"opportunity": "opportunities", "salesorder": "salesorders", "invoice": "invoices"}
_SELECTED = ["statecode", "statuscode", "createdon", "totalamount", "totallineitemamount"]
_OPPORTUNITY = ("actualclosedate", "isrevenuesystemcalculated", "estimatedvalue")
_IDS = 50
"""Ids in one filter: each is a condition, of which Dataverse takes 500, and a level of nesting to a parser."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """What of CRM is sent: the tables, their status reasons, from when on, and whether estimates are.

    `marks`: the columns of orders that say that they came from a shop.
    """

    tables: tuple[str, ...]
    reasons: Mapping[str, frozenset[int]]
    since: datetime | None
    estimate: bool
    marks: tuple[str, ...]

    def began(self, table: str, row: Row) -> datetime:
        """The moment from which a document counts: an opportunity from the day it was closed."""
        closed = row.get("actualclosedate") if table == "opportunity" else None
        found = datetime.fromisoformat(str(closed or row["createdon"]))
        return found if found.tzinfo else datetime.combine(found.date(), time(23, 59, 59), UTC)

    def early(self, table: str, row: Row) -> bool:
        """Whether it is history."""
        return self.since is not None and self.began(table, row) < self.since

    def empty(self, table: str, row: Row, lines: bool) -> bool:
        """Whether there is nothing to send: an opportunity's lines count where the system computes its revenue."""
        if table != "opportunity":
            return not lines
        counted = lines and row.get("isrevenuesystemcalculated") is not False
        return not counted and not (self.estimate and row.get("estimatedvalue"))

    def foreign(self, row: Row) -> bool:
        """Whether it carries a shop's mark."""
        return any(row.get(mark) for mark in self.marks)

    def sendable(self, table: str, row: Row, lines: bool) -> bool:
        """Whether it would be sent, were it alone."""
        due = table in self.tables and state_of(table, row, self.reasons).due
        return due and not self.early(table, row) and not self.empty(table, row, lines)


@dataclass(frozen=True, slots=True)
class Links:
    """Finds the deals of documents."""

    crm: Client
    sent: Sent

    def nodes(self, records: Iterable[Record], lines: Mapping[str, Sequence[Row]]) -> Mapping[str, Node]:
        """The documents of all their deals by id, themselves included; `lines`: the rows of each."""
        nodes = {each.id: self._of_record(each, bool(lines[each.id])) for each in records}
        ids = {table: _named(nodes.values(), table) for table in ("opportunity", "salesorder")}
        orders = self._rows("salesorder", "salesorderid", ids["salesorder"] - nodes.keys())
        nodes |= orders
        opportunities = ids["opportunity"] | _named(orders.values(), "opportunity")
        nodes |= self._new("salesorder", "opportunityid", opportunities, nodes)
        nodes |= self._new("invoice", "opportunityid", opportunities, nodes)
        known = {each.id for each in nodes.values() if each.table == "salesorder"}
        nodes |= self._new("invoice", "salesorderid", known, nodes)
        nodes |= self._rows("opportunity", "opportunityid", opportunities - nodes.keys())
        return nodes

    def there(self, called: str) -> bool:
        """Whether CRM has a document, by its table and id."""
        table, _, row_id = called.partition(" ")
        return bool(self._rows(table, f"{table}id", {row_id}))

    def _new(self, table: str, column: str, ids: set[str], known: Mapping[str, Node]) -> dict[str, Node]:
        return {key: node for key, node in self._rows(table, column, ids).items() if key not in known}

    def _rows(self, table: str, column: str, ids: set[str]) -> dict[str, Node]:
        return {node.id: node for node in self._asked(table, column, sorted(ids))}

    def _asked(self, table: str, column: str, ids: Sequence[str]) -> Iterator[Node]:
        lookups = [f"_{each}_value" for each in PARENTS[table]]
        more = _OPPORTUNITY if table == "opportunity" else self.sent.marks if table == "salesorder" else ()
        select = ",".join([f"{table}id", *_SELECTED, *lookups, *more])
        wire = column if column == f"{table}id" else f"_{column}_value"
        for start in range(0, len(ids), _IDS):
            wanted = " or ".join(f"{wire} eq {odata.guid(each)}" for each in ids[start : start + _IDS])
            options = {"$select": select, "$filter": wanted}
            url = odata.query(_SETS[table], options)
            for page in self.crm.pages(url, name=f"deals of {table}"):
                for row in page.data["value"]:
                    flat = {**row, **{each: row.get(f"_{each}_value") for each in PARENTS[table]}}
                    worth = bool(Decimal(row.get("totallineitemamount") or 0))
                    yield self._node(table, str(row[f"{table}id"]).lower(), flat, worth)

    def _of_record(self, record: Record, lines: bool) -> Node:
        return self._node(str(record.content[TABLE]), record.id, record.content, lines)

    def _node(self, table: str, row_id: str, row: Row, lines: bool) -> Node:
        parent = next((str(row[each]).lower() for each in PARENTS[table] if row.get(each)), "")
        created = datetime.fromisoformat(str(row["createdon"]))
        sent = self.sent
        cancelled = state_of(table, row, sent.reasons).cancelled
        return Node(row_id, table, parent, created, sent.sendable(table, row, lines), sent.foreign(row), cancelled)


def _named(nodes: Iterable[Node], table: str) -> set[str]:
    """The ids of a table that those documents were made from: an invoice's nearest may be either."""
    found = set()
    for node in nodes:
        of_order = node.table == "invoice"
        if node.parent and ((table == "salesorder" and of_order) or table == "opportunity"):
            found.add(node.parent)
        if node.table == table:
            found.add(node.id)
    return found
