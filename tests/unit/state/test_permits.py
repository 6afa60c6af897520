"""A permit is kept for as long as its work takes, and is given back when it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from shared.records import Side
from shared.state import permits
from shared.state.permits import StoredPermits, renewed_by_thread
from tests.support.memory import MemoryBlobs


class World:
    """Blobs, and a clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.blobs = MemoryBlobs(lambda: self.now)
        self.renewals: list[Callable[[], None]] = []
        self.stopped = 0
        self.ids = iter(range(1000))

    def permits(self) -> StoredPermits:
        """One slot for each side."""
        return StoredPermits(
            self.blobs, dict.fromkeys(Side, 1), lambda: f"id{next(self.ids)}", renewal=self.renewed_by_hand
        )

    def renewed_by_hand(self, renew: Callable[[], None]) -> Callable[[], None]:
        """Keep the renewal for the test to call."""
        self.renewals.append(renew)

        def stop() -> None:
            self.stopped += 1

        return stop


def test_a_renewed_permit_outlives_its_lease_and_a_lost_one_is_free() -> None:
    """Renewed in time it stays taken beyond 60 s; without renewal another worker gets it."""
    world = World()
    with world.permits().hold(Side.CRM, load=False) as had:
        assert had
        for _ in range(6):
            world.now += timedelta(seconds=20)
            world.renewals[0]()
        with world.permits().hold(Side.CRM, load=False) as second:
            assert not second
        world.now += timedelta(seconds=61)
        with world.permits().hold(Side.CRM, load=False) as third:
            assert third
            world.renewals[0]()  # the loser notices and goes on: permits bound, they guard nothing
    assert world.stopped == 2


def test_the_thread_renews_until_it_is_stopped(monkeypatch: object) -> None:
    """The renewing thread calls again and again, is a daemon, and ends when the work ends."""
    called = threading.Event()
    original, permits.RENEW_EVERY_S = permits.RENEW_EVERY_S, 0.01
    try:
        stop = renewed_by_thread(called.set)
        assert called.wait(5)
        thread = next(t for t in threading.enumerate() if t.name == "permit")
        assert thread.daemon
        stop()
        deadline = time.monotonic() + 5
        while thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not thread.is_alive()
    finally:
        permits.RENEW_EVERY_S = original
