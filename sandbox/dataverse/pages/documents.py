"""The pages of opportunities, quotes, orders and invoices: a list of each, and one record with lines and totals.

Opening a record calculates its prices, as it does for a person in the sales app.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error
from sandbox.dataverse.logic.rules import Change
from sandbox.dataverse.logic.sales.documents import BY_HEADER, lines_of
from sandbox.dataverse.store import Row

from .layout import badge, button, choice, field, form, link, money, plain, table, time
from .rows import currency_of, label, latest, name_of, options


@dataclass(frozen=True)
class Section:
    """One kind of document on the pages: its path, table, number column and the moves a button offers."""

    path: str
    table: str
    number: str | None
    moves: tuple[tuple[str, str], ...]
    movable: frozenset[int] = frozenset({0})


SECTIONS = {s.path: s for s in (
    Section("/opportunities", "opportunity", None, (("WinOpportunity", "Close as won"),
                                                    ("LoseOpportunity", "Close as lost"))),
    Section("/quotes", "quote", "quotenumber", (("WinQuote", "Win"), ("CloseQuote", "Close")), frozenset({1})),
    Section("/orders", "salesorder", "ordernumber", (("FulfillSalesOrder", "Fulfil"), ("CancelSalesOrder", "Cancel")),
            frozenset({0, 1})),
    Section("/invoices", "invoice", "invoicenumber", ()),
)}
# States that end well, badly, or neither.
_TONES = {
    "Won": "good", "Fulfilled": "good", "Invoiced": "good", "Paid": "good", "Lost": "bad", "Canceled": "bad",
    "Closed": "bad", "Submitted": "warn"}
_TOTALS = (
    ("Detail amount", "totallineitemamount"), ("Line discounts", "totallineitemdiscountamount"),
    ("Discount", "discountamount"), ("Discount %", "discountpercentage"), ("Pre-freight", "totalamountlessfreight"),
    ("Freight", "freightamount"), ("Tax", "totaltax"))


def listing(ctx: Context, section: Section, search: str) -> str:
    """The documents changed last."""
    kind = ctx.table(section.table)
    columns = ("name", section.number) if section.number else ("name",)
    cells = []
    for row in latest(ctx, kind, search, columns):
        number = row.get(section.number) if section.number else None
        cells.append((
            link(f"{section.path}/{row[kind.pk]}", row["name"] or number or row[kind.pk]), escape(str(number or "")),
            escape(name_of(ctx, row, "customerid")), _state(ctx, section, row),
            money(row["totalamount"], currency_of(ctx, row)), time(row["modifiedon"])))
    return table(section.path.strip("/"), ("Name", "Number", "Customer", "State", "Total#", "Changed"), cells)


def _state(ctx: Context, section: Section, row: Row) -> str:
    kind = ctx.table(section.table)
    state = label(kind, "statecode", row["statecode"])
    reason = label(kind, "statuscode", row["statuscode"])
    shown = badge(state, _TONES.get(state, "calm"))
    return shown if reason == state else f"{shown} <small>{escape(reason)}</small>"


def record(ctx: Context, section: Section, row_id: str) -> tuple[str, str, str]:
    """One document: title, number, content."""
    kind = ctx.table(section.table)
    with ctx.store.transaction():
        ctx.core.rules.run("before_read", ctx, Change(kind, row_id, None, {}))
    row = ctx.store.get(kind, row_id)
    if row is None:
        raise error("ObjectDoesNotExist", kind.name, row_id)
    back = f"{section.path}/{row_id}"
    number = str(row.get(section.number) or "") if section.number else ""
    body = (f"<div class=two><div class=card>{_facts(ctx, section, row)}{_head(ctx, section, row, back)}"
            f"{_moves(ctx, section, row, back)}</div><div class=card>{_totals(ctx, row)}</div></div>"
            f"<h2>Lines</h2>{_lines(ctx, section, row_id, currency_of(ctx, row))}"
            f"<p>{link(section.path, 'Back to the list')}</p>")
    return str(row["name"] or number or row_id), number, body


def _facts(ctx: Context, section: Section, row: Row) -> str:
    customer, prices = name_of(ctx, row, "customerid"), name_of(ctx, row, "pricelevelid", "pricelevel")
    lock = " " + badge("prices locked", "warn") if row.get("ispricelocked") else ""
    wrong = _error(ctx, section.table, row)
    return (f"<p>{_state(ctx, section, row)}{lock}{wrong}</p><p>Customer <b>{escape(customer) or 'none'}</b>, "
            f"price list <b>{escape(prices) or 'none'}</b></p>")


def _error(ctx: Context, name: str, row: Row) -> str:
    code = row.get("pricingerrorcode")
    return " " + badge(label(ctx.table(name), "pricingerrorcode", code), "bad") if code else ""


def _head(ctx: Context, section: Section, row: Row, back: str) -> str:
    kind = ctx.table(section.table)
    fields = field("name", row["name"], "Name")
    for name, text in (("discountpercentage", "Discount %"), ("discountamount", "Discount"),
                       ("freightamount", "Freight")):
        fields += field(name, row[name], text, number=True)
    fields += choice("statecode", options(kind, "statecode"), row["statecode"], "State")
    return form(section.table, row[kind.pk], back, fields)


def _moves(ctx: Context, section: Section, row: Row, back: str) -> str:
    facts = {"table": section.table, "id": row[ctx.table(section.table).pk]}
    open_now = row["statecode"] in section.movable
    made = [button(text, back, {**facts, "action": action}, quiet=True) for action, text in section.moves if open_now]
    if "ispricelocked" in row and row["statecode"] == 0:
        action = "Unlock" if row["ispricelocked"] else "Lock"
        made.append(button(f"{action} prices", back, {**facts, "action": action}, quiet=True))
    return f"<div class=acts>{''.join(made)}</div>" if made else ""


def _totals(ctx: Context, row: Row) -> str:
    currency = currency_of(ctx, row)
    parts = []
    for text, name in _TOTALS:
        shown = f"{plain(row[name])} %" if name == "discountpercentage" else money(row[name], currency)
        if row[name]:
            parts.append(f"<dt>{text}<dd>{shown}")
    total = money(row["totalamount"], currency) or "-"
    return f'<dl id=totals>{"".join(parts)}<dt class=sum>Total<dd class=sum id=total>{total}</dl>'


def _lines(ctx: Context, section: Section, row_id: str, currency: str) -> str:
    document = BY_HEADER[section.table]
    kind, back = ctx.table(document.line), f"{section.path}/{row_id}"
    cells = []
    for line in lines_of(ctx, document, row_id):
        fields = field("quantity", line["quantity"], "Quantity", number=True)
        fields += field("priceperunit", line["priceperunit"], "Price", number=True)
        fields += field("manualdiscountamount", line["manualdiscountamount"], "Discount", number=True)
        fields += field("tax", line["tax"], "Tax", number=True)
        if not line["isproductoverridden"]:
            own = int(bool(line["ispriceoverridden"]))
            fields += choice("ispriceoverridden", ((0, "list price"), (1, "own price")), own, "Pricing")
        remove = button("Delete", back, {"table": document.line, "id": line[kind.pk], "action": "Delete"}, quiet=True)
        volume = money(line["volumediscountamount"] or None, currency)
        amount = money(line["baseamount"], currency) + (f"<br><small>volume discount {volume} each</small>" if volume
                                                        else "")
        cells.append((
            escape(str(line["productname"] or "")) + _error(ctx, document.line, line),
            form(document.line, line[kind.pk], back, fields), amount, money(line["extendedamount"], currency), remove))
    return table("lines", ("Product", "Values", "Amount#", "Extended#", ""), cells)
