"""From events to deliveries: who wants to be told, what each of them is told, and what goes wrong on purpose.

Runs inside the transaction of the change, so that a delivery exists exactly when its change does. It sends nothing.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.shopify.clock import Clock
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.events import Event
from sandbox.shopify.store.shop import Store
from sandbox.shopify.webhooks import fields, filters, topics

SECOND = 1_000_000
DISORDER_S = 2.0
Builder = Callable[[str, int], Row | None]
Finisher = Callable[[str, Row], Row | None]


@dataclass
class Switches:
    """What goes wrong on purpose: shares of deliveries that are lost, doubled or sent twice, delays, disorder.

    `duplicate` makes a second delivery of the same event, `resend` sends one and the same delivery a second time.
    A delivery equal to one of the last `debounce_s` seconds is dropped where `includeFields` is set, as documented.
    """

    enabled: bool = True
    lose: float = 0.0
    duplicate: float = 0.0
    resend: float = 0.0
    delay_s: float = 0.0
    disorder: bool = False
    debounce_s: float = 1.0


@dataclass(frozen=True)
class AppSubscription:
    """A subscription of the app's own configuration: it has no id, the API does not show it, failures never end it."""

    topics: tuple[str, ...]
    uri: str
    filter: str = ""
    include_fields: tuple[str, ...] = field(default=())
    name: str | None = None

    def row(self) -> Row:
        """As the row of a subscription that was made by the API."""
        shown = asdict(self)
        return shown | {"id": 0, "include_fields": json.dumps(self.include_fields), "metafield_namespaces": "[]"}


class Outbox:
    """The deliveries that are to be made of one store's events."""

    def __init__(self, store: Store, clock: Clock, build: Builder, finish: Finisher, seed: int = 0) -> None:
        self._store = store
        self._clock = clock
        self._build = build
        self._finish = finish
        self._random = random.Random(seed)
        self.switches = Switches()
        self.app_subscriptions: list[AppSubscription] = []

    def note(self, events: Iterable[Event]) -> int:
        """Make the deliveries of the events of one action, which share an event id; how many there are."""
        if not self.switches.enabled:
            return 0
        told = list(events)
        wanted = self._subscriptions({event.topic for event in told})
        identifier = self._identifier()
        made = 0
        for event in told:
            found = wanted.get(event.topic)
            if found:
                made += self._tell(event, found, identifier)
        return made

    def _subscriptions(self, names: set[str]) -> dict[str, list[Row]]:
        members = {topics.member(name): name for name in names}
        marks = ", ".join("?" * len(members))
        # A queue of a cloud is not reached from here; its subscription is only kept.
        sql = (
            f"SELECT * FROM webhook_subscriptions WHERE topic IN ({marks}) "  # noqa: S608 - only marks
            "AND uri LIKE 'http%' ORDER BY id"
        )
        found: dict[str, list[Row]] = {}
        for row in self._store.db.all(sql, members):
            found.setdefault(members[row["topic"]], []).append(row)
        for configured in self.app_subscriptions:
            for topic in names.intersection(configured.topics):
                found.setdefault(topic, []).append(configured.row())
        return found

    def _tell(self, event: Event, subscriptions: list[Row], identifier: str) -> int:
        payload = event.body if event.body is not None else self._build(event.topic, event.number)
        if payload is None:
            return 0
        made = 0
        for subscription in subscriptions:
            text = self._text(event, subscription, payload)
            if text is not None:
                made += self._add(event, subscription, identifier, text)
        return made

    def _text(self, event: Event, subscription: Row, payload: Row) -> str | None:
        """The body for one subscription, None when its filter or the app's approvals say no."""
        namespaces = json.loads(subscription["metafield_namespaces"])
        content = self._finish(event.topic, payload | self._metafields(payload, namespaces))
        if content is None:
            return None
        paths = json.loads(subscription["include_fields"])
        if paths:
            content = fields.include(content, paths)
        # The filter sees what is left: fields it names must be among those included (documented).
        if not filters.passes(subscription["filter"] or "", content):
            return None
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    def _metafields(self, payload: Row, namespaces: list[str]) -> Row:
        if not namespaces or "admin_graphql_api_id" not in payload:
            return {}
        kind, number = str(payload["admin_graphql_api_id"]).split("/")[-2:]
        return {"metafields": fields.metafields(self._store, kind, number, namespaces)}

    def _add(self, event: Event, subscription: Row, identifier: str, text: str) -> int:
        now = self._clock.micros()
        if self._repeated(event, subscription, text, now):
            return 0
        row: Row = {"subscription_id": subscription["id"], "topic": event.topic, "uri": subscription["uri"]}
        row |= {"event_id": identifier, "name": subscription["name"], "triggered_at": now, "body": text, "attempts": 0}
        webhook = self._identifier()
        ids = [webhook]
        if self._happens(self.switches.duplicate):
            ids.append(self._identifier())
        if self._happens(self.switches.resend):
            ids.append(webhook)
        state = "lost" if self._happens(self.switches.lose) else "due"
        for one in ids:
            due = now + round((self._late() + event.delay_s) * SECOND)
            self._store.db.insert("webhook_deliveries", row | {"webhook_id": one, "due_at": due, "state": state})
        return len(ids)

    def _repeated(self, event: Event, subscription: Row, text: str, now: int) -> bool:
        if subscription["include_fields"] == "[]" or not self.switches.debounce_s:
            return False
        sql = (
            "SELECT 1 FROM webhook_deliveries "
            "WHERE subscription_id = ? AND triggered_at >= ? AND topic = ? AND body = ?"
        )
        since = now - round(self.switches.debounce_s * SECOND)
        found: Any = self._store.db.one(sql, (subscription["id"], since, event.topic, text))
        return found is not None

    def _late(self) -> float:
        return self.switches.delay_s + (self._random.random() * DISORDER_S if self.switches.disorder else 0.0)

    def _happens(self, share: float) -> bool:
        return share > 0 and self._random.random() < share

    def _identifier(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))
