"""The row beside a document that says what became of its order: it takes changes although a closed document does not.

The table is that of orders (shared/dataverse/order_notes.py), with a lookup to each table that documents come from.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from shared.dataverse import collections
from shared.dataverse.definitions import NewColumn, NewTable
from shared.dataverse.order_notes import NOTES, TABLE
from shared.records import Record

PARENTS: Mapping[str, NewTable] = {
    "opportunity": NewTable(
        TABLE.name, TABLE.label, TABLE.plural, "opportunity", "new_opportunityid", "new_opportunity_shopifyordernotes"
    ),
    "salesorder": TABLE,
    "invoice": NewTable(
        TABLE.name, TABLE.label, TABLE.plural, "invoice", "new_invoiceid", "new_invoice_shopifyordernotes"
    ),
}
"""The table beside each table of documents: one, with as many lookups."""
TABLES = tuple(each for table, each in PARENTS.items() if each is not TABLE)
COLUMNS = (
    NewColumn(TABLE.name, "new_ordername", "Shopify order", 100),
    NewColumn(TABLE.name, "new_status", "Status", 50),
    NewColumn(TABLE.name, "new_tracking", "Tracking", 500),
    NewColumn(TABLE.name, "new_terms", "Payment terms", 100),
)
"""What orders of documents say besides what all orders do."""
_OPEN = 0


def notes_of(table: str) -> collections.Collection:
    """The rows beside documents of that table, as one more collection of theirs."""
    parent = PARENTS[table]
    return collections.Collection(NOTES.name, parent.name, parent.relation, parent.lookup, beside=True)


def closed(row: Mapping[str, Any]) -> bool:
    """Whether a document takes no changes: everything but an open one."""
    return row.get("statecode") not in (None, _OPEN)


def moot(row: Record, values: Mapping[str, Any]) -> Collection[str]:
    """See Beside: columns of a closed document stay as they are, because the row beside it says it all."""
    return frozenset(values) if closed(row.content) else ()
