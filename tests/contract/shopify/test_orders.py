"""orderCreate and what becomes of an order: money, people, payments, changes, cancelling, lists."""

from __future__ import annotations

import pytest

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop
from tests.contract.shopify.order_requests import CREATE, amounts, bag, line, make, read, refused, sale


def test_totals_of_lines_taxes_shipping_and_a_code(shop: Shop) -> None:
    """A fixed code is shared over the lines by what they cost, to the last cent; shipping and taxes come on top."""
    tax = {"title": "VAT", "rate": 0.19, "priceSet": bag("5.70")}
    order = make(
        shop,
        lineItems=[line(price="10.00", quantity=2, taxLines=[tax]), line("Mug", "9.99")],
        shippingLines=[{"title": "Post", "priceSet": bag("4.90")}],
        discountCode={"itemFixedDiscountCode": {"code": "FIVE", "amountSet": bag("5.00")}},
    )
    assert amounts(order, "subtotalPrice", "totalTax", "totalDiscounts") == ["24.99", "5.7", "5.0"]
    assert amounts(order, "totalPrice") == ["35.59"]
    shares = [one["discountAllocations"][0]["allocatedAmountSet"]["shopMoney"] for one in order["lineItems"]["nodes"]]
    assert [share["amount"] for share in shares] == ["3.33", "1.67"]
    assert order["discountCodes"] == ["FIVE"]


def test_a_percentage_and_free_shipping(shop: Shop) -> None:
    """A percentage takes its part of the lines, free shipping takes the shipping and nothing else."""
    code = {"itemPercentageDiscountCode": {"code": "TEN", "percentage": 10}}
    assert amounts(make(shop, discountCode=code), "totalDiscounts", "totalPrice") == ["1.0", "9.0"]
    shipped = {"shippingLines": [{"title": "Post", "priceSet": bag("4.90")}]}
    order = make(shop, **shipped, discountCode={"freeShippingDiscountCode": {"code": "SHIP"}})
    assert amounts(order, "totalShippingPrice", "currentShippingPrice", "totalPrice") == ["4.9", "0.0", "10.0"]


@pytest.mark.parametrize(
    ("currency", "price", "rate", "total"), [("JPY", "333", 0.1, "366.0"), ("KWD", "1.234", 0.05, "1.296")]
)
def test_taxes_are_rounded(shop: Shop, currency: str, price: str, rate: float, total: str) -> None:
    """A tax line without an amount is its rate of the line, rounded to the currency's smallest unit."""
    taxed = line(taxLines=[{"title": "T", "rate": rate}]) | {"priceSet": bag(price, currency)}
    order = make(shop, currency=currency, lineItems=[taxed])
    assert order["totalPriceSet"]["shopMoney"] == {"amount": total, "currencyCode": currency}


def test_taxes_of_the_order_are_divided_among_taxable_lines(shop: Shop) -> None:
    """Order-level tax lands on taxable lines only, and cannot be given together with line taxes."""
    tax = [{"title": "VAT", "rate": 0.1, "priceSet": bag("3.01")}]
    lines = [line(price="10"), line("Mug", "20"), line("Book", "50", taxable=False)]
    order = make(shop, lineItems=lines, taxLines=tax)
    found = [[one["priceSet"]["shopMoney"]["amount"] for one in row["taxLines"]] for row in order["lineItems"]["nodes"]]
    assert found == [["1.0"], ["2.01"], []]
    assert refused(shop, lineItems=[line(taxLines=tax)], taxLines=tax)[0]["field"] == ["order", "taxLines"]


def test_what_the_buyer_saw_is_kept_beside_what_the_shop_gets(shop: Shop) -> None:
    """Every amount of an order has both currencies, each with its own sum."""
    priced = {"title": "Tea", "quantity": 2, "priceSet": bag("10.00", presentment=("11.50", "USD"))}
    order = make(shop, lineItems=[priced], presentmentCurrency="USD")
    assert order["totalPriceSet"]["presentmentMoney"] == {"amount": "23.0", "currencyCode": "USD"}
    assert order["totalPriceSet"]["shopMoney"] == {"amount": "20.0", "currencyCode": "EUR"}


def test_the_financial_status_follows_the_transactions(shop: Shop) -> None:
    """None without payments, authorised money is not outstanding, a part is a part."""
    assert make(shop)["displayFinancialStatus"] is None
    held = make(shop, transactions=[sale("10", "AUTHORIZATION")])
    assert (held["displayFinancialStatus"], *amounts(held, "totalOutstanding", "totalCapturable")) == (
        "AUTHORIZED",
        "0.0",
        "10.0",
    )
    assert make(shop, transactions=[sale("4")])["displayFinancialStatus"] == "PARTIALLY_PAID"
    assert make(shop, transactions=[sale("10")])["displayFinancialStatus"] == "PAID"
    assert make(shop, financialStatus="PENDING")["displayFinancialStatus"] == "PENDING"


