"""Refunds: shares that add up, limits, idempotency, stock, and the suggestion before one is made."""

from __future__ import annotations

from typing import Any

from tests.contract.shopify.client import Shop
from tests.contract.shopify.order_requests import amounts, bag, line, make, read, sale

REFUND = """mutation($i: RefundInput!) { refundCreate(input: $i) @idempotent(key: "%s") {
  refund { id note totalRefundedSet { shopMoney { amount } }
    refundLineItems(first: 5) { nodes { quantity restockType restocked subtotalSet { shopMoney { amount } }
      totalTaxSet { shopMoney { amount } } } }
    transactions(first: 5) { nodes { kind gateway } }
    orderAdjustments(first: 5) { nodes { reason amountSet { shopMoney { amount } } } } }
  order { id displayFinancialStatus } userErrors { field message } } }"""


def give_back(shop: Shop, key: str, order: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The payload of refundCreate under an idempotency key."""
    return dict(shop.data(REFUND % key, {"i": {"orderId": order["id"]} | more})["refundCreate"])


def payment(order: dict[str, Any], amount: str, **more: Any) -> list[dict[str, Any]]:
    """A refund transaction over the order's first payment."""
    first = order["transactions"][0]["id"]
    entry = {"orderId": order["id"], "parentId": first, "kind": "REFUND", "gateway": "other", "amount": amount}
    return [entry | more]


def one_of(order: dict[str, Any], quantity: int, restock: str = "NO_RESTOCK") -> list[dict[str, Any]]:
    """Some units of the order's first line."""
    return [{"lineItemId": order["lineItems"]["nodes"][0]["id"], "quantity": quantity, "restockType": restock}]


def test_shares_of_a_line_add_up(shop: Shop) -> None:
    """Unit by unit, what is refunded of a discounted, taxed line is exactly what it cost."""
    tax = [{"title": "VAT", "rate": 0.1, "priceSet": bag("1.00")}]
    code = {"itemFixedDiscountCode": {"code": "X", "amountSet": bag("0.01")}}
    paid = [sale("10.99")]
    order = make(shop, lineItems=[line(price="3.3334", quantity=3, taxLines=tax)], discountCode=code, transactions=paid)
    parts = []
    for number in range(3):
        made = give_back(shop, f"k{number}", order, refundLineItems=one_of(order, 1))["refund"]
        node = made["refundLineItems"]["nodes"][0]
        parts.append((node["subtotalSet"]["shopMoney"]["amount"], node["totalTaxSet"]["shopMoney"]["amount"]))
    assert parts == [("3.33", "0.33"), ("3.33", "0.34"), ("3.33", "0.33")]
    assert read(shop, order)["currentSubtotalLineItemsQuantity"] == 0


def test_more_than_was_paid_or_bought_is_refused(shop: Shop) -> None:
    """Whatever is allowed, money never exceeds what was received, nor units what was bought."""
    order = make(shop, transactions=[sale("10")])
    over = give_back(shop, "a", order, transactions=payment(order, "10.01"), allowOverRefunding=True)
    assert over["userErrors"][0] == {
        "field": None,
        "message": "Refund amount \u20ac10.01 is greater than net payment received \u20ac10.00",
    }
    assert (over["refund"], over["order"]["displayFinancialStatus"]) == (None, "PAID")
    many = give_back(shop, "b", order, refundLineItems=one_of(order, 2))
    assert many["userErrors"][0]["field"] == ["refundLineItems", "0", "quantity"]
    odd = give_back(shop, "c", order, transactions=payment(order, "1", kind="SALE"))
    assert odd["userErrors"][0]["message"] == "Kind sale is not a valid transaction"
    lost = give_back(shop, "d", order, transactions=payment(order, "1", parentId="gid://shopify/OrderTransaction/1"))
    assert lost["userErrors"][0]["field"] == ["transactions"]


def test_money_alone_leaves_a_discrepancy(shop: Shop) -> None:
    """Money without goods goes back the way it came and lowers the order by as much."""
    order = make(shop, transactions=[sale("10")])
    made = give_back(shop, "a", order, transactions=payment(order, "4"))
    assert made["refund"]["transactions"]["nodes"] == [{"kind": "REFUND", "gateway": "manual"}]
    adjusted = made["refund"]["orderAdjustments"]["nodes"]
    assert adjusted == [{"reason": "REFUND_DISCREPANCY", "amountSet": {"shopMoney": {"amount": "-4.0"}}}]
    after = read(shop, order)
    assert after["displayFinancialStatus"] == "PARTIALLY_REFUNDED"
    assert amounts(after, "currentTotalPrice", "totalOutstanding") == ["6.0", "0.0"]


def test_all_with_shipping(shop: Shop) -> None:
    """Lines and shipping given back in full leave nothing, and no discrepancy."""
    shipped = [{"title": "Post", "priceSet": bag("4")}]
    order = make(shop, shippingLines=shipped, transactions=[sale("14")])
    parts = {"refundLineItems": one_of(order, 1), "shipping": {"fullRefund": True}}
    made = give_back(shop, "a", order, **parts, transactions=payment(order, "14"))
    assert made["refund"]["orderAdjustments"]["nodes"] == []
    after = read(shop, order)
    assert (after["displayFinancialStatus"], *amounts(after, "currentTotalPrice")) == ("REFUNDED", "0.0")


def test_a_key_is_used_once(shop: Shop) -> None:
    """The same key gives the same refund again; without one nothing happens; with other words it is refused."""
    order = make(shop, transactions=[sale("10")])
    first = give_back(shop, "k", order, transactions=payment(order, "1"))
    assert give_back(shop, "k", order, transactions=payment(order, "1"))["refund"]["id"] == first["refund"]["id"]
    other = give_back(shop, "k", order, transactions=payment(order, "2"))
    assert "same idempotency key" in other["userErrors"][0]["message"]
    bare = REFUND.replace('@idempotent(key: "%s")', "")
    assert shop.run(bare, {"i": {"orderId": order["id"]}})["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert amounts(read(shop, order), "totalReceived", "currentTotalPrice") == ["10.0", "9.0"]


SUGGEST = """query($id: ID!, $lines: [RefundLineItemInput!]) { order(id: $id) {
  suggestedRefund(refundLineItems: $lines, refundShipping: true) { amountSet { shopMoney { amount } }
    subtotalSet { shopMoney { amount } } totalTaxSet { shopMoney { amount } }
    shipping { amountSet { shopMoney { amount } } } maximumRefundableSet { shopMoney { amount } }
    suggestedTransactions { gateway kind amountSet { shopMoney { amount } } parentTransaction { id } } } } }"""


def test_the_suggestion_is_what_the_refund_will_be(shop: Shop) -> None:
    """Lines, taxes and shipping of the suggestion add up to the transactions it proposes."""
    tax = [{"title": "VAT", "rate": 0.1, "priceSet": bag("2.00")}]
    shipped = [{"title": "Post", "priceSet": bag("4")}]
    order = make(shop, lineItems=[line(quantity=2, taxLines=tax)], shippingLines=shipped, transactions=[sale("26")])
    found = shop.data(SUGGEST, {"id": order["id"], "lines": one_of(order, 1)})["order"]["suggestedRefund"]
    names = ("amountSet", "subtotalSet", "totalTaxSet", "maximumRefundableSet")
    assert [found[name]["shopMoney"]["amount"] for name in names] == ["15.0", "10.0", "1.0", "26.0"]
    assert found["suggestedTransactions"] == [
        {
            "gateway": "manual",
            "kind": "SUGGESTED_REFUND",
            "amountSet": {"shopMoney": {"amount": "15.0"}},
            "parentTransaction": {"id": order["transactions"][0]["id"]},
        }
    ]
