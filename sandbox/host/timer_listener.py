"""Runs one timer function on its schedule, on one of several hosts, never overlapping itself.

The order of things is the timers extension's: lock, status, catch-up run, then occurrence after occurrence. A failing
run does not stop the schedule and is not repeated.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.blob import ContainerClient

from sandbox.host.cron import Schedule
from sandbox.host.functions import AppFunction
from sandbox.host.invocation import Invoker
from sandbox.host.payloads import timer_request
from sandbox.host.schedule_status import ScheduleStatus, decide_at_start, status_after_run
from sandbox.host.singleton import SingletonLease, create_container

_logger = logging.getLogger("sandbox.host")
_LEASE_CHECK_S = 1.0


class StatusStore:
    """The blob that remembers one timer's schedule status."""

    def __init__(self, container: ContainerClient, name: str) -> None:
        self._container = container
        self._blob = container.get_blob_client(name)

    def load(self) -> ScheduleStatus | None:
        """The stored status; None when there is none yet, or none that can be read."""
        try:
            return ScheduleStatus.from_json(self._blob.download_blob().readall())
        except ResourceNotFoundError:
            return None
        except (AzureError, ValueError, KeyError) as error:
            _logger.warning("schedule status %s: %s", self._blob.blob_name, type(error).__name__)
            return None

    def save(self, status: ScheduleStatus) -> None:
        """Store a status; a failure is reported and nothing else, as the real host does."""
        try:
            self._blob.upload_blob(status.to_json(), overwrite=True)
        except ResourceNotFoundError:
            create_container(self._container)
            self._blob.upload_blob(status.to_json(), overwrite=True)
        except AzureError as error:
            _logger.error("schedule status %s: %s", self._blob.blob_name, type(error).__name__)


@dataclass(frozen=True)
class Timer:
    """One timer: its function, its schedule, and where its lock and status are (no store: monitor off)."""

    function: AppFunction
    schedule: Schedule
    lease: SingletonLease
    store: StatusStore | None


class TimerListener:
    """Fires one timer while this host holds its lock."""

    def __init__(self, timer: Timer, invoker: Invoker, clock: Callable[[], datetime], *, poll_s: float) -> None:
        self._timer = timer
        self._invoker = invoker
        self._clock = clock
        self._poll_s = poll_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"timer {timer.function.name}", daemon=True)

    def start(self) -> None:
        """Begin to wait for the lock and the schedule."""
        self._thread.start()

    def stop(self) -> None:
        """Start no more runs."""
        self._stopping.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for a run under way; whether it ended in time."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                if self._timer.lease.try_acquire():
                    self._follow_schedule()
                else:
                    self._stopping.wait(self._poll_s)
        finally:
            self._timer.lease.release()

    def _follow_schedule(self) -> None:
        """Fire until the lock is lost or the host stops."""
        schedule, store = self._timer.schedule, self._timer.store
        decision = decide_at_start(schedule, store.load() if store else None, self._clock())
        status = decision.status
        if store and decision.store:
            store.save(status)
        if decision.past_due:
            _logger.warning("timer %s is past due, it runs now", self._timer.function.name)
        run_now = decision.past_due or bool(self._timer.function.trigger.get("runOnStartup"))
        while run_now or self._wait_until(status.next_at):
            invoked_at = self._clock()
            self._invoke(status, past_due=run_now and decision.past_due)
            status = status_after_run(schedule, status, invoked_at, scheduled=not run_now)
            if store:
                store.save(status)
            run_now = False

    def _wait_until(self, moment: datetime) -> bool:
        """Wait for a moment; false when the host stops or the lock is lost first."""
        while self._timer.lease.held():
            left_s = (moment - self._clock()).total_seconds()
            if left_s <= 0:
                return not self._stopping.is_set()
            if self._stopping.wait(min(left_s, _LEASE_CHECK_S)):
                return False
        return False

    def _invoke(self, status: ScheduleStatus, *, past_due: bool) -> None:
        shown = status if self._timer.store else None
        try:
            future = self._invoker.submit(self._timer.function, timer_request(shown, past_due=past_due))
        except RuntimeError:  # the host stops
            return
        done = threading.Event()
        future.add_done_callback(lambda _: done.set())
        # The lock is kept while the function runs: a long run must not let a second host start one.
        while not done.wait(_LEASE_CHECK_S):
            self._timer.lease.held()