def test_lines_of_variants_take_what_they_do_not_say(shop: Shop) -> None:
    """Title, SKU and price come from the variant; one that is not there needs a title (recorded)."""
    product = shop.create(title="Pot")
    variant = product["variants"]["nodes"][0]
    order = make(shop, lineItems=[{"variantId": variant["id"], "quantity": 1}])
    assert order["lineItems"]["nodes"][0]["title"] == "Pot"
    assert order["lineItems"]["nodes"][0]["variant"] == {"id": variant["id"]}
    gone = "gid://shopify/ProductVariant/1"
    assert make(shop, lineItems=[line(variantId=gone)])["lineItems"]["nodes"][0]["variant"] is None
    errors = refused(shop, lineItems=[{"variantId": gone, "quantity": 1}])
    assert [one["message"] for one in errors] == [
        "Order Line items is invalid",
        "Line items Name can't be blank",
        "Line items Title can't be blank",
    ]
    assert refused(shop, lineItems=[])[0]["message"] == "Line items must have at least one line item"


def test_an_order_with_an_address_has_a_customer(shop: Shop) -> None:
    """The e-mail address finds or makes a customer; a new one is named after the shipping address."""
    address = {"firstName": "Ada", "lastName": "Byron", "address1": "Elm 1", "city": "Bonn", "countryCode": "DE"}
    first = make(shop, email="ada@example.com", shippingAddress=address)
    again = make(shop, email="ADA@example.com")
    assert first["customer"]["displayName"] == "Ada Byron"
    assert again["customer"]["id"] == first["customer"]["id"]
    assert make(shop)["customer"] is None
    both = {"customerId": first["customer"]["id"], "customer": {"toUpsert": {"email": "x@example.com"}}}
    assert refused(shop, **both)[0]["code"] == "REDUNDANT_CUSTOMER_FIELDS"


def test_a_customer_is_updated_or_named(shop: Shop) -> None:
    """toUpsert changes the customer it finds, toAssociate leaves it as it is and must find it."""
    made = make(shop, customer={"toUpsert": {"email": "b@example.com", "firstName": "Bo"}})
    changed = make(shop, customer={"toUpsert": {"id": made["customer"]["id"], "lastName": "Berg"}})
    assert changed["customer"] == {"id": made["customer"]["id"], "displayName": "Bo Berg"}
    named = make(shop, customer={"toAssociate": {"email": "b@example.com"}})
    assert named["customer"]["id"] == made["customer"]["id"]
    assert refused(shop, customer={"toAssociate": {"id": "gid://shopify/Customer/1"}})


def test_claiming_stock(shop: Shop) -> None:
    """An order claims stock only when asked to, and obeys the policy only when asked to."""
    stocked = {"tracked": True}
    product = shop.create(title="Pot")
    variant = product["variants"]["nodes"][0]
    shop.data(
        """mutation($id: ID!, $i: InventoryItemInput!) { inventoryItemUpdate(id: $id, input: $i) {
          userErrors { message } } }""",
        {"id": variant["inventoryItem"]["id"], "i": stocked},
    )
    wanted = [{"variantId": variant["id"], "quantity": 2}]
    quantity = "query($id: ID!) { productVariant(id: $id) { inventoryQuantity } }"
    make(shop, lineItems=wanted)
    assert shop.data(quantity, {"id": variant["id"]})["productVariant"]["inventoryQuantity"] == 0
    make(shop, {"inventoryBehaviour": "DECREMENT_IGNORING_POLICY"}, lineItems=wanted)
    assert shop.data(quantity, {"id": variant["id"]})["productVariant"]["inventoryQuantity"] == -2
    obeying = shop.data(CREATE, {"o": {"lineItems": wanted}, "s": {"inventoryBehaviour": "DECREMENT_OBEYING_POLICY"}})
    assert obeying["orderCreate"]["userErrors"][0]["code"] == "INVENTORY_CLAIM_FAILED"


def test_a_time_in_the_future(box: ShopifySandbox) -> None:
    """Refused before 2026-07, taken as now since."""
    order = {"o": {"lineItems": [line()], "processedAt": "2027-01-01T00:00:00Z"}}
    old = Shop(box, version="2026-04").data(CREATE, order)["orderCreate"]
    assert old["userErrors"][0]["code"] == "PROCESSED_AT_INVALID"
    assert Shop(box).data(CREATE, order)["orderCreate"]["userErrors"] == []


