"""fulfillmentOrderMove, fulfillmentOrderSplit, fulfillmentOrderMerge.

All or nothing: one bad entry of a batch and none is carried out.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.fulfilment_actions import IN_HAND, is_mergeable
from sandbox.shopify.mutations import fulfilment_units as chosen
from sandbox.shopify.store import fulfilment_orders, locations
from sandbox.shopify.store.database import Row

SPLIT, MERGE = "fulfillmentOrderSplits", "fulfillmentOrderMergeInputs"
PROGRESS = (
    "Cannot move a fulfillment order that has had progress reported. To move a fulfillment order that has had progress "
    "reported, the fulfillment order must first be marked as open resolving the ongoing progress state."
)
registry.inputs("FulfillmentOrderSplitInput", "fulfillmentOrderId fulfillmentOrderLineItems")
registry.inputs("FulfillmentOrderMergeInput", "mergeIntents")
registry.inputs("FulfillmentOrderMergeInputMergeIntent", "fulfillmentOrderId fulfillmentOrderLineItems")
registry.keys("FulfillmentOrderSplitResult", "fulfillmentOrder remainingFulfillmentOrder replacementFulfillmentOrder")
registry.keys("FulfillmentOrderMergeResult", "fulfillmentOrder")


@registry.mutation(
    "fulfillmentOrderMove",
    "id newLocationId fulfillmentOrderLineItems",
    "movedFulfillmentOrder originalFulfillmentOrder remainingFulfillmentOrder userErrors",
)
def _move(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = chosen.found(call, args["id"])
    place = locations.get(call.store, gid.number(args["newLocationId"], "Location"))
    if place is None or not place["is_active"]:
        raise refuse(["id"], "Location not found.")
    _check_movable(call, row)
    given = args.get("fulfillmentOrderLineItems")
    units = chosen.units(call, row, given)
    if chosen.is_all(call, row, units):
        changes = {"location_id": place["id"], "request_status": "UNSUBMITTED"}
        if row["status"] == "INCOMPLETE":
            changes["status"] = "OPEN"
        fulfilment_orders.change(call.store, row["id"], changes, "moved")
        moved = row["id"]
    else:
        moved = _split_off(call, row, units, place["id"])
    chosen.touch(call, row)
    return {
        "movedFulfillmentOrder": chosen.shown(call, moved),
        "originalFulfillmentOrder": chosen.shown(call, row["id"]),
        "remainingFulfillmentOrder": None if moved == row["id"] else chosen.shown(call, row["id"]),
        "userErrors": [],
    }


def _check_movable(call: Call, row: Row) -> None:
    place = locations.get(call.store, row["location_id"])
    if row["status"] in {"CLOSED", "CANCELLED"}:
        raise refuse(None, "Cannot change location.")
    if row["progress_reported"]:
        raise refuse(["id"], PROGRESS, "CANNOT_MOVE_FULFILLMENT_ORDER_WITH_REPORTED_PROGRESS")
    if place is not None and place["service_id"] is not None and row["request_status"] in IN_HAND:
        raise refuse(None, "Cannot move submitted fulfillment order that is at a 3PL fulfillment service.")


def _split_off(call: Call, row: Row, units: chosen.Units, place: int) -> int:
    others = fulfilment_orders.active(call.store, row["order_id"])
    there = [one for one in others if one["location_id"] == place and one["id"] != row["id"]]
    moved = fulfilment_orders.like(call.store, row, location_id=place)
    fulfilment_orders.take(call.store, moved, units)
    for one in there[:1]:
        # The schema's text: what is already assigned there is closed and its lines join the new one.
        fulfilment_orders.move_lines(call.store, one["id"], moved)
        fulfilment_orders.change(call.store, one["id"], {"status": "CLOSED"})
    fulfilment_orders.close_if_done(call.store, row["id"])
    fulfilment_orders.change(call.store, row["id"], {})
    call.store.event("fulfillment_orders/moved", moved)
    return moved


@registry.mutation("fulfillmentOrderSplit", SPLIT, f"{SPLIT} userErrors")
def _split(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    prepared: list[tuple[Row, chosen.Units]] = []
    for place, given in enumerate(args[SPLIT]):
        path, lines = [SPLIT, str(place), "fulfillmentOrderLineItems"], given["fulfillmentOrderLineItems"]
        if not lines:
            message = "There must be at least one item selected in this fulfillment to split it."
            raise refuse(path, message, "NO_LINE_ITEMS_PROVIDED_TO_SPLIT")
        message = "You must select at least one item to split into a new fulfillment order."
        chosen.check_positive(lines, path, message, "GREATER_THAN")
        row = _existing(call, given["fulfillmentOrderId"])
        prepared.append((row, chosen.units(call, row, lines)))
        if row["status"] != "OPEN":
            raise refuse(None, f"Fulfillment order: {row['id']} is currently not in a splittable state.")
    results = []
    for row, units in prepared:
        number = fulfilment_orders.like(call.store, row)
        fulfilment_orders.take(call.store, number, units)
        fulfilment_orders.change(call.store, row["id"], {}, "split")
        chosen.touch(call, row)
        results.append((row["id"], number))
    found = [_split_result(call, original, rest) for original, rest in results]
    return {SPLIT: found, "userErrors": []}


def _split_result(call: Call, original: int, rest: int) -> Row:
    shown = {"fulfillmentOrder": chosen.shown(call, original), "replacementFulfillmentOrder": None}
    return shown | {"remainingFulfillmentOrder": chosen.shown(call, rest)}


def _existing(call: Call, identifier: str) -> Row:
    row = fulfilment_orders.get(call.store, gid.number(identifier, "FulfillmentOrder"))
    if row is None:
        raise refuse(None, "Fulfillment order does not exist.", "FULFILLMENT_ORDER_NOT_FOUND")
    call.target("FulfillmentOrder", row["id"])
    return row


@registry.mutation("fulfillmentOrderMerge", MERGE, "fulfillmentOrderMerges userErrors")
def _merge(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    prepared = [_intents(call, given["mergeIntents"], [MERGE, str(place)]) for place, given in enumerate(args[MERGE])]
    for intents in prepared:
        for row, _ in intents:
            if not is_mergeable(row):
                raise refuse(None, f"Fulfillment order: {row['id']} is currently not in a mergeable state.")
    merged = [_join(call, intents) for intents in prepared if intents]
    return {
        "fulfillmentOrderMerges": [{"fulfillmentOrder": chosen.shown(call, number)} for number in merged],
        "userErrors": [],
    }


def _intents(call: Call, given: list[Row], path: list[str]) -> list[tuple[Row, chosen.Units]]:
    found: list[tuple[Row, chosen.Units]] = []
    for place, intent in enumerate(given):
        lines = intent.get("fulfillmentOrderLineItems") or []
        where = [*path, "mergeIntents", str(place), "fulfillmentOrderLineItems"]
        message = "You must select at least one item to merge into a new fulfillment order."
        chosen.check_positive(lines, where, message, "GREATER_THAN")
        row = _existing(call, intent["fulfillmentOrderId"])
        found.append((row, chosen.units(call, row, lines)))
    return found


def _join(call: Call, intents: list[tuple[Row, chosen.Units]]) -> int:
    first = intents[0][0]
    for row, units in intents[1:]:
        standing = {line["line_id"]: line for line in fulfilment_orders.lines(call.store, first["id"])}
        for line, quantity in units:
            same = standing.get(line["line_id"])
            if same is None:
                fulfilment_orders.take(call.store, first["id"], [(line, quantity)])
                continue
            fulfilment_orders.resize(call.store, same, quantity)
            fulfilment_orders.resize(call.store, line, -quantity)
        fulfilment_orders.close_if_done(call.store, row["id"])
    fulfilment_orders.change(call.store, first["id"], {}, "merged")
    chosen.touch(call, first)
    return int(first["id"])
