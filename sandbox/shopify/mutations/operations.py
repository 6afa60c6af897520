"""productOperation, and the running of what was asked for asynchronously: setting, deleting, duplicating a product.

An operation becomes due a second after it was asked for; it is run before the next request after that is answered.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors
from sandbox.shopify.resolvers.products import source
from sandbox.shopify.store import operations, products
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.operations import KINDS, WORK

for _kind in KINDS:
    registry.keys(_kind, "status")


@registry.field("QueryRoot", "productOperation", "id")
def _operation(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _find(call, args["id"])


def _find(call: Call, identifier: str) -> Row | None:
    kind = gid.kind_of(identifier)
    row = call.db.get("product_operations", gid.number(identifier, kind))
    if row is None or row["kind"] != kind or kind not in KINDS:
        return None
    return row | {"__typename": row["kind"]}


def _catch_up(call: Call) -> None:
    with call.db.reading():
        # Nothing due is the rule, and asking must not wait for whoever writes.
        if not operations.due(call.store):
            return
    with call.db.lock:
        for row in operations.due(call.store):
            _run(call, row)


registry.DUE.append(_catch_up)


def _run(call: Call, row: Row) -> None:
    changes: Row = {"status": "COMPLETE"}
    try:
        with call.db.transaction():
            changes |= WORK[row["kind"]](call, row, json.loads(row["request"]))
            call.store.publish()
    except UserErrors as refused:
        changes["errors"] = refused.errors
    finally:
        call.store.forget_events()
    call.db.update("product_operations", row["id"], changes)


def _register(kind: str) -> None:
    registry.node(kind)(_find)
    registry.field(kind, "id")(lambda row, _call, _args: gid.make(kind, row["id"]))
    registry.field(kind, "product")(lambda row, call, _args: source(products.get(call.store, row["product_id"])))
    registry.field(kind, "userErrors")(lambda row, _call, _args: list(json.loads(row["errors"])))


for _kind in KINDS:
    _register(_kind)


@registry.field("ProductDeleteOperation", "deletedProductId")
def _deleted(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return gid.make("Product", row["deleted_id"]) if row["deleted_id"] else None


@registry.field("ProductDuplicateOperation", "newProduct")
def _new(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return source(products.get(call.store, row["new_product_id"]))
