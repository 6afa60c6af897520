"""What the API tells of fulfilment orders, their lines, holds and requests.

Reads only; which actions a fulfilment order supports is computed from its state.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import geography, gid, lists, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.dialect import FieldFailed, access_denied
from sandbox.shopify.fulfilment_actions import actions
from sandbox.shopify.lists import Kind
from sandbox.shopify.paging import Connection, Order
from sandbox.shopify.resolvers.inventory import location_source
from sandbox.shopify.search.match import Sql
from sandbox.shopify.store import fulfilment_orders, locations
from sandbox.shopify.store.database import Row

KIND = Kind(
    "FulfillmentOrder",
    "f.*",
    "fulfillment_orders f",
    "f.id",
    {"ID": Order("f.id"), "UPDATED_AT": Order("f.updated_at", time=True)},
    "f.updated_at",
)
# The words of the admin; only AWAITING_RETURN_ITEMS differs from its own name (recorded).
REASONS = {
    "AWAITING_PAYMENT": "Awaiting payment",
    "AWAITING_RETURN_ITEMS": "Exchange items awaiting return delivery",
    "HIGH_RISK_OF_FRAUD": "High risk of fraud",
    "INCORRECT_ADDRESS": "Incorrect address",
    "INVENTORY_OUT_OF_STOCK": "Inventory out of stock",
    "ONLINE_STORE_POST_PURCHASE_CROSS_SELL": "Online store post purchase cross sell",
    "UNKNOWN_DELIVERY_DATE": "Unknown delivery date",
    "OTHER": "Other",
}
ASSIGNED = {
    "CANCELLATION_REQUESTED": ("CANCELLATION_REQUESTED",),
    "FULFILLMENT_ACCEPTED": ("ACCEPTED", "CANCELLATION_REJECTED"),
    "FULFILLMENT_REQUESTED": ("SUBMITTED",),
    "FULFILLMENT_UNSUBMITTED": ("UNSUBMITTED",),
}

registry.keys("FulfillmentOrder", "status requestStatus")
registry.keys("FulfillmentOrderSupportedAction", "action externalUrl")
registry.keys("FulfillmentHold", "reason reasonNotes")
registry.keys("FulfillmentOrderAssignedLocation", "address1 address2 city countryCode location name phone province zip")
registry.keys(
    "FulfillmentOrderDestination",
    "id address1 address2 city company countryCode email firstName lastName location phone province zip",
)
registry.keys("DeliveryMethod", "id methodType presentedName serviceCode sourceReference minDeliveryDateTime")
registry.keys("DeliveryMethod", "maxDeliveryDateTime additionalInformation brandedPromise")
registry.keys("DeliveryMethodAdditionalInformation", "instructions phone")
registry.keys("DeliveryBrandedPromise", "name handle")


def source(row: Row | None) -> Row | None:
    """A fulfilment order as the executor passes it on."""
    return None if row is None else row | {"__typename": "FulfillmentOrder"}


@registry.field("QueryRoot", "fulfillmentOrder", "id")
def _one(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _node(call, args["id"])


@registry.node("FulfillmentOrder")
def _node(call: Call, identifier: str) -> Row | None:
    return source(fulfilment_orders.get(call.store, gid.number(identifier, "FulfillmentOrder")))


@registry.field("QueryRoot", "fulfillmentOrders", "first last after before reverse query sortKey includeClosed")
def _all(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    where = Sql("1") if args.get("includeClosed") else Sql("f.status <> 'CLOSED'")
    return lists.connection(call, KIND, args, where)


@registry.field(
    "QueryRoot",
    "assignedFulfillmentOrders",
    f"{registry.CONNECTION_ARGUMENTS} assignmentStatus locationIds sortKey",
)
def _assigned(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    if call.db.one("SELECT 1 FROM fulfillment_services LIMIT 1") is None:
        raise FieldFailed('["The api_client is not associated with any fulfillment service."]', None)
    where, parameters = "f.location_id IN (SELECT location_id FROM fulfillment_services)", []
    states = ASSIGNED.get(args.get("assignmentStatus") or "")
    if states is None:
        where += " AND f.status NOT IN ('CLOSED', 'ON_HOLD')"
    else:
        where += f" AND f.request_status IN ({', '.join('?' * len(states))})"
        parameters += list(states)
    if args.get("locationIds"):
        where += f" AND f.location_id IN ({', '.join('?' * len(args['locationIds']))})"
        parameters += [gid.number(one, "Location") for one in args["locationIds"]]
    return lists.connection(call, KIND, args, Sql(where, parameters))


@registry.field("QueryRoot", "manualHoldsFulfillmentOrders", registry.CONNECTION_ARGUMENTS)
def _held(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    return lists.connection(call, KIND, args, Sql("f.status = 'ON_HOLD'"))


@registry.field("Order", "fulfillmentOrders", f"{registry.CONNECTION_ARGUMENTS} query")
def _of_order(order: Row, call: Call, args: dict[str, Any]) -> Connection:
    return lists.connection(call, KIND, args, Sql("f.order_id = ?", [order["id"]]))


@registry.field("Shop", "fulfillmentOrders", "first last after before reverse query sortKey includeClosed")
def _of_shop(_shop: Row, call: Call, args: dict[str, Any]) -> Connection:
    return _all(None, call, args)


@registry.field("FulfillmentOrder", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("FulfillmentOrder", row["id"])


for _name, _column in (
    ("createdAt", "created_at"),
    ("updatedAt", "updated_at"),
    ("fulfillAt", "fulfill_at"),
    ("fulfillBy", "fulfill_by"),
):
    registry.field("FulfillmentOrder", _name)(lambda row, _call, _args, column=_column: iso(row[column]))  # type: ignore[misc]


def order_node(call: Call, number: int) -> Row | None:
    """An order as its own area passes it on."""
    found: Row | None = registry.NODES["Order"](call, gid.make("Order", number))
    return found


@registry.field("FulfillmentOrder", "order")
def _order(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return order_node(call, row["order_id"])


@registry.field("FulfillmentOrder", "orderId")
def _order_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("Order", row["order_id"])


@registry.field("FulfillmentOrder", "orderName")
def _order_name(row: Row, call: Call, _args: dict[str, Any]) -> str:
    return str(call.db.value("SELECT name FROM orders WHERE id = ?", (row["order_id"],)))


@registry.field("FulfillmentOrder", "orderProcessedAt")
def _order_processed(row: Row, call: Call, _args: dict[str, Any]) -> str | None:
    return iso(call.db.value("SELECT processed_at FROM orders WHERE id = ?", (row["order_id"],)))


@registry.field("FulfillmentOrder", "channelId")
def _channel(_row: Row, _call: Call, _args: dict[str, Any]) -> None:
    # No sales channel makes orders here: null is the truth.
    return None


@registry.field("FulfillmentOrder", "internationalDuties")
def _duties(_row: Row, _call: Call, _args: dict[str, Any]) -> None:
    # Duties are not sold with delivery here, so there is no way of paying them: null is the truth.
    return None


registry.keys("FulfillmentOrderInternationalDuties", "incoterm")


@registry.field("FulfillmentOrder", "supportedActions")
def _actions(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    return [{"action": name, "externalUrl": None} for name in actions(call.store, row, call.api_version)]


@registry.field("FulfillmentOrder", "assignedLocation")
def _assigned_location(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    place = locations.get(call.store, row["location_id"])
    if place is None:
        blank = dict.fromkeys(("address1", "address2", "city", "phone", "province", "zip", "location"))
        return blank | {"name": "", "countryCode": "ZZ"}
    return {name: place[name] for name in ("name", "address1", "address2", "city", "phone", "zip")} | {
        "countryCode": place["country_code"],
        "province": geography.province(place["country_code"], place["province_code"]),
        "location": location_source(place),
    }


@registry.field("FulfillmentOrder", "destination")
def _destination(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    found = call.db.one("SELECT shipping_address, email FROM orders WHERE id = ?", (row["order_id"],)) or {}
    address = json.loads(found["shipping_address"]) if found.get("shipping_address") else None
    if address is None or row["delivery_method"] != "SHIPPING":
        return None
    names = ("address1", "address2", "city", "company", "phone", "zip")
    code = address.get("country_code")
    return {name: address.get(name) for name in names} | {
        "id": gid.make("FulfillmentOrderDestination", row["id"]),
        "firstName": address.get("first_name"),
        "lastName": address.get("last_name"),
        "email": found["email"],
        "countryCode": code,
        "province": geography.province(code, address.get("province_code")),
        "location": None,
    }


@registry.field("FulfillmentOrder", "deliveryMethod")
def _delivery(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    blank = dict.fromkeys(("serviceCode", "sourceReference", "minDeliveryDateTime", "maxDeliveryDateTime"))
    sql = "SELECT title, code FROM order_shipping WHERE order_id = ? AND removed = 0 ORDER BY position LIMIT 1"
    shipping = call.db.one(sql, (row["order_id"],)) or {}
    return blank | {
        "id": gid.make("DeliveryMethod", row["id"]),
        "methodType": row["delivery_method"],
        "presentedName": shipping.get("title"),
        "serviceCode": shipping.get("code"),
        "additionalInformation": None,
        "brandedPromise": None,
    }


@registry.field("FulfillmentOrder", "fulfillmentHolds")
def _holds(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    return [hold_source(one) for one in fulfilment_orders.holds(call.store, row["id"])]


def hold_source(row: Row) -> Row:
    """A hold as the executor passes it on."""
    return row | {"__typename": "FulfillmentHold"}


@registry.node("FulfillmentHold")
def _hold_node(call: Call, identifier: str) -> Row | None:
    row = call.db.get("fulfillment_holds", gid.number(identifier, "FulfillmentHold"))
    return row and hold_source(row)


@registry.field("FulfillmentHold", "id")
def _hold_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("FulfillmentHold", row["id"])


@registry.field("FulfillmentHold", "handle")
def _hold_handle(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["handle"])


@registry.field("FulfillmentHold", "displayReason")
def _hold_reason(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return REASONS[row["reason"]]


@registry.field("FulfillmentHold", "heldByApp")
def _hold_app(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    # Recorded: denied one by one, and no app has this scope unless it asks for it.
    if "read_apps" not in call.actor.scopes:
        raise access_denied("heldByApp", "`read_apps` access scope.")
    return {"__typename": "App", "id": call.store.setting("app_id"), "title": row["app"]}


@registry.field("FulfillmentHold", "heldByRequestingApp")
def _hold_own(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    return bool(row["app"] == call.actor.name)
