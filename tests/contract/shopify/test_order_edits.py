"""Edits of orders: what is staged, what it would cost, what is refused, what a commit leaves behind."""

from __future__ import annotations

from typing import Any

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop
from tests.contract.shopify.order_requests import amounts, bag, line, make, read, sale

BEGIN = """mutation($id: ID!) { orderEditBegin(id: $id) { calculatedOrder { id lineItems(first: 5) { nodes { id } } }
  userErrors { field message } } }"""
ORDER = """calculatedOrder { id subtotalLineItemsQuantity totalPriceSet { shopMoney { amount } }
  totalOutstandingSet { shopMoney { amount } } addedLineItems(first: 5) { nodes { title quantity } }
  shippingLines { id title stagedStatus } stagedChanges(first: 9) { nodes { __typename } } }"""
SET = f"""mutation($id: ID!, $line: ID!, $n: Int!) {{ orderEditSetQuantity(id: $id, lineItemId: $line, quantity: $n) {{
  {ORDER} userErrors {{ field message }} }} }}"""
CUSTOM = f"""mutation($id: ID!, $title: String!, $n: Int!, $price: MoneyInput!) {{
  orderEditAddCustomItem(id: $id, title: $title, quantity: $n, price: $price) {{
    {ORDER} calculatedLineItem {{ id }} userErrors {{ field message }} }} }}"""
VARIANT = """mutation($id: ID!, $v: ID!, $n: Int!, $twice: Boolean) {
  orderEditAddVariant(id: $id, variantId: $v, quantity: $n, allowDuplicates: $twice) {
    calculatedLineItem { title variant { id } } userErrors { field message } } }"""
DISCOUNT = f"""mutation($id: ID!, $line: ID!, $d: OrderEditAppliedDiscountInput!) {{
  orderEditAddLineItemDiscount(id: $id, lineItemId: $line, discount: $d) {{ {ORDER}
    addedDiscountStagedChange {{ id description }}
    calculatedLineItem {{ calculatedDiscountAllocations {{ discountApplication {{ id }} }} }}
    userErrors {{ field message }} }} }}"""
SHIPPING = f"""mutation($id: ID!, $s: OrderEditAddShippingLineInput!) {{
  orderEditAddShippingLine(id: $id, shippingLine: $s) {{ {ORDER} calculatedShippingLine {{ id }}
    userErrors {{ field message code }} }} }}"""
COMMIT = """mutation($id: ID!) { orderEditCommit(id: $id) { order { id } successMessages
  userErrors { field message } } }"""
EURO = {"currencyCode": "EUR"}


def begin(shop: Shop, order: dict[str, Any]) -> tuple[str, list[str]]:
    """A begun edit: its id and those of its lines."""
    edit = shop.data(BEGIN, {"id": order["id"]})["orderEditBegin"]["calculatedOrder"]
    return edit["id"], [one["id"] for one in edit["lineItems"]["nodes"]]


def total(answer: dict[str, Any]) -> str:
    """What the order would cost."""
    return str(answer["calculatedOrder"]["totalPriceSet"]["shopMoney"]["amount"])


def test_taking_units_away(shop: Shop) -> None:
    """Taxes follow the units; the order keeps what was ordered and shows what is left."""
    tax = [{"title": "VAT", "rate": 0.1, "priceSet": bag("2.00")}]
    order = make(shop, lineItems=[line(quantity=2, taxLines=tax)])
    edit, lines = begin(shop, order)
    staged = shop.data(SET, {"id": edit, "line": lines[0], "n": 1})["orderEditSetQuantity"]
    assert total(staged) == "11.0"
    assert staged["calculatedOrder"]["stagedChanges"]["nodes"] == [{"__typename": "OrderStagedChangeDecrementItem"}]
    assert amounts(read(shop, order), "currentTotalPrice") == ["22.0"]
    assert shop.data(COMMIT, {"id": edit})["orderEditCommit"]["successMessages"] == ["Order updated"]
    after = read(shop, order)
    assert amounts(after, "totalPrice", "currentTotalPrice") == ["22.0", "11.0"]
    assert [(one["quantity"], one["currentQuantity"]) for one in after["lineItems"]["nodes"]] == [(2, 1)]


