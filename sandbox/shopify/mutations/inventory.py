"""inventoryItemUpdate: an inventory item's own fields.

Stock moves in `quantities`, places where an item is stocked in `stocking`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.mutations import variant_fields as fields
from sandbox.shopify.places import lookup
from sandbox.shopify.resolvers.inventory import item_source
from sandbox.shopify.store import products, variants
from sandbox.shopify.store.database import Row

UNITS = {"KILOGRAMS": "kg", "GRAMS": "g", "POUNDS": "lb", "OUNCES": "oz"}


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
    weight = (given.get("measurement") or {}).get("weight")
    if weight and weight["value"] < 0:
        value = f"{weight['value']:g}"
        message = f"Measurement weight value {value} {UNITS[weight['unit']]} must be >= 0 {UNITS[weight['unit']]}"
        raise refuse(["input", "measurement", "weight"], message)
    country = given.get("countryCodeOfOrigin")
    if country is not None and country not in lookup.NAMES:
        raise refuse(["input", "countryCodeOfOrigin"], "Country code of origin is invalid")
    code = given.get("harmonizedSystemCode")
    if code is not None and not 6 <= sum(letter.isdigit() for letter in code) <= 13:
        message = "Harmonized system code must be a number between six and thirteen digits"
        raise refuse(["input", "harmonizedSystemCode"], message)
