"""Plants locations: the first one shown becomes the one that the shop has anyway, the others are added."""

from __future__ import annotations

from typing import Any

from sandbox.conformance.seeding.garden import Garden, copied
from sandbox.conformance.seeding.records import Record, Shown

ADD = "mutation($i: LocationAddInput!) { locationAdd(input: $i) { location { id } userErrors { field message } } }"
ADDRESS = "address1 address2 city countryCode provinceCode zip phone"


SERVICE = """mutation($n: String!, $t: Boolean, $i: Boolean) {
  fulfillmentServiceCreate(name: $n, trackingSupport: $t, inventoryManagement: $i) { fulfillmentService { id }
    userErrors { field message } } }"""


def plant(garden: Garden, shown: Shown) -> None:
    """Plant every location that was there before."""
    services = {id(one) for one in _of_services(shown)}
    found = [one for one in shown.of("Location") if id(one) not in services]
    if not found:
        return
    db = garden.box.store.db
    own = db.value("SELECT id FROM locations ORDER BY id LIMIT 1")
    active = [one for one in found if one.fields.get("isActive") is not False] or found
    first = next((one for one in active if one.fields.get("shipsInventory") or one.fields.get("isPrimary")), active[0])
    db.run("UPDATE locations SET id = ? WHERE id = ?", (int(first.number), own))
    names = {"name": first.fields["name"]} if first.fields.get("name") else {}
    garden.stamp("locations", first, **names)
    db.count_on("Location", int(first.number))
    garden.mark(first)
    for one in found:
        if one is not first:
            _add(garden, one)


def _add(garden: Garden, one: Record) -> None:
    garden.expect("Location", [one])
    shown: Any = one.fields.get("address")
    address = {"countryCode": "CA"} | (copied(shown, ADDRESS) if isinstance(shown, dict) else {})
    given = {"name": one.fields.get("name") or f"Seeded {one.number}", "address": address}
    garden.ask(ADD, i=given | copied(one.fields, "fulfillsOnlineOrders"))
    garden.mark(one)
    off = {"is_active": 0} if one.fields.get("isActive") is False else {}
    garden.stamp("locations", one, **off)


def _of_services(shown: Shown) -> list[Record]:
    """Locations that a service runs: they say so, or work assigned to them was asked of a service."""
    found = [one for one in shown.of("Location") if one.fields.get("isFulfillmentService") is True]
    for order in shown.of("FulfillmentOrder"):
        place = (order.fields.get("assignedLocation") or {}).get("location")
        if order.fields.get("requestStatus") not in {None, "UNSUBMITTED"} and isinstance(place, Record):
            found += [place] if not place.is_new and place not in found else []
    return found


def plant_services(garden: Garden, shown: Shown) -> None:
    """Plant every fulfilment service that was there before, with the location that belongs to it."""
    waiting = [place for place in _of_services(shown) if not garden.has(place)]
    for one in shown.of("FulfillmentService"):
        place = one.record("location") or (one.above if one.above in waiting else None)
        _service(garden, one, place)
    for place in waiting:
        if not garden.has(place):
            _service(garden, None, place)


def _service(garden: Garden, one: Record | None, place: Record | None) -> None:
    garden.expect("FulfillmentService", [one])
    garden.expect("Location", [place])
    fields = one.fields if one else {}
    name = fields.get("serviceName") or (place.fields.get("name") if place else None)
    tracking, stock = bool(fields.get("trackingSupport")), bool(fields.get("inventoryManagement"))
    seeded = f"Seeded service {one.number if one else place.number if place else 0}"
    # The shop's own place may have been given that name, for want of another.
    garden.box.store.db.run("UPDATE locations SET name = 'Seeded place' WHERE name = ?", (name,))
    garden.ask(SERVICE, n=name or seeded, t=tracking, i=stock)
    garden.mark(one, place)
