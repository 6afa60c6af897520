"""One write for what several threads bring at the same time: the group commit of databases, for webhooks.

Who comes while another writes waits for it, and the first of those that waited writes for all of them. Alone, a message
is written at once and as it is. Must never answer before the write that holds the message, nor hide that it failed.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from threading import Lock

from shared.records import Message

log = logging.getLogger("intake")


@dataclass(eq=False, slots=True)
class _Brought:
    message: Message
    written: bool = False
    error: BaseException | None = None


@dataclass(slots=True)
class _Line:
    """Those that wait for one another: `turn` is had by who writes, `brought` is what nobody has taken yet."""

    turn: Lock = field(default_factory=Lock)
    door: Lock = field(default_factory=Lock)
    brought: list[_Brought] = field(default_factory=list)

    def take(self) -> list[_Brought]:
        with self.door:
            taken, self.brought = self.brought, []
        return taken


class Together:
    """Sends messages that came at the same time and differ in their ids alone as one."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self._lines: dict[Hashable, _Line] = defaultdict(_Line)

    def send(self, message: Message) -> None:
        """Return when a write that holds it succeeded; raises what that write raised, to each whose message it held."""
        if message.notice:  # its ids are one matter
            self._send(message)
            return
        line, mine = self._lines[_alike(message)], _Brought(message)
        with line.door:
            line.brought.append(mine)
        with line.turn:
            if not mine.written:
                self._write(line.take())
        if mine.error:
            raise mine.error

    def _write(self, taken: list[_Brought]) -> None:
        error: BaseException | None = None
        try:
            self._send(_joined([each.message for each in taken]))
        except BaseException as caught:  # noqa: BLE001 - raised again, by each of those who wait for it
            error = caught
        for each in taken:
            each.written, each.error = True, error


def _alike(message: Message) -> Hashable:
    """What two messages must have in common; what was deleted stays apart from what is to be read."""
    same = replace(message, ids=(), deleted=(), first_at=None, seen_at=None, correlation_id="")
    return same, bool(message.deleted)


def _joined(messages: list[Message]) -> Message:
    """All their ids under the first one's correlation; as old as the oldest, as late to be read as the latest."""
    first = messages[0]
    if len(messages) == 1:
        return first
    for other in messages[1:]:
        log.info("webhook sent with another", extra={"webhook": other.correlation_id, "with": first.correlation_id})
    return replace(
        first,
        ids=tuple(dict.fromkeys(each for message in messages for each in message.ids)),
        deleted=tuple(dict.fromkeys(each for message in messages for each in message.deleted)),
        first_at=min((message.first_at for message in messages if message.first_at), default=None),
        seen_at=max((message.seen_at for message in messages if message.seen_at), default=None),
    )
