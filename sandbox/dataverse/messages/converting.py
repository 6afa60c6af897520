"""Actions that make one document of another: header and lines are copied, prices included.

Reference: Convert an opportunity to a quote, sales order, or invoice; the actions' parameter tables; the sample that
processes quotes, orders and invoices (an order from a won quote is price-locked); SetState of orders (converting is
the only way to Invoiced).
"""

from __future__ import annotations

from typing import Any

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error
from sandbox.dataverse.http import Request, Response, no_content
from sandbox.dataverse.logic.sales.documents import BY_HEADER, Document, calculates, header_of, lines_of, may_edit
from sandbox.dataverse.logic.sales.pricing import by_system, settle
from sandbox.dataverse.metadata.model import Table
from sandbox.dataverse.store import Row, type_column
from sandbox.dataverse.urls import Segment
from sandbox.dataverse.writes.rows import create_row, update_row

from .closing import CLOSINGS, close_document
from .parameters import id_parameter, parameters, returned, row_parameter

QUOTE_ACTIVE, QUOTE_WON, QUOTE_CLOSED = 1, 2, 3
CANCELED, INVOICED = 2, 4
INVOICED_REASON = 100003
_LINE_LINKS = {"salesorderdetail": ("quotedetail", "quotedetailid"), "invoicedetail": ("salesorderdetail",
                                                                                       "salesorderdetailid")}
# Never copied: identity, system columns, state, numbers, and links that mean the old row.
_LEFT = frozenset({
    "createdon", "createdby", "createdonbehalfby", "modifiedon", "modifiedby", "modifiedonbehalfby", "versionnumber",
    "statecode", "statuscode", "overriddencreatedon", "importsequencenumber", "ispricelocked", "skippricecalculation",
    "closedon", "datefulfilled", "submitdate", "submitstatus", "submitstatusdescription", "lastbackofficesubmit",
    "owninguser", "owningteam", "owningbusinessunit", "parentbundleid", "parentbundleidref", "revisionnumber"})


def _copied(source: Table, target: Table, row: Row) -> Row:
    """The values of columns both tables have and a copy takes along."""
    ids = {source.pk, *(d.parent for d in BY_HEADER.values()), *(d.number for d in BY_HEADER.values())}
    values: Row = {}
    for name, column in target.columns.items():
        if name in _LEFT or name in ids or name == target.pk or name not in source.columns:
            continue
        if row.get(name) is not None and not name.endswith("statecode") and not name.endswith("_composite"):
            values[name] = row[name]
            if column.polymorphic:
                values[type_column(name)] = row.get(type_column(name))
    return values


def copy_document(ctx: Context, source: Document, target: Document, row: Row, more: Row) -> str:
    """A new document with the header's and the lines' values; returns its id."""
    from_table, to_table = ctx.table(source.header), ctx.table(target.header)
    with by_system(ctx):
        new_id = create_row(ctx, to_table, {**_copied(from_table, to_table, row), **more})
        copy_lines(ctx, (source, row[from_table.pk]), (target, new_id))
    if calculates(ctx, target.header, "create", header_of(ctx, target, new_id)):
        settle(ctx, target, new_id)
    return new_id


def copy_lines(ctx: Context, origin: tuple[Document, str], goal: tuple[Document, str]) -> None:
    """Copy every line of one document to another, as the system's own writes."""
    (source, source_id), (target, target_id) = origin, goal
    lines, new_lines = ctx.table(source.line), ctx.table(target.line)
    other, column = _LINE_LINKS.get(target.line, ("", ""))
    for line in lines_of(ctx, source, source_id):
        link = {column: line[lines.pk]} if other == source.line else {}
        create_row(ctx, new_lines, {**_copied(lines, new_lines, line), target.parent: target_id, **link})


def _origin(document: Document, row: Row, ctx: Context) -> Row:
    """The lookups a document's successor keeps: its origin and the opportunity behind it."""
    table = ctx.table(document.header)
    return {table.pk: row[table.pk], **({"opportunityid": row["opportunityid"]} if row.get("opportunityid") else {})}


_GENERATED = {
    "GenerateQuoteFromOpportunity": "quote", "GenerateSalesOrderFromOpportunity": "salesorder",
    "GenerateInvoiceFromOpportunity": "invoice"}


def generate(ctx: Context, segment: Segment, request: Request) -> Response:
    """A quote, an order or an invoice from an opportunity, whatever the opportunity's state; prices stay unlocked."""
    body = parameters(request, segment.name, ("OpportunityId", "ColumnSet", "ProcessInstanceId"), ("OpportunityId",))
    source, target = BY_HEADER["opportunity"], BY_HEADER[_GENERATED[segment.name]]
    with ctx.store.transaction():
        ctx.store.settle()
        row = header_of(ctx, source, id_parameter(body, "OpportunityId"))
        new_id = copy_document(ctx, source, target, row, {"opportunityid": row["opportunityid"]})
        return returned(ctx, ctx.table(target.header), new_id, body, base_type=True)


