"""Fulfilment orders: opened with an order, held, moved, split, merged, asked of a service; what states forbid."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.shopify.money import Bag
from sandbox.shopify.server import ShopifySandbox
from sandbox.shopify.store import orders
from sandbox.shopify.store.orders import NewOrder
from tests.contract.shopify.client import Shop

FIELDS = """{ id status requestStatus supportedActions { action } assignedLocation { name location { id } }
  lineItems(first: 9) { nodes { id totalQuantity remainingQuantity productTitle } } }"""
LIST = "{ fulfillmentOrders(first: 20, includeClosed: true) { nodes " + FIELDS + " } }"
HOLD = (
    """mutation($id: ID!, $h: FulfillmentOrderHoldInput!) { fulfillmentOrderHold(id: $id, fulfillmentHold: $h) {
  fulfillmentHold { id handle displayReason } fulfillmentOrder """
    + FIELDS
    + " remainingFulfillmentOrder "
    + FIELDS
    + " userErrors { field message code } } }"
)
MOVE = (
    """mutation($id: ID!, $to: ID!, $l: [FulfillmentOrderLineItemInput!]) { fulfillmentOrderMove(id: $id,
  newLocationId: $to, fulfillmentOrderLineItems: $l) { movedFulfillmentOrder """
    + FIELDS
    + " originalFulfillmentOrder "
    + FIELDS
    + " userErrors { field message code } } }"
)
SPLIT = (
    """mutation($s: [FulfillmentOrderSplitInput!]!) { fulfillmentOrderSplit(fulfillmentOrderSplits: $s) {
  fulfillmentOrderSplits { fulfillmentOrder """
    + FIELDS
    + " remainingFulfillmentOrder "
    + FIELDS
    + " } userErrors { field message code } } }"
)
MERGE = (
    """mutation($m: [FulfillmentOrderMergeInput!]!) { fulfillmentOrderMerge(fulfillmentOrderMergeInputs: $m) {
  fulfillmentOrderMerges { fulfillmentOrder """
    + FIELDS
    + " } userErrors { field message code } } }"
)
SERVICE = """mutation { fulfillmentServiceCreate(name: "Far") { fulfillmentService { location { id } } } }"""


def step(name: str, arguments: str = "", extra: str = "") -> str:
    """A mutation on a single fulfilment order."""
    payload = "{ fulfillmentOrder " + FIELDS + extra + " userErrors { field message } }"
    return f"mutation($id: ID!) {{ {name}(id: $id{arguments}) {payload} }}"


def order(box: ShopifySandbox, *quantities: int, shipped: bool = True) -> int:
    """An order with a custom line per quantity."""
    lines = [
        {"title": f"Line {place}", "quantity": quantity, "price": Bag.of("2.00"), "requires_shipping": int(shipped)}
        for place, quantity in enumerate(quantities)
    ]
    with box.store.db.transaction():
        number = orders.create(box.store, NewOrder(lines=lines))
        orders.reindex(box.store, number)
    return number


def all_of(shop: Shop) -> list[dict[str, Any]]:
    """Every fulfilment order of the store."""
    return list(shop.data(LIST)["fulfillmentOrders"]["nodes"])


def names(row: dict[str, Any]) -> list[str]:
    """The actions a fulfilment order supports."""
    return [one["action"] for one in row["supportedActions"]]


def units(row: dict[str, Any]) -> list[tuple[int, int]]:
    """Total and remaining of each line."""
    return [(line["totalQuantity"], line["remainingQuantity"]) for line in row["lineItems"]["nodes"]]


@pytest.fixture
def place(box: ShopifySandbox, shop: Shop) -> str:
    """A second location."""
    del box
    added = shop.data('mutation { locationAdd(input: {name: "B", address: {countryCode: CA}}) { location { id } } }')
    return str(added["locationAdd"]["location"]["id"])


def test_an_order_opens_its_fulfilment_order(box: ShopifySandbox, shop: Shop) -> None:
    """All lines are at the fallback location, open, and a single unit cannot be split."""
    order(box, 2, 3)
    (row,) = all_of(shop)
    assert (row["status"], row["requestStatus"], units(row)) == ("OPEN", "UNSUBMITTED", [(2, 2), (3, 3)])
    assert names(row) == ["CREATE_FULFILLMENT", "REPORT_PROGRESS", "MOVE", "HOLD", "SPLIT"]
    assert row["assignedLocation"]["name"] == "Shop location"
    order(box, 1)
    assert "SPLIT" not in names(all_of(shop)[1])


def test_older_versions_do_not_know_reports_of_progress(box: ShopifySandbox) -> None:
    """REPORT_PROGRESS is left out where the version's schema has no such action."""
    order(box, 1)
    assert "REPORT_PROGRESS" not in names(all_of(Shop(box, version="2025-10"))[0])


def test_what_is_not_shipped_is_work_of_its_own(box: ShopifySandbox, shop: Shop) -> None:
    """Digital lines get a fulfilment order with no way of delivery."""
    order(box, 1, shipped=False)
    found = shop.data("{ fulfillmentOrders(first: 2) { nodes { deliveryMethod { methodType } } } }")
    assert found["fulfillmentOrders"]["nodes"] == [{"deliveryMethod": {"methodType": "NONE"}}]


def test_holds_are_ten_of_an_app_each_under_its_own_handle(box: ShopifySandbox, shop: Shop) -> None:
    """The second hold needs another handle, the eleventh is refused; the last release opens it again."""
    order(box, 1)
    (row,) = all_of(shop)

    def hold(handle: str) -> dict[str, Any]:
        given = {"id": row["id"], "h": {"reason": "AWAITING_RETURN_ITEMS", "handle": handle}}
        return dict(shop.data(HOLD, given)["fulfillmentOrderHold"])

    first = hold("0")
    assert first["fulfillmentHold"]["displayReason"] == "Exchange items awaiting return delivery"
    assert first["fulfillmentOrder"]["status"] == "ON_HOLD"
    assert hold("0")["userErrors"][0]["code"] == "DUPLICATE_FULFILLMENT_HOLD_HANDLE"
    for handle in range(1, 10):
        assert hold(str(handle))["userErrors"] == []
    assert hold("10")["userErrors"][0]["code"] == "FULFILLMENT_ORDER_HOLD_LIMIT_REACHED"
    assert names(first["fulfillmentOrder"]) == ["RELEASE_HOLD", "HOLD", "MOVE"]
    assert names(all_of(shop)[0]) == ["RELEASE_HOLD", "MOVE"]
    one = step("fulfillmentOrderReleaseHold", f', holdIds: ["{first["fulfillmentHold"]["id"]}"]')
    assert shop.data(one, row)["fulfillmentOrderReleaseHold"]["fulfillmentOrder"]["status"] == "ON_HOLD"
    rest = shop.data(step("fulfillmentOrderReleaseHold"), row)["fulfillmentOrderReleaseHold"]
    assert rest["fulfillmentOrder"]["status"] == "OPEN"


def test_a_hold_of_some_units_leaves_the_rest_open(box: ShopifySandbox, shop: Shop) -> None:
    """The held units stay with the fulfilment order, the others get a new open one."""
    order(box, 5)
    (row,) = all_of(shop)
    line = row["lineItems"]["nodes"][0]["id"]
    given = {"reason": "OTHER", "fulfillmentOrderLineItems": [{"id": line, "quantity": 2}]}
    answer = shop.data(HOLD, {"id": row["id"], "h": given})["fulfillmentOrderHold"]
    assert units(answer["fulfillmentOrder"]) == [(2, 2)]
    assert (units(answer["remainingFulfillmentOrder"]), answer["remainingFulfillmentOrder"]["status"]) == (
        [(3, 3)],
        "OPEN",
    )
    again = shop.data(HOLD, {"id": row["id"], "h": given | {"handle": "x"}})["fulfillmentOrderHold"]
    assert again["userErrors"][0]["code"] == "FULFILLMENT_ORDER_NOT_SPLITTABLE"


def test_a_move_changes_the_place_and_a_part_of_it_goes_alone(box: ShopifySandbox, shop: Shop, place: str) -> None:
    """The whole keeps its id; a part becomes a new fulfilment order at the new place."""
    order(box, 4)
    (row,) = all_of(shop)
    line = row["lineItems"]["nodes"][0]["id"]
    part = {"id": row["id"], "to": place, "l": [{"id": line, "quantity": 1}]}
    answer = shop.data(MOVE, part)["fulfillmentOrderMove"]
    assert answer["movedFulfillmentOrder"]["assignedLocation"]["location"]["id"] == place
    assert (units(answer["movedFulfillmentOrder"]), units(answer["originalFulfillmentOrder"])) == ([(1, 1)], [(3, 3)])
    home = row["assignedLocation"]["location"]["id"]
    whole = shop.data(MOVE, {"id": answer["movedFulfillmentOrder"]["id"], "to": home})
    assert whole["fulfillmentOrderMove"]["movedFulfillmentOrder"]["id"] == answer["movedFulfillmentOrder"]["id"]
    lost = shop.data(MOVE, {"id": row["id"], "to": "gid://shopify/Location/9"})["fulfillmentOrderMove"]
    assert lost["userErrors"] == [{"field": ["id"], "message": "Location not found.", "code": None}]


def test_progress_stands_against_moving_and_cancelling(box: ShopifySandbox, shop: Shop, place: str) -> None:
    """A fulfilment order with reported progress is opened again before it can be moved or cancelled."""
    order(box, 1)
    (row,) = all_of(shop)
    begun = shop.data(step("fulfillmentOrderReportProgress"), row)["fulfillmentOrderReportProgress"]
    assert begun["fulfillmentOrder"]["status"] == "IN_PROGRESS"
    refused = shop.data(MOVE, {"id": row["id"], "to": place})["fulfillmentOrderMove"]
    assert refused["userErrors"][0]["code"] == "CANNOT_MOVE_FULFILLMENT_ORDER_WITH_REPORTED_PROGRESS"
    assert "progress reported" in str(shop.data(step("fulfillmentOrderCancel"), row))
    opened = shop.data(step("fulfillmentOrderOpen"), row)["fulfillmentOrderOpen"]
    assert opened["fulfillmentOrder"]["status"] == "OPEN"
    again = shop.data(step("fulfillmentOrderOpen"), row)["fulfillmentOrderOpen"]["userErrors"]
    assert again[0]["message"] == "Expected fulfillment order status to be valid but it was open."


def test_a_cancelled_fulfilment_order_is_replaced(box: ShopifySandbox, shop: Shop, place: str) -> None:
    """The lines keep their ids in the replacement; the closed one can no longer be moved or reported on."""
    order(box, 2)
    (row,) = all_of(shop)
    extra = " replacementFulfillmentOrder " + FIELDS
    answer = shop.data(step("fulfillmentOrderCancel", extra=extra), row)["fulfillmentOrderCancel"]
    assert (answer["fulfillmentOrder"]["status"], units(answer["fulfillmentOrder"])) == ("CLOSED", [])
    assert answer["replacementFulfillmentOrder"]["lineItems"] == row["lineItems"]
    moved = shop.data(MOVE, {"id": row["id"], "to": place})["fulfillmentOrderMove"]
    assert moved["userErrors"][0]["message"] == "Cannot change location."
    report = shop.data(step("fulfillmentOrderReportProgress"), row)["fulfillmentOrderReportProgress"]
    assert report["userErrors"][0]["message"] == "Cannot report progress on a fulfillment order in this state."


def test_a_split_and_a_merge_undo_each_other(box: ShopifySandbox, shop: Shop) -> None:
    """The units split off are in a new one; merged they are together again and the other one is closed."""
    order(box, 3)
    (row,) = all_of(shop)
    line = row["lineItems"]["nodes"][0]["id"]

    def split(*lines: dict[str, Any]) -> dict[str, Any]:
        given = [{"fulfillmentOrderId": row["id"], "fulfillmentOrderLineItems": list(lines)}]
        return dict(shop.data(SPLIT, {"s": given})["fulfillmentOrderSplit"])

    assert split()["userErrors"][0]["code"] == "NO_LINE_ITEMS_PROVIDED_TO_SPLIT"
    assert split({"id": line, "quantity": 0})["userErrors"][0]["code"] == "GREATER_THAN"
    assert split({"id": line, "quantity": 4})["userErrors"] == [
        {"field": None, "message": "Invalid fulfillment order line item quantity requested.", "code": None}
    ]
    (result,) = split({"id": line, "quantity": 2})["fulfillmentOrderSplits"]
    kept, rest = result["fulfillmentOrder"], result["remainingFulfillmentOrder"]
    assert (kept["id"], units(kept), units(rest)) == (row["id"], [(1, 1)], [(2, 2)])
    assert names(kept)[-1] == "MERGE"
    intents = [{"fulfillmentOrderId": kept["id"]}, {"fulfillmentOrderId": rest["id"]}]
    merged = shop.data(MERGE, {"m": [{"mergeIntents": intents}]})["fulfillmentOrderMerge"]
    assert units(merged["fulfillmentOrderMerges"][0]["fulfillmentOrder"]) == [(3, 3)]
    assert [one["status"] for one in all_of(shop)] == ["OPEN", "CLOSED"]
    again = shop.data(MERGE, {"m": [{"mergeIntents": intents}]})["fulfillmentOrderMerge"]["userErrors"]
    assert again[0]["message"].endswith("is currently not in a mergeable state.")


def test_a_batch_with_one_bad_entry_changes_nothing(box: ShopifySandbox, shop: Shop) -> None:
    """The good half of a split is not carried out when the other half is refused."""
    order(box, 2)
    order(box, 2)
    before = all_of(shop)
    given = [
        {
            "fulfillmentOrderId": row["id"],
            "fulfillmentOrderLineItems": [{"id": row["lineItems"]["nodes"][0]["id"], "quantity": quantity}],
        }
        for row, quantity in zip(before, (1, 9), strict=True)
    ]
    assert shop.data(SPLIT, {"s": given})["fulfillmentOrderSplit"]["fulfillmentOrderSplits"] is None
    assert all_of(shop) == before