def test_adding_to_a_paid_order(box: ShopifySandbox, shop: Shop) -> None:
    """What is added has to be paid: the order is paid in part, and subscribers hear that it was edited."""
    heard: list[str] = []
    order = make(shop, transactions=[sale("10")])
    edit, _ = begin(shop, order)
    wrap = {"id": edit, "title": "Wrap", "n": 2, "price": EURO | {"amount": "2.50"}}
    assert total(shop.data(CUSTOM, wrap)["orderEditAddCustomItem"]) == "15.0"
    box.store.listeners.append(lambda events: heard.extend(event.topic for event in events))
    shop.data(COMMIT, {"id": edit})
    assert "orders/edited" in heard
    after = read(shop, order)
    assert (after["displayFinancialStatus"], *amounts(after, "totalOutstanding")) == ("PARTIALLY_PAID", "5.0")


def test_a_variant_is_added_once_unless_told_otherwise(shop: Shop) -> None:
    """The same variant twice needs allowDuplicates; one that is not there is refused."""
    variant = shop.create(title="Pot")["variants"]["nodes"][0]["id"]
    edit, _ = begin(shop, make(shop))
    wanted = {"id": edit, "v": variant, "n": 1}
    assert shop.data(VARIANT, wanted)["orderEditAddVariant"]["calculatedLineItem"]["title"] == "Pot"
    again = shop.data(VARIANT, wanted)["orderEditAddVariant"]["userErrors"]
    assert again == [{"field": ["id"], "message": "Pot was not added because it's already on the order."}]
    assert shop.data(VARIANT, wanted | {"twice": True})["orderEditAddVariant"]["userErrors"] == []
    gone = shop.data(VARIANT, wanted | {"v": "gid://shopify/ProductVariant/1"})["orderEditAddVariant"]["userErrors"]
    assert gone == [{"field": ["variantId"], "message": "The variant does not exist in the shop."}]


def test_discounts_come_and_go(shop: Shop) -> None:
    """A fixed discount counts per unit and can be taken back before the commit; committed it lowers the price."""
    order = make(shop, lineItems=[line(quantity=2)])
    edit, lines = begin(shop, order)
    wanted = {"id": edit, "line": lines[0], "d": {"description": "Deal", "fixedValue": EURO | {"amount": "3"}}}
    first = shop.data(DISCOUNT, wanted)["orderEditAddLineItemDiscount"]
    assert total(first) == "14.0"
    given = first["calculatedLineItem"]["calculatedDiscountAllocations"][0]["discountApplication"]["id"]
    remove = f"""mutation($id: ID!, $d: ID!) {{ orderEditRemoveDiscount(id: $id, discountApplicationId: $d) {{ {ORDER}
      userErrors {{ message code }} }} }}"""
    assert total(shop.data(remove, {"id": edit, "d": given})["orderEditRemoveDiscount"]) == "20.0"
    assert shop.data(remove, {"id": edit, "d": given})["orderEditRemoveDiscount"]["userErrors"][0]["code"] == "INVALID"
    percent = wanted | {"d": {"description": "Half", "percentValue": 50}}
    assert total(shop.data(DISCOUNT, percent)["orderEditAddLineItemDiscount"]) == "10.0"
    shop.data(COMMIT, {"id": edit})
    names = ("subtotalPrice", "totalDiscounts", "currentTotalPrice")
    assert amounts(read(shop, order), *names) == ["10.0", "10.0", "10.0"]


