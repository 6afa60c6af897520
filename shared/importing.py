"""Which Shopify orders come over at all: by their age, and by what was paid. Asks nobody.

An order that has come over once stays, whatever becomes of its payment or of the start. One that waits for its payment
is looked at again with every change of it, and by the comparison of ids that judges all orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.errors import Invalid
from shared.records import Content


class OrdersWhen(StrEnum):
    """What has to have happened to an order's payment before it comes over."""

    ALWAYS = "always"
    AUTHORIZED = "authorized"
    PAID = "paid"


_PAID = frozenset({"PAID", "PARTIALLY_REFUNDED", "REFUNDED"})
_ENOUGH: Mapping[OrdersWhen, frozenset[str]] = {
    OrdersWhen.AUTHORIZED: _PAID | {"AUTHORIZED", "PARTIALLY_PAID"},
    OrdersWhen.PAID: _PAID,
}
"""Financial statuses (OrderDisplayFinancialStatus); what was paid once and given back was paid."""


@dataclass(frozen=True, slots=True)
class Intake:
    """`since`: orders before are history. `wait`: how long after it was placed an order may be without its payment."""

    since: datetime | None = None
    when: OrdersWhen = OrdersWhen.ALWAYS
    wait: timedelta = timedelta(days=30)

    def flags(self, content: Content, now: datetime, *, known: bool) -> dict[str, bool]:
        """`before_start` and `awaits_payment`, for the mapping's skips. `known`: it has come over before.

        Raises Invalid where an order has waited for its payment too long: a person has to say what becomes of it.
        """
        early = not known and self.since is not None and _placed(content) < self.since
        waits = not known and self._waits(content)
        if waits and not early and not _moot(content) and now - _placed(content) > self.wait:
            raise Invalid(
                f"The order is not {self.when.value} {self.wait.days} days after it was placed. Cancel it in Shopify, "
                "or have it paid there: it comes over then. ORDERS_WAIT_DAYS says how long an order may wait.",
                facts={"status": str(content["displayFinancialStatus"])},
            )
        return {"before_start": early, "awaits_payment": waits}

    def _waits(self, content: Content) -> bool:
        enough = _ENOUGH.get(self.when)
        return enough is not None and content["displayFinancialStatus"] not in enough


def _placed(content: Content) -> datetime:
    return datetime.fromisoformat(str(content["createdAt"]))


def _moot(content: Content) -> bool:
    """Nobody waits for the payment of what was cancelled, or of a test."""
    return bool(content["cancelledAt"]) or bool(content.get("test"))
