"""The four sales documents: their tables, which states may be edited, and when the system prices them.

Reference: Dynamics 365 Sales and privacy laws (states that are read-only), Enable sales order processing
integration (the table of conditions under which a price is calculated).
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error
from sandbox.dataverse.logic.rules import Change
from sandbox.dataverse.store import Row

EDITABLE, SUBMITTED = 0, 1


@dataclass(frozen=True)
class Document:
    """One kind of document: header table, line table, and the columns that tie them together."""

    header: str
    line: str
    parent: str
    state: str
    lock: str | None = None
    number: str | None = None


DOCUMENTS = (
    Document("opportunity", "opportunityproduct", "opportunityid", "opportunitystatecode"),
    Document("quote", "quotedetail", "quoteid", "quotestatecode", number="quotenumber"),
    Document("salesorder", "salesorderdetail", "salesorderid", "salesorderstatecode", "salesorderispricelocked",
             "ordernumber"),
    Document("invoice", "invoicedetail", "invoiceid", "invoicestatecode", "invoiceispricelocked", "invoicenumber"),
)
BY_HEADER = {document.header: document for document in DOCUMENTS}
BY_LINE = {document.line: document for document in DOCUMENTS}


def header_of(ctx: Context, document: Document, header_id: object) -> Row:
    """The header row; 404 when there is none."""
    table = ctx.table(document.header)
    row = ctx.store.get(table, header_id) if isinstance(header_id, str) else None
    if row is None:
        raise error("ObjectDoesNotExist", document.header, header_id)
    return row


def lines_of(ctx: Context, document: Document, header_id: str) -> list[Row]:
    """All lines of a document, in the order they were made."""
    rows = ctx.store.find(ctx.table(document.line), {document.parent: header_id})
    ctx.rows_read += len(rows)
    return rows


def final_row(change: Change) -> Row:
    """The row as it will be after the write."""
    return {**(change.before or {}), **change.values}


def integration_user(ctx: Context) -> bool:
    """Whether sales order processing integration is on and the caller is its integration user."""
    if not ctx.core.organization()["issopintegrationenabled"]:
        return False
    user = ctx.store.get(ctx.table("systemuser"), ctx.actor.user_id, ["systemuserid", "isintegrationuser"])
    return bool(user and user["isintegrationuser"])


def may_edit(ctx: Context, document: Document, header: Row) -> bool:
    """Open documents may be edited; a submitted order only by the integration user."""
    if header["statecode"] == EDITABLE:
        return True
    return document.header == "salesorder" and header["statecode"] == SUBMITTED and integration_user(ctx)


# What keeps the system from calculating while order processing integration is on: by table and moment, whether the
# integration user and whether the submitted state do. Opportunities and quotes are always calculated.
_SKIPPED: dict[tuple[str, str], tuple[bool, bool]] = {
    ("salesorder", "create"): (True, False),
    ("salesorder", "update"): (True, True),
    ("salesorder", "recalculate"): (False, True),
    ("salesorderdetail", "create"): (True, True),
    ("salesorderdetail", "update"): (True, True),
    ("salesorderdetail", "delete"): (True, False),
    ("invoice", "create"): (True, False),
    ("invoice", "update"): (True, False),
    ("invoice", "recalculate"): (True, False),
    ("invoicedetail", "create"): (True, False),
    ("invoicedetail", "update"): (True, False),
    ("invoicedetail", "delete"): (True, False),
}


def calculates(ctx: Context, table: str, moment: str, header: Row) -> bool:
    """Whether the system calculates prices at this moment."""
    organization = ctx.core.organization()
    if not organization["oobpricecalculationenabled"]:
        return False
    rule = _SKIPPED.get((table, moment))
    if rule is None or not organization["issopintegrationenabled"]:
        return True
    by_user, by_state = rule
    if by_state and header.get("statecode") == SUBMITTED:
        return False
    return not (by_user and integration_user(ctx))
