"""What the API tells of collections: their own fields, their products in order, counts, rules.

Reads only.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, lists, registry, text
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.lists import Kind
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.resolvers.metafields import namespace_of
from sandbox.shopify.search.match import Sql
from sandbox.shopify.store import collections, metafields
from sandbox.shopify.store.database import Row

ORDERS = {
    "ID": Order("c.id"),
    "RELEVANCE": Order("c.id"),
    "TITLE": Order("c.title", nocase=True),
    "UPDATED_AT": Order("c.updated_at", time=True),
}
KIND = Kind("Collection", "c.*", "collections c", "c.id", ORDERS, "c.updated_at")
LIST_ARGUMENTS = "first last after before reverse query sortKey"
MEMBERS = (
    "(SELECT p.*, m.position AS place, (SELECT MIN(CAST(v.price AS REAL)) FROM variants v WHERE v.product_id = p.id) "
    "AS least_price, m.collection_id AS held_by FROM collection_products m JOIN products p ON p.id = m.product_id) x"
)
# What a sort order means, and whether it runs downwards. Nothing is known of sales: the newest product sells best.
SORTS: dict[str, tuple[Order, bool]] = {
    "MANUAL": (Order("x.place"), False),
    "BEST_SELLING": (Order("x.id"), True),
    "MOST_RELEVANT": (Order("x.id"), True),
    "ALPHA_ASC": (Order("x.title", nocase=True), False),
    "ALPHA_DESC": (Order("x.title", nocase=True), True),
    "PRICE_ASC": (Order("x.least_price"), False),
    "PRICE_DESC": (Order("x.least_price"), True),
    "CREATED": (Order("x.created_at", time=True), False),
    "CREATED_DESC": (Order("x.created_at", time=True), True),
}
KEYS = {"BEST_SELLING": "BEST_SELLING", "CREATED": "CREATED", "MANUAL": "MANUAL", "PRICE": "PRICE_ASC"}
KEYS |= {"TITLE": "ALPHA_ASC", "RELEVANCE": "MOST_RELEVANT"}

registry.keys("Collection", "title handle descriptionHtml sortOrder templateSuffix")
registry.keys("CollectionRuleSet", "appliedDisjunctively rules")
registry.keys("CollectionRule", "column relation condition")
registry.inputs("CollectionIdentifierInput", "id handle customId")


def source(row: Row | None) -> Row | None:
    """A collection row as the executor passes it on."""
    return None if row is None else row | {"__typename": "Collection"}


@registry.field("QueryRoot", "collections", LIST_ARGUMENTS)
def _collections(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    return lists.connection(call, KIND, args)


@registry.field("QueryRoot", "collectionsCount", "query limit")
def _collections_count(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return lists.count(call, KIND, args)


@registry.field("QueryRoot", "collection", "id")
def _collection(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _node(call, args["id"])


@registry.node("Collection")
def _node(call: Call, identifier: str) -> Row | None:
    return source(collections.get(call.store, gid.number(identifier, "Collection")))


@registry.field("QueryRoot", "collectionByHandle", "handle")
def _by_handle(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return source(collections.by_handle(call.store, args["handle"]))


@registry.field("QueryRoot", "collectionByIdentifier", "identifier")
def _by_identifier(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    wanted = args["identifier"]
    if wanted.get("id"):
        return _node(call, wanted["id"])
    if wanted.get("handle"):
        return source(collections.by_handle(call.store, wanted["handle"]))
    custom = wanted["customId"]
    namespace = namespace_of(call, custom.get("namespace"))
    definition = metafields.definition(call.store, "COLLECTION", namespace, custom["key"])
    if definition is None or definition["type"] != "id":
        words = "Metafield definition of type 'id' is required when using custom ids."
        raise FieldFailed(words, "NOT_FOUND")
    owner = metafields.holder(call.store, "Collection", namespace, custom["key"], custom["value"])
    return source(collections.get(call.store, owner))


@registry.field("Collection", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("Collection", row["id"])


@registry.field("Collection", "legacyResourceId")
def _legacy(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["id"])


@registry.field("Collection", "description", "truncateAt")
def _description(row: Row, _call: Call, args: dict[str, Any]) -> str:
    return text.plain(row["description_html"], args.get("truncateAt"))


@registry.field("Collection", "updatedAt")
def _updated(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["updated_at"])


@registry.field("Collection", "seo")
def _seo(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    return {"title": row["seo_title"], "description": row["seo_description"]}


@registry.field("Collection", "image")
def _image(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    return json.loads(row["image"]) if row["image"] else None


@registry.field("Collection", "ruleSet")
def _rule_set(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    return collections.rule_set(row)


@registry.field("Collection", "hasProduct", "id")
def _has(row: Row, call: Call, args: dict[str, Any]) -> bool:
    return collections.has(call.store, row["id"], gid.number(args["id"], "Product"))


@registry.field("Collection", "productsCount")
def _count(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    # In the answer of the mutation that changes a collection, the count is still the one from before (recorded).
    shown = row.get("count_before")
    return {"count": collections.count(call.store, row["id"]) if shown is None else shown, "precision": "EXACT"}


@registry.field("Collection", "products", "first last after before reverse sortKey")
def _products(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    key = args.get("sortKey") or "COLLECTION_DEFAULT"
    if key == "ID":
        order, down = Order("x.id"), False
    else:
        order, down = SORTS[row["sort_order"] if key == "COLLECTION_DEFAULT" else KEYS[key]]
    where = "x.held_by = ?"
    if row.get("filling"):
        where += " AND 0"
    select = Select("x.*", MEMBERS, where, [row["id"]], "x.id", order)
    found = page(call.db, select, args | {"reverse": bool(args.get("reverse")) != down})
    found.rows = [one | {"__typename": "Product"} for one in found.rows]
    return found


@registry.field("Product", "collections", LIST_ARGUMENTS)
def _of_product(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    where = Sql("c.id IN (SELECT collection_id FROM collection_products WHERE product_id = ?)", [row["id"]])
    return lists.connection(call, KIND, args, where)


@registry.field("Product", "inCollection", "id")
def _in_collection(row: Row, call: Call, args: dict[str, Any]) -> bool:
    return collections.has(call.store, gid.number(args["id"], "Collection") or 0, row["id"])
