"""NCRONTAB: what is accepted, what is refused, and when it occurs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.host.cron import ScheduleError, parse_schedule

_NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*/10 * * * * *", "2026-01-01T00:00:10"),
        ("0 */5 * * * *", "2026-01-01T00:05:00"),
        ("*/5 * * * *", "2026-01-01T00:05:00"),
        ("30 5/10 * * * *", "2026-01-01T00:05:30"),
        ("0 0 9-17 * * MON-FRI", "2026-01-01T09:00:00"),
        ("0 30 9 * Jan Monday", "2026-01-05T09:30:00"),
        ("0 0 0 1,15 * *", "2026-01-15T00:00:00"),
        ("0 0 0 29 2 *", "2028-02-29T00:00:00"),
        ("0 0 0 * * 0", "2026-01-04T00:00:00"),
        ("0 0 0 1 * 1", "2026-06-01T00:00:00"),
    ],
)
def test_next_occurrence(text: str, expected: str) -> None:
    """Six fields, five fields, steps, lists, ranges and names occur when the real host says they do."""
    assert parse_schedule(text).next_after(_NEW_YEAR).isoformat() == f"{expected}+00:00"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("banana", "has 1 fields"),
        ("* * * * * * *", "has 7 fields"),
        ("00:05:00", "time span"),
        ("0 0 0 * * 7", "'7' is not a weekday"),
        ("0 0 0 ? * *", r"'\?' is not a day"),
        ("0 0 0 L * *", "'L' is not a day"),
        ("0 0 0 * * MON#1", "'MON#1' is not a weekday"),
        ("0 0 0 * * xyz", "'xyz' is not a weekday"),
        ("60 * * * * *", "'60' is not a second"),
        ("0 */0 * * * *", "step of 0"),
        ("0 0 0 * * FRI-MON", "runs backwards"),
        ("0 0 0 31 2 *", "never occurs"),
        ("0 0 24 * * *", "'24' is not a hour"),
        ("0 0 0 0 * *", "'0' is not a day"),
        ("@daily", "has 1 fields"),
    ],
)
def test_what_the_real_host_refuses_is_refused_with_the_field(text: str, reason: str) -> None:
    """A wrong schedule is refused with a sentence that names the part and the field."""
    with pytest.raises(ScheduleError, match=reason):
        parse_schedule(text)


@given(st.integers(1, 28), st.integers(0, 6), st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))  # noqa: DTZ001 -- strategies take naive bounds
def test_day_and_weekday_must_both_match(day: int, weekday: int, start: datetime) -> None:
    """Day of month AND weekday, unlike Unix cron, from any start."""
    found = parse_schedule(f"0 0 0 {day} * {weekday}").next_after(start.replace(tzinfo=UTC))
    assert found.day == day
    assert found.isoweekday() % 7 == weekday


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.sampled_from([1, 2, 5, 7, 30]))  # noqa: DTZ001 -- strategies take naive bounds
def test_the_next_occurrence_is_after_the_start_and_the_nearest(start: datetime, step: int) -> None:
    """The next occurrence is strictly later, on the grid, and none lies between."""
    start = start.replace(tzinfo=UTC)
    found = parse_schedule(f"*/{step} * * * * *").next_after(start)
    assert start < found <= start + timedelta(seconds=step)
    assert found.microsecond == 0
    assert found.second % step == 0


@pytest.mark.parametrize(
    ("text", "several"), [("*/30 * * * * *", True), ("0,5 * * * * *", True), ("0 * * * * *", False)]
)
def test_sub_minute_schedules_are_recognised(text: str, several: bool) -> None:
    """A schedule with two occurrences in the next minute is one the real host keeps no status for."""
    assert parse_schedule(text).several_a_minute(_NEW_YEAR + timedelta(seconds=1)) is several
