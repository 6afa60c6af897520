"""One record of each kind that webhooks tell of, as full as the sandbox can make it; its topic and number.

Made through the API, as an app or a person would; the number is the one that the record's event has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop, sized

Made = tuple[str, int]
ADDRESS = {
    "firstName": "Ada", "lastName": "Byron", "address1": "Hauptstr. 1", "city": "Berlin", "zip": "10115",
    "countryCode": "DE", "phone": "+4930123456",
}  # fmt: skip
CUSTOMER = """mutation($i: CustomerInput!) { customerCreate(input: $i) {
  customer { id addressesV2(first: 1) { nodes { id } } } userErrors { field message } } }"""
COMPANY = """mutation($i: CompanyCreateInput!) { companyCreate(input: $i) { company { id
  mainContact { id } contactRoles(first: 1) { nodes { id } } locations(first: 1) { nodes { id } } }
  userErrors { field message } } }"""
ORDER = """mutation($o: OrderCreateOrderInput!) { orderCreate(order: $o) {
  order { id lineItems(first: 5) { nodes { id } } transactions { id } } userErrors { field message } } }"""
SHIP = """mutation($f: FulfillmentInput!) { fulfillmentCreate(fulfillment: $f) {
  fulfillment { id } userErrors { field message } } }"""
REFUND = """mutation($i: RefundInput!) { refundCreate(input: $i) @idempotent(key: "once") {
  refund { id } userErrors { field message } } }"""
DRAFT = """mutation($i: DraftOrderInput!) { draftOrderCreate(input: $i) {
  draftOrder { id } userErrors { field message } } }"""
MEDIA = """mutation($i: ProductSetInput!) { productSet(input: $i) {
  product { id variants(first: 1) { nodes { id } } } userErrors { field message } } }"""


def number(gid: str) -> int:
    """The number in a global id."""
    return int(gid.rsplit("/", 1)[-1].split("?")[0])


def done(shop: Shop, query: str, **variables: Any) -> Any:
    """The payload of a mutation that must have succeeded."""
    payload = next(iter(shop.data(query, variables).values()))
    assert payload["userErrors"] == []
    return payload


def _product(_box: ShopifySandbox, shop: Shop) -> Made:
    files = [{"originalSource": "https://example.com/a-100x200.png", "alt": "front", "contentType": "IMAGE"}]
    made = done(shop, MEDIA, i=sized("S", "M", tags=["b", "a"], files=files))["product"]
    return "products/update", number(made["id"])


def _deleted(box: ShopifySandbox, shop: Shop) -> Made:
    return "products/delete", _product(box, shop)[1]


def _item(_box: ShopifySandbox, shop: Shop) -> Made:
    return "inventory_items/update", number(shop.create()["variants"]["nodes"][0]["inventoryItem"]["id"])


def _item_deleted(box: ShopifySandbox, shop: Shop) -> Made:
    return "inventory_items/delete", _item(box, shop)[1]


def _level(box: ShopifySandbox, shop: Shop) -> Made:
    _item(box, shop)
    return "inventory_levels/update", int(box.store.db.value("SELECT id FROM inventory_levels"))


def _level_disconnected(box: ShopifySandbox, shop: Shop) -> Made:
    return "inventory_levels/disconnect", _level(box, shop)[1]


def _collection(_box: ShopifySandbox, shop: Shop) -> Made:
    query = """mutation($i: CollectionInput!) { collectionCreate(input: $i) {
      collection { id } userErrors { message } } }"""
    wanted = {"title": "Chairs", "descriptionHtml": "<b>all</b>", "sortOrder": "MANUAL"}
    return "collections/create", number(done(shop, query, i=wanted)["collection"]["id"])


def _collection_deleted(box: ShopifySandbox, shop: Shop) -> Made:
    return "collections/delete", _collection(box, shop)[1]


def _location(_box: ShopifySandbox, shop: Shop) -> Made:
    query = """mutation($i: LocationAddInput!) { locationAdd(input: $i) {
      location { id } userErrors { message } } }"""
    place = {"address1": "Hauptstr. 1", "city": "Berlin", "countryCode": "DE", "zip": "10115"}
    return "locations/create", number(done(shop, query, i={"name": "There", "address": place})["location"]["id"])


def customer(shop: Shop) -> str:
    """A customer with an address; its id."""
    given = {"email": "ada@example.com", "phone": "+4930123456", "firstName": "Ada", "lastName": "Byron"}
    return str(done(shop, CUSTOMER, i=given | {"tags": ["a"], "addresses": [ADDRESS]})["customer"]["id"])


def _customer(_box: ShopifySandbox, shop: Shop) -> Made:
    return "customers/update", number(customer(shop))


def _customer_deleted(box: ShopifySandbox, shop: Shop) -> Made:
    return "customers/delete", _customer(box, shop)[1]


def _email_consent(box: ShopifySandbox, shop: Shop) -> Made:
    return "customers_email_marketing_consent/update", _customer(box, shop)[1]


def _sms_consent(box: ShopifySandbox, shop: Shop) -> Made:
    return "customers_marketing_consent/update", _customer(box, shop)[1]


def company(shop: Shop) -> dict[str, Any]:
    """A company with a contact and a location with addresses."""
    place = {"address1": "Hauptstr. 1", "city": "Berlin", "zip": "10115", "countryCode": "DE", "recipient": "Ada"}
    location = {"name": "Berlin", "externalId": "L1", "shippingAddress": place, "billingSameAsShipping": True}
    contact = {"email": "buyer@example.com", "firstName": "Ada", "title": "Buyer", "locale": "en"}
    given = {"company": {"name": "Acme", "externalId": "C1", "note": "n"}, "companyContact": contact}
    return dict(done(shop, COMPANY, i=given | {"companyLocation": location})["company"])


def _company(_box: ShopifySandbox, shop: Shop) -> Made:
    return "companies/update", number(company(shop)["id"])


def _company_contact(_box: ShopifySandbox, shop: Shop) -> Made:
    return "company_contacts/update", number(company(shop)["mainContact"]["id"])


def _company_location(_box: ShopifySandbox, shop: Shop) -> Made:
    return "company_locations/update", number(company(shop)["locations"]["nodes"][0]["id"])


def order(box: ShopifySandbox, shop: Shop) -> dict[str, Any]:
    """An order with a product's line and a custom one, tax, shipping, a code, both addresses, a customer, a payment."""
    variant = shop.set(sized("S"))["product"]["variants"]["nodes"][0]["id"]
    currency = box.config.currency
    tax = [{"title": "VAT", "rate": "0.19", "priceSet": {"shopMoney": {"amount": "3.80", "currencyCode": currency}}}]
    ten = {"shopMoney": {"amount": "10", "currencyCode": currency}}
    lines = [
        {"variantId": variant, "quantity": 2, "priceSet": ten, "taxLines": tax, "requiresShipping": True},
        {"title": "Custom", "quantity": 1, "priceSet": ten, "properties": [{"name": "k", "value": "v"}]},
    ]
    given = {"lineItems": lines, "customerId": customer(shop), "email": "ada@example.com", "note": "gift"}
    given |= {"billingAddress": ADDRESS, "shippingAddress": ADDRESS, "tags": ["b", "a"]}
    given |= {"customAttributes": [{"key": "from", "value": "shop"}]}
    given |= {"shippingLines": [{"title": "Post", "priceSet": ten, "taxLines": tax}]}
    given |= {"discountCode": {"itemFixedDiscountCode": {"code": "TEN", "amountSet": ten}}}
    given |= {"transactions": [{"kind": "SALE", "status": "SUCCESS", "gateway": "manual", "amountSet": ten}]}
    return dict(done(shop, ORDER, o=given)["order"])


