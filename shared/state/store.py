"""All of the state in one value, on a storage account or on whatever seams it is given.

Nothing connects before the first call. Must never create tables, queues or containers unless asked (`ensure`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from azure.core.credentials import TokenCredential
from azure.core.pipeline.transport import HttpTransport
from azure.data.tables import TableClient
from azure.storage.blob import BlobServiceClient
from azure.storage.blob import ExponentialRetry as BlobRetry
from azure.storage.queue import ExponentialRetry as QueueRetry
from azure.storage.queue import QueueServiceClient

from shared.records import Side
from shared.state import wire
from shared.state.alerts import StoredAlerts
from shared.state.blobs import AzureBlobs, Blobs
from shared.state.commits import NewId
from shared.state.crossrefs import StoredCrossRefs
from shared.state.cursors import StoredCursors
from shared.state.due import StoredDue
from shared.state.journal import OUTCOMES, PAGES, StoredJournal
from shared.state.line_rows import StoredLines
from shared.state.notes import StoredNotes
from shared.state.parked import StoredParked
from shared.state.permits import PERMITS, Renewal, StoredPermits, renewed_by_thread
from shared.state.pointers import StoredPointers
from shared.state.queue_service import AzureQueues, QueueService
from shared.state.queues import StoredQueues
from shared.state.reads import Pool
from shared.state.retirements import StoredRetirements
from shared.state.runs import StoredRuns
from shared.state.starts import StoredStarts
from shared.state.switches import StoredSwitches
from shared.state.tables import AzureTable, Table
from shared.sync.ports import Clock

TABLES = ("crossrefs", "lines", "cursors", "runs", "parked", "switches")
DEFAULT_SLOTS = 8
CONNECTIONS = 16


@dataclass(frozen=True)
class Endpoints:
    """A storage account reached by identity instead of by key."""

    blob_url: str
    queue_url: str
    table_url: str
    credential: TokenCredential


@dataclass(frozen=True)
class State:
    """Every state port, and the seams they lie on."""

    crossrefs: StoredCrossRefs
    parked: StoredParked
    cursors: StoredCursors
    pointers: StoredPointers
    journal: StoredJournal
    runs: StoredRuns
    queues: StoredQueues
    permits: StoredPermits
    switches: StoredSwitches
    retirements: StoredRetirements
    alerts: StoredAlerts
    notes: StoredNotes
    starts: StoredStarts
    due: StoredDue
    lines: StoredLines
    tables: Mapping[str, Table]
    blobs: Blobs
    queue_service: QueueService
    close: Callable[[], None]

    def ensure(self, flows: Iterable[str]) -> None:
        """Create the tables, the containers and the queues of those flows, where they do not exist."""
        for table in self.tables.values():
            table.ensure()
        for container in (PAGES, OUTCOMES, PERMITS):
            self.blobs.ensure(container)
        self.queues.ensure(flows)

    def transactions(self) -> dict[str, int]:
        """Storage requests so far, per table and for blobs and queues: what the account is billed for."""
        counted = {name: table.transactions for name, table in self.tables.items()}
        return {**counted, "blobs": self.blobs.transactions, "queues": self.queue_service.transactions}


@dataclass(frozen=True)
class Seams:
    """The three services as the ports need them, and how to let go of them."""

    tables: Mapping[str, Table]
    blobs: Blobs
    queues: QueueService
    close: Callable[[], None] = lambda: None


def open_state(  # noqa: PLR0913 - keyword-only, and each is replaced by tests on its own
    account: str | Endpoints,
    *,
    clock: Clock,
    pool: Pool,
    prefix: str = "",
    new_id: NewId = lambda: uuid.uuid4().hex,
    slots: int = DEFAULT_SLOTS,
    transport: HttpTransport[Any, Any] | None = None,
) -> State:
    """The state on a storage account, by connection string or by identity.

    `pool` runs point reads side by side and must be the state's own; `prefix` (lower-case letters and digits) keeps
    installations in one account apart; `transport` replaces the network in tests.
    """
    wire.quieten()
    network = transport or wire.network(CONNECTIONS)
    return assemble(_azure(account, network, clock, prefix), clock=clock, pool=pool, new_id=new_id, slots=slots)


def assemble(
    seams: Seams,
    *,
    clock: Clock,
    pool: Pool,
    new_id: NewId,
    renewal: Renewal = renewed_by_thread,
    slots: int = DEFAULT_SLOTS,
) -> State:
    """The ports on given seams. `slots`: how many workers may write to one system at a time."""
    tables, now = seams.tables, clock.now
    return State(
        crossrefs=StoredCrossRefs(tables["crossrefs"], pool, now, new_id),
        parked=StoredParked(tables["parked"]),
        cursors=StoredCursors(tables["cursors"], pool, new_id),
        pointers=StoredPointers(tables["lines"], pool),
        journal=StoredJournal(seams.blobs, now, new_id),
        runs=StoredRuns(tables["runs"]),
        queues=StoredQueues(seams.queues),
        permits=StoredPermits(seams.blobs, dict.fromkeys(Side, slots), new_id, renewal=renewal),
        switches=StoredSwitches(tables["switches"], now),
        retirements=StoredRetirements(tables["switches"]),
        alerts=StoredAlerts(tables["switches"], now),
        notes=StoredNotes(tables["switches"]),
        starts=StoredStarts(tables["switches"]),
        due=StoredDue(tables["switches"]),
        lines=StoredLines(tables["lines"], pool, new_id),
        tables=tables,
        blobs=seams.blobs,
        queue_service=seams.queues,
        close=seams.close,
    )


def _azure(account: str | Endpoints, network: HttpTransport[Any, Any], clock: Clock, prefix: str) -> Seams:
    def counted() -> wire.CountingTransport:
        return wire.CountingTransport(network, clock.sleep)

    tables = {name: _table(account, prefix + name, counted()) for name in TABLES}
    blobs, queues = _blobs(account, counted(), prefix), _queues(account, counted(), prefix)
    return Seams(tables, blobs, queues, network.close)


def _table(account: str | Endpoints, name: str, transport: wire.CountingTransport) -> AzureTable:
    options: dict[str, Any] = {"transport": transport, **wire.TABLE_RETRIES}
    if isinstance(account, str):
        return AzureTable(TableClient.from_connection_string(account, name, **options), transport)
    client = TableClient(account.table_url, name, credential=account.credential, **options)
    return AzureTable(client, transport)


def _blobs(account: str | Endpoints, transport: wire.CountingTransport, prefix: str) -> AzureBlobs:
    options: dict[str, Any] = {"transport": transport, "retry_policy": wire.retries(BlobRetry, transport)}
    if isinstance(account, str):
        service = BlobServiceClient.from_connection_string(account, **options)
    else:
        service = BlobServiceClient(account.blob_url, account.credential, **options)
    return AzureBlobs(service, transport, prefix)


def _queues(account: str | Endpoints, transport: wire.CountingTransport, prefix: str) -> AzureQueues:
    options: dict[str, Any] = {"transport": transport, "retry_policy": wire.retries(QueueRetry, transport)}
    if isinstance(account, str):
        service = QueueServiceClient.from_connection_string(account, **options)
    else:
        service = QueueServiceClient(account.queue_url, account.credential, **options)
    return AzureQueues(service, transport, prefix)
