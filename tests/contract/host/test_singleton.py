"""The lock of the timers on real storage: one holder, handed over, and never believed after it was lost."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from azure.storage.blob import BlobLeaseClient, ContainerClient

from sandbox.azurite import Azurite
from sandbox.host import singleton
from sandbox.host.singleton import SingletonLease


@pytest.fixture
def container(azurite: Azurite) -> Iterator[ContainerClient]:
    """A container that does not exist yet."""
    name = f"locks-{uuid.uuid4().hex[:8]}"
    with ContainerClient.from_connection_string(azurite.connection_string, name) as client:
        yield client


def test_one_holds_it_until_it_gives_it_back(container: ContainerClient) -> None:
    """The second asker gets nothing until the first releases; the container is made on the way."""
    first, second = (SingletonLease(container, "lock", 15) for _ in range(2))
    assert first.try_acquire()
    assert not second.try_acquire()
    assert (first.held(), second.held()) == (True, False)
    first.release()
    assert second.try_acquire()
    assert not first.held()


def test_a_lost_lock_is_noticed_at_the_next_renewal(
    container: ContainerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A holder whose lease was broken and taken stops holding when it next renews."""
    first, second = (SingletonLease(container, "lock", 15) for _ in range(2))
    assert first.try_acquire()
    BlobLeaseClient(container.get_blob_client("lock")).break_lease(0)
    assert second.try_acquire()
    later = time.monotonic() + 8
    monkeypatch.setattr(singleton, "time", SimpleNamespace(monotonic=lambda: later))
    assert not first.held()


def test_a_renewed_lock_is_still_held(container: ContainerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Renewing at half the lease time keeps the lock."""
    lease = SingletonLease(container, "lock", 15)
    assert lease.try_acquire()
    later = time.monotonic() + 8
    monkeypatch.setattr(singleton, "time", SimpleNamespace(monotonic=lambda: later))
    assert lease.held()
