"""An edit session of an order on its way: what is staged in it, asked and answered, and never committed here.

Nothing that is staged changes anything, so what fails here is told as something that did not happen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shared.errors import Unavailable, UnknownOutcome
from shared.shopify.graph import gid
from shared.shopify.mutations import Done, Mutation, Sender
from shared.shopify.sale_content import Piece
from shared.shopify.sale_jobs import SaleJob
from shared.shopify.sale_lines import Line, money

ERRORS = "userErrors { field message }"
TOTAL = "calculatedOrder { totalPriceSet { presentmentMoney { amount } } }"
_ADDED = f"calculatedLineItem {{ id originalUnitPriceSet {{ presentmentMoney {{ amount }} }} }} {TOTAL} {ERRORS}"
_TOGETHER = 25


@dataclass(slots=True)
class Addition:
    """Units of a line that are added; `calculated`: what they are called in the session."""

    line: Line
    quantity: int
    net: Decimal
    calculated: str = ""
    price: Decimal = Decimal(0)


@dataclass(slots=True)
class Session:
    """One edit: what is staged, which lines are added, whose unknown lines turned out to be.

    `kept`: the order's lines with the units that are left of each. `begun`: what its beginning was answered.
    """

    id: str
    currency: str
    begun: Any = None
    steps: list[Mutation] = field(default_factory=list)
    additions: list[Addition] = field(default_factory=list)
    owners: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, tuple[Piece, int]] = field(default_factory=dict)
    total: str = ""

    def stage(self, root: str, selection: str = f"{TOTAL} {ERRORS}", **arguments: tuple[str, Any]) -> None:
        """One more step."""
        self.steps.append(self.step(root, selection, **arguments))

    def step(self, root: str, selection: str = f"{TOTAL} {ERRORS}", **arguments: tuple[str, Any]) -> Mutation:
        """A mutation of this session."""
        return Mutation(root, {"id": ("ID!", self.id), **arguments}, selection)

    def quantity(self, piece: Piece, quantity: int) -> None:
        """Other units of a line that stands there."""
        self.kept[piece.id] = (piece, quantity)
        self.stage(
            "orderEditSetQuantity",
            lineItemId=("ID!", gid("CalculatedLineItem", piece.id)),
            quantity=("Int!", quantity),
            restock=("Boolean", True),
        )

    def discount(self, calculated: str, given: dict[str, Any]) -> Mutation:
        """A discount on a line, of this session or of the order."""
        return self.step(
            "orderEditAddLineItemDiscount",
            lineItemId=("ID!", calculated),
            discount=("OrderEditAppliedDiscountInput!", given),
        )

    def adding(self) -> Iterator[Mutation]:
        """The mutations that add the lines."""
        for each in self.additions:
            quantity = ("Int!", each.quantity)
            if each.line.variant:
                more = {
                    "variantId": ("ID!", gid("ProductVariant", each.line.variant)),
                    "allowDuplicates": ("Boolean", True),
                }
                yield self.step("orderEditAddVariant", _ADDED, quantity=quantity, **more)
            else:
                price = ("MoneyInput!", money(each.net, self.currency))
                more = {"title": ("String!", each.line.title), "taxable": ("Boolean", not each.line.is_tax)}
                yield self.step("orderEditAddCustomItem", _ADDED, quantity=quantity, price=price, **more)


def staged(sender: Sender, job: SaleJob, session: Session, steps: Sequence[Mutation]) -> list[Done] | None:
    """Stage them and keep what the order would come to; None where one was refused."""
    found: list[Done] = []
    for start in range(0, len(steps), _TOGETHER):
        done = asked(sender, job, steps[start : start + _TOGETHER])
        if done is None:
            return None
        found += done
        session.total = done[-1].payload["calculatedOrder"]["totalPriceSet"]["presentmentMoney"]["amount"]
    return found


def asked(sender: Sender, job: SaleJob, steps: Sequence[Mutation]) -> list[Done] | None:
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
