"""Lines and freight of an order that exists, by an edit session: staged, compared with the document, then committed.

A line whose price stays gets another quantity; any other is taken away and added anew, because an edit cannot change a
price. Lines that an edit adds take no property: whose they are is kept in the order's metafield. What does not come to
the document's total is not committed. Nothing is changed before the commit, so a session that breaks off costs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from shared.errors import SyncError, TotalsDiffer, UnknownOutcome
from shared.lines import LineWrite
from shared.records import Content
from shared.shopify import sale_content
from shared.shopify.mutations import Mutation, Sender
from shared.shopify.sale_content import Piece
from shared.shopify.sale_discounts import PLAIN, STANDING, concerned, dear, spread
from shared.shopify.sale_jobs import SaleJob
from shared.shopify.sale_lines import SHIPPING, Line, money, tax_line
from shared.shopify.sale_reads import LINES_KEY, NAMESPACE, SaleReads
from shared.shopify.sale_sessions import ERRORS, Addition, Session, asked, staged


def edit(reads: SaleReads, sender: Sender, job: SaleJob) -> None:
    """Bring lines and freight of the order to what the write says."""
    if job.write.current is None:
        return
    content = job.write.current.content
    owners = owners_of(content)
    parts = sale_content.pieces(content, owners)
    again = concerned(job, parts)
    if not {"freight", "tax", "discount"} & job.values.sale.keys() and _stands(sender, job, owners):
        return
    session = _opened(sender, job, parts, STANDING if again else PLAIN)
    if session is None:
        return
    _stage(reads, session, job, content, parts)
    discount = Decimal(job.values.sale.get("discount", content["sale"]["discount"]) or 0) if again else None
    if (session.steps or session.additions or again) and not _commit(reads, sender, job, session, discount):
        return
    if session.additions or session.owners:
        _own(reads, sender, job, session, {**owners, **session.owners}, {piece.id for piece in parts})


def _stage(reads: SaleReads, session: Session, job: SaleJob, content: Content, parts: Sequence[Piece]) -> None:
    for each in job.write.lines:
        _line(session, each, content, parts)
    if "freight" in job.values.sale:
        _freight(session, content, Decimal(job.values.sale["freight"] or 0))
    if "tax" in job.values.sale:
        _tax(session, parts, Decimal(job.values.sale["tax"] or 0), new=_by_line(reads, content))


def _opened(sender: Sender, job: SaleJob, parts: Sequence[Piece], selection: str) -> Session | None:
    begun = asked(sender, job, [Mutation("orderEditBegin", {"id": ("ID!", job.order_gid)}, selection)])
    if begun is None or job.write.current is None:
        return None
    opened, currency = begun[0].payload["calculatedOrder"], job.write.current.content["presentmentCurrencyCode"]
    return Session(opened["id"], str(currency), opened, kept={piece.id: (piece, piece.quantity) for piece in parts})


def _line(session: Session, write: LineWrite, content: Content, parts: Sequence[Piece]) -> None:
    found = _settled(write, content, parts, session.owners)
    if found is not None:
        session.owners |= found
        return
    mine, line = _meant(write, content, parts)
    if line is not None and _same_price(mine, line):
        session.quantity(mine[0], line.quantity)
        return
    _remove(session, mine)
    if line is not None:
        session.additions += [Addition(line, quantity, net) for quantity, net in line.units(session.currency)]


def _same_price(mine: Sequence[Piece], line: Line) -> bool:
    """Whether other units of the one line that stands there are all that is wanted."""
    if len(mine) != 1 or mine[0].variant != line.variant:
        return False
    return mine[0].amount * line.quantity == line.amount * mine[0].quantity


def _stands(sender: Sender, job: SaleJob, owners: Mapping[str, Any]) -> bool:
    """Whether there is nothing to edit; whose lines turned out to be is kept."""
    content = job.write.current.content if job.write.current else {}
    there = standing(content, job.write.lines)
    if there:
        _keep(sender, job, {**owners, **there})
    return there is not None


def standing(content: Content, writes: Sequence[LineWrite]) -> dict[str, Any] | None:
    """Whose lines turn out to be, where none of these writes has anything to change in Shopify; None where one has."""
    parts, found = sale_content.pieces(content, owners_of(content)), dict[str, Any]()
    for write in writes:
        more = _settled(write, content, parts, found)
        if more is None:
            return None
        found |= more
    return found


def owners_of(content: Content) -> dict[str, Any]:
    """Whose the lines are that edits have added, as the order's metafield has it."""
    return dict(content["metafields"][f"{NAMESPACE}.{LINES_KEY}"] or {})


def _meant(write: LineWrite, content: Content, parts: Sequence[Piece]) -> tuple[list[Piece], Line | None]:
    """What stands of a line, and what is to stand; None: nothing of it."""
    mine = [piece for piece in parts if piece.crm == write.row]
    if write.values is None:
        return mine, None
    row: Content = next((each for each in content["sale"]["lines"] if each["@id"] == write.row), {})
    return mine, Line.of(write.row, {**row, **write.values})


