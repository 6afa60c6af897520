"""What a form of the pages changes, carried out by the Web API's own code as the salesperson.

A form becomes a PATCH, a DELETE or an action; so checks, prices, versions, tracking and webhooks move as they would
for a person in the sales app. Nothing is written here that the Web API would not write.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.dataverse.context import Context, Core
from sandbox.dataverse.dispatch import dispatch
from sandbox.dataverse.errors import bad_request
from sandbox.dataverse.http import Request, dump
from sandbox.dataverse.logic.sales.documents import BY_HEADER, BY_LINE
from sandbox.dataverse.metadata.model import Column, Table
from sandbox.dataverse.values import EXACT_TYPES, INT_TYPES, guid

_AMOUNTS = ("quantity", "priceperunit", "manualdiscountamount", "tax", "ispriceoverridden")
_HEADER = ("name", "discountpercentage", "discountamount", "freightamount", "statecode")
# The columns the forms may change.
EDITABLE: dict[str, tuple[str, ...]] = {
    "product": ("name", "productnumber", "description", "statecode"), "productpricelevel": ("amount",),
    "pricelevel": ("name", "statecode"), "account": ("name", "emailaddress1", "telephone1"),
    "contact": ("firstname", "lastname", "emailaddress1"),
    **dict.fromkeys(BY_HEADER, _HEADER), **dict.fromkeys(BY_LINE, _AMOUNTS)}
# Closing actions: the parameter that carries the activity.
_CLOSING = {
    "FulfillSalesOrder": "OrderClose", "CancelSalesOrder": "OrderClose", "WinOpportunity": "OpportunityClose",
    "LoseOpportunity": "OpportunityClose", "WinQuote": "QuoteClose", "CloseQuote": "QuoteClose"}
_LOCKS = {"salesorder": ("SalesOrder", "SalesOrderId"), "invoice": ("Invoice", "InvoiceId")}


def carry_out(core: Core, sent: dict[str, str]) -> None:
    """Carry out one form; DataverseError when the Web API refuses."""
    table, row_id = core.registry.get(sent.get("table", "")), guid(sent.get("id", ""))
    if table is None or table.name not in EDITABLE or row_id is None:
        raise bad_request("The form names no editable row.")
    ctx = Context(core, core.actors["salesperson"], "")
    core.registry.settle(core.clock.now())
    request = _request(ctx, table, row_id, sent)
    if request is not None:
        dispatch(ctx, request)
    tally = core.counters.of("salesperson")
    tally.writes += 1
    tally.rows_written += ctx.rows_written


def _request(ctx: Context, table: Table, row_id: str, sent: dict[str, str]) -> Request | None:
    address, action = f"{table.entity_set}({row_id})", sent.get("action")
    if action == "Delete" and table.name in BY_LINE:
        return _call("DELETE", address)
    if action in _CLOSING:
        activity = {"subject": f"{action} on the page", f"{table.pk}@odata.bind": f"/{address}"}
        return _call("POST", action, {_CLOSING[action]: activity, "Status": -1})
    if action in ("Lock", "Unlock") and table.name in _LOCKS:
        name, parameter = _LOCKS[table.name]
        if action == "Lock":
            return _call("POST", f"{address}/Microsoft.Dynamics.CRM.Lock{name}Pricing", {})
        return _call("POST", f"Unlock{name}Pricing", {parameter: row_id})
    if action:
        raise bad_request(f"There is no action '{action}' for {table.name}.")
    changes = _changes(ctx, table, row_id, sent)
    return _call("PATCH", address, changes) if changes else None


def _call(method: str, path: str, body: Any = None) -> Request:
    return Request(method, path, "", {"if-match": "*"} if method == "PATCH" else {}, dump(body) if body is not None
                   else b"")


def _changes(ctx: Context, table: Table, row_id: str, sent: dict[str, str]) -> dict[str, Any]:
    """The columns whose field says something else than the row."""
    current = ctx.store.get(table, row_id) or {}
    changes = {}
    for name in EDITABLE[table.name]:
        if name in sent:
            value = _read(table.columns[name], sent[name].strip())
            if value != current.get(name):
                changes[name] = value
    return changes


def _read(column: Column, text: str) -> Any:
    if not text:
        return None
    if column.type == "Boolean":
        return text == "1"
    if column.type not in EXACT_TYPES and column.type not in INT_TYPES:
        return text
    try:
        number = Decimal(text)
        if not number.is_finite():
            raise bad_request(f"'{text}' is not a number.")
        return number if column.type in EXACT_TYPES else int(number)
    except InvalidOperation:
        raise bad_request(f"'{text}' is not a number.") from None
