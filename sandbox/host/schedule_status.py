"""What the host remembers of a timer between two starts, and when a missed occurrence is caught up: once, not N times.

The rules are those of the timers extension's schedule monitor. Must stay pure: the clock and the store are given.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sandbox.host.cron import Schedule

_NEVER = "0001-01-01T00:00:00+00:00"


@dataclass(frozen=True)
class ScheduleStatus:
    """Last run, next occurrence, and the moment `next_at` was calculated from (None: never)."""

    last_at: datetime | None
    next_at: datetime
    updated_at: datetime | None

    def to_json(self) -> str:
        """The document the real host keeps in its status blob and hands to the function."""
        return json.dumps(self.to_document())

    def to_document(self) -> dict[str, str]:
        """The same as a dictionary."""
        return {
            "Last": self.last_at.isoformat() if self.last_at else _NEVER,
            "Next": self.next_at.isoformat(),
            "LastUpdated": self.updated_at.isoformat() if self.updated_at else _NEVER,
        }

    @classmethod
    def from_json(cls, text: str | bytes) -> ScheduleStatus:
        """Read such a document. Raises ValueError or KeyError when it is not one."""
        document = json.loads(text)
        last, updated = (
            None if document[key] == _NEVER else datetime.fromisoformat(document[key])
            for key in ("Last", "LastUpdated")
        )
        return cls(last, datetime.fromisoformat(document["Next"]), updated)


@dataclass(frozen=True)
class StartDecision:
    """What to do when a timer's listener starts: the status to keep, whether to store it, whether to run now."""

    status: ScheduleStatus
    store: bool
    past_due: bool


def decide_at_start(schedule: Schedule, stored: ScheduleStatus | None, now: datetime) -> StartDecision:
    """One catch-up run when the recorded next occurrence has passed, unless the schedule itself was changed."""
    if stored is None:
        return StartDecision(ScheduleStatus(None, schedule.next_after(now), now), store=True, past_due=False)
    calculated_from = stored.last_at or stored.updated_at or now
    expected_at = schedule.next_after(calculated_from)
    if stored.next_at == expected_at:
        return StartDecision(stored, store=False, past_due=now > stored.next_at)
    # A new schedule never makes a run overdue: it starts to count now.
    if now > expected_at:
        expected_at, calculated_from = schedule.next_after(now), now
    return StartDecision(ScheduleStatus(None, expected_at, calculated_from), store=True, past_due=False)


def status_after_run(
    schedule: Schedule, before: ScheduleStatus, invoked_at: datetime, *, scheduled: bool
) -> ScheduleStatus:
    """The status after a run that began at `invoked_at`: the next occurrence counts from the beginning of the run.

    A run that took longer than its interval therefore runs once more at once. `scheduled` is false for catch-up
    and start-up runs; a scheduled run that began a little early counts as begun on time.
    """
    if scheduled:
        invoked_at = max(invoked_at, before.next_at)
    return ScheduleStatus(invoked_at, schedule.next_after(invoked_at), invoked_at)
