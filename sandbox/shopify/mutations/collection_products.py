"""collectionAddProducts, collectionAddProductsV2, collectionRemoveProducts, collectionReorderProducts.

Only custom collections take products by hand, and only manually sorted ones can be put in order. Products that are
not known are passed over by the asynchronous mutations (recorded).
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.resolvers.collections import source
from sandbox.shopify.store import collections, products
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.settled import job_done_soon

registry.inputs("MoveInput", "id newPosition")


@registry.mutation("collectionAddProducts", "id productIds", "collection userErrors")
def _add(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _custom(call, args["id"], "add products to")
    before = collections.count(call.store, row["id"])
    _put(call, row, args["productIds"])
    changed = source(collections.get(call.store, row["id"])) or {}
    return {"collection": changed | {"count_before": before}, "userErrors": []}


@registry.mutation("collectionAddProductsV2", "id productIds", "job userErrors")
def _add_later(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _custom(call, args["id"], "add products to")
    _put(call, row, args["productIds"])
    return {"job": job_done_soon(call.store), "userErrors": []}


@registry.mutation("collectionRemoveProducts", "id productIds", "job userErrors")
def _remove(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _custom(call, args["id"], "remove products from")
    collections.remove(call.store, row["id"], _known(call, args["productIds"]))
    _changed(call, row)
    return {"job": job_done_soon(call.store), "userErrors": []}


@registry.mutation("collectionReorderProducts", "id moves", "job userErrors")
def _reorder(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = collections.get(call.store, gid.number(args["id"], "Collection"))
    if row is None:
        raise refuse(["id"], "Collection does not exist", "COLLECTION_NOT_FOUND")
    if row["sort_order"] != "MANUAL":
        text = "Can't reorder products unless collection is manually sorted"
        raise refuse(["id"], text, "MANUALLY_SORTED_COLLECTION")
    moves = [(gid.number(move["id"], "Product") or 0, int(move["newPosition"])) for move in args["moves"]]
    collections.reorder(call.store, row["id"], moves)
    _changed(call, row)
    return {"job": job_done_soon(call.store), "userErrors": []}


def _custom(call: Call, identifier: str, what: str) -> Row:
    row = collections.get(call.store, gid.number(identifier, "Collection"))
    if row is None:
        raise refuse(["id"], "Collection does not exist", "COLLECTION_DOES_NOT_EXIST")
    if row["rule_set"]:
        raise refuse(["id"], f"Can't manually {what} a smart collection", "CANT_ADD_TO_SMART_COLLECTION")
    return row


def _put(call: Call, row: Row, identifiers: list[str]) -> None:
    collections.add(call.store, row["id"], _known(call, identifiers))
    _changed(call, row)


def _known(call: Call, identifiers: list[str]) -> list[int]:
    numbers = [gid.number(identifier, "Product") for identifier in identifiers]
    return [number for number in numbers if number is not None and products.get(call.store, number) is not None]


def _changed(call: Call, row: Row) -> None:
    collections.touch(call.store, row["id"])
    call.target("Collection", row["id"])
