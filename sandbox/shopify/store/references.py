"""Which records refer to which, through metafields and the fields of metaobjects: found by the target.

Kept beside the values, so that asking who refers to a record costs what the answer holds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sandbox.shopify.store.shop import Store


@dataclass(frozen=True)
class Place:
    """The metafield or field that a reference stands in; `id` is its own, `number` that of the record it belongs to."""

    id: int
    kind: str
    number: int
    namespace: str
    key: str


def link(store: Store, place: Place, type_name: str, value: str) -> None:
    """Note what a value refers to, instead of what it referred to before."""
    unlink(store, place.id)
    single = type_name.removeprefix("list.")
    if not single.endswith("_reference"):
        return
    targets = [value] if single == type_name else json.loads(value)
    for target in dict.fromkeys(str(one) for one in targets):
        row = {"target": target, "id": place.id, "source_kind": place.kind, "source_id": place.number}
        store.db.insert("reference_links", row | {"namespace": place.namespace, "key": place.key})


def unlink(store: Store, number: int) -> None:
    """Forget what a metafield or field refers to."""
    store.db.run("DELETE FROM reference_links WHERE id = ?", (number,))


def unlink_source(store: Store, kind: str, number: int) -> None:
    """Forget all that a record refers to."""
    store.db.run("DELETE FROM reference_links WHERE source_kind = ? AND source_id = ?", (kind, number))
