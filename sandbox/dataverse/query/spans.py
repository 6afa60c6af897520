"""The spans of time that date functions stand for, in whole days of UTC (the user's zone is UTC here).

Reference: Web API query function reference. Weeks begin on Sunday, as in an organization of locale 1033.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

Span = tuple[datetime | None, datetime | None]


def midnight(now: datetime) -> datetime:
    """The beginning of the day."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def days(now: datetime, first: int, last: int) -> Span:
    """Whole days from `first` to `last`, counted from today."""
    return midnight(now) + timedelta(days=first), midnight(now) + timedelta(days=last + 1)


def _weeks(now: datetime, offset: int) -> Span:
    sunday = midnight(now) - timedelta(days=(now.weekday() + 1) % 7)
    return sunday + timedelta(weeks=offset), sunday + timedelta(weeks=offset + 1)


def months(moment: datetime, number: int) -> datetime:
    """The same day some months on, or the last day of a shorter month."""
    at = moment.year * 12 + moment.month - 1 + number
    year, month = divmod(at, 12)
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return moment.replace(year=year, month=month + 1, day=min(moment.day, 28))


def _month(now: datetime, offset: int) -> Span:
    first = months(midnight(now).replace(day=1), offset)
    return first, months(first, 1)


def _year(now: datetime, offset: int) -> Span:
    first = midnight(now).replace(year=now.year + offset, month=1, day=1)
    return first, first.replace(year=first.year + 1)


def _until(now: datetime) -> datetime:
    """Just behind the present second, so that what happens now belongs to the past."""
    return now + timedelta(seconds=1)


# From, inclusive, to, exclusive.
SPANS: dict[str, Callable[[datetime, int], Span]] = {
    "Today": lambda now, x: days(now, 0, 0),
    "Yesterday": lambda now, x: days(now, -1, -1),
    "Tomorrow": lambda now, x: days(now, 1, 1),
    "Last7Days": lambda now, x: (midnight(now) - timedelta(days=7), _until(now)),
    "Next7Days": lambda now, x: (now, midnight(now) + timedelta(days=8)),
    "LastWeek": lambda now, x: _weeks(now, -1),
    "ThisWeek": lambda now, x: _weeks(now, 0),
    "NextWeek": lambda now, x: _weeks(now, 1),
    "LastMonth": lambda now, x: _month(now, -1),
    "ThisMonth": lambda now, x: _month(now, 0),
    "NextMonth": lambda now, x: _month(now, 1),
    "LastYear": lambda now, x: _year(now, -1),
    "ThisYear": lambda now, x: _year(now, 0),
    "NextYear": lambda now, x: _year(now, 1),
    "LastXHours": lambda now, x: (now - timedelta(hours=x), _until(now)),
    "NextXHours": lambda now, x: (now, now + timedelta(hours=x)),
    "LastXDays": lambda now, x: (midnight(now) - timedelta(days=x), _until(now)),
    "NextXDays": lambda now, x: (now, midnight(now) + timedelta(days=x + 1)),
    "LastXWeeks": lambda now, x: (midnight(now) - timedelta(weeks=x), _until(now)),
    "NextXWeeks": lambda now, x: (now, midnight(now) + timedelta(days=1, weeks=x)),
    "LastXMonths": lambda now, x: (months(midnight(now), -x), _until(now)),
    "NextXMonths": lambda now, x: (now, months(midnight(now), x) + timedelta(days=1)),
    "LastXYears": lambda now, x: (months(midnight(now), -12 * x), _until(now)),
    "NextXYears": lambda now, x: (now, months(midnight(now), 12 * x) + timedelta(days=1)),
    "OlderThanXMinutes": lambda now, x: (None, now - timedelta(minutes=x)),
    "OlderThanXHours": lambda now, x: (None, now - timedelta(hours=x)),
    "OlderThanXDays": lambda now, x: (None, midnight(now) - timedelta(days=x)),
    "OlderThanXWeeks": lambda now, x: (None, midnight(now) - timedelta(weeks=x)),
    "OlderThanXMonths": lambda now, x: (None, months(midnight(now), -x)),
    "OlderThanXYears": lambda now, x: (None, months(midnight(now), -12 * x)),
}
