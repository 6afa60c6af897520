"""inventoryItemUpdate: an inventory item's own fields.

Stock moves in `quantities`, places where an item is stocked in `stocking`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.mutations import item_checks
from sandbox.shopify.mutations import variant_fields as fields
from sandbox.shopify.resolvers.inventory import item_source
from sandbox.shopify.store import products, variants
from sandbox.shopify.store.database import Row


@registry.mutation("inventoryItemUpdate", "id input", "inventoryItem userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    number = gid.number(args["id"], "InventoryItem")
    item = item_source(call, number)
    if item is None or number is None:
        raise refuse(["id"], "The product couldn't be updated because it does not exist.")
    given = args["input"]
    _check_item(given)
    call.target("InventoryItem", number)
    variant = item["variant_row"]
    columns = fields.columns({"inventoryItem": given})
    variants.change(call.store, variant, columns, fields.item_columns(given))
    products.stock_moved(call.store, [number])
    return {"inventoryItem": item_source(call, number), "userErrors": []}


def _check_item(given: Row) -> None:
    if given.get("cost") is not None and Decimal(str(given["cost"])) < 0:
        raise refuse(["input", "cost"], "Cost must be greater than or equal to 0")
    for error in item_checks.problems(given, ["input"], None)[:1]:
        raise refuse(error["field"], error["message"])
