"""The flows' queues: ports.Queues on Queue Storage.

`sync-` carries live changes, `load-` first loads and full listings, `held-` what waits for a resume. A message is
JSON of ids and names, never content. Must never lose a message: it is sent to its next place before it is deleted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from shared.errors import Invalid, Unreadable
from shared.records import Message, Origin
from shared.state import limits
from shared.state.queue_service import QueueService
from shared.state.together import Together

LIVE, LOAD, HELD = "sync", "load", "held"
POISON = "-poison"
MESSAGE_BYTES = 48 * 1024
_HIDDEN_S = 300
_GLANCE_S = 60
"""How long what stays held is out of sight: less than housekeeping waits, which looks at it again."""
_BEHIND_S = 60.0
"""How long what was refused stays behind the others that were held with it: they show whether their flow works."""
_MOST = 1_000_000  # tries, or records of one page


def queue_name(use: str, flow: str) -> str:
    """`sync-`, `load-` or `held-` with the flow's name in dashes; all tables of one flow share its queues."""
    return f"{use}-{flow.partition('/')[0].replace('_', '-')}"


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
    """The message again; unknown entries are left out. Raises Unreadable for what is not one, or names nothing."""
    try:
        content = json.loads(text)
        known = {name: _value(name, content[name]) for name in _NAMES if name in content}
        message = Message(**known)
        if not (message.ids or message.deleted or message.blob or message.poll or message.notice):
            raise ValueError("it names nothing")
        return message
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise Unreadable("A queue message cannot be read.", facts={"cause": type(error).__name__}) from None


def _value(name: str, value: Any) -> Any:
    read: Callable[[Any], Any] = _READ.get(name, _text)
    return read(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # half of a surrogate pair is not text: no store takes it
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or "" in value:
        raise TypeError
    return tuple(map(_text, value))


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= _MOST:
        raise ValueError
    return value


def _truth(value: Any) -> bool:
    if type(value) is not bool:
        raise TypeError
    return value


_NAMES = [field.name for field in fields(Message)]
_READ: Mapping[str, Callable[[Any], Any]] = {
    "origin": Origin,
    "ids": _texts,
    "deleted": _texts,
    "first_at": _moment,
    "refused_at": _moment,
    "seen_at": _moment,
    "offset": _number,
    "attempt": _number,
    "failed": _number,
    "storms": _number,
    "poisoned": _number,
    "turn": _number,
    "poll": _truth,
}


def split(message: Message) -> list[Message]:
    """The message, or several with a share of its ids each, none over 48 KiB."""
    if len(to_text(message)) <= MESSAGE_BYTES:
        return [message]
    if message.offset:  # it counts through all ids: those that are done are cut off, no part would know which they are
        kept = message.deleted[max(0, message.offset - len(message.ids)) :]
        return split(replace(message, offset=0, ids=message.ids[message.offset :], deleted=kept))
    whom = message.ids[:1] if message.notice else ()  # the one a notice is about goes with every part of it
    shared = message.ids[len(whom) :]
    if len(shared) + len(message.deleted) < 2:
        raise Invalid("A queue message is too large and has no ids to share out.")
    left, right = _halved(shared, message.deleted)
    return split(replace(message, ids=(*whom, *left[0]), deleted=left[1])) + split(
        replace(message, ids=(*whom, *right[0]), deleted=right[1])
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
        self._together = Together(lambda message: self.send(message))

    def send(self, message: Message, *, delay_s: float = 0.0) -> None:
        """Put it on the sync- or load- queue that its origin names; a delay is at most 7 days."""
        use = LOAD if message.origin is Origin.LOAD else LIVE
        delay = min(max(delay_s, 0.0), limits.VISIBILITY_MAX_S)
        for part in split(message):
            self._service.send(queue_name(use, message.flow), to_text(part), delay_s=delay)

    def send_together(self, message: Message) -> None:
        """`send`, of what several threads bring at the same time in one write."""
        self._together.send(message)

    def hold(self, message: Message) -> None:
        """Keep it for a paused flow or connection."""
        for part in split(message):
            self._service.send(queue_name(HELD, message.flow), to_text(part))

    def release(
        self, flow: str, handle: Callable[[Message], bool] | None = None, *, most: int | None = None
    ) -> int:
        """Put held messages back, of `most` that are looked at; returns how many. What is held meanwhile waits.

        `handle` does with each what has to be done, or says that it stays: it is out of sight for a moment then.
        """
        held = queue_name(HELD, flow)
        done = partial(self._put_back, flow, handle or self.give_back)
        return self._move(held, done, self._service.depth(held) if most is None else most, _GLANCE_S)

    def give_back(self, message: Message) -> bool:
        """Send what was held; what was refused comes behind the rest, or it would be the first to stop them again."""
        self.send(message, delay_s=_BEHIND_S if message.refused_at else 0.0)
        return True

    def _put_back(self, flow: str, handle: Callable[[Message], bool], text: str) -> bool:
        try:
            return handle(from_text(text))
        except Unreadable:  # a worker finds that too, and sets it aside
            self._service.send(queue_name(LIVE, flow), text)
            return True

    def depth(self, flow: str) -> int:
        """About how many messages wait for the flow, sync- and load- together."""
        return sum(self._service.depth(queue_name(use, flow)) for use in (LIVE, LOAD))

    def loads(self, flow: str) -> int:
        """About how many of those are pages of a whole listing."""
        return self._service.depth(queue_name(LOAD, flow))

    def oldest(self, flow: str) -> datetime | None:
        """When the longest-waiting live change was found, among the 32 at the queue's front that were never tried.

        What is tried again waits on purpose, what was held waited for a resume: neither says how fast workers are.
        """
        times = []
        for text in self._service.peek(queue_name(LIVE, flow)):
            with suppress(Unreadable):  # the workers find that too, and set it aside
                message = from_text(text)
                times += [message.first_at] if message.first_at and not message.attempt else []
        return min(times, default=None)

    def held(self, flow: str) -> int:
        """About how many messages wait for a resume."""
        return self._service.depth(queue_name(HELD, flow))

    def drain_poison(self, flow: str, handle: Callable[[str], None]) -> int:
        """Hand each poisoned message's text to `handle` and delete it after; returns how many."""
        names = [queue_name(use, flow) + POISON for use in (LIVE, LOAD)]
        return sum(self._move(name, handle, self._service.depth(name)) for name in names)

    def ensure(self, flows: Iterable[str]) -> None:
        """Create the queues of those flows, with their poison queues."""
        for flow in flows:
            for use in (LIVE, LOAD, HELD):
                self._service.ensure(queue_name(use, flow))
            for use in (LIVE, LOAD):
                self._service.ensure(queue_name(use, flow) + POISON)

    def _move(self, queue: str, handle: Callable[[str], bool | None], most: int, hidden_s: int = _HIDDEN_S) -> int:
        """What `handle` returns False for stays."""
        moved = seen = 0
        while seen < most:
            taken = self._service.receive(queue, min(limits.RECEIVE_MAX, most - seen), hidden_s)
            if not taken:
                break
            seen += len(taken)
            for message in taken:
                if handle(message.text) is not False:
                    moved += self._service.delete(queue, message)
        return moved
