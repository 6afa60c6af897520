"""Actions that close documents and leave an activity behind: fulfil, cancel, win, lose, close.

Reference: FulfillSalesOrder, CancelSalesOrder, WinOpportunity, LoseOpportunity, WinQuote, CloseQuote, and the pages on
closing opportunities and quotes. An opportunity with draft or active quotes cannot be closed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error, payload
from sandbox.dataverse.http import Request, Response, no_content
from sandbox.dataverse.logic.sales.documents import BY_HEADER, header_of, may_edit
from sandbox.dataverse.logic.sales.pricing import by_system
from sandbox.dataverse.logic.states import reasons
from sandbox.dataverse.metadata.model import Table
from sandbox.dataverse.store import Row
from sandbox.dataverse.urls import Segment
from sandbox.dataverse.writes.payload import parse_body
from sandbox.dataverse.writes.rows import create_row, update_row

from .parameters import parameters

COMPLETED, COMPLETED_REASON = 1, 2
DEFAULT_REASON = -1
OPEN = 0
QUOTE_ACTIVE = 1


@dataclass(frozen=True)
class Closing:
    """One closing action: the document, its activity, the parameter that carries it, and the state it sets."""

    document: str
    activity: str
    parameter: str
    state: int
    ready: Callable[[Context, Row], None]


def _order_is_open(ctx: Context, row: Row) -> None:
    if not may_edit(ctx, BY_HEADER["salesorder"], row):
        raise error("InvalidState")


def _opportunity_is_open(ctx: Context, row: Row) -> None:
    if row["statecode"] != OPEN:
        raise error("OpportunityIsAlreadyClosed")
    for quote in ctx.store.find(ctx.table("quote"), {"opportunityid": row["opportunityid"]}, ["quoteid", "statecode"]):
        if quote["statecode"] in (OPEN, QUOTE_ACTIVE):
            raise error("OpportunityCannotBeClosed")


def _quote_is_active(ctx: Context, row: Row) -> None:
    if row["statecode"] != QUOTE_ACTIVE:
        raise error("InvalidState")


CLOSINGS = {
    "FulfillSalesOrder": Closing("salesorder", "orderclose", "OrderClose", 3, _order_is_open),
    "CancelSalesOrder": Closing("salesorder", "orderclose", "OrderClose", 2, _order_is_open),
    "WinOpportunity": Closing("opportunity", "opportunityclose", "OpportunityClose", 1, _opportunity_is_open),
    "LoseOpportunity": Closing("opportunity", "opportunityclose", "OpportunityClose", 2, _opportunity_is_open),
    "WinQuote": Closing("quote", "quoteclose", "QuoteClose", 2, _quote_is_active),
    "CloseQuote": Closing("quote", "quoteclose", "QuoteClose", 3, _quote_is_active),
}


def close(ctx: Context, segment: Segment, request: Request) -> Response:
    """Carry out one of the closing actions; 204."""
    closing = CLOSINGS[segment.name]
    body = parameters(request, segment.name, (closing.parameter, "Status"), (closing.parameter, "Status"))
    status = body["Status"]
    if not isinstance(status, int) or isinstance(status, bool):
        raise payload(segment.name, f"Cannot convert the literal '{status}' to the expected type 'Edm.Int32'.")
    with ctx.store.transaction():
        close_document(ctx, closing, body[closing.parameter], status)
    return no_content()


def close_document(ctx: Context, closing: Closing, sent: Any, status: int) -> str:
    """Set the document's state and create the completed activity; returns the activity's id."""
    ctx.store.settle()
    activities, document = ctx.table(closing.activity), BY_HEADER[closing.document]
    table = ctx.table(closing.document)
    values = parse_body(ctx, activities, sent, creating=True).values
    header_id = values.get(table.pk)
    if header_id is None:
        raise error("RequiredFieldMissing", table.pk)
    header = header_of(ctx, document, header_id)
    closing.ready(ctx, header)
    reason = _reason(table, closing.state, status, str(header_id))
    _complete(closing, header, values, ctx.now())
    with by_system(ctx):
        activity_id = create_row(ctx, activities, values)
        update_row(ctx, activities, activity_id, {"statecode": COMPLETED, "statuscode": COMPLETED_REASON})
        update_row(ctx, table, str(header_id), {
            "statecode": closing.state, "statuscode": reason, **_outcome(closing, values)})
    return activity_id


def _reason(table: Table, state: int, status: int, row_id: str) -> int:
    allowed = [option.value for option in reasons(table, state)]
    if status == DEFAULT_REASON:
        return allowed[0]
    if status not in allowed:
        raise error("InvalidStateCodeStatusCode", status, state, table.name, row_id)
    return status


def _complete(closing: Closing, header: Row, values: Row, now: str) -> None:
    """What the activity repeats of its document, unless the caller gave it."""
    values.setdefault("actualend", now)
    if closing.activity == "orderclose":
        values.setdefault("ordernumber", header.get("ordernumber"))
    elif closing.activity == "quoteclose":
        values.setdefault("quotenumber", header.get("quotenumber"))
        values.setdefault("revision", header.get("revisionnumber"))
    else:
        values.setdefault("actualrevenue", header.get("estimatedvalue") if closing.state == 1 else None)
        values.setdefault("transactioncurrencyid", header.get("transactioncurrencyid"))


def _outcome(closing: Closing, values: Row) -> Row:
    """Actual revenue and close date of an opportunity come from its close activity, as does a quote's close date."""
    if closing.document == "opportunity":
        return {"actualvalue": values.get("actualrevenue"), "actualclosedate": values["actualend"]}
    return {"closedon": values["actualend"]} if closing.document == "quote" else {}