MARK = """mutation($id: ID!) { orderMarkAsPaid(input: {id: $id}) { order { displayFinancialStatus paymentGatewayNames }
  userErrors { field message } } }"""
CAPTURE = """mutation($i: OrderCaptureInput!) { orderCapture(input: $i) { transaction { id kind
  amountSet { shopMoney { amount } } } userErrors { field message } } }"""
VOID = """mutation($id: ID!) { transactionVoid(parentTransactionId: $id) { transaction { kind
  amountSet { shopMoney { amount } } } userErrors { field code } } }"""


def test_marking_as_paid_once(shop: Shop) -> None:
    """What is outstanding is paid by hand; what is paid cannot be paid again, and the answer shows the order."""
    order = make(shop)
    paid = shop.data(MARK, {"id": order["id"]})["orderMarkAsPaid"]
    assert paid["order"] == {"displayFinancialStatus": "PAID", "paymentGatewayNames": ["manual"]}
    again = shop.data(MARK, {"id": order["id"]})["orderMarkAsPaid"]
    assert again["userErrors"] == [{"field": ["id"], "message": "Order cannot be marked as paid."}]
    assert again["order"]["displayFinancialStatus"] == "PAID"


def test_capturing_and_voiding(shop: Shop) -> None:
    """An authorisation can be captured up to its amount, or voided while nothing of it was captured."""
    order = make(shop, transactions=[sale("10", "AUTHORIZATION")])
    held = order["transactions"][0]["id"]
    wanted = {"id": order["id"], "parentTransactionId": held}
    over = shop.data(CAPTURE, {"i": wanted | {"amount": "11"}})["orderCapture"]
    assert over["userErrors"][0]["message"] == "Cannot capture more than the authorized 10.00 for this payment."
    assert shop.data(CAPTURE, {"i": wanted | {"amount": "10"}})["orderCapture"]["transaction"]["kind"] == "CAPTURE"
    spent = shop.data(CAPTURE, {"i": wanted | {"amount": "1"}})["orderCapture"]
    assert spent["userErrors"][0]["message"] == "Can only capture successful authorizations"
    assert shop.data(VOID, {"id": held})["transactionVoid"]["userErrors"][0]["code"] == "AUTH_NOT_VOIDABLE"
    other = make(shop, transactions=[sale("10", "AUTHORIZATION")])
    voided = shop.data(VOID, {"id": other["transactions"][0]["id"]})["transactionVoid"]["transaction"]
    assert voided == {"kind": "VOID", "amountSet": {"shopMoney": {"amount": "0.0"}}}
    assert read(shop, other)["displayFinancialStatus"] == "VOIDED"


CANCEL = """mutation($id: ID!, $refund: Boolean, $note: String) { orderCancel(orderId: $id, reason: CUSTOMER,
  restock: true, refund: $refund, staffNote: $note) { job { id done } orderCancelUserErrors { field message code }
  userErrors { field message } } }"""


def test_cancelling_takes_a_moment(box: ShopifySandbox, shop: Shop) -> None:
    """The job is not done at once; then nothing is left of the order, and it cannot be cancelled again."""
    order = make(shop)
    begun = shop.data(CANCEL, {"id": order["id"]})["orderCancel"]
    assert begun["job"]["done"] is False
    doubled = shop.data(CANCEL, {"id": order["id"]})["orderCancel"]
    assert doubled["userErrors"][0]["message"] == "Cancellation is already in progress"
    box.clock.advance(1)
    after = read(shop, order)
    assert (after["closed"], after["cancelReason"], after["currentSubtotalLineItemsQuantity"]) == (True, "CUSTOMER", 0)
    assert amounts(after, "totalPrice", "currentTotalPrice", "totalOutstanding") == ["10.0", "0.0", "0.0"]
    again = shop.data(CANCEL, {"id": order["id"]})["orderCancel"]
    assert again["orderCancelUserErrors"][0]["message"] == "Cannot cancel an order that has already been canceled"


def test_cancelling_gives_money_back_only_when_asked(box: ShopifySandbox, shop: Shop) -> None:
    """A paid order that is cancelled without a refund stays open: money has still to go back."""
    kept, returned = make(shop, transactions=[sale("10")]), make(shop, transactions=[sale("10")])
    shop.data(CANCEL, {"id": kept["id"]})
    shop.data(CANCEL, {"id": returned["id"], "refund": True})
    box.clock.advance(1)
    kept, returned = read(shop, kept), read(shop, returned)
    assert (kept["closed"], *amounts(kept, "totalOutstanding")) == (False, "-10.0")
    assert (returned["closed"], returned["displayFinancialStatus"]) == (True, "REFUNDED")


