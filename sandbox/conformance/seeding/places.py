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
    found = shown.of("Location")
    if not found:
        return
    found = [one for one in found if one.fields.get("isFulfillmentService") is not True] or found
    db = garden.box.store.db
    own = db.value("SELECT id FROM locations ORDER BY id LIMIT 1")
    first = next((one for one in found if one.fields.get("isActive") is not False), found[0])
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


def plant_services(garden: Garden, shown: Shown) -> None:
    """Plant every fulfilment service that was there before, with the location that belongs to it."""
    for one in shown.of("FulfillmentService"):
        garden.expect("FulfillmentService", [one])
        garden.expect("Location", [one.record("location")])
        name = one.fields.get("serviceName") or f"Seeded service {one.number}"
        tracking, stock = bool(one.fields.get("trackingSupport")), bool(one.fields.get("inventoryManagement"))
        garden.ask(SERVICE, n=name, t=tracking, i=stock)
        garden.mark(one, one.record("location"))
