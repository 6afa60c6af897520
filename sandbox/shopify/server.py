"""Puts one sandbox together: store, schema, bucket, tokens, webhooks, HTTP.

`create` is the one entry for tests and programs; nothing listens until `serve` is called.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from sandbox.shopify import modules, schema
from sandbox.shopify.auth import Tokens
from sandbox.shopify.bucket import Buckets
from sandbox.shopify.bulk.worker import BulkWorker
from sandbox.shopify.clock import Clock
from sandbox.shopify.config import PLANS, ShopifyConfig
from sandbox.shopify.counters import Counters
from sandbox.shopify.execution import Executor
from sandbox.shopify.faults import Faults
from sandbox.shopify.http import Application
from sandbox.shopify.inside import Inside
from sandbox.shopify.installation import Installation
from sandbox.shopify.store.shop import Store
from sandbox.shopify.webhooks.engine import Webhooks

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class ShopifySandbox:
    """One sandboxed store; `.wsgi` answers in process, `.serve()` listens on loopback, `.close()` ends it."""

    def __init__(self, config: ShopifyConfig, clock: Clock) -> None:
        modules.load()
        self.config = config
        self.clock = clock
        self.schema = schema.load(config.schema_folder, config.api_version)
        self.store = Store(config, clock)
        self.tokens = Tokens(self.store)
        self.buckets = Buckets(clock, *PLANS[config.plan])
        self.counters = Counters(config.max_operations)
        self.faults = Faults()
        self.inside = Inside(self.schema, self.store)
        self.webhooks = Webhooks(self.store, clock, self.inside, self.tokens)
        self.installation = Installation(self.store, self.tokens, self.webhooks)
        self.executor = Executor(self.schema, self.buckets)
        self.bulk = BulkWorker(self.schema, self.store)
        self.wsgi: Wsgi = Application(self)
        self._server: Any = None
        self._thread: threading.Thread | None = None

    def serve(self, port: int = 0, host: str = "127.0.0.1", tls: tuple[str, str] | None = None) -> str:
        """Listen in the background, and send webhooks; the URL. `tls` is certificate and key, as files."""
        from sandbox.shopify.listen import listen

        self._server = listen(self.wsgi, host, port, tls)
        self._thread = threading.Thread(target=self._server.serve_forever, name="shopify", daemon=True)
        self._thread.start()
        self.webhooks.start()
        self.bulk.start()
        return str(self._server.url)

    def close(self) -> None:
        """Stop listening and sending, and leave the file in a clean state."""
        if self._server is not None:
            self._server.stop()
        if self._thread is not None:
            self._thread.join(timeout=10)
        self.bulk.stop()
        self.webhooks.stop()
        self.store.blobs.close()
        self.store.db.close()

    def __enter__(self) -> ShopifySandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def create(config: ShopifyConfig | None = None, clock: Clock | None = None) -> ShopifySandbox:
    """A sandbox with its own store; ids are the same for the same calls, time is the given clock's."""
    return ShopifySandbox(config or ShopifyConfig(), clock or Clock())