def test_a_long_note_is_refused(shop: Shop) -> None:
    """Staff notes have at most 255 characters."""
    answer = shop.data(CANCEL, {"id": make(shop)["id"], "note": "x" * 256})["orderCancel"]
    assert answer["orderCancelUserErrors"][0]["field"] == ["staffNote"]


def test_closing_and_opening_twice_changes_nothing(shop: Shop) -> None:
    """Closing what is closed is no error and keeps the time."""
    order = make(shop)
    close = "mutation($id: ID!) { orderClose(input: {id: $id}) { order { closedAt } userErrors { message } } }"
    first = shop.data(close, {"id": order["id"]})["orderClose"]
    assert first["order"]["closedAt"] is not None
    assert shop.data(close, {"id": order["id"]})["orderClose"] == first


def test_changing_and_deleting(shop: Shop) -> None:
    """orderUpdate replaces tags and attributes; a deleted order is gone from lists and lookups."""
    order = make(shop, tags=["b"], email="c@example.com")
    update = """mutation($i: OrderInput!) { orderUpdate(input: $i) {
      order { tags poNumber customAttributes { key value } } userErrors { field message } } }"""
    given = {"id": order["id"], "tags": ["z", "A"], "poNumber": "P1", "customAttributes": [{"key": "k", "value": "v"}]}
    changed = shop.data(update, {"i": given})["orderUpdate"]["order"]
    assert changed == {"tags": ["A", "z"], "poNumber": "P1", "customAttributes": [{"key": "k", "value": "v"}]}
    delete = "mutation($id: ID!) { orderDelete(orderId: $id) { deletedId userErrors { code } } }"
    assert shop.data(delete, {"id": order["id"]})["orderDelete"]["deletedId"] == order["id"]
    assert shop.data(delete, {"id": order["id"]})["orderDelete"]["userErrors"] == [{"code": "NOT_FOUND"}]
    found = shop.data('{ orders(first: 5, query: "email:c@example.com") { nodes { id } } ordersCount { count } }')
    assert found == {"orders": {"nodes": []}, "ordersCount": {"count": 0}}


@pytest.mark.parametrize(
    "query",
    ["name:1001", "source_identifier:X-1", "tag:web", "financial_status:paid", "sku:T1", "status:open", "email:d@e.fr"],
)
def test_orders_are_found(shop: Shop, query: str) -> None:
    """The documented filters find the order they describe, and not the other one."""
    wanted = make(
        shop,
        sourceIdentifier="X-1",
        tags=["web"],
        email="d@e.fr",
        transactions=[sale("10")],
        lineItems=[line(sku="T1")],
    )
    other = make(shop)
    shop.data("mutation($id: ID!) { orderClose(input: {id: $id}) { order { id } } }", {"id": other["id"]})
    found = shop.data("query($q: String!) { orders(first: 5, query: $q) { nodes { id } } }", {"q": query})
    assert found["orders"]["nodes"] == [{"id": wanted["id"]}]


@pytest.mark.parametrize("key", ["TOTAL_PRICE", "TOTAL_ITEMS_QUANTITY", "FINANCIAL_STATUS", "CUSTOMER_NAME", "ID"])
def test_orders_are_sorted_and_paged(shop: Shop, key: str) -> None:
    """Whatever a list is sorted by, its pages continue where the last one ended."""
    for number, name in enumerate(("a", "b", "c"), 1):
        lines, paid = [line(price=str(number), quantity=number)], [sale("1")] if number > 1 else []
        make(shop, lineItems=lines, email=f"{name}@example.com", transactions=paid)
    query = """query($key: OrderSortKeys, $after: String) { orders(first: 1, sortKey: $key, after: $after) {
      nodes { name } pageInfo { endCursor hasNextPage } } }"""
    seen, after = [], None
    for _ in range(3):
        page = shop.data(query, {"key": key, "after": after})["orders"]
        seen += [one["name"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == ["#1001", "#1002", "#1003"]
    assert page["pageInfo"]["hasNextPage"] is False


def test_events_of_an_order(box: ShopifySandbox, shop: Shop) -> None:
    """Listeners hear of the order, its payment and its cancellation by their topics."""
    heard: list[str] = []
    box.store.listeners.append(lambda events: heard.extend(event.topic for event in events))
    order = make(shop, transactions=[sale("10")])
    assert {"orders/create", "orders/paid", "order_transactions/create"} <= set(heard)
    heard.clear()
    shop.data(CANCEL, {"id": order["id"], "refund": True})
    box.clock.advance(1)
    read(shop, order)
    assert {"orders/cancelled", "orders/updated", "refunds/create"} <= set(heard)
