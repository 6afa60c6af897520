"""Locations and fulfilment services: adding, changing, switching off, removing, and what stands against each."""

from __future__ import annotations

from typing import Any

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop

ADD = """mutation($i: LocationAddInput!) { locationAdd(input: $i) { location { id name isActive fulfillsOnlineOrders
  deletable deactivatable address { city country province formatted } } userErrors { field message code } } }"""
EDIT = """mutation($id: ID!, $i: LocationEditInput!) { locationEdit(id: $id, input: $i) {
  location { name address { city zip } } userErrors { field message code } } }"""
OFF = """mutation($id: ID!, $to: ID, $key: String!) { locationDeactivate(locationId: $id, destinationLocationId: $to)
  @idempotent(key: $key) { location { id isActive deactivatedAt }
  locationDeactivateUserErrors { field message code } } }"""
ON = """mutation($id: ID!, $key: String!) { locationActivate(locationId: $id) @idempotent(key: $key) {
  location { isActive } locationActivateUserErrors { field message code } } }"""
DELETE = """mutation($id: ID!) { locationDelete(locationId: $id) { deletedLocationId
  locationDeleteUserErrors { field message code } } }"""
SERVICE = """mutation($name: String!, $url: URL) { fulfillmentServiceCreate(name: $name, callbackUrl: $url) {
  fulfillmentService { id handle serviceName requiresShippingMethod trackingSupport location { id name
    isFulfillmentService deletable } } userErrors { field message } } }"""


def add(shop: Shop, name: str, **more: Any) -> dict[str, Any]:
    """The payload of locationAdd."""
    given = {"name": name, "address": {"countryCode": "CA", "provinceCode": "ON", "city": "Ottawa"}} | more
    return dict(shop.data(ADD, {"i": given})["locationAdd"])


def off(shop: Shop, identifier: str, key: str, to: str | None = None) -> dict[str, Any]:
    """The payload of locationDeactivate."""
    return dict(shop.data(OFF, {"id": identifier, "key": key, "to": to})["locationDeactivate"])


def test_a_location_is_added_active_and_for_online_orders(shop: Shop) -> None:
    """What is not said is true; country and province are told by name and the address line by line."""
    made = add(shop, "North")["location"]
    assert (made["isActive"], made["fulfillsOnlineOrders"], made["deletable"]) == (True, True, False)
    assert made["address"] == {
        "city": "Ottawa",
        "country": "Canada",
        "province": "Ontario",
        "formatted": ["Ottawa ON", "Canada"],
    }


def test_names_of_locations_are_present_short_and_taken_once(shop: Shop) -> None:
    """Blank, long and taken names are refused with their codes."""
    add(shop, "North")
    codes = [add(shop, name)["userErrors"][0]["code"] for name in (" ", "x" * 101, "north")]
    assert codes == ["BLANK", "TOO_LONG", "TAKEN"]


def test_an_edit_changes_only_what_it_names(shop: Shop) -> None:
    """The city stays when the postal code is edited; an unknown location is refused."""
    made = add(shop, "North")["location"]
    edited = shop.data(EDIT, {"id": made["id"], "i": {"address": {"zip": "K1S"}}})["locationEdit"]
    assert edited["location"] == {"name": "North", "address": {"city": "Ottawa", "zip": "K1S"}}
    missing = shop.data(EDIT, {"id": "gid://shopify/Location/1", "i": {"name": "A"}})["locationEdit"]
    assert missing["userErrors"] == [{"field": ["id"], "message": "Location not found.", "code": "NOT_FOUND"}]


def test_a_location_goes_off_on_and_away(shop: Shop) -> None:
    """Only an inactive location can be deleted; lists hide it unless asked; it can be switched on again."""
    made = add(shop, "North")["location"]
    refused = shop.data(DELETE, {"id": made["id"]})["locationDelete"]
    assert [error["code"] for error in refused["locationDeleteUserErrors"]] == ["LOCATION_IS_ACTIVE"]
    assert off(shop, made["id"], "1")["location"]["isActive"] is False
    every = "b: locations(first: 9, includeInactive: true) { nodes { id } }"
    shown = shop.data("{ a: locations(first: 9) { nodes { id } } " + every + " }")
    assert len(shown["b"]["nodes"]) == len(shown["a"]["nodes"]) + 1
    assert shop.data(ON, {"id": made["id"], "key": "2"})["locationActivate"]["location"] == {"isActive": True}
    off(shop, made["id"], "3")
    assert shop.data(DELETE, {"id": made["id"]})["locationDelete"]["deletedLocationId"] == made["id"]


