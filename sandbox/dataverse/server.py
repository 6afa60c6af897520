"""The sandbox as one object: its WSGI application, its switches, its counters, its clock.

`create(config)` is the way in for tests; `python -m sandbox.dataverse` serves the same object over a socket.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .clock import IdSource, SandboxClock
from .config import DataverseConfig
from .context import Core
from .faults import Faults
from .limits import Counters, Limits
from .logic.everything import all_rules
from .metadata.registry import Registry
from .pipeline import Pipeline
from .security import Security
from .seed import announce_table, attach_actors, fixed_id, give_birth
from .store import Store
from .webhooks import Webhooks

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse


class DataverseSandbox:
    """A running sandbox; `wsgi` is the application, `close` ends it."""

    def __init__(self, config: DataverseConfig) -> None:
        self.config = config
        store = Store(config.db, config.accent_insensitive, config.image)
        self.core = Core(
            config=config, clock=config.clock, ids=IdSource(config.seed, store.meta("ids")), store=store,
            registry=Registry(store, config.change_tracking_default, there=bool(config.image)), rules=all_rules(),
            counters=Counters(), limits=Limits(config), faults=Faults(), webhooks=Webhooks(), security=Security())
        store.kept["ids"] = lambda: self.core.ids.number
        self.core.after_new_table = announce_table
        self.core.webhooks.bind(self.core)
        attach_actors(self.core)
        if store.is_new:
            give_birth(self.core)
        self._pipeline = Pipeline(self.core)

    def wsgi(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI application."""
        return self._pipeline(environ, start_response)

    @property
    def clock(self) -> SandboxClock:
        """The clock everything here runs on."""
        return self.core.clock

    @property
    def counters(self) -> Counters:
        """Tallies per actor."""
        return self.core.counters

    @property
    def faults(self) -> Faults:
        """The switches for trouble."""
        return self.core.faults

    def take_privileges(self, actor: str, *names: str) -> None:
        """Take privileges such as `prvCreateAccount` away from a caller."""
        self.core.security.take(self.core.actors[actor].user_id, names)

    def give_privileges(self, actor: str, *names: str) -> None:
        """Give privileges to a caller."""
        self.core.security.give(self.core.actors[actor].user_id, names)

    @property
    def webhooks(self) -> Webhooks:
        """The delivery of webhooks."""
        return self.core.webhooks

    @staticmethod
    def id_of(name: str) -> str:
        """The id of a row of the birth data: `pricelevel`, `uom`, `uomschedule`, `currency/EUR`, `team`, …"""
        return fixed_id(name)

    def close(self) -> None:
        """Stop delivering and close the file."""
        self.core.webhooks.stop()
        self.core.store.close()


def create(config: DataverseConfig | None = None) -> DataverseSandbox:
    """A sandbox ready to answer; a new database is filled with its birth data."""
    return DataverseSandbox(config or DataverseConfig())
