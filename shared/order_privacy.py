"""The orders of a person whom Shopify asks to erase: they rest, and their addresses are emptied or left to a person.

Amounts and lines are the merchant's books and stay. Harmless to repeat.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.errors import Conflict, SyncError
from shared.flows import flow_named
from shared.records import Action, Write
from shared.resting import laid_to_rest
from shared.starting import ORDERS
from shared.sync.flow import Job
from shared.wiring import App

TEXTS = ("billto_", "shipto_", "description")
"""What the columns of an order that name people begin with."""


def redact_orders(app: App, shop: str, orders: Sequence[str], *, first: bool) -> str:
    """Lay these orders to rest; `first`: empty their addresses where CUSTOMER_ANONYMISE says so. What is left to do.

    Raises Busy while one of them is written, and what CRM answers.
    """
    flow = flow_named(ORDERS)
    pairs = [laid_to_rest(app, shop, flow, order) for order in orders]
    rows = {pair.crm_id: str(pair.shopify_id) for pair in pairs if pair.crm_id}
    if not rows or not first:
        return ""
    left = dict(rows)
    if app.settings.anonymise:
        left = {row: order for row, order in rows.items() if row in set(_not_emptied(app.job(flow.name, shop), rows))}
    named = ", ".join(sorted(left.values()))
    return f" Addresses and notes stand on the orders of these Shopify ids too: {named}." if left else ""


def _not_emptied(job: Job, rows: dict[str, str]) -> Iterator[str]:
    """Empty what they hold; the rows that are closed, and so have to be left to a person."""
    for row, record in job.target.read(list(rows)).records.items():
        paths = [rule.to for rule in job.rules.fields if rule.to.startswith(TEXTS)]
        emptied = {path: None for path in paths if record.content.get(path) is not None}
        if not emptied:
            continue
        try:
            job.target.closed(record, emptied)
        except Conflict:
            yield row
            continue
        result = job.target.write([Write(Action.UPDATE, rows[row], emptied, id=row, current=record)])[0]
        if isinstance(result, SyncError):
            raise result
