"""The two seams that the weather lies on: the HTTP adapter under the clients, and the storage under the state.

Errors look as they do at the real seam: `requests` raises, Azure's adapters raise members of shared.errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import requests
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, NewConnectionError

from sandbox.wsgi_adapter import WsgiAdapter
from shared.errors import Throttled, Unavailable, UnknownOutcome
from shared.state.queue_service import Received
from shared.state.store import Seams
from tests.simulation.weather import Trouble, Weather
from tests.simulation.witness import Witness
from tests.support.memory import MemoryQueues


class Wire(HTTPAdapter):
    """A way to one system, in process, through the weather."""

    def __init__(self, application: Any, weather: Weather, name: str, witness: Witness) -> None:
        super().__init__()
        self._inner = WsgiAdapter(application)
        self._weather = weather
        self._name = name
        self._witness = witness

    def send(self, request: PreparedRequest, **options: Any) -> Response:  # type: ignore[override]
        """One request and its answer, or what the weather makes of it."""
        writes = "mutation" in str(request.body)[:60]
        path = (request.url or "").split("?")[0].rpartition("/")[2]
        name = f"{self._name} {request.method} {path[:24]}"
        if path == "graphql.json":
            name = f"{self._name} {'mutation' if writes else 'query'}"

        def run() -> Response:
            answer = self._inner.send(request, **options)
            if self._name == "shopify" and self._weather.actors:
                self._weather.actors[-1].looked = not writes
            return answer

        with self._witness.writing("" if name == "shopify query" else str(request.body)):
            return self._weather.call(name, run, lambda trouble: self._fail(trouble, request))

    def _fail(self, trouble: Trouble, request: PreparedRequest) -> Response:
        if trouble is Trouble.REFUSED:
            cause = NewConnectionError(None, "no route")  # type: ignore[arg-type]
            raise requests.ConnectionError(MaxRetryError(None, request.url or "", cause), request=request)  # type: ignore[arg-type]
        if trouble is Trouble.LOST:
            raise requests.exceptions.ReadTimeout(request=request)
        status = {Trouble.THROTTLED: 429, Trouble.EXPIRED: 401}.get(trouble, 503)
        return self._answer(request, status, {"Retry-After": "7"} if status == 429 else {})

    def _answer(self, request: PreparedRequest, status: int, headers: dict[str, str]) -> Response:
        response = Response()
        response.status_code, response.request, response.url = status, request, request.url or ""
        response.headers.update(headers)
        response._content, response._content_consumed = b"{}", True  # type: ignore[attr-defined]
        return response


LATE_S = (20.0, 200.0, 900.0)
READS = {"get", "pages", "beneath", "list", "receive", "peek", "depth"}


class Stored:
    """One table, all blobs or all queues of the account, seen through the weather."""

    def __init__(self, inner: Any, name: str, weather: Weather) -> None:
        self._inner, self._name, self._weather = inner, name, weather

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._inner, attribute)
        if not callable(found):
            return found
        name, read = f"{self._name}.{attribute}", attribute in READS

        def fail(trouble: Trouble) -> Any:
            return _storage_fails(trouble, read)

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._weather.call(name, lambda: found(*args, **kwargs), fail)

        def paged(*args: Any, **kwargs: Any) -> Iterator[Any]:
            pages = iter(found(*args, **kwargs))
            while (page := self._weather.call(name, lambda: next(pages, None), fail)) is not None:
                yield page

        return paged if attribute in {"pages", "beneath", "list"} else call


def _storage_fails(trouble: Trouble, read: bool) -> Any:
    if trouble is Trouble.THROTTLED:
        raise Throttled("The storage account is busy.", retry_after_s=5.0)
    if trouble is Trouble.REFUSED or read:
        raise Unavailable("The storage account did not answer.", retry_after_s=10.0)
    raise UnknownOutcome("No clear answer of the storage account.", retry_after_s=10.0)


class Couriers(MemoryQueues):
    """Queues of which some messages show up long after they were due."""

    def __init__(self, now: Callable[[], datetime], weather: Weather) -> None:
        super().__init__(now)
        self._weather = weather

    def send(self, queue: str, text: str, *, delay_s: float = 0.0) -> None:
        """Add one message, which may be late."""
        if self._weather.delivery(f"message on {queue}", (Trouble.DELAYED,)):
            delay_s += self._weather.chance.of("late message").among(LATE_S)
        super().send(queue, text, delay_s=delay_s)

    def give_back(self, queue: str, message: Received, seconds: float) -> None:
        """What a host does with a message whose function failed: it shows up again after that time."""
        with self._lock:
            waiting = self._queues[queue].get(message.id)
            if waiting is not None and waiting.receipt == message.receipt:
                waiting.visible_at = self._now() + timedelta(seconds=seconds)


def weathered(seams: Seams, weather: Weather) -> Seams:
    """The same storage, each call of it exposed."""
    tables = {name: Stored(table, name, weather) for name, table in seams.tables.items()}
    return Seams(tables, Stored(seams.blobs, "blobs", weather), Stored(seams.queues, "queues", weather))