def test_shipping_that_was_there_is_marked_and_what_was_added_goes(shop: Shop) -> None:
    """Removing the order's own shipping line shows it as removed; one added in the edit just disappears."""
    order = make(shop, shippingLines=[{"title": "Post", "priceSet": bag("4")}])
    edit, _ = begin(shop, order)
    added = shop.data(SHIPPING, {"id": edit, "s": {"title": "Van", "price": EURO | {"amount": "9"}}})
    lines = added["orderEditAddShippingLine"]["calculatedOrder"]["shippingLines"]
    assert [(one["title"], one["stagedStatus"]) for one in lines] == [("Post", "NONE"), ("Van", "ADDED")]
    remove = f"""mutation($id: ID!, $s: ID!) {{ orderEditRemoveShippingLine(id: $id, shippingLineId: $s) {{ {ORDER}
      userErrors {{ field message }} }} }}"""
    for one in lines:
        left = shop.data(remove, {"id": edit, "s": one["id"]})["orderEditRemoveShippingLine"]
    assert [one["stagedStatus"] for one in left["calculatedOrder"]["shippingLines"]] == ["REMOVED"]
    twice = shop.data(remove, {"id": edit, "s": lines[0]["id"]})["orderEditRemoveShippingLine"]["userErrors"]
    assert twice[0]["field"] == ["shippingLineId"]
    shop.data(COMMIT, {"id": edit})
    assert amounts(read(shop, order), "totalPrice") == ["10.0"]


def test_what_is_refused_stages_nothing(shop: Shop) -> None:
    """Bad quantities, titles, prices and currencies are named by field; without a change nothing is committed."""
    edit, lines = begin(shop, make(shop))
    wrong = {"id": edit, "title": " ", "n": 0, "price": {"amount": "-1", "currencyCode": "USD"}}
    errors = shop.data(CUSTOM, wrong)["orderEditAddCustomItem"]["userErrors"]
    assert [(one["field"][0], one["message"]) for one in errors] == [
        ("title", "can't be blank"),
        ("quantity", "must be greater than 0"),
        ("price", "must be greater than or equal to 0"),
        ("price", "Currency must be EUR."),
    ]
    negative = shop.data(SET, {"id": edit, "line": lines[0], "n": -1})["orderEditSetQuantity"]
    assert negative["userErrors"][0]["message"] == "must be greater than or equal to 0"
    same = shop.data(SET, {"id": edit, "line": lines[0], "n": 1})["orderEditSetQuantity"]
    assert same["userErrors"] == []
    refused = shop.data(COMMIT, {"id": edit})["orderEditCommit"]["userErrors"]
    assert refused == [{"field": ["id"], "message": "There must be at least one change to be made."}]


def test_an_edit_ends_with_its_commit(shop: Shop) -> None:
    """A committed edit is not there any more, and a cancelled order cannot be edited."""
    edit, lines = begin(shop, make(shop))
    shop.data(SET, {"id": edit, "line": lines[0], "n": 0})
    shop.data(COMMIT, {"id": edit})
    gone = shop.data(COMMIT, {"id": edit})["orderEditCommit"]["userErrors"]
    assert gone == [{"field": ["id"], "message": "The calculated order does not exist."}]
    missing = shop.data(BEGIN, {"id": "gid://shopify/Order/1"})["orderEditBegin"]["userErrors"]
    assert missing == [{"field": ["id"], "message": "The order does not exist."}]


def test_a_discount_on_more_units_is_committed_as_it_was_shown(shop: Shop) -> None:
    """More units and a discount on them in one edit: the order comes to what the calculated order came to."""
    order = make(shop, lineItems=[line(quantity=3)])
    edit, lines = begin(shop, order)
    shop.data(SET, {"id": edit, "line": lines[0], "n": 5})
    off = {"description": "Off", "fixedValue": {"amount": "1.00", **EURO}}
    shown = total(shop.data(DISCOUNT, {"id": edit, "line": lines[0], "d": off})["orderEditAddLineItemDiscount"])
    shop.data(COMMIT, {"id": edit})
    assert amounts(read(shop, order), "currentTotalPrice") == [shown] == ["45.0"]