def test_a_deactivation_names_where_its_stock_goes(shop: Shop) -> None:
    """With stock and no destination it is refused and shows the location; with one the stock is there afterwards."""
    product = shop.create()
    item = product["variants"]["nodes"][0]["inventoryItem"]["id"]
    stocked = shop.data("{ locations(first: 1) { nodes { id } } }")["locations"]["nodes"][0]["id"]
    assert off(shop, stocked, "0")["locationDeactivateUserErrors"][0]["code"].startswith("PERMANENTLY_BLOCKED")
    second, third = (add(shop, name)["location"]["id"] for name in ("South", "West"))
    given = {"name": "available", "reason": "correction", "quantities": [
        {"inventoryItemId": item, "locationId": second, "quantity": 4, "changeFromQuantity": None}]}  # fmt: skip
    shop.data(
        'mutation($i: InventorySetQuantitiesInput!) { inventorySetQuantities(input: $i) @idempotent(key: "s") '
        "{ userErrors { message } } }",
        {"i": given},
    )
    refused = off(shop, second, "1")
    assert refused["location"]["isActive"] is True
    assert refused["locationDeactivateUserErrors"][0]["code"] == "HAS_ACTIVE_INVENTORY_ERROR"
    assert off(shop, second, "2", second)["locationDeactivateUserErrors"][0]["code"].endswith("SAME_LOCATION")
    unknown = off(shop, second, "4", "gid://shopify/Location/9")["locationDeactivateUserErrors"][0]["code"]
    assert unknown == "DESTINATION_LOCATION_NOT_SHOPIFY_MANAGED"
    assert off(shop, second, "3", third)["locationDeactivateUserErrors"] == []
    query = """query($i: ID!, $l: ID!) { inventoryItem(id: $i) { inventoryLevel(locationId: $l) {
      quantities(names: ["available"]) { quantity } } } }"""
    level = shop.data(query, {"i": item, "l": third})["inventoryItem"]["inventoryLevel"]
    assert level["quantities"] == [{"quantity": 4}]


def test_a_name_taken_meanwhile_stands_against_switching_on(shop: Shop) -> None:
    """Names are unique among active locations only, and are asked for again on activation."""
    first = add(shop, "North")["location"]["id"]
    off(shop, first, "1")
    assert add(shop, "North")["userErrors"] == []
    answer = shop.data(ON, {"id": first, "key": "2"})["locationActivate"]
    assert answer["locationActivateUserErrors"][0]["code"] == "HAS_NON_UNIQUE_NAME"


def test_locations_are_found_by_name(shop: Shop) -> None:
    """A quoted name finds that location and no other."""
    for name in ("Overlay One", "Overlay Two"):
        add(shop, name)
    found = shop.data("{ locations(first: 5, query: \"name:'Overlay Two'\") { nodes { name } } }")["locations"]
    assert found["nodes"] == [{"name": "Overlay Two"}]


def test_a_service_brings_its_own_location(shop: Shop) -> None:
    """The location has the service's name, is left out of lists unless asked for, and goes with the service."""
    made = shop.data(SERVICE, {"name": "Fast Parcel"})["fulfillmentServiceCreate"]["fulfillmentService"]
    assert (made["handle"], made["requiresShippingMethod"], made["trackingSupport"]) == ("fast-parcel", True, False)
    assert made["location"]["name"] == "Fast Parcel"
    assert made["location"]["isFulfillmentService"] is True
    query = "query($l: Boolean) { locations(first: 9, includeLegacy: $l) { nodes { name } } }"
    assert "Fast Parcel" not in str(shop.data(query))
    assert "Fast Parcel" in str(shop.data(query, {"l": True}))
    delete = "mutation($id: ID!) { fulfillmentServiceDelete(id: $id) { deletedId userErrors { message } } }"
    gone = shop.data(delete, made)
    assert gone["fulfillmentServiceDelete"]["deletedId"] == made["id"].split("?")[0]
    assert "Fast Parcel" not in str(shop.data(query, {"l": True}))


def test_a_service_is_called_back_where_the_app_may(shop: Shop) -> None:
    """Other protocols and foreign hosts are refused, each in its own words."""
    answers = [
        shop.data(SERVICE, {"name": "Far", "url": url})["fulfillmentServiceCreate"]["userErrors"][0]["message"]
        for url in ("ftp://mock.shop/a", "https://example.com/a")
    ]
    assert answers == ["Callback url protocol ftp:// is not supported", "Callback url is not allowed"]


def test_names_of_services_are_refused_in_order(shop: Shop) -> None:
    """Blank, led by a blank, reserved and taken names are refused."""
    shop.data(SERVICE, {"name": "Far"})
    messages = [
        shop.data(SERVICE, {"name": name})["fulfillmentServiceCreate"]["userErrors"][0]["message"]
        for name in ("", " Far", "Manual", "far")
    ]
    assert messages == [
        "Name can't be blank",
        "Name cannot begin with a whitespace character",
        "Name is reserved",
        "Name has already been taken",
    ]


def test_a_place_that_a_services_stock_is_on_its_way_to_stays_on(box: ShopifySandbox, shop: Shop) -> None:
    """For a minute after a service was deleted with a transfer its destination cannot be switched off."""
    made = shop.data(SERVICE, {"name": "Far"})["fulfillmentServiceCreate"]["fulfillmentService"]
    place = add(shop, "North")["location"]["id"]
    query = """mutation($id: ID!, $to: ID) { fulfillmentServiceDelete(id: $id, destinationLocationId: $to) {
      deletedId userErrors { message } } }"""
    bad = shop.data(query, {"id": made["id"], "to": "gid://shopify/Location/9"})["fulfillmentServiceDelete"]
    assert bad["userErrors"] == [{"message": "Invalid destination location."}]
    shop.data(query, {"id": made["id"], "to": place})
    blocked = off(shop, place, "1")["locationDeactivateUserErrors"][0]["code"]
    assert blocked == "TEMPORARILY_BLOCKED_FROM_DEACTIVATION_ERROR"
    box.clock.advance(61)
    assert off(shop, place, "2")["locationDeactivateUserErrors"] == []
