"""Jobs of a store: work that was promised and is done a little later, by the store's own clock.

A job is known by a random-looking id; what it does is registered by its kind and runs once, when it is due.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

DDL = """
CREATE TABLE IF NOT EXISTS jobs (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, request TEXT NOT NULL, due_at INTEGER NOT NULL, done INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS jobs_due ON jobs (done, due_at);
"""
Work = Callable[[Store, Row], None]
WORK: dict[str, Work] = {}
_SPACE = uuid.UUID("6f1c1b52-6a0e-5d0c-9d0e-0a52d3f2b6c1")


def work(kind: str) -> Callable[[Work], Work]:
    """Register what a kind of job does when it is due."""

    def register(function: Work) -> Work:
        WORK[kind] = function
        return function

    return register


def promise(store: Store, kind: str, request: Row, seconds: float) -> Row:
    """Note a job that is done after so many seconds; as `job(id:)` shows it."""
    number = store.db.next_id("Job")
    row = {"id": str(uuid.uuid5(_SPACE, str(number))), "kind": kind, "request": json.dumps(request)}
    due_at = store.clock.micros() + round(seconds * 1_000_000)
    store.db.insert("jobs", row | {"due_at": due_at, "done": 0})
    return shown(row | {"done": 0})


def find(store: Store, identifier: str) -> Row | None:
    """A job by its id."""
    row = store.db.one("SELECT * FROM jobs WHERE id = ?", (identifier,))
    return None if row is None else shown(row)


def shown(row: Row) -> Row:
    """A job as the executor passes it on; its `query` is there once it is done."""
    done = bool(row["done"])
    return {"__typename": "Job", "id": f"gid://shopify/Job/{row['id']}", "done": done, "query": {} if done else None}


def catch_up(store: Store) -> None:
    """Do what is due; a store with nothing due is not held up for the asking."""
    now = store.clock.micros()
    with store.db.reading():
        if not store.db.value("SELECT 1 FROM jobs WHERE done = 0 AND due_at <= ? LIMIT 1", (now,)):
            return
    with store.db.lock:
        for row in store.db.all("SELECT * FROM jobs WHERE done = 0 AND due_at <= ? ORDER BY due_at, id", (now,)):
            with store.db.transaction():
                WORK[row["kind"]](store, json.loads(row["request"]))
                store.db.run("UPDATE jobs SET done = 1 WHERE id = ?", (row["id"],))
                store.publish()
