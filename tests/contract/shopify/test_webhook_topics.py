"""Every topic is told by what people and apps do, and every delivered body has the documented shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.shopify.payloads.kinds import BUILDERS
from sandbox.shopify.server import ShopifySandbox
from sandbox.shopify.webhooks.outbox import AppSubscription
from sandbox.shopify.webhooks.topics import COMPLIANCE
from tests.contract.shopify import payload_makers as makers
from tests.contract.shopify.client import Shop
from tests.contract.shopify.payload_makers import done
from tests.contract.shopify.payload_shapes import against_table
from tests.contract.shopify.receivers import Receiver, receiving

TABLES = {
    "products/create": "product", "products/update": "product", "products/delete": "deleted",
    "collections/create": "collection", "collections/update": "collection", "collections/delete": "collection_deleted",
    "inventory_items/create": "inventory_item", "inventory_items/update": "inventory_item",
    "inventory_items/delete": "inventory_item_deleted", "inventory_levels/connect": "inventory_level",
    "inventory_levels/update": "inventory_level", "inventory_levels/disconnect": "inventory_level_disconnected",
    "locations/create": "location", "locations/update": "location", "locations/activate": "location",
    "locations/deactivate": "location", "locations/delete": "deleted",
    "customers/create": "customer", "customers/update": "customer", "customers/delete": "customer_deleted",
    "customers/merge": "customer_merge", "customer.tags_added": "customer_tags",
    "customer.tags_removed": "customer_tags",
    "customers_email_marketing_consent/update": "email_consent", "customers_marketing_consent/update": "sms_consent",
    "companies/create": "company", "companies/update": "company", "companies/delete": "company",
    "company_contacts/create": "company_contact", "company_contacts/update": "company_contact",
    "company_contacts/delete": "company_contact", "company_locations/create": "company_location",
    "company_locations/update": "company_location", "company_locations/delete": "company_location",
    "company_contact_roles/assign": "company_role", "company_contact_roles/revoke": "company_role",
    "orders/create": "order", "orders/updated": "order", "orders/paid": "order", "orders/cancelled": "order",
    "orders/fulfilled": "order", "orders/partially_fulfilled": "order", "orders/edited": "order_edited",
    "orders/delete": "deleted", "order_transactions/create": "transaction", "refunds/create": "refund",
    "fulfillments/create": "fulfillment", "fulfillments/update": "fulfillment",
    "fulfillment_events/create": "fulfillment_event", "fulfillment_holds/added": "fulfillment_hold",
    "fulfillment_holds/released": "fulfillment_hold",
    "fulfillment_orders/order_routing_complete": "fulfillment_order_state",
    "fulfillment_orders/hold_released": "fulfillment_order_state",
    "fulfillment_orders/rescheduled": "fulfillment_order_rescheduled",
    "draft_orders/create": "draft_order", "draft_orders/update": "draft_order", "draft_orders/delete": "deleted",
    "bulk_operations/finish": "bulk_operation", "app/uninstalled": "shop", "app/scopes_update": "scopes_update",
    "shop/redact": "shop_redact", "customers/data_request": "data_request", "customers/redact": "customer_redact",
}  # fmt: skip
# Told only by what the sandbox has no mutation, service or control for; their bodies are those of another topic.
NOT_TOLD_HERE = {
    "shop/update", "customers/enable", "customers/disable",
    "fulfillment_orders/fulfillment_request_accepted", "fulfillment_orders/fulfillment_request_rejected",
    "fulfillment_orders/cancellation_request_accepted", "fulfillment_orders/cancellation_request_rejected",
}  # fmt: skip


@pytest.fixture
def receiver(box: ShopifySandbox) -> Iterator[Receiver]:
    """A receiver that is told everything, by the app's own subscriptions."""
    with receiving() as made:
        box.webhooks.app_subscriptions.append(AppSubscription((*BUILDERS, *COMPLIANCE), made.url))
        yield made


def run(shop: Shop, name: str, declared: str, given: str, asked: str = "", **variables: Any) -> Any:
    """Run one mutation that must succeed; its payload."""
    query = f"mutation({declared}) {{ {name}({given}) {{ {asked} userErrors {{ field message }} }} }}"
    return done(shop, query, **variables)


