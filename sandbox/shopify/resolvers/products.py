"""What the API tells of products: their own fields, options, variants, counts.

Reads only. A value that Shopify computes is computed here, never stored.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sandbox.shopify import gid, lists, registry, text
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.lists import Kind
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.resolvers.variants import VARIANT_PAGE
from sandbox.shopify.search.match import Sql
from sandbox.shopify.store import options, products, stock, variants
from sandbox.shopify.store.database import Row

ORDERS = {
    "ID": Order("p.id"),
    "RELEVANCE": Order("p.id"),
    "TITLE": Order("p.title", nocase=True),
    "VENDOR": Order("p.vendor", nocase=True),
    "PRODUCT_TYPE": Order("p.product_type", nocase=True),
    "CREATED_AT": Order("p.created_at", time=True),
    "UPDATED_AT": Order("p.updated_at", time=True),
    "PUBLISHED_AT": Order("p.published_at", time=True, nullable=True),
}
KIND = Kind("Product", "p.*", "products p", "p.id", ORDERS, "p.updated_at")
# Sorted by what is available now; the list is read to its end for it.
_TOTAL = (
    "SELECT COALESCE(SUM(l.available), 0) FROM variants v JOIN inventory_items i ON i.id = v.inventory_item_id "
    "JOIN inventory_levels l ON l.item_id = i.id AND l.is_active = 1 WHERE v.product_id = q.id AND i.tracked = 1"
)
_STOCKED = f"(SELECT q.*, ({_TOTAL}) AS inventory_total FROM products q) p"  # noqa: S608 - parts are our own
BY_STOCK = Kind("Product", "p.*", _STOCKED, "p.id", {"INVENTORY_TOTAL": Order("p.inventory_total")}, "p.updated_at")
LIST_ARGUMENTS = "first last after before reverse query sortKey"

registry.keys("Product", "title handle descriptionHtml vendor productType status templateSuffix")
registry.keys("Product", "giftCardTemplateSuffix")
registry.keys("SEO", "title description")
registry.keys("ProductOption", "name position")
registry.keys("ProductOptionValue", "name")
registry.keys("ProductVariantsCount", "count precision")


def source(row: Row | None) -> Row | None:
    """A product row as the executor passes it on."""
    return None if row is None else row | {"__typename": "Product"}


@registry.field("QueryRoot", "products", LIST_ARGUMENTS)
def _products(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    return lists.connection(call, BY_STOCK if args.get("sortKey") == "INVENTORY_TOTAL" else KIND, args)


@registry.field("QueryRoot", "productsCount", "query limit")
def _products_count(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return lists.count(call, KIND, args)


@registry.field("QueryRoot", "product", "id")
def _product(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return source(products.get(call.store, gid.number(args["id"], "Product")))


@registry.node("Product")
def _product_node(call: Call, identifier: str) -> Row | None:
    return source(products.get(call.store, gid.number(identifier, "Product")))


@registry.field("QueryRoot", "productByHandle", "handle")
def _product_by_handle(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return source(products.by_handle(call.store, args["handle"]))


@registry.field("Product", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("Product", row["id"])


@registry.field("Product", "legacyResourceId")
def _legacy(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["id"])


@registry.field("Product", "description", "truncateAt")
def _description(row: Row, _call: Call, args: dict[str, Any]) -> str:
    return text.plain(row["description_html"], args.get("truncateAt"))


@registry.field("Product", "bodyHtml")
def _body_html(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["description_html"])


@registry.field("Product", "tags")
def _tags(row: Row, _call: Call, _args: dict[str, Any]) -> list[str]:
    return list(json.loads(row["tags"]))


@registry.field("Product", "seo")
def _seo(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    return {"title": row["seo_title"], "description": row["seo_description"]}


@registry.field("Product", "isGiftCard")
def _gift_card(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return bool(row["is_gift_card"])


@registry.field("Product", "requiresSellingPlan")
def _selling_plan(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return bool(row["requires_selling_plan"])


@registry.field("Product", "category")
def _category(_row: Row, _call: Call, _args: dict[str, Any]) -> None:
    # No taxonomy is modelled and every category in an input is refused, so a product has none: null is the truth.
    return None


for _name in ("createdAt", "updatedAt", "publishedAt"):
    _column = f"{_name[:-2].lower()}_at"
    registry.field("Product", _name)(lambda row, _call, _args, column=_column: iso(row[column]))  # type: ignore[misc]

registry.keys("TaxonomyCategory", "id name fullName")


@registry.field("Product", "onlineStorePreviewUrl")
def _preview_url(row: Row, call: Call, _args: dict[str, Any]) -> str:
    shop = str(call.store.setting("shop_id"))
    number = shop.rsplit("/", 1)[-1]
    host = hashlib.sha256(shop.encode()).hexdigest()[:16]
    key = hashlib.sha256(f"{shop}{row['id']}".encode()).hexdigest()[:32]
    return f"https://{host}-{number}.shopifypreview.com/products_preview?preview_key={key}"


@registry.field("Product", "hasOnlyDefaultVariant")
def _only_default(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    return variants.is_default_only(variants.of_product(call.store, row["id"]))


@registry.field("Product", "totalInventory")
def _total(row: Row, call: Call, _args: dict[str, Any]) -> int:
    return stock.total(call.store, row)


@registry.field("Product", "tracksInventory")
def _tracks(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    return any(item["tracked"] for item in variants.items_of_product(call.store, row["id"]))


@registry.field("Product", "hasOutOfStockVariants")
def _out_of_stock(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    items = {item["id"]: item for item in variants.items_of_product(call.store, row["id"])}
    rows = variants.of_product(call.store, row["id"])
    return any(items[one["inventory_item_id"]]["tracked"] and variants.quantity(call.store, one) <= 0 for one in rows)


@registry.field("Product", "totalVariants")
def _total_variants(row: Row, call: Call, _args: dict[str, Any]) -> int:
    return int(call.db.value("SELECT COUNT(*) FROM variants WHERE product_id = ?", (row["id"],)))


@registry.field("Product", "variantsCount")
def _variants_count(row: Row, call: Call, args: dict[str, Any]) -> Row:
    return {"count": _total_variants(row, call, args), "precision": "EXACT"}


@registry.field("Product", "options", "first")
def _options(row: Row, call: Call, args: dict[str, Any]) -> list[Row]:
    found = options.of_product(call.store, row["id"])
    used = options.used_values(call.store, row["id"])
    limit = args.get("first")
    return [one | {"__typename": "ProductOption", "used": used} for one in found[:limit]]


@registry.node("ProductOption")
def _option_node(call: Call, identifier: str) -> Row | None:
    row = call.db.get("options", gid.number(identifier, "ProductOption"))
    used = {"used": options.used_values(call.store, row["product_id"])} if row else {}
    return row and row | {"__typename": "ProductOption"} | used


@registry.node("ProductOptionValue")
def _value_node(call: Call, identifier: str) -> Row | None:
    row = call.db.get("option_values", gid.number(identifier, "ProductOptionValue"))
    option = row and call.db.get("options", row["option_id"])
    if not row or not option:
        return None
    used = row["id"] in options.used_values(call.store, option["product_id"])
    return row | {"__typename": "ProductOptionValue", "has_variants": used}


@registry.field("ProductOption", "id")
def _option_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("ProductOption", row["id"])


@registry.field("ProductOption", "linkedMetafield")
def _option_linked(_row: Row, _call: Call, _args: dict[str, Any]) -> None:
    # Linking an option is refused on input, so no option is linked: null is the truth.
    return None


registry.keys("LinkedMetafield", "namespace key")


@registry.field("ProductOption", "optionValues")
def _option_values(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    values = options.values_of(call.store, row["id"])
    return [one | {"has_variants": one["id"] in row["used"]} for one in values]


@registry.field("ProductOption", "values")
def _option_names(row: Row, call: Call, args: dict[str, Any]) -> list[str]:
    return [one["name"] for one in _option_values(row, call, args) if one["has_variants"]]


@registry.field("ProductOptionValue", "id")
def _value_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("ProductOptionValue", row["id"])


registry.keys("ProductOptionValue", "hasVariants")


@registry.field("Product", "variants", "first last after before reverse sortKey")
def _variants(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    orders = {
        "POSITION": Order("v.position"),
        "ID": Order("v.id"),
        "TITLE": Order("v.title", nocase=True),
        "SKU": Order("v.sku", nullable=True),
        None: Order("v.position"),
    }
    order = orders.get(args.get("sortKey"))
    if order is None:
        raise registry.not_built(f"the sort key {args['sortKey']} of Product.variants")
    where = Sql("v.product_id = ?", [row["id"]])
    select = Select("v.*", "variants v", where.text, where.parameters, "v.id", order)
    return page(call.db, select, args, VARIANT_PAGE)
