"""One write of an order on its way through several mutations, and what the engine is told of it in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.errors import Invalid, Retryable, SyncError, Throttled, UnknownOutcome
from shared.lines import PARTLY
from shared.records import Write, WriteResult, Written
from shared.shopify.answers import UserError, refusal
from shared.shopify.graph import gid
from shared.shopify.mutations import Done, Mutation, Result, Sender
from shared.shopify.sale_paths import Values

PACE_S = 60.0
"""A development store makes five orders a minute; what it refused is tried again after one."""
_TOO_MANY = "too many"


@dataclass(slots=True, eq=False)
class SaleJob:
    """One write: its values sorted, the order it is about, and what came of it.

    `begun`: something of it stands in Shopify already, so no error of it means that nothing happened. `instead`: it was
    to be a draft order, which cannot hold it, and goes by orderCreate.
    """

    write: Write
    values: Values
    order: str = ""
    draft: str = ""
    begun: bool = False
    instead: bool = False
    error: SyncError | None = None
    written: Written | None = None
    at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        return self.error is None

    @property
    def order_gid(self) -> str:
        """The order as Shopify names it."""
        return gid("Order", self.order)

    def settle(self, name: str, result: Result) -> Done | None:
        """Keep what a mutation answered; None where it was refused or its outcome is not known."""
        if isinstance(result, SyncError):
            self.fail(result)
            return None
        if result.errors:
            self.fail(refused(name, result.errors))
            return None
        self.at = result.at if self.at is None else max(self.at, result.at)
        return result

    def fail(self, error: SyncError) -> None:
        """The first error is told. After the beginning a refusal is partial, and a wait means not knowing."""
        if self.begun and isinstance(error, Invalid):
            error.facts[PARTLY] = True
        elif self.begun and isinstance(error, Retryable) and not isinstance(error, UnknownOutcome):
            error = UnknownOutcome(f"The order was begun: {error.sentence}", facts=error.facts)
        self.error = self.error or error

    @property
    def result(self) -> WriteResult:
        """What the engine is told."""
        if self.error is not None:
            return self.error
        return self.written or UnknownOutcome("Shopify did not return the order that was written.")


def refused(name: str, errors: Sequence[UserError]) -> SyncError:
    """The error for userErrors: a development store's pace is waited for, the rest is refused."""
    if any(_TOO_MANY in each.message.lower() for each in errors):
        sentence = "A development store makes five orders a minute; the rest follows."
        return Throttled(sentence, retry_after_s=PACE_S, facts={"call": name})
    return refusal(name, errors)


def run(sender: Sender, name: str, steps: Sequence[tuple[SaleJob, Mutation]]) -> list[Done | None]:
    """One mutation a job, as many in a request as fit; each job keeps its own outcome."""
    found = sender.run(name, [[mutation] for _, mutation in steps], "") if steps else []
    return [job.settle(step.root, result) for (job, step), (result,) in zip(steps, found, strict=True)]
