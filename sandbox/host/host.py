"""One host: checks an app, listens to its timers, queues and routes, and stops without losing work.

    host = Host(app, settings, options=HostOptions(port=0))
    host.start() … host.stop(grace_s=30)

Several hosts, in one process or in many, may serve the same app on the same storage side by side.
"""

from __future__ import annotations

import base64
import json
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import azure.functions as func
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueMessage

from sandbox.host.app_settings import resolve
from sandbox.host.cron import Schedule
from sandbox.host.errors import HostStartError
from sandbox.host.functions import AppFunction, Binding, read_functions
from sandbox.host.host_json import HostJson
from sandbox.host.invocation import InvocationRecord, Invoker
from sandbox.host.message_lock import LockRenewer
from sandbox.host.payloads import queue_message, queue_texts, timer_request
from sandbox.host.queue_listener import QueueListener, QueuePair
from sandbox.host.routes import RouteTable
from sandbox.host.server import LoopbackServer
from sandbox.host.singleton import SingletonLease
from sandbox.host.start_checks import resolve_app
from sandbox.host.storage import DEFAULT_CONNECTION, Storage
from sandbox.host.timer_listener import StatusStore, Timer, TimerListener
from sandbox.host.web import Keys, WebApp

_logger = logging.getLogger("sandbox.host")
_records = logging.getLogger("sandbox.host.invocations")
_CONTAINER = "azure-webjobs-hosts"


@dataclass(frozen=True)
class HostOptions:
    """How to run. `port` None: no server, call `Host.web` in process. Lock times as on Azure unless a test needs
    shorter ones (storage leases last 15 to 60 s).
    """

    host_json: HostJson = field(default_factory=HostJson)
    port: int | None = 0
    message_lock_s: int = 600
    timer_lock_s: int = 60
    timer_poll_s: float = 60.0
    keys: Keys = field(default_factory=Keys)
    directory: str = "."
    host_id: str = "local"


def utc_now() -> datetime:
    """The machine's clock, in UTC."""
    return datetime.now(UTC)


def log_record(record: InvocationRecord) -> None:
    """One JSON line per invocation."""
    _records.info(json.dumps(asdict(record)))


class Host:
    """Hosts one function app."""

    def __init__(
        self,
        app: func.FunctionRegister,
        settings: Mapping[str, str],
        storage: Storage | None = None,
        options: HostOptions | None = None,
        *,
        clock: Callable[[], datetime] = utc_now,
        report: Callable[[InvocationRecord], None] = log_record,
    ) -> None:
        """Check the app. Raises HostStartError with everything that is wrong; starts and connects nothing."""
        options = options or HostOptions()
        functions, problems = read_functions(app)
        self.resolved = resolve_app(functions, settings, options.host_json.route_prefix)
        if problems or self.resolved.problems:
            raise HostStartError([*problems, *self.resolved.problems])
        self._settings = settings
        self._options = options
        self._clock = clock
        self._storage = storage or Storage(settings)
        self._invoker = Invoker(
            threads=int(settings.get("PYTHON_THREADPOOL_THREAD_COUNT") or 0) or None,
            timeout_s=options.host_json.function_timeout_s,
            directory=options.directory,
            report=report,
            send=self._send,
        )
        self._renewer = LockRenewer(options.message_lock_s)
        self._listeners: list[TimerListener | QueueListener] = [
            *(self._timer(function, schedule) for function, schedule in self.resolved.timers),
            *(self._queue(function, name) for function, name in self.resolved.queues),
        ]
        table = RouteTable(self.resolved.routes)
        self.web = WebApp(self.resolved.functions, table, self._invoker, options.keys, self.fire)
        self._server: LoopbackServer | None = None
        self._started = False

    @property
    def url(self) -> str | None:
        """Where the host answers, or None while there is no server."""
        return f"http://127.0.0.1:{self._server.port}" if self._server else None

    def start(self) -> None:
        """Begin to listen. Raises OSError when the port is taken."""
        if self._options.port is not None:
            self._server = LoopbackServer(self.web, self._options.port)
            self._server.start()
        self._started = True
        self._invoker.start()
        self._renewer.start()
        for listener in self._listeners:
            listener.start()

    def stop(self, grace_s: float = 30.0) -> bool:
        """Take no new work, wait for what runs, and close. Returns whether all of it finished in time."""
        deadline = time.monotonic() + grace_s
        listeners = self._listeners if self._started else []
        for listener in listeners:
            listener.stop()
        if self._server:
            self._server.stop_accepting()
        finished = all(listener.join(max(0.0, deadline - time.monotonic())) for listener in listeners)
        finished = self._invoker.wait_idle(max(0.0, deadline - time.monotonic())) and finished
        if not finished:
            _logger.error("still running after %g s: %s", grace_s, ", ".join(self._invoker.running_names()))
        self._invoker.close()
        if self._started:
            self._renewer.stop()
        if self._server:
            self._server.stop()
        self._storage.close()
        return finished

    def fire(self, name: str, text: str = "") -> Future[Any] | None:
        """Run a timer or queue function once, now, whatever its schedule; None when the host is stopping."""
        function = next(found for found in self.resolved.functions if found.name == name)
        if function.trigger_type == "timerTrigger":
            value = timer_request(None, past_due=False)
        else:
            now = self._clock()
            value = queue_message(_message_by_hand(text, now), text)
        try:
            return self._invoker.submit(function, value)
        except RuntimeError:
            return None

    def _timer(self, function: AppFunction, schedule: Schedule) -> TimerListener:
        container = self._storage.container(DEFAULT_CONNECTION, _CONTAINER)
        name = f"Host.Functions.{function.name}"
        monitored = function.trigger.get("useMonitor", True) and not schedule.several_a_minute(self._clock())
        timer = Timer(
            function,
            schedule,
            SingletonLease(container, f"locks/{self._options.host_id}/{name}.Listener", self._options.timer_lock_s),
            StatusStore(container, f"timers/{self._options.host_id}/{name}/status") if monitored else None,
        )
        return TimerListener(timer, self._invoker, self._clock, poll_s=self._options.timer_poll_s)

    def _queue(self, function: AppFunction, name: str) -> QueueListener:
        connection = function.trigger.get("connection") or DEFAULT_CONNECTION
        pair = QueuePair(self._storage.queue(connection, name), self._storage.queue(connection, f"{name}-poison"))
        return QueueListener(
            function,
            pair,
            self._options.host_json.queues,
            invoker=self._invoker,
            renewer=self._renewer,
            lock_s=self._options.message_lock_s,
        )

    def _send(self, binding: Binding, value: Any) -> None:
        """Send what a queue output binding holds; the queue is created when it does not exist."""
        name = resolve(binding["queueName"], self._settings)
        queue = self._storage.queue(binding.get("connection") or DEFAULT_CONNECTION, name)
        for text in queue_texts(value):
            content = self._encoded(text)
            try:
                queue.send_message(content)
            except ResourceNotFoundError:
                queue.create_queue()
                queue.send_message(content)

    def _encoded(self, text: str) -> str:
        if not self._options.host_json.queues.base64:
            return text
        return base64.b64encode(text.encode()).decode()


def _message_by_hand(text: str, now: datetime) -> QueueMessage:
    """A message that is in no queue, for a function that is run by hand."""
    message = QueueMessage(content=text)
    message.id, message.dequeue_count, message.pop_receipt = str(uuid.uuid4()), 1, ""
    message.inserted_on = message.expires_on = message.next_visible_on = now
    return message
