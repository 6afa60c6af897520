"""What a run knows of itself: its correlation id, what it cost, and logs without secrets or personal data.

The correlation id and the usage meter live in context variables; `carried` takes both into a thread pool.
It must never store or print a token, a secret, an e-mail address or a telephone number.
"""

from __future__ import annotations

import copy
import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import ParamSpec, TypeVar

from shared.errors import SyncError

P = ParamSpec("P")
T = TypeVar("T")

_correlation: ContextVar[str] = ContextVar("correlation_id", default="")


class Usage:
    """What was spent since the meter was opened: calls sent, vendor points paid, seconds waited. Thread-safe.

    A meter opened inside another one counts for both. `answered`: the systems that gave a useful answer, and
    the domains of the shops among them.
    """

    __slots__ = ("_calls", "_lock", "_outer", "_points", "_waited_s", "answered")

    def __init__(self, outer: Usage | None = None) -> None:
        self._calls = 0
        self._points = 0
        self._waited_s = 0.0
        self.answered: frozenset[str] = frozenset()
        self._lock = threading.Lock()
        self._outer = outer

    @property
    def calls(self) -> int:
        """Requests that were sent, repeated ones included."""
        return self._calls

    @property
    def points(self) -> int:
        """Vendor points: what Shopify says a query actually cost."""
        return self._points

    @property
    def waited_s(self) -> float:
        """Seconds slept because a vendor asked for it, or before a repeat."""
        return self._waited_s

    def add(self, *, calls: int = 0, points: int = 0, waited_s: float = 0.0, answered: str = "") -> None:
        """Count on this meter and on those around it."""
        with self._lock:
            self.answered |= {answered} - {""}
            self._calls += calls
            self._points += points
            self._waited_s += waited_s
        if self._outer is not None:
            self._outer.add(calls=calls, points=points, waited_s=waited_s, answered=answered)


_usage: ContextVar[Usage | None] = ContextVar("usage", default=None)


@contextmanager
def metered() -> Iterator[Usage]:
    """Count what everything inside costs, in this thread and in the pools it feeds through `carried`."""
    usage = Usage(_usage.get())
    token = _usage.set(usage)
    try:
        yield usage
    finally:
        _usage.reset(token)


def spend(*, calls: int = 0, points: int = 0, waited_s: float = 0.0, answered: str = "") -> None:
    """Add to the meter that is open here; without one it is not counted."""
    usage = _usage.get()
    if usage is not None:
        usage.add(calls=calls, points=points, waited_s=waited_s, answered=answered)


def correlation_id() -> str:
    """The id that ties a trigger to its last write; empty where nobody set one."""
    return _correlation.get()


@contextmanager
def correlated(value: str) -> Iterator[None]:
    """Everything inside is logged and sent under this correlation id."""
    token = _correlation.set(value)
    try:
        yield
    finally:
        _correlation.reset(token)


def carried(function: Callable[P, T]) -> Callable[P, T]:
    """Bind a function to the caller's context, so that `pool.map(carried(f), xs)` keeps meter and correlation id."""
    context = copy_context()

    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        # A context can be entered by one thread at a time, so every call gets a copy; the meter inside is shared.
        return context.copy().run(function, *args, **kwargs)

    return run


_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\bshp[a-z]{2}_[0-9A-Za-z]{6,}"), "[token]"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]+)?"), "[token]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w\-.~+/]{8,}=*"), r"\1 [token]"),
    (
        re.compile(
            r"(?i)(\"?\b(?:client_secret|access_token|refresh_token|accountkey|password|secret|sig|code)\"?"
            r"\s*[=:]\s*\"?)[^\s\"&;,}]{4,}"
        ),
        r"\1[secret]",
    ),
    (re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"(?<![\w/])\+\d[\d\s().-]{6,}\d"), "[phone]"),
)


def redact(text: str) -> str:
    """The text without tokens, secrets, e-mail addresses and telephone numbers in international form."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


_OWN = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}


class Discreet(logging.Formatter):
    """Around a handler's own formatter: a record's facts stand behind its message, and all of it is redacted.

    Without it the facts given as `extra` get lost: the Functions worker sends the text of a record and nothing else.
    """

    def __init__(self, inner: logging.Formatter | None) -> None:
        super().__init__()
        self._inner = inner or logging.Formatter()

    def format(self, record: logging.LogRecord) -> str:
        """The text of one record; the record itself stays as it is for other handlers."""
        facts = {name: value for name, value in vars(record).items() if name not in _OWN}
        facts |= {"correlation_id": correlation_id()} if correlation_id() else {}
        told = copy.copy(record)
        if facts:
            told.msg = f"{record.getMessage()} {json.dumps(facts, default=str, ensure_ascii=False)}"
            told.args = None
        return redact(self._inner.format(told))


def guard_logs() -> None:
    """Have the process's log handlers, which the worker made before it loads the app, write in that way."""
    for handler in logging.getLogger().handlers:
        if not isinstance(handler.formatter, Discreet):
            handler.setFormatter(Discreet(handler.formatter))


class FunctionFailed(Exception):
    """What the host gets to see of an error: its class and where it was raised, no value of any record."""


@contextmanager
def discreet() -> Iterator[None]:
    """Around a whole function: the host logs the text of whatever leaves it, so only what logs may hold leaves."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it was leaves as another one
        text = f"{type(error).__name__}: {error.in_log}" if isinstance(error, SyncError) else type(error).__name__
        raise FunctionFailed(text).with_traceback(error.__traceback__) from None
