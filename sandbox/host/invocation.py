"""Runs functions: plain ones on a bounded thread pool, async ones on one event loop, as Microsoft's worker does.

One structured record per invocation is reported at its end. A function that runs longer than host.json's
functionTimeout is reported while it runs; it is never interrupted (the real host ends the whole worker).
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import math
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import azure.functions as func

from sandbox.host.context import InvocationContext, new_trace_parent
from sandbox.host.functions import RETURN, AppFunction, Binding

_logger = logging.getLogger("sandbox.host")
_TIMEOUT_CHECK_S = 0.5


@dataclass(frozen=True)
class InvocationRecord:
    """One finished invocation; `error` is the exception's class name (its text may hold personal data)."""

    function: str
    invocation_id: str
    status: str
    duration_ms: float
    error: str | None = None


class OutputValue(func.Out[Any]):
    """The `func.Out` handed to a function for one output binding."""

    def __init__(self) -> None:
        self._value: Any = None

    def set(self, val: Any) -> None:
        """Keep what is to be sent when the function has succeeded."""
        self._value = val

    def get(self) -> Any:
        """What was set last."""
        return self._value


class _Running:
    """One invocation under way."""

    def __init__(self, function: AppFunction, trace_parent: str | None) -> None:
        self.function = function
        self.invocation_id = str(uuid.uuid4())
        self.trace_parent = new_trace_parent(trace_parent)
        self.started: float | None = None
        self.overdue = False


class Invoker:
    """Runs the app's functions and knows which are under way."""

    def __init__(
        self,
        *,
        threads: int | None,
        timeout_s: float | None,
        directory: str,
        report: Callable[[InvocationRecord], None],
        send: Callable[[Binding, Any], None],
    ) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="function")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timeout_s = timeout_s
        self._directory = directory
        self._report = report
        self._send = send
        self._changed = threading.Condition()
        self._running: set[_Running] = set()
        self._closed = threading.Event()

    def start(self) -> None:
        """Begin to watch functionTimeout. Functions can be submitted before."""
        if self._timeout_s is not None:
            threading.Thread(target=self._watch_timeouts, name="timeouts", daemon=True).start()

    def submit(self, function: AppFunction, trigger_value: Any, trace_parent: str | None = None) -> Future[Any]:
        """Start one invocation. The future holds what the function returned, or raised, after its outputs are sent."""
        running = _Running(function, trace_parent)
        with self._changed:
            self._running.add(running)
        try:
            return self._pool.submit(self._run, running, trigger_value)
        except RuntimeError:  # the pool is closed: the host stops
            self._finished(running)
            raise

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until nothing runs; whether that was reached in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, timeout_s)

    def running_names(self) -> list[str]:
        """The functions under way, for messages."""
        with self._changed:
            return sorted(running.function.name for running in self._running)

    def close(self) -> None:
        """Take no more work. Running functions go on; nothing waits for them here."""
        self._closed.set()
        self._pool.shutdown(wait=False, cancel_futures=False)
        if self._loop is not None and not self._running:
            self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self, running: _Running, trigger_value: Any) -> Any:
        running.started = time.monotonic()
        error: Exception | None = None
        try:
            return self._call(running, trigger_value)
        except Exception as caught:
            error = caught
            _logger.exception("function %s failed (%s)", running.function.name, running.invocation_id)
            raise
        finally:
            duration_ms = round((time.monotonic() - running.started) * 1000, 1)
            self._report(
                InvocationRecord(
                    running.function.name,
                    running.invocation_id,
                    "failed" if error else "succeeded",
                    duration_ms,
                    type(error).__name__ if error else None,
                )
            )
            self._finished(running)

    def _call(self, running: _Running, trigger_value: Any) -> Any:
        function = running.function
        arguments: dict[str, Any] = {function.trigger["name"]: trigger_value}
        outputs = {b["name"]: OutputValue() for b in function.outputs if b["name"] != RETURN}
        arguments.update(outputs)
        if function.wants_context:
            context = InvocationContext(running.invocation_id, function.name, self._directory, running.trace_parent)
            context.thread_local_storage.invocation_id = running.invocation_id
            arguments["context"] = context
        returned = function.call(**arguments)
        if inspect.isawaitable(returned):
            returned = asyncio.run_coroutine_threadsafe(_awaited(returned), self._event_loop()).result()
        self._send_outputs(function, returned, outputs)
        return returned

    def _send_outputs(self, function: AppFunction, returned: Any, outputs: Mapping[str, OutputValue]) -> None:
        returns = next((b for b in function.outputs if b["name"] == RETURN), None)
        if returned is not None and returns is None:
            raise RuntimeError(f"function {function.name} returned a value, but has no $return binding")
        for binding in function.outputs:
            value = returned if binding["name"] == RETURN else outputs[binding["name"]].get()
            if value is not None and binding["type"] != "http":
                self._send(binding, value)

    def _event_loop(self) -> asyncio.AbstractEventLoop:
        with self._changed:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_run_loop, args=(self._loop,), name="event loop", daemon=True).start()
            return self._loop

    def _finished(self, running: _Running) -> None:
        with self._changed:
            self._running.discard(running)
            self._changed.notify_all()

    def _watch_timeouts(self) -> None:
        while not self._closed.wait(_TIMEOUT_CHECK_S):
            with self._changed:
                started = [(running, running.started) for running in self._running if not running.overdue]
            for running, since in started:
                if since is not None and time.monotonic() - since > (self._timeout_s or math.inf):
                    running.overdue = True
                    _logger.error(
                        "function %s (%s) runs longer than host.json's functionTimeout of %g s; "
                        "the real host would end it and every other function of its worker",
                        running.function.name,
                        running.invocation_id,
                        self._timeout_s,
                    )


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


def _run_loop(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()
