"""fulfillmentServiceCreate, fulfillmentServiceUpdate, fulfillmentServiceDelete.

A service has a location of its own, named as it is; the location comes and goes with the service.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from sandbox.shopify import gid, registry, text
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.resolvers.locations import service_number, service_source
from sandbox.shopify.store import locations
from sandbox.shopify.store.database import Row

NAME_LIMIT = 255
# Handles that Shopify's own ways of fulfilling have.
RESERVED = frozenset({"manual", "gift-card", "gift_card", "shopify", "amazon", "webgistix", "shipwire"})
# Recorded: an app may name the shop's own host, or one it was installed with; this one is Shopify's own mock shop.
KNOWN_HOSTS = ("mock.shop",)
ARGUMENTS = "name callbackUrl trackingSupport inventoryManagement requiresShippingMethod fulfillmentOrdersOptIn"
FLAGS = {
    "trackingSupport": ("tracking_support", False),
    "inventoryManagement": ("inventory_management", False),
    "requiresShippingMethod": ("requires_shipping_method", True),
}


@registry.mutation("fulfillmentServiceCreate", ARGUMENTS, "fulfillmentService userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    _check_name(call, args["name"], None)
    _check_url(call, args.get("callbackUrl"))
    number, now = call.db.next_id("FulfillmentService"), call.store.now()
    country = call.db.value("SELECT country_code FROM locations ORDER BY id LIMIT 1")
    location = locations.add(call.store, {"name": args["name"], "service_id": number, "country_code": country})
    row = {"id": number, "handle": _free_handle(call, text.handle(args["name"])), "name": args["name"]}
    row |= {"callback_url": args.get("callbackUrl"), "location_id": location, "created_at": now, "updated_at": now}
    call.db.insert("fulfillment_services", row | _flags(args))
    call.target("FulfillmentService", number)
    return _answer(call, number)


@registry.mutation("fulfillmentServiceUpdate", f"id {ARGUMENTS}", "fulfillmentService userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _found(call, args["id"])
    changes = _flags(args)
    if args.get("name") is not None:
        _check_name(call, args["name"], row["id"])
        changes["name"] = args["name"]
        locations.change(call.store, row["location_id"], {"name": args["name"]})
    if "callbackUrl" in args:
        _check_url(call, args["callbackUrl"])
        changes["callback_url"] = args["callbackUrl"]
    call.db.update("fulfillment_services", row["id"], changes | {"updated_at": call.store.now()})
    call.target("FulfillmentService", row["id"])
    return _answer(call, row["id"])


@registry.mutation("fulfillmentServiceDelete", "id destinationLocationId inventoryAction", "deletedId userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _found(call, args["id"])
    action, wanted = args.get("inventoryAction") or "TRANSFER", args.get("destinationLocationId")
    if wanted is not None and action != "TRANSFER":
        message = (
            "Inventory action Destination location id should not be present when deleting/keeping the inventory of "
            "the fulfillment service."
        )
        raise refuse(["inventoryAction"], message)
    destination = locations.get(call.store, gid.number(wanted, "Location")) if wanted else None
    if wanted and (destination is None or not destination["is_active"]):
        raise refuse(None, "Invalid destination location.")
    call.db.run("DELETE FROM fulfillment_services WHERE id = ?", (row["id"],))
    _leave(call, row["location_id"], action, destination or _fallback(call, row["location_id"]))
    call.target("FulfillmentService", row["id"])
    return {"deletedId": gid.make("FulfillmentService", row["id"]), "userErrors": []}


def _leave(call: Call, location: int, action: str, destination: Row | None) -> None:
    if action == "KEEP":
        locations.change(call.store, location, {"service_id": None})
        return
    if destination is not None:
        if action == "TRANSFER":
            locations.relocate(call.store, location, destination["id"])
            locations.receive(call.store, destination["id"])
        sql = "UPDATE fulfillment_orders SET location_id = ? WHERE location_id = ? AND status <> 'CLOSED'"
        call.db.run(sql, (destination["id"], location))
    locations.remove(call.store, location)


def _fallback(call: Call, location: int) -> Row | None:
    sql = "SELECT * FROM locations WHERE is_active = 1 AND service_id IS NULL AND id <> ? ORDER BY ships_inventory DESC"
    return call.db.one(sql, (location,))


def _found(call: Call, identifier: str) -> Row:
    row = call.db.get("fulfillment_services", service_number(identifier))
    if row is None:
        raise refuse(["id"], "Fulfillment service could not be found.")
    return row


def _answer(call: Call, number: int) -> Row:
    row = call.db.get("fulfillment_services", number)
    return {"fulfillmentService": service_source(row), "userErrors": []}


def _flags(args: dict[str, Any]) -> Row:
    # Recorded: an update that leaves a flag out sets it back to its default.
    found: Row = {}
    for name, (column, default) in FLAGS.items():
        value = args.get(name)
        found[column] = int(default if value is None else value)
    return found


def _check_name(call: Call, name: str, own: int | None) -> None:
    problem = None
    if not name.strip():
        problem = "Name can't be blank"
    elif name[0].isspace():
        problem = "Name cannot begin with a whitespace character"
    elif len(name) > NAME_LIMIT:
        problem = f"Name is too long (maximum is {NAME_LIMIT} characters)"
    elif text.handle(name) in RESERVED:
        problem = "Name is reserved"
    elif _taken(call, name, own):
        problem = "Name has already been taken"
    if problem:
        raise refuse(["name"], problem)


def _taken(call: Call, name: str, own: int | None) -> bool:
    sql = "SELECT 1 FROM fulfillment_services WHERE (name = ? COLLATE NOCASE OR handle = ?) AND id IS NOT ? LIMIT 1"
    other = call.db.value("SELECT location_id FROM fulfillment_services WHERE id = ?", (own,))
    return call.db.one(sql, (name, text.handle(name), own)) is not None or (
        locations.of_name(call.store, name, other) is not None
    )


def _free_handle(call: Call, wanted: str) -> str:
    candidate = wanted
    while call.db.one("SELECT 1 FROM fulfillment_services WHERE handle = ?", (candidate,)):
        candidate = text.next_handle(candidate)
    return candidate


def _check_url(call: Call, url: str | None) -> None:
    if not url:
        return
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        raise refuse(["callbackUrl"], f"Callback url protocol {parts.scheme}:// is not supported")
    host = parts.hostname or ""
    if host != call.store.config.shop and not any(host == one or host.endswith(f".{one}") for one in KNOWN_HOSTS):
        raise refuse(["callbackUrl"], "Callback url is not allowed")
