"""Actions on prices: lock and unlock, calculate again, and delete a line without calculating.

Reference: LockSalesOrderPricing and LockInvoicePricing are bound to their row, the unlocking ones are unbound;
RecalculatePrice, DeleteOQOILineWithSkipPricingCalculation and CalculatePrice have pages of their own.
"""

from __future__ import annotations

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error
from sandbox.dataverse.http import Request, Response, no_content
from sandbox.dataverse.logic.sales.documents import BY_HEADER, BY_LINE, header_of, may_edit
from sandbox.dataverse.logic.sales.lines import require_open
from sandbox.dataverse.logic.sales.pricing import by_system, recalculate
from sandbox.dataverse.metadata.model import Table
from sandbox.dataverse.urls import Segment
from sandbox.dataverse.writes.rows import delete_row, update_row

from .parameters import id_parameter, parameters

_UNLOCKED = {"UnlockSalesOrderPricing": ("salesorder", "SalesOrderId"), "UnlockInvoicePricing": ("invoice",
                                                                                                 "InvoiceId")}


def lock(ctx: Context, table: Table, row_id: str, segment: Segment, request: Request) -> Response:
    """LockSalesOrderPricing, LockInvoicePricing: prices no longer follow the price list."""
    parameters(request, segment.name, ())
    _set_lock(ctx, table.name, row_id, True)
    return no_content()


def unlock(ctx: Context, segment: Segment, request: Request) -> Response:
    """UnlockSalesOrderPricing, UnlockInvoicePricing: prices follow the price list again."""
    name, parameter = _UNLOCKED[segment.name]
    body = parameters(request, segment.name, (parameter,), (parameter,))
    _set_lock(ctx, name, id_parameter(body, parameter), False)
    return no_content()


def _set_lock(ctx: Context, name: str, row_id: str, locked: bool) -> None:
    document = BY_HEADER[name]
    with ctx.store.transaction():
        ctx.store.settle()
        header = header_of(ctx, document, row_id)
        if not may_edit(ctx, document, header):
            raise error("CannotUpdateBecauseItIsReadOnly")
        if bool(header.get("ispricelocked")) == locked:
            raise error("EntityIsLocked" if locked else "EntityIsUnlocked")
        with by_system(ctx):
            update_row(ctx, ctx.table(name), row_id, {"ispricelocked": locked})
        if not locked:
            recalculate(ctx, document, header_of(ctx, document, row_id), row_id)


def recalculate_price(ctx: Context, segment: Segment, request: Request) -> Response:
    """RecalculatePrice: the out-of-the-box calculation of one document; 204."""
    names = ("entityLogicalName", "entityId")
    body = parameters(request, segment.name, (*names, "Target"), names)
    document = BY_HEADER.get(str(body["entityLogicalName"]))
    if document is None:
        raise error("EntityTypeNotSupported", body["entityLogicalName"])
    row_id = id_parameter(body, "entityId")
    with ctx.store.transaction():
        ctx.store.settle()
        header = header_of(ctx, document, row_id)
        if may_edit(ctx, document, header):
            recalculate(ctx, document, header, row_id)
    return no_content()


def calculate_price(ctx: Context, segment: Segment, request: Request) -> Response:
    """CalculatePrice: it exists for plug-ins to hook into and does nothing by itself."""
    parameters(request, segment.name, ("Target", "ParentId"), ("Target",))
    return no_content()


def delete_line(ctx: Context, segment: Segment, request: Request) -> Response:
    """DeleteOQOILineWithSkipPricingCalculation: the line goes, the header's totals stay as they are."""
    names = ("entityLogicalName", "entityId")
    body = parameters(request, segment.name, names, names)
    document = BY_LINE.get(str(body["entityLogicalName"]))
    if document is None:
        raise error("EntityTypeNotSupported", body["entityLogicalName"])
    table, row_id = ctx.table(document.line), id_parameter(body, "entityId")
    with ctx.store.transaction():
        ctx.store.settle()
        row = ctx.store.get(table, row_id)
        if row is None:
            raise error("ObjectDoesNotExist", table.name, row_id)
        require_open(ctx, document, header_of(ctx, document, row[document.parent]))
        with by_system(ctx):
            delete_row(ctx, table, row_id)
    return no_content()
