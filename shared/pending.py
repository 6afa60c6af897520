"""Orders with money on its way (a payment or a refund that is pending): when they are read again.

Shopify documents no event for a pending transaction that ends, so an order is asked again by itself: after half of the
time that the money has been on its way already, at least an hour and at most a day, for sixty days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.records import Record
from shared.state.store import State
from shared.sync.ports import Clock

SOONEST, LATEST, GIVEN_UP = timedelta(hours=1), timedelta(days=1), timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Pending:
    """`Beside.remind` of orders."""

    state: State
    shop: str
    flow: str
    clock: Clock

    def __call__(self, records: Sequence[Record]) -> None:
        """Note when each of them is due, where it is."""
        now = self.clock.now()
        found = {record.id: at for record in records if (at := next_look(record.content, now)) is not None}
        if found:
            self.state.due.put(self.shop, self.flow, found)


def next_look(content: Mapping[str, Any], now: datetime) -> datetime | None:
    """When an order (with its `money`) has to be read again; None where no money is on its way, or not any more."""
    payments = (content.get("money") or {}).get("payments") or {}
    since = [datetime.fromisoformat(each["at"]) for each in payments.get("refunds", ()) if each["pending"]]
    if payments.get("pending") or (payments.get("pending_refunds") and not since):
        since.append(datetime.fromisoformat(str(content["createdAt"])))
    age = now - max(since) if since else GIVEN_UP
    return now + min(max(age / 2, SOONEST), LATEST) if age < GIVEN_UP else None
