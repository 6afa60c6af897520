"""The table beside sales orders, and what is said there of an order that is not what it should be.

A fulfilled order takes no change any more (0x8004022E), so what goes on with it (payment, refunds, returns, and how far
CRM's total is from Shopify's) stands in rows of a table of ours. One row an order, `status`, says whether it agrees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.dataverse import odata
from shared.dataverse.batch import MAX_PARTS, Operation
from shared.dataverse.client import Client, refusal
from shared.dataverse.collections import Collection
from shared.dataverse.definitions import ColumnType, NewColumn, NewTable
from shared.dataverse.edits import child_id
from shared.dataverse.metadata import Metadata
from shared.dataverse.selection import binding
from shared.dataverse.tasks import task
from shared.dataverse.values import wire_value
from shared.errors import SyncError
from shared.sync.flow import Told

TABLE = NewTable(
    "new_shopifyordernote", "Shopify order note", "Shopify order notes",
    "salesorder", "new_salesorderid", "new_salesorder_shopifyordernotes",
)  # fmt: skip
NOTES = Collection("order_notes", TABLE.name, TABLE.relation, TABLE.lookup, beside=True)
_TEXT, _AMOUNT = ColumnType.TEXT, ColumnType.DECIMAL
_COLUMNS: Sequence[tuple[str, str, int, ColumnType]] = (
    ("kind", "Kind", 20, _TEXT),
    ("shopifyid", "Shopify id", 40, _TEXT),
    ("at", "At", 0, ColumnType.MOMENT),
    ("currency", "Currency", 3, _TEXT),
    ("financialstatus", "Financial status", 40, _TEXT),
    ("fulfillmentstatus", "Fulfillment status", 40, _TEXT),
    ("returnstatus", "Return status", 40, _TEXT),
    ("payment", "Payment method", 100, _TEXT),
    ("payments", "Payment methods", 500, _TEXT),
    ("tags", "Tags", 2000, _TEXT),
    ("received", "Received", 0, _AMOUNT),
    ("refunded", "Refunded", 0, _AMOUNT),
    ("outstanding", "Outstanding", 0, _AMOUNT),
    ("giftcards", "Paid by gift cards", 0, _AMOUNT),
    ("cashrounding", "Cash rounding", 0, _AMOUNT),
    ("rounding", "Rounding inside line discounts", 0, _AMOUNT),
    ("channeltax", "Tax owed by the channel", 0, _AMOUNT),
    ("amount", "Amount", 0, _AMOUNT),
    ("goods", "Goods", 0, _AMOUNT),
    ("shipping", "Shipping", 0, _AMOUNT),
    ("tax", "Tax", 0, _AMOUNT),
    ("units", "Units", 0, ColumnType.INTEGER),
    ("pending", "Pending", 0, _AMOUNT),
    ("text", "Text", 4000, ColumnType.LONG_TEXT),
    ("check", "Check", 4000, ColumnType.LONG_TEXT),
    ("difference", "Difference", 0, _AMOUNT),
)
COLUMNS = tuple(NewColumn(TABLE.name, f"new_{name}", label, length, of) for name, label, length, of in _COLUMNS)
CHECK, DIFFERENCE = "new_check", "new_difference"
STATUS_LINE = "status|status"
"""Group and id of the line whose row says how an order stands (mappings/orders_shopify_to_crm.toml)."""
CALL = "say how orders stand"


@dataclass(frozen=True, slots=True)
class OrderNotes:
    """`Beside.tell` of orders. `differs`: CRM's total less Shopify's, of an order and its row."""

    crm: Client
    metadata: Metadata
    differs: Callable[[Told], Decimal]

    def __call__(self, told: Sequence[Told]) -> list[SyncError | None]:
        """Put it into the rows of all of them, a changeset an order; per order why it failed."""
        return [error for part in _parts(list(map(self._changeset, told))) for error in self._send(part)]

    def _send(self, changesets: Sequence[tuple[Operation, ...]]) -> list[SyncError | None]:
        try:
            reply = self.crm.batch(changesets, name=CALL)
        except SyncError as error:
            return [error for _ in changesets]
        return [refusal(result, call=CALL, answer=reply.answer) for result in reply.results]

    def _changeset(self, told: Told) -> tuple[Operation, ...]:
        """The status row, and the rows beside the order that were not written because the order takes none."""
        order = told.target.id
        check = told.error.sentence[:4000] if told.error else None
        difference = self.differs(told) if told.error else Decimal(0)
        named = {"new_name": "Status", "new_kind": "status", CHECK: check, DIFFERENCE: difference}
        rows = {child_id(order, STATUS_LINE): named}
        for line in told.lines:
            if line.to == NOTES.name and line.values is not None:
                rows[line.row] = {**rows.get(line.row, {}), **line.values}
        found = [self._upsert(order, row, values) for row, values in rows.items()]
        if told.error is not None and told.record.content.get("cancelledAt"):
            found.append(self._task(told))
        return tuple(found)

    def _task(self, told: Told) -> Operation:
        """Whoever shipped or billed what was cancelled has to know: CRM cannot cancel the order any more."""
        text = (
            f"Shopify order {told.record.id} was cancelled. This order is closed, so the integration cannot cancel it. "
            "Decide what becomes of it: take the goods back, credit the invoice, or leave it as it is."
        )
        subject = "Cancelled in Shopify after it was closed here"
        return task(self.metadata, f"{told.target.id}|cancelled", subject, text, (TABLE.parent, told.target.id))

    def _upsert(self, order: str, row: str, values: Mapping[str, Any]) -> Operation:
        table = self.metadata.table(TABLE.name)
        lookup = binding(table, TABLE.lookup)
        body = {name: wire_value(table.column(name), value) for name, value in values.items()}
        body[f"{lookup.navigation}@odata.bind"] = f"/{odata.row(self.metadata.entity_set(TABLE.parent), order)}"
        return Operation("PATCH", odata.row(table.entity_set, row), body)


def _parts(changesets: list[tuple[Operation, ...]]) -> Iterator[list[tuple[Operation, ...]]]:
    """As many as a batch takes."""
    part: list[tuple[Operation, ...]] = []
    for changeset in changesets:
        if part and sum(map(len, part)) + len(changeset) > MAX_PARTS:
            yield part
            part = []
        part.append(changeset)
    if part:
        yield part
