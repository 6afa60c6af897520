"""Fulfilments: what is sent of an order, its tracking and events, and taking it back."""

from __future__ import annotations

from typing import Any

from sandbox.shopify.server import ShopifySandbox
from sandbox.shopify.store.order_book import Book
from sandbox.shopify.store.order_states import fulfillment_status
from tests.contract.shopify.client import Shop
from tests.contract.shopify.test_fulfilment_orders import all_of, order, units

CREATE = """mutation($f: FulfillmentInput!) { fulfillmentCreate(fulfillment: $f) { fulfillment { id name status
  displayStatus totalQuantity trackingInfo(first: 5) { number url company }
  fulfillmentLineItems(first: 9) { nodes { quantity } } } userErrors { field message } } }"""
TRACK = """mutation($id: ID!, $t: FulfillmentTrackingInput!) { fulfillmentTrackingInfoUpdate(fulfillmentId: $id,
  trackingInfoInput: $t) { fulfillment { trackingInfo { number url company } } userErrors { field message } } }"""
CANCEL = """mutation($id: ID!) { fulfillmentCancel(id: $id) { fulfillment { status displayStatus }
  userErrors { field message } } }"""
EVENT = """mutation($e: FulfillmentEventInput!) { fulfillmentEventCreate(fulfillmentEvent: $e) {
  fulfillmentEvent { status happenedAt city } userErrors { field message } } }"""


