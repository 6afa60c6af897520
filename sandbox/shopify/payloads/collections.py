"""Bodies of collections/*.

A collection's body does not list its products; a deleted one keeps where it was published (documented).
"""

from __future__ import annotations

from sandbox.shopify import gid
from sandbox.shopify.inside import Inside
from sandbox.shopify.payloads.rest import local
from sandbox.shopify.store import collections
from sandbox.shopify.store.database import Row

# CollectionSortOrder as REST writes it.
SORTS = {
    "ALPHA_ASC": "alpha-asc", "ALPHA_DESC": "alpha-desc", "BEST_SELLING": "best-selling", "CREATED": "created",
    "CREATED_DESC": "created-desc", "MANUAL": "manual", "PRICE_ASC": "price-asc", "PRICE_DESC": "price-desc",
}  # fmt: skip
SCOPE = "global"


def body(inside: Inside, number: int) -> Row | None:
    """A collection."""
    row = collections.get(inside.store, number)
    if row is None:
        return None
    sql = "SELECT MIN(publish_date) FROM resource_publications WHERE kind = 'Collection' AND resource_id = ?"
    return {
        "id": number,
        "handle": row["handle"],
        "title": row["title"],
        "updated_at": local(inside.store, row["updated_at"]),
        "body_html": row["description_html"],
        "published_at": local(inside.store, inside.store.db.value(sql, (number,))),
        "sort_order": SORTS.get(row["sort_order"]),
        "template_suffix": row["template_suffix"],
        "published_scope": SCOPE,
        "admin_graphql_api_id": gid.make("Collection", number),
    }


def ended(_inside: Inside, number: int) -> Row:
    """A collection that is gone."""
    return {"id": number, "published_scope": SCOPE, "admin_graphql_api_id": gid.make("Collection", number)}
