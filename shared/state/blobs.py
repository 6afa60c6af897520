"""The seam to Blob Storage: whole small blobs and leases; and its Azure side.

A name's first part is the container (`journal/…`, `outcomes/…`, `permits/…`). Must never overwrite unless told so,
nor let an Azure exception out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, HttpResponseError
from azure.storage.blob import BlobClient, BlobLeaseClient, BlobServiceClient

from shared.errors import Busy, Invalid
from shared.state import limits
from shared.state.failures import failure, translated, vendor_code
from shared.state.wire import CountingTransport

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{2,62}(/[^\x00-\x1f\\?#]{0,1000})?")


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """What a listing tells of a blob."""

    name: str
    modified_at: datetime


class BlobPresent(Busy):
    """The name is taken. For this package only."""

    def __init__(self) -> None:
        super().__init__("A blob of this name exists already.")


class Blobs(Protocol):
    """All containers of one account."""

    @property
    def transactions(self) -> int:
        """Requests sent to the service so far."""

    def ensure(self, container: str) -> None:
        """Create a container where it does not exist."""

    def put(self, name: str, data: bytes, *, overwrite: bool = False) -> None:
        """Store; without `overwrite` raises BlobPresent where the name is taken, or leased."""

    def get(self, name: str) -> bytes | None:
        """The content, or None."""

    def edit(self, name: str, edited: Callable[[bytes], bytes | None]) -> bool:
        """Replace the content by what `edited` makes of it (None: leave it), never over a change made meanwhile."""

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """Blobs whose name begins so, in name order."""

    def delete(self, name: str) -> None:
        """Remove; an absent blob is fine."""

    def lease(self, name: str, lease_id: str, seconds: int) -> bool | None:
        """Take a lease of 15 to 60 s, or prolong one's own; False: somebody has it; None: no such blob."""

    def release(self, name: str, lease_id: str) -> None:
        """Give a lease back; a lease that was lost is fine."""


def check_blob_name(name: str) -> None:
    """Refuse a name that the service would refuse."""
    if not _NAME.fullmatch(name):
        raise Invalid("A blob's name is not allowed.")


class AzureBlobs:
    """The containers of a storage account. Nothing connects before the first call."""

    def __init__(self, service: BlobServiceClient, transport: CountingTransport, prefix: str = "") -> None:
        self._service = service
        self._transport = transport
        self._prefix = prefix

    @property
    def transactions(self) -> int:
        """Requests sent so far, retries included."""
        return self._transport.sent

    def ensure(self, container: str) -> None:
        """Create a container where it does not exist."""
        try:
            self._service.create_container(self._prefix + container)
        except AzureError as error:
            if vendor_code(error) != "ContainerAlreadyExists":
                raise failure(error, "creating a container", write=False) from None

    def put(self, name: str, data: bytes, *, overwrite: bool = False) -> None:
        """Store in one request; without `overwrite` raises BlobPresent where the name is taken, or leased."""
        try:
            self._blob(name).upload_blob(data, overwrite=overwrite)
        except AzureError as error:
            if vendor_code(error) in {"BlobAlreadyExists", "LeaseIdMissing"}:
                raise BlobPresent from None
            raise failure(error, "storing a blob", write=True) from None

    def get(self, name: str) -> bytes | None:
        """The content, or None."""
        try:
            return bytes(self._blob(name).download_blob().readall())
        except AzureError as error:
            if vendor_code(error) == "BlobNotFound":
                return None
            raise failure(error, "reading a blob", write=False) from None

    def edit(self, name: str, edited: Callable[[bytes], bytes | None]) -> bool:
        """Replace the content under its ETag; where it was changed or deleted meanwhile it is read again."""
        while True:
            try:
                found = self._blob(name).download_blob()
                data = edited(bytes(found.readall()))
                if data is not None:
                    etag, same = found.properties.etag, MatchConditions.IfNotModified
                    self._blob(name).upload_blob(data, overwrite=True, etag=etag, match_condition=same)
                return data is not None
            except AzureError as error:
                if vendor_code(error) == "BlobNotFound":
                    return False
                if vendor_code(error) != "ConditionNotMet":
                    raise failure(error, "editing a blob", write=True) from None

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """Blobs whose name begins so, in name order."""
        check_blob_name(prefix)
        container, _, rest = prefix.partition("/")
        answer = iter(self._service.get_container_client(self._prefix + container).list_blobs(rest or None))
        while True:
            with translated("listing blobs", write=False):
                blob = next(answer, None)
            if blob is None:
                return
            yield BlobInfo(f"{container}/{blob.name}", blob.last_modified)

    def delete(self, name: str) -> None:
        """Remove; an absent blob is fine."""
        try:
            self._blob(name).delete_blob()
        except AzureError as error:
            if vendor_code(error) != "BlobNotFound":
                raise failure(error, "deleting a blob", write=True) from None

    def lease(self, name: str, lease_id: str, seconds: int) -> bool | None:
        """Take a lease under an id of our choice, so that a lost answer is healed by asking again."""
        limits.check_lease(seconds)
        answer = self._leased(name, lambda: BlobLeaseClient(self._blob(name), lease_id).acquire(seconds))
        return None if answer == "BlobNotFound" else answer == ""

    def release(self, name: str, lease_id: str) -> None:
        """Give a lease back; a lease that was lost is fine."""
        self._leased(name, BlobLeaseClient(self._blob(name), lease_id).release)

    def _leased(self, name: str, action: Callable[[], object]) -> str:
        """Run it; the vendor code where the lease is somebody else's or the blob is absent, '' when it worked."""
        check_blob_name(name)
        try:
            action()
        except AzureError as error:
            code = vendor_code(error)
            lost = isinstance(error, HttpResponseError) and error.status_code in {409, 412}
            if lost or code == "BlobNotFound":
                return code or "LeaseLost"
            raise failure(error, "leasing a blob", write=True) from None
        return ""

    def _blob(self, name: str) -> BlobClient:
        check_blob_name(name)
        container, _, rest = name.partition("/")
        return self._service.get_blob_client(self._prefix + container, rest)
