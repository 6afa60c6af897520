"""Payment terms of orders and draft orders, as they were recorded."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.shopify.client import Shop
from tests.contract.shopify.test_draft_completion import complete
from tests.contract.shopify.test_draft_orders import draft

TERMS = """id due overdue dueInDays paymentTermsName paymentTermsType translatedName order { id } draftOrder { id }
  paymentSchedules(first: 5) { nodes { id issuedAt dueAt completedAt due balanceDue { amount currencyCode } } }"""
CREATE = f"""mutation($of: ID!, $t: PaymentTermsCreateInput!) {{ paymentTermsCreate(referenceId: $of,
  paymentTermsAttributes: $t) {{ paymentTerms {{ {TERMS} }} userErrors {{ field message code }} }} }}"""
UPDATE = f"""mutation($i: PaymentTermsUpdateInput!) {{ paymentTermsUpdate(input: $i) {{
  paymentTerms {{ {TERMS} }} userErrors {{ field message code }} }} }}"""
DELETE = """mutation($i: PaymentTermsDeleteInput!) { paymentTermsDelete(input: $i) {
  deletedId userErrors { field message code } } }"""
OF_ORDER = f"query($id: ID!) {{ order(id: $id) {{ displayFinancialStatus paymentTerms {{ {TERMS} }} }} }}"
OF_DRAFT = f"query($id: ID!) {{ draftOrder(id: $id) {{ paymentTerms {{ {TERMS} }} }} }}"
PAY = "mutation($i: OrderMarkAsPaidInput!) { orderMarkAsPaid(input: $i) { userErrors { message } } }"
NET_30, RECEIPT, FULFILLMENT, FIXED = (f"gid://shopify/PaymentTermsTemplate/{number}" for number in (4, 1, 9, 7))
ISSUED = {"issuedAt": "2026-01-01T00:00:00Z"}
CODE = "PAYMENT_TERMS_CREATION_UNSUCCESSFUL"


def given(template: str, *schedules: dict[str, str]) -> dict[str, Any]:
    """The input for terms."""
    return {"paymentTermsTemplateId": template, "paymentSchedules": list(schedules)}


def create(shop: Shop, of: str, terms: dict[str, Any]) -> dict[str, Any]:
    """The payload of paymentTermsCreate."""
    return dict(shop.data(CREATE, {"of": of, "t": terms})["paymentTermsCreate"])


def refused(shop: Shop, of: str, terms: dict[str, Any]) -> str:
    """Why terms were not made."""
    payload = create(shop, of, terms)
    ((field, message, code),) = [(e["field"], e["message"], e["code"]) for e in payload["userErrors"]]
    assert (payload["paymentTerms"], field, code) == (None, None, CODE)
    return str(message)


def test_net_terms_of_a_draft_order_have_a_date_and_its_amount(shop: Shop) -> None:
    """The due date is the day of issue and the template's days; a change to a fixed date is another schedule."""
    made = draft(shop)
    terms = create(shop, made["id"], given(NET_30, ISSUED))["paymentTerms"]
    (schedule,) = terms["paymentSchedules"]["nodes"]
    assert (terms["paymentTermsName"], terms["paymentTermsType"], terms["dueInDays"]) == ("Net 30", "NET", 30)
    assert (schedule["issuedAt"], schedule["dueAt"]) == ("2026-01-01T00:00:00Z", "2026-01-31T00:00:00Z")
    assert (terms["order"], terms["draftOrder"]["id"]) == (None, made["id"])
    later = given(FIXED, {"dueAt": "2099-05-27T12:00:00Z"})
    changed = shop.data(UPDATE, {"i": {"paymentTermsId": terms["id"], "paymentTermsAttributes": later}})
    fixed = changed["paymentTermsUpdate"]["paymentTerms"]
    (date,) = fixed["paymentSchedules"]["nodes"]
    assert (fixed["id"], fixed["paymentTermsName"], fixed["dueInDays"]) == (terms["id"], "Fixed", None)
    assert (date["issuedAt"], date["dueAt"], date["due"]) == (None, "2099-05-27T12:00:00Z", False)
    assert date["id"] != schedule["id"]
    gone = shop.data(DELETE, {"i": {"paymentTermsId": terms["id"]}})["paymentTermsDelete"]
    assert gone == {"deletedId": terms["id"], "userErrors": []}
    assert shop.data(OF_DRAFT, {"id": made["id"]})["draftOrder"]["paymentTerms"] is None


