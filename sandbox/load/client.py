"""Sends requests at moments fixed beforehand and measures each answer from the moment it was due (open loop).

A server that falls behind cannot slow the sender down, so waiting in line is counted too. Requests are ready bytes and
answers are barely parsed: the client must never be what is measured, and says how late it was itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.load.deliveries import Delivery

LONGEST_S = 30.0
"""After this a request counts as lost; Shopify itself waits five seconds."""


@dataclass
class Shot:
    """One request: where and when it is due (seconds after the start), and what came of it."""

    port: int
    due_s: float
    delivery: Delivery
    sent_s: float = 0.0
    done_s: float = 0.0
    status: int = 0
    trouble: str = ""

    @property
    def latency_ms(self) -> float:
        """From the moment it was due to the end of its answer."""
        return (self.done_s - self.due_s) * 1000

    @property
    def late_ms(self) -> float:
        """How late the client sent it."""
        return (self.sent_s - self.due_s) * 1000

    @property
    def wrong(self) -> str:
        """What is wrong with the answer; empty when nothing is."""
        if self.trouble or not self.status:
            return self.trouble or "no answer"
        return "" if self.status == self.delivery.status else f"{self.status} instead of {self.delivery.status}"


def fire(shots: Sequence[Shot], *, keep: bool = True) -> float:
    """Send them all and wait for the answers; returns the CPU seconds this took the client itself.

    `keep`: connections are used again, as a vendor's are; else each request opens its own.
    """
    loop = asyncio.SelectorEventLoop()
    try:
        return loop.run_until_complete(_Client(loop, keep).run(shots))
    finally:
        loop.close()


class _Client:
    def __init__(self, loop: asyncio.AbstractEventLoop, keep: bool) -> None:
        self.loop, self.keep = loop, keep
        self.idle: dict[int, list[_Connection]] = {}
        self.started = 0.0
        self._open = 0
        self._connecting: set[asyncio.Task[None]] = set()
        self._all_done: asyncio.Event = asyncio.Event()

    async def run(self, shots: Sequence[Shot]) -> float:
        packed = {id(shot): shot.delivery.packed(keep=self.keep) for shot in shots}
        self._open = len(shots)
        used, self.started = time.process_time(), time.perf_counter() + 0.05
        for shot in sorted(shots, key=lambda each: each.due_s):
            wait_s = shot.due_s - self.now()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            self._send(shot, packed[id(shot)])
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_done.wait(), LONGEST_S)
        spent = time.process_time() - used
        for task in self._connecting:
            task.cancel()
        await asyncio.gather(*self._connecting, return_exceptions=True)
        for connection in itertools.chain(*self.idle.values()):
            connection.transport.abort()
        return spent

    def now(self) -> float:
        return time.perf_counter() - self.started

    def finished(self, shot: Shot) -> None:
        shot.done_s = self.now()
        self._open -= 1
        if not self._open:
            self._all_done.set()

    def _send(self, shot: Shot, data: bytes) -> None:
        idle = self.idle.setdefault(shot.port, [])
        shot.sent_s = self.now()
        if idle:
            idle.pop().send(shot, data)
        else:
            task = self.loop.create_task(self._connect(shot, data))
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)

    async def _connect(self, shot: Shot, data: bytes) -> None:
        try:
            made = self.loop.create_connection(lambda: _Connection(self, shot.port), "127.0.0.1", shot.port)
            (await made)[1].send(shot, data)
        except OSError as error:
            shot.trouble = type(error).__name__
            self.finished(shot)


class _Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self, client: _Client, port: int) -> None:
        self._client, self._port = client, port
        self._shot: Shot | None = None
        self._got = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_connection makes
        self.transport = transport

    def send(self, shot: Shot, data: bytes) -> None:
        self._shot, self._got = shot, b""
        self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not found or self._shot is None or len(body) < _length(head):
            return
        shot, self._shot = self._shot, None
        shot.status = int(head[9:12])
        if self._client.keep:
            self._client.idle[self._port].append(self)
        else:
            self.transport.abort()
        self._client.finished(shot)

    def connection_lost(self, error: Exception | None) -> None:
        shot, self._shot = self._shot, None
        if shot is not None:
            shot.trouble = f"connection lost ({type(error).__name__ if error else 'closed'})"
            self._client.finished(shot)
        elif self in self._client.idle.get(self._port, ()):
            self._client.idle[self._port].remove(self)


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    return int(lowered[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
