"""The orders of a person whom Shopify asks to erase: they rest, and their addresses are emptied or left to a person.

Also those that were made from CRM documents: nothing more is sent of these, and the documents are the merchant's own.
Amounts and lines are the merchant's books and stay. Harmless to repeat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from shared.errors import Conflict, Rejected, SyncError
from shared.flows import flow_named
from shared.flows.sales_documents_shopify_to_crm import FLOW as DOCUMENTS_BACK
from shared.records import Action, Side, Write
from shared.resting import laid_to_rest
from shared.starting import ORDERS
from shared.sync.flow import Job
from shared.wiring import App

TEXTS = ("billto_", "shipto_", "description")
"""What the columns of an order that name people begin with."""


def rest_orders(app: App, shop: str, orders: Sequence[str]) -> None:
    """Lay these orders to rest in the state, and the documents that they were made from. Raises Busy while one of them
    is written."""
    for order in orders:
        laid_to_rest(app, shop, flow_named(ORDERS), order)
    for order in _of_documents(app, shop, orders):
        laid_to_rest(app, shop, DOCUMENTS_BACK, order)


def empty_orders(app: App, shop: str, orders: Sequence[str]) -> str:
    """Empty the addresses of orders that rest where CUSTOMER_ANONYMISE says so. What is left to do, or nothing.

    An order that CRM refuses is left to a person with the others. Raises what passes, or what somebody has to mend.
    """
    pairs = app.state.crossrefs.load(shop, flow_named(ORDERS).kind, Side.SHOPIFY, orders)
    rows = {pair.crm_id: order for order, pair in pairs.items() if pair.crm_id}
    kept = _not_emptied(app.job(ORDERS, shop), rows) if rows and app.settings.anonymise else rows
    left = ", ".join(sorted({*(rows[row] for row in kept), *_of_documents(app, shop, orders)}))
    return f" Addresses and notes stand on the orders of these Shopify ids too: {left}." if left else ""


def _of_documents(app: App, shop: str, orders: Sequence[str]) -> list[str]:
    """Those among them that were made from documents."""
    return list(app.state.crossrefs.load(shop, DOCUMENTS_BACK.kind, Side.SHOPIFY, orders))


def _not_emptied(job: Job, rows: Mapping[str, str]) -> Iterator[str]:
    """Empty what they hold; the rows that are closed, or that CRM refuses, and so have to be left to a person."""
    paths = [rule.to for rule in job.rules.fields if rule.to.startswith(TEXTS)]
    for row, record in job.target.read(list(rows)).records.items():
        emptied = {path: None for path in paths if record.content.get(path) is not None}
        if not emptied:
            continue
        try:
            job.target.closed(record, emptied)
        except Conflict:
            yield row
            continue
        result = job.target.write([Write(Action.UPDATE, rows[row], emptied, id=row, current=record)])[0]
        if isinstance(result, Rejected):
            yield row
        elif isinstance(result, SyncError):
            raise result
