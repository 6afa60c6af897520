"""The invocation context a function may ask for: its ids and W3C trace context.

https://www.w3.org/TR/trace-context/
Implements the library's public Context class; retries are always 0, because this host runs no retry policies.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import azure.functions as func

_TRACE_PARENT = re.compile(r"[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-[0-9a-f]{16}-(?P<flags>[0-9a-f]{2})")


@dataclass(frozen=True)
class TraceContext:
    """W3C trace context: `trace_parent` as the header has it."""

    trace_parent: str
    trace_state: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RetryContext:
    """Nothing has been retried by the host."""

    retry_count: int = 0
    max_retry_count: int = 0
    exception: None = None


class InvocationContext(func.Context):
    """What the library's Context promises, for one invocation."""

    def __init__(self, invocation_id: str, function_name: str, directory: str, trace_parent: str) -> None:
        self._invocation_id = invocation_id
        self._function_name = function_name
        self._directory = directory
        self._trace_context = TraceContext(trace_parent)
        self._thread_local = threading.local()

    @property
    def invocation_id(self) -> str:
        """The id of this invocation, a GUID."""
        return self._invocation_id

    @property
    def thread_local_storage(self) -> Any:
        """Carries `invocation_id` into threads the function starts."""
        return self._thread_local

    @property
    def function_name(self) -> str:
        """The function's name."""
        return self._function_name

    @property
    def function_directory(self) -> str:
        """The app's folder."""
        return self._directory

    @property
    def trace_context(self) -> Any:
        """The W3C trace context of this invocation."""
        return self._trace_context

    @property
    def retry_context(self) -> Any:
        """Always: no retry."""
        return RetryContext()


def new_trace_parent(incoming: str | None = None) -> str:
    """A traceparent with a new span, in the caller's trace when it sent a valid one."""
    match = _TRACE_PARENT.fullmatch(incoming or "")
    trace, flags = (match["trace"], match["flags"]) if match else (secrets.token_hex(16), "01")
    return f"00-{trace}-{secrets.token_hex(8)}-{flags}"
