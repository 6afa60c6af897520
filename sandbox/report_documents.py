"""The money of all documents of CRM and of the Shopify orders that were made from them, added up per currency.

Which documents have to be there follows from the mapping's filters; what they hold from both systems as they answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from rich.table import Table

from shared.records import Content, Record
from shared.sync.flow import Job

ROWS = ("freight", "tax", "discount", "total")


@dataclass
class DocumentMoney:
    """Sums of both sides by currency and row."""

    parked: int = 0
    orders: int = 0
    _crm: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    _shopify: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def add(self, document: Content, order: Content) -> None:
        """A document and the order that carries its mark."""
        self.orders += 1
        for sums, amounts in ((self._crm, document), (self._shopify, order)):
            code = str(amounts["currency"])
            sums[code, "orders"] += 1
            for name in ROWS:
                sums[code, name] += Decimal(amounts[name] or 0)

    @property
    def equal(self) -> bool:
        """Whether both sides hold the same, to the cent."""
        return self._crm == self._shopify

    def table(self) -> Table:
        """One row per currency and sum."""
        printed = Table(title="The money of the documents", caption=f"left out: {self.parked} documents parked")
        for name in ("currency", "sum", "CRM", "Shopify", "difference"):
            printed.add_column(name, justify="left" if name in ("currency", "sum") else "right", no_wrap=True)
        for code, name in sorted({**self._crm, **self._shopify}):
            one, other = self._crm[code, name], self._shopify[code, name]
            told = f"[red]{one - other:,f}[/red]" if one != other else "0"
            printed.add_row(code, name, f"{one.normalize():,f}", f"{other.normalize():,f}", told)
        return printed


def compare(job: Job, ends: tuple[Record, Record], money: DocumentMoney) -> list[str]:
    """What differs between a document and its order, row by row; both are added to the sums."""
    document, order = ends
    money.add(_of(document, "document"), _of(order, "sale"))
    differs = job.beside.verify(document, order) if job.beside.verify else None
    return [f"{job.flow.name} {document.id} → {order.id}: {differs.sentence}"] if differs else []


def _of(record: Record, name: str) -> Mapping[str, object]:
    found: Mapping[str, object] = record.content[name]
    return found
