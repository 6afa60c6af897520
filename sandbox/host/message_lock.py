"""Keeps the messages a host is working on invisible to other hosts, by renewing each at half its lock time.

A host that dies stops renewing, and its messages reappear when their locks run out.
"""

from __future__ import annotations

import logging
import threading
import time

from azure.core.exceptions import AzureError, HttpResponseError
from azure.storage.queue import QueueClient, QueueMessage

_logger = logging.getLogger("sandbox.host")


class MessageLock:
    """One received message; whoever deletes or releases it ends the renewal first."""

    def __init__(self, queue: QueueClient, message: QueueMessage, lock_s: int) -> None:
        self.message = message
        self._queue = queue
        self._lock_s = lock_s
        self._guard = threading.Lock()
        self._ended = False
        self._renew_at = time.monotonic() + lock_s / 2

    @property
    def ended(self) -> bool:
        """Whether the message is done with, or lost to another host."""
        return self._ended

    def end(self) -> None:
        """Stop renewing; returns when no renewal is under way, so that the pop receipt is the last one."""
        with self._guard:
            self._ended = True

    def renew_when_due(self, now: float) -> None:
        """Hide the message for another lock time when half of the last one has passed."""
        with self._guard:
            if self._ended or now < self._renew_at:
                return
            try:
                # The text is not sent: an update without it leaves the message as it is.
                renewed = self._queue.update_message(
                    self.message.id, self.message.pop_receipt, visibility_timeout=self._lock_s
                )
            except HttpResponseError as error:
                self._failed(error)
            except AzureError as error:
                self._retry_soon(error)
            else:
                self.message.pop_receipt = renewed.pop_receipt
                self._renew_at = now + self._lock_s / 2

    def _failed(self, error: HttpResponseError) -> None:
        if taken_over(error):
            self._ended = True
            _logger.warning("message %s was taken over while its function ran", self.message.id)
        else:
            self._retry_soon(error)

    def _retry_soon(self, error: AzureError) -> None:
        self._renew_at = time.monotonic() + self._lock_s / 10
        _logger.warning("message %s could not be kept locked: %s", self.message.id, type(error).__name__)


class LockRenewer:
    """One thread that renews the locks of all messages under way."""

    def __init__(self, lock_s: int) -> None:
        self._interval_s = min(1.0, lock_s / 20)
        self._guard = threading.Lock()
        self._locks: set[MessageLock] = set()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="message locks", daemon=True)

    def start(self) -> None:
        """Begin to renew."""
        self._thread.start()

    def add(self, lock: MessageLock) -> None:
        """Keep this message locked until its lock is ended."""
        with self._guard:
            self._locks.add(lock)

    def stop(self) -> None:
        """Renew nothing any more."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._interval_s):
            now = time.monotonic()
            with self._guard:
                self._locks = {lock for lock in self._locks if not lock.ended}
                locks = list(self._locks)
            for lock in locks:
                lock.renew_when_due(now)


def taken_over(error: HttpResponseError) -> bool:
    """Whether a storage error says that the message is somebody else's now, or gone."""
    return error.status_code == 404 or getattr(error, "error_code", None) == "PopReceiptMismatch"