def _order(box: ShopifySandbox, shop: Shop) -> Made:
    return "orders/create", number(order(box, shop)["id"])


def _order_deleted(box: ShopifySandbox, shop: Shop) -> Made:
    return "orders/delete", _order(box, shop)[1]


def _transaction(box: ShopifySandbox, shop: Shop) -> Made:
    return "order_transactions/create", number(order(box, shop)["transactions"][0]["id"])


def ship(shop: Shop, identifier: str) -> str:
    """Send all of an order with a tracking number; the fulfilment's id."""
    query = "query($i: ID!) { order(id: $i) { fulfillmentOrders(first: 5) { nodes { id } } } }"
    rows = shop.data(query, {"i": identifier})["order"]["fulfillmentOrders"]["nodes"]
    given = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": row["id"]} for row in rows]}
    given["trackingInfo"] = {"number": "1Z9", "company": "UPS", "url": "https://example.com/1Z9"}
    return str(done(shop, SHIP, f=given)["fulfillment"]["id"])


def _fulfillment(box: ShopifySandbox, shop: Shop) -> Made:
    return "fulfillments/create", number(ship(shop, order(box, shop)["id"]))


def refund(shop: Shop, made: dict[str, Any]) -> str:
    """Take one unit of an order's first line back; the refund's id."""
    line = {"lineItemId": made["lineItems"]["nodes"][0]["id"], "quantity": 1, "restockType": "NO_RESTOCK"}
    paid = {"orderId": made["id"], "parentId": made["transactions"][0]["id"], "kind": "REFUND", "gateway": "manual"}
    given = {"orderId": made["id"], "note": "broken", "refundLineItems": [line]}
    given["transactions"] = [paid | {"amount": "5"}]
    return str(done(shop, REFUND, i=given)["refund"]["id"])


