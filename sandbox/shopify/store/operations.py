"""Operations on products that were asked for asynchronously, as rows.

What an operation does is registered by its kind; only one may run on a product at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

KINDS = ("ProductSetOperation", "ProductDeleteOperation", "ProductDuplicateOperation")
TAKES = 1_000_000
Work = Callable[[Any, Row, Row], Row]
WORK: dict[str, Work] = {}


def work(kind: str) -> Callable[[Work], Work]:
    """Register what an operation of that kind does when it is due; it gives the columns to write."""

    def register(function: Work) -> Work:
        WORK[kind] = function
        return function

    return register


def ask(store: Store, kind: str, request: Row, product: int | None = None) -> Row:
    """Note an operation, as the mutation that asks for it answers."""
    number = store.db.next_id(kind)
    row = {"id": number, "kind": kind, "status": "CREATED", "product_id": product, "errors": "[]"}
    row |= {"request": json.dumps(request), "ready_at": store.clock.micros() + TAKES}
    store.db.insert("product_operations", row)
    return (store.db.get("product_operations", number) or row) | {"__typename": kind}


def is_busy(store: Store, product: int) -> bool:
    """True while an operation on that product is not due."""
    sql = "SELECT 1 FROM product_operations WHERE product_id = ? AND status <> 'COMPLETE' AND ready_at > ? LIMIT 1"
    return store.db.one(sql, (product, store.clock.micros())) is not None


def due(store: Store) -> list[Row]:
    """The operations that are to be run now, oldest first."""
    sql = "SELECT * FROM product_operations WHERE status = 'CREATED' AND ready_at <= ? ORDER BY ready_at, id"
    return store.db.all(sql, (store.clock.micros(),))
