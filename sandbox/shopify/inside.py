"""GraphQL from within: how payloads and pages read records, without tokens, cost or counters.

They read what the API would answer, so that a payload can never tell another truth than a query. It has its own
bucket: looking at the store takes nothing from the app.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify.bucket import Buckets
from sandbox.shopify.call import Actor, Call
from sandbox.shopify.execution import Answer, Executor
from sandbox.shopify.schema import AdminSchema
from sandbox.shopify.store.shop import Store

ENDLESS = 1e12


class Inside:
    """A reader, and for the pages a writer, of one store."""

    def __init__(self, schema: AdminSchema, store: Store) -> None:
        self.store = store
        self._executor = Executor(schema, Buckets(store.clock, ENDLESS, ENDLESS))

    def run(self, query: str, variables: dict[str, Any] | None = None, actor: str = "page") -> tuple[Call, Answer]:
        """One request and its answer, whatever it is."""
        config = self.store.config
        call = Call(self.store, Actor(actor, frozenset(config.scopes)), config.api_version, "inside")
        with self.store.db.lock:
            return call, self._executor.run(call, {"query": query, "variables": variables or {}})

    def data(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The data of a query that must not fail; raises RuntimeError with what was wrong in it."""
        _, answer = self.run(query, variables)
        if answer.errors:
            raise RuntimeError(f"a query of the sandbox's own failed: {answer.errors}")
        return dict(answer.body["data"])
