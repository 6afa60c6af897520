"""fulfillmentOrderCancel, -Close, -Open, -ReportProgress, -Reschedule, and the deadline of several at once.

What a state forbids is told in the vendor's words.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.clock import parse_micros
from sandbox.shopify.mutations import fulfilment_units as chosen
from sandbox.shopify.store import fulfilment_orders, locations
from sandbox.shopify.store.database import Row

CANCELABLE = ("UNSUBMITTED", "SUBMITTED", "REJECTED", "CLOSED", "CANCELLATION_REQUESTED", "CANCELLATION_ACCEPTED")
NOT_AT_SERVICE = "The fulfillment order's assigned fulfillment service must be of api type"
registry.inputs("FulfillmentOrderReportProgressInput", "reasonNotes")
registry.inputs("FulfillmentOrderLineItemsPreparedForPickupInput", "lineItemsByFulfillmentOrder")
registry.inputs("PreparedFulfillmentOrderLineItemsInput", "fulfillmentOrderId")


@registry.mutation("fulfillmentOrderCancel", "id", "fulfillmentOrder replacementFulfillmentOrder userErrors")
def _cancel(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = chosen.found(call, args["id"])
    if row["progress_reported"]:
        message = "Cannot cancel fulfillment order that has had progress reported. Mark as unfulfilled first."
        raise refuse(["id"], message)
    if row["status"] in {"CLOSED", "CANCELLED"} or row["request_status"] not in CANCELABLE:
        raise refuse(None, "Fulfillment order is not in cancelable request state and can't be canceled.")
    replacement = fulfilment_orders.like(call.store, row)
    fulfilment_orders.move_lines(call.store, row["id"], replacement)
    fulfilment_orders.change(call.store, row["id"], {"status": "CLOSED"}, "cancelled")
    chosen.touch(call, row)
    return {
        "fulfillmentOrder": chosen.shown(call, row["id"]),
        "replacementFulfillmentOrder": chosen.shown(call, replacement),
        "userErrors": [],
    }


@registry.mutation("fulfillmentOrderClose", "id message", "fulfillmentOrder userErrors")
def _close(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = chosen.found(call, args["id"])
    place = locations.get(call.store, row["location_id"])
    if place is None or place["service_id"] is None:
        raise refuse(None, NOT_AT_SERVICE)
    if row["status"] != "IN_PROGRESS" or row["request_status"] not in {"ACCEPTED", "CANCELLATION_REJECTED"}:
        raise refuse(None, "The fulfillment order must be in progress and its request accepted to be closed.")
    changes = {"status": "INCOMPLETE", "request_status": "CLOSED"}
    fulfilment_orders.change(call.store, row["id"], changes, "fulfillment_service_failed_to_complete")
    return _answer(call, row)


@registry.mutation("fulfillmentOrderOpen", "id", "fulfillmentOrder userErrors")
def _open(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = chosen.found(call, args["id"])
    reported = row["status"] == "IN_PROGRESS" and row["progress_reported"]
    if row["status"] != "SCHEDULED" and not reported:
        raise refuse(None, f"Expected fulfillment order status to be valid but it was {row['status'].lower()}.")
    topic = "manually_reported_progress_stopped" if reported else "scheduled_fulfillment_order_ready"
    fulfilment_orders.change(call.store, row["id"], {"status": "OPEN", "progress_reported": 0}, topic)
    return _answer(call, row)


@registry.mutation("fulfillmentOrderReportProgress", "id progressReport", "fulfillmentOrder userErrors")
def _report(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = chosen.found(call, args["id"])
    if row["status"] not in {"OPEN", "IN_PROGRESS"}:
        raise refuse(None, "Cannot report progress on a fulfillment order in this state.")
    changes = {"status": "IN_PROGRESS", "progress_reported": 1}
    fulfilment_orders.change(call.store, row["id"], changes, "progress_reported")
    return _answer(call, row)


@registry.mutation("fulfillmentOrderReschedule", "id fulfillAt", "fulfillmentOrder userErrors")
def _reschedule(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = chosen.found(call, args["id"])
    if row["status"] != "SCHEDULED":
        raise refuse(None, "Fulfillment order must be scheduled.")
    moment = parse_micros(args["fulfillAt"])
    if moment <= call.store.now():
        raise refuse(["fulfillAt"], "Fulfill at must be in the future.")
    fulfilment_orders.change(call.store, row["id"], {"fulfill_at": moment}, "rescheduled")
    return _answer(call, row)


def _answer(call: Call, row: Row) -> Row:
    chosen.touch(call, row)
    return {"fulfillmentOrder": chosen.shown(call, row["id"]), "userErrors": []}


@registry.mutation(
    "fulfillmentOrdersSetFulfillmentDeadline", "fulfillmentOrderIds fulfillmentDeadline", "success userErrors"
)
def _deadline(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    numbers = [gid.number(one, "FulfillmentOrder") for one in args["fulfillmentOrderIds"]]
    rows = [fulfilment_orders.get(call.store, number) for number in numbers]
    known = [row for row in rows if row is not None]
    if len(known) < len(rows) or not rows:
        # Recorded without a code, although the schema has one.
        raise refuse(None, "Fulfillment orders could not be found.", success=False)
    for row in known:
        call.target("FulfillmentOrder", row["id"])
        changes = {"fulfill_by": parse_micros(args["fulfillmentDeadline"])}
        fulfilment_orders.change(call.store, row["id"], changes)
    return {"success": True, "userErrors": []}


@registry.mutation("fulfillmentOrderLineItemsPreparedForPickup", "input", "userErrors")
def _prepared(_source: Any, _call: Call, args: dict[str, Any]) -> Row:
    # No order is picked up here, so none of the fulfilment orders named can be prepared for it.
    errors = []
    for place, one in enumerate(args["input"]["lineItemsByFulfillmentOrder"]):
        number = one["fulfillmentOrderId"].rsplit("/", 1)[-1]
        path = ["input", "lineItemsByFulfillmentOrder", str(place), "fulfillmentOrderId"]
        errors.append(user_error(path, f"Invalid fulfillment_order_id provided {number}", "FULFILLMENT_ORDER_INVALID"))
    raise UserErrors(errors)
