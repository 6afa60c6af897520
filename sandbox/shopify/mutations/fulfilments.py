"""fulfillmentCreate, fulfillmentCancel, fulfillmentTrackingInfoUpdate, fulfillmentEventCreate, and their V2 names.

A fulfilment is of one order and one place. Quantities are checked before anything is looked up (recorded order).
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.clock import parse_micros
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.mutations import fulfilment_units as chosen
from sandbox.shopify.resolvers.fulfilments import event_source, source
from sandbox.shopify.store import fulfilment_orders, fulfilments, locations, orders
from sandbox.shopify.store.database import Row

FULFILLABLE = ("OPEN", "IN_PROGRESS", "INCOMPLETE")
ROOT = ["fulfillment"]
PLACE = ("address1", "city", "country", "latitude", "longitude", "province", "zip")
registry.inputs("FulfillmentInput", "lineItemsByFulfillmentOrder notifyCustomer trackingInfo originAddress")
registry.inputs("FulfillmentV2Input", "lineItemsByFulfillmentOrder notifyCustomer trackingInfo originAddress")
registry.inputs("FulfillmentOrderLineItemsInput", "fulfillmentOrderId fulfillmentOrderLineItems")
registry.inputs("FulfillmentTrackingInput", "company number numbers url urls")
registry.inputs("FulfillmentOriginAddressInput", "address1 address2 city countryCode provinceCode zip")
registry.inputs(
    "FulfillmentEventInput", f"{' '.join(PLACE)} estimatedDeliveryAt fulfillmentId happenedAt message status"
)


@registry.mutation("fulfillmentCreate", "fulfillment message", "fulfillment userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["fulfillment"]
    wanted = given["lineItemsByFulfillmentOrder"]
    _check_quantities(wanted)
    rows = [_found(call, one["fulfillmentOrderId"]) for one in wanted]
    _check_together(rows)
    units: chosen.Units = []
    for row, one in zip(rows, wanted, strict=True):
        if row["status"] not in FULFILLABLE:
            message = f"Fulfillment order {row['id']} has an unfulfillable status= {row['status'].lower()}."
            raise refuse(ROOT, message)
        units += chosen.units(call, row, one.get("fulfillmentOrderLineItems"), ROOT)
    place = locations.get(call.store, rows[0]["location_id"])
    values = {"order_id": rows[0]["order_id"], "location_id": rows[0]["location_id"]}
    values |= {"tracking": _tracking(given.get("trackingInfo") or {}, {}), "origin": given.get("originAddress")}
    number = fulfilments.create(call.store, values | {"service_id": place and place["service_id"]}, units)
    call.target("Fulfillment", number)
    _tell(call, rows[0]["order_id"])
    return {"fulfillment": source(fulfilments.get(call.store, number)), "userErrors": []}


registry.mutation("fulfillmentCreateV2", "fulfillment message", "fulfillment userErrors")(_create)


def _check_quantities(wanted: list[Row]) -> None:
    errors: list[Row] = []
    for place, one in enumerate(wanted):
        path = [*ROOT, "lineItemsByFulfillmentOrder", str(place), "fulfillmentOrderLineItems"]
        for line, given in enumerate(one.get("fulfillmentOrderLineItems") or []):
            if given["quantity"] < 1:
                errors.append(user_error([*path, str(line), "quantity"], "Quantity must be greater than 0"))
    if errors:
        raise UserErrors(errors)


def _found(call: Call, identifier: str) -> Row:
    number = gid.number(identifier, "FulfillmentOrder")
    if not number:
        raise FieldFailed("invalid id", "RESOURCE_NOT_FOUND")
    row = fulfilment_orders.get(call.store, number)
    if row is None:
        raise refuse(ROOT, "Fulfillment order does not exist.")
    return row


def _check_together(rows: list[Row]) -> None:
    of, at = ([*dict.fromkeys(row[name] for row in rows)] for name in ("order_id", "location_id"))
    if len(of) > 1:
        message = f"All fulfillment orders must belong to the same order. Multiple orders with ids {of} were found."
        raise refuse(ROOT, message)
    if len(at) > 1:
        message = (
            "All fulfillment orders must be assigned to a single location. Multiple locations with ids "
            f"{at} were found."
        )
        raise refuse(ROOT, message)
    if not rows:
        raise refuse(ROOT, "Fulfillment order does not exist.")


def _tell(call: Call, order: int) -> None:
    left = sum(line["remaining"] for row in fulfilment_orders.active(call.store, order) for line in _lines(call, row))
    call.store.event("orders/partially_fulfilled" if left else "orders/fulfilled", order)
    orders.touch(call.store, order)


def _lines(call: Call, row: Row) -> list[Row]:
    return fulfilment_orders.lines(call.store, row["id"])


def _tracking(given: Row, standing: Row) -> Row:
    numbers = given.get("numbers") or [one for one in (given.get("number"),) if one]
    urls = given.get("urls") or [one for one in (given.get("url"),) if one]
    company = given["company"] if "company" in given else standing.get("company")
    return {"company": company, "numbers": numbers, "urls": urls}


@registry.mutation("fulfillmentCancel", "id", "fulfillment userErrors")
def _cancel(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = fulfilments.get(call.store, gid.number(args["id"], "Fulfillment"))
    if row is None:
        raise refuse(["id"], "Fulfillment not found.")
    if row["status"] != "CANCELLED":
        fulfilments.cancel(call.store, row)
        orders.touch(call.store, row["order_id"])
    call.target("Fulfillment", row["id"])
    return {"fulfillment": source(fulfilments.get(call.store, row["id"])), "userErrors": []}


@registry.mutation(
    "fulfillmentTrackingInfoUpdate", "fulfillmentId trackingInfoInput notifyCustomer", "fulfillment userErrors"
)
def _track(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = fulfilments.get(call.store, gid.number(args["fulfillmentId"], "Fulfillment"))
    if row is None:
        raise refuse(["fulfillmentId"], "Fulfillment does not exist.")
    tracking = _tracking(args["trackingInfoInput"], fulfilments.kept_tracking(row))
    fulfilments.change(call.store, row["id"], {"tracking": tracking})
    orders.touch(call.store, row["order_id"])
    call.target("Fulfillment", row["id"])
    return {"fulfillment": source(fulfilments.get(call.store, row["id"])), "userErrors": []}


registry.mutation(
    "fulfillmentTrackingInfoUpdateV2", "fulfillmentId trackingInfoInput notifyCustomer", "fulfillment userErrors"
)(_track)


@registry.mutation("fulfillmentEventCreate", "fulfillmentEvent", "fulfillmentEvent userErrors")
def _event(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["fulfillmentEvent"]
    row = fulfilments.get(call.store, gid.number(given["fulfillmentId"], "Fulfillment"))
    if row is None:
        raise refuse(["fulfillmentEvent", "fulfillmentId"], "Fulfillment does not exist.")
    values: Row = {"status": given["status"], "message": given.get("message")}
    values["place"] = {name: given.get(name) for name in PLACE}
    for name, column in (("happenedAt", "happened_at"), ("estimatedDeliveryAt", "estimated_delivery_at")):
        if given.get(name) is not None:
            values[column] = parse_micros(given[name])
    number = fulfilments.add_event(call.store, row["id"], values)
    call.target("FulfillmentEvent", number)
    return {"fulfillmentEvent": event_source(call.db.get("fulfillment_events", number) or {}), "userErrors": []}
