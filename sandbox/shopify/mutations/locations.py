"""locationAdd, locationEdit, locationActivate, locationDeactivate, locationDelete.

What stands against a change is told in the vendor's words and order; a refused deactivation still shows its location.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.mutations.metafields import put_all
from sandbox.shopify.resolvers.inventory import location_source
from sandbox.shopify.store import locations
from sandbox.shopify.store.database import Row

NAME_LIMIT, ADDRESS_LIMIT = 100, 255
ADDRESS = {
    "address1": ("address1", "name for the street"),
    "address2": ("address2", "name for the apartment, suite, etc."),
    "city": ("city", "city name"),
    "zip": ("zip", "postal / ZIP code"),
    "phone": ("phone", "phone number"),
    "provinceCode": ("province_code", "province code"),
    "countryCode": ("country_code", "country code"),
}
registry.inputs("LocationAddInput", "name address fulfillsOnlineOrders metafields")
registry.inputs("LocationEditInput", "name address fulfillsOnlineOrders metafields")
for _kind in ("LocationAddAddressInput", "LocationEditAddressInput"):
    registry.inputs(_kind, " ".join(ADDRESS))


@registry.mutation("locationAdd", "input", "location userErrors")
def _add(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    _check(call, given, None)
    if locations.is_full(call.store):
        message = f"You have reached the maximum number of locations ({locations.LIMIT})"
        raise refuse(["input"], message, "INVALID")
    number = locations.add(call.store, _columns(given))
    put_all(call, "Location", number, given.get("metafields") or [], ["input"])
    call.target("Location", number)
    return {"location": _shown(call, number), "userErrors": []}


@registry.mutation("locationEdit", "id input", "location userErrors")
def _edit(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = locations.get(call.store, gid.number(args["id"], "Location"))
    if row is None:
        raise refuse(["id"], "Location not found.", "NOT_FOUND")
    given = args["input"]
    _check(call, given, row)
    _check_online(call, given, row)
    locations.change(call.store, row["id"], _columns(given))
    put_all(call, "Location", row["id"], given.get("metafields") or [], ["input"])
    call.target("Location", row["id"])
    return {"location": _shown(call, row["id"]), "userErrors": []}


def _shown(call: Call, number: int) -> Row | None:
    return location_source(locations.get(call.store, number))


def _columns(given: Row) -> Row:
    found: Row = {"name": given["name"]} if given.get("name") is not None else {}
    if given.get("fulfillsOnlineOrders") is not None:
        found["fulfills_online_orders"] = int(given["fulfillsOnlineOrders"])
    address = given.get("address") or {}
    return found | {column: address[name] for name, (column, _) in ADDRESS.items() if name in address}


def _check(call: Call, given: Row, row: Row | None) -> None:
    errors: list[Row] = []
    name = given.get("name")
    path = ["input", "name"]
    if name is not None and not name.strip():
        errors.append(user_error(path, "Add a location name", "BLANK"))
    elif name is not None and len(name) > NAME_LIMIT:
        errors.append(user_error(path, f"Use a shorter location name (up to {NAME_LIMIT} characters)", "TOO_LONG"))
    elif name is not None and locations.of_name(call.store, name, row and row["id"]) is not None:
        errors.append(user_error(path, "You already have a location with this name", "TAKEN"))
    for key, value in (given.get("address") or {}).items():
        if value is not None and len(value) > ADDRESS_LIMIT:
            message = f"Use a shorter {ADDRESS[key][1]} (up to {ADDRESS_LIMIT} characters)"
            errors.append(user_error(["input", "address", key], message, "TOO_LONG"))
    if errors:
        raise UserErrors(errors)


def _check_online(call: Call, given: Row, row: Row) -> None:
    wanted = given.get("fulfillsOnlineOrders")
    if wanted is None or wanted == bool(row["fulfills_online_orders"]):
        return
    if row["service_id"] is not None:
        message = "Online order fulfillment cannot be modified for a location of a fulfillment service."
        raise refuse(["input"], message, "CANNOT_MODIFY_ONLINE_ORDER_FULFILLMENT_FOR_FS_LOCATION")
    if not wanted and row["is_active"] and locations.is_last_online(call.store, row):
        message = (
            "Online order fulfillment could not be disabled for this location as it is the only location that "
            "fulfills online orders."
        )
        raise refuse(["input"], message, "CANNOT_DISABLE_ONLINE_ORDER_FULFILLMENT")


@registry.mutation("locationActivate", "locationId", "location locationActivateUserErrors")
def _activate(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = locations.get(call.store, gid.number(args["locationId"], "Location"))
    if row is None:
        raise refuse(["locationId"], "Location not found.", "LOCATION_NOT_FOUND")
    if row["is_active"]:
        return {"location": location_source(row), "userErrors": []}
    shown = location_source(row)
    if locations.of_name(call.store, row["name"], row["id"]) is not None:
        message = (
            "This location currently cannot be activated because there exists an active location with the same name."
        )
        raise refuse(["locationId"], message, "HAS_NON_UNIQUE_NAME", location=shown)
    if locations.is_full(call.store):
        raise refuse(["locationId"], "Shop has reached its location limit.", "LOCATION_LIMIT", location=shown)
    locations.change(call.store, row["id"], {"is_active": 1, "deactivated_at": None}, "locations/activate")
    call.target("Location", row["id"])
    return {"location": _shown(call, row["id"]), "userErrors": []}


@registry.mutation(
    "locationDeactivate", "locationId destinationLocationId", "location locationDeactivateUserErrors"
)
def _deactivate(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = locations.get(call.store, gid.number(args["locationId"], "Location"))
    if row is None:
        raise refuse(["locationId"], "Location not found.", "LOCATION_NOT_FOUND")
    if not row["is_active"]:
        return {"location": location_source(row), "userErrors": []}
    destination = _destination(call, row, args.get("destinationLocationId"))
    _check_standing(call, row, destination)
    if destination is not None:
        locations.relocate(call.store, row["id"], destination["id"])
    changes = {"is_active": 0, "deactivated_at": call.store.now()}
    locations.change(call.store, row["id"], changes, "locations/deactivate")
    call.target("Location", row["id"])
    return {"location": _shown(call, row["id"]), "userErrors": []}


def _destination(call: Call, row: Row, identifier: str | None) -> Row | None:
    if identifier is None:
        return None
    path, prefix = ["destinationLocationId"], "Location could not be deactivated because the destination location"
    found = locations.get(call.store, gid.number(identifier, "Location"))
    shown = location_source(row)
    if found is not None and found["id"] == row["id"]:
        message = f"{prefix} cannot be set to the location to be deactivated."
        raise refuse(path, message, "DESTINATION_LOCATION_IS_THE_SAME_LOCATION", location=shown)
    if found is not None and not found["is_active"]:
        message = f"{prefix} could be not found or is inactive."
        raise refuse(path, message, "DESTINATION_LOCATION_NOT_FOUND_OR_INACTIVE", location=shown)
    # Recorded: a location that is unknown is told of as one that a service runs.
    if found is None or found["service_id"] is not None:
        code = "DESTINATION_LOCATION_NOT_SHOPIFY_MANAGED"
        raise refuse(path, "destination location not shopify managed", code, location=shown)
    return found


def _check_standing(call: Call, row: Row, destination: Row | None) -> None:
    found: tuple[str, str] | None = None
    if locations.is_fixed(row):
        found = (
            "Location could not be deactivated because it either has a fulfillment service or is the only location "
            "with a shipping address.",
            "PERMANENTLY_BLOCKED_FROM_DEACTIVATION_ERROR",
        )
    elif locations.is_receiving(call.store, row):
        # The name is not filled in: that is how it was recorded.
        found = (
            "%{location_name} has incoming inventory. You'll be able to deactivate it once the inventory has been "
            "received.",
            "TEMPORARILY_BLOCKED_FROM_DEACTIVATION_ERROR",
        )
    elif locations.is_last_online(call.store, row):
        found = ("At least one location must fulfill online orders.", "CANNOT_DISABLE_ONLINE_ORDER_FULFILLMENT")
    elif destination is None and locations.has_inventory(call.store, row["id"]):
        found = (
            "Location could not be deactivated without specifying where to relocate inventory stocked at the location.",
            "HAS_ACTIVE_INVENTORY_ERROR",
        )
    elif destination is None and locations.has_unfulfilled_orders(call.store, row["id"]):
        found = ("Location could not be deactivated because it has pending orders.", "HAS_FULFILLMENT_ORDERS_ERROR")
    if found is not None:
        raise refuse(["locationId"], *found, location=location_source(row))


@registry.mutation("locationDelete", "locationId", "deletedLocationId locationDeleteUserErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = locations.get(call.store, gid.number(args["locationId"], "Location"))
    path = ["locationId"]
    if row is None:
        raise refuse(path, "Location not found.", "LOCATION_NOT_FOUND")
    reasons = (
        (bool(row["is_active"]), "it is active", "LOCATION_IS_ACTIVE"),
        (locations.has_inventory(call.store, row["id"]), "it has inventory", "LOCATION_HAS_INVENTORY"),
        (
            locations.has_unfulfilled_orders(call.store, row["id"]),
            "it has pending orders",
            "LOCATION_HAS_PENDING_ORDERS",
        ),
    )
    told = [(f"The location cannot be deleted while {reason}.", code) for holds, reason, code in reasons if holds]
    errors = [user_error(path, message, code) for message, code in told]
    if errors:
        raise UserErrors(errors)
    call.target("Location", row["id"])
    locations.remove(call.store, row["id"])
    return {"deletedLocationId": args["locationId"], "userErrors": []}
