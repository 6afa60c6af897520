"""The one place where Azure's exceptions become ours.

Raw azure exceptions never leave the state package, and their texts (they may quote keys, URLs and tokens) are
never carried over: only status, vendor code and request id are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ServiceRequestError

from shared.errors import AuthFailed, Invalid, SchemaMismatch, SyncError, Throttled, Unavailable, UnknownOutcome

_MISSING_PLACES = {"TableNotFound", "QueueNotFound", "ContainerNotFound"}
_BUSY_PLACES = {"TableBeingDeleted", "QueueBeingDeleted", "ContainerBeingDeleted", "AccountBeingCreated"}
_BUSY_CODES = {"ServerBusy", "TooManyRequests"}
_THROTTLED_WAIT_S = 10.0
_UNAVAILABLE_WAIT_S = 15.0


def vendor_code(error: AzureError) -> str:
    """The service's own error code, '' where it gave none (an insert's 409 has none in the tables SDK)."""
    code = getattr(error, "error_code", None)
    return str(getattr(code, "value", code) or "")


def failure(error: AzureError, doing: str, *, write: bool) -> SyncError:
    """Our error for theirs. `write`: an answer that was lost leaves the outcome unknown, not unchanged."""
    if isinstance(error, ServiceRequestError):
        return _unavailable(doing, {"cause": type(error).__name__})
    if not isinstance(error, HttpResponseError) or error.status_code is None or error.status_code < 300:
        if isinstance(error, ClientAuthenticationError):
            return AuthFailed(f"No access token for the storage account while {doing}.", facts=_facts(error))
        return _lost(doing, {"cause": type(error).__name__}, write=write)
    return _answered(error, doing, write=write)


@contextmanager
def translated(doing: str, *, write: bool) -> Iterator[None]:
    """Run storage calls; whatever Azure raises leaves as a member of shared.errors, without the original."""
    try:
        yield
    except AzureError as error:
        raise failure(error, doing, write=write) from None


def _answered(error: HttpResponseError, doing: str, *, write: bool) -> SyncError:
    status, code, facts = error.status_code or 0, vendor_code(error), _facts(error)
    if status in {401, 403}:
        return AuthFailed(
            f"The storage account refused access while {doing}: give the app the Data Contributor roles for "
            "blobs, queues and tables.",
            facts=facts,
        )
    if code in _MISSING_PLACES:
        return SchemaMismatch(f"A table, queue or container does not exist ({doing}): run `setup`.", facts=facts)
    if code in _BUSY_PLACES:
        return _unavailable(doing, facts)
    if status in {429, 503} or code in _BUSY_CODES:
        wait = _retry_after(error)
        return Throttled(f"The storage account is busy while {doing}.", retry_after_s=wait, facts=facts)
    if status >= 500 or status == 408:
        return _lost(doing, facts, write=write)
    return Invalid(f"The storage account refused {doing}.", facts=facts)


def _lost(doing: str, facts: dict[str, object], *, write: bool) -> SyncError:
    if not write:
        return _unavailable(doing, facts)
    return UnknownOutcome(f"No clear answer of the storage account while {doing}.", facts=facts)


def _unavailable(doing: str, facts: dict[str, object]) -> Unavailable:
    return Unavailable(
        f"The storage account did not answer while {doing}.", retry_after_s=_UNAVAILABLE_WAIT_S, facts=facts
    )


def _facts(error: AzureError) -> dict[str, object]:
    response = getattr(error, "response", None)
    headers = getattr(response, "headers", None) or {}
    facts = {
        "system": "storage",
        "status": getattr(error, "status_code", None),
        "vendor_code": vendor_code(error),
        "request_id": headers.get("x-ms-request-id"),
    }
    return {name: value for name, value in facts.items() if value}


def _retry_after(error: HttpResponseError) -> float:
    headers = getattr(error.response, "headers", None) or {}
    try:
        return float(headers.get("Retry-After", _THROTTLED_WAIT_S))
    except ValueError:  # the other form of the header is a date; the default wait serves as well
        return _THROTTLED_WAIT_S
