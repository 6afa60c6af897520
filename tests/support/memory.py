"""In-memory twins of tables, blobs and queues, with the service's own limits and refusals.

For tests and simulations. They know nothing of what is stored in them, and must never be kinder than the
service: etags, transactions, leases, visibility and pop receipts work as documented by Azure Storage.
"""

from __future__ import annotations

import threading
import uuid
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from shared.state import limits
from shared.state.blobs import BlobInfo, BlobPresent, check_blob_name
from shared.state.commits import NewId
from shared.state.queue_service import Received, check_queue_name, check_receive, check_send
from shared.state.reads import InTurn
from shared.state.store import TABLES, Seams, State, assemble
from shared.state.tables import PAGE_ROWS, Change, Conflicted, Found, Row, Verb, check_changes
from shared.sync.ports import Clock

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
Now = Callable[[], datetime]


def memory_state(clock: Clock, *, new_id: NewId = lambda: uuid.uuid4().hex) -> State:
    """The whole state on twins. Leases of permits are not renewed: simulated time runs past a real thread."""
    seams = Seams({name: MemoryTable(name) for name in TABLES}, MemoryBlobs(clock.now), MemoryQueues(clock.now))
    return assemble(seams, clock=clock, pool=InTurn(), new_id=new_id, renewal=lambda renew: lambda: None)


class MemoryTable:
    """One table. `transactions` counts what the service would bill."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.transactions = 0
        self._rows: dict[tuple[str, str], Row] = {}
        self._keys: dict[str, list[str]] = {}
        self._etags = 0
        self._lock = threading.RLock()

    def ensure(self) -> None:
        """Nothing to create."""
        self._count()

    def get(self, partition: str, key: str) -> Row | None:
        """One row, or None."""
        limits.check_key(partition)
        limits.check_key(key)
        with self._lock:
            self._count()
            return self._rows.get((partition, key))

    def pages(self, partition: str, first: str = "", last: str = "", *, size: int = PAGE_ROWS) -> Iterator[list[Row]]:
        """Rows in key order; each page shows the table as it is when the page is asked for."""
        limits.check_key(partition)
        start, inclusive = first, True
        while True:
            with self._lock:
                self._count()
                keys = self._keys.get(partition, [])
                begin = bisect_left(keys, start) if inclusive else bisect_right(keys, start)
                end = bisect_right(keys, last) if last else len(keys)
                rows = [self._rows[partition, key] for key in keys[begin : min(end, begin + size)]]
                more = begin + size < end
            if rows:
                yield rows
            if not more:
                return
            start, inclusive = rows[-1].key, False

    def beneath(self, prefix: str, *, size: int = PAGE_ROWS) -> Iterator[list[Row]]:
        """The partitions that begin so, one after another."""
        limits.check_key(prefix)
        for partition in sorted(each for each in self._keys if each.startswith(prefix)):
            yield from self.pages(partition, size=size)

    def submit(self, changes: Sequence[Change]) -> list[str]:
        """All or nothing; the new etags."""
        check_changes(changes)
        with self._lock:
            self._count()
            for index, change in enumerate(changes):
                found = self._obstacle(change, alone=len(changes) == 1)
                if found:
                    raise Conflicted(index, found)
            return [self._apply(change) for change in changes]

    def _obstacle(self, change: Change, *, alone: bool) -> Found | None:
        present = self._rows.get((change.row.partition, change.row.key))
        if change.verb is Verb.INSERT:
            return Found.EXISTS if present else None
        if change.verb is Verb.UPSERT:
            return None
        if present is None:
            return None if alone and change.verb is Verb.DELETE else Found.MISSING
        return Found.MOVED if change.row.etag and change.row.etag != present.etag else None

    def _apply(self, change: Change) -> str:
        place = (change.row.partition, change.row.key)
        if change.verb is Verb.DELETE:
            if self._rows.pop(place, None) is not None:
                keys = self._keys[place[0]]
                del keys[bisect_left(keys, place[1])]
            return ""
        self._etags += 1
        kept = dict(self._rows[place].values) if change.verb is Verb.MERGE else {}
        if place not in self._rows:
            insort(self._keys.setdefault(place[0], []), place[1])
        etag = f"W/\"datetime'{self._etags:012d}'\""
        self._rows[place] = replace(change.row, values={**kept, **change.row.values}, etag=etag)
        return etag

    def _count(self) -> None:
        with self._lock:
            self.transactions += 1


@dataclass(slots=True)
class _Stored:
    data: bytes
    modified_at: datetime
    lease: str = ""
    leased_until: datetime | None = None


class MemoryBlobs:
    """Blobs by name, the first part being the container."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._blobs: dict[str, _Stored] = {}
        self._lock = threading.RLock()
        self.transactions = 0

    def ensure(self, container: str) -> None:
        """Nothing to create."""
        self._start(container)

    def put(self, name: str, data: bytes, *, overwrite: bool = False) -> None:
        """Store; without `overwrite` raises BlobPresent where the name is taken."""
        with self._lock:
            self._start(name)
            stored = self._blobs.get(name)
            if stored and not overwrite:
                raise BlobPresent
            if stored and self._leased(stored):
                raise BlobPresent  # a leased blob is not overwritten without its lease
            self._blobs[name] = _Stored(data, self._now())

    def get(self, name: str) -> bytes | None:
        """The content, or None."""
        with self._lock:
            self._start(name)
            stored = self._blobs.get(name)
            return stored.data if stored else None

    def edit(self, name: str, edited: Callable[[bytes], bytes | None]) -> bool:
        """Replace the content, as often as it was changed meanwhile."""
        while True:
            with self._lock:
                self._start(name)
                before = self._blobs.get(name)
            data = edited(before.data) if before else None
            with self._lock:
                if data is None:
                    return False
                if self._blobs.get(name) is before:
                    self._blobs[name] = _Stored(data, self._now())
                    return True

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """Names in order."""
        with self._lock:
            self._start(prefix)
            found = sorted(
                (name, stored.modified_at) for name, stored in self._blobs.items() if name.startswith(prefix)
            )
        yield from (BlobInfo(name, modified_at) for name, modified_at in found)

    def delete(self, name: str) -> None:
        """Remove; an absent blob is fine."""
        with self._lock:
            self._start(name)
            self._blobs.pop(name, None)

    def lease(self, name: str, lease_id: str, seconds: int) -> bool | None:
        """Take a lease, or prolong one's own; None where there is no such blob."""
        limits.check_lease(seconds)
        with self._lock:
            self._start(name)
            stored = self._blobs.get(name)
            if stored is None:
                return None
            if self._leased(stored) and stored.lease != lease_id:
                return False
            stored.lease, stored.leased_until = lease_id, self._now() + timedelta(seconds=seconds)
            return True

    def release(self, name: str, lease_id: str) -> None:
        """Give a lease back; somebody else's is left alone."""
        with self._lock:
            self._start(name)
            stored = self._blobs.get(name)
            if stored and stored.lease == lease_id:
                stored.lease, stored.leased_until = "", None

    def _leased(self, stored: _Stored) -> bool:
        return stored.leased_until is not None and self._now() < stored.leased_until

    def _start(self, name: str) -> None:
        check_blob_name(name)
        with self._lock:
            self.transactions += 1


