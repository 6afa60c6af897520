"""Orders that are read again though nobody says that they changed, and when.

One with money on its way (a payment or a refund that is pending), because Shopify documents no event for its end: after
half of the time that it has been on its way already, at least an hour and at most a day, for sixty days. One whose
customer or company had to be replaced: so for a week after its last change, by when that may have come.
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
A_WEEK = timedelta(days=7)


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
        looks = {record.id: (next_look(record.content, now), next_try(record, now)) for record in records}
        found = {each: min(filter(None, at)) for each, at in looks.items() if any(at)}
        if found:
            self.state.due.put(self.shop, self.flow, found)


def next_look(content: Mapping[str, Any], now: datetime) -> datetime | None:
    """When an order (with its `money`) has to be read again; None where no money is on its way, or not any more."""
    payments = (content.get("money") or {}).get("payments") or {}
    since = [datetime.fromisoformat(each["at"]) for each in payments.get("refunds", ()) if each["pending"]]
    if payments.get("pending") or (payments.get("pending_refunds") and not since):
        since.append(datetime.fromisoformat(str(content["createdAt"])))
    return _after(now - max(since), now, GIVEN_UP) if since else None


def next_try(record: Record, now: datetime) -> datetime | None:
    """When an order whose buyer was replaced has to be read again; None where he was not, or not any more."""
    replaced = (record.content.get("crm") or {}).get("replaced") and record.modified_at
    return _after(now - replaced, now, A_WEEK) if replaced else None


def _after(age: timedelta, now: datetime, given_up: timedelta) -> datetime | None:
    return now + min(max(age / 2, SOONEST), LATEST) if age < given_up else None