def told(box: ShopifySandbox, receiver: Receiver) -> set[str]:
    """Check every body that was delivered; the topics of them."""
    box.clock.advance(30)
    box.webhooks.send_due()
    for headers, body in receiver.got:
        topic = headers["X-Shopify-Topic"]
        assert against_table(json.loads(body), TABLES[topic]) == [], topic
    return set(receiver.topics())


def test_every_topic_has_a_table_or_a_reason() -> None:
    """No body can be added without a table of its shape."""
    assert set(BUILDERS) | COMPLIANCE == set(TABLES) | NOT_TOLD_HERE


def _catalog(shop: Shop) -> None:
    main = shop.data("{ locations(first: 1) { nodes { id } } }")["locations"]["nodes"][0]["id"]
    product = shop.create(vendor="Acme")
    item = product["variants"]["nodes"][0]["inventoryItem"]["id"]
    run(shop, "productUpdate", "$p: ProductUpdateInput!", "product: $p", p={"id": product["id"], "title": "n"})
    cost = {"cost": "3"}
    run(shop, "inventoryItemUpdate", "$i: ID!, $n: InventoryItemInput!", "id: $i, input: $n", i=item, n=cost)
    place = {"address1": "Hauptstr. 1", "city": "Berlin", "countryCode": "DE", "zip": "10115"}
    wanted = {"name": "There", "address": place}
    made = run(shop, "locationAdd", "$i: LocationAddInput!", "input: $i", "location { id }", i=wanted)
    added = made["location"]["id"]
    run(shop, "locationEdit", "$i: ID!, $n: LocationEditInput!", "id: $i, input: $n", i=added, n={"name": "Here"})
    level = shop.data(
        'mutation($i: ID!, $l: ID!) { inventoryActivate(inventoryItemId: $i, locationId: $l) @idempotent(key: "a") '
        "{ inventoryLevel { id } userErrors { message } } }",
        {"i": item, "l": added},
    )["inventoryActivate"]["inventoryLevel"]["id"]
    run(shop, "inventoryDeactivate", "$i: ID!", "inventoryLevelId: $i", i=level)
    quantity = {"inventoryItemId": item, "quantity": 5, "changeFromQuantity": None}
    quantity["locationId"] = main
    given = {"name": "available", "reason": "correction", "quantities": [quantity]}
    shop.data(
        'mutation($i: InventorySetQuantitiesInput!) { inventorySetQuantities(input: $i) @idempotent(key: "b") '
        "{ userErrors { message } } }",
        {"i": given},
    )
    for key, name in enumerate(("locationDeactivate", "locationActivate", "locationDeactivate")):
        query = f'mutation($l: ID!) {{ {name}(locationId: $l) @idempotent(key: "k{key}") '
        query += f"{{ {name}UserErrors {{ message }} }} }}"
        assert shop.data(query, {"l": added})[name][f"{name}UserErrors"] == []
    deleted = shop.data("mutation($l: ID!) { locationDelete(locationId: $l) { deletedLocationId } }", {"l": added})
    assert deleted["locationDelete"]["deletedLocationId"]
    shop.data("mutation($i: ProductDeleteInput!) { productDelete(input: $i) { deletedProductId } }",
              {"i": {"id": product["id"]}})  # fmt: skip


def _collections(box: ShopifySandbox, shop: Shop) -> None:
    kind, number = makers.MAKERS["collection"](box, shop)
    assert kind == "collections/create"
    identifier = {"id": f"gid://shopify/Collection/{number}"}
    run(shop, "collectionUpdate", "$i: CollectionInput!", "input: $i", i=identifier | {"title": "other"})
    run(shop, "collectionDelete", "$i: CollectionDeleteInput!", "input: $i", i=identifier)


