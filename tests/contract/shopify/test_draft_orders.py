"""Draft orders: what they are made of, what they cost, who they are for, copies, lists and tags."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.server import ShopifySandbox, create
from tests.contract.shopify.client import Shop

MONEY = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"
FIELDS = (
    "{ id name status ready email tags invoiceUrl customer { id email displayName } "
    + " ".join(
        f"{name} {MONEY}"
        for name in ("subtotalPriceSet", "totalDiscountsSet", "totalShippingPriceSet", "totalPriceSet", "totalTaxSet")
    )
    + f""" appliedDiscount {{ value valueType amountSet {MONEY} }}
  shippingLine {{ title code custom originalPriceSet {MONEY} }} shippingAddress {{ city country province }}
  lineItems(first: 9) {{ nodes {{ title name sku quantity custom requiresShipping taxable variantTitle
    originalUnitPriceSet {MONEY} discountedTotalSet {MONEY} totalDiscountSet {MONEY} }} }} }}"""
)
CREATE = (
    "mutation($i: DraftOrderInput!) { draftOrderCreate(input: $i) { draftOrder "
    + FIELDS
    + " userErrors { field message } } }"
)
UPDATE = (
    "mutation($id: ID!, $i: DraftOrderInput!) { draftOrderUpdate(id: $id, input: $i) { draftOrder "
    + FIELDS
    + " userErrors { field message } } }"
)
READ = "query($id: ID!) { draftOrder(id: $id) " + FIELDS + " }"


def item(**more: Any) -> dict[str, Any]:
    """A custom line."""
    return {"title": "Work", "quantity": 2, "originalUnitPrice": "10.00"} | more


def draft(shop: Shop, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A created draft order."""
    made = shop.data(CREATE, {"i": {"lineItems": list(lines) or [item()]} | more})["draftOrderCreate"]
    assert made["userErrors"] == []
    return dict(made["draftOrder"])


