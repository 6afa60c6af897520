"""A named lock that one of several hosts holds: a blob lease, renewed at half its time and taken over when it ends.

The real host uses the same container and lease for its timers. Must never assume the lease after a failed renewal.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time

from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobLeaseClient, ContainerClient

_logger = logging.getLogger("sandbox.host")


class SingletonLease:
    """One lock, by blob name. Not held until `try_acquire` has returned true."""

    def __init__(self, container: ContainerClient, name: str, lease_s: int) -> None:
        self._container = container
        self._blob = container.get_blob_client(name)
        self._lease_s = lease_s
        self._guard = threading.Lock()
        self._lease: BlobLeaseClient | None = None
        self._renewed = 0.0

    def held(self) -> bool:
        """Whether this host holds the lock now, renewing it when half its time has passed."""
        with self._guard:
            if self._lease is None:
                return False
            now = time.monotonic()
            if now - self._renewed < self._lease_s / 2:
                return True
            try:
                self._lease.renew()
                self._renewed = now
            except HttpResponseError:
                self._lease = None
                _logger.warning("the lock %s was lost to another host", self._blob.blob_name)
            except AzureError as error:
                _logger.warning("the lock %s was not renewed: %s", self._blob.blob_name, type(error).__name__)
                if now - self._renewed >= self._lease_s:
                    self._lease = None
            return self._lease is not None

    def try_acquire(self) -> bool:
        """Take the lock if nobody holds it; false when another host does or storage does not answer."""
        with self._guard:
            try:
                self._lease = self._acquire()
                self._renewed = time.monotonic()
            except AzureError as error:
                if getattr(error, "status_code", None) != 409:
                    _logger.warning("the lock %s: %s", self._blob.blob_name, type(error).__name__)
                self._lease = None
            return self._lease is not None

    def release(self) -> None:
        """Give the lock back, so that another host can take it at once."""
        with self._guard:
            if self._lease is not None:
                lease, self._lease = self._lease, None
                try:
                    lease.release()
                except AzureError as error:
                    _logger.warning("the lock %s: %s", self._blob.blob_name, type(error).__name__)

    def _acquire(self) -> BlobLeaseClient:
        try:
            return self._blob.acquire_lease(self._lease_s)
        except ResourceNotFoundError:
            create_container(self._container)
            # Another host may be faster; whose lease it is shows below.
            with contextlib.suppress(ResourceExistsError):
                self._blob.upload_blob(b"", overwrite=False)
            return self._blob.acquire_lease(self._lease_s)


def create_container(container: ContainerClient) -> None:
    """Create a container unless it exists."""
    try:
        container.create_container()
    except ResourceExistsError:
        return
