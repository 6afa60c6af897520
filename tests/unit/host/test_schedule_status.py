"""Missed occurrences: one catch-up run, none after a change of schedule; the next counts from a run's begin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.host.cron import parse_schedule
from sandbox.host.schedule_status import ScheduleStatus, decide_at_start, status_after_run

_HOURLY = parse_schedule("0 0 * * * *")
_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _hours(count: float) -> datetime:
    return _NOON + timedelta(hours=count)


def test_a_first_start_stores_the_next_occurrence_and_runs_nothing() -> None:
    """A timer never seen before is not overdue, and its next occurrence is stored so that it cannot be missed."""
    decision = decide_at_start(_HOURLY, None, _hours(0.5))
    assert decision.status == ScheduleStatus(None, _hours(1), _hours(0.5))
    assert (decision.store, decision.past_due) == (True, False)


def test_many_missed_occurrences_are_one_catch_up_run() -> None:
    """After a week without a host the timer runs once, past due, and then on schedule."""
    stored = ScheduleStatus(_NOON, _hours(1), _NOON)
    decision = decide_at_start(_HOURLY, stored, _hours(168.5))
    assert decision.past_due
    after = status_after_run(_HOURLY, decision.status, _hours(168.5), scheduled=False)
    assert after.next_at == _hours(169)


def test_a_stored_status_that_is_not_due_changes_nothing() -> None:
    """A restart before the next occurrence neither runs nor writes."""
    stored = ScheduleStatus(_NOON, _hours(1), _NOON)
    decision = decide_at_start(_HOURLY, stored, _hours(0.9))
    assert (decision.status, decision.store, decision.past_due) == (stored, False, False)


def test_a_timer_that_never_ran_can_be_overdue() -> None:
    """Overdue is judged from when the next occurrence was calculated when there was no run yet."""
    stored = ScheduleStatus(None, _hours(1), _hours(0.5))
    assert decide_at_start(_HOURLY, stored, _hours(1.1)).past_due


@pytest.mark.parametrize(("now", "expected"), [(_hours(0.5), _NOON + timedelta(hours=2)), (_hours(9), _hours(10))])
def test_a_changed_schedule_is_never_overdue(now: datetime, expected: datetime) -> None:
    """A stored next occurrence that the schedule does not give is replaced and not caught up."""
    every_two_hours = parse_schedule("0 0 */2 * * *")
    stored = ScheduleStatus(_NOON, _hours(1), _NOON)
    decision = decide_at_start(every_two_hours, stored, now)
    assert (decision.status.next_at, decision.past_due, decision.store) == (expected, False, True)


def test_a_run_longer_than_its_interval_is_followed_by_one_at_once() -> None:
    """The next occurrence counts from the beginning of a run, so that it may lie in the past when it ends."""
    before = ScheduleStatus(_NOON, _hours(1), _NOON)
    after = status_after_run(_HOURLY, before, _hours(1), scheduled=True)
    assert after.next_at == _hours(2)


def test_a_run_that_began_a_little_early_does_not_repeat_its_occurrence() -> None:
    """A timer that wakes some milliseconds early counts as begun on time."""
    before = ScheduleStatus(_NOON, _hours(1), _NOON)
    after = status_after_run(_HOURLY, before, _hours(1) - timedelta(milliseconds=5), scheduled=True)
    assert (after.last_at, after.next_at) == (_hours(1), _hours(2))


@pytest.mark.parametrize("last", [None, _NOON])
def test_a_status_survives_its_blob(last: datetime | None) -> None:
    """What is stored is read back as it was."""
    status = ScheduleStatus(last, _hours(1), last)
    assert ScheduleStatus.from_json(status.to_json()) == status