def refused(shop: Shop, *lines: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    """What a creation is refused for."""
    return list(shop.data(CREATE, {"i": {"lineItems": list(lines)} | more})["draftOrderCreate"]["userErrors"])


def amount(bag: dict[str, Any]) -> str:
    """The shop amount of a bag."""
    return str(bag["shopMoney"]["amount"])


def test_discounts_come_off_lines_then_off_the_order_then_shipping_is_added(shop: Shop) -> None:
    """10 % off a line of 20, 5 off what is left of the order, 7.25 for shipping."""
    line = item(appliedDiscount={"value": 10, "valueType": "PERCENTAGE", "title": "Line"})
    made = draft(
        shop,
        line,
        appliedDiscount={"value": 5, "valueType": "FIXED_AMOUNT", "title": "Loyal"},
        shippingLine={"title": "Courier", "priceWithCurrency": {"amount": "7.25", "currencyCode": "EUR"}},
    )
    names = ("subtotalPriceSet", "totalDiscountsSet", "totalShippingPriceSet", "totalPriceSet", "totalTaxSet")
    assert [amount(made[name]) for name in names] == ["13.0", "7.0", "7.25", "20.25", "0.0"]
    assert amount(made["lineItems"]["nodes"][0]["discountedTotalSet"]) == "18.0"
    assert (made["shippingLine"]["code"], made["shippingLine"]["custom"]) == ("custom", True)
    assert shop.data(READ, made)["draftOrder"] == made


def test_a_percentage_of_the_order_is_of_what_line_discounts_leave(shop: Shop) -> None:
    """12.34 % of 8.77 is 1.08."""
    discount = {"value": 12.34, "valueType": "PERCENTAGE"}
    made = draft(shop, item(quantity=1, appliedDiscount=discount), appliedDiscount=discount)
    assert amount(made["appliedDiscount"]["amountSet"]) == "1.08"
    assert amount(made["totalDiscountsSet"]) == "2.31"


def test_a_fixed_discount_of_a_line_is_per_unit_and_never_more_than_the_line(shop: Shop) -> None:
    """Two units off three each are six; a discount larger than the line takes the line."""
    three = draft(shop, item(appliedDiscount={"value": 3, "valueType": "FIXED_AMOUNT"}))
    assert amount(three["totalDiscountsSet"]) == "6.0"
    more = draft(shop, item(appliedDiscount={"value": 99, "valueType": "FIXED_AMOUNT"}))
    assert amount(more["totalPriceSet"]) == "0.0"


def test_a_variants_line_takes_everything_from_the_variant(shop: Shop) -> None:
    """Title, price, sku and flags given beside a variant count for nothing; no sku is an empty one."""
    product = shop.create(title="Board")
    variant = product["variants"]["nodes"][0]["id"]
    beside = {"title": "Other", "sku": "X", "originalUnitPrice": "9", "taxable": False}
    (line,) = draft(shop, {"variantId": variant, "quantity": 1} | beside)["lineItems"]["nodes"]
    assert (line["title"], line["sku"], line["custom"], line["taxable"]) == ("Board", "", False, True)
    assert amount(line["originalUnitPriceSet"]) == "0.0"


def test_an_email_address_brings_its_customer(shop: Shop) -> None:
    """One is made when there is none, and found again for the next draft order."""
    first = draft(shop, email="a@example.com")
    second = draft(shop, email="A@example.com")
    assert first["customer"]["displayName"] == "a@example.com"
    assert second["customer"]["id"] == first["customer"]["id"]
    assert draft(shop)["customer"] is None


def test_what_is_wrong_with_fields_is_told_together_the_rest_one_by_one(shop: Shop) -> None:
    """Field errors carry their path; the others name no field."""
    errors = refused(shop, item(quantity=0), email="nobody", tags=["x" * 41])
    assert [error["field"] for error in errors] == [["email"], ["tags", "0"], ["lineItems", "0", "quantity"]]
    assert errors[1]["message"] == "Title Tag exceeds the maximum length of 40 characters"
    messages = [
        refused(shop, *lines, **more)[0]["message"]
        for lines, more in (
            ((), {}),
            (({"variantId": "gid://shopify/ProductVariant/77", "quantity": 1},), {}),
            (({"quantity": 1, "originalUnitPrice": "1"},), {}),
            ((item(originalUnitPrice="-1"),), {}),
            ((item(),), {"paymentTerms": {}}),
            ((item(),), {"reserveInventoryUntil": "2020-01-01T00:00:00Z"}),
        )
    ]
    assert messages == [
        "Add at least 1 product",
        "Product with ID 77 is no longer available.",
        "Merchandise title is empty.",
        "Cannot send negative price for line_item",
        "Payment terms template id can not be empty.",
        "Reserve until can't be in the past",
    ]


def test_an_update_reports_its_fields_under_the_input(shop: Shop) -> None:
    """A discount over 100 % or with three decimals is refused; a negative one is taken and takes nothing."""
    made = draft(shop)
    for value, message in (
        (150, "Applied discount value must be less than or equal to 100%"),
        (1.234, "Applied discount value can have at most 2 digits after decimal point"),
    ):
        given = {"appliedDiscount": {"value": value, "valueType": "PERCENTAGE"}}
        errors = shop.data(UPDATE, {"id": made["id"], "i": given})["draftOrderUpdate"]["userErrors"]
        assert errors == [{"field": ["input", "appliedDiscount", "value"], "message": message}]
    negative = {"appliedDiscount": {"value": -5, "valueType": "PERCENTAGE"}}
    changed = shop.data(UPDATE, {"id": made["id"], "i": negative})["draftOrderUpdate"]["draftOrder"]
    assert amount(changed["totalPriceSet"]) == "20.0"


def test_an_update_changes_what_it_names_and_replaces_lines(shop: Shop) -> None:
    """Tags stay when lines are given anew."""
    made = draft(shop, tags=["b", "a"], shippingAddress={"city": "Ottawa", "countryCode": "CA", "provinceCode": "ON"})
    changed = shop.data(UPDATE, {"id": made["id"], "i": {"lineItems": [item(quantity=1)]}})["draftOrderUpdate"]
    assert changed["draftOrder"]["tags"] == ["a", "b"]
    assert changed["draftOrder"]["shippingAddress"] == {"city": "Ottawa", "country": "Canada", "province": "Ontario"}
    assert amount(changed["draftOrder"]["totalPriceSet"]) == "10.0"
    missing = shop.data(UPDATE, {"id": "gid://shopify/DraftOrder/1", "i": {}})["draftOrderUpdate"]["userErrors"]
    assert missing[0]["message"] == "Draft order does not exist"


def test_calculating_saves_nothing(box: ShopifySandbox, shop: Shop) -> None:
    """The amounts are those of a draft order, and neither draft order nor customer is made."""
    query = (
        "mutation($i: DraftOrderInput!) { draftOrderCalculate(input: $i) { calculatedDraftOrder { totalPriceSet "
        + MONEY
        + " lineItems { title discountedTotal { amount } } } userErrors { message } } }"
    )
    found = shop.data(query, {"i": {"lineItems": [item()], "email": "new@example.com"}})["draftOrderCalculate"]
    assert amount(found["calculatedDraftOrder"]["totalPriceSet"]) == "20.0"
    assert found["calculatedDraftOrder"]["lineItems"] == [{"title": "Work", "discountedTotal": {"amount": "20.0"}}]
    for table in ("draft_orders", "customers"):
        assert box.store.db.value(f"SELECT COUNT(*) FROM {table}") == 0, table  # noqa: S608 - a fixed list


def test_more_lines_than_499_are_refused_as_a_whole(shop: Shop) -> None:
    """The limit of a draft order's lines is larger than the general one."""
    made = draft(shop, *[item(quantity=1) for _ in range(499)])
    assert amount(made["totalPriceSet"]) == "4990.0"
    body = shop.run(CREATE, {"i": {"lineItems": [item() for _ in range(500)]}})
    assert body["errors"][0]["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"
    assert body["errors"][0]["path"] == ["draftOrderCreate", "input", "lineItems"]


def test_a_copy_leaves_discounts_and_shipping_behind(shop: Shop) -> None:
    """Lines, people and tags are copied; the copy is open with a name of its own."""
    made = draft(
        shop,
        item(appliedDiscount={"value": 10, "valueType": "PERCENTAGE"}),
        email="a@example.com",
        tags=["t"],
        shippingLine={"title": "Courier", "price": "5"},
    )
    query = "mutation($id: ID) { draftOrderDuplicate(id: $id) { draftOrder " + FIELDS + " } }"
    copy = shop.data(query, made)["draftOrderDuplicate"]["draftOrder"]
    assert (copy["name"], copy["email"], copy["tags"], copy["shippingLine"]) == ("#D2", "a@example.com", ["t"], None)
    assert amount(copy["totalPriceSet"]) == "20.0"


def test_lists_are_searched_sorted_and_counted(shop: Shop) -> None:
    """By tag, by words of lines, by status; an unknown field matches everything and warns."""
    first = draft(shop, item(title="Blue thing"), tags=["one"])
    second = draft(shop, item(title="Red thing"), tags=["two"])
    query = """query($q: String!) { draftOrders(first: 9, query: $q, reverse: true) { nodes { id } }
      draftOrdersCount(query: $q) { count } }"""
    for text, expected in (
        ("tag:one", [first]),
        ("red", [second]),
        ("status:open", [second, first]),
        ("status:completed", []),
    ):
        found = shop.data(query, {"q": text})
        assert [node["id"] for node in found["draftOrders"]["nodes"]] == [one["id"] for one in expected], text
        assert found["draftOrdersCount"]["count"] == len(expected)
    body = shop.run(query, {"q": "email:a@example.com"})
    assert body["data"]["draftOrdersCount"]["count"] == 2
    assert body["extensions"]["search"][0]["warnings"][0]["field"] == "email"


def test_tags_are_added_and_taken_off_in_bulk_by_a_job(box: ShopifySandbox, shop: Shop) -> None:
    """The job is done a little later; a tag that is there keeps its letters; delete works the same way."""
    made = draft(shop, tags=["VIP"])
    add = """mutation($ids: [ID!], $t: [String!]!) { draftOrderBulkAddTags(ids: $ids, tags: $t) {
      job { id done } userErrors { message } } }"""
    job = shop.data(add, {"ids": [made["id"]], "t": [" vip ", "New"]})["draftOrderBulkAddTags"]["job"]
    assert job["done"] is False
    box.clock.advance(5)
    assert shop.data("query($id: ID!) { job(id: $id) { done } }", job)["job"]["done"] is True
    assert shop.data(READ, made)["draftOrder"]["tags"] == ["New", "VIP"]
    off = 'mutation { draftOrderBulkRemoveTags(search: "tag:new", tags: ["vip"]) { job { id } } }'
    shop.data(off)
    box.clock.advance(5)
    assert shop.data(READ, made)["draftOrder"]["tags"] == ["New"]
    shop.data("mutation($ids: [ID!]) { draftOrderBulkDelete(ids: $ids) { job { id } } }", {"ids": [made["id"]]})
    box.clock.advance(5)
    assert shop.data(READ, made)["draftOrder"] is None


def test_a_draft_order_is_deleted_once(shop: Shop) -> None:
    """The id comes back, then it does not exist."""
    made = draft(shop)
    query = """mutation($i: DraftOrderDeleteInput!) { draftOrderDelete(input: $i) {
      deletedId userErrors { field message } } }"""
    assert shop.data(query, {"i": {"id": made["id"]}})["draftOrderDelete"]["deletedId"] == made["id"]
    again = shop.data(query, {"i": {"id": made["id"]}})["draftOrderDelete"]
    assert again["userErrors"][0]["message"] == "Draft order does not exist"


@pytest.fixture
def dollars() -> Any:
    """A shop that knows what a dollar is worth."""
    config = replace(ShopifyConfig(), exchange_rates={"USD": "1.1"})
    with create(config, Clock(datetime(2026, 11, 2, 12, tzinfo=UTC))) as sandbox:
        yield Shop(sandbox)


def test_the_buyers_currency_is_converted_at_the_shops_rate(dollars: Shop, shop: Shop) -> None:
    """Without a rate the sandbox refuses by name rather than inventing one."""
    made = draft(dollars, item(), presentmentCurrencyCode="USD")
    assert made["totalPriceSet"]["shopMoney"] == {"amount": "20.0", "currencyCode": "EUR"}
    assert made["totalPriceSet"]["presentmentMoney"] == {"amount": "22.0", "currencyCode": "USD"}
    body = shop.run(CREATE, {"i": {"lineItems": [item()], "presentmentCurrencyCode": "USD"}})
    assert body["errors"][0]["extensions"]["code"] == "SANDBOX_NOT_IMPLEMENTED"


def test_topics_tell_of_draft_orders(box: ShopifySandbox, shop: Shop) -> None:
    """Creating, changing and deleting raise their topics."""
    seen: list[str] = []
    box.store.listeners.append(lambda events: seen.extend(event.topic for event in events))
    made = draft(shop)
    shop.data(UPDATE, {"id": made["id"], "i": {"note": "x"}})
    delete = "mutation($i: DraftOrderDeleteInput!) { draftOrderDelete(input: $i) { deletedId } }"
    shop.data(delete, {"i": {"id": made["id"]}})
    wanted = ["draft_orders/create", "draft_orders/update", "draft_orders/delete"]
    assert [topic for topic in seen if topic in wanted] == wanted


def test_saved_searches_choose_draft_orders(box: ShopifySandbox, shop: Shop) -> None:
    """The views a shop has from the start can be named instead of a search."""
    made = draft(shop)
    searches = shop.data("{ draftOrderSavedSearches(first: 9) { nodes { id name query } } }")["draftOrderSavedSearches"]
    by_name = {one["name"]: one for one in searches["nodes"]}
    assert by_name["Open"]["query"] == "status:open"
    query = """mutation($s: ID) { draftOrderBulkAddTags(savedSearchId: $s, tags: ["seen"]) { job { id } } }"""
    for name, expected in (("Completed", []), ("Open", ["seen"])):
        shop.data(query, {"s": by_name[name]["id"]})
        box.clock.advance(5)
        assert shop.data(READ, made)["draftOrder"]["tags"] == expected, name


def test_a_draft_order_is_tagged_as_anything_else(shop: Shop) -> None:
    """tagsAdd reaches draft orders."""
    made = draft(shop, tags=["a"])
    query = """mutation($id: ID!) { tagsAdd(id: $id, tags: ["b"]) { node { ... on DraftOrder { tags } } } }"""
    assert shop.data(query, made)["tagsAdd"]["node"] == {"tags": ["a", "b"]}
