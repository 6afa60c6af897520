"""tagsAdd and tagsRemove on whatever carries tags.

Each kind of record says here how its tags are read and written; texts as recorded. What a product, customer or
draft order refuses of its tags when it is written is refused here too, in the same words.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.store import customers, draft_orders, orders, products
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

Finder = Callable[[Store, int | None], Row | None]
Writer = Callable[[Store, int, Row], None]


@dataclass(frozen=True)
class Taggable:
    """How a kind of record is found, changed, and brought into the search index."""

    find: Finder
    change: Writer
    reindex: Callable[[Store, int], None]


PRODUCT_WORDS = "Product tags is invalid"
TAGS_LIMIT = 250
# Per kind: how long a tag may be, what is said of longer ones, and what of more than 250; orders are not recorded.
WORDS: dict[str, tuple[int, str, str]] = {
    "Product": (255, PRODUCT_WORDS, PRODUCT_WORDS),
    "Customer": (255, "Tags is too long (maximum is 255 characters)", "Tags cannot be more than 250"),
    "DraftOrder": (40, "Title Tag exceeds the maximum length of 40 characters", "Tags cannot be more than 250"),
}
TAGGABLE: dict[str, Taggable] = {
    "Product": Taggable(products.get, products.change, products.reindex),
    "Customer": Taggable(customers.get, customers.change, customers.reindex),
    "Order": Taggable(orders.get, orders.change, orders.reindex),
    "DraftOrder": Taggable(draft_orders.get, draft_orders.change, draft_orders.reindex),
}


@registry.mutation("tagsAdd", "id tags", "node userErrors")
def _add(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _retag(call, args["id"], lambda old: products.sort_tags([*old, *args["tags"]]))


@registry.mutation("tagsRemove", "id tags", "node userErrors")
def _remove(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    gone = {tag.lower() for tag in products.sort_tags(args["tags"])}
    return _retag(call, args["id"], lambda old: [tag for tag in old if tag.lower() not in gone])


def _check(kind: str, tags: list[str], standing: list[str]) -> None:
    length, too_long, too_many = WORDS.get(kind, (0, "", ""))
    if not length or len(tags) <= len(standing):
        return
    if any(len(tag) > length for tag in tags if tag not in standing):
        raise refuse(["tags"], too_long)
    if len(tags) > TAGS_LIMIT:
        raise refuse(["tags"], too_many)


def _retag(call: Call, identifier: str, change: Callable[[list[str]], list[str]]) -> Row:
    kind = gid.kind_of(identifier)
    taggable = TAGGABLE.get(kind)
    if taggable is None:
        raise registry.not_built(f"tags of {kind}")
    row = taggable.find(call.store, gid.number(identifier, kind))
    if row is None:
        raise refuse(["id"], f"{kind} does not exist")
    call.target(kind, row["id"])
    tags = change(json.loads(row["tags"]))
    _check(kind, tags, json.loads(row["tags"]))
    taggable.change(call.store, row["id"], {"tags": tags})
    taggable.reindex(call.store, row["id"])
    node = taggable.find(call.store, row["id"])
    return {"node": node and node | {"__typename": kind}, "userErrors": []}
