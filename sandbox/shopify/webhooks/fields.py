"""What a subscription asks to see of a payload: `includeFields`, and metafields of the namespaces it names.

https://shopify.dev/docs/apps/build/webhooks/delivery-structure#include_fields. A path that the payload does not have
is left out without a word, as real deliveries do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.shopify import gid
from sandbox.shopify.payloads.rest import local
from sandbox.shopify.store import metafields as stored
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store


def include(payload: Row, paths: Iterable[str]) -> Row:
    """The payload with the named fields alone, in its own order; `variants.id` reaches into lists of objects."""
    wanted: dict[str, Any] = {}
    for path in paths:
        level = wanted
        for step in path.split("."):
            level = level.setdefault(step, {})
    return _pick(payload, wanted)


def _pick(value: Any, wanted: dict[str, Any]) -> Any:
    if not wanted:
        return value
    if isinstance(value, list):
        return [_pick(item, wanted) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _pick(inner, wanted[name]) for name, inner in value.items() if name in wanted}


def metafields(store: Store, kind: str, number: int, namespaces: Iterable[str]) -> list[Row]:
    """The record's metafields of those namespaces, as REST shows them."""
    wanted = set(namespaces)
    found = [row for row in stored.of_owner(store, kind, number) if row["namespace"] in wanted]
    return [_metafield(store, row) for row in found]


def _metafield(store: Store, row: Row) -> Row:
    return {
        "id": row["id"],
        "namespace": row["namespace"],
        "key": row["key"],
        "value": row["value"],
        "description": None,
        "owner_id": row["owner_id"],
        "created_at": local(store, row["created_at"]),
        "updated_at": local(store, row["updated_at"]),
        "owner_resource": row["owner_kind"].lower().removeprefix("product") or "product",
        "type": row["type"],
        "admin_graphql_api_id": gid.make("Metafield", row["id"]),
    }
