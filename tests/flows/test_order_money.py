"""Rules 40 to 50, 57 and 58 of orders: whatever is given off, added or given back, both totals are the same."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.flows.conftest import OpenTrade
from tests.support.orders import JANE, Trade
from tests.support.plant import SHOP
from tests.support.till import DISCOUNT, SHIP, bag, bought, item

EURO = {"currencyCode": "EUR"}
VAT = {"title": "VAT", "rate": 0.2, "priceSet": bag("0.98")}
POST = [{"title": "Post", "priceSet": bag("4.90"), "taxLines": [VAT]}]
PAID = [{"kind": "SALE", "status": "SUCCESS", "gateway": "manual", "amountSet": bag("100.00")}]


def test_rule_40_a_discount_is_on_the_line_and_not_on_the_header(trade: Trade) -> None:
    """Promise: an order's discount code is spread over its lines once, a line that costs nothing is kept."""
    code = {"itemPercentageDiscountCode": {"code": "P", "percentage": 50}}
    order = trade.order(item("Tea", "10.00", 3, tax="3.00"), item("Free", "0.00"), discountCode=code)
    trade.run()
    row = trade.equal(order)
    assert (row["discountamount"] or 0, row["discountpercentage"] or 0) == (0, 0)
    assert trade.rows_of(order)["Tea"]["manualdiscountamount"] == 15
    assert trade.rows_of(order)["Free"]["extendedamount"] == 0


@pytest.mark.parametrize("method", [0, 1])
def test_rule_41_prices_that_include_tax_arrive_to_the_cent(trade: Trade, method: int) -> None:
    """Promise: with tax inside the prices, totals and tax are Shopify's, whichever way CRM counts discounts."""
    trade.discount_method(method)
    lines = [item("Tea", "9.99", 3, tax="4.79"), item("Pot", "19.95", 7, tax="22.30")]
    order = trade.order(*lines, taxesIncluded=True, shippingLines=POST)
    trade.run()
    assert trade.equal(order)
    assert trade.parked_orders() == {}


def test_rule_42_tax_that_the_channel_owes_is_not_in_crm(trade: Trade) -> None:
    """Promise: a marketplace's tax is no debt of the customer's to us: CRM's totals are Shopify's without it."""
    line = item("Tea", "10.00")
    line["taxLines"] = [{"title": "VAT", "rate": 0.2, "priceSet": bag("2.00"), "channelLiable": True}]
    order = trade.order(line, item("Pot", "5.00", tax="1.00"))
    trade.run()
    row = trade.crm_order(order)
    assert (row["totalamount"], row["totaltax"]) == (16, 1)
    assert trade.parked_orders() == {}


def test_rule_43_totals_that_sales_broke_are_parked_with_both_sides_until_mended(trade: Trade) -> None:
    """Promise: the order stays, its parked row has both totals, and it is freed once CRM's are right again."""
    order = trade.order(item("Tea", "10.00", 2), item("Pot", "5.00"), by=JANE)
    trade.run()
    trade.by_hand(order, "Pot", priceperunit=7)
    trade.update(order, note="Ring twice")
    trade.run()
    parked = trade.parked_order(order)
    assert parked.code == "TotalsDiffer"
    assert {side: Decimal(told) for side, told in parked.facts["totalamount"].items()} == {"shopify": 25, "crm": 27}
    assert "totalamount: Shopify 25, CRM 27" in parked.sentence
    assert "jane" not in f"{parked.sentence}{parked.facts}".lower()
    assert trade.crm_order(order)["description"] == "Ring twice"
    trade.by_hand(order, "Pot", priceperunit=5)
    trade.again(order)
    assert trade.parked_orders() == {}
    assert trade.equal(order)


def test_rule_43_parked_totals_are_written_once_and_not_at_every_run(trade: Trade) -> None:
    """Promise: while totals differ, further runs write nothing to CRM and keep the order parked."""
    order = trade.order(item("Tea", "10.00", 2))
    trade.run()
    trade.by_hand(order, "By hand", priceperunit=3)
    trade.update(order, note="Ring twice")
    trade.run()
    trade.quiet()
    assert trade.parked_order(order).code == "TotalsDiffer"


