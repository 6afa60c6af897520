"""Plants the orders that shown fulfilment orders and fulfilments belong to, and the fulfilments themselves."""

from __future__ import annotations

from typing import Any

from sandbox.conformance.seeding.garden import Garden, copied, micros
from sandbox.conformance.seeding.orders import plant_one
from sandbox.conformance.seeding.records import Record, Shown
from sandbox.shopify.store import fulfilment_orders

FULFIL = """mutation($f: FulfillmentInput!) { fulfillmentCreate(fulfillment: $f) { fulfillment { id }
  userErrors { field message } } }"""
# A state that a request of the case itself led to is that of its answer; what was before is not shown.
STATES = {"status": "status"}
TIMES = {"fulfillAt": "fulfill_at", "fulfillBy": "fulfill_by"}
OPEN = "SELECT id FROM fulfillment_orders WHERE order_id = ? ORDER BY id LIMIT 1"


def plant(garden: Garden, shown: Shown) -> None:
    """Plant every fulfilment order and fulfilment that was there before, each with an order of its own if need be."""
    for one in shown.of("FulfillmentOrder"):
        if not garden.has(one):
            _open(garden, one)
        _state(garden, one)
    for one in shown.of("Fulfillment"):
        if not garden.has(one):
            _fulfil(garden, one)


def _open(garden: Garden, one: Record) -> None:
    parts = [part for part in one.list("lineItems") if isinstance(part, Record)]
    garden.expect("FulfillmentOrder", [one])
    garden.expect("FulfillmentOrderLineItem", parts)
    lines = [_line(part) for part in parts]
    plant_one(garden, _order(one), lines)
    garden.mark(one, *parts, *lines)


def _state(garden: Garden, one: Record) -> None:
    """Put a fulfilment order that is there into the state it is shown in."""
    store = garden.box.store
    if fulfilment_orders.get(store, int(one.number)) is None:
        return
    columns = {column: one.fields[name] for name, column in STATES.items() if one.fields.get(name)}
    columns |= {column: micros(one.fields[name]) for name, column in TIMES.items() if one.fields.get(name)}
    place = (one.fields.get("assignedLocation") or {}).get("location")
    if isinstance(place, Record) and garden.has(place):
        columns["location_id"] = int(place.number)
    with store.db.transaction():
        fulfilment_orders.change(store, int(one.number), columns)
        store.forget_events()
    garden.stamp("fulfillment_orders", one)


def _line(part: Record) -> Record:
    line = part.record("lineItem") or Record("LineItem", "new", part.step, "", 0, is_new=False)
    quantity = part.fields.get("totalQuantity") or part.fields.get("remainingQuantity")
    if quantity:
        line.fields.setdefault("quantity", quantity)
    return line


def _order(one: Record) -> Record:
    order = one.record("order") or one.above
    known = order is not None and order.kind == "Order"
    return order if order is not None and known else Record("Order", "new", one.step, "", 0, is_new=False)


def _fulfil(garden: Garden, one: Record) -> None:
    order = _order(one)
    number = int(order.number) if garden.has(order) else plant_one(garden, order, [])
    waiting = garden.box.store.db.value(OPEN, (number,))
    garden.expect("Fulfillment", [one])
    part = {"fulfillmentOrderId": f"gid://shopify/FulfillmentOrder/{waiting}"}
    garden.ask(FULFIL, f={"lineItemsByFulfillmentOrder": [part], **_tracking(one)})
    garden.mark(one)


def _tracking(one: Record) -> dict[str, Any]:
    entries = [copied(entry, "number url company") for entry in one.fields.get("trackingInfo") or []]
    if len(entries) < 2:
        return {"trackingInfo": entries[0]} if entries else {}
    numbers = [entry["number"] for entry in entries if entry.get("number")]
    urls = [entry["url"] for entry in entries if entry.get("url")]
    return {"trackingInfo": {"company": entries[0].get("company"), "numbers": numbers, "urls": urls}}