@dataclass(slots=True)
class _Waiting:
    id: str
    text: str
    visible_at: datetime
    receipt: str = ""
    times: int = 0


class MemoryQueues:
    """Queues by name, in the order sent; messages never expire."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._queues: dict[str, dict[str, _Waiting]] = {}
        self._lock = threading.RLock()
        self._last = 0
        self.transactions = 0

    def ensure(self, queue: str) -> None:
        """Create it."""
        self._start(queue)

    def send(self, queue: str, text: str, *, delay_s: float = 0.0) -> None:
        """Add one message that shows up after the delay."""
        check_send(text, delay_s)
        with self._lock:
            waiting = self._start(queue)
            identifier = self._next()
            waiting[identifier] = _Waiting(identifier, text, self._now() + timedelta(seconds=int(delay_s)))

    def receive(self, queue: str, count: int, visibility_s: int) -> list[Received]:
        """Up to `count` visible messages, hidden from others for `visibility_s`."""
        check_receive(count, visibility_s)
        with self._lock:
            waiting = self._start(queue)
            taken = [message for message in waiting.values() if message.visible_at <= self._now()][:count]
            return [self._hide(message, visibility_s) for message in taken]

    def peek(self, queue: str) -> list[str]:
        """The first visible texts."""
        with self._lock:
            waiting = self._start(queue)
            return [one.text for one in waiting.values() if one.visible_at <= self._now()][: limits.RECEIVE_MAX]

    def delete(self, queue: str, message: Received) -> bool:
        """Remove; False where the receipt is stale because it was given out again."""
        with self._lock:
            waiting = self._start(queue)
            current = waiting.get(message.id)
            if current is None or current.receipt != message.receipt:
                return False
            del waiting[message.id]
            return True

    def depth(self, queue: str) -> int:
        """How many messages there are, hidden ones included."""
        with self._lock:
            return len(self._start(queue))

    def _hide(self, message: _Waiting, visibility_s: int) -> Received:
        message.visible_at = self._now() + timedelta(seconds=visibility_s)
        message.receipt, message.times = self._next(), message.times + 1
        return Received(message.id, message.text, message.receipt, message.times)

    def _next(self) -> str:
        self._last += 1
        return f"{self._last:09d}"

    def _start(self, queue: str) -> dict[str, _Waiting]:
        check_queue_name(queue)
        with self._lock:
            self.transactions += 1
            return self._queues.setdefault(queue, {})
