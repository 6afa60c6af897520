"""orderEditAddVariant, orderEditAddCustomItem, orderEditSetQuantity.

What is refused stages nothing. Texts, paths and their order are recorded in the area orders.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.mutations.order_amounts import of_shop
from sandbox.shopify.mutations.order_edits import NO_LINE, edited, key_of, line_shown, price, stage, wanted
from sandbox.shopify.mutations.order_lines_input import of_variant
from sandbox.shopify.store import order_edits, variants
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_edits import Calculated

PAYLOAD = "calculatedOrder calculatedLineItem orderEditSession userErrors"
TITLE_LIMIT = 255
NOT_ABOVE, NOT_BELOW = "must be greater than 0", "must be greater than or equal to 0"


@registry.mutation("orderEditAddVariant", "id variantId quantity locationId allowDuplicates", PAYLOAD)
def _add_variant(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    edit = wanted(call, args["id"])
    quantity = args["quantity"]
    errors = [text for text, wrong in ((NOT_ABOVE, quantity <= 0), (NOT_BELOW, quantity < 0)) if wrong]
    if errors:
        raise UserErrors([user_error(["quantity"], text) for text in errors])
    variant = _variant(call, args["variantId"])
    found = Calculated(call.store, edit)
    blank = {"requires_shipping": None, "custom_attributes": "[]"}
    row = of_variant(call, variant, blank, priced=True)
    if not args.get("allowDuplicates") and _has(found, variant["id"]):
        name = " - ".join(part for part in (row["title"], row["variant_title"]) if part)
        raise refuse(["id"], f"{name} was not added because it's already on the order.")
    item = call.db.get("inventory_items", variant["inventory_item_id"]) or {}
    bag = of_shop(Decimal(variant["price"]), found.book.total, found.pair)
    change = row | {
        "type": "variant",
        "id": order_edits.new_id(call.store),
        "quantity": quantity,
        "price": bag.write(),
        "taxable": variant["taxable"],
        "requires_shipping": item.get("requires_shipping", 1),
        "location_id": gid.number(args.get("locationId"), "Location"),
    }
    return _added(call, edit, change)


def _variant(call: Call, identifier: str) -> Row:
    number = gid.number(identifier, "ProductVariant")
    if number == 0:
        message = "can't convert Integer[0] to a positive Integer to use as an untrusted id"
        raise refuse(["variantId"], message)
    variant = variants.get(call.store, number)
    if variant is None:
        raise refuse(["variantId"], "The variant does not exist in the shop.")
    return variant


def _has(found: Calculated, variant: int) -> bool:
    return any(line.row.get("variant_id") == variant and line.quantity for line in found.lines)


def _added(call: Call, edit: Row, change: Row) -> Row:
    after = stage(call, edit, change)
    return edited(call, after, calculatedLineItem=line_shown(call, after, change["id"]))


@registry.mutation("orderEditAddCustomItem", "id title quantity price taxable requiresShipping locationId", PAYLOAD)
def _add_custom(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    edit = wanted(call, args["id"])
    found = Calculated(call.store, edit)
    errors = _custom_errors(args, found.pair.presentment)
    if errors:
        raise UserErrors(errors)
    change = {
        "type": "custom",
        "id": order_edits.new_id(call.store),
        "title": args["title"],
        "quantity": args["quantity"],
        "price": price(args["price"], found).write(),
        "taxable": int(args.get("taxable") is not False),
        "requires_shipping": int(args.get("requiresShipping") is not False),
        "location_id": gid.number(args.get("locationId"), "Location"),
    }
    return _added(call, edit, change)


def _custom_errors(args: dict[str, Any], currency: str) -> list[Row]:
    errors = []
    if not args["title"].strip():
        errors.append(user_error(["title"], "can't be blank"))
    elif len(args["title"]) > TITLE_LIMIT:
        errors.append(user_error(["title"], f"is too long (maximum is {TITLE_LIMIT} characters)"))
    if args["quantity"] <= 0:
        errors.append(user_error(["quantity"], NOT_ABOVE))
    if Decimal(str(args["price"]["amount"])) < 0:
        errors.append(user_error(["price", "amount"], NOT_BELOW))
    if args["price"]["currencyCode"] != currency:
        errors.append(user_error(["price", "amount"], f"Currency must be {currency}."))
    return errors


@registry.mutation("orderEditSetQuantity", "id lineItemId quantity restock locationId", PAYLOAD)
def _set_quantity(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    edit = wanted(call, args["id"])
    if args["quantity"] < 0:
        raise refuse(["quantity"], NOT_BELOW)
    key = key_of(args["lineItemId"])
    line = Calculated(call.store, edit).line(key)
    if line is None:
        raise refuse(["lineItemId"], NO_LINE)
    changes = order_edits.changes_of(edit)
    if line.added:
        changes = _requantified(changes, key, args["quantity"])
    else:
        kept = [one for one in changes if not (one["type"] == "quantity" and one["line"] == key)]
        change = {"type": "quantity", "line": key, "quantity": args["quantity"], "restock": bool(args.get("restock"))}
        changes = [*kept, change]
    after = order_edits.save(call.store, edit, changes)
    return edited(call, after, calculatedLineItem=line_shown(call, after, key))


def _requantified(changes: list[Row], key: str, quantity: int) -> list[Row]:
    if quantity == 0:
        return [one for one in changes if key not in (one.get("id"), one.get("line"))]
    return [one | {"quantity": quantity} if one.get("id") == key else one for one in changes]
