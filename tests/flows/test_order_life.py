"""Rules 52 to 56, 59, 60, 64 and 65 of orders: edits, cancellation, fulfilment, archive and delete."""

from __future__ import annotations

import pytest

from shared import app as actions
from shared.records import PairState
from tests.support.orders import JANE, ORDERS, Trade
from tests.support.plant import SHOP
from tests.support.till import ADD, bag, item

HOME = {"firstName": "Jane", "lastName": "Doe", "address1": "Veldstraat 1", "city": "Ghent", "countryCode": "BE"}
CARD = {"title": "Card", "n": 2, "price": {"amount": "1.50", "currencyCode": "EUR"}}
CANCELED, FULFILLED, INVOICED = 2, 3, 4
PAID = [{"kind": "SALE", "status": "SUCCESS", "gateway": "manual", "amountSet": bag("100.00")}]


def test_rule_52_an_order_cancelled_before_the_first_sync_arrives_cancelled(trade: Trade) -> None:
    """Promise: it is made and cancelled in one go, with Shopify's totals, and a second run is silent."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.cancel(order)
    trade.run()
    assert (trade.equal(order)["statecode"], trade.parked_orders()) == (CANCELED, {})
    trade.quiet()


def test_rule_53_an_order_cancelled_after_it_came_is_cancelled_in_crm(trade: Trade) -> None:
    """Promise: CRM's own action ends it and leaves an order close, its totals are Shopify's, nothing is parked."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    trade.cancel(order)
    trade.run()
    assert (trade.equal(order)["statecode"], trade.parked_orders()) == (CANCELED, {})
    assert [row["subject"] for row in trade.rows("ordercloses")] == [f"Shopify order {order}"]
    trade.quiet()


def test_rule_53_an_order_that_crm_has_fulfilled_is_parked_when_cancelled(trade: Trade) -> None:
    """Promise: a cancellation after the lock is a person's: the row stays, the park names the column, a task asks."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.fulfil(order)
    trade.run()
    trade.cancel(order)
    trade.run()
    assert trade.crm_order(order)["statecode"] == FULFILLED
    parked = trade.parked_order(order)
    assert parked.code == "Conflict"
    assert "statecode" in parked.sentence
    (task,) = trade.rows("tasks")
    assert task["_regardingobjectid_value"] == trade.crm_order(order)["salesorderid"]
    assert order in task["description"]


def test_rule_54_lines_address_and_note_that_change_arrive(trade: Trade) -> None:
    """Promise: an edit changes what it changed: lines, both addresses, the note; the rest of the row stays."""
    order = trade.order(item("Tea", "10.00", 2), item("Pot", "5.00"), by=JANE, shippingAddress=HOME)
    trade.run()
    pot = trade.rows_of(order)["Pot"]["@odata.etag"]
    trade.amend(order, (ADD, dict(CARD)), Tea=1)
    trade.update(order, note="Ring twice", shippingAddress={**HOME, "address1": "Koornmarkt 3", "city": "Delft"})
    trade.run()
    row = trade.equal(order)
    assert (row["description"], row["shipto_line1"], row["shipto_city"]) == ("Ring twice", "Koornmarkt 3", "Delft")
    assert {name: told[0] for name, told in trade.lines(order).items()} == {"Tea": 1, "Pot": 1, "Card": 2}
    assert trade.rows_of(order)["Pot"]["@odata.etag"] == pot
    trade.quiet()


def test_rule_54_a_change_that_no_field_maps_writes_nothing(trade: Trade) -> None:
    """Promise: attributes are not mapped: an order that only got one costs no write."""
    order = trade.order(item("Tea", "10.00"))
    trade.run()
    before = trade.writes()
    trade.update(order, customAttributes=[{"key": "gift", "value": "yes"}])
    trade.run()
    assert trade.writes() == before


def test_rule_55_a_fulfilled_order_is_locked_and_a_later_note_is_parked(trade: Trade) -> None:
    """Promise: wholly fulfilled it is Fulfilled in CRM; what changes after that is parked with the columns named."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    trade.fulfil(order)
    trade.run()
    assert trade.equal(order)["statecode"] == FULFILLED
    trade.quiet()
    trade.update(order, note="After the lock")
    trade.run()
    parked = trade.parked_order(order)
    assert (parked.code, parked.facts["columns"]) == ("Conflict", ["description"])
    assert "fulfilled and takes no changes (description)" in parked.sentence
    assert trade.crm_order(order)["description"] is None


