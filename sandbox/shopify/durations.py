"""How long something has been, in the words Shopify uses for a customer's or a company's lifetime.

The steps are those of Rails' distance of time in words with seconds, as recorded ("less than 10 seconds").
"""

from __future__ import annotations

_SECONDS = ((5, "less than 5 seconds"), (10, "less than 10 seconds"), (20, "less than 20 seconds"))
_MINUTE, _DAY, _MONTH, _YEAR = 60, 1440, 43_200, 525_600


def in_words(micros: int) -> str:
    """A span of time in words."""
    seconds = max(0, round(micros / 1_000_000))
    minutes = round(seconds / _MINUTE)
    if minutes <= 1:
        return _within_a_minute(seconds)
    if minutes < 45:
        return f"{minutes} minutes"
    if minutes < 90:
        return "about 1 hour"
    if minutes < _DAY:
        return f"about {round(minutes / 60)} hours"
    return _in_days(minutes)


def _within_a_minute(seconds: int) -> str:
    for limit, words in _SECONDS:
        if seconds < limit:
            return words
    if seconds < 40:
        return "half a minute"
    return "less than a minute" if seconds < _MINUTE else "1 minute"


def _in_days(minutes: int) -> str:
    if minutes < 2520:
        return "1 day"
    if minutes < _MONTH:
        return f"{round(minutes / _DAY)} days"
    if minutes < _YEAR:
        about = "about " if minutes < 2 * _MONTH else ""
        return about + _counted(round(minutes / _MONTH), "month")
    years, rest = divmod(minutes, _YEAR)
    if rest >= _YEAR * 3 / 4:
        return f"almost {_counted(years + 1, 'year')}"
    return f"{'about' if rest < _YEAR / 4 else 'over'} {_counted(years, 'year')}"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
