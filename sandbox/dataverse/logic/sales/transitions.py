"""States of documents by plain update: which moves it allows, which need an action, and what a closed document refuses.

Reference: Dynamics 365 Sales and privacy laws (read-only states; administrators may still edit), the SetState message
of orders, Close a quote, Close opportunities, and the web service error codes. Moves by action are in `messages`.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import DataverseError, error
from sandbox.dataverse.logic.rules import Change, Rules

from .documents import BY_HEADER, EDITABLE, SUBMITTED, integration_user, may_edit
from .pricing import is_system

_STATE_COLUMNS = frozenset({"statecode", "statuscode"})
WON, LOST = 1, 2
QUOTE_ACTIVE, QUOTE_WON, QUOTE_CLOSED = 1, 2, 3
CANCELED, FULFILLED, INVOICED = 2, 3, 4
CLOSED_INVOICE, PAID, CANCELED_INVOICE = 1, 2, 3
# What the platform says when an update tries what an action is for (forum answers and issues).
_ORDER_TEXTS = {
    CANCELED: "This message can not be used to set the state of SalesOrder to Canceled. In order to set state of "
              "SalesOrder to Canceled, use the CancelSalesOrderRequest Request message instead.",
    FULFILLED: "This message can not be used to set the state of SalesOrder to Fullfilled. In order to set state of "
               "SalesOrder, use the FullfillSalesOrder Request. Request message instead.",
    INVOICED: "This message can not be used to set the state of SalesOrder to Invoiced. In order to set state of "
              "SalesOrder to Invoiced, use the ConvertSalesOrderToInvoice Request message instead.",
}
_QUOTE_TEXTS = {
    QUOTE_WON: "Quote status cannot be changed to Won. Please use the WinQuoteRequest instead.",
    QUOTE_CLOSED: "Quote status cannot be changed to Closed. Please use the CloseQuoteRequest instead.",
}


def register(rules: Rules) -> None:
    """Hook the checks in; they run before every other rule of a header."""
    rules.on("before_update", tuple(BY_HEADER), check)


def check(ctx: Context, change: Change) -> None:
    """Refuse edits of a closed document, then moves an update cannot make."""
    if is_system(ctx) or change.before is None:
        return
    document = BY_HEADER[change.table.name]
    old = change.before["statecode"]
    edited = set(change.sent) - _STATE_COLUMNS
    open_now = may_edit(ctx, document, change.before)
    if edited and not open_now and not _administers(ctx, change):
        raise error("CannotUpdateBecauseItIsReadOnly")
    if "statecode" in change.values:
        _MOVES[change.table.name](ctx, change, old, change.values["statecode"])
    elif "statuscode" in change.values and not open_now:
        raise error("CannotUpdateBecauseItIsReadOnly")


def _administers(ctx: Context, change: Change) -> bool:
    """A system administrator may edit closed quotes, orders and invoices."""
    return ctx.actor.name == "admin" and change.table.name != "opportunity"


def _refused(text: str) -> DataverseError:
    return error("InvalidArgument", message=text)


def _opportunity(ctx: Context, change: Change, old: int, new: int) -> None:
    if new in (WON, LOST):
        word = "won" if new == WON else "lost"
        raise error("CannotUseOpportunitySetStateMessage", word, word)
    if new == EDITABLE == old and not change.moves("statuscode"):
        raise error("OpportunityAlreadyInOpenState")


def _quote(ctx: Context, change: Change, old: int, new: int) -> None:
    if new in _QUOTE_TEXTS:
        raise _refused(_QUOTE_TEXTS[new])
    if new == QUOTE_ACTIVE and old != EDITABLE:
        raise error("UnableToActivateQuoteNotInDraft")


def _order(ctx: Context, change: Change, old: int, new: int) -> None:
    if new in _ORDER_TEXTS and new != old:
        raise _refused(_ORDER_TEXTS[new])
    if old not in (EDITABLE, SUBMITTED):
        raise error("CannotUpdateBecauseItIsReadOnly")
    integrated = ctx.core.organization()["issopintegrationenabled"]
    if old == SUBMITTED and integrated and not integration_user(ctx):
        raise error("CannotUpdateBecauseItIsReadOnly")


def _invoice(ctx: Context, change: Change, old: int, new: int) -> None:
    if new == CLOSED_INVOICE:
        raise error("unManagedidsinvoicecloseapideprecated")
    if new == PAID and old != EDITABLE:
        raise error("CannotPayNonActiveInvoice")
    if new == CANCELED_INVOICE and old not in (EDITABLE, PAID):
        raise error("CannotCancelInvoice")
    if new == EDITABLE != old:
        raise error("CannotUpdateBecauseItIsReadOnly")


_MOVES: dict[str, Callable[[Context, Change, int, int], None]] = {
    "opportunity": _opportunity, "quote": _quote, "salesorder": _order, "invoice": _invoice}