def test_changes_of_the_catalog_are_told(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """Products, items, levels, locations and collections: made, changed, removed."""
    _catalog(shop)
    _collections(box, shop)
    expected = {topic for topic in BUILDERS if topic.split("/")[0] in {"products", "collections", "locations"}}
    expected |= {topic for topic in BUILDERS if topic.startswith("inventory_")}
    assert told(box, receiver) == expected


def test_changes_of_customers_and_companies_are_told(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """Customers, their tags, consent and merging; companies, contacts, locations and roles, with bodies to the end."""
    one = makers.customer(shop)
    change = {"id": one, "tags": ["b"], "note": "n"}
    run(shop, "customerUpdate", "$i: CustomerInput!", "input: $i", i=change)
    consent = {"marketingState": "SUBSCRIBED", "marketingOptInLevel": "SINGLE_OPT_IN"}
    for name, field in (("customerEmail", "emailMarketingConsent"), ("customerSms", "smsMarketingConsent")):
        kind = name.removeprefix("customer")
        run(shop, f"{name}MarketingConsentUpdate", f"$i: Customer{kind}MarketingConsentUpdateInput!", "input: $i",
            i={"customerId": one, field: consent})  # fmt: skip
    two = done(shop, makers.CUSTOMER, i={"firstName": "Two", "email": "two@example.com"})["customer"]["id"]
    run(shop, "customerMerge", "$a: ID!, $b: ID!", "customerOneId: $a, customerTwoId: $b", "resultingCustomerId",
        a=one, b=two)  # fmt: skip
    three = done(shop, makers.CUSTOMER, i={"firstName": "Three"})["customer"]["id"]
    box.clock.advance(30)
    shop.data("{ productsCount { count } }")
    run(shop, "customerDelete", "$i: CustomerDeleteInput!", "input: $i", i={"id": three})
    made = makers.company(shop)
    location, contact = made["locations"]["nodes"][0]["id"], made["mainContact"]["id"]
    run(shop, "companyUpdate", "$i: ID!, $n: CompanyInput!", "companyId: $i, input: $n", i=made["id"], n={"name": "N"})
    run(shop, "companyContactUpdate", "$i: ID!, $n: CompanyContactInput!", "companyContactId: $i, input: $n",
        i=contact, n={"title": "Boss"})  # fmt: skip
    run(shop, "companyLocationUpdate", "$i: ID!, $n: CompanyLocationUpdateInput!", "companyLocationId: $i, input: $n",
        i=location, n={"note": "n"})  # fmt: skip
    query = "query($c: ID!) { companyContact(id: $c) { roleAssignments(first: 1) { nodes { id } } } }"
    assigned = shop.data(query, {"c": contact})["companyContact"]["roleAssignments"]["nodes"][0]["id"]
    run(shop, "companyContactRevokeRole", "$c: ID!, $a: ID!",
        "companyContactId: $c, companyContactRoleAssignmentId: $a", c=contact, a=assigned)  # fmt: skip
    run(shop, "companyDelete", "$i: ID!", "id: $i", "deletedCompanyId", i=made["id"])
    expected = {topic for topic in BUILDERS if topic.startswith(("customer", "compan"))} - NOT_TOLD_HERE
    assert told(box, receiver) == expected


def test_the_life_of_orders_is_told(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """Orders made, changed, held, shipped, refunded, edited, cancelled and deleted; drafts too."""
    made = makers.order(box, shop)
    run(shop, "orderUpdate", "$i: OrderInput!", "input: $i", i={"id": made["id"], "note": "n"})
    run(shop, "orderMarkAsPaid", "$i: OrderMarkAsPaidInput!", "input: $i", i={"id": made["id"]})
    query = "query($i: ID!) { order(id: $i) { fulfillmentOrders(first: 5) { nodes { id } } } }"
    work = shop.data(query, {"i": made["id"]})["order"]["fulfillmentOrders"]["nodes"][0]["id"]
    hold = {"reason": "OTHER", "reasonNotes": "wait"}
    run(shop, "fulfillmentOrderHold", "$i: ID!, $h: FulfillmentOrderHoldInput!", "id: $i, fulfillmentHold: $h",
        i=work, h=hold)  # fmt: skip
    run(shop, "fulfillmentOrderReleaseHold", "$i: ID!", "id: $i", i=work)
    shipped = makers.ship(shop, made["id"])
    track = {"number": "2"}
    run(shop, "fulfillmentTrackingInfoUpdate", "$i: ID!, $t: FulfillmentTrackingInput!",
        "fulfillmentId: $i, trackingInfoInput: $t", i=shipped, t=track)  # fmt: skip
    run(shop, "fulfillmentEventCreate", "$e: FulfillmentEventInput!", "fulfillmentEvent: $e",
        e={"fulfillmentId": shipped, "status": "IN_TRANSIT"})  # fmt: skip
    makers.refund(shop, made)
    _edit(shop, made["id"])
    other = done(shop, makers.ORDER, o={"lineItems": [{"title": "x", "quantity": 2, "requiresShipping": True,
                 "priceSet": {"shopMoney": {"amount": "5", "currencyCode": "EUR"}}}]})["order"]  # fmt: skip
    _ship_one(shop, other["id"])
    third = done(shop, makers.ORDER, o={"lineItems": [{"title": "x", "quantity": 1,
                 "priceSet": {"shopMoney": {"amount": "5", "currencyCode": "EUR"}}}]})["order"]  # fmt: skip
    shop.data("mutation($i: ID!) { orderCancel(orderId: $i, reason: OTHER, restock: false) "
              "{ orderCancelUserErrors { message } } }", {"i": third["id"]})  # fmt: skip
    box.clock.advance(30)
    shop.data("{ productsCount { count } }")
    run(shop, "orderDelete", "$i: ID!", "orderId: $i", "deletedId", i=third["id"])
    kind, number = _draft(shop)
    assert kind == "draft_orders/create"
    draft = f"gid://shopify/DraftOrder/{number}"
    run(shop, "draftOrderUpdate", "$i: ID!, $n: DraftOrderInput!", "id: $i, input: $n", i=draft, n={"note": "n"})
    run(shop, "draftOrderDelete", "$i: DraftOrderDeleteInput!", "input: $i", "deletedId", i={"id": draft})
    expected = {topic for topic in BUILDERS if topic.startswith(("order", "refund", "fulfil", "draft"))}
    assert expected - NOT_TOLD_HERE - {"fulfillment_orders/rescheduled"} <= told(box, receiver)


def _draft(shop: Shop) -> makers.Made:
    given = {"lineItems": [{"title": "x", "quantity": 1,
             "originalUnitPriceWithCurrency": {"amount": "5", "currencyCode": "EUR"}}]}  # fmt: skip
    return "draft_orders/create", makers.number(done(shop, makers.DRAFT, i=given)["draftOrder"]["id"])


def _edit(shop: Shop, order: str) -> None:
    begun = run(shop, "orderEditBegin", "$i: ID!", "id: $i", "calculatedOrder { id }", i=order)["calculatedOrder"]["id"]
    price = {"amount": "3", "currencyCode": "EUR"}
    run(shop, "orderEditAddCustomItem", "$i: ID!, $p: MoneyInput!", 'id: $i, title: "more", price: $p, quantity: 1',
        i=begun, p=price)  # fmt: skip
    run(shop, "orderEditCommit", "$i: ID!", "id: $i", i=begun)


def _ship_one(shop: Shop, order: str) -> None:
    query = """query($i: ID!) { order(id: $i) { fulfillmentOrders(first: 1) { nodes { id
      lineItems(first: 1) { nodes { id } } } } } }"""
    row = shop.data(query, {"i": order})["order"]["fulfillmentOrders"]["nodes"][0]
    part = [{"id": row["lineItems"]["nodes"][0]["id"], "quantity": 1}]
    given = [{"fulfillmentOrderId": row["id"], "fulfillmentOrderLineItems": part}]
    done(shop, makers.SHIP, f={"lineItemsByFulfillmentOrder": given})


def test_what_happens_to_the_app_is_told(box: ShopifySandbox, shop: Shop, receiver: Receiver) -> None:
    """Bulk operations that end, changed scopes, requests about a customer's data, uninstalling and what follows it."""
    query = "{ products { edges { node { id } } } }"
    run(shop, "bulkOperationRunQuery", "$q: String!", "query: $q", q=query)
    box.clock.advance(60)
    shop.data("{ productsCount { count } }")
    customer = makers.number(makers.customer(shop))
    box.installation.request_data(customer)
    box.installation.redact(customer)
    box.installation.grant(("read_products",))
    box.installation.uninstall()
    box.clock.advance(48 * 3600)
    expected = {"bulk_operations/finish", "app/scopes_update", "app/uninstalled", *COMPLIANCE}
    assert expected <= told(box, receiver)
