"""Bodies of those fulfillment_orders/* and fulfillment_holds/* topics that tell one record as it is now.

They carry global ids, not numbers (documented). Topics about two fulfilment orders at once (moved, split, merged,
cancelled) and progress reports tell what no record keeps; they are not built and cannot be subscribed to.
"""

from __future__ import annotations

import json

from sandbox.shopify import gid
from sandbox.shopify.inside import Inside
from sandbox.shopify.payloads.rest import local, lower, number
from sandbox.shopify.store import fulfilment_orders
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store


def state(inside: Inside, order: int) -> Row | None:
    """That it is there and how it stands."""
    row = fulfilment_orders.get(inside.store, order)
    return None if row is None else {"fulfillment_order": _short(row)}


def rescheduled(inside: Inside, order: int) -> Row | None:
    """When it is to be fulfilled now."""
    row = fulfilment_orders.get(inside.store, order)
    if row is None:
        return None
    return {"fulfillment_order": _short(row) | {"fulfill_at": local(inside.store, row["fulfill_at"])}}


def answered(inside: Inside, order: int) -> Row | None:
    """What a fulfilment service answered to a request."""
    row = fulfilment_orders.get(inside.store, order)
    if row is None:
        return None
    sql = "SELECT response FROM fulfillment_requests WHERE fulfillment_order_id = ? ORDER BY id DESC LIMIT 1"
    shown = _short(row) | {"request_status": lower(row["request_status"])}
    return {"fulfillment_order": shown, "message": inside.store.db.value(sql, (order,))}


def _short(row: Row) -> Row:
    return {"id": gid.make("FulfillmentOrder", row["id"]), "status": lower(row["status"])}


def hold(inside: Inside, identifier: int) -> Row | None:
    """A hold that was put on or taken off."""
    row = inside.store.db.get("fulfillment_holds", identifier)
    if row is None:
        return None
    order = gid.make("FulfillmentOrder", row["fulfillment_order_id"])
    return {"fulfillment_order": {"id": order}, "fulfillment_hold": _hold(inside.store, row)}


def _hold(store: Store, row: Row) -> Row:
    return {
        "id": gid.make("FulfillmentHold", row["id"]),
        "reason": lower(row["reason"]),
        "reason_notes": row["reason_notes"],
        "held_by_requesting_app": False,
        "handle": row["handle"],
        "held_by_app": {"id": store.setting("app_id")},
    }


def event(inside: Inside, identifier: int) -> Row | None:
    """What happened to a fulfilment on its way."""
    store = inside.store
    row = store.db.get("fulfillment_events", identifier)
    if row is None:
        return None
    order = store.db.value("SELECT order_id FROM fulfillments WHERE id = ?", (row["fulfillment_id"],))
    return {
        "id": identifier,
        "fulfillment_id": row["fulfillment_id"],
        "status": lower(row["status"]),
        "message": row["message"],
        "happened_at": local(store, row["happened_at"]),
        **_place(row),
        "shop_id": number(store.setting("shop_id")),
        "created_at": local(store, row["created_at"]),
        "updated_at": local(store, row["created_at"]),
        "estimated_delivery_at": local(store, row["estimated_delivery_at"]),
        "order_id": order,
        "admin_graphql_api_id": gid.make("FulfillmentEvent", identifier),
    }


def _place(row: Row) -> Row:
    given = json.loads(row["place"]) if row["place"] else {}
    names = ("city", "province", "country", "zip", "address1", "latitude", "longitude")
    return {name: given.get(name) for name in names}
