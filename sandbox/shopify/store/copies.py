"""A copy of a product: its own columns, options, variants and metafields, under a new title.

Stock is not copied, publications are not, and images only when asked for.
"""

from __future__ import annotations

from sandbox.shopify import text
from sandbox.shopify.store import files, metafields, options, products, variants
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

PRODUCT = (
    "description_html vendor product_type tags template_suffix is_gift_card gift_card_template_suffix seo_title "
    "seo_description requires_selling_plan"
)
VARIANT = (
    "price compare_at_price sku barcode inventory_policy taxable tax_code requires_components show_unit_price "
    "unit_price_measurement"
)
ITEM = (
    "tracked requires_shipping cost country_code_of_origin province_code_of_origin harmonized_system_code "
    "weight_value weight_unit"
)


def copy(store: Store, product: Row, title: str, status: str, with_images: bool) -> int:
    """Add the copy; the new product's number."""
    values = {name: product[name] for name in PRODUCT.split()}
    handle = products.free_handle(store, text.handle(title)[:255])
    number = products.create(store, values | {"title": title, "status": status, "handle": handle})
    chosen = _options(store, product["id"], number)
    for row in variants.of_product(store, product["id"]):
        item = store.db.get("inventory_items", row["inventory_item_id"]) or {}
        columns = {name: row[name] for name in VARIANT.split()}
        columns["choices"] = [chosen[choice] for choice in variants.choices_of(row)]
        made = variants.create(store, number, columns, {name: item[name] for name in ITEM.split()})
        _metafields(store, "ProductVariant", row["id"], made)
    _metafields(store, "Product", product["id"], number)
    if with_images:
        for row in files.of_product(store, product["id"]):
            files.attach(store, number, row["id"])
    products.reindex(store, number)
    return number


def _options(store: Store, product: int, number: int) -> dict[int, int]:
    chosen: dict[int, int] = {}
    for option in options.of_product(store, product):
        values = options.values_of(store, option["id"])
        made = options.add(store, number, option["name"], [value["name"] for value in values])
        copies = options.values_of(store, made["id"])
        chosen |= {value["id"]: copied["id"] for value, copied in zip(values, copies, strict=True)}
    return chosen


def _metafields(store: Store, kind: str, owner: int, number: int) -> None:
    for row in metafields.of_owner(store, kind, owner):
        metafields.put(store, kind, number, {name: row[name] for name in ("namespace", "key", "type", "value")})
