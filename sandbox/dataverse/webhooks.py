"""Webhooks out: registered steps become asynchronous POSTs of a RemoteExecutionContext.

Reference: use-webhooks.md, register-web-hook.md. There is no signature, no order and no at-least-once delivery:
one retry, and only after 502, 503 or 504. The queue starts to move after the commit, never before.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import requests

from .errors import error
from .webhook_body import Registration, context_body, read_registrations

if TYPE_CHECKING:
    from .context import Context, Core
    from .store import Row

RETRIED = frozenset({502, 503, 504})
MAX_BODY = 256 * 1024
KEPT = 1000
SYNCHRONOUS = 0
PORTS = {"http": 80, "https": 443}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SUCCEEDED, FAILED = 30, 31


@dataclass(frozen=True)
class Event:
    """A finished write: message, row, the values it set, and which columns the caller sent."""

    message: str
    table: str
    row_id: str
    values: Row
    sent: frozenset[str]
    before: Row | None = None


@dataclass(frozen=True)
class Delivery:
    """One POST to be made."""

    step_id: str
    event: Event
    url: str
    headers: dict[str, str]
    body: bytes
    auto_delete: bool = True


Sender = Callable[[str, dict[str, str], bytes, float], int]


def send(url: str, headers: dict[str, str], body: bytes, timeout_s: float) -> int:
    """POST over the network; returns the status, 0 when no answer came."""
    try:
        return requests.post(url, data=body, headers=headers, timeout=timeout_s).status_code
    except requests.RequestException:
        return 0


def is_served(url: str, local: bool) -> bool:
    """Whether the platform posts there: port 80 for http and 443 for https; `local` adds any port of this machine."""
    parts = urlsplit(url)
    usual = PORTS.get(parts.scheme)
    return usual is not None and (parts.port in (None, usual) or (local and parts.hostname in LOOPBACK))


class Webhooks:
    """The registered steps of one sandbox and the thread that delivers.

    `choose` says which of so many waiting deliveries goes next in a `flush`: the platform keeps no order.
    """

    def __init__(self) -> None:
        self.sender: Sender = send
        self.choose: Callable[[int], int] = lambda waiting: 0
        self.delivered: list[tuple[str, int]] = []
        self._core: Core | None = None
        self._registrations: list[Registration] | None = None
        self._queue: queue.Queue[Delivery | None] = queue.Queue()
        self._thread: threading.Thread | None = None

    def bind(self, core: Core) -> None:
        """Tell the webhooks which sandbox they belong to."""
        self._core = core

    def forget(self) -> None:
        """Read the registrations again at the next event."""
        self._registrations = None

    def announce(self, ctx: Context, event: Event) -> None:
        """Queue the POSTs for a write; they leave once its transaction has committed."""
        if event.table.startswith("sdkmessage") or event.table == "serviceendpoint":
            self.forget()
            ctx.store.on_commit.append(self.forget)
            return
        for registration in self._matching(ctx, event):
            delivery = self._delivery(ctx, event, registration)
            if registration.mode == SYNCHRONOUS:
                self._at_once(delivery)
                continue
            ctx.store.on_commit.append(lambda d=delivery: self._enqueue(d))  # type: ignore[misc]

    def _matching(self, ctx: Context, event: Event) -> list[Registration]:
        if self._registrations is None:
            self._registrations = read_registrations(ctx)
        return [
            r for r in self._registrations
            if not ctx.bypass.skips(r.step_id, r.mode) and r.message == event.message and r.table in ("", event.table)
            and (event.message != "Update" or not r.filtering or r.filtering & event.sent)]

    def _at_once(self, delivery: Delivery) -> None:
        """A synchronous step: the write fails with the endpoint."""
        status = self._post(delivery)
        self._keep(delivery, status)
        if not 200 <= status < 300:
            raise error("WebhooksNonSuccessHttpResponse" if status else "WebhooksHttpRequestTimedOut")

    def _delivery(self, ctx: Context, event: Event, registration: Registration) -> Delivery:
        correlation = ctx.core.ids.new()
        body = context_body(ctx, event, registration, correlation, stripped=False)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "x-ms-dynamics-organization": f"{ctx.core.config.organization_name}.crm.dynamics.com",
            "x-ms-dynamics-entity-name": event.table,
            "x-ms-dynamics-request-name": event.message,
            "x-ms-correlation-request-id": correlation}
        if len(body) > MAX_BODY:
            body = context_body(ctx, event, registration, correlation, stripped=True)
            headers["x-ms-dynamics-msg-size-exceeded"] = "True"
        url = registration.url
        if registration.auth_type == 5:
            headers.update(registration.settings)
        elif registration.auth_type in (4, 6) and registration.settings:
            url += ("&" if "?" in url else "?") + urlencode(registration.settings)
        return Delivery(registration.step_id, event, url, headers, body, registration.auto_delete)

    def _enqueue(self, delivery: Delivery) -> None:
        core = self._bound()
        what = f"{delivery.event.message} {delivery.event.table}"
        if core.faults.take(what, "", ("webhook_loss",)):
            return
        self._queue.put(delivery)
        if core.faults.take(what, "", ("webhook_duplicate",)):
            self._queue.put(delivery)
        if not core.config.deterministic_webhooks and self._thread is None:
            self._thread = threading.Thread(target=self._work, name="dataverse-webhooks", daemon=True)
            self._thread.start()

    def _bound(self) -> Core:
        if self._core is None:
            raise LookupError("webhooks are not bound to a sandbox")
        return self._core

    def _work(self) -> None:
        while True:
            delivery = self._queue.get()
            if delivery is None:
                self._queue.task_done()
                return
            try:
                self._deliver(delivery)
            finally:
                self._queue.task_done()

    def flush(self, most: int = 0) -> int:
        """Deliver everything queued (or `most` of it), in this thread when webhooks are deterministic; how many."""
        if self._thread is not None:
            self._queue.join()
            return 0
        done = 0
        while self._queue.queue and done != (most or -1):
            at = self.choose(len(self._queue.queue))
            delivery = self._queue.queue[at]
            del self._queue.queue[at]
            if delivery is not None:
                self._deliver(delivery)
                done += 1
            self._queue.task_done()
        return done

    @property
    def waiting(self) -> int:
        """How many POSTs have not been made yet."""
        return self._queue.qsize()

    def _deliver(self, delivery: Delivery) -> None:
        core = self._bound()
        delay = core.faults.take(f"{delivery.event.message} {delivery.event.table}", "", ("webhook_delay",))
        wait = core.config.webhook_delay_s + (delay.seconds if delay else 0.0)
        if wait:
            core.clock.sleep(wait)
        status = self._post(delivery)
        if status in RETRIED:
            status = self._post(delivery)
        self._keep(delivery, status)
        if not 200 <= status < 300 or not delivery.auto_delete:
            self._note_job(core, delivery, status)

    def _post(self, delivery: Delivery) -> int:
        config = self._bound().config
        if not is_served(delivery.url, config.local_webhooks):
            return 0
        return self.sender(delivery.url, delivery.headers, delivery.body, config.webhook_timeout_s)

    def _keep(self, delivery: Delivery, status: int) -> None:
        self.delivered.append((delivery.url, status))
        del self.delivered[:-KEPT]

    def _note_job(self, core: Core, delivery: Delivery, status: int) -> None:
        """Failed deliveries stay as system jobs, successful ones unless the step deletes them."""
        done = 200 <= status < 300
        name = "WebhooksNonSuccessHttpResponse" if status else "WebhooksHttpRequestTimedOut"
        table = core.registry.tables["asyncoperation"]
        now = core.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        with core.store.transaction():
            core.store.insert(table, {
                table.pk: core.ids.new(), "name": "Webhook", "statecode": 3, "operationtype": 1,
                "statuscode": SUCCEEDED if done else FAILED,
                "messagename": delivery.event.message, "primaryentitytype": delivery.event.table,
                "regardingobjectid": delivery.event.row_id, "owningextensionid": delivery.step_id,
                "message": None if done else f"{error(name).message} ({status})", "createdon": now, "modifiedon": now})

    def stop(self) -> None:
        """End the delivery thread after what is queued."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(timeout=5)
            self._thread = None
