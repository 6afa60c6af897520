"""Variants and their inventory items in the store: choices, titles, positions, stock.

The title of a variant is its option values joined by " / "; positions count from 1 without gaps.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from sandbox.shopify.search.index import Document
from sandbox.shopify.store import metafields, stock
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

DEFAULT_OPTION = "Title"
DEFAULT_VALUE = "Default Title"


def get(store: Store, number: int | None) -> Row | None:
    """A variant by its number."""
    return store.db.get("variants", number)


def of_product(store: Store, product: int) -> list[Row]:
    """The variants of a product by position."""
    return store.db.all("SELECT * FROM variants WHERE product_id = ? ORDER BY position, id", (product,))


def items_of_product(store: Store, product: int) -> list[Row]:
    """The inventory items of a product's variants."""
    sql = "SELECT i.* FROM variants v JOIN inventory_items i ON i.id = v.inventory_item_id WHERE v.product_id = ?"
    return store.db.all(sql, (product,))


def is_default_only(rows: list[Row]) -> bool:
    """True when the product has no options of its own."""
    return len(rows) == 1 and rows[0]["title"] == DEFAULT_VALUE


def is_reduced(row: Row) -> bool:
    """True when the price is below the price to compare with."""
    return row["compare_at_price"] is not None and Decimal(row["compare_at_price"]) > Decimal(row["price"])


def create(store: Store, product: int, values: Row, item: Row, places: dict[int, int] | None = None) -> int:
    """Add a variant with its inventory item; `values` holds `choices`, `places` what is available where.

    Without places it is stocked at the first active location, with them only there (recorded).
    """
    now = store.now()
    item_number = store.db.next_id("InventoryItem")
    blank = {"tracked": 0, "requires_shipping": 1, "weight_value": 0.0, "weight_unit": "KILOGRAMS"}
    times = {"created_at": now, "updated_at": now}
    store.db.insert("inventory_items", blank | item | {"id": item_number} | times)
    number = store.db.next_id("ProductVariant")
    count = store.db.value("SELECT COUNT(*) FROM variants WHERE product_id = ?", (product,))
    defaults: dict[str, Any] = {
        "position": count + 1,
        "price": "0.00",
        "inventory_policy": "DENY",
        "taxable": 1,
        "requires_components": 0,
        "show_unit_price": 0,
    }
    row = defaults | values | {"id": number, "product_id": product, "inventory_item_id": item_number} | times
    row["title"] = title_of(store, row["choices"])
    store.db.insert("variants", row)
    if not places:
        sql = "SELECT id FROM locations WHERE is_active = 1 ORDER BY ships_inventory DESC, id LIMIT 1"
        location = store.db.value(sql)
        places = {} if location is None else {location: 0}
    for location, amount in places.items():
        stock.put(store, item_number, location, {"available": amount})
    store.event("inventory_items/create", item_number)
    return number


def change(store: Store, variant: Row, values: Row, item: Row) -> None:
    """Change a variant and its inventory item."""
    now = store.now()
    if "choices" in values:
        values = values | {"title": title_of(store, values["choices"])}
    store.db.update("variants", variant["id"], values | {"updated_at": now})
    if item:
        change_item(store, variant["inventory_item_id"], item)
    elif "sku" in values:
        store.db.update("inventory_items", variant["inventory_item_id"], {"updated_at": now})
        store.event("inventory_items/update", variant["inventory_item_id"])


def change_item(store: Store, number: int, values: Row) -> None:
    """Change an inventory item's own columns."""
    store.db.update("inventory_items", number, values | {"updated_at": store.now()})
    store.event("inventory_items/update", number)


def delete(store: Store, variant: Row) -> None:
    """Remove a variant and its inventory item; positions are closed up by the caller."""
    item = variant["inventory_item_id"]
    store.db.run("DELETE FROM inventory_levels WHERE item_id = ?", (item,))
    store.db.run("DELETE FROM inventory_items WHERE id = ?", (item,))
    store.db.run("DELETE FROM variants WHERE id = ?", (variant["id"],))
    store.db.run("DELETE FROM variant_media WHERE variant_id = ?", (variant["id"],))
    metafields.delete_owner(store, "ProductVariant", variant["id"])
    store.index.put("ProductVariant", variant["id"], None)
    store.index.put("InventoryItem", item, None)
    store.event("inventory_items/delete", item)


def close_up(store: Store, product: int) -> None:
    """Number the variants of a product from 1 without gaps."""
    for position, row in enumerate(of_product(store, product), 1):
        if row["position"] != position:
            store.db.update("variants", row["id"], {"position": position})


def reorder(store: Store, order: list[int]) -> None:
    """Number the variants of a product in this order."""
    for position, number in enumerate(order, 1):
        store.db.update("variants", number, {"position": position})


def title_of(store: Store, choices: list[int]) -> str:
    """The title of a variant with these option values, in option order."""
    return " / ".join(name for name, _ in _values(store, choices))


def _values(store: Store, choices: list[int]) -> list[tuple[str, str]]:
    marks = ", ".join("?" * len(choices))
    joined = "option_values v JOIN options o ON o.id = v.option_id"
    sql = f"SELECT v.name AS value, o.name AS option FROM {joined} WHERE v.id IN ({marks}) ORDER BY o.position"  # noqa: S608 - only marks
    return [(row["value"], row["option"]) for row in store.db.all(sql, choices)]


def selected(store: Store, row: Row) -> list[Row]:
    """`selectedOptions` of a variant."""
    return [{"name": option, "value": value} for value, option in _values(store, choices_of(row))]


def choices_of(row: Row) -> list[int]:
    """The numbers of a variant's option values."""
    return list(json.loads(row["choices"])) if isinstance(row["choices"], str) else list(row["choices"])


def quantity(store: Store, row: Row) -> int:
    """The quantity of a variant for sale: what is available at all locations."""
    sql = "SELECT COALESCE(SUM(available), 0) FROM inventory_levels WHERE item_id = ? AND is_active = 1"
    return int(store.db.value(sql, (row["inventory_item_id"],)))


def document(store: Store, product: Row, row: Row) -> Document:
    """What the search index keeps of a variant."""
    names = [value for value, _ in _values(store, choices_of(row))]
    return {
        "numbers": {
            "id": [row["id"]],
            "product_id": [product["id"]],
            "product_ids": [product["id"]],
            "updated_at": [row["updated_at"]],
            "taxable": [row["taxable"]],
            "gift_card": [product["is_gift_card"]],
            "requires_components": [row["requires_components"]],
            "inventory_quantity": [quantity(store, row)],
        },
        "words": {
            "title": [product["title"], row["title"]],
            "sku": [row["sku"]] if row["sku"] else [],
            "barcode": [row["barcode"]] if row["barcode"] else [],
        },
        "keywords": {f"option{place}": [name] for place, name in enumerate(names, 1)}
        | {
            "vendor": [product["vendor"]],
            "product_type": [product["product_type"]],
            "product_status": [product["status"]],
            "tag": json.loads(product["tags"]),
        },
        "default": ["title", "sku", "barcode"],
    }


def item_document(row: Row, item: Row) -> Document:
    """What the search index keeps of an inventory item."""
    return {
        "numbers": {"id": [item["id"]], "created_at": [item["created_at"]], "updated_at": [item["updated_at"]]},
        "words": {"sku": [row["sku"]] if row["sku"] else []},
        "keywords": {},
        "default": [],
    }
