"""How many workers talk to a system at once, over all instances: ports.Permits on blob leases.

N small blobs per system, a worker leases one while it works. A crashed holder's slot comes free when its lease runs
out. Permits bound the load, they guard nothing: must never be relied on for correctness.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from shared.errors import SyncError
from shared.records import Side
from shared.state.blobs import BlobPresent, Blobs
from shared.state.commits import NewId

PERMITS = "permits"
LEASE_S = 60
RENEW_EVERY_S = 20.0
LOAD_SHARE = 0.6
_log = logging.getLogger(__name__)
Renewal = Callable[[Callable[[], None]], Callable[[], None]]
"""Starts calling something again and again; returns what stops it."""


def renewed_by_thread(renew: Callable[[], None]) -> Callable[[], None]:
    """Renew from a daemon thread every 20 s until stopped."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(RENEW_EVERY_S):
            renew()

    threading.Thread(target=work, name="permit", daemon=True).start()
    return over.set


class StoredPermits:
    """ports.Permits on blobs; `slots` says how many workers each system bears."""

    def __init__(
        self, blobs: Blobs, slots: Mapping[Side, int], new_id: NewId, *, renewal: Renewal = renewed_by_thread
    ) -> None:
        self._blobs = blobs
        self._slots = dict(slots)
        self._new_id = new_id
        self._renewal = renewal

    @contextmanager
    def hold(self, system: Side, *, load: bool) -> Iterator[bool]:
        """Enter with True when a permit was had, False when all are taken (loads may use 60 % of them)."""
        lease_id = self._new_id()
        name = self._acquired(system, lease_id, load=load)
        if name is None:
            yield False
            return
        stop = self._renewal(lambda: self._renew(name, lease_id))
        try:
            yield True
        finally:
            stop()
            self._release(name, lease_id)

    def _acquired(self, system: Side, lease_id: str, *, load: bool) -> str | None:
        """Try the open slots from a place that differs by worker, so that few of them meet."""
        start = sum(lease_id.encode())
        for group in self._open_to(system, load=load):
            for step in range(len(group)):
                name = f"{PERMITS}/{system.value}/{group[(start + step) % len(group)]}"
                if self._leased(name, lease_id):
                    return name
        return None

    def _open_to(self, system: Side, *, load: bool) -> list[range]:
        """Loads: the first 60 %. Live changes: those no load may have, then the others."""
        count = self._slots[system]
        shared = max(1, int(count * LOAD_SHARE))
        return [range(shared)] if load else [range(shared, count), range(shared)]

    def _leased(self, name: str, lease_id: str) -> bool:
        had = self._blobs.lease(name, lease_id, LEASE_S)
        if had is None:  # the slot was never used before
            with suppress(BlobPresent):
                self._blobs.put(name, b"")
            had = self._blobs.lease(name, lease_id, LEASE_S)
        return bool(had)

    def _renew(self, name: str, lease_id: str) -> None:
        try:
            if not self._blobs.lease(name, lease_id, LEASE_S):
                _log.warning("A permit was lost before its work was done.")
        except SyncError as error:
            _log.warning("A permit could not be renewed: %s", error.code)

    def _release(self, name: str, lease_id: str) -> None:
        try:
            self._blobs.release(name, lease_id)
        except SyncError as error:
            _log.warning("A permit could not be given back, it runs out by itself: %s", error.code)
