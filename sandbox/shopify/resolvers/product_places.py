"""What the API tells of a product beyond its own columns: where it is shown, what it was made of, older names.

Reads only. Bundles, combined listings and selling plans are refused on input, so what they would add is empty.
"""

from __future__ import annotations

import base64
from typing import Any

from sandbox.shopify import gid, registry, text
from sandbox.shopify.call import Call
from sandbox.shopify.paging import encode
from sandbox.shopify.store import variants
from sandbox.shopify.store.database import Row


@registry.field("Product", "onlineStoreUrl")
def _url(row: Row, call: Call, _args: dict[str, Any]) -> str | None:
    shown = row["status"] == "ACTIVE" and row["published_at"] and row["published_at"] <= call.store.clock.micros()
    return f"https://{call.store.config.shop}/products/{row['handle']}" if shown else None


@registry.field("Product", "customProductType")
def _own_type(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return row["product_type"] or None


@registry.field("Product", "descriptionPlainSummary")
def _summary(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return text.plain(row["description_html"])


@registry.field("Product", "hasVariantsThatRequiresComponents")
def _components(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    return any(one["requires_components"] for one in variants.of_product(call.store, row["id"]))


@registry.field("Product", "combinedListingRole")
def _role(_row: Row, _call: Call, _args: dict[str, Any]) -> None:
    # Combined listings are refused on input: null is the truth.
    return None


@registry.field("ProductVariant", "sellableOnlineQuantity")
def _sellable(row: Row, call: Call, _args: dict[str, Any]) -> int:
    sql = (
        "SELECT COALESCE(SUM(l.available), 0) FROM inventory_levels l JOIN locations o ON o.id = l.location_id "
        "WHERE l.item_id = ? AND l.is_active = 1 AND o.is_active = 1 AND o.fulfills_online_orders = 1"
    )
    return int(call.db.value(sql, (row["inventory_item_id"],)))


def _older(kind: str) -> None:
    @registry.field(kind, "storefrontId")
    def storefront(row: Row, _call: Call, _args: dict[str, Any]) -> str:
        return base64.b64encode(gid.make(kind, row["id"]).encode()).decode()

    if kind != "Collection":

        @registry.field(kind, "defaultCursor")
        def cursor(row: Row, _call: Call, _args: dict[str, Any]) -> str:
            return encode(row["id"], str(row["id"]))


for _kind in ("Product", "ProductVariant", "Collection"):
    _older(_kind)


@registry.field("Product", "resourcePublicationOnCurrentPublication")
def _current(_row: Row, _call: Call, _args: dict[str, Any]) -> None:
    # The app is no sales channel and has no publication of its own.
    return None
