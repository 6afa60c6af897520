"""One write for what several threads bring at the same time: the group commit of databases, for webhooks.

Who comes while another writes waits for it, and the first of those that waited writes for all of them. Alone, a message
is written at once and as it is. Must never answer before the write that holds the message, nor hide that it failed.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from threading import Condition

from shared.records import Message

log = logging.getLogger("intake")

PATIENCE_S = 2.0
"""How long a webhook waits for another one's write: Shopify gives all of it five seconds."""


@dataclass(eq=False, slots=True)
class _Brought:
    message: Message
    written: bool = False
    error: BaseException | None = None


@dataclass(slots=True)
class _Line:
    """Those that wait for one another: `busy` while one of them writes, `brought` is what nobody has taken yet."""

    free: Condition = field(default_factory=Condition)
    busy: bool = False
    brought: list[_Brought] = field(default_factory=list)


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
        with line.free:
            line.brought.append(mine)
            heard = line.free.wait_for(lambda: mine.written or not line.busy, PATIENCE_S)
            if heard and not mine.written:
                line.busy, taken, line.brought = True, line.brought, []
            elif not heard:
                line.brought = [each for each in line.brought if each is not mine]
        if not heard:  # another's write stands still: twice is borne, late is not
            self._send(message)
        elif not mine.written:
            self._write(line, taken)
        if mine.error:
            raise mine.error

    def _write(self, line: _Line, taken: list[_Brought]) -> None:
        error: BaseException | None = None
        try:
            self._send(_joined([each.message for each in taken]))
        except BaseException as caught:  # noqa: BLE001 - raised again, by each of those who wait for it
            error = caught
        with line.free:
            for each in taken:
                each.written, each.error = True, error
            line.busy = False
            line.free.notify_all()


def _alike(message: Message) -> Hashable:
    """What two messages must have in common; what was deleted stays apart from what is to be read."""
    same = replace(message, ids=(), deleted=(), first_at=None, seen_at=None, correlation_id="")
    return same, bool(message.deleted)


def _joined(messages: list[Message]) -> Message:
    """All their ids under the first one's correlation: as old as the oldest, to be read as late as the latest says."""
    first = messages[0]
    if len(messages) == 1:
        return first
    for other in filter(lambda each: each.correlation_id, messages[1:]):
        log.info("webhook sent with another", extra={"webhook": other.correlation_id, "with": first.correlation_id})
    seen = [message.seen_at for message in messages if message.seen_at]
    return replace(
        first,
        ids=tuple(dict.fromkeys(each for message in messages for each in message.ids)),
        deleted=tuple(dict.fromkeys(each for message in messages for each in message.deleted)),
        first_at=min((message.first_at for message in messages if message.first_at), default=None),
        seen_at=max(seen) if len(seen) == len(messages) else None,  # None: read it whatever was read before
    )