def _settled(
    write: LineWrite, content: Content, parts: Sequence[Piece], taken: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Whose lines turn out to be, where a write changes nothing in Shopify, or only what is shown; else None."""
    mine, line = _meant(write, content, parts)
    if line is None:
        return None if mine else {}
    if not mine:
        return _there(line, str(content["presentmentCurrencyCode"]), parts, taken)
    amount = sum((piece.amount for piece in mine), Decimal(0))
    alike = amount == line.amount and sum(piece.quantity for piece in mine) == line.quantity
    return {} if alike and all(piece.variant == line.variant for piece in mine) else None


def _there(line: Line, currency: str, parts: Sequence[Piece], taken: Mapping[str, Any]) -> dict[str, Any] | None:
    """The very same line where it is nobody's: an edit added it whose answer was lost."""
    free = [piece for piece in parts if not piece.crm and piece.id not in taken]
    found: dict[str, Any] = {}
    for quantity, net in line.units(currency):
        added = Addition(line, quantity, net)
        piece = next((each for each in free if each.id not in found and _is(each, added)), None)
        if piece is None:
            return None
        found[piece.id] = sale_content.owner_entry(line.crm, line.price, piece.price)
    return found


def _remove(session: Session, parts: Sequence[Piece]) -> None:
    for piece in parts:
        session.quantity(piece, 0)


def _by_line(reads: SaleReads, content: Content) -> bool:
    return reads.options.tax == "line" and not content["sale"]["tax"]


def _tax(session: Session, parts: Sequence[Piece], tax: Decimal, *, new: bool) -> None:
    """The line that stands for CRM's taxes: another one in its place. `new`: there may be a first one."""
    there = _there(tax_line(tax), session.currency, parts, session.owners) if tax else None
    if there is not None:
        session.owners |= there
        return
    mine = [piece for piece in parts if piece.is_tax]
    _remove(session, mine)
    if tax and (mine or new):
        session.additions.append(Addition(tax_line(tax), 1, tax))


def _freight(session: Session, content: Content, freight: Decimal) -> None:
    for node in content[sale_content.SHIPPING]["nodes"]:
        session.stage("orderEditRemoveShippingLine", shippingLineId=("ID!", node["id"]))
    if freight:
        given = {"title": SHIPPING, "price": money(freight, session.currency)}
        session.stage("orderEditAddShippingLine", shippingLine=("OrderEditAddShippingLineInput!", given))


def _commit(reads: SaleReads, sender: Sender, job: SaleJob, session: Session, discount: Decimal | None) -> bool:
    """Stage everything, compare, commit; whether it was. `discount`: the whole's, where it is spread anew."""
    if staged(sender, job, session, session.steps) is None:
        return False
    added = staged(sender, job, session, list(session.adding()))
    if added is None:
        return False
    for each, done in zip(session.additions, added, strict=True):
        line = done.payload["calculatedLineItem"]
        each.calculated, each.price = line["id"], Decimal(line["originalUnitPriceSet"]["presentmentMoney"]["amount"])
    if not dear(sender, job, session) or (discount is not None and not spread(sender, job, session, discount)):
        return False
    if not _adds_up(job, session):
        return False
    arguments = {"id": ("ID!", session.id), "notifyCustomer": ("Boolean", reads.options.notify)}
    (result,) = sender.run("OrderEdited", [[Mutation("orderEditCommit", arguments, f"order {{ id }} {ERRORS}")]], "")[0]
    done_now = job.settle("orderEditCommit", result)
    job.begun = job.begun or done_now is not None
    return done_now is not None


def _adds_up(job: SaleJob, session: Session) -> bool:
    wanted = job.values.sale.get("total")
    wanted = job.write.current.content["sale"]["total"] if wanted is None and job.write.current else wanted
    if not session.total or wanted is None or Decimal(session.total) == Decimal(wanted):
        return True
    sides = {"crm": f"{Decimal(wanted):f}", "shopify": session.total}
    sentence = (
        f"The changed lines come to {sides['shopify']} in Shopify and to {sides['crm']} in CRM, so none was changed."
    )
    job.fail(
        TotalsDiffer(f"{sentence} Change the order in Shopify by hand, or cancel the document.", facts={"total": sides})
    )
    return False


def _own(
    reads: SaleReads, sender: Sender, job: SaleJob, session: Session, owners: dict[str, Any], before: set[str]
) -> None:
    """Keep whose the added lines are: those that were not there before, told apart by what they are."""
    try:
        content = reads.read([job.order]).records[job.order].content
    except (SyncError, KeyError):
        job.fail(UnknownOutcome("The order was edited and could not be read back."))
        return
    fresh = [piece for piece in sale_content.pieces(content, owners) if piece.id not in before]
    for each in session.additions:
        found = next((piece for piece in fresh if _is(piece, each)), None)
        if found is not None:
            owners[found.id] = sale_content.owner_entry(each.line.crm, each.line.price, found.price)
            fresh.remove(found)
    _keep(sender, job, owners)


def _keep(sender: Sender, job: SaleJob, owners: Mapping[str, Any]) -> None:
    """Say in the order's metafield whose its added lines are."""
    entry = {"ownerId": job.order_gid, "namespace": NAMESPACE, "key": LINES_KEY, "type": "json"}
    rows = ("[MetafieldsSetInput!]!", [entry | {"value": json.dumps(owners, sort_keys=True)}])
    (result,) = sender.run(
        "LinesKept", [[Mutation("metafieldsSet", {"metafields": rows}, f"metafields {{ key }} {ERRORS}")]], ""
    )[0]
    job.settle("metafieldsSet", result)


def _is(piece: Piece, added: Addition) -> bool:
    same = piece.variant == added.line.variant and (added.line.variant is not None or piece.title == added.line.title)
    return same and piece.quantity == added.quantity and piece.amount == added.net * added.quantity
