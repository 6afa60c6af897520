"""The seam to Queue Storage: texts with a delay, taken with a receipt; and its Azure side.

Texts go as they are (message encoding none, as host.json says) and never expire. Must never shorten a text, nor
let an Azure exception out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from azure.core.exceptions import AzureError
from azure.storage.queue import QueueClient, QueueServiceClient

from shared.errors import Invalid
from shared.state import limits
from shared.state.failures import failure, translated, vendor_code
from shared.state.wire import CountingTransport

_NEVER = -1
_NAME = re.compile(r"(?=.{3,63}\Z)[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Received:
    """A message that is hidden from others; `times` says how often it was given out."""

    id: str
    text: str
    receipt: str
    times: int


class QueueService(Protocol):
    """All queues of one account."""

    @property
    def transactions(self) -> int:
        """Requests sent to the service so far."""

    def ensure(self, queue: str) -> None:
        """Create a queue where it does not exist."""

    def send(self, queue: str, text: str, *, delay_s: float = 0.0) -> None:
        """Add one message that shows up after the delay (at most 7 days) and never expires."""

    def receive(self, queue: str, count: int, visibility_s: int) -> list[Received]:
        """Up to `count` (at most 32) visible messages, hidden from others for `visibility_s`."""

    def peek(self, queue: str) -> list[str]:
        """The texts of up to 32 visible messages at the queue's front, which stay where they are."""

    def delete(self, queue: str, message: Received) -> bool:
        """Remove; False where the receipt is stale: it was given out again, or is gone."""

    def depth(self, queue: str) -> int:
        """About how many messages there are, hidden ones included; 0 for a queue that does not exist."""


def check_receive(count: int, visibility_s: int) -> None:
    """Refuse what the service would refuse: 1 to 32 messages, hidden for at most 7 days."""
    if not (1 <= count <= limits.RECEIVE_MAX and 1 <= visibility_s <= limits.VISIBILITY_MAX_S):
        raise Invalid("1 to 32 messages are received at once, for 1 second to 7 days.")


def check_send(text: str, delay_s: float) -> None:
    """Refuse what the service would refuse: over 64 KiB, or a delay over 7 days."""
    limits.check_message(text)
    if not 0 <= delay_s <= limits.VISIBILITY_MAX_S:
        raise Invalid("A message waits at most 7 days.", facts={"delay_s": delay_s})


def check_queue_name(name: str) -> None:
    """Refuse a name that the service would refuse."""
    if not _NAME.fullmatch(name):
        raise Invalid(f"'{name}' cannot be the name of a queue.")


class AzureQueues:
    """The queues of a storage account. Nothing connects before the first call."""

    def __init__(self, service: QueueServiceClient, transport: CountingTransport, prefix: str = "") -> None:
        self._service = service
        self._transport = transport
        self._prefix = prefix
        self._clients: dict[str, QueueClient] = {}

    @property
    def transactions(self) -> int:
        """Requests sent so far, retries included."""
        return self._transport.sent

    def ensure(self, queue: str) -> None:
        """Create a queue where it does not exist."""
        try:
            self._queue(queue).create_queue()
        except AzureError as error:
            if vendor_code(error) != "QueueAlreadyExists":
                raise failure(error, "creating a queue", write=False) from None

    def send(self, queue: str, text: str, *, delay_s: float = 0.0) -> None:
        """Add one message; a repeated send after a lost answer makes it twice, which every reader bears."""
        check_send(text, delay_s)
        with translated(f"sending to queue '{queue}'", write=True):
            self._queue(queue).send_message(text, visibility_timeout=int(delay_s), time_to_live=_NEVER)

    def receive(self, queue: str, count: int, visibility_s: int) -> list[Received]:
        """Up to `count` visible messages, in one request."""
        check_receive(count, visibility_s)
        with translated(f"receiving from queue '{queue}'", write=False):
            pages = self._queue(queue).receive_messages(
                messages_per_page=count, max_messages=count, visibility_timeout=visibility_s
            )
            return [Received(m.id, m.content, str(m.pop_receipt), m.dequeue_count or 0) for m in pages]

    def peek(self, queue: str) -> list[str]:
        """The texts at the front, in one request; none of a queue that does not exist."""
        try:
            return [m.content for m in self._queue(queue).peek_messages(limits.RECEIVE_MAX)]
        except AzureError as error:
            if vendor_code(error) == "QueueNotFound":
                return []
            raise failure(error, f"looking at queue '{queue}'", write=False) from None

    def delete(self, queue: str, message: Received) -> bool:
        """Remove; False where the receipt is stale."""
        try:
            self._queue(queue).delete_message(message.id, message.receipt)
        except AzureError as error:
            if vendor_code(error) in {"PopReceiptMismatch", "MessageNotFound"}:
                return False
            raise failure(error, f"deleting from queue '{queue}'", write=True) from None
        return True

    def depth(self, queue: str) -> int:
        """About how many messages there are, hidden ones included."""
        try:
            return int(self._queue(queue).get_queue_properties().approximate_message_count or 0)
        except AzureError as error:
            if vendor_code(error) == "QueueNotFound":
                return 0
            raise failure(error, f"measuring queue '{queue}'", write=False) from None

    def _queue(self, name: str) -> QueueClient:
        if name not in self._clients:
            check_queue_name(self._prefix + name)
            self._clients[name] = self._service.get_queue_client(self._prefix + name)
        return self._clients[name]
