"""productOperation and the running of productSet that was asked for asynchronously.

An operation becomes due a second after it was asked for; whoever reads it finds it done.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors
from sandbox.shopify.mutations.product_set import apply
from sandbox.shopify.resolvers.products import source
from sandbox.shopify.store import products
from sandbox.shopify.store.database import Row

registry.keys("ProductSetOperation", "status")


@registry.field("QueryRoot", "productOperation", "id")
def _operation(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _find(call, args["id"])


@registry.node("ProductSetOperation")
def _find(call: Call, identifier: str) -> Row | None:
    row = call.db.get("product_operations", gid.number(identifier, "ProductSetOperation"))
    if row is None:
        return None
    if row["status"] == "CREATED" and row["ready_at"] <= call.store.clock.micros():
        row = _run(call, row)
    return row | {"__typename": row["kind"]}


def _run(call: Call, row: Row) -> Row:
    request = json.loads(row["request"])
    changes: Row = {"status": "COMPLETE"}
    try:
        with call.db.transaction():
            changes["product_id"] = apply(call, request["input"], request["identifier"])
            call.store.publish()
    except UserErrors as refused:
        changes["errors"] = refused.errors
    finally:
        call.store.forget_events()
    call.db.update("product_operations", row["id"], changes)
    return call.db.get("product_operations", row["id"]) or row


@registry.field("ProductSetOperation", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("ProductSetOperation", row["id"])


@registry.field("ProductSetOperation", "product")
def _product(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return source(products.get(call.store, row["product_id"]))


@registry.field("ProductSetOperation", "userErrors")
def _errors(row: Row, _call: Call, _args: dict[str, Any]) -> list[Row]:
    return list(json.loads(row["errors"]))
