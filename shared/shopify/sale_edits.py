"""Lines and freight of an order that exists, by an edit session: staged, compared with the document, then committed.

A line whose price stays gets another quantity; any other is taken away and added anew, because an edit cannot change a
price. Lines that an edit adds take no property: whose they are is kept in the order's metafield. What does not come to
the document's total is not committed. Nothing is changed before the commit, so a session that breaks off costs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shared.errors import Conflict, SyncError, TotalsDiffer, Unavailable, UnknownOutcome
from shared.lines import LineWrite
from shared.records import Content
from shared.shopify import sale_content
from shared.shopify.graph import gid
from shared.shopify.mutations import Done, Mutation, Sender
from shared.shopify.sale_content import Piece
from shared.shopify.sale_jobs import SaleJob
from shared.shopify.sale_lines import DISCOUNT, SHIPPING, Line, money
from shared.shopify.sale_reads import LINES_KEY, NAMESPACE, SaleReads

ERRORS = "userErrors { field message }"
_TOTAL = "calculatedOrder { totalPriceSet { presentmentMoney { amount } } }"
_ADDED = f"calculatedLineItem {{ id originalUnitPriceSet {{ presentmentMoney {{ amount }} }} }} {_TOTAL} {ERRORS}"
_TOGETHER = 25


@dataclass(slots=True)
class _Addition:
    """Units of a line that are added; `line`: what they are called in the session."""

    line: Line
    quantity: int
    net: Decimal
    calculated: str = ""
    price: Decimal = Decimal(0)


@dataclass(slots=True)
class _Session:
    """One edit: what is staged, which lines are added, whose unknown lines turned out to be."""

    id: str
    currency: str
    steps: list[Mutation] = field(default_factory=list)
    additions: list[_Addition] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)
    total: str = ""

    def stage(self, root: str, selection: str = f"{_TOTAL} {ERRORS}", **arguments: tuple[str, Any]) -> None:
        """One more step."""
        self.steps.append(Mutation(root, {"id": ("ID!", self.id), **arguments}, selection))


def edit(reads: SaleReads, sender: Sender, job: SaleJob) -> None:
    """Bring lines and freight of the order to what the write says."""
    if job.write.current is None:
        return
    content = job.write.current.content
    if "discount" in job.values.sale:
        sentence = "The discount on the whole document changed, and Shopify changes none on an order that exists."
        job.fail(Conflict(f"{sentence} Take it off the lines instead, or cancel the document and make it anew."))
        return
    begun = _asked(
        sender, job, [Mutation("orderEditBegin", {"id": ("ID!", job.order_gid)}, f"calculatedOrder {{ id }} {ERRORS}")]
    )
    if begun is None:
        return
    session = _Session(begun[0].payload["calculatedOrder"]["id"], str(content["presentmentCurrencyCode"]))
    owners = content["metafields"][f"{NAMESPACE}.{LINES_KEY}"] or {}
    parts = sale_content.pieces(content, owners)
    for each in job.write.lines:
        _line(session, each, content, parts)
    if "freight" in job.values.sale:
        _freight(session, content, Decimal(job.values.sale["freight"] or 0))
    if (session.steps or session.additions) and not _commit(reads, sender, job, session):
        return
    if session.additions or session.owners:
        _own(reads, sender, job, session, {**owners, **session.owners}, {piece.id for piece in parts})


def _line(session: _Session, write: LineWrite, content: Content, parts: Sequence[Piece]) -> None:
    mine = [piece for piece in parts if piece.crm == write.row]
    if write.values is None:
        _remove(session, mine)
        return
    row: Content = next((each for each in content["sale"]["lines"] if each["@id"] == write.row), {})
    line = Line.of(write.row, {**row, **write.values})
    if not mine and _there(session, line, parts):
        return
    if (
        len(mine) == 1
        and mine[0].amount * line.quantity == line.amount * mine[0].quantity
        and line.variant == mine[0].variant
    ):
        _quantity(session, mine[0], line.quantity)
        return
    if (
        sum((piece.amount for piece in mine), Decimal(0)) == line.amount
        and sum(p.quantity for p in mine) == line.quantity
    ):
        return  # only what is shown of it changed
    _remove(session, mine)
    for quantity, net in line.units(session.currency):
        _add(session, line, quantity, net)


def _there(session: _Session, line: Line, parts: Sequence[Piece]) -> bool:
    """Whether the very same line stands there and is nobody's: an edit added it whose answer was lost."""
    free = [piece for piece in parts if not piece.crm and piece.id not in session.owners]
    found: dict[str, str] = {}
    for quantity, net in line.units(session.currency):
        added = _Addition(line, quantity, net)
        piece = next((each for each in free if each.id not in found and _is(each, added)), None)
        if piece is None:
            return False
        found[piece.id] = line.crm
    session.owners |= found
    return True


def _remove(session: _Session, parts: Sequence[Piece]) -> None:
    for piece in parts:
        _quantity(session, piece, 0)


def _quantity(session: _Session, piece: Piece, quantity: int) -> None:
    line = gid("CalculatedLineItem", piece.id)
    session.stage(
        "orderEditSetQuantity",
        lineItemId=("ID!", line),
        quantity=("Int!", quantity),
        restock=("Boolean", True),
    )