def test_rule_55_lines_that_change_after_the_lock_are_parked_as_lines(trade: Trade) -> None:
    """Promise: a unit refunded after the lock is parked as a change of lines; two rows beside the order tell of it."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE, transactions=PAID)
    trade.fulfil(order)
    trade.run()
    before = trade.crm.counters.of("app").rows_written
    trade.refund(order, "10.00", Tea=1)
    trade.run()
    parked = trade.parked_order(order)
    assert (parked.code, parked.facts["columns"]) == ("Conflict", ["order_details"])
    assert trade.crm.counters.of("app").rows_written == before + 2


def test_rule_55_an_order_that_sales_submitted_is_parked_until_it_is_open(trade: Trade) -> None:
    """Promise: a submitted row takes nothing; reopened and retried, the difference is brought over."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    row = trade.crm_order(order)["salesorderid"]
    trade.change("salesorders", row, statecode=1, statuscode=3)
    trade.update(order, note="Ring twice")
    trade.run()
    assert "submitted and takes no changes" in trade.parked_order(order).sentence
    trade.change("salesorders", row, statecode=0, statuscode=1)
    trade.again(order)
    assert (trade.equal(order)["description"], trade.parked_orders()) == ("Ring twice", {})


def test_rule_55_an_order_that_crm_invoiced_is_not_parked_when_it_ships(trade: Trade) -> None:
    """Promise: billed before it is shipped, as most are: the row beside it says FULFILLED, and nobody is asked."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    trade.run()
    row = trade.crm_order(order)["salesorderid"]
    whole = {"SalesOrderId": row, "ColumnSet": {"AllColumns": True}}
    trade.sales.send("POST", "ConvertSalesOrderToInvoice", whole)
    trade.fulfil(order)
    trade.run()
    (status,) = trade.rows("new_shopifyordernotes")
    told = [trade.crm_order(order)["statecode"], status["new_fulfillmentstatus"], status["new_check"]]
    assert (told, trade.parked_orders()) == ([INVOICED, "FULFILLED", None], {})
    reasons = [(each.name, each.before, each.after, each.decision) for each in trade.outcomes(order)[-1].changes]
    assert ("state", INVOICED, INVOICED, "the target's state has gone beyond it") in reasons
    trade.quiet()
    trade.update(order, note="After the bill")
    trade.run()
    assert trade.parked_order(order).facts["columns"] == ["description"]


def test_rule_55_an_order_fulfilled_before_the_first_sync_arrives_whole(trade: Trade) -> None:
    """Promise: header, lines, then the lock: it comes with lines and totals, and a second run is silent."""
    order = trade.order(item("Tea", "10.00", 2, tax="4.00"), by=JANE)
    trade.fulfil(order)
    trade.run()
    assert (trade.equal(order)["statecode"], len(trade.lines(order))) == (FULFILLED, 1)
    trade.quiet()


def test_rule_60_an_unpaid_and_a_paid_order_are_one_order(trade: Trade) -> None:
    """Promise: an order comes whatever was paid for it; a payment changes the row beside it alone."""
    order = trade.order(item("Tea", "10.00"))
    trade.run()
    before = trade.writes()
    text = "mutation($i: OrderMarkAsPaidInput!) { orderMarkAsPaid(input: $i) { userErrors { message } } }"
    trade.done(text, i={"id": f"gid://shopify/Order/{order}"})
    trade.run()
    assert trade.equal(order)
    assert trade.writes() == before + 1


def test_rule_64_an_archived_order_is_no_change(trade: Trade) -> None:
    """Promise: archiving writes nothing and parks nothing."""
    order = trade.order(item("Tea", "10.00"))
    trade.run()
    before = trade.writes()
    trade.archive(order)
    trade.run()
    assert (trade.writes(), trade.parked_orders()) == (before, {})


@pytest.mark.parametrize("told", [True, False], ids=["webhook", "comparison"])
def test_rule_64_an_order_deleted_in_shopify_stays_in_crm(trade: Trade, told: bool) -> None:
    """Promise: the CRM order is left as it is, whether the webhook or the nightly comparison tells; nothing fails."""
    order = trade.order(item("Tea", "10.00"), by=JANE)
    trade.run()
    row = trade.crm_order(order)
    trade.erase(order)
    if told:
        assert trade.order_told("orders/delete", order) == 200
        trade.work()
    else:
        trade.clock.advance(2 * 24 * 3600)
        trade.run()
    left = trade.crm_orders()
    assert [(each["salesorderid"], each["statecode"], each["totalamount"]) for each in left] == [
        (row["salesorderid"], 0, 10),
    ]  # fmt: skip
    assert trade.parked_orders() == {}
    assert not list(trade.app.state.parked.list(SHOP, "orders_shopify_to_crm"))


def test_rule_70_an_order_fulfilled_in_part_stays_open(trade: Trade) -> None:
    """Promise: while units are not shipped the CRM order is Active and takes edits."""
    order = trade.order(item("Tea", "10.00", 2), item("Pot", "5.00"), by=JANE)
    trade.fulfil(order)
    trade.amend(order, (ADD, dict(CARD)))
    trade.run()
    assert trade.equal(order)["statecode"] == 0
    trade.update(order, note="Ring twice")
    trade.run()
    assert trade.equal(order)["description"] == "Ring twice"


def test_rule_59_a_return_is_no_change_until_it_is_refunded(trade: Trade) -> None:
    """Promise: opening a return of a shipped order writes nothing and parks nothing."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE, transactions=PAID)
    trade.fulfil(order)
    trade.run()
    before = trade.writes()
    shipped = """query($id: ID!) { order(id: $id) { fulfillments(first: 1) { fulfillmentLineItems(first: 1) {
      nodes { id } } } } }"""
    found = trade.merchant.call(shipped, {"id": f"gid://shopify/Order/{order}"})["order"]["fulfillments"]
    line = {"fulfillmentLineItemId": found[0]["fulfillmentLineItems"]["nodes"][0]["id"], "quantity": 1}
    text = "mutation($i: ReturnInput!) { returnCreate(returnInput: $i) { userErrors { message } } }"
    back = {"orderId": f"gid://shopify/Order/{order}", "returnLineItems": [{**line, "returnReason": "UNWANTED"}]}
    trade.done(text, i=back)
    trade.run()
    assert trade.equal(order)
    assert (trade.writes(), trade.parked_orders()) == (before, {})