def convert_quote(ctx: Context, segment: Segment, request: Request) -> Response:
    """ConvertQuoteToSalesOrder: an active quote is won on the way, a won one stays; the order is price-locked."""
    known = ("QuoteId", "ColumnSet", "QuoteCloseDate", "QuoteCloseStatus", "QuoteCloseSubject",
             "QuoteCloseDescription", "ProcessInstanceId")
    body = parameters(request, segment.name, known, ("QuoteId",))
    source, target = BY_HEADER["quote"], BY_HEADER["salesorder"]
    with ctx.store.transaction():
        ctx.store.settle()
        row = header_of(ctx, source, id_parameter(body, "QuoteId"))
        if row["statecode"] == QUOTE_ACTIVE:
            _win(ctx, row, body)
        elif row["statecode"] != QUOTE_WON:
            raise error("InvalidState")
        new_id = copy_document(ctx, source, target, row, {**_origin(source, row, ctx), "ispricelocked": True})
        return returned(ctx, ctx.table("salesorder"), new_id, body)


def _win(ctx: Context, row: Row, body: dict[str, Any]) -> None:
    sent = {"subject": body.get("QuoteCloseSubject") or f"Quote Won (Won) - {row['quotenumber']}",
            "description": body.get("QuoteCloseDescription"), "quoteid@odata.bind": f"/quotes({row['quoteid']})"}
    if body.get("QuoteCloseDate"):
        sent["actualend"] = body["QuoteCloseDate"]
    close_document(ctx, CLOSINGS["WinQuote"], sent, body.get("QuoteCloseStatus", -1))


def convert_order(ctx: Context, segment: Segment, request: Request) -> Response:
    """ConvertSalesOrderToInvoice: the invoice is price-locked and the order becomes Invoiced."""
    body = parameters(request, segment.name, ("SalesOrderId", "ColumnSet", "ProcessInstanceId"), ("SalesOrderId",))
    source, target = BY_HEADER["salesorder"], BY_HEADER["invoice"]
    with ctx.store.transaction():
        ctx.store.settle()
        row = header_of(ctx, source, id_parameter(body, "SalesOrderId"))
        if row["statecode"] in (CANCELED, INVOICED):
            raise error("InvalidState")
        new_id = copy_document(ctx, source, target, row, {**_origin(source, row, ctx), "ispricelocked": True})
        with by_system(ctx):
            update_row(ctx, ctx.table("salesorder"), row["salesorderid"],
                       {"statecode": INVOICED, "statuscode": INVOICED_REASON})
        return returned(ctx, ctx.table("invoice"), new_id, body)


def revise_quote(ctx: Context, segment: Segment, request: Request) -> Response:
    """ReviseQuote: a closed quote becomes a new draft with the same number and the next revision."""
    body = parameters(request, segment.name, ("QuoteId", "ColumnSet"), ("QuoteId",))
    document, table = BY_HEADER["quote"], ctx.table("quote")
    with ctx.store.transaction():
        ctx.store.settle()
        row = header_of(ctx, document, id_parameter(body, "QuoteId"))
        if row["statecode"] == QUOTE_WON:
            raise error("InvalidState")
        same = ctx.store.find(table, {"quotenumber": row["quotenumber"]}, ["statecode", "revisionnumber"])
        if any(other["statecode"] not in (QUOTE_WON, QUOTE_CLOSED) for other in same):
            raise error("QuoteReviseExistingActiveQuote")
        more: Row = {"quotenumber": row["quotenumber"], "revisionnumber": max(o["revisionnumber"] for o in same) + 1}
        if row.get("opportunityid"):
            more["opportunityid"] = row["opportunityid"]
        return returned(ctx, table, copy_document(ctx, document, document, row, more), body)


def products_from_opportunity(
    ctx: Context, table: Table, row_id: str, segment: Segment, request: Request,
) -> Response:
    """Get…ProductsFromOpportunity, bound to the document: copies the opportunity's lines to it."""
    body = parameters(request, segment.name, ("Opportunity",), ("Opportunity",))
    source, target = BY_HEADER["opportunity"], BY_HEADER[table.name]
    with ctx.store.transaction():
        ctx.store.settle()
        row = header_of(ctx, source, row_parameter(body, "Opportunity", ctx.table("opportunity")))
        header = header_of(ctx, target, row_id)
        if not may_edit(ctx, target, header):
            raise error("ParentReadOnly")
        if header["transactioncurrencyid"] != row["transactioncurrencyid"]:
            raise error("RecordAndOpportunityCurrencyNotEqual")
        with by_system(ctx):
            copy_lines(ctx, (source, row["opportunityid"]), (target, row_id))
        if calculates(ctx, target.line, "create", header):
            settle(ctx, target, row_id)
    return no_content()