def test_terms_of_an_event_have_no_date(shop: Shop) -> None:
    """On receipt and on fulfilment: a day of issue is taken and not kept, a due date is refused."""
    receipt = create(shop, draft(shop)["id"], given(RECEIPT, ISSUED))["paymentTerms"]
    assert (receipt["paymentSchedules"]["nodes"], receipt["due"], receipt["overdue"]) == ([], False, False)
    for template in (RECEIPT, FULFILLMENT):
        message = refused(shop, draft(shop)["id"], given(template, {"dueAt": "2026-01-01T00:00:00Z"}))
        assert message == "A due date cannot be set with event payment terms."


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (given("gid://shopify/PaymentTermsTemplate/9999", ISSUED), "Could not find payment terms template."),
        (given(FIXED, {}), "A due date is required with fixed or net payment terms."),
        (given(NET_30, ISSUED, ISSUED), "Cannot create payment terms with multiple payment schedules."),
    ],
)
def test_terms_that_are_refused(shop: Shop, terms: dict[str, Any], message: str) -> None:
    """In Shopify's words, with no field."""
    assert refused(shop, draft(shop)["id"], terms) == message


def test_owners_and_terms_that_are_not_there(shop: Shop) -> None:
    """An unknown owner is named by the end of its id; unknown terms are not found."""
    for of, message in (("Order/123", "Order with id 123"), ("DraftOrder/9", "Draft order with id 9")):
        said = refused(shop, f"gid://shopify/{of}", given(NET_30, ISSUED))
        assert said == f"Cannot find the specific {message}."
    unknown = {"paymentTermsId": "gid://shopify/PaymentTerms/9"}
    errors = shop.data(DELETE, {"i": unknown})["paymentTermsDelete"]["userErrors"]
    changed = {**unknown, "paymentTermsAttributes": given(NET_30, ISSUED)}
    errors += shop.data(UPDATE, {"i": changed})["paymentTermsUpdate"]["userErrors"]
    assert [(each["message"], each["code"]) for each in errors] == [
        ("Could not find payment terms.", f"PAYMENT_TERMS_{verb}_UNSUCCESSFUL") for verb in ("DELETE", "UPDATE")
    ]


def test_an_order_of_a_draft_with_terms_is_pending(shop: Shop) -> None:
    """Completing a draft order with terms pays nothing; the order has them until it is paid, and then takes none."""
    made = draft(shop, paymentTerms=given(NET_30, ISSUED))
    order = complete(shop, made)["draftOrder"]["order"]
    assert (order["displayFinancialStatus"], [each["status"] for each in order["transactions"]]) == (
        "PENDING",
        ["PENDING"],
    )
    found = shop.data(OF_ORDER, {"id": order["id"]})["order"]["paymentTerms"]
    assert (found["paymentTermsName"], found["overdue"], found["order"]["id"]) == ("Net 30", True, order["id"])
    shop.data(PAY, {"i": {"id": order["id"]}})
    paid = shop.data(OF_ORDER, {"id": order["id"]})["order"]["paymentTerms"]
    (schedule,) = paid["paymentSchedules"]["nodes"]
    assert (paid["overdue"], schedule["completedAt"] is None, schedule["balanceDue"]["amount"]) == (False, False, "0.0")
    other = complete(shop, draft(shop))["draftOrder"]["order"]["id"]
    message = refused(shop, other, given(NET_30, ISSUED))
    assert message == "Cannot create payment terms on an Order that has already been paid in full."


def test_a_draft_orders_input_can_take_terms_away(shop: Shop) -> None:
    """An update without a word of terms leaves them; one that says null takes them away."""
    made = draft(shop, paymentTerms=given(NET_30, ISSUED))
    update = "mutation($id: ID!, $i: DraftOrderInput!) { draftOrderUpdate(id: $id, input: $i) { userErrors { field }} }"
    shop.data(update, {"id": made["id"], "i": {"note": "n"}})
    assert shop.data(OF_DRAFT, {"id": made["id"]})["draftOrder"]["paymentTerms"]["paymentTermsName"] == "Net 30"
    shop.data(update, {"id": made["id"], "i": {"paymentTerms": None}})
    assert shop.data(OF_DRAFT, {"id": made["id"]})["draftOrder"]["paymentTerms"] is None
