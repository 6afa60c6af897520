"""What goes over the wire: a request, its answer, and what a failure proves.

Values only; shared/transport.py sends them. It never decide whether to repeat anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError

from shared.errors import SyncError, Unavailable, UnknownOutcome

_REQUEST_ID_HEADERS = ("x-request-id", "x-ms-service-request-id", "req_id")


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `url` is relative to the transport's base (or absolute on the same host); `name` is shown in logs.

    `json` is sent as JSON (Decimal as a string: whoever needs it as a number sends `body`), else `body` as it is.
    `repeatable` says whether sending it twice is harmless; by default only GET and HEAD are. `handles` picks 4xx and
    5xx answers the caller wants to judge itself (a Dataverse 500 with an OData error proves that nothing was written).
    """

    method: str
    url: str
    name: str
    params: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    body: bytes | str | None = None
    repeatable: bool | None = None
    handles: Callable[[Answer], bool] | None = None

    @property
    def may_repeat(self) -> bool:
        """Whether sending it twice is harmless."""
        return self.method in ("GET", "HEAD") if self.repeatable is None else self.repeatable


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, read whole. `headers` is case-insensitive; `elapsed_s` is the time of the last attempt alone.

    `date` is the server's `Date` (whole seconds, cut), or our own clock where the header is missing. `whom`: the
    system that answered, and which shop, where the transport was told.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    date: datetime
    elapsed_s: float
    request: Request
    whom: Mapping[str, object] = field(default_factory=dict)

    @property
    def read_at(self) -> datetime:
        """A moment not later than the state that was read: `Date` less the elapsed time, cut to the second."""
        return (self.date - timedelta(seconds=self.elapsed_s)).replace(microsecond=0)

    @property
    def at(self) -> datetime:
        """The moment of a write: `Date` as it is, so up to one second before the real end of the write.

        Compare it with `read_at` as "older than", never "not newer than": both are cut to whole seconds, so a read
        and a write within one second cannot be put in order by them.
        """
        return self.date

    @property
    def request_id(self) -> str:
        """The vendor's own id of this call, for its support; empty where it sent none."""
        return next((self.headers[name] for name in _REQUEST_ID_HEADERS if name in self.headers), "")

    @property
    def facts(self) -> dict[str, object]:
        """What errors carry about this answer."""
        facts: dict[str, object] = {"call": self.request.name, "status": self.status, **self.whom}
        if self.request_id:
            facts["request_id"] = self.request_id
        return facts

    def json(self) -> Any:
        """The body as JSON, numbers with a fraction as Decimal; an empty body is None.

        Raises Unavailable when it is no JSON, UnknownOutcome when the request may not be repeated.
        """
        if not self.body:
            return None
        try:
            return json.loads(self.body, parse_float=Decimal)
        except ValueError:
            sentence = f"{self.request.name}: the answer (HTTP {self.status}) is not JSON."
            raise self.lost(sentence) from None

    def lost(self, sentence: str) -> SyncError:
        """The error for an answer that cannot be used: Unavailable, or UnknownOutcome where a repeat could double."""
        kind = Unavailable if self.request.may_repeat else UnknownOutcome
        return kind(sentence, facts=self.facts)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there was no answer. `unsent` is True only when it is certain that the server saw nothing."""

    what: str
    unsent: bool


def failure_of(error: requests.RequestException | OSError) -> Failure:
    """Tell "never connected" from "connected, and then nothing came back"; never quotes the error's text."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Failure("no connection within the connect time-out", unsent=True)
    if isinstance(error, requests.exceptions.Timeout):
        return Failure("no answer within the read time-out", unsent=False)
    causes = tuple(_causes(error))
    if any(isinstance(cause, NewConnectionError | ConnectTimeoutError | ProxyError) for cause in causes):
        return Failure("the connection could not be opened", unsent=True)
    if any(type(cause).__name__ == "SSLCertVerificationError" for cause in causes):
        return Failure("the server's certificate was not accepted", unsent=True)
    return Failure(f"the connection broke ({type(error).__name__})", unsent=False)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything it wraps: requests and urllib3 nest causes in args, `reason` and `__cause__`."""
    todo: list[object] = [error]
    seen: set[int] = set()
    while todo:
        current = todo.pop()
        if isinstance(current, BaseException) and id(current) not in seen:
            seen.add(id(current))
            yield current
            todo += [*current.args, getattr(current, "reason", None), current.__cause__, current.__context__]


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Seconds to wait from a `Retry-After` header (RFC 9110: seconds or a date); None where it says nothing."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        until = http_date(value)
        return None if until is None else max(0.0, (until - now).total_seconds())


def http_date(value: str | None) -> datetime | None:
    """An HTTP date as aware UTC; None where it cannot be read."""
    try:
        return parsedate_to_datetime(value or "").astimezone(UTC)
    except (ValueError, TypeError):
        return None
