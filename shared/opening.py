"""Opens the state on the storage account that the settings name: by connection string, or by the app's identity."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from shared.identity import to_storage
from shared.settings import Settings
from shared.state.store import Endpoints, State, open_state
from shared.sync.ports import Clock

POOL = 16
"""Threads for point reads of the state, side by side."""


def state_of(settings: Settings, clock: Clock) -> State:
    """The state of these settings; connects to nothing yet."""
    pool = ThreadPoolExecutor(POOL, "state")
    return open_state(_account(settings), clock=clock, pool=pool, slots=settings.permits)


def _account(settings: Settings) -> str | Endpoints:
    storage = settings.storage
    if storage.connection_string:
        return storage.connection_string
    name = storage.account_name
    return Endpoints(
        blob_url=f"https://{name}.blob.core.windows.net",
        queue_url=f"https://{name}.queue.core.windows.net",
        table_url=f"https://{name}.table.core.windows.net",
        credential=to_storage(),
    )
