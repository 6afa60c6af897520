"""Delivers the messages of one queue to one function, with the storage extension's semantics.

Fetches a batch while no more than newBatchThreshold messages are under way; success deletes a message, failure hides
it for visibilityTimeout, maxDequeueCount failures move it to `<queue>-poison`. A queue that does not exist is waited
for, never created.
"""

from __future__ import annotations

import base64
import binascii
import logging
import random
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.storage.queue import QueueClient, QueueMessage

from sandbox.host.backoff import Backoff, next_backoff
from sandbox.host.functions import AppFunction
from sandbox.host.host_json import QueueOptions
from sandbox.host.invocation import Invoker
from sandbox.host.message_lock import LockRenewer, MessageLock, taken_over
from sandbox.host.payloads import queue_message

_logger = logging.getLogger("sandbox.host")


@dataclass(frozen=True)
class QueuePair:
    """A queue and the queue its poisoned messages go to."""

    queue: QueueClient
    poison: QueueClient


class QueueListener:
    """Polls one queue and runs its function."""

    def __init__(
        self,
        function: AppFunction,
        queues: QueuePair,
        options: QueueOptions,
        *,
        invoker: Invoker,
        renewer: LockRenewer,
        lock_s: int,
    ) -> None:
        self._function = function
        self._queues = queues
        self._options = options
        self._invoker = invoker
        self._renewer = renewer
        self._lock_s = lock_s
        self._changed = threading.Condition()
        self._under_way = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"queue {queues.queue.queue_name}", daemon=True)

    def start(self) -> None:
        """Begin to poll."""
        self._thread.start()

    def stop(self) -> None:
        """Fetch no more; messages under way are finished."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def join(self, timeout_s: float) -> bool:
        """Wait until nothing is under way; whether that was reached in time."""
        with self._changed:
            done = self._changed.wait_for(lambda: self._under_way == 0, timeout_s)
        self._thread.join(max(0.0, timeout_s))
        return done and not self._thread.is_alive()

    def _run(self) -> None:
        backoff = Backoff()
        while self._wait_for_room():
            messages = self._receive()
            for message in messages:
                self._process(message)
            backoff = next_backoff(
                backoff,
                found=bool(messages),
                maximum_s=self._options.max_polling_interval_s,
                random=random.random,
            )
            if not messages:
                self._wait(backoff.delay_s)

    def _wait_for_room(self) -> bool:
        """Wait until a batch may be fetched; false when the host stops."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._under_way <= self._options.new_batch_threshold)
            return not self._stopping

    def _wait(self, delay_s: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, delay_s)

    def _receive(self) -> list[QueueMessage]:
        try:
            return list(
                self._queues.queue.receive_messages(
                    max_messages=self._options.batch_size,
                    messages_per_page=self._options.batch_size,
                    visibility_timeout=self._lock_s,
                )
            )
        except ResourceNotFoundError:
            return []
        except AzureError as error:
            _logger.warning("queue %s: %s", self._queues.queue.queue_name, type(error).__name__)
            return []

    def _process(self, message: QueueMessage) -> None:
        with self._changed:
            self._under_way += 1
        lock = MessageLock(self._queues.queue, message, self._lock_s)
        self._renewer.add(lock)
        try:
            body = self._body(message)
            if body is None or (message.dequeue_count or 1) > self._options.max_dequeue_count:
                self._complete(lock, self._poison)
                return
            future = self._invoker.submit(self._function, queue_message(message, body))
        except RuntimeError:  # the host stops: the message reappears when its lock runs out
            self._complete(lock, self._release)
            return
        future.add_done_callback(lambda done: self._complete(lock, self._action(done, message)))

    def _body(self, message: QueueMessage) -> str | None:
        """The message's text, or None when it is not what messageEncoding says (then it is poison, unrun)."""
        if not self._options.base64:
            return str(message.content)
        try:
            return base64.b64decode(message.content, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            _logger.error("queue %s: a message is not base64, see messageEncoding", self._queues.queue.queue_name)
            return None

    def _action(self, done: Future[Any], message: QueueMessage) -> Any:
        if not done.cancelled() and done.exception() is None:
            return self._delete
        exhausted = (message.dequeue_count or 1) >= self._options.max_dequeue_count
        return self._poison if exhausted else self._release

    def _complete(self, lock: MessageLock, action: Any) -> None:
        """End the lock and settle the message; a message that cannot be settled reappears when its lock runs out."""
        try:
            lock.end()
            action(lock.message)
        except HttpResponseError as error:
            if not taken_over(error):
                _logger.warning("message %s: %s", lock.message.id, type(error).__name__)
        except AzureError as error:
            _logger.warning("message %s: %s", lock.message.id, type(error).__name__)
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def _delete(self, message: QueueMessage) -> None:
        self._queues.queue.delete_message(message.id, message.pop_receipt)

    def _release(self, message: QueueMessage) -> None:
        self._queues.queue.update_message(
            message.id, message.pop_receipt, visibility_timeout=round(self._options.visibility_timeout_s)
        )

    def _poison(self, message: QueueMessage) -> None:
        """Copy first, then delete: a crash in between leaves two, never none. Default life time: 7 days."""
        name = self._queues.poison.queue_name
        _logger.warning("message %s goes to %s after %s tries", message.id, name, message.dequeue_count)
        try:
            self._queues.poison.send_message(message.content)
        except ResourceNotFoundError:
            self._queues.poison.create_queue()
            self._queues.poison.send_message(message.content)
        self._delete(message)