@pytest.mark.parametrize("scope", [True, False])
def test_rule_65_an_order_too_old_to_be_seen_is_not_taken_for_deleted(trade: Trade, *, scope: bool) -> None:
    """Promise: without `read_all_orders` an order of 61 days ago keeps its link, and a refund of it arrives later."""
    order = trade.order(item("Tea", "10.00", 2), by=JANE, transactions=PAID)
    trade.run()
    granted = trade.shopify.tokens.granted
    left = granted if scope else tuple(each for each in granted if each != "read_all_orders")
    trade.shopify.installation.grant(left)
    trade.clock.advance(61 * 86_400)
    actions.poll(trade.app, ORDERS, SHOP, restart=True)
    trade.work()
    actions.poll(trade.app, ORDERS, SHOP, restart=True, compare=True)
    trade.work()
    pair = trade.paired(order)
    assert pair is not None
    assert pair.state is PairState.PAIRED
    trade.shopify.installation.grant(granted)
    trade.refund(order, "10.00", Tea=1)
    trade.run()
    assert trade.equal(order)["totalamount"] == 10


@pytest.mark.parametrize("paired", [True, False])
def test_rule_65_a_parked_order_too_old_to_be_seen_stays_parked(trade: Trade, *, paired: bool) -> None:
    """Promise: parked at 60 days it is not forgotten at 61: the row stays until somebody mended it and it is seen."""
    granted = trade.shopify.tokens.granted
    trade.shopify.installation.grant(tuple(each for each in granted if each != "read_all_orders"))
    order = trade.order(item("Tea", "10.00", 2), by=JANE, currency="EUR" if paired else "JPY")
    trade.run()
    if paired:
        trade.by_hand(order, "Gift wrap", priceperunit=3, ispriceoverridden=True)
        trade.update(order, note="Ring")
        trade.run()
    before = trade.parked_order(order)
    trade.clock.advance(61 * 86_400)
    for _ in range(3):
        trade.run()
        trade.clock.advance(2 * 86_400)
    kept = trade.parked_order(order)
    assert (kept.code, kept.sentence, trade.paired(order) is not None) == (before.code, before.sentence, paired)
    assert trade.outcomes(order)[-1].reason.endswith("The source does not show it now.")
    trade.shopify.installation.grant(granted)
    if paired:
        trade.by_hand(order, "Gift wrap")
        trade.again(order)
        assert (trade.equal(order)["description"], trade.parked_orders()) == ("Ring", {})
