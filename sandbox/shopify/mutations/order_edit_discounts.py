"""orderEditAddLineItemDiscount, orderEditUpdateDiscount, orderEditRemoveDiscount, orderEditRemoveLineItemDiscount.

A discount that this edit added is taken back or changed in place; one that the order had is staged for removal.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.shopify import registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.mutations.order_edits import NO_LINE, edited, key_of, line_shown, price, stage, wanted
from sandbox.shopify.resolvers.order_edit_lines import standing_id
from sandbox.shopify.resolvers.order_staged_changes import discount_change
from sandbox.shopify.store import order_edits
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_edits import Calculated

registry.inputs("OrderEditAppliedDiscountInput", "description fixedValue percentValue")
NO_DISCOUNT = "The discount application does not exist on the order."
PAYLOAD = "calculatedOrder orderEditSession userErrors"
ADD_PAYLOAD = "addedDiscountStagedChange calculatedOrder calculatedLineItem orderEditSession userErrors"


@registry.mutation("orderEditAddLineItemDiscount", "id lineItemId discount", ADD_PAYLOAD)
def _add(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    edit = wanted(call, args["id"])
    found = Calculated(call.store, edit)
    key = key_of(args["lineItemId"])
    if found.line(key) is None:
        raise refuse(["id"], NO_LINE)
    change = {"type": "discount", "line": key, "id": order_edits.new_id(call.store)}
    change |= {"number": call.db.next_id("OrderStagedChange")} | _value(args["discount"], found)
    after = stage(call, edit, change)
    shown = discount_change(Calculated(call.store, after), change)
    line = line_shown(call, after, key)
    return edited(call, after, addedDiscountStagedChange=shown, calculatedLineItem=line)


def _value(given: Row, found: Calculated) -> Row:
    description = given.get("description") or ""
    if given.get("percentValue") is not None:
        percent = Decimal(str(given["percentValue"]))
        if not 0 <= percent <= 100:
            raise refuse(["discount", "percentValue"], "must be between 0 and 100")
        return {"description": description, "percent": str(percent), "fixed": "0 0"}
    fixed = given.get("fixedValue")
    if fixed is None:
        raise refuse(["discount"], "must have a fixed value or a percent value")
    if fixed["currencyCode"] != found.pair.presentment:
        raise refuse(["discount", "fixedValue"], f"Currency must be {found.pair.presentment}.")
    return {"description": description, "percent": None, "fixed": price(fixed, found).write()}


@registry.mutation("orderEditUpdateDiscount", "id discountApplicationId discount", PAYLOAD)
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    edit = wanted(call, args["id"], "INVALID")
    found = Calculated(call.store, edit)
    key = key_of(args["discountApplicationId"])
    if not any(one["id"] == key for one in found.of_type("discount")):
        raise refuse(["discountApplicationId"], NO_DISCOUNT, "INVALID")
    value = _value(args["discount"], found)
    changes = [one | value if one.get("id") == key else one for one in found.changes]
    return edited(call, order_edits.save(call.store, edit, changes))


@registry.mutation("orderEditRemoveDiscount", "id discountApplicationId", PAYLOAD)
def _remove(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    edit = wanted(call, args["id"], "INVALID")
    after, _ = _without(call, edit, key_of(args["discountApplicationId"]), "INVALID")
    return edited(call, after)


@registry.mutation(
    "orderEditRemoveLineItemDiscount",
    "id discountApplicationId",
    "calculatedOrder calculatedLineItem orderEditSession userErrors",
)
def _remove_from_line(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    edit = wanted(call, args["id"])
    after, line = _without(call, edit, key_of(args["discountApplicationId"]), None)
    return edited(call, after, calculatedLineItem=None if line is None else line_shown(call, after, line))


def _without(call: Call, edit: Row, key: str, code: str | None) -> tuple[Row, str | None]:
    found = Calculated(call.store, edit)
    staged = next((one for one in found.of_type("discount") if one["id"] == key), None)
    if staged is not None:
        changes = [one for one in found.changes if one is not staged]
        return order_edits.save(call.store, edit, changes), staged["line"]
    kept = [row for row in found.book.discounts if row["id"] not in found.gone_discounts]
    standing = next((row for row in kept if standing_id(row) == key), None)
    if standing is None:
        raise refuse(["discountApplicationId"], NO_DISCOUNT, code)
    return stage(call, edit, {"type": "remove_discount", "discount": standing["id"]}), None
