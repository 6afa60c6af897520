"""Since when a message's records are tried, and when they are tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.errors import Busy, NotYet, Throttled, Unavailable
from shared.records import Message, Origin
from shared.sync.flow import WAITED
from shared.sync.trying import delay, rounded, tried_at

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
FOUND = Message("orders_shopify_to_crm", "acme.myshopify.com", Origin.WEBHOOK, ids=("1",), first_at=NOON)


@pytest.mark.parametrize(
    ("message", "since"),
    [
        (FOUND, None),
        (replace(FOUND, origin=Origin.POLL, blob="page"), None),
        (replace(FOUND, origin=Origin.RETRY, attempt=1), NOON),
        (replace(FOUND, origin=Origin.LOAD, blob="page"), WAITED),
        (replace(FOUND, origin=Origin.REPLAY), WAITED),
        (replace(FOUND, origin=Origin.REMINDER), WAITED),
        (replace(FOUND, origin=Origin.LOAD, blob="page", attempt=2), NOON),
    ],
    ids=["webhook", "poll", "retry", "listing", "replay", "reminder", "listing that failed"],
)
def test_how_long_it_waited_in_a_queue_does_not_count(message: Message, since: datetime | None) -> None:
    """Promise: what is found waits from its first try on; what is listed waits for nobody who is not being loaded."""
    assert tried_at(message) == since


def test_our_own_waits_double_and_a_vendors_is_kept() -> None:
    """Promise: a record on which something is waited for is tried ten times in half an hour, not a hundred."""
    waits = [delay(NotYet("wait", retry_after_s=5.0), attempt) for attempt in range(8)]
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300]
    assert [delay(Busy("wait", retry_after_s=5.0), attempt) for attempt in (3, 4, 30)] == [40, 60, 60]
    assert delay(Throttled("wait", retry_after_s=7.0), 5) == 7
    assert delay(NotYet("The product was retired.", retry_after_s=660.0, exact=True), 5) == 660
    assert delay(Unavailable("wait", retry_after_s=30.0), 30) == 1920
    assert [rounded(each) for each in (0.2, 7.0, 10.0)] == [1.0, 10.0, 10.0], "none comes before its time"
