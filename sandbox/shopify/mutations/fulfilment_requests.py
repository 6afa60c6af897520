"""Asking a fulfilment service: submit, accept, reject a request, and the same for taking it back.

Only a fulfilment order at a service's own location can be asked for.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.mutations import fulfilment_units as chosen
from sandbox.shopify.mutations.fulfilment_states import NOT_AT_SERVICE
from sandbox.shopify.store import fulfilment_orders, locations
from sandbox.shopify.store.database import Row

REQUEST, CANCELLATION = "FULFILLMENT_REQUEST", "CANCELLATION_REQUEST"
OPEN_FOR_REQUEST = ("UNSUBMITTED", "REJECTED", "CLOSED", "CANCELLATION_ACCEPTED")


@registry.mutation(
    "fulfillmentOrderSubmitFulfillmentRequest",
    "id fulfillmentOrderLineItems message notifyCustomer",
    "originalFulfillmentOrder submittedFulfillmentOrder unsubmittedFulfillmentOrder userErrors",
)
def _submit(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _at_service(call, args["id"])
    if row["status"] not in {"OPEN", "INCOMPLETE"} or row["request_status"] not in OPEN_FOR_REQUEST:
        raise refuse(None, "Cannot request fulfillment for the fulfillment order.")
    given = args.get("fulfillmentOrderLineItems")
    chosen.check_positive(
        given or [], ["fulfillmentOrderLineItems"], "Quantity must be greater than 0", None
    )
    units = chosen.units(call, row, given)
    rest = None if chosen.is_all(call, row, units) else _rest(call, row, units)
    _note(call, row, REQUEST, args.get("message"), {"notify_customer": bool(args.get("notifyCustomer"))})
    changes = {"status": "OPEN", "request_status": "SUBMITTED"}
    fulfilment_orders.change(call.store, row["id"], changes, "fulfillment_request_submitted")
    chosen.touch(call, row)
    return {
        "originalFulfillmentOrder": chosen.shown(call, row["id"]),
        "submittedFulfillmentOrder": chosen.shown(call, row["id"]),
        "unsubmittedFulfillmentOrder": chosen.shown(call, rest),
        "userErrors": [],
    }


def _at_service(call: Call, identifier: str) -> Row:
    row = chosen.found(call, identifier)
    place = locations.get(call.store, row["location_id"])
    if place is None or place["service_id"] is None:
        raise refuse(None, NOT_AT_SERVICE)
    return row


def _rest(call: Call, row: Row, units: chosen.Units) -> int:
    wanted = {line["id"]: quantity for line, quantity in units}
    number = fulfilment_orders.like(call.store, row)
    lines = fulfilment_orders.lines(call.store, row["id"])
    left = [(line, line["remaining"] - wanted.get(line["id"], 0)) for line in lines]
    fulfilment_orders.take(call.store, number, [(line, quantity) for line, quantity in left if quantity])
    return number


def _note(call: Call, row: Row, kind: str, message: str | None, options: Row) -> None:
    number = call.db.next_id("FulfillmentOrderMerchantRequest")
    entry = {"id": number, "fulfillment_order_id": row["id"], "kind": kind, "message": message, "options": options}
    call.db.insert("fulfillment_requests", entry | {"sent_at": call.store.now()})


def _respond(call: Call, row: Row, kind: str, response: Row) -> None:
    sql = (
        "UPDATE fulfillment_requests SET response = ? WHERE id = (SELECT MAX(id) FROM fulfillment_requests "
        "WHERE fulfillment_order_id = ? AND kind = ?)"
    )
    given = {name: value for name, value in response.items() if value is not None}
    call.db.run(sql, (json.dumps(given) if given else None, row["id"], kind))


def _answer(call: Call, row: Row, changes: Row, topic: str) -> Row:
    fulfilment_orders.change(call.store, row["id"], changes, topic)
    chosen.touch(call, row)
    return {"fulfillmentOrder": chosen.shown(call, row["id"]), "userErrors": []}


def _expect(row: Row, request_status: str, what: str) -> None:
    if row["request_status"] != request_status:
        raise refuse(None, f"Cannot {what} for the fulfillment order.")


@registry.mutation(
    "fulfillmentOrderAcceptFulfillmentRequest", "id message estimatedShippedAt", "fulfillmentOrder userErrors"
)
def _accept(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _at_service(call, args["id"])
    _expect(row, "SUBMITTED", "accept fulfillment request")
    response = {"message": args.get("message"), "estimated_shipped_at": args.get("estimatedShippedAt")}
    _respond(call, row, REQUEST, response)
    changes = {"status": "IN_PROGRESS", "request_status": "ACCEPTED"}
    return _answer(call, row, changes, "fulfillment_request_accepted")


@registry.mutation("fulfillmentOrderRejectFulfillmentRequest", "id message reason", "fulfillmentOrder userErrors")
def _reject(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _at_service(call, args["id"])
    _expect(row, "SUBMITTED", "reject fulfillment request")
    _respond(call, row, REQUEST, {"message": args.get("message"), "reason": args.get("reason")})
    return _answer(call, row, {"status": "OPEN", "request_status": "REJECTED"}, "fulfillment_request_rejected")


@registry.mutation("fulfillmentOrderSubmitCancellationRequest", "id message", "fulfillmentOrder userErrors")
def _take_back(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _at_service(call, args["id"])
    if row["request_status"] not in {"ACCEPTED", "CANCELLATION_REJECTED"} or row["status"] != "IN_PROGRESS":
        raise refuse(None, "Cannot request cancellation for the fulfillment order.")
    _note(call, row, CANCELLATION, args.get("message"), {})
    changes = {"request_status": "CANCELLATION_REQUESTED"}
    return _answer(call, row, changes, "cancellation_request_submitted")


@registry.mutation("fulfillmentOrderAcceptCancellationRequest", "id message", "fulfillmentOrder userErrors")
def _accept_back(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _at_service(call, args["id"])
    _expect(row, "CANCELLATION_REQUESTED", "accept cancellation request")
    _respond(call, row, CANCELLATION, {"message": args.get("message")})
    changes = {"status": "OPEN", "request_status": "CANCELLATION_ACCEPTED"}
    return _answer(call, row, changes, "cancellation_request_accepted")


@registry.mutation("fulfillmentOrderRejectCancellationRequest", "id message", "fulfillmentOrder userErrors")
def _reject_back(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _at_service(call, args["id"])
    _expect(row, "CANCELLATION_REQUESTED", "reject cancellation request")
    _respond(call, row, CANCELLATION, {"message": args.get("message")})
    changes = {"request_status": "CANCELLATION_REJECTED"}
    return _answer(call, row, changes, "cancellation_request_rejected")
