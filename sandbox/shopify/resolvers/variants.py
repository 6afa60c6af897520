"""What the API tells of variants.

Reads only.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, lists, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.lists import Kind
from sandbox.shopify.paging import Connection, Order
from sandbox.shopify.store import products, variants
from sandbox.shopify.store.database import Row

# One product's variants may be read 2,000 at a time.
VARIANT_PAGE = 2000
ORDERS = {
    "ID": Order("v.id"),
    "RELEVANCE": Order("v.id"),
    "TITLE": Order("v.title", nocase=True),
    "SKU": Order("v.sku", nullable=True),
    "POSITION": Order("v.position"),
}
KIND = Kind("ProductVariant", "v.*", "variants v", "v.id", ORDERS)

registry.keys("ProductVariant", "title sku barcode position inventoryPolicy taxCode")
registry.keys("SelectedOption", "name value")
registry.keys("UnitPriceMeasurement", "quantityValue quantityUnit referenceValue referenceUnit")


def source(row: Row | None) -> Row | None:
    """A variant row as the executor passes it on."""
    return None if row is None else row | {"__typename": "ProductVariant"}


@registry.field("QueryRoot", "productVariants", "first last after before reverse query sortKey")
def _variants(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    key = args.get("sortKey")
    if key and key not in ORDERS:
        raise registry.not_built(f"the sort key {key} of QueryRoot.productVariants")
    return lists.connection(call, KIND, args)


@registry.field("QueryRoot", "productVariantsCount", "query limit")
def _variants_count(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return lists.count(call, KIND, args)


@registry.field("QueryRoot", "productVariant", "id")
def _variant(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return source(variants.get(call.store, gid.number(args["id"], "ProductVariant")))


@registry.node("ProductVariant")
def _variant_node(call: Call, identifier: str) -> Row | None:
    return source(variants.get(call.store, gid.number(identifier, "ProductVariant")))


@registry.field("ProductVariant", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("ProductVariant", row["id"])


@registry.field("ProductVariant", "legacyResourceId")
def _legacy(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["id"])


@registry.field("ProductVariant", "price")
def _price(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["price"])


@registry.field("ProductVariant", "compareAtPrice")
def _compare_at(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return row["compare_at_price"]  # type: ignore[no-any-return]


for _name, _column in (
    ("taxable", "taxable"),
    ("requiresComponents", "requires_components"),
    ("showUnitPrice", "show_unit_price"),
):
    registry.field("ProductVariant", _name)(lambda row, _call, _args, column=_column: bool(row[column]))  # type: ignore[misc]
for _name, _column in (("createdAt", "created_at"), ("updatedAt", "updated_at")):
    registry.field("ProductVariant", _name)(lambda row, _call, _args, column=_column: iso(row[column]))  # type: ignore[misc]


@registry.field("ProductVariant", "unitPriceMeasurement")
def _measurement(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    return json.loads(row["unit_price_measurement"]) if row["unit_price_measurement"] else None


@registry.field("ProductVariant", "displayName")
def _display_name(row: Row, call: Call, _args: dict[str, Any]) -> str:
    product = products.get(call.store, row["product_id"])
    assert product is not None  # noqa: S101 - a variant never outlives its product
    return f"{product['title']} - {row['title']}"


@registry.field("ProductVariant", "product")
def _product(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    key = ("product", row["product_id"])
    if key not in call.cache or call.written:
        found = products.get(call.store, row["product_id"])
        call.cache[key] = found and found | {"__typename": "Product"}
    return call.cache[key]  # type: ignore[no-any-return]


@registry.field("ProductVariant", "selectedOptions")
def _selected(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    return variants.selected(call.store, row)


@registry.field("ProductVariant", "inventoryQuantity")
def _quantity(row: Row, call: Call, _args: dict[str, Any]) -> int:
    return variants.quantity(call.store, row)


@registry.field("ProductVariant", "availableForSale")
def _available(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    item = call.db.get("inventory_items", row["inventory_item_id"])
    tracked = bool(item and item["tracked"])
    return not tracked or row["inventory_policy"] == "CONTINUE" or variants.quantity(call.store, row) > 0


@registry.field("ProductVariant", "inventoryItem")
def _item(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    item = call.db.get("inventory_items", row["inventory_item_id"])
    return item and item | {"__typename": "InventoryItem", "variant_row": row}
