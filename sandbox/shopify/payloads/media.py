"""The media of a product as its body shows them, and as the older list of images.

An image has two numbers: one as a file, one as an image of the product.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from sandbox.shopify import gid
from sandbox.shopify.payloads.rest import local
from sandbox.shopify.store import files
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store


@dataclass
class Seen:
    """The lists of a product's body, and the number of each variant's image."""

    media: list[Row] = field(default_factory=list)
    images: list[Row] = field(default_factory=list)
    of_variant: dict[int, int] = field(default_factory=dict)


def of_product(store: Store, product: int) -> Seen:
    """What a product shows of its media."""
    rows = files.of_product(store, product)
    seen = Seen()
    if not rows:
        return seen
    sql = "SELECT m.* FROM variant_media m JOIN variants v ON v.id = m.variant_id WHERE v.product_id = ?"
    users: dict[int, list[int]] = defaultdict(list)
    for row in store.db.all(sql, (product,)):
        users[row["file_id"]].append(row["variant_id"])
    for row in rows:
        seen.media.append(_medium(store, row, users[row["id"]]))
        if row["kind"] == files.KINDS["IMAGE"]:
            seen.images.append(_image(store, row, users[row["id"]]))
            seen.of_variant |= dict.fromkeys(users[row["id"]], row["image_id"])
    return seen


def _medium(store: Store, row: Row, variants: list[int]) -> Row:
    ready = files.is_ready(store, row)
    shown = {"width": row["width"], "height": row["height"], "src": files.url(store, row) if ready else None}
    state = "FAILED" if row["failed"] else "READY" if ready else "PROCESSING"
    return {
        "id": row["id"],
        "position": row["position"],
        "alt": row["alt"] or None,
        "status": state,
        "media_content_type": files.CONTENT[row["kind"]],
        "preview_image": shown | {"status": state},
        "variant_ids": variants,
        "admin_graphql_api_id": gid.make(row["kind"], row["id"]),
    }


def _image(store: Store, row: Row, variants: list[int]) -> Row:
    return {
        "id": row["image_id"],
        "alt": row["alt"] or None,
        "position": row["position"],
        "product_id": row["product_id"],
        "created_at": local(store, row["created_at"]),
        "updated_at": local(store, row["updated_at"]),
        "admin_graphql_api_id": gid.make("ProductImage", row["image_id"]),
        "width": row["width"],
        "height": row["height"],
        "src": files.url(store, row),
        "variant_ids": variants,
    }
