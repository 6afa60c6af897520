"""fulfillmentOrderHold, fulfillmentOrderReleaseHold.

Every app may hold the same fulfilment order ten times under different handles; it is free when no hold is left.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.fulfilment_actions import HOLD_LIMIT
from sandbox.shopify.mutations import fulfilment_units as chosen
from sandbox.shopify.resolvers.fulfilment_orders import hold_source
from sandbox.shopify.store import fulfilment_orders
from sandbox.shopify.store.database import Row

HOLDABLE = ("OPEN", "IN_PROGRESS", "ON_HOLD", "SCHEDULED", "INCOMPLETE")
LINES = ["fulfillmentHold", "fulfillmentOrderLineItems"]
registry.inputs(
    "FulfillmentOrderHoldInput", "reason reasonNotes handle externalId notifyMerchant fulfillmentOrderLineItems"
)


@registry.mutation(
    "fulfillmentOrderHold",
    "id fulfillmentHold",
    "fulfillmentHold fulfillmentOrder remainingFulfillmentOrder userErrors",
)
def _hold(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row, given = chosen.found(call, args["id"]), args["fulfillmentHold"]
    lines = given.get("fulfillmentOrderLineItems") or []
    _check_lines(row, lines)
    _check_holds(call, row, given.get("handle") or "")
    rest = _rest(call, row, lines)
    number = call.db.next_id("FulfillmentHold")
    hold = {"id": number, "fulfillment_order_id": row["id"], "handle": given.get("handle") or ""}
    hold |= {"reason": given["reason"], "reason_notes": given.get("reasonNotes"), "app": call.actor.name}
    call.db.insert("fulfillment_holds", hold | {"external_id": given.get("externalId"), "created_at": call.store.now()})
    fulfilment_orders.change(call.store, row["id"], {"status": "ON_HOLD"}, "placed_on_hold")
    call.store.event("fulfillment_holds/added", number)
    chosen.touch(call, row)
    return {
        "fulfillmentHold": hold_source(call.db.get("fulfillment_holds", number) or {}),
        "fulfillmentOrder": chosen.shown(call, row["id"]),
        "remainingFulfillmentOrder": chosen.shown(call, rest),
        "userErrors": [],
    }


def _check_lines(row: Row, lines: list[Row]) -> None:
    message = "You must select at least one item to place on partial hold."
    chosen.check_positive(lines, LINES, message, "GREATER_THAN_ZERO")
    if len({line["id"] for line in lines}) < len(lines):
        raise refuse(LINES, "must contain unique line item ids", "DUPLICATED_FULFILLMENT_ORDER_LINE_ITEMS")
    if lines and row["status"] != "OPEN":
        message = "The fulfillment order is not in a splittable state."
        raise refuse(LINES, message, "FULFILLMENT_ORDER_NOT_SPLITTABLE")
    if row["status"] not in HOLDABLE:
        raise refuse(["id"], "The fulfillment order cannot be placed on hold in its current state.")


def _check_holds(call: Call, row: Row, handle: str) -> None:
    own = [hold for hold in fulfilment_orders.holds(call.store, row["id"]) if hold["app"] == call.actor.name]
    if len(own) >= HOLD_LIMIT:
        message = (
            "The maximum number of fulfillment holds for this fulfillment order has been reached for this app. An app "
            f"can only have up to {HOLD_LIMIT} holds on a single fulfillment order at any one time."
        )
        raise refuse(["id"], message, "FULFILLMENT_ORDER_HOLD_LIMIT_REACHED")
    if any(hold["handle"] == handle for hold in own):
        message = (
            "The handle provided for the fulfillment hold is already in use by this app for another hold on this "
            "fulfillment order."
        )
        raise refuse(["fulfillmentHold", "handle"], message, "DUPLICATE_FULFILLMENT_HOLD_HANDLE")


def _rest(call: Call, row: Row, lines: list[Row]) -> int | None:
    units = chosen.units(call, row, lines, LINES, "INVALID_LINE_ITEM_QUANTITY")
    if not lines or chosen.is_all(call, row, units):
        return None
    held = {line["id"]: quantity for line, quantity in units}
    others = fulfilment_orders.lines(call.store, row["id"])
    left = [(line, line["remaining"] - held.get(line["id"], 0)) for line in others]
    number = fulfilment_orders.like(call.store, row)
    fulfilment_orders.take(call.store, number, [(line, quantity) for line, quantity in left if quantity])
    return number


@registry.mutation("fulfillmentOrderReleaseHold", "id holdIds externalId", "fulfillmentOrder userErrors")
def _release(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = chosen.found(call, args["id"])
    wanted = args.get("holdIds")
    numbers = None if wanted is None else {gid.number(one, "FulfillmentHold") for one in wanted}
    for hold in fulfilment_orders.holds(call.store, row["id"]):
        by_app = args.get("externalId") is None or hold["external_id"] == args["externalId"]
        if by_app and (numbers is None or hold["id"] in numbers):
            call.store.event("fulfillment_holds/released", hold["id"])
            call.db.run("DELETE FROM fulfillment_holds WHERE id = ?", (hold["id"],))
    if row["status"] == "ON_HOLD" and not fulfilment_orders.holds(call.store, row["id"]):
        fulfilment_orders.change(call.store, row["id"], {"status": "OPEN"}, "hold_released")
        chosen.touch(call, row)
    return {"fulfillmentOrder": chosen.shown(call, row["id"]), "userErrors": []}
