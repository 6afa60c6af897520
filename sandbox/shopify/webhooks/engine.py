"""Webhooks out: what the outbox made is sent over real HTTP, in the background or when a test asks.

A delivery keeps its body and address through all retries. An address has a few sendings at a time of its own, so that
one slow receiver holds up nobody else. It never sends what was not written into the store first.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import Any

from sandbox.shopify.access import CUSTOMER, PROTECTED_TOPICS
from sandbox.shopify.auth import Tokens
from sandbox.shopify.clock import Clock
from sandbox.shopify.inside import Inside
from sandbox.shopify.payloads import kinds
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.events import Event
from sandbox.shopify.store.shop import Store
from sandbox.shopify.webhooks import post, redaction, signing, topics
from sandbox.shopify.webhooks.outbox import SECOND, AppSubscription, Outbox, Switches

# Eight retries over four hours, each later than the one before; the steps between are not documented.
RETRIES_S = (10, 60, 300, 900, 1800, 2700, 3600, 5030)
FAILURES_TO_REMOVE = 8
ADDRESSES_AT_ONCE = 16
KEPT = 2000
POLL_S = 0.1
FINAL = ("delivered", "given up", "lost", "dropped")


class Webhooks:
    """The deliveries of one store."""

    def __init__(self, store: Store, clock: Clock, inside: Inside, tokens: Tokens, seed: int = 0) -> None:
        self._store = store
        self._clock = clock
        self._inside = inside
        self._tokens = tokens
        self._outbox = Outbox(store, clock, self.build, self._permitted, seed)
        self._lock = threading.Lock()
        self._flying: dict[int, str] = {}
        self._settled = 0
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._pool: ThreadPoolExecutor | None = None
        store.listeners.append(self.note)
        for topic in kinds.BEFORE_THE_END:
            store.before_the_end[topic] = partial(self.build, topic)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made when the first delivery leaves: it costs a quarter of a second."""
        return post.context(self._store.config.webhook_ca_file)

    @property
    def switches(self) -> Switches:
        """What goes wrong on purpose."""
        return self._outbox.switches

    @property
    def app_subscriptions(self) -> list[AppSubscription]:
        """The subscriptions of the app's configuration; change the list at will."""
        return self._outbox.app_subscriptions

    def build(self, topic: str, number: int) -> Row | None:
        """The body of a topic for a record as it is now; None when there is none."""
        return kinds.build(self._inside, topic, number)

    def _permitted(self, topic: str, payload: Row) -> Row | None:
        """The body with what the app may see of it; None when it may hear nothing of the topic."""
        approved = self._tokens.approved
        if topic in topics.COMPLIANCE or not topic.startswith(PROTECTED_TOPICS):
            return payload
        return redaction.redact(payload, approved) if CUSTOMER in approved else None

    def note(self, events: list[Event]) -> None:
        """Make the deliveries of what one action did; called within the transaction of the change."""
        if self._outbox.note(events):
            self._wake.set()

    def start(self) -> None:
        """Begin to send in the background."""
        at_once = self._store.config.webhook_threads
        self._pool = ThreadPoolExecutor(at_once * ADDRESSES_AT_ONCE, "webhooks")
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more. A store in memory first sends what was never tried: nobody could send it later."""
        self._stopped.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        if self._pool is not None:
            if self._store.config.db == ":memory:" or self._store.config.temporary:
                self._flush()
            self._pool.shutdown()

    def waiting(self) -> dict[str, int]:
        """How many deliveries stand how."""
        rows = self._store.db.all("SELECT state, COUNT(*) AS number FROM webhook_deliveries GROUP BY state")
        with self._lock:
            return {row["state"]: row["number"] for row in rows} | {"sending": len(self._flying)}

    def send_due(self) -> int:
        """Send what is due now in the calling thread, one after the other; how many were sent."""
        sent = 0
        while rows := self._due():
            for row in rows:
                self._send(row)
            sent += len(rows)
        return sent

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._wake.wait(POLL_S)
            self._wake.clear()
            if not self._stopped.is_set():
                self._hand_out()

    def _hand_out(self, untried: bool = False) -> int:
        """Give what is due to the threads, as far as its address has one free."""
        pool = self._pool
        if pool is None:
            return 0
        with self._lock:
            busy = Counter(self._flying.values())
            flying = set(self._flying)
        most = self._store.config.webhook_threads
        rows = self._due({uri for uri, number in busy.items() if number >= most}, untried)
        given = 0
        for row in rows:
            if row["id"] in flying or busy[row["uri"]] >= most:
                continue
            busy[row["uri"]] += 1
            with self._lock:
                self._flying[row["id"]] = row["uri"]
            pool.submit(self._fly, row)
            given += 1
        return given

    def _fly(self, row: Row) -> None:
        try:
            self._send(row)
        finally:
            with self._lock:
                del self._flying[row["id"]]
            self._wake.set()

    def _flush(self) -> None:
        """Try once what is late on purpose, for as long as one sending may take."""
        deadline = time.monotonic() + post.TOTAL_S
        while time.monotonic() < deadline:
            self._wake.clear()
            if not self._hand_out(untried=True) and not self._flying:
                return
            self._wake.wait(POLL_S)

    def _due(self, busy: set[str] = frozenset(), untried: bool = False) -> list[Row]:  # type: ignore[assignment]
        marks = ", ".join("?" * len(busy))
        when = "attempts = 0" if untried else "due_at <= ?"
        sql = (
            f"SELECT * FROM webhook_deliveries WHERE state = 'due' AND {when} AND uri NOT IN ({marks}) "  # noqa: S608
            "ORDER BY due_at, id LIMIT 100"
        )
        return self._store.db.all(sql, [*([] if untried else [self._clock.micros()]), *busy])

    def _send(self, row: Row) -> None:
        if row["subscription_id"] and self._subscription(row) is None:
            self._store.db.update("webhook_deliveries", row["id"], {"state": "dropped"})
            return
        body = row["body"].encode()
        try:
            status = post.post(row["uri"], signing.headers(self._store.config, row, body), body, self._tls)
            self._settle(row, 200 <= status < 300, str(status))
        except post.NotDelivered as reason:
            self._settle(row, False, str(reason))

    def _subscription(self, row: Row) -> Row | None:
        return self._store.db.get("webhook_subscriptions", row["subscription_id"])

    def _settle(self, row: Row, good: bool, told: str) -> None:
        attempts = row["attempts"] + 1
        changes: dict[str, Any] = {"attempts": attempts, "last_answer": told}
        if good:
            changes["state"] = "delivered"
        elif attempts > len(RETRIES_S):
            changes["state"] = "given up"
        else:
            changes["due_at"] = self._clock.micros() + RETRIES_S[attempts - 1] * SECOND
        with self._store.db.transaction():
            self._store.db.update("webhook_deliveries", row["id"], changes)
            self._count(row, good, changes.get("state") == "given up")
            self._settled += 1
            if self._settled % KEPT == 0:
                self._forget()

    def _count(self, row: Row, good: bool, given_up: bool) -> None:
        """Keep the run of failures, which any success ends; a delivery given up in such a run ends the subscription."""
        db, number = self._store.db, row["subscription_id"]
        count = "0" if good else "failures + 1"
        if not (good and self._failures(number) == 0):
            db.run(f"UPDATE webhook_subscriptions SET failures = {count} WHERE id = ?", (number,))  # noqa: S608
        if given_up and self._failures(number) >= FAILURES_TO_REMOVE:
            db.run("DELETE FROM webhook_subscriptions WHERE id = ?", (number,))

    def _failures(self, number: int) -> int:
        return int(self._store.db.value("SELECT failures FROM webhook_subscriptions WHERE id = ?", (number,)) or 0)

    def _forget(self) -> None:
        """Let go of old deliveries that are over, so that a long run does not fill the store."""
        marks = ", ".join("?" * len(FINAL))
        sql = (
            f"DELETE FROM webhook_deliveries WHERE state IN ({marks}) "  # noqa: S608 - only marks
            "AND id < (SELECT MAX(id) FROM webhook_deliveries) - ?"
        )
        self._store.db.run(sql, (*FINAL, KEPT))
