"""What a request carries through the sandbox: the running core, who calls, and what it has cost so far.

The core is made once by `server`; a context is made per request and never outlives it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .bypass import Bypass
from .clock import IdSource, SandboxClock
from .config import DataverseConfig
from .http import Prefer
from .metadata.model import Table
from .metadata.registry import Registry
from .store import Row, Store
from .values import wire_time

if TYPE_CHECKING:
    from .faults import Faults
    from .limits import Counters, Limits
    from .logic.rules import Rules
    from .security import Security
    from .webhooks import Webhooks


@dataclass(frozen=True)
class Actor:
    """A named caller: its name in the counters and its systemuser row."""

    name: str
    user_id: str


@dataclass
class Core:
    """The parts of one running sandbox."""

    config: DataverseConfig
    clock: SandboxClock
    ids: IdSource
    store: Store
    registry: Registry
    rules: Rules
    counters: Counters
    limits: Limits
    faults: Faults
    webhooks: Webhooks
    security: Security
    actors: dict[str, Actor] = field(default_factory=dict)
    after_new_table: Callable[[Context, str], None] = lambda ctx, name: None
    organization_id: str = ""
    business_unit_id: str = ""

    def organization(self) -> Row:
        """The organization's settings row."""
        table = self.registry.tables["organization"]
        found = self.store.get(table, self.organization_id)
        if found is None:
            raise LookupError("the organization row is missing")
        return found


@dataclass
class Context:
    """One request on its way through the sandbox."""

    core: Core
    actor: Actor
    base_url: str
    prefer: Prefer = field(default_factory=Prefer)
    rows_read: int = 0
    rows_written: int = 0
    depth: int = 1
    content_ids: dict[str, str] = field(default_factory=dict)
    caller_id: str = ""
    detect_duplicates: bool = False
    bypass: Bypass = field(default_factory=Bypass)
    scratch: dict[str, Any] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """The rows."""
        return self.core.store

    @property
    def registry(self) -> Registry:
        """The tables."""
        return self.core.registry

    def now(self) -> str:
        """The present moment as Dataverse stores it."""
        return wire_time(self.core.clock.now())

    def table(self, name: str) -> Table:
        """A table by logical name."""
        return self.core.registry.tables[name]

    def url(self, table: Table, row_id: str) -> str:
        """The address of a row."""
        return f"{self.base_url}{table.entity_set}({row_id})"
