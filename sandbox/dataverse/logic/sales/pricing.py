"""When documents are priced: a line when it is written, its header once per transaction, both when it is opened.

Lines are priced before they are stored; the header's totals follow from the stored lines just before the transaction
commits, or earlier when somebody is about to read it. So a deep insert and a change set price every header once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from sandbox.dataverse.context import Context
from sandbox.dataverse.logic.rules import Change, Rules
from sandbox.dataverse.store import Row
from sandbox.dataverse.writes.rows import update_row

from .amounts import priced, terms_of, totals
from .documents import BY_HEADER, BY_LINE, EDITABLE, Document, calculates, final_row, lines_of

SKIP_ON_RETRIEVE = 1
# skippricecalculation of a line: by moment the values that skip it (1 on create, 2 on update, 3 on both).
_SKIPS = {"create": (1, 3), "update": (2, 3), "delete": ()}


def register(rules: Rules) -> None:
    """Hook the pricing in; the checks of lines and headers must be registered before."""
    headers, lines = tuple(BY_HEADER), tuple(BY_LINE)
    rules.on("before_create", lines, price_line)
    rules.on("before_update", lines, price_line)
    rules.on("after_create", lines, follow)
    rules.on("after_update", lines, follow)
    rules.on("after_delete", lines, follow)
    rules.on("before_create", headers, price_header)
    rules.on("before_update", headers, price_header)
    rules.on("before_read", headers, open_document)


@contextmanager
def by_system(ctx: Context) -> Iterator[None]:
    """Writes inside are the system's own: neither checked against the document's state nor priced again."""
    depth = ctx.scratch.get("by_system", 0)
    ctx.scratch["by_system"] = depth + 1
    try:
        yield
    finally:
        ctx.scratch["by_system"] = depth


def is_system(ctx: Context) -> bool:
    """Whether the running write is the system's own."""
    return bool(ctx.scratch.get("by_system"))


def price_line(ctx: Context, change: Change) -> None:
    """Fill the calculated columns of a line that is being written."""
    document = BY_LINE[change.table.name]
    moment = "create" if change.before is None else "update"
    header = ctx.store.get(ctx.table(document.header), str(change.final(document.parent)))
    if is_system(ctx) or header is None or not _wanted(ctx, document, change, moment, header):
        return
    fresh = change.before is None or any(change.moves(c) for c in ("quantity", "productid", "uomid"))
    line = final_row(change)
    if not line.get("isproductoverridden") and not line.get("ispriceoverridden"):
        same = change.before is not None and not change.moves("productid") and not change.moves("uomid")
        line["priceperunit"] = change.before["priceperunit"] if same and change.before else None
    change.values.update(priced(ctx, terms_of(ctx, header), line, fresh))


def _wanted(ctx: Context, document: Document, change: Change, moment: str, header: Row) -> bool:
    skip = change.final("skippricecalculation")
    return skip not in _SKIPS[moment] and calculates(ctx, document.line, moment, header)


def follow(ctx: Context, change: Change) -> None:
    """Note that the line's header (and the one it left) needs new totals."""
    document = BY_LINE[change.table.name]
    if is_system(ctx):
        return
    before = change.before or {}
    moment = "delete" if not change.values else "create" if change.before is None else "update"
    for header_id in {change.final(document.parent), before.get(document.parent)} - {None}:
        header = ctx.store.get(ctx.table(document.header), str(header_id))
        if header is not None and _wanted(ctx, document, change, moment, header):
            key = f"{document.header}/{header_id}"
            ctx.store.before_commit[key] = partial(settle, ctx, document, str(header_id))


def flush(ctx: Context) -> None:
    """Write the totals that wait for the end of the transaction now, because somebody is about to read them."""
    ctx.store.settle()


def settle(ctx: Context, document: Document, header_id: str) -> None:
    """Write a header's totals from its stored lines, if they changed."""
    table = ctx.table(document.header)
    header = ctx.store.get(table, header_id)
    if header is None:
        return
    found = header_totals(ctx, document, header, lines_of(ctx, document, header_id))
    changed = {name: value for name, value in found.items() if header.get(name) != value}
    if changed:
        with by_system(ctx):
            update_row(ctx, table, header_id, changed)


def header_totals(ctx: Context, document: Document, header: Row, lines: list[Row]) -> Row:
    """The totals, and an opportunity's estimated revenue where the system calculates it."""
    found = totals(terms_of(ctx, header), header, lines)
    if document.header == "opportunity" and header.get("isrevenuesystemcalculated"):
        found["estimatedvalue"] = found["totalamount"]
    return found


def price_header(ctx: Context, change: Change) -> None:
    """Overwrite the totals in a write to a header; an open unlocked document also takes current prices."""
    if is_system(ctx):
        return
    document = BY_HEADER[change.table.name]
    header = final_row(change)
    moment = "create" if change.before is None else "update"
    if change.before is not None and change.before["statecode"] != EDITABLE:
        return
    if calculates(ctx, document.header, moment, {**header, **(change.before or {})}):
        lines = [] if change.before is None else reprice_lines(ctx, document, header, change.row_id)
        change.values.update(header_totals(ctx, document, header, lines))


def reprice_lines(ctx: Context, document: Document, header: Row, header_id: str) -> list[Row]:
    """The lines of a document, catalogue prices brought up to date unless they are locked."""
    table = ctx.table(document.line)
    terms = terms_of(ctx, header)
    lines = lines_of(ctx, document, header_id)
    for line in lines:
        if terms.locked or line.get("isproductoverridden"):
            continue
        found = priced(ctx, terms, line, fresh=False)
        changed = {name: value for name, value in found.items() if line.get(name) != value}
        if changed:
            with by_system(ctx):
                update_row(ctx, table, line[table.pk], changed)
            line.update(changed)
    return lines


def open_document(ctx: Context, change: Change) -> None:
    """Opening (retrieving) an open document calculates its prices, unless they are locked or it says not to."""
    document = BY_HEADER[change.table.name]
    header = ctx.store.get(change.table, change.row_id)
    if header is None or header["statecode"] != EDITABLE or header.get("ispricelocked"):
        return
    if header.get("skippricecalculation") == SKIP_ON_RETRIEVE:
        return
    recalculate(ctx, document, header, change.row_id)


def recalculate(ctx: Context, document: Document, header: Row, header_id: str) -> None:
    """Price lines and header of a document again, as RecalculatePrice does."""
    if calculates(ctx, document.header, "recalculate", header):
        reprice_lines(ctx, document, header, header_id)
        settle(ctx, document, header_id)
