"""NCRONTAB schedules as the real host reads them: five or six fields, and day AND weekday (Unix cron: OR).

https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
Times are UTC and aware. Must stay pure: no clock, no storage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from croniter import CroniterBadDateError, croniter  # type: ignore[import-untyped]

_MONTHS = [
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
]
_WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
_FIELDS: tuple[tuple[str, int, int, list[str]], ...] = (
    ("second", 0, 59, []),
    ("minute", 0, 59, []),
    ("hour", 0, 23, []),
    ("day", 1, 31, []),
    ("month", 1, 12, _MONTHS),
    ("weekday", 0, 6, _WEEKDAYS),
)
_PART = re.compile(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>\d+))?")
_TIMESPAN = re.compile(r"\d+(\.\d+)?(:\d+)+(\.\d+)?")


class ScheduleError(ValueError):
    """A schedule the real host would refuse; the message says which field and why."""


@dataclass(frozen=True)
class Schedule:
    """A checked schedule; `text` is what the app wrote, `numbers` the same with every field spelled out."""

    text: str
    numbers: str

    def next_after(self, moment: datetime) -> datetime:
        """The first occurrence strictly after a moment."""
        # croniter reads a start between two seconds as the second itself: correct, as occurrences are whole.
        found: datetime = croniter(self.numbers, moment, second_at_beginning=True, day_or=False).get_next(datetime)
        return found

    def several_a_minute(self, moment: datetime) -> bool:
        """Whether more than one occurrence is due within the next minute: the real host then keeps no status."""
        return self.next_after(self.next_after(moment)) < moment + timedelta(minutes=1)


def parse_schedule(text: str) -> Schedule:
    """Read an NCRONTAB expression. Raises ScheduleError on everything the real host refuses, and on dates that
    never come.
    """
    parts = text.split()
    if len(parts) == 1 and _TIMESPAN.fullmatch(parts[0]):
        raise ScheduleError(f"'{text}' is a time span: they work on dedicated plans only, write an NCRONTAB expression")
    if len(parts) not in (5, 6):
        raise ScheduleError(
            f"'{text}' has {len(parts)} fields, NCRONTAB has six (second minute hour day month weekday)"
        )
    if len(parts) == 5:
        parts = ["0", *parts]
    schedule = Schedule(text, " ".join(_field(part, *rule) for part, rule in zip(parts, _FIELDS, strict=True)))
    try:
        schedule.next_after(datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
    except CroniterBadDateError:
        raise ScheduleError(f"'{text}' never occurs") from None
    return schedule


def _field(text: str, name: str, low: int, high: int, names: list[str]) -> str:
    """One field as `*` or a list of numbers, so that no reader can take a name or a step differently."""
    values: set[int] = set()
    for part in text.split(","):
        values |= _values(part, name, low, high, names)
    return "*" if len(values) == high - low + 1 else ",".join(map(str, sorted(values)))


def _values(part: str, name: str, low: int, high: int, names: list[str]) -> set[int]:
    match = _PART.fullmatch(part)
    if match is None:
        raise ScheduleError(f"'{part}' is not a {name}: NCRONTAB knows numbers, *, a-b, a,b and */n only")
    first, last, step = match["first"], match["last"], match["step"]
    if first == "*" and last is None:
        start, end = low, high
    else:
        start = _value(first, name, low, high, names)
        end = _value(last, name, low, high, names) if last else (high if step else start)
    if start > end:
        raise ScheduleError(f"'{part}' runs backwards in the {name} field: write two ranges")
    if step is not None and int(step) == 0:
        raise ScheduleError(f"'{part}' has a step of 0 in the {name} field")
    return set(range(start, end + 1, int(step or 1)))


def _value(text: str, name: str, low: int, high: int, names: list[str]) -> int:
    """A number in range, or a name, which may be cut short (`Mon`, `Monday`)."""
    if text.isascii() and text.isdigit():
        if not low <= int(text) <= high:
            raise ScheduleError(f"'{text}' is not a {name}: it is a number from {low} to {high}")
        return int(text)
    for offset, full in enumerate(names):
        if full.startswith(text.lower()):
            return low + offset
    raise ScheduleError(f"'{text}' is not a {name}: NCRONTAB knows neither ? nor L, W or #")
