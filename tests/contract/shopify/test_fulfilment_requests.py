"""What services are asked to ship, deadlines, and what is held."""

from __future__ import annotations

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop
from tests.contract.shopify.test_fulfilment_orders import HOLD, MOVE, SERVICE, all_of, names, order, step


def test_a_service_is_asked_accepts_and_gives_up(box: ShopifySandbox, shop: Shop) -> None:
    """Submitted, accepted, closed as incomplete; while it is in hand it cannot be moved."""
    order(box, 1)
    (row,) = all_of(shop)
    alone = shop.data(step("fulfillmentOrderClose"), row)["fulfillmentOrderClose"]["userErrors"][0]["message"]
    assert alone == "The fulfillment order's assigned fulfillment service must be of api type"
    home = row["assignedLocation"]["location"]["id"]
    far = shop.data(SERVICE)["fulfillmentServiceCreate"]["fulfillmentService"]["location"]["id"]
    moved = shop.data(MOVE, {"id": row["id"], "to": far})["fulfillmentOrderMove"]["movedFulfillmentOrder"]
    assert names(moved) == ["REQUEST_FULFILLMENT", "CREATE_FULFILLMENT", "HOLD", "MOVE"]
    submit = """mutation($id: ID!) { fulfillmentOrderSubmitFulfillmentRequest(id: $id, message: "go") {
      submittedFulfillmentOrder { requestStatus merchantRequests(first: 1) { nodes { kind message requestOptions } } }
      unsubmittedFulfillmentOrder { id } userErrors { message } } }"""
    asked = shop.data(submit, row)["fulfillmentOrderSubmitFulfillmentRequest"]
    assert asked["submittedFulfillmentOrder"]["requestStatus"] == "SUBMITTED"
    (request,) = asked["submittedFulfillmentOrder"]["merchantRequests"]["nodes"]
    assert request == {"kind": "FULFILLMENT_REQUEST", "message": "go", "requestOptions": {"notify_customer": False}}
    refused = shop.data(MOVE, {"id": row["id"], "to": home})["fulfillmentOrderMove"]["userErrors"][0]["message"]
    assert refused == "Cannot move submitted fulfillment order that is at a 3PL fulfillment service."
    name = "fulfillmentOrderAcceptFulfillmentRequest"
    accepted = shop.data(step(name), row)[name]["fulfillmentOrder"]
    assert (accepted["status"], accepted["requestStatus"]) == ("IN_PROGRESS", "ACCEPTED")
    closed = shop.data(step("fulfillmentOrderClose"), row)["fulfillmentOrderClose"]["fulfillmentOrder"]
    assert (closed["status"], closed["requestStatus"]) == ("INCOMPLETE", "CLOSED")


def test_an_unknown_fulfilment_order_is_a_top_level_error(shop: Shop) -> None:
    """A mutation on a single one answers RESOURCE_NOT_FOUND with its id."""
    body = shop.run(step("fulfillmentOrderOpen"), {"id": "gid://shopify/FulfillmentOrder/1"})
    assert body["errors"][0]["message"] == "Invalid id: gid://shopify/FulfillmentOrder/1"
    assert body["errors"][0]["extensions"]["code"] == "RESOURCE_NOT_FOUND"


def test_a_deadline_is_set_for_all_or_none(box: ShopifySandbox, shop: Shop) -> None:
    """One unknown id and nothing is set."""
    order(box, 1)
    (row,) = all_of(shop)
    query = """mutation($ids: [ID!]!) { fulfillmentOrdersSetFulfillmentDeadline(fulfillmentOrderIds: $ids,
      fulfillmentDeadline: "2026-12-01T00:00:00Z") { success userErrors { field message code } } }"""
    bad = shop.data(query, {"ids": [row["id"], "gid://shopify/FulfillmentOrder/1"]})
    assert bad["fulfillmentOrdersSetFulfillmentDeadline"]["success"] is False
    read = "{ fulfillmentOrders(first: 1) { nodes { fulfillBy } } }"
    assert shop.data(read)["fulfillmentOrders"]["nodes"] == [{"fulfillBy": None}]
    assert shop.data(query, {"ids": [row["id"]]})["fulfillmentOrdersSetFulfillmentDeadline"]["success"] is True
    assert shop.data(read)["fulfillmentOrders"]["nodes"] == [{"fulfillBy": "2026-12-01T00:00:00Z"}]


def test_nothing_is_assigned_where_no_service_is(shop: Shop) -> None:
    """assignedFulfillmentOrders fails in its own words as long as the app runs no service."""
    body = shop.run("{ assignedFulfillmentOrders(first: 1) { nodes { id } } }")
    assert body["errors"][0]["message"] == '["The api_client is not associated with any fulfillment service."]'


def test_what_is_held_cannot_be_fulfilled_and_the_holder_takes_a_scope(box: ShopifySandbox, shop: Shop) -> None:
    """A line counts only units that are not on hold; the app of a hold is denied without read_apps."""
    order(box, 5)
    (row,) = all_of(shop)
    line = {"id": row["lineItems"]["nodes"][0]["id"], "quantity": 2}
    shop.data(HOLD, {"id": row["id"], "h": {"reason": "OTHER", "fulfillmentOrderLineItems": [line]}})
    query = """{ fulfillmentOrders(first: 1) { nodes {
      lineItems(first: 1) { nodes { lineItem { fulfillableQuantity } } }
      fulfillmentHolds { heldByRequestingApp heldByApp { id } } } } }"""
    body = shop.run(query)
    (shown,) = body["data"]["fulfillmentOrders"]["nodes"]
    assert shown["lineItems"]["nodes"] == [{"lineItem": {"fulfillableQuantity": 3}}]
    assert shown["fulfillmentHolds"] == [{"heldByRequestingApp": True, "heldByApp": None}]
    assert body["errors"][0]["extensions"]["requiredAccess"] == "`read_apps` access scope."
