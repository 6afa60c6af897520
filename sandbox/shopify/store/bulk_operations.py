"""Bulk operations in the store: rows, states, what is in progress, what is over.

Rows and states only; what an operation does is in `bulk`.
"""

from __future__ import annotations

from sandbox.shopify import gid
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

SECOND = 1_000_000
LIFE_US = 7 * 86_400 * SECOND
OPEN = ("CREATED", "RUNNING", "CANCELING")


def create(store: Store, given: Row, delay_s: float) -> Row:
    """Note a new operation that begins after the delay."""
    now = store.clock.micros()
    row: Row = {"id": store.db.next_id("BulkOperation"), "status": "CREATED", "error_code": None, "object_count": 0}
    row |= {"root_count": 0, "file_size": None, "file": None, "due_at": now + round(delay_s * SECOND)}
    row |= {"created_at": now, "completed_at": None, "ended_at": None} | given
    store.db.insert("bulk_operations", row)
    return row


def get(store: Store, number: int | None) -> Row | None:
    """An operation by its number."""
    return store.db.get("bulk_operations", number)


def in_progress(store: Store, actor: str, kind: str) -> list[Row]:
    """The operations of a kind that an app has not finished, oldest first."""
    sql = "SELECT * FROM bulk_operations WHERE actor = ? AND type = ? AND status IN (?, ?, ?) ORDER BY id"
    return store.db.all(sql, (actor, kind, *OPEN))


def newest(store: Store, actor: str, kind: str) -> Row | None:
    """The latest operation of a kind of an app."""
    sql = "SELECT * FROM bulk_operations WHERE actor = ? AND type = ? ORDER BY created_at DESC, id DESC LIMIT 1"
    return store.db.one(sql, (actor, kind))


def due(store: Store) -> Row | None:
    """The next operation that is to begin, or to be found canceled."""
    sql = (
        "SELECT * FROM bulk_operations WHERE status IN ('CREATED', 'CANCELING') AND due_at <= ? "
        "ORDER BY due_at, id LIMIT 1"
    )
    return store.db.one(sql, (store.clock.micros(),))


def begin(store: Store, number: int) -> None:
    """It runs from now on, even if it is to be canceled."""
    store.db.run("UPDATE bulk_operations SET status = 'RUNNING' WHERE id = ? AND status = 'CREATED'", (number,))


def progress(store: Store, number: int, objects: int, roots: int) -> bool:
    """Note how far it is; False when it was asked to stop."""
    with store.db.transaction():
        store.db.update("bulk_operations", number, {"object_count": objects, "root_count": roots})
        row = get(store, number)
        return row is not None and row["status"] == "RUNNING"


def finish(store: Store, number: int, status: str, changes: Row) -> None:
    """It is over: state, file, and the event that tells of it."""
    now = store.clock.micros()
    with store.db.transaction():
        done = {"status": status, "ended_at": now, "completed_at": now if status == "COMPLETED" else None}
        store.db.update("bulk_operations", number, done | changes)
        store.event("bulk_operations/finish", number)
        store.publish()


def status(store: Store, row: Row) -> str:
    """The state as the API tells it: a week after the end the file is gone."""
    over = row["ended_at"] is not None and row["ended_at"] + LIFE_US <= store.clock.micros()
    return "EXPIRED" if over and row["file"] and row["status"] in {"COMPLETED", "FAILED"} else str(row["status"])


def global_id(row: Row) -> str:
    """The id that the API gives it."""
    return gid.make("BulkOperation", row["id"])
