"""What the API tells of locations and of fulfilment services.

Reads only. What may be done with a location (activate, deactivate, delete) is computed from what stands against it.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import geography, gid, lists, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.lists import Kind
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.resolvers.inventory import location_source
from sandbox.shopify.search.match import Sql
from sandbox.shopify.store import fulfilment_routing, locations, metafields
from sandbox.shopify.store.database import Row

ORDERS = {"ID": Order("o.id"), "RELEVANCE": Order("o.id"), "NAME": Order("o.name", nocase=True)}
KIND = Kind("Location", "o.*", "locations o", "o.id", ORDERS)
LIST_ARGUMENTS = "first last after before reverse query sortKey includeInactive includeLegacy"

registry.keys("Location", "name")
registry.keys("LocationAddress", "address1 address2 city country countryCode formatted latitude longitude phone")
registry.keys("LocationAddress", "province provinceCode zip")
registry.keys("ShopResourceLimits", "locationLimit")
registry.inputs("LocationIdentifierInput", "id customId")
registry.inputs("UniqueMetafieldValueInput", "namespace key value")


@registry.field("QueryRoot", "locations", LIST_ARGUMENTS)
def _locations(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    where = "1" if args.get("includeInactive") else "o.is_active = 1"
    if not args.get("includeLegacy"):
        where += " AND o.service_id IS NULL"
    # Unlike other lists, locations are sorted by name unless told otherwise.
    return lists.connection(call, KIND, args | {"sortKey": args.get("sortKey") or "NAME"}, Sql(where))


@registry.field("QueryRoot", "locationsCount", "query limit")
def _count(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    # Recorded: inactive ones and those of services count.
    return lists.count(call, KIND, args)


@registry.field("QueryRoot", "locationsAvailableForDeliveryProfilesConnection", registry.CONNECTION_ARGUMENTS)
def _for_profiles(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    select = Select("o.*", "locations o", "o.fulfills_online_orders = 1", [], "o.id", Order("o.id"))
    return page(call.db, select, args)


@registry.field("QueryRoot", "location", "id")
def _location(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    if args.get("id") is None:
        return location_source(call.db.one("SELECT * FROM locations WHERE ships_inventory = 1 LIMIT 1"))
    return _node(call, args["id"])


@registry.field("QueryRoot", "locationByIdentifier", "identifier")
def _by_identifier(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    wanted = args["identifier"]
    if wanted.get("id"):
        return _node(call, wanted["id"])
    custom = wanted["customId"]
    namespace = custom.get("namespace") or ""
    return location_source(
        locations.get(call.store, metafields.holder(call.store, "Location", namespace, custom["key"], custom["value"]))
    )


@registry.node("Location")
def _node(call: Call, identifier: str) -> Row | None:
    return location_source(locations.get(call.store, gid.number(identifier, "Location")))


@registry.field("Location", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("Location", row["id"])


@registry.field("Location", "legacyResourceId")
def _legacy(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["id"])


for _name, _column in (
    ("isActive", "is_active"),
    ("fulfillsOnlineOrders", "fulfills_online_orders"),
    ("shipsInventory", "ships_inventory"),
    ("isPrimary", "ships_inventory"),
):
    registry.field("Location", _name)(lambda row, _call, _args, column=_column: bool(row[column]))  # type: ignore[misc]


@registry.field("Location", "isFulfillmentService")
def _is_service(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return row["service_id"] is not None


@registry.field("Location", "deactivatedAt")
def _deactivated(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["deactivated_at"])


@registry.field("Location", "hasActiveInventory")
def _has_inventory(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    return locations.has_inventory(call.store, row["id"])


@registry.field("Location", "hasUnfulfilledOrders")
def _has_orders(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    return locations.has_unfulfilled_orders(call.store, row["id"])


@registry.field("Location", "activatable")
def _activatable(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    free = not locations.is_full(call.store) and locations.of_name(call.store, row["name"], row["id"]) is None
    return bool(row["is_active"]) or free


@registry.field("Location", "deactivatable")
def _deactivatable(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return not locations.is_fixed(row)


@registry.field("Location", "deletable")
def _deletable(row: Row, call: Call, args: dict[str, Any]) -> bool:
    if row["service_id"] is not None:
        return True
    return not (row["is_active"] or _has_inventory(row, call, args) or _has_orders(row, call, args))


@registry.field("Location", "addressVerified")
def _verified(_row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    # No address is looked up in the world here, and an address that nothing was found against counts as verified.
    return True


@registry.field("Location", "suggestedAddresses")
def _suggested(_row: Row, _call: Call, _args: dict[str, Any]) -> list[Row]:
    return []


@registry.field("Location", "localPickupSettingsV2")
def _pickup(_row: Row, _call: Call, _args: dict[str, Any]) -> None:
    # Switching local pickup on is not modelled, so it is off everywhere: null is the truth.
    return None


registry.keys("LocationSuggestedAddress", "address1 address2 city country countryCode formatted province provinceCode")
registry.keys("LocationSuggestedAddress", "zip")
registry.keys("DeliveryLocalPickupSettings", "instructions pickupTime")


@registry.field("Location", "address")
def _address(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    names = {"countryCode": "country_code", "provinceCode": "province_code"}
    plain = {name: row[names.get(name, name)] for name in ("address1", "address2", "city", "phone", "zip", *names)}
    return plain | {
        "country": geography.country(row["country_code"]),
        "province": geography.province(row["country_code"], row["province_code"]),
        "formatted": geography.formatted(row),
        # Places are not looked up in the world: an address has no coordinates here.
        "latitude": None,
        "longitude": None,
    }


@registry.field("Location", "fulfillmentService")
def _service(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return service_source(call.db.get("fulfillment_services", row["service_id"]))


def service_source(row: Row | None) -> Row | None:
    """A fulfilment service as the executor passes it on."""
    return None if row is None else row | {"__typename": "FulfillmentService"}


def service_number(identifier: str) -> int | None:
    """The number in a service's id, which real stores print with a query after it."""
    return gid.number(identifier.split("?", maxsplit=1)[0], "FulfillmentService")


