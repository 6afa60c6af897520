"""How the storage SDKs reach the network: one pooled session, counted requests, short retries, silent logs.

The counter is of requests on the wire, retries included: that is what the account is billed for. A test replaces
the inner transport. Must never let the SDK log a URL or a header: they hold keys, ids and signatures.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from azure.core.pipeline.transport import HttpTransport, RequestsTransport
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from shared.transport import Session

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 30
TABLE_RETRIES: dict[str, Any] = {"retry_total": 3, "retry_backoff_factor": 0.4, "retry_backoff_max": 8}
STORAGE_RETRIES: dict[str, Any] = {
    "initial_backoff": 1,
    "increment_base": 2,
    "retry_total": 3,
    "random_jitter_range": 1,
}
_LOUD = {"azure": logging.WARNING, "urllib3": logging.INFO}  # urllib3 writes whole URLs at DEBUG, the SDK at INFO


class CountingTransport(HttpTransport[Any, Any]):
    """Counts what is sent through the transport it wraps; waits by the sleep it is given."""

    def __init__(self, inner: HttpTransport[Any, Any], sleep: Callable[[float], None]) -> None:
        self._inner = inner
        self._sleep = sleep
        self._lock = threading.Lock()
        self.sent = 0

    def send(self, request: Any, **kwargs: Any) -> Any:
        """Pass one request on and count it."""
        with self._lock:
            self.sent += 1
        return self._inner.send(request, **kwargs)

    def sleep(self, duration: float) -> None:
        """Wait between the SDK's retries."""
        self._sleep(duration)

    def open(self) -> None:
        """Nothing to do: the inner transport opens with its first request."""

    def close(self) -> None:
        """Nothing to do: the inner transport is shared and closed by its owner."""

    def __enter__(self) -> CountingTransport:
        return self

    def __exit__(self, *args: object) -> None:
        self.close()


def network(connections: int) -> RequestsTransport:
    """A transport with room for that many connections a host; nothing is opened yet."""
    session = Session()
    never = Retry(total=False, redirect=False, raise_on_status=False)  # retries are the SDK's, not urllib3's
    adapter = HTTPAdapter(max_retries=never, pool_maxsize=connections)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return RequestsTransport(session=session, connection_timeout=CONNECT_TIMEOUT_S, read_timeout=READ_TIMEOUT_S)


def retries(policy: type[Any], transport: CountingTransport) -> Any:
    """An exponential retry policy of the blob or queue SDK that waits by that transport.

    Their clients hand their own wrapper to the policy, whose sleep is the real one.
    """

    class Clocked(policy):  # type: ignore[misc]  # the two SDKs have a class of this name each
        def sleep(self, settings: Any, _transport: Any) -> None:
            super().sleep(settings, transport)

    return Clocked(**STORAGE_RETRIES)


def quieten() -> None:
    """Raise the level of the loggers that would write URLs; a level that is already higher stays."""
    for name, level in _LOUD.items():
        logger = logging.getLogger(name)
        if logger.level < level:
            logger.setLevel(level)