def test_rule_44_a_currency_that_crm_lacks_parks_the_order_until_it_is_added(trade: Trade) -> None:
    """Promise: the parked row says which currency to add; once it is there and retried, the order comes over."""
    order = trade.order(item("Tea", "10.00", currency="SEK"), currency="SEK")
    trade.run()
    parked = trade.parked_order(order)
    assert (parked.code, parked.facts["currency"]) == ("Invalid", "SEK")
    assert "no active currency SEK: add it" in parked.sentence
    krona = {"currencyname": "Swedish Krona", "isocurrencycode": "SEK", "currencysymbol": "kr"}
    trade.row("transactioncurrencies", **krona, currencyprecision=2, exchangerate=11)
    trade.clock.advance(700)
    trade.again(order)
    assert (trade.equal(order)["totalamount"], trade.parked_orders()) == (10, {})


def test_rule_44_an_order_in_another_currency_has_no_price_list(trade: Trade) -> None:
    """Promise: the price list is in euro, so an order in dollars comes without one, its product line all the same."""
    (lamp,) = trade.offer("L-1")
    trade.run()
    order = trade.order(bought(lamp, "22.00", 2, tax="8.80", currency="USD"), currency="USD")
    trade.run()
    row = trade.equal(order)
    (dollar,) = trade.rows("transactioncurrencies", "isocurrencycode eq 'USD'")
    assert (row["_pricelevelid_value"], row["_transactioncurrencyid_value"]) == (None, dollar["transactioncurrencyid"])
    assert trade.lines(order) == {"L-1": (2, 22)}


def test_rule_44_the_presentment_side_is_written_where_it_is_chosen(trading: OpenTrade) -> None:
    """Promise: with ORDER_CURRENCY=presentment the order has the buyer's currency and amounts."""
    trade = trading(ORDER_CURRENCY="presentment")
    both = {**bag("10.00"), "presentmentMoney": {"amount": "11.00", "currencyCode": "USD"}}
    order = trade.order({"title": "Tea", "quantity": 1, "priceSet": both}, presentmentCurrency="USD")
    trade.run()
    row = trade.crm_order(order)
    (dollar,) = trade.rows("transactioncurrencies", "isocurrencycode eq 'USD'")
    assert (row["totalamount"], row["_transactioncurrencyid_value"]) == (11, dollar["transactioncurrencyid"])


def test_rule_45_a_currency_without_decimals_arrives_whole(trade: Trade) -> None:
    """Promise: yen have no decimals in CRM either, and the totals are equal."""
    if not trade.rows("transactioncurrencies", "isocurrencycode eq 'JPY'"):
        yen = {"currencyname": "Yen", "isocurrencycode": "JPY", "currencysymbol": "¥"}
        trade.row("transactioncurrencies", **yen, currencyprecision=0, exchangerate=160)
    order = trade.order(item("Tea", "1000", 3, tax="300", currency="JPY"), currency="JPY", taxesIncluded=True)
    trade.run()
    assert (trade.equal(order)["totalamount"], trade.parked_orders()) == (3000, {})


def test_rule_50_shipping_lines_are_summed_and_their_tax_is_a_line(trade: Trade) -> None:
    """Promise: freight is the sum of all shipping without tax, its tax has a line; without shipping freight is 0."""
    order = trade.order(item("Tea", "10.00"), shippingLines=[*POST, {"title": "Express", "priceSet": bag("7.00")}])
    plain = trade.order(item("Tea", "10.00"))
    trade.run()
    assert trade.equal(order)["freightamount"] == 11.9
    assert trade.rows_of(order)["Shipping tax"]["priceperunit"] == 0
    assert trade.equal(plain)["freightamount"] in (0, None)