def _add(session: _Session, line: Line, quantity: int, net: Decimal) -> None:
    session.additions.append(_Addition(line, quantity, net))


def _additions(session: _Session) -> Iterator[Mutation]:
    for each in session.additions:
        shared = {"id": ("ID!", session.id), "quantity": ("Int!", each.quantity)}
        if each.line.variant:
            more = {
                "variantId": ("ID!", gid("ProductVariant", each.line.variant)),
                "allowDuplicates": ("Boolean", True),
            }
            yield Mutation("orderEditAddVariant", shared | more, _ADDED)
        else:
            price = money(each.net, session.currency)
            more = {"title": ("String!", each.line.title), "price": ("MoneyInput!", price)}
            yield Mutation("orderEditAddCustomItem", shared | more, _ADDED)


def _freight(session: _Session, content: Content, freight: Decimal) -> None:
    for node in content[sale_content.SHIPPING]["nodes"]:
        session.stage("orderEditRemoveShippingLine", shippingLineId=("ID!", node["id"]))
    if freight:
        given = {"title": SHIPPING, "price": money(freight, session.currency)}
        session.stage("orderEditAddShippingLine", shippingLine=("OrderEditAddShippingLineInput!", given))


def _commit(reads: SaleReads, sender: Sender, job: SaleJob, session: _Session) -> bool:
    """Stage everything, compare, commit; whether it was."""
    if _staged(sender, job, session, session.steps) is None:
        return False
    added = _staged(sender, job, session, list(_additions(session)))
    if added is None:
        return False
    for each, done in zip(session.additions, added, strict=True):
        line = done.payload["calculatedLineItem"]
        each.calculated, each.price = line["id"], Decimal(line["originalUnitPriceSet"]["presentmentMoney"]["amount"])
    if not _discounted(sender, job, session) or not _adds_up(job, session):
        return False
    arguments = {"id": ("ID!", session.id), "notifyCustomer": ("Boolean", reads.options.notify)}
    (result,) = sender.run("OrderEdited", [[Mutation("orderEditCommit", arguments, f"order {{ id }} {ERRORS}")]], "")[0]
    done_now = job.settle("orderEditCommit", result)
    job.begun = job.begun or done_now is not None
    return done_now is not None


def _discounted(sender: Sender, job: SaleJob, session: _Session) -> bool:
    """Added variants at the price of the line; whether that is possible: nothing makes a variant dearer."""
    steps = []
    for each in session.additions:
        if each.price < each.net:
            sentence = f"'{each.line.title}' costs {each.net:f} in CRM and {each.price:f} in Shopify:"
            sentence += " an edit adds no dearer variant."
            job.fail(Conflict(f"{sentence} Cancel the document and make it anew.", facts={"line": each.line.crm}))
            return False
        if each.price > each.net:
            off = {"description": DISCOUNT, "fixedValue": money(each.price - each.net, session.currency)}
            arguments = {
                "id": ("ID!", session.id),
                "lineItemId": ("ID!", each.calculated),
                "discount": ("OrderEditAppliedDiscountInput!", off),
            }
            steps.append(Mutation("orderEditAddLineItemDiscount", arguments, f"{_TOTAL} {ERRORS}"))
    return _staged(sender, job, session, steps) is not None


def _adds_up(job: SaleJob, session: _Session) -> bool:
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


def _staged(sender: Sender, job: SaleJob, session: _Session, steps: Sequence[Mutation]) -> list[Done] | None:
    found: list[Done] = []
    for start in range(0, len(steps), _TOGETHER):
        done = _asked(sender, job, steps[start : start + _TOGETHER])
        if done is None:
            return None
        found += done
        session.total = done[-1].payload["calculatedOrder"]["totalPriceSet"]["presentmentMoney"]["amount"]
    return found


def _asked(sender: Sender, job: SaleJob, steps: Sequence[Mutation]) -> list[Done] | None:
    """Mutations that change nothing yet; None where one failed, which is told as something that did not happen."""
    found: list[Done] = []
    for step, result in zip(steps, sender.run("OrderEdit", [list(steps)], "")[0], strict=True):
        if isinstance(result, UnknownOutcome):
            result = Unavailable(f"{step.root}: the edit was not committed.", facts=result.facts)
        done = job.settle(step.root, result)
        if done is None:
            return None
        found.append(done)
    return found


def _own(
    reads: SaleReads, sender: Sender, job: SaleJob, session: _Session, owners: dict[str, Any], before: set[str]
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
            owners[found.id] = each.line.crm
            fresh.remove(found)
    entry = {"ownerId": job.order_gid, "namespace": NAMESPACE, "key": LINES_KEY, "type": "json"}
    rows = ("[MetafieldsSetInput!]!", [entry | {"value": json.dumps(owners, sort_keys=True)}])
    (result,) = sender.run(
        "LinesKept", [[Mutation("metafieldsSet", {"metafields": rows}, f"metafields {{ key }} {ERRORS}")]], ""
    )[0]
    job.settle("metafieldsSet", result)


def _is(piece: Piece, added: _Addition) -> bool:
    same = piece.variant == added.line.variant and (added.line.variant is not None or piece.title == added.line.title)
    return same and piece.quantity == added.quantity and piece.amount == added.net * added.quantity
