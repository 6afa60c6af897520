"""orderEditAddShippingLine, orderEditUpdateShippingLine, orderEditRemoveShippingLine.

Only what this edit added can be changed; what the order had can be taken away (recorded texts).
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.mutations.order_edits import edited, key_of, price, stage, wanted
from sandbox.shopify.resolvers.order_edits import shipping_lines
from sandbox.shopify.store import order_edits
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_edits import Calculated

registry.inputs("OrderEditAddShippingLineInput", "title price")
registry.inputs("OrderEditUpdateShippingLineInput", "title price")
PAYLOAD = "calculatedOrder orderEditSession userErrors"
NOT_REMOVED = "The shipping line can't be removed because it doesn't exist or has already been removed."
NOT_UPDATED = "The shipping line can't be updated because it doesn't exist or wasn't added during this edit."


def _check_currency(given: Row, found: Calculated) -> None:
    currency = found.pair.presentment
    if given["currencyCode"] != currency:
        raise refuse(["shippingLine", "price"], f"The price must be in {currency}.", "INVALID")


@registry.mutation("orderEditAddShippingLine", "id shippingLine", f"calculatedShippingLine {PAYLOAD}")
def _add(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    edit = wanted(call, args["id"], "INVALID")
    found = Calculated(call.store, edit)
    given = args["shippingLine"]
    _check_currency(given["price"], found)
    change = {"type": "shipping", "id": order_edits.new_id(call.store), "title": given["title"]}
    after = stage(call, edit, change | {"price": price(given["price"], found).write()})
    shown = shipping_lines(Calculated(call.store, after))[-1]
    return edited(call, after, calculatedShippingLine=shown)


@registry.mutation("orderEditUpdateShippingLine", "id shippingLineId shippingLine", PAYLOAD)
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    edit = wanted(call, args["id"], "INVALID")
    found = Calculated(call.store, edit)
    key, given = key_of(args["shippingLineId"]), args["shippingLine"]
    if not any(one["id"] == key for one in found.of_type("shipping")):
        raise refuse(["shippingLineId"], NOT_UPDATED, "INVALID")
    values: Row = {"title": given["title"]} if given.get("title") is not None else {}
    if given.get("price") is not None:
        _check_currency(given["price"], found)
        values["price"] = price(given["price"], found).write()
    changes = [one | values if one.get("id") == key else one for one in found.changes]
    return edited(call, order_edits.save(call.store, edit, changes))


@registry.mutation("orderEditRemoveShippingLine", "id shippingLineId", PAYLOAD)
def _remove(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    edit = wanted(call, args["id"], "INVALID")
    found = Calculated(call.store, edit)
    key = key_of(args["shippingLineId"])
    staged = next((one for one in found.of_type("shipping") if one["id"] == key), None)
    if staged is not None:
        changes = [one for one in found.changes if one is not staged]
        return edited(call, order_edits.save(call.store, edit, changes))
    standing = [row["id"] for row in found.book.shipping if not row["removed"]]
    if not key.isdigit() or int(key) not in standing or int(key) in found.gone_shipping:
        raise refuse(["shippingLineId"], NOT_REMOVED, "INVALID")
    return edited(call, stage(call, edit, {"type": "remove_shipping", "shipping": int(key)}))
