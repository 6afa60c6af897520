"""Webhooks out: events become deliveries in the store, a thread sends them over real HTTP.

A delivery keeps its body and address through all retries. Eight failures in a row remove a subscription that was
made by the API. Switches make deliveries late, double, out of order or lost, as they are in the world.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import requests

from sandbox.shopify import payloads
from sandbox.shopify.clock import Clock
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

CONNECT_S, TOTAL_S = 1.0, 5.0
# Eight retries over four hours, each later than the one before.
RETRIES_S = (10, 60, 300, 900, 1800, 2700, 3600, 5030)
SECOND = 1_000_000


@dataclass
class Switches:
    """What goes wrong on purpose: shares of deliveries that are lost or doubled, delays, disorder."""

    enabled: bool = True
    lose: float = 0.0
    duplicate: float = 0.0
    delay_s: float = 0.0
    disorder: bool = False


class Webhooks:
    """Subscriptions' deliveries of one store."""

    def __init__(self, store: Store, clock: Clock, seed: int = 0) -> None:
        self._store = store
        self._clock = clock
        self._random = random.Random(seed)
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._pool: ThreadPoolExecutor | None = None
        self.switches = Switches()
        store.listeners.append(self.note)

    def start(self) -> None:
        """Begin to send in the background."""
        self._pool = ThreadPoolExecutor(self._store.config.webhook_threads, "webhooks")
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more; what is due stays in the store."""
        self._stopped.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        if self._pool is not None:
            self._pool.shutdown()

    def note(self, topic: str, number: int, body: Row | None) -> None:
        """Make a delivery for each subscription of a topic; called within the transaction of the change."""
        name = topic.replace("/", "_").upper()
        found = self._store.db.all("SELECT * FROM webhook_subscriptions WHERE topic = ?", (name,))
        if not found or not self.switches.enabled:
            return
        content = body or payloads.build(self._store, topic, number)
        if content is None:
            return
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        event = self._identifier()
        for subscription in found:
            for _ in range(self._copies()):
                self._add(subscription, topic, event, text)
        self._wake.set()

    def _copies(self) -> int:
        if self._random.random() < self.switches.lose:
            return 0
        return 2 if self._random.random() < self.switches.duplicate else 1

    def _add(self, subscription: Row, topic: str, event: str, text: str) -> None:
        delay = self.switches.delay_s
        if self.switches.disorder:
            delay += self._random.random() * 2
        now = self._clock.micros()
        row = {"subscription_id": subscription["id"], "topic": topic, "uri": subscription["uri"]}
        row |= {"event_id": event, "webhook_id": self._identifier(), "name": subscription["name"]}
        row |= {"triggered_at": now, "body": text, "attempts": 0, "state": "due"}
        self._store.db.insert("webhook_deliveries", row | {"due_at": now + round(delay * SECOND)})

    def _identifier(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._wake.wait(0.1)
            self._wake.clear()
            if not self._stopped.is_set():
                self.send_due()

    def send_due(self) -> int:
        """Send what is due now and wait for it; how many were sent."""
        sql = "SELECT * FROM webhook_deliveries WHERE state = 'due' AND due_at <= ? ORDER BY due_at, id LIMIT 100"
        rows = self._store.db.all(sql, (self._clock.micros(),))
        if self._pool is None:
            for row in rows:
                self._send(row)
        else:
            list(self._pool.map(self._send, rows))
        return len(rows)

    def _send(self, row: Row) -> None:
        body = row["body"].encode()
        try:
            answer = requests.post(
                row["uri"],
                data=body,
                headers=self._headers(row, body),
                timeout=(CONNECT_S, TOTAL_S - CONNECT_S),
                allow_redirects=False,
                verify=False,  # noqa: S501 - receivers under test have self-made certificates
            )
            good, told = 200 <= answer.status_code < 300, str(answer.status_code)
        except requests.RequestException as error:
            good, told = False, type(error).__name__
        self._settle(row, good, told)

    def _settle(self, row: Row, good: bool, told: str) -> None:
        attempts = row["attempts"] + 1
        changes: dict[str, Any] = {"attempts": attempts, "last_answer": told}
        with self._store.db.transaction():
            if good:
                changes["state"] = "delivered"
                self._count(row, None)
            elif attempts > len(RETRIES_S):
                changes["state"] = "given up"
                self._count(row, 1)
            else:
                changes["due_at"] = self._clock.micros() + RETRIES_S[attempts - 1] * SECOND
                self._count(row, 1)
            self._store.db.update("webhook_deliveries", row["id"], changes)

    def _count(self, row: Row, failed: int | None) -> None:
        number = row["subscription_id"]
        if failed is None:
            self._store.db.run("UPDATE webhook_subscriptions SET failures = 0 WHERE id = ?", (number,))
            return
        self._store.db.run("UPDATE webhook_subscriptions SET failures = failures + 1 WHERE id = ?", (number,))
        if row["attempts"] >= len(RETRIES_S):
            self._store.db.run("DELETE FROM webhook_subscriptions WHERE id = ?", (number,))

    def _headers(self, row: Row, body: bytes) -> dict[str, str]:
        config = self._store.config
        digest = hmac.new(config.client_secret.encode(), body, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Shopify-Captain-Hook",
            "X-Shopify-Topic": row["topic"],
            "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
            "X-Shopify-Shop-Domain": config.shop,
            "X-Shopify-API-Version": config.api_version,
            "X-Shopify-Webhook-Id": row["webhook_id"],
            "X-Shopify-Event-Id": row["event_id"],
            "X-Shopify-Triggered-At": self._triggered(row),
        }
        return headers | ({"X-Shopify-Name": row["name"]} if row["name"] else {})

    @staticmethod
    def _triggered(row: Row) -> str:
        seconds, micros = divmod(row["triggered_at"], SECOND)
        return f"{payloads._utc(seconds * SECOND).removesuffix('.000Z')}.{micros:06d}000Z"
