"""What may be done with a fulfilment order in its state, in the order in which Shopify lists it.

Recorded for held ones, for open ones at a shop's own place, and for those at a service that were not asked for or
were closed; the other states follow the schema's texts on each mutation.
"""

from __future__ import annotations

from sandbox.shopify.store import fulfilment_orders, locations
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

# REPORT_PROGRESS is in the schema since that version.
REPORT_SINCE = "2026-04"
# An app may hold one fulfilment order so many times.
HOLD_LIMIT = 10
# A service has it in hand: moving is refused.
IN_HAND = ("SUBMITTED", "ACCEPTED", "CANCELLATION_REQUESTED", "CANCELLATION_REJECTED")


def actions(store: Store, row: Row, api_version: str) -> list[str]:
    """The names of the actions."""
    place = locations.get(store, row["location_id"])
    at_service = place is not None and place["service_id"] is not None
    found = _at_service(row) if at_service else _own(row)
    if row["status"] == "OPEN" and row["request_status"] not in IN_HAND:
        found = found + _reshaping(store, row)
    if len(fulfilment_orders.holds(store, row["id"])) >= HOLD_LIMIT:
        found = [name for name in found if name != "HOLD"]
    return [name for name in found if name != "REPORT_PROGRESS" or api_version >= REPORT_SINCE]


def _own(row: Row) -> list[str]:
    if row["status"] == "IN_PROGRESS" and row["progress_reported"]:
        return ["CREATE_FULFILLMENT", "REPORT_PROGRESS", "HOLD", "MARK_AS_OPEN"]
    by_status = {
        "OPEN": ["CREATE_FULFILLMENT", "REPORT_PROGRESS", "MOVE", "HOLD"],
        "IN_PROGRESS": ["CREATE_FULFILLMENT", "REPORT_PROGRESS", "MOVE", "HOLD"],
        "INCOMPLETE": ["CREATE_FULFILLMENT", "MOVE", "HOLD"],
        "ON_HOLD": ["RELEASE_HOLD", "HOLD", "MOVE"],
        "SCHEDULED": ["MARK_AS_OPEN", "MOVE"],
    }
    return by_status.get(row["status"], [])


def _at_service(row: Row) -> list[str]:
    if row["status"] in {"CLOSED", "CANCELLED"}:
        return []
    if row["status"] == "ON_HOLD":
        return ["RELEASE_HOLD", "HOLD", "MOVE"]
    by_request = {
        "SUBMITTED": ["CANCEL_FULFILLMENT_ORDER"],
        "ACCEPTED": ["REQUEST_CANCELLATION", "CREATE_FULFILLMENT"],
        "CANCELLATION_REQUESTED": ["CANCEL_FULFILLMENT_ORDER", "CREATE_FULFILLMENT"],
        "CANCELLATION_REJECTED": ["REQUEST_CANCELLATION", "CREATE_FULFILLMENT"],
    }
    return by_request.get(row["request_status"], ["REQUEST_FULFILLMENT", "CREATE_FULFILLMENT", "HOLD", "MOVE"])


def _reshaping(store: Store, row: Row) -> list[str]:
    units = sum(line["remaining"] for line in fulfilment_orders.lines(store, row["id"]))
    found = ["SPLIT"] if units > 1 else []
    return found + (["MERGE"] if partners(store, row) else [])


def partners(store: Store, row: Row) -> list[Row]:
    """Fulfilment orders that one may be merged with: open, of the same order, place and way of delivery."""
    same = ("location_id", "delivery_method")
    return [
        other
        for other in fulfilment_orders.of_order(store, row["order_id"])
        if other["id"] != row["id"] and is_mergeable(other) and all(other[name] == row[name] for name in same)
    ]


def is_mergeable(row: Row) -> bool:
    """True when a fulfilment order is open and no service has it in hand."""
    return bool(row["status"] == "OPEN" and row["request_status"] not in IN_HAND)