def test_rule_54_discount_and_shipping_that_an_edit_brings_arrive(trade: Trade) -> None:
    """Promise: a discount on a line and a shipping line added later change the CRM order to Shopify's new total."""
    order = trade.order(item("Tea", "10.00", 2, tax="4.00"), item("Pot", "5.00"))
    trade.run()
    price = {"amount": "6.00", **EURO}
    off = {"of": "Tea", "d": {"description": "Deal", "fixedValue": {"amount": "1.50", **EURO}}}
    trade.amend(order, (DISCOUNT, off), (SHIP, {"s": {"title": "Post", "price": price}}))
    trade.run()
    assert trade.equal(order)["freightamount"] == 6
    assert trade.rows_of(order)["Tea"]["manualdiscountamount"] == 3


REFUNDS = {
    "all": {"money": "36.90", "Tea": 2, "Pot": 1},
    "one unit": {"money": "10.00", "Tea": 1},
    "shipping": {"money": "4.90", "shipping": "4.90"},
    "goodwill": {"money": "3.00"},
    "goods without money": {"Pot": 1},
}


@pytest.mark.parametrize("given", REFUNDS.values(), ids=REFUNDS)
def test_rule_57_58_refunds_leave_both_totals_equal(trade: Trade, given: dict[str, object]) -> None:
    """Promise: whatever is given back after the order came over, both totals are equal and nothing is parked."""
    lines = [item("Tea", "10.00", 2, tax="4.00"), item("Pot", "5.00", tax="1.00")]
    order = trade.order(*lines, shippingLines=POST, transactions=PAID, by=JANE)
    trade.run()
    trade.refund(order, **given)  # type: ignore[arg-type]
    trade.run()
    assert trade.equal(order)
    assert trade.parked_orders() == {}
    trade.quiet()


def test_rule_49_a_redeemed_gift_card_is_a_payment(trade: Trade) -> None:
    """Promise: paying with a gift card takes nothing off the total."""
    card = {**PAID[0], "gateway": "gift_card", "amountSet": bag("4.00")}
    order = trade.order(item("Tea", "10.00"), transactions=[card, {**PAID[0], "amountSet": bag("6.00")}])
    trade.run()
    assert trade.equal(order)["totalamount"] == 10
    assert not list(trade.app.state.parked.list(SHOP, "orders_shopify_to_crm"))


def test_rules_46_47_tips_duties_and_fees_have_a_line_each(trade: Trade) -> None:
    """Promise: what a checkout adds beside the lines is a written-in line of its own, and the totals are equal."""
    order = trade.order(item("Tea", "10.00", tax="2.00"))
    for kind, amount in (("tip", "3.00"), ("duty", "4.50"), ("fee", "0.70")):
        trade.charge(order, kind, amount)
    trade.run()
    trade.equal(order)
    assert trade.lines(order) == {
        "Tea": (1, 10), "Tip": (1, 3), "Duties": (1, Decimal("4.5")), "Additional fees": (1, Decimal("0.7")),
    }  # fmt: skip
    assert trade.parked_orders() == {}
    trade.quiet()


def test_rule_58_a_failed_payment_changes_nothing(trade: Trade) -> None:
    """Promise: a payment that failed beside one that went well leaves order and totals as they are."""
    failed = {**PAID[0], "status": "FAILURE"}
    order = trade.order(item("Tea", "10.00"), transactions=[failed, {**PAID[0], "amountSet": bag("10.00")}])
    trade.run()
    assert trade.equal(order)["totalamount"] == 10
    trade.quiet()


def test_rule_61_an_order_paid_in_two_ways_is_one_order(trade: Trade) -> None:
    """Promise: two payments by two gateways change no line and no total."""
    paid = [{**PAID[0], "gateway": name, "amountSet": bag("5.00")} for name in ("manual", "bogus")]
    order = trade.order(item("Tea", "10.00"), transactions=paid)
    trade.run()
    assert (trade.equal(order)["totalamount"], len(trade.lines(order))) == (10, 1)
