"""What hangs on customers: tax exemptions, invitations, requests about data, counts, payment methods, account pages."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.shopify.config import DEFAULT_SCOPES, ShopifyConfig
from sandbox.shopify.durations import in_words
from sandbox.shopify.server import ShopifySandbox, create
from sandbox.shopify.store import orders
from tests.contract.shopify.client import Shop
from tests.contract.shopify.test_customers import DELETE, READ, made

EXEMPTIONS = """mutation($c: ID!, $t: [TaxExemption!]!) { customer%sTaxExemptions(customerId: $c, taxExemptions: $t) {
  customer { taxExemptions } userErrors { field message } } }"""
INVITE = """mutation($c: ID!, $e: EmailInput) { customerSendAccountInviteEmail(customerId: $c, email: $e) {
  customer { state } userErrors { field message code } } }"""
OPT_OUT = "mutation($e: String!) { dataSaleOptOut(email: $e) { customerId userErrors { field code } } }"
COUNTS = """query($id: ID!) { customer(id: $id) { numberOfOrders amountSpent { amount currencyCode } canDelete
  lastOrder { id } orders(first: 5) { nodes { id } } lifetimeDuration } }"""
NOBODY = "gid://shopify/Customer/1"


def test_tax_exemptions_are_added_removed_and_replaced(shop: Shop) -> None:
    """Each once, in the order they came; an unknown customer is told apart from an empty list."""
    row = made(shop, firstName="Ada", taxExempt=True)
    one, two = "CA_BC_RESELLER_EXEMPTION", "EU_REVERSE_CHARGE_EXEMPTION_RULE"

    def run(how: str, *codes: str, customer: str = row["id"]) -> dict[str, Any]:
        return dict(next(iter(shop.data(EXEMPTIONS % how, {"c": customer, "t": list(codes)}).values())))

    assert run("Add", two, one, two)["customer"]["taxExemptions"] == [two, one]
    assert run("Remove", two)["customer"]["taxExemptions"] == [one]
    assert run("Replace")["customer"]["taxExemptions"] == []
    assert run("Add", one, customer=NOBODY)["userErrors"] == [
        {"field": ["customerId"], "message": "Customer does not exist."}
    ]


def test_an_invitation_moves_the_account(shop: Shop) -> None:
    """A customer without an account is invited; a mail that cannot be sent leaves it as it is."""
    row = made(shop, email="a@b.de")
    for mail, path in (
        ({"subject": " "}, ["email", "subject"]),
        ({"subject": "x", "to": "nowhere"}, ["email", "to"]),
        ({"subject": "x", "bcc": ["c@b.de"]}, ["email", "bcc"]),
        ({"subject": "x" * 2000}, ["customerId"]),
    ):
        answer = shop.data(INVITE, {"c": row["id"], "e": mail})["customerSendAccountInviteEmail"]
        assert (answer["customer"], answer["userErrors"][0]["field"]) == (None, path)
    assert shop.data(READ, {"id": row["id"]})["customer"]["state"] == "DISABLED"
    assert shop.data(INVITE, {"c": row["id"]})["customerSendAccountInviteEmail"]["customer"] == {"state": "INVITED"}


def test_opting_out_makes_a_customer_of_who_is_none(shop: Shop) -> None:
    """A known customer is marked, an unknown e-mail becomes a customer with a tag, what is no e-mail fails."""
    known = made(shop, email="a@b.de")
    assert shop.data(OPT_OUT, {"e": " A@b.de"})["dataSaleOptOut"]["customerId"] == known["id"]
    new = shop.data(OPT_OUT, {"e": "c d@b.de"})["dataSaleOptOut"]["customerId"]
    row = shop.data(READ, {"id": new})["customer"]
    assert (row["email"], row["tags"]) == ("cd@b.de", ["created-by-dns-form"])
    failed = shop.data(OPT_OUT, {"e": "nowhere"})["dataSaleOptOut"]
    assert failed == {"customerId": None, "userErrors": [{"field": None, "code": "FAILED"}]}


def test_an_erasure_can_be_called_off_once(shop: Shop) -> None:
    """Calling off needs a request that stands; a request changes nothing about the customer yet."""
    row = made(shop, email="a@b.de")
    ask, stop = (
        f"mutation($c: ID!) {{ customer{name}DataErasure(customerId: $c) {{ customerId userErrors {{ code }} }} }}"
        for name in ("Request", "Cancel")
    )
    assert shop.data(ask, {"c": row["id"]})["customerRequestDataErasure"]["customerId"] == row["id"]
    assert shop.data(READ, {"id": row["id"]})["customer"]["email"] == "a@b.de"
    assert shop.data(stop, {"c": row["id"]})["customerCancelDataErasure"]["customerId"] == row["id"]
    again = shop.data(stop, {"c": row["id"]})["customerCancelDataErasure"]
    assert again == {"customerId": None, "userErrors": [{"code": "NOT_BEING_ERASED"}]}
    missing = shop.data(ask, {"c": NOBODY})["customerRequestDataErasure"]
    assert missing["userErrors"] == [{"code": "DOES_NOT_EXIST"}]


def test_counts_follow_orders_a_little_later(shop: Shop, box: ShopifySandbox) -> None:
    """An order is listed at once and keeps its customer; counts, amount and last order see it some seconds later."""
    row = made(shop, email="a@b.de")
    number = int(row["id"].rsplit("/", 1)[-1])
    with box.store.db.transaction():
        orders.create(box.store, orders.NewOrder(columns={"customer_id": number}))
    found = shop.data(COUNTS, {"id": row["id"]})["customer"]
    assert (len(found["orders"]["nodes"]), found["numberOfOrders"], found["lastOrder"]) == (1, "0", None)
    assert found["canDelete"] is False
    box.clock.advance(60)
    found = shop.data(COUNTS, {"id": row["id"]})["customer"]
    assert (found["numberOfOrders"], found["lastOrder"]) == ("1", found["orders"]["nodes"][0])
    refused = shop.data(DELETE, {"id": row["id"]})["customerDelete"]
    assert refused["userErrors"][0]["message"] == "Customer can\u2019t be deleted because they have associated orders"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3, "less than 5 seconds"),
        (9, "less than 10 seconds"),
        (30, "half a minute"),
        (70, "1 minute"),
        (40 * 60, "40 minutes"),
        (5 * 3600, "about 5 hours"),
        (86_400, "1 day"),
        (10 * 86_400, "10 days"),
        (35 * 86_400, "about 1 month"),
        (400 * 86_400, "about 1 year"),
        (600 * 86_400, "over 1 year"),
        (700 * 86_400, "almost 2 years"),
    ],
)
def test_spans_of_time_are_told_in_words(seconds: int, words: str) -> None:
    """The steps are those of Rails."""
    assert in_words(seconds * 1_000_000) == words


def test_payment_methods_need_a_scope_of_their_own(shop: Shop) -> None:
    """Without it reading is denied in the vendor's words; with it lists are empty and ids find nothing."""
    query = "query($p: ID!) { customerPaymentMethod(id: $p) { id } }"
    listed = "{ customers(first: 1) { nodes { paymentMethods(first: 1) { nodes { id } } } } }"
    given = {"p": "gid://shopify/CustomerPaymentMethod/1"}
    body = shop.run(query, given)
    assert body["errors"][0]["extensions"]["requiredAccess"] == (
        "`read_customers` access scope. Also: Requires `read_customer_payment_methods` scope."
    )
    config = ShopifyConfig(scopes=(*DEFAULT_SCOPES, "read_customer_payment_methods"))
    with create(config) as box:
        allowed = Shop(box)
        made(allowed, firstName="Ada")
        assert allowed.data(query, given) == {"customerPaymentMethod": None}
        assert allowed.data(listed)["customers"]["nodes"] == [{"paymentMethods": {"nodes": []}}]


def test_account_pages_are_those_of_every_shop(shop: Shop) -> None:
    """Orders, profile and settings, paged like any list."""
    query = """query($n: Int, $a: String) { customerAccountPages(first: $n, after: $a) {
      nodes { id handle } pageInfo { hasNextPage endCursor } } }"""
    first = shop.data(query, {"n": 2})["customerAccountPages"]
    rest = shop.data(query, {"n": 2, "a": first["pageInfo"]["endCursor"]})["customerAccountPages"]
    assert [node["handle"] for node in (*first["nodes"], *rest["nodes"])] == ["orders", "profile", "settings"]
    page = shop.data("query($id: ID!) { customerAccountPage(id: $id) { handle } }", {"id": rest["nodes"][0]["id"]})
    assert page == {"customerAccountPage": {"handle": "settings"}}
