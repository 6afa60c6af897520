"""The body of `bulk_operations/finish`.

It tells that an operation is over, not what it found.
"""

from __future__ import annotations

from sandbox.shopify.inside import Inside
from sandbox.shopify.payloads.rest import local
from sandbox.shopify.store import bulk_operations as operations
from sandbox.shopify.store.database import Row


def body(inside: Inside, number: int) -> Row | None:
    """The body for an operation that ended."""
    store = inside.store
    row = operations.get(store, number)
    if row is None:
        return None
    error = row["error_code"]
    return {
        "admin_graphql_api_id": operations.global_id(row),
        "completed_at": local(store, row["completed_at"]),
        "created_at": local(store, row["created_at"]),
        "error_code": error.lower() if error else None,
        "status": row["status"].lower(),
        "type": row["type"].lower(),
    }
