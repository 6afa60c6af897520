"""Bundles in an order: the components are its lines, and each names the group that it was bought in.

Reads only; a checkout makes groups (store/order_groups.py), no mutation does. The bundle itself is no line.
https://shopify.dev/docs/api/admin-graphql/latest/objects/LineItemGroup
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.store.database import Row

registry.keys("LineItemGroup", "title quantity")


def _source(row: Row | None) -> Row | None:
    return None if row is None else row | {"__typename": "LineItemGroup"}


@registry.node("LineItemGroup")
def _node(call: Call, identifier: str) -> Row | None:
    return _source(call.db.get("order_groups", gid.number(identifier, "LineItemGroup")))


@registry.field("LineItem", "lineItemGroup")
def _group(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    group = call.db.value("SELECT group_id FROM order_group_lines WHERE line_id = ?", (row["id"],))
    return _source(call.db.get("order_groups", group))


@registry.field("LineItemGroup", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("LineItemGroup", row["id"])


@registry.field("LineItemGroup", "variantSku")
def _sku(row: Row, call: Call, _args: dict[str, Any]) -> str | None:
    variant = call.db.get("variants", row["variant_id"])
    return variant["sku"] if variant else None


@registry.field("LineItemGroup", "variantId")
def _variant(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return None if row["variant_id"] is None else gid.make("ProductVariant", row["variant_id"])


@registry.field("LineItemGroup", "productId")
def _product(row: Row, call: Call, _args: dict[str, Any]) -> str | None:
    variant = call.db.get("variants", row["variant_id"])
    return gid.make("Product", variant["product_id"]) if variant else None


@registry.field("LineItemGroup", "customAttributes")
def _attributes(_row: Row, _call: Call, _args: dict[str, Any]) -> list[Row]:
    return []
