"""inventoryActivate, inventoryDeactivate, inventoryBulkToggleActivation: where an item is stocked.

An item stays stocked at one place at least; what is taken from a list of levels keeps its quantities.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.mutations.quantities import LIMIT
from sandbox.shopify.resolvers.inventory import item_source
from sandbox.shopify.store import products, stock
from sandbox.shopify.store.database import Row

registry.inputs("InventoryBulkToggleActivationInput", "locationId activate")


@registry.mutation("inventoryActivate", "inventoryItemId locationId available onHand", "inventoryLevel userErrors")
def _activate(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    item = call.db.get("inventory_items", gid.number(args["inventoryItemId"], "InventoryItem"))
    location = call.db.get("locations", gid.number(args["locationId"], "Location"))
    if location is None:
        text = "The product couldn't be stocked because the location wasn't found."
        raise refuse(["locationId"], text)
    start = f"The product couldn't be stocked at {location['name']} because"
    if item is None:
        raise refuse(["inventoryItemId"], f"{start} the product was deleted.")
    level = stock.level(call.store, item["id"], location["id"])
    if level is not None and level["is_active"]:
        return _standing(level, args)
    amount = _amount(args, start)
    level = stock.connect(call.store, item["id"], location["id"])
    call.target("InventoryLevel", level["id"])
    call.store.event("inventory_levels/connect", level["id"])
    if amount is not None:
        level = stock.shift(call.store, item["id"], location["id"], {"available": amount - level["available"]})
    products.stock_moved(call.store, [item["id"]])
    return {"inventoryLevel": level, "userErrors": []}


def _standing(level: Row, args: dict[str, Any]) -> Row:
    errors = []
    for name, words in (("available", "available"), ("onHand", "an on_hand")):
        if args.get(name) is not None:
            text = f"Not allowed to set {words} quantity when the item is already active at the location."
            errors.append(user_error([name], text))
    if errors:
        raise UserErrors(errors, inventoryLevel=level)
    return {"inventoryLevel": level, "userErrors": []}


def _amount(args: dict[str, Any], start: str) -> int | None:
    given = [name for name in ("available", "onHand") if args.get(name) is not None]
    if len(given) == 2:
        text = f"{start} not allowed to set available and on_hand quantities at the same time."
        raise UserErrors([user_error([name], text) for name in given])
    if not given:
        return None
    amount = int(args[given[0]])
    if not -LIMIT <= amount <= LIMIT:
        raise refuse(given, f"{start} the quantity needs to be between -1 billion and 1 billion.")
    return amount


@registry.mutation("inventoryDeactivate", "inventoryLevelId", "userErrors")
def _deactivate(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    identifier = args["inventoryLevelId"]
    level = stock.by_gid(call.store, identifier)
    start = "The product couldn't be unstocked"
    if level is None:
        item = identifier.partition("?inventory_item_id=")[2]
        known = item.isdigit() and call.db.get("inventory_items", int(item)) is not None
        raise refuse(None, f"{start} because the {'location' if known else 'product'} was deleted.")
    if level["is_active"]:
        _take_away(call, level, f"{start} from")
    return {"userErrors": []}


def _take_away(call: Call, level: Row, start: str, path: list[str] | None = None, code: str | None = None) -> None:
    location = call.db.get("locations", level["location_id"]) or {"name": ""}
    sql = "SELECT COUNT(*) FROM inventory_levels WHERE item_id = ? AND is_active = 1"
    if call.db.value(sql, (level["item_id"],)) <= 1:
        text = f"{start} {location['name']} because products need to be stocked at a minimum of 1 location."
        raise refuse(path, text, code)
    if level["committed"] or level["incoming"] or level["reserved"]:
        raise registry.not_built("unstocking an item that has committed, incoming or reserved quantities")
    call.target("InventoryLevel", level["id"])
    stock.disconnect(call.store, level)
    products.stock_moved(call.store, [level["item_id"]])


@registry.mutation(
    "inventoryBulkToggleActivation", "inventoryItemId inventoryItemUpdates", "inventoryItem inventoryLevels userErrors"
)
def _toggle(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    number = gid.number(args["inventoryItemId"], "InventoryItem")
    if call.db.get("inventory_items", number) is None or number is None:
        text = "The quantity couldn't be updated because the inventory item was not found."
        raise refuse(["inventoryItemId"], text, "INVENTORY_ITEM_NOT_FOUND")
    levels: list[Row] = []
    for place, one in enumerate(args["inventoryItemUpdates"]):
        path = ["inventoryItemUpdates", str(place), "locationId"]
        location = call.db.get("locations", gid.number(one["locationId"], "Location"))
        if location is None:
            text = "The quantity couldn't be updated because the location was not found."
            raise refuse(path, text, "LOCATION_NOT_FOUND")
        level = _toggled(call, number, location["id"], (bool(one["activate"]), path))
        if level is not None:
            levels.append(level)
    return {"inventoryItem": item_source(call, number), "inventoryLevels": levels, "userErrors": []}


def _toggled(call: Call, item: int, location: int, wish: tuple[bool, list[str]]) -> Row | None:
    activate, path = wish
    level = stock.level(call.store, item, location)
    active = level is not None and bool(level["is_active"])
    if activate and not active:
        level = stock.connect(call.store, item, location)
        call.target("InventoryLevel", level["id"])
        call.store.event("inventory_levels/connect", level["id"])
        products.stock_moved(call.store, [item])
    elif level is not None and active and not activate:
        _take_away(call, level, "The variant couldn't be unstocked from", path, "CANNOT_DEACTIVATE_FROM_ONLY_LOCATION")
        return None
    return level
