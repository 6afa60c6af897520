"""Returns: from request to close, what can still be returned, and what it says of the order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.shopify.client import Shop
from tests.contract.shopify.order_requests import bag, line, make

OPEN = """query($id: ID!) { order(id: $id) { returnStatus fulfillmentOrders(first: 1) { nodes { id } }
  fulfillments(first: 1) { fulfillmentLineItems(first: 1) { nodes { id } } } } }"""
SHIP = """mutation($f: FulfillmentInput!) { fulfillmentCreate(fulfillment: $f) { userErrors { message } } }"""
RETURN = "return { id name status closedAt totalQuantity } userErrors { field message code }"
CREATE = f"mutation($i: ReturnInput!) {{ returnCreate(returnInput: $i) {{ {RETURN} }} }}"
REQUEST = f"mutation($i: ReturnRequestInput!) {{ returnRequest(input: $i) {{ {RETURN} }} }}"
APPROVE = f"mutation($id: ID!) {{ returnApproveRequest(input: {{id: $id}}) {{ {RETURN} }} }}"
DECLINE = f"""mutation($id: ID!) {{
  returnDeclineRequest(input: {{id: $id, declineReason: FINAL_SALE}}) {{ {RETURN} }} }}"""


@pytest.fixture
def shipped(shop: Shop) -> dict[str, Any]:
    """An order of three units that were all shipped, with the id of what was shipped."""
    tax = [{"title": "VAT", "rate": 0.1, "priceSet": bag("3.00")}]
    order = make(shop, lineItems=[line(quantity=3, requiresShipping=True, taxLines=tax)])
    waiting = shop.data(OPEN, {"id": order["id"]})["order"]["fulfillmentOrders"]["nodes"][0]["id"]
    shop.data(SHIP, {"f": {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": waiting}]}})
    found = shop.data(OPEN, {"id": order["id"]})["order"]["fulfillments"][0]
    return {"order": order["id"], "line": found["fulfillmentLineItems"]["nodes"][0]["id"]}


def wanted(shipped: dict[str, Any], quantity: int, **more: Any) -> dict[str, Any]:
    """The input of a return of some units."""
    entry = {"fulfillmentLineItemId": shipped["line"], "quantity": quantity, "returnReason": "UNWANTED"}
    return {"i": {"orderId": shipped["order"], "returnLineItems": [entry | more]}}


def status(shop: Shop, shipped: dict[str, Any]) -> str:
    """The return status of the order."""
    return str(shop.data(OPEN, {"id": shipped["order"]})["order"]["returnStatus"])


def move(shop: Shop, name: str, made: dict[str, Any]) -> dict[str, Any]:
    """The payload of one of the mutations that take only the id of a return."""
    return dict(shop.data(f"mutation($id: ID!) {{ {name}(id: $id) {{ {RETURN} }} }}", {"id": made["id"]})[name])


def test_a_request_is_approved_once(shop: Shop, shipped: dict[str, Any]) -> None:
    """A requested return opens when it is approved; then it can neither be approved nor declined."""
    made = shop.data(REQUEST, wanted(shipped, 1))["returnRequest"]["return"]
    assert (made["name"], made["status"], status(shop, shipped)) == ("#1001-R1", "REQUESTED", "RETURN_REQUESTED")
    opened = shop.data(APPROVE, {"id": made["id"]})["returnApproveRequest"]["return"]
    assert (opened["status"], status(shop, shipped)) == ("OPEN", "IN_PROGRESS")
    assert shop.data(APPROVE, {"id": made["id"]})["returnApproveRequest"]["userErrors"][0]["code"] == "INVALID_STATE"
    assert shop.data(DECLINE, {"id": made["id"]})["returnDeclineRequest"]["userErrors"][0]["code"] == "INVALID_STATE"


def test_a_declined_request_frees_what_it_held(shop: Shop, shipped: dict[str, Any]) -> None:
    """Units of a declined return can be returned again; declining twice has its own words."""
    made = shop.data(REQUEST, wanted(shipped, 3))["returnRequest"]["return"]
    held = shop.data(CREATE, wanted(shipped, 1))["returnCreate"]["userErrors"]
    assert held[0]["message"] == "Return line item has an invalid quantity."
    assert shop.data(DECLINE, {"id": made["id"]})["returnDeclineRequest"]["return"]["status"] == "DECLINED"
    again = shop.data(DECLINE, {"id": made["id"]})["returnDeclineRequest"]["userErrors"][0]
    assert again["message"] == "The return is already declined."
    assert status(shop, shipped) == "NO_RETURN"
    assert shop.data(CREATE, wanted(shipped, 3))["returnCreate"]["userErrors"] == []


def test_closing_opening_and_cancelling(shop: Shop, shipped: dict[str, Any]) -> None:
    """Each may be repeated without effect; a closed return can be opened again but not cancelled."""
    made = shop.data(CREATE, wanted(shipped, 1))["returnCreate"]["return"]
    closed = move(shop, "returnClose", made)
    assert move(shop, "returnClose", made) == closed
    assert status(shop, shipped) == "RETURNED"
    assert move(shop, "returnCancel", made)["userErrors"][0]["message"] == "Return is not cancelable."
    assert move(shop, "returnReopen", made)["return"]["closedAt"] is None
    assert move(shop, "returnCancel", made)["return"]["status"] == "CANCELED"
    assert move(shop, "returnClose", made)["userErrors"][0]["message"] == "Return status is invalid."


def test_taking_lines_out_of_a_return(shop: Shop, shipped: dict[str, Any]) -> None:
    """A return shrinks, and closes when nothing is left in it."""
    made = shop.data(CREATE, wanted(shipped, 2))["returnCreate"]["return"]
    lines = "query($id: ID!) { return(id: $id) { returnLineItems(first: 1) { nodes { id quantity } } } }"
    own = shop.data(lines, {"id": made["id"]})["return"]["returnLineItems"]["nodes"][0]["id"]
    remove = f"""mutation($id: ID!, $l: [ReturnLineItemRemoveFromReturnInput!]) {{
      removeFromReturn(returnId: $id, returnLineItems: $l) {{ {RETURN} }} }}"""

    def take(quantity: int) -> dict[str, Any]:
        given = {"id": made["id"], "l": [{"returnLineItemId": own, "quantity": quantity}]}
        return dict(shop.data(remove, given)["removeFromReturn"])

    assert take(0)["userErrors"][0]["code"] == "GREATER_THAN"
    assert take(3)["userErrors"][0]["code"] == "INVALID"
    assert take(1)["return"]["totalQuantity"] == 1
    assert take(1)["return"]["status"] == "CLOSED"


def test_reasons(shop: Shop, shipped: dict[str, Any]) -> None:
    """A return needs a reason, and "other" needs a note."""
    bare = shop.data(CREATE, wanted(shipped, 1, returnReason=None))["returnCreate"]["userErrors"][0]
    assert bare["field"] == ["returnInput", "returnLineItems", "0"]
    other = shop.data(CREATE, wanted(shipped, 1, returnReason="OTHER"))["returnCreate"]["userErrors"][0]
    assert other["field"][-1] == "returnReasonNote"
    asked = shop.data(REQUEST, wanted(shipped, 1, returnReason=None))["returnRequest"]["userErrors"][0]
    assert (asked["field"][-1], asked["code"]) == ("returnReason", "BLANK")


def test_what_can_be_returned_and_what_it_is_worth(shop: Shop, shipped: dict[str, Any]) -> None:
    """Units in a return are not returnable; a calculation counts them, their tax and the fee below zero."""
    shop.data(CREATE, wanted(shipped, 1))
    query = """query($id: ID!) { returnableFulfillments(orderId: $id, first: 5) { nodes {
      returnableFulfillmentLineItems(first: 5) { nodes { quantity } } } } }"""
    found = shop.data(query, {"id": shipped["order"]})["returnableFulfillments"]["nodes"]
    assert found == [{"returnableFulfillmentLineItems": {"nodes": [{"quantity": 2}]}}]
    calculate = """query($i: CalculateReturnInput!) { returnCalculate(input: $i) { returnLineItems {
      subtotalSet { shopMoney { amount } } totalTaxSet { shopMoney { amount } }
      restockingFee { amountSet { shopMoney { amount } } } } } }"""
    entry = {"fulfillmentLineItemId": shipped["line"], "quantity": 2, "restockingFee": {"percentage": 10}}
    given = {"i": {"orderId": shipped["order"], "returnLineItems": [entry]}}
    line_found = shop.data(calculate, given)["returnCalculate"]["returnLineItems"][0]
    assert line_found["subtotalSet"]["shopMoney"]["amount"] == "-20.0"
    assert line_found["totalTaxSet"]["shopMoney"]["amount"] == "-2.0"
    assert line_found["restockingFee"]["amountSet"]["shopMoney"]["amount"] == "2.0"