@registry.field("QueryRoot", "fulfillmentService", "id")
def _service_root(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _service_node(call, args["id"])


@registry.node("FulfillmentService")
def _service_node(call: Call, identifier: str) -> Row | None:
    return service_source(call.db.get("fulfillment_services", service_number(identifier)))


registry.keys("FulfillmentService", "handle callbackUrl")
MANUAL: Row = {
    "__typename": "FulfillmentService",
    "id": "manual",
    "handle": "manual",
    "name": "Manual",
    "type": "MANUAL",
    "callback_url": None,
    "tracking_support": 0,
    "inventory_management": 0,
    "requires_shipping_method": 1,
    "location_id": None,
}


@registry.field("FulfillmentService", "id")
def _service_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    # The merchant's own service has no number.
    return f"{gid.make('FulfillmentService', row['id'])}{'' if row['id'] == MANUAL['id'] else '?id=true'}"


@registry.field("FulfillmentService", "serviceName")
def _service_name(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["name"])


for _name, _column in (
    ("trackingSupport", "tracking_support"),
    ("inventoryManagement", "inventory_management"),
    ("requiresShippingMethod", "requires_shipping_method"),
):
    registry.field("FulfillmentService", _name)(lambda row, _call, _args, column=_column: bool(row[column]))  # type: ignore[misc]


@registry.field("FulfillmentService", "fulfillmentOrdersOptIn")
def _opt_in(_row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return True


@registry.field("FulfillmentService", "type")
def _service_type(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row.get("type") or "THIRD_PARTY")


@registry.field("FulfillmentService", "location")
def _service_location(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return location_source(locations.get(call.store, row["location_id"]))


@registry.field("Shop", "resourceLimits")
def _limits(_row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    return {"locationLimit": locations.LIMIT}


@registry.field("Shop", "fulfillmentServices")
def _services(_row: Row, call: Call, _args: dict[str, Any]) -> list[Row | None]:
    # The merchant's own comes first, at the place that orders go to (recorded).
    own = MANUAL | {"location_id": fulfilment_routing.fallback(call.store)}
    return [own, *map(service_source, call.db.all("SELECT * FROM fulfillment_services ORDER BY id"))]
