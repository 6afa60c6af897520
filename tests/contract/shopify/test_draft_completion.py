"""Completing draft orders: the order that comes of it, its payment and stock; invoices."""

from __future__ import annotations

from typing import Any

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop
from tests.contract.shopify.test_draft_orders import draft, item

COMPLETE = """mutation($id: ID!, $pending: Boolean, $gateway: ID) { draftOrderComplete(id: $id,
  paymentPending: $pending, paymentGatewayId: $gateway) { draftOrder { status completedAt order { id name email note
    displayFinancialStatus displayFulfillmentStatus discountCodes tags sourceName
    totalPriceSet { shopMoney { amount } } totalDiscountsSet { shopMoney { amount } }
    shippingLine { code title } transactions { kind status gateway amountSet { shopMoney { amount } } }
    lineItems(first: 5) { nodes { title sku quantity } } fulfillmentOrders(first: 2) { nodes { status } } } }
  userErrors { field message } } }"""
SEND = """mutation($id: ID!, $e: EmailInput) { draftOrderInvoiceSend(id: $id, email: $e) {
  draftOrder { status invoiceSentAt } userErrors { field message } } }"""


def complete(shop: Shop, made: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The payload of draftOrderComplete."""
    return dict(shop.data(COMPLETE, {"id": made["id"]} | more)["draftOrderComplete"])


def test_completing_makes_a_paid_order_of_everything(shop: Shop) -> None:
    """Lines, discounts, shipping, tags and note are those of the draft order; it is paid by hand and to be shipped."""
    made = draft(
        shop,
        item(sku="W", appliedDiscount={"value": 10, "valueType": "PERCENTAGE", "title": "Line"}),
        email="a@example.com",
        note="n",
        tags=["t"],
        appliedDiscount={"value": 5, "valueType": "FIXED_AMOUNT", "title": "Loyal"},
        shippingLine={"title": "Courier", "price": "7.25"},
    )
    done = complete(shop, made)["draftOrder"]
    order = done["order"]
    assert (done["status"], order["displayFinancialStatus"], order["displayFulfillmentStatus"]) == (
        "COMPLETED",
        "PAID",
        "UNFULFILLED",
    )
    assert (order["email"], order["note"], order["tags"]) == ("a@example.com", "n", ["t"])
    assert order["discountCodes"] == ["Loyal"]
    assert order["totalPriceSet"]["shopMoney"]["amount"] == "20.25"
    assert order["totalDiscountsSet"]["shopMoney"]["amount"] == "7.0"
    assert order["shippingLine"] == {"code": "custom", "title": "Courier"}
    assert order["transactions"] == [
        {"kind": "SALE", "status": "SUCCESS", "gateway": "manual", "amountSet": {"shopMoney": {"amount": "20.25"}}}
    ]
    assert order["lineItems"]["nodes"] == [{"title": "Work", "sku": "W", "quantity": 2}]
    assert order["fulfillmentOrders"]["nodes"] == [{"status": "OPEN"}]


def test_a_draft_order_is_completed_once(shop: Shop) -> None:
    """The second time it answers with the order it has and says that it was paid."""
    made = draft(shop)
    first = complete(shop, made)["draftOrder"]["order"]["id"]
    again = complete(shop, made)
    assert again["draftOrder"]["order"]["id"] == first
    assert again["userErrors"] == [{"field": None, "message": "This order has been paid"}]


def test_a_pending_payment_leaves_the_order_unpaid(shop: Shop) -> None:
    """The order waits for its payment."""
    order = complete(shop, draft(shop), pending=True)["draftOrder"]["order"]
    assert order["displayFinancialStatus"] == "PENDING"


def test_an_unknown_gateway_completes_nothing(shop: Shop) -> None:
    """The draft order stays open and is shown so."""
    made = draft(shop)
    answer = complete(shop, made, gateway="gid://shopify/PaymentGateway/1")
    assert answer["draftOrder"]["status"] == "OPEN"
    assert answer["userErrors"] == [{"field": None, "message": "Invalid payment gateway"}]


def test_completing_claims_stock(box: ShopifySandbox, shop: Shop) -> None:
    """What is sold is no longer available and is committed."""
    product = shop.create(title="Board")
    variant = product["variants"]["nodes"][0]
    item_number = variant["inventoryItem"]["id"].rsplit("/", 1)[-1]
    box.store.db.run("UPDATE inventory_items SET tracked = 1 WHERE id = ?", (item_number,))
    complete(shop, draft(shop, {"variantId": variant["id"], "quantity": 3}))
    row = box.store.db.one("SELECT available, committed FROM inventory_levels WHERE item_id = ?", (item_number,))
    assert row == {"available": -3, "committed": 3}


def test_a_draft_order_of_an_order_has_its_lines_and_none_of_its_discounts(shop: Shop) -> None:
    """Copied are lines, e-mail address and tags; it is open and full price."""
    made = draft(
        shop, item(appliedDiscount={"value": 10, "valueType": "PERCENTAGE"}), email="a@example.com", tags=["t"]
    )
    order = complete(shop, made)["draftOrder"]["order"]
    query = """mutation($id: ID!) { draftOrderCreateFromOrder(orderId: $id) { draftOrder { status email tags
      totalPriceSet { shopMoney { amount } } lineItems(first: 2) { nodes { title quantity } } } } }"""
    copy = shop.data(query, order)["draftOrderCreateFromOrder"]["draftOrder"]
    assert copy == {
        "status": "OPEN",
        "email": "a@example.com",
        "tags": ["t"],
        "totalPriceSet": {"shopMoney": {"amount": "20.0"}},
        "lineItems": {"nodes": [{"title": "Work", "quantity": 2}]},
    }


def test_an_invoice_needs_someone_to_go_to(shop: Shop) -> None:
    """Sent it marks the draft order; without an address, or once paid, it is refused."""
    made = draft(shop)
    assert shop.data(SEND, made)["draftOrderInvoiceSend"]["userErrors"] == [
        {"field": None, "message": "To can't be blank"}
    ]
    sent = shop.data(SEND, {"id": made["id"], "e": {"to": "b@example.com"}})["draftOrderInvoiceSend"]["draftOrder"]
    assert (sent["status"], sent["invoiceSentAt"] is not None) == ("INVOICE_SENT", True)
    complete(shop, made)
    message = shop.data(SEND, made)["draftOrderInvoiceSend"]["userErrors"][0]["message"]
    assert message == "Draft order Invoice can't be sent. This draft order is already paid."
    unknown = shop.data(SEND, {"id": "gid://shopify/DraftOrder/1"})["draftOrderInvoiceSend"]["userErrors"]
    assert unknown == [{"field": None, "message": "Draft order not found"}]


def test_an_invoice_can_be_looked_at(shop: Shop) -> None:
    """The preview names the subject and escapes what was typed."""
    made = draft(shop, item(title="<b>Work</b>"))
    query = """mutation($id: ID!, $e: EmailInput) { draftOrderInvoicePreview(id: $id, email: $e) {
      previewHtml previewSubject } }"""
    shown = shop.data(query, {"id": made["id"], "e": {"subject": "Yours"}})["draftOrderInvoicePreview"]
    assert shown["previewSubject"] == "Yours"
    assert "&lt;b&gt;Work&lt;/b&gt;" in shown["previewHtml"]
