"""One sandboxed store: its rows, index, time and events, for the API and the page alike.

Rules that hold however a change arrives (times, index, events) live in this package.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.shopify import gid
from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.search.index import SearchIndex
from sandbox.shopify.store import location_document as locations
from sandbox.shopify.store.blobs import Blobs
from sandbox.shopify.store.database import Database, Row
from sandbox.shopify.store.events import Event, Listener

if TYPE_CHECKING:
    from sandbox.shopify.store.mail import Mail

SECOND = 1_000_000


class Store:
    """The store itself; `changed` is told of each topic with the record's number once the write is certain."""

    def __init__(self, config: ShopifyConfig, clock: Clock) -> None:
        self.config = config
        self.clock = clock
        self.db = Database(config.db, config.first_ids, config.image)
        self.blobs = Blobs(config.db)
        self.bulk_delay_s = config.bulk_delay_s
        self.index = SearchIndex(self.db, clock, config.index_lag_s)
        self.listeners: list[Listener] = []
        self.before_the_end: dict[str, Callable[[int], Row | None]] = {}
        self._events: list[Event] = []
        self.in_flight: set[tuple[str, str]] = set()
        self._told: set[tuple[str, int]] = set()
        self.mails: list[Mail] = []
        self._seed()

    def now(self) -> int:
        """The present second in microseconds: times of records have no fractions."""
        return self.clock.micros() // SECOND * SECOND

    def event(self, topic: str, number: int, body: Row | None = None) -> None:
        """Note an event of the running transaction; the same topic of the same record is told once.

        Of the topics in `before_the_end` the body is built now: note them while the record is still there.
        """
        if body is None and topic in self.before_the_end:
            body = self.before_the_end[topic](number)
        if body is not None or (topic, number) not in self._told:
            self._told.add((topic, number))
            self._events.append(Event(topic, number, body))

    def publish(self) -> None:
        """Tell the listeners what happened; called inside the transaction that made it happen."""
        events = self._events
        self.forget_events()
        for listener in self.listeners if events else ():
            listener(events)

    def forget_events(self) -> None:
        """Drop the events of a transaction that was rolled back."""
        self._events = []
        self._told = set()

    def setting(self, name: str) -> str | None:
        """A value kept with the store, as its own id."""
        value: Any = self.db.value("SELECT value FROM settings WHERE name = ?", (name,))
        return value

    def _seed(self) -> None:
        with self.db.transaction():
            if self.setting("shop_id"):
                return
            now = self.now()
            for name in ("Shop", "AppInstallation", "App"):
                row = {"name": f"{_snake(name)}_id", "value": gid.make(name, self.db.next_id(name))}
                self.db.insert("settings", row)
            self.db.insert("settings", {"name": "created_at", "value": str(now)})
            for place, name in enumerate(self.config.locations):
                # The first location is the one that online orders fall back to.
                first = {"ships_inventory": int(place == 0)}
                location = {"id": self.db.next_id("Location"), "name": name, "is_active": 1} | first
                address = {"country_code": "DE", "city": "Berlin", "created_at": now, "updated_at": now}
                self.db.insert("locations", location | address)
                self.index.put("Location", location["id"], locations.document(location | address))
            # What is made through the API is told to the shop's own sales channels, not to the online store (recorded).
            for name, auto in (("Online Store", 0), ("Point of Sale", 1), ("Shop", 1)):
                row = {"id": self.db.next_id("Publication"), "name": name, "auto_publish": auto, "future": 1 - auto}
                self.db.insert("publications", row)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
