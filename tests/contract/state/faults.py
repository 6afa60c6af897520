"""Faults of the storage service, injected where a test says: at the SDK's transport, or at a twin's seam.

`lose`: the service does the work and its answer never arrives. `repeat`: it does it, and the SDK asks once more.
`refuse`: it answers 503 and does nothing. `vanish`: the connection cannot be made. Must never decide by itself when a
fault happens.
"""

from __future__ import annotations

import io
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import requests
from azure.core.exceptions import ServiceRequestError, ServiceResponseTimeoutError
from azure.core.pipeline.transport import HttpTransport, RequestsTransportResponse
from azure.core.rest._requests_basic import RestRequestsTransportResponse

from shared.errors import Throttled, UnknownOutcome
from shared.state.tables import Change
from tests.support.memory import MemoryTable


class FaultyTransport(HttpTransport[Any, Any]):
    """Passes requests on; each planned fault hits the next request that it matches."""

    def __init__(self, inner: HttpTransport[Any, Any]) -> None:
        self._inner = inner
        self._plan: deque[tuple[str, Callable[[Any], bool]]] = deque()
        self._lock = threading.Lock()
        self.urls: list[str] = []

    def plan(self, fault: str, matches: Callable[[Any], bool]) -> None:
        """One more fault for the first request that matches."""
        self._plan.append((fault, matches))

    def forget(self) -> None:
        """Drop what was planned and not needed."""
        self._plan.clear()

    def send(self, request: Any, **kwargs: Any) -> Any:
        """Send, or fail as planned."""
        with self._lock:
            self.urls.append(f"{request.method} {request.url}")
            fault = self._plan.popleft()[0] if self._plan and self._plan[0][1](request) else ""
        if fault == "vanish":
            raise ServiceRequestError("no route to the service")
        if fault == "refuse":
            return _busy_answer(request)
        answer = self._inner.send(request, **kwargs)
        if fault == "repeat":
            answer = self._inner.send(request, **kwargs)
        if fault == "lose":
            raise ServiceResponseTimeoutError("the answer never came")
        return answer

    def open(self) -> None:
        """Opens with the first request."""

    def close(self) -> None:
        """Close the real one."""
        self._inner.close()

    def __enter__(self) -> FaultyTransport:
        return self

    def __exit__(self, *args: object) -> None:
        self.close()


def _busy_answer(request: Any) -> Any:
    answer = requests.Response()
    answer.status_code = 503
    answer.reason = "Server Busy"
    answer.headers.update({"x-ms-error-code": "ServerBusy", "Content-Type": "application/xml", "Retry-After": "7"})
    body = b"<?xml version='1.0'?><Error><Code>ServerBusy</Code><Message>busy</Message></Error>"
    answer.raw = io.BytesIO(body)
    answer._content = body
    if hasattr(request, "_format_parameters") or type(request).__module__.startswith("azure.core.pipeline"):
        return RequestsTransportResponse(request, answer)
    return RestRequestsTransportResponse(request=request, internal_response=answer)


class FaultyTable(MemoryTable):
    """The twin with the same faults on its submits."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._plan: deque[str] = deque()

    def plan(self, fault: str) -> None:
        """One more fault for the next submit."""
        self._plan.append(fault)

    def forget(self) -> None:
        """Drop what was planned and not needed."""
        self._plan.clear()

    def submit(self, changes: Sequence[Change]) -> list[str]:
        """Submit, or fail as planned."""
        fault = self._plan.popleft() if self._plan else ""
        if fault in {"refuse", "vanish"}:
            raise Throttled("busy", retry_after_s=7.0)
        etags = super().submit(changes)
        if fault == "repeat":
            etags = super().submit(changes)
        if fault == "lose":
            raise UnknownOutcome("the answer never came")
        return etags