def _refund(box: ShopifySandbox, shop: Shop) -> Made:
    return "refunds/create", number(refund(shop, order(box, shop)))


def _order_with_all(box: ShopifySandbox, shop: Shop) -> Made:
    made = order(box, shop)
    ship(shop, made["id"])
    refund(shop, made)
    return "orders/updated", number(made["id"])


def _draft(_box: ShopifySandbox, shop: Shop) -> Made:
    variant = shop.set(sized("S"))["product"]["variants"]["nodes"][0]["id"]
    off = {"value": 10.0, "valueType": "PERCENTAGE", "title": "ten", "description": "d"}
    lines = [
        {"variantId": variant, "quantity": 2, "appliedDiscount": off},
        {"title": "Custom", "quantity": 1, "originalUnitPriceWithCurrency": {"amount": "5", "currencyCode": "EUR"}},
    ]
    given = {"lineItems": lines, "email": "ada@example.com", "shippingAddress": ADDRESS, "billingAddress": ADDRESS}
    given |= {"appliedDiscount": off, "purchasingEntity": {"customerId": customer(shop)}, "tags": ["x"]}
    given |= {"shippingLine": {"title": "Post", "priceWithCurrency": {"amount": "4.9", "currencyCode": "EUR"}}}
    given |= {"customAttributes": [{"key": "k", "value": "v"}]}
    return "draft_orders/create", number(done(shop, DRAFT, i=given)["draftOrder"]["id"])


MAKERS: dict[str, Callable[[ShopifySandbox, Shop], Made]] = {
    "product": _product,
    "deleted": _deleted,
    "collection": _collection,
    "collection_deleted": _collection_deleted,
    "inventory_item": _item,
    "inventory_item_deleted": _item_deleted,
    "inventory_level": _level,
    "inventory_level_disconnected": _level_disconnected,
    "location": _location,
    "customer": _customer,
    "customer_deleted": _customer_deleted,
    "email_consent": _email_consent,
    "sms_consent": _sms_consent,
    "company": _company,
    "company_contact": _company_contact,
    "company_location": _company_location,
    "order": _order,
    "order_with_all": _order_with_all,
    "transaction": _transaction,
    "refund": _refund,
    "fulfillment": _fulfillment,
    "draft_order": _draft,
}


def body(box: ShopifySandbox, shop: Shop, kind: str) -> Any:
    """What a webhook about a fresh record of that kind would carry."""
    built = box.webhooks.build(*MAKERS[kind](box, shop))
    assert built is not None
    return built