def create(shop: Shop, *wanted: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The payload of fulfillmentCreate."""
    return dict(shop.data(CREATE, {"f": {"lineItemsByFulfillmentOrder": list(wanted)} | more})["fulfillmentCreate"])


def whole(row: dict[str, Any]) -> dict[str, Any]:
    """All of a fulfilment order."""
    return {"fulfillmentOrderId": row["id"]}


def some(row: dict[str, Any], quantity: int) -> dict[str, Any]:
    """Some units of the first line of a fulfilment order."""
    line = row["lineItems"]["nodes"][0]["id"]
    return whole(row) | {"fulfillmentOrderLineItems": [{"id": line, "quantity": quantity}]}


def test_a_fulfilment_sends_all_that_is_left(box: ShopifySandbox, shop: Shop) -> None:
    """Without lines everything is sent: the fulfilment order closes, the order counts as fulfilled."""
    number = order(box, 2, 1)
    made = create(shop, whole(all_of(shop)[0]))["fulfillment"]
    assert (made["name"], made["status"], made["displayStatus"]) == ("#1001-F1", "SUCCESS", "FULFILLED")
    assert [line["quantity"] for line in made["fulfillmentLineItems"]["nodes"]] == [2, 1]
    (row,) = all_of(shop)
    assert (row["status"], units(row), row["supportedActions"]) == ("CLOSED", [(2, 0), (1, 0)], [])
    assert fulfillment_status(Book(box.store, number)) == "FULFILLED"


def test_a_part_leaves_the_rest_to_do(box: ShopifySandbox, shop: Shop) -> None:
    """The rest is in progress and can be sent later under the next name."""
    number = order(box, 3)
    (row,) = all_of(shop)
    create(shop, some(row, 1))
    (left,) = all_of(shop)
    assert (left["status"], units(left)) == ("IN_PROGRESS", [(3, 2)])
    assert fulfillment_status(Book(box.store, number)) == "PARTIALLY_FULFILLED"
    assert create(shop, whole(left))["fulfillment"]["name"] == "#1001-F2"


def test_what_cannot_be_sent_is_refused_in_order(box: ShopifySandbox, shop: Shop) -> None:
    """Quantities first, then the fulfilment order, its state, and what is left of its lines."""
    order(box, 1)
    (row,) = all_of(shop)
    path = ["fulfillment", "lineItemsByFulfillmentOrder", "0", "fulfillmentOrderLineItems", "0", "quantity"]
    assert create(shop, some(row, 0))["userErrors"] == [{"field": path, "message": "Quantity must be greater than 0"}]
    messages = [
        create(shop, wanted)["userErrors"][0]["message"]
        for wanted in ({"fulfillmentOrderId": "gid://shopify/FulfillmentOrder/1"}, some(row, 2))
    ]
    assert messages == [
        "Fulfillment order does not exist.",
        "Invalid fulfillment order line item quantity requested.",
    ]
    create(shop, whole(row))
    number = row["id"].rsplit("/", 1)[-1]
    again = create(shop, whole(row))["userErrors"]
    message = f"Fulfillment order {number} has an unfulfillable status= closed."
    assert again == [{"field": ["fulfillment"], "message": message}]


def test_a_fulfilment_is_of_one_order(box: ShopifySandbox, shop: Shop) -> None:
    """Fulfilment orders of two orders are refused with both numbers."""
    numbers = [order(box, 1), order(box, 1)]
    errors = create(shop, *(whole(row) for row in all_of(shop)))["userErrors"]
    assert errors[0]["message"].endswith(f"Multiple orders with ids {numbers} were found.")


def test_an_id_of_another_kind_is_no_fulfilment_order(shop: Shop) -> None:
    """fulfillmentCreate answers a wrong id at top level."""
    given = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": "gid://shopify/Order/1"}]}
    body = shop.run(CREATE, {"f": given})
    assert (body["errors"][0]["message"], body["errors"][0]["extensions"]["code"]) == (
        "invalid id",
        "RESOURCE_NOT_FOUND",
    )


def test_tracking_is_one_or_many_and_can_be_replaced(box: ShopifySandbox, shop: Shop) -> None:
    """Numbers and addresses go together pair by pair under one company."""
    order(box, 1)
    tracking = {"numbers": ["1", "2"], "urls": ["https://a.example/1", "https://a.example/2"], "company": "Post"}
    made = create(shop, whole(all_of(shop)[0]), trackingInfo=tracking)["fulfillment"]
    assert made["trackingInfo"][1] == {"number": "2", "url": "https://a.example/2", "company": "Post"}
    update = {"id": made["id"], "t": {"number": "3", "url": "https://a.example/3", "company": "Bike"}}
    changed = shop.data(TRACK, update)["fulfillmentTrackingInfoUpdate"]["fulfillment"]
    assert changed["trackingInfo"] == [{"number": "3", "url": "https://a.example/3", "company": "Bike"}]
    unknown = shop.data(TRACK, {"id": "gid://shopify/Fulfillment/1", "t": {"number": "1"}})
    assert unknown["fulfillmentTrackingInfoUpdate"]["userErrors"] == [
        {"field": ["fulfillmentId"], "message": "Fulfillment does not exist."}
    ]


def test_taking_back_opens_the_work_again(box: ShopifySandbox, shop: Shop) -> None:
    """A closed fulfilment order stays closed and a new one opens; an open one grows again."""
    number = order(box, 2)
    (row,) = all_of(shop)
    part = create(shop, some(row, 1))["fulfillment"]
    answer = shop.data(CANCEL, part)["fulfillmentCancel"]["fulfillment"]
    assert answer == {"status": "CANCELLED", "displayStatus": "CANCELED"}
    assert units(all_of(shop)[0]) == [(2, 2)]
    shop.data(CANCEL, create(shop, whole(row))["fulfillment"])
    assert [(one["status"], units(one)) for one in all_of(shop)] == [("CLOSED", [(2, 0)]), ("OPEN", [(2, 2)])]
    assert fulfillment_status(Book(box.store, number)) == "UNFULFILLED"
    missing = shop.data(CANCEL, {"id": "gid://shopify/Fulfillment/1"})["fulfillmentCancel"]["userErrors"]
    assert missing == [{"field": ["id"], "message": "Fulfillment not found."}]


def test_the_last_event_is_what_a_fulfilment_shows(box: ShopifySandbox, shop: Shop) -> None:
    """The display status follows the events; times of transit and delivery are theirs."""
    order(box, 1)
    made = create(shop, whole(all_of(shop)[0]))["fulfillment"]
    for status, moment in (("DELIVERED", "2026-11-03T08:00:00Z"), ("IN_TRANSIT", "2026-11-02T08:00:00Z")):
        event = {"fulfillmentId": made["id"], "status": status, "happenedAt": moment, "city": "Bonn"}
        assert shop.data(EVENT, {"e": event})["fulfillmentEventCreate"]["fulfillmentEvent"]["city"] == "Bonn"
    query = "query($id: ID!) { fulfillment(id: $id) { displayStatus deliveredAt inTransitAt } }"
    assert shop.data(query, made)["fulfillment"] == {
        "displayStatus": "DELIVERED",
        "deliveredAt": "2026-11-03T08:00:00Z",
        "inTransitAt": "2026-11-02T08:00:00Z",
    }
    unknown = {"fulfillmentId": "gid://shopify/Fulfillment/1", "status": "CONFIRMED"}
    errors = shop.data(EVENT, {"e": unknown})["fulfillmentEventCreate"]["userErrors"]
    assert errors[0]["field"] == ["fulfillmentEvent", "fulfillmentId"]


def test_topics_tell_of_what_was_sent(box: ShopifySandbox, shop: Shop) -> None:
    """A fulfilment raises its own topic and the order's."""
    seen: list[str] = []
    box.store.listeners.append(lambda events: seen.extend(event.topic for event in events))
    order(box, 2)
    (row,) = all_of(shop)
    create(shop, some(row, 1))
    create(shop, whole(row))
    assert seen.count("fulfillments/create") == 2
    assert "orders/partially_fulfilled" in seen
    assert "orders/fulfilled" in seen


def test_an_order_that_says_it_was_shipped_is_fulfilled(shop: Shop) -> None:
    """orderCreate with a fulfilment makes one with its tracking; without one nothing is sent."""
    query = """mutation($o: OrderCreateOrderInput!) { orderCreate(order: $o) { order { displayFulfillmentStatus
      fulfillments(first: 2) { displayStatus trackingInfo { number company } }
      fulfillmentOrders(first: 2) { nodes { status } } } userErrors { message } } }"""
    line = {"title": "A", "quantity": 1, "priceSet": {"shopMoney": {"amount": "1", "currencyCode": "EUR"}}}
    place = shop.data("{ location { id } }")["location"]["id"]
    shipped = {"locationId": place, "trackingNumber": "7", "trackingCompany": "Post", "shipmentStatus": "DELIVERED"}
    made = shop.data(query, {"o": {"lineItems": [line], "fulfillment": shipped}})["orderCreate"]["order"]
    assert made["displayFulfillmentStatus"] == "FULFILLED"
    assert made["fulfillments"] == [
        {"displayStatus": "DELIVERED", "trackingInfo": [{"number": "7", "company": "Post"}]}
    ]
    assert made["fulfillmentOrders"]["nodes"] == [{"status": "CLOSED"}]
    plain = shop.data(query, {"o": {"lineItems": [line]}})["orderCreate"]["order"]
    assert (plain["displayFulfillmentStatus"], plain["fulfillments"]) == ("UNFULFILLED", [])


def test_sending_takes_what_was_committed_and_taking_back_commits_it_again(box: ShopifySandbox, shop: Shop) -> None:
    """Stock claimed by an order leaves with its fulfilment."""
    variant = shop.create()["variants"]["nodes"][0]
    item = variant["inventoryItem"]["id"].rsplit("/", 1)[-1]
    box.store.db.run("UPDATE inventory_items SET tracked = 1 WHERE id = ?", (item,))
    line = {"variantId": variant["id"], "quantity": 2, "requiresShipping": True}
    query = """mutation($o: OrderCreateOrderInput!) { orderCreate(order: $o,
      options: {inventoryBehaviour: DECREMENT_IGNORING_POLICY}) { order { id } userErrors { message } } }"""
    shop.data(query, {"o": {"lineItems": [line]}})

    def level() -> dict[str, Any]:
        sql = "SELECT available, committed FROM inventory_levels WHERE item_id = ?"
        return dict(box.store.db.one(sql, (item,)) or {})

    assert level() == {"available": -2, "committed": 2}
    sent = create(shop, whole(all_of(shop)[0]))["fulfillment"]
    assert level() == {"available": -2, "committed": 0}
    shop.data(CANCEL, sent)
    assert level() == {"available": -2, "committed": 2}
