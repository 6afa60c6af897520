"""The flows' queues: ports.Queues on Queue Storage.

`sync-` carries live changes, `load-` first loads and full listings, `held-` what waits for a resume. A message is
JSON of ids and names, never content. Must never lose a message: it is sent to its next place before it is deleted.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

from shared.errors import Invalid
from shared.records import Message, Origin
from shared.state import limits
from shared.state.queue_service import QueueService, Received

LIVE, LOAD, HELD = "sync", "load", "held"
POISON = "-poison"
MESSAGE_BYTES = 48 * 1024
_HIDDEN_S = 300
_TIMES = {"first_at", "seen_at"}
_log = logging.getLogger(__name__)


def queue_name(use: str, flow: str) -> str:
    """`sync-`, `load-` or `held-` with the flow's name in dashes."""
    return f"{use}-{flow.replace('_', '-')}"


def to_text(message: Message) -> str:
    """The message as JSON, without what is empty."""
    content: dict[str, Any] = {}
    for field in fields(message):
        value = getattr(message, field.name)
        if isinstance(value, datetime):
            value = value.astimezone(UTC).isoformat()
        if value or field.name in {"flow", "shop", "origin"}:
            content[field.name] = value
    return json.dumps(content, separators=(",", ":"))


def from_text(text: str) -> Message:
    """The message again; unknown entries are left out. Raises Invalid for what is not one."""
    try:
        content = json.loads(text)
        known = {field.name: content[field.name] for field in fields(Message) if field.name in content}
        known["origin"] = Origin(known["origin"])
        known |= {name: tuple(known[name]) for name in ("ids", "deleted") if name in known}
        known |= {name: datetime.fromisoformat(known[name]) for name in _TIMES if name in known}
        return Message(**known)
    except (ValueError, TypeError, KeyError) as error:
        raise Invalid("A queue message cannot be read.", facts={"cause": type(error).__name__}) from None


def split(message: Message) -> list[Message]:
    """The message, or several with a share of its ids each, none over 48 KiB."""
    if len(to_text(message)) <= MESSAGE_BYTES:
        return [message]
    if len(message.ids) + len(message.deleted) < 2:
        raise Invalid("A queue message is too large and has no ids to share out.")
    left, right = _halved(message.ids, message.deleted)
    return split(replace(message, ids=left[0], deleted=left[1])) + split(
        replace(message, ids=right[0], deleted=right[1])
    )


_Ids = tuple[str, ...]


def _halved(ids: _Ids, deleted: _Ids) -> tuple[tuple[_Ids, _Ids], tuple[_Ids, _Ids]]:
    middle = (len(ids) + len(deleted)) // 2
    at, gone = min(middle, len(ids)), max(0, middle - len(ids))
    return (ids[:at], deleted[:gone]), (ids[at:], deleted[gone:])


class StoredQueues:
    """ports.Queues on a queue service."""

    def __init__(self, service: QueueService) -> None:
        self._service = service

    def send(self, message: Message, *, delay_s: float = 0.0) -> None:
        """Put it on the sync- or load- queue that its origin names; a delay is at most 7 days."""
        use = LOAD if message.origin is Origin.LOAD else LIVE
        delay = min(max(delay_s, 0.0), limits.VISIBILITY_MAX_S)
        for part in split(message):
            self._service.send(queue_name(use, message.flow), to_text(part), delay_s=delay)

    def hold(self, message: Message) -> None:
        """Keep it for a paused flow or connection."""
        for part in split(message):
            self._service.send(queue_name(HELD, message.flow), to_text(part))

    def release(self, flow: str) -> int:
        """Put held messages back; returns how many. What is held meanwhile waits for the next release."""
        held = queue_name(HELD, flow)
        return self._move(held, self.send, self._service.depth(held))

    def depth(self, flow: str) -> int:
        """About how many messages wait for the flow, sync- and load- together."""
        return sum(self._service.depth(queue_name(use, flow)) for use in (LIVE, LOAD))

    def oldest(self, flow: str) -> datetime | None:
        """When the longest-waiting live change was found, among the 32 at the queue's front that were never tried.

        What is tried again waits on purpose, what was held waited for a resume: neither says how fast workers are.
        """
        times = []
        for text in self._service.peek(queue_name(LIVE, flow)):
            with suppress(Invalid):  # the workers fail on it too, and it ends on the poison queue
                message = from_text(text)
                times += [message.first_at] if message.first_at and not message.attempt else []
        return min(times, default=None)

    def held(self, flow: str) -> int:
        """About how many messages wait for a resume."""
        return self._service.depth(queue_name(HELD, flow))

    def drain_poison(self, flow: str, handle: Callable[[Message], None]) -> int:
        """Hand each poisoned message to `handle` and delete it after; returns how many. Unreadable ones stay."""
        names = [queue_name(use, flow) + POISON for use in (LIVE, LOAD)]
        return sum(self._move(name, handle, self._service.depth(name)) for name in names)

    def ensure(self, flows: Iterable[str]) -> None:
        """Create the queues of those flows, with their poison queues."""
        for flow in flows:
            for use in (LIVE, LOAD, HELD):
                self._service.ensure(queue_name(use, flow))
            for use in (LIVE, LOAD):
                self._service.ensure(queue_name(use, flow) + POISON)

    def _move(self, queue: str, handle: Callable[[Message], None], most: int) -> int:
        moved = seen = 0
        while seen < most:
            taken = self._service.receive(queue, min(limits.RECEIVE_MAX, most - seen), _HIDDEN_S)
            if not taken:
                break
            seen += len(taken)
            moved += sum(self._move_one(queue, message, handle) for message in taken)
        return moved

    def _move_one(self, queue: str, taken: Received, handle: Callable[[Message], None]) -> bool:
        try:
            message = from_text(taken.text)
        except Invalid:
            _log.warning("A message on queue '%s' cannot be read and stays there.", queue)
            return False
        handle(message)
        self._service.delete(queue, taken)
        return True
