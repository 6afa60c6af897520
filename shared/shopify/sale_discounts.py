"""Discounts in an edit session: added variants at the document's price, and the discount on the whole document.

An edit cannot put a discount on the order as a whole. What stands of one is taken away, and the new one is spread over
the lines as Shopify does it, in proportion; each part carries a description by which it is told from a line's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from shared.currencies import smallest
from shared.errors import Conflict
from shared.shopify.graph import gid
from shared.shopify.mutations import Mutation, Sender
from shared.shopify.sale_content import WHOLE, Piece
from shared.shopify.sale_jobs import SaleJob
from shared.shopify.sale_lines import DISCOUNT, money
from shared.shopify.sale_sessions import ERRORS, Session, staged

LINES = 100
"""Lines whose discounts are asked for at the beginning: an order has the same one on all of them."""
STANDING = (
    f"calculatedOrder {{ id lineItems(first: {LINES}) {{ nodes {{ calculatedDiscountAllocations {{ "
    f"discountApplication {{ id allocationMethod description }} }} }} }} }} {ERRORS}"
)
PLAIN = f"calculatedOrder {{ id }} {ERRORS}"
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sharing:
    """A line that shares a discount: its units, what they come to, whether it has a discount of its own."""

    quantity: int
    amount: Decimal
    own: bool = False
    calculated: str = ""


def concerned(job: SaleJob, parts: Sequence[Piece]) -> bool:
    """Whether the discount on the whole has to be spread anew: it changed, or the lines did that share it."""
    return "discount" in job.values.sale or (bool(job.write.lines) and any(piece.shared for piece in parts))


def dear(sender: Sender, job: SaleJob, session: Session) -> bool:
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
            steps.append(session.discount(each.calculated, off))
    return staged(sender, job, session, steps) is not None


def spread(sender: Sender, job: SaleJob, session: Session, wanted: Decimal) -> bool:
    """The discount on the whole as it is wanted, over all lines that are left; whether it could be staged."""
    steps = [*_removals(session), *_parts(session, wanted)]
    return not steps or staged(sender, job, session, steps) is not None


def _removals(session: Session) -> Iterator[Mutation]:
    nodes = session.begun["lineItems"]["nodes"]
    found = [each["discountApplication"] for node in nodes for each in node["calculatedDiscountAllocations"]]
    of_all = [each["id"] for each in found if each["allocationMethod"] == "ACROSS" or each["description"] == WHOLE]
    for each in dict.fromkeys(of_all):
        yield session.step("orderEditRemoveDiscount", discountApplicationId=("ID!", each))


def _parts(session: Session, wanted: Decimal) -> Iterator[Mutation]:
    unit = smallest(session.currency)
    lines = [*_standing(session), *_added(session)]
    for line, share in zip(lines, shared_out(wanted, lines, unit), strict=True):
        if share:
            value = _value(share, line, unit, session.currency)
            yield session.discount(line.calculated, {"description": WHOLE, **value})


def _standing(session: Session) -> Iterator[Sharing]:
    for piece, quantity in session.kept.values():
        if quantity and not piece.is_tax:
            amount = piece.amount * quantity / piece.quantity
            yield Sharing(quantity, amount, piece.own, gid("CalculatedLineItem", piece.id))


def _added(session: Session) -> Iterator[Sharing]:
    for each in session.additions:
        if not each.line.is_tax:
            yield Sharing(each.quantity, each.net * each.quantity, each.price > each.net, each.calculated)


def _value(share: Decimal, line: Sharing, unit: Decimal, currency: str) -> Mapping[str, Any]:
    """A fixed value counts per unit; what no value per unit gives exactly is a percentage, which Shopify rounds."""
    if not share % (unit * line.quantity):
        return {"fixedValue": money((share / line.quantity).quantize(unit), currency)}
    return {"percentValue": float(share * 100 / line.amount)}


def shared_out(whole: Decimal, lines: Sequence[Sharing], unit: Decimal) -> list[Decimal]:
    """A discount in proportion to the lines' amounts, in whole units of money a unit; no part above its amount.

    What is left then goes where it fits, last to a line that has no discount of its own: of such a line alone a
    percentage is the same whatever it counts from.
    """
    total = sum((line.amount for line in lines), ZERO)
    if not total or not whole:
        return [ZERO for _ in lines]
    found = [_floor(whole * line.amount / total, unit * line.quantity) for line in lines]
    left = whole - sum(found, ZERO)
    for place in sorted(range(len(lines)), key=lambda each: -lines[each].quantity):
        more = _floor(min(left, lines[place].amount - found[place]), unit * lines[place].quantity)
        found[place], left = found[place] + more, left - more
    for place in sorted(range(len(lines)), key=lambda each: (lines[each].own, -lines[each].amount)):
        more = min(left, lines[place].amount - found[place])
        found[place], left = found[place] + more, left - more
    return found


def _floor(amount: Decimal, step: Decimal) -> Decimal:
    return (amount / step).quantize(Decimal(1), ROUND_FLOOR) * step
