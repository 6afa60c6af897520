"""The rows of the money table and the rules of orders, one by one, on orders put together by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.errors import Invalid, TotalsDiffer
from shared.flows.orders.amounts import MoneySettings, MoneySide
from shared.flows.orders.money import LineKind, MoneyLine, OrderMoney, money_of
from shared.flows.orders.plain import plain
from tests.support.order_content import bag, line, order, payment, refund, shipping, tax

ONCE = MoneySettings()
TIP = {"taxable": False, "requiresShipping": False, "nonFulfillableQuantity": 1}


def named(money: OrderMoney, name: str) -> MoneyLine:
    """A line by its id."""
    return next(one for one in money.lines if one.id == name)


def ids(money: OrderMoney) -> list[str]:
    """The lines' ids."""
    return [one.id for one in money.lines]


def test_a_variant_a_custom_line_and_a_gift_card() -> None:
    """Promise: each line says what it stands for; a deleted product is a written-in line that keeps its SKU."""
    variant = {"variant": {"legacyResourceId": "77"}, "sku": "TEA", "variantTitle": "Small"}
    gift = {"isGiftCard": True, "taxable": False, "sku": ""}
    money = money_of(order("60", [line(1, 10, **variant), line(2, 20, sku="GONE"), line(3, 30, **gift)]), ONCE)
    assert [(one.id, one.kind, one.title, one.sku, one.variant_id, one.gift_card) for one in money.lines] == [
        ("1", LineKind.PRODUCT, "Item 1 - Small", "TEA", "77", False),
        ("2", LineKind.CUSTOM, "Item 2", "GONE", None, False),
        ("3", LineKind.CUSTOM, "Item 3", None, None, True),
    ]


def test_removed_lines_are_not_there() -> None:
    """Promise: only what is left is on the order, by the current quantity; nothing is divided by nought (rule 39)."""
    money = money_of(order("10", [line(1, 10, 3, current=0), line(2, 5, 4, current=2, net=10)]), ONCE)
    assert [(one.id, one.quantity, one.net) for one in money.lines] == [("2", 2, Decimal(10))]


def test_refunded_units_take_their_share_with_them() -> None:
    """Promise: what a refund took of price and tax is off the line; the rest is exact to the unit (rule 57)."""
    lines = [line(1, "3.33", 3, current=2, discount="0.01", taxes=[tax("1.00")])]
    content = order("7.33", lines, taxes=[tax("0.67")], refunds=[refund("3.65", [(1, 1, "3.32", "0.33")])])
    found = named(money_of(content, ONCE), "1")
    assert (found.net, found.tax, found.price_per_unit, found.manual_discount) == tuple(
        map(Decimal, ("6.66", "0.67", "3.33", "0"))
    )


def test_a_refund_row_that_is_not_filled_in_yet_is_not_believed() -> None:
    """Promise: Shopify answers a fresh refund with a subtotal of 0 (recorded); its total shows which reading holds."""
    lines = [line(1, 10, 2, current=1, net=10, taxes=[tax("2.00")])]
    content = order("11", lines, taxes=[tax("1.00")], refunds=[refund("11", [(1, 1, 0, 0)])])
    found = named(money_of(content, ONCE), "1")
    assert (found.net, found.tax) == (Decimal(10), Decimal(1))


def test_units_removed_without_a_refund_row_count_in_proportion() -> None:
    """Promise: taxes of removed units fall in proportion, and Shopify's sum settles what rounding leaves open."""
    lines = [line(number, 1, 3, current=1, net=1, taxes=[tax("0.31")]) for number in (1, 2)]
    money = money_of(order("2.21", lines, taxes=[tax("0.21")]), ONCE)
    assert [one.tax for one in money.lines] == [Decimal("0.11"), Decimal("0.10")]
    assert ids(money) == ["1", "2"]


def test_each_line_is_read_by_what_is_known_of_it() -> None:
    """Promise: rows are believed for the line that has them, and proportion for lines and shipping without, at once."""
    refunded = line(1, 10, 2, current=1, net="9.99")  # Shopify's own net is approximate here, the row is exact
    removed = line(2, 10, 2, current=1, net=10, taxes=[tax(2)])
    shipped = {"shippingLines(first: 5)": {"nodes": [shipping(1, 6, 2, [tax("0.60")])]}}
    taxes, back = [tax(1), tax("0.20", "Post")], [refund(10, [(1, 1, 10, 0)])]
    money = money_of(order("23.20", [refunded, removed], taxes=taxes, refunds=back, **shipped), ONCE)
    assert [(one.id, one.net, one.tax) for one in money.lines] == [
        ("1", 10, 0), ("2", 10, 1), ("shipping_tax", 0, Decimal("0.20")),
    ]  # fmt: skip


def test_a_tax_of_the_order_is_not_taken_for_rounding() -> None:
    """Promise: only what rounding explains moves a line's tax; a larger difference stands on a line of its own."""
    taxes = [tax("0.10"), tax("0.65", "Eco")]
    money = money_of(order("1.75", [line(1, 1, 3, current=1, net=1, taxes=[tax("0.31")])], taxes=taxes), ONCE)
    assert [(one.id, one.tax) for one in money.lines] == [("1", Decimal("0.10")), ("order_tax", Decimal("0.65"))]


def test_a_refunds_tax_that_is_wrong_leaves_no_stray_tax() -> None:
    """Promise: of two readings that meet the total, the one is taken that leaves no tax without a line."""
    back = [refund("11", [(1, 1, 10, "1.50")])]
    money = money_of(order(11, [line(1, 10, 2, current=1, net=10, taxes=[tax(2)])], taxes=[tax(1)], refunds=back), ONCE)
    assert [(one.id, one.tax) for one in money.lines] == [("1", Decimal(1))]


def test_a_refunds_tax_may_be_a_unit_off() -> None:
    """Promise: a refund rounds its tax for itself: one unit between it and Shopify's sum is settled by the sum."""
    shipped = {"shippingLines(first: 5)": {"nodes": [shipping(1, 6, 2, [tax("0.60")])]}}
    back = [refund("4.41", ship=[(1, 4, "0.41")])]
    money = money_of(order("12.18", [line(1, 10)], taxes=[tax("0.18")], refunds=back, **shipped), ONCE)
    assert named(money, "shipping_tax").tax == Decimal("0.18")


def test_taxes_inside_prices() -> None:
    """Promise: with taxes included the net is the gross less its tax, and no rounding line appears (rule 41)."""
    content = order(30, [line(1, 10, 3, net="25.21", taxes=[tax("4.79")])], taxes=[tax("4.79")], taxesIncluded=True)
    money = money_of(content, ONCE)
    assert (money.lines_total, money.tax, money.total) == tuple(map(Decimal, ("25.21", "4.79", "30")))
    assert ids(money) == ["1"]


def test_the_channels_tax_is_not_the_merchants() -> None:
    """Promise: tax that a marketplace remits is neither on a line nor in the totals, and is told (rule 42)."""
    lines = [line(1, 10, taxes=[tax("1.00", channel=True), tax("0.50", "City")])]
    content = order("11.50", lines, taxes=[tax("1.00", channel=True), tax("0.50", "City")])
    money = money_of(content, ONCE)
    assert (money.total, money.tax, money.channel_tax, money.shopify_total) == tuple(
        map(Decimal, ("10.5", "0.5", "1", "11.5"))
    )
    assert named(money, "1").channel_tax == 1
    every = money_of(content, MoneySettings(unknown_is_channels=True))
    assert (every.total, every.tax) == (Decimal(10), Decimal(0))


def test_shipping_its_tax_and_the_orders_own() -> None:
    """Promise: freight has no tax column, so its tax and a tax of no line stand on written-in lines of price 0."""
    shipped = {"shippingLines(first: 5)": {"nodes": [shipping(1, 4, taxes=[tax("0.40")]), shipping(2, "0.5")]}}
    content = order("15.07", [line(1, 10)], taxes=[tax("0.40"), tax("0.17", "Eco")], **shipped)
    money = money_of(content, ONCE)
    assert money.freight == Decimal("4.5")
    assert [(one.id, one.price_per_unit, one.tax) for one in money.lines[1:]] == [
        ("shipping_tax", 0, Decimal("0.40")),
        ("order_tax", 0, Decimal("0.17")),
    ]


def test_an_orders_own_tax_inside_its_prices_is_taken_out_once() -> None:
    """Promise: where prices include taxes a tax of no line is in some price already: its line is worth nothing."""
    content = order(10, [line(1, 10)], taxes=[tax("0.17", "Eco")], taxesIncluded=True)
    found = named(money_of(content, ONCE), "order_tax")
    assert (found.price_per_unit, found.tax, found.extended) == (Decimal("-0.17"), Decimal("0.17"), 0)


def test_refunded_shipping_is_no_freight() -> None:
    """Promise: freight is what is left of shipping, with the tax that is left of it."""
    shipped = {"shippingLines(first: 5)": {"nodes": [shipping(1, 6, 2, [tax("0.60")])]}}
    back = [refund("4.40", ship=[(1, 4, "0.40")])]
    money = money_of(order("12.20", [line(1, 10)], taxes=[tax("0.20")], refunds=back, **shipped), ONCE)
    assert (money.freight, named(money, "shipping_tax").tax) == (Decimal(2), Decimal("0.20"))


def test_tips_are_known_by_their_marks() -> None:
    """Promise: a tip that Shopify shows as a line is one line here, whatever it is called; a gift stays a line."""
    lines = [line(1, 10), line(2, 2, title="Fooi", **TIP), line(3, 3, title="Tip")]
    money = money_of(order(15, lines, totalTipReceivedSet=bag(2)), ONCE)
    assert [(one.id, one.net) for one in money.lines] == [("1", 10), ("3", 3), ("tip", 2)]
    beside = money_of(order(15, [line(1, 10), line(3, 3)], totalTipReceivedSet=bag(2)), ONCE)
    assert ids(beside) == ["1", "3", "tip"]
    gift = {"taxable": False, "requiresShipping": False}
    assert ids(money_of(order(14, [line(1, 10), line(3, 2, **gift)], totalTipReceivedSet=bag(2)), ONCE)) == [
        "1", "3", "tip",
    ]  # fmt: skip


def test_duties_and_fees() -> None:
    """Promise: duties and fees are a line each; duties that prices include are not added twice (rule 47)."""
    charges: dict[str, Any] = {"currentTotalDutiesSet": bag(3), "currentTotalAdditionalFeesSet": bag(1)}
    assert ids(money_of(order(14, [line(1, 10)], **charges), ONCE)) == ["1", "duties", "fees"]
    assert ids(money_of(order(11, [line(1, 10)], dutiesIncluded=True, **charges), ONCE)) == ["1", "fees"]


def test_goodwill_is_a_line_only_where_shopifys_total_has_it() -> None:
    """Promise: money given back without goods lowers CRM's total exactly when it lowers Shopify's (rules 57, 58)."""
    given: dict[str, Any] = {"refundDiscrepancySet": bag(-4), "refunds": [refund(4)]}
    inside = money_of(order(6, [line(1, 10)], **given), ONCE)
    assert (named(inside, "refund_discrepancy").price_per_unit, inside.total) == (Decimal(-4), Decimal(6))
    outside = money_of(order(10, [line(1, 10)], **given), ONCE)
    assert (ids(outside), outside.payments.discrepancy) == (["1"], Decimal(-4))


def test_payments_never_touch_the_total() -> None:
    """Promise: gift cards redeemed, cash rounding and pending payments are told beside the total (rules 48, 49, 58)."""
    paid = [
        payment(3, gateway="gift_card"),
        payment(1, "REFUND", gateway="gift_card"),
        payment(5, gateway="cash"),
        payment(2, status="PENDING"),
        payment(1, "REFUND", status="PENDING"),
        payment(9, status="FAILURE"),
    ]
    rounding = {"paymentSet": bag("-0.02"), "refundSet": bag(0)}
    content = order(10, [line(1, 10)], transactions=paid, totalCashRoundingAdjustment=rounding, totalReceivedSet=bag(8))
    money = money_of(content, ONCE)
    told = plain(money)["payments"]
    assert (money.total, ids(money)) == (Decimal(10), ["1"])
    assert {name: told[name] for name in ("gift_cards", "pending", "pending_refunds", "cash_rounding", "gateways")} == {
        "gift_cards": 2, "pending": 2, "pending_refunds": 1, "cash_rounding": Decimal("-0.02"),
        "gateways": ["gift_card", "cash"],
    }  # fmt: skip


def test_either_currency() -> None:
    """Promise: the side is chosen once, and every amount is of it (rule 44)."""
    one = line(1, 10, originalUnitPriceSet=bag(10, 11), originalTotalSet=bag(10, 11))
    content = order(bag(10, 11), [one], currency="EUR", presentmentCurrencyCode="USD")
    for side, total, currency in ((MoneySide.SHOP, 10, "EUR"), (MoneySide.PRESENTMENT, 11, "USD")):
        money = money_of(content, MoneySettings(side=side))
        assert (money.total, money.currency, money.lines[0].price_per_unit) == (total, currency, total)


def test_money_that_contradicts_itself_is_refused_with_both_sides() -> None:
    """Promise: a difference is never hidden in a line; the sentence and the facts name Shopify's total and the sum."""
    with pytest.raises(TotalsDiffer, match=r"total of the order is 12 EUR, its lines, .* add up to 10") as refused:
        money_of(order(12, [line(1, 10)]), ONCE)
    assert refused.value.facts == {
        "shopify": "12", "parts": "10", "difference": "2", "tax": "0", "currency": "EUR",
        "field": "currentTotalPriceSet",
    }  # fmt: skip


def test_taxes_that_contradict_themselves_are_refused() -> None:
    """Promise: tax lines that exceed Shopify's tax by more than rounding are refused, not netted with others."""
    with pytest.raises(TotalsDiffer, match="tax lines do not add up to its tax of 1 EUR"):
        money_of(order(11, [line(1, 10, taxes=[tax(2)])], taxes=[tax(1)]), ONCE)


def test_what_crm_cannot_hold_is_refused() -> None:
    """Promise: a currency kept with too few decimals in CRM is named, with the amount and what it needs (rule 45)."""
    content = order("1.234", [line(1, "1.234")], currency="KWD")
    with pytest.raises(Invalid, match="needs 3 decimals; CRM's precision of the order's currency is 2: raise it"):
        money_of(content, ONCE)
    assert money_of(content, MoneySettings(currency_precision=3)).total == Decimal("1.234")
    with pytest.raises(Invalid, match=r"0\.005 \(the line's amount\) needs 3 decimals"):
        money_of(order("0.01", [line(1, "0.005"), line(2, "0.005")]), ONCE)
    with pytest.raises(Invalid, match=r"0\.5 \(Tip\) needs 1 decimals; CRM's pricing precision is 0"):
        money_of(order("1.5", [line(1, 1)], totalTipReceivedSet=bag("0.5")), MoneySettings(pricing_precision=0))


def test_an_amount_that_is_missing_is_named() -> None:
    """Promise: content that lacks an amount is refused by the field's name, never by a traceback."""
    with pytest.raises(Invalid, match="no amount for currentTotalPriceSet"):
        money_of(order(1, [line(1, 1)], currentTotalPriceSet=None), ONCE)


def test_the_plain_content_is_what_mappings_read() -> None:
    """Promise: plain dicts and lists, with the documented names and nothing else."""
    found = plain(money_of(order(12, [line(1, 10)], totalTipReceivedSet=bag(2)), ONCE))
    assert {name: type(value) for name, value in found.items()} == {
        "currency": str, "freight": Decimal, "header_discount": Decimal, "lines_total": Decimal, "tax": Decimal,
        "total": Decimal, "channel_tax": Decimal, "shopify_total": Decimal, "rounding": Decimal, "lines": list,
        "payments": dict, "status": list,
    }  # fmt: skip
    assert [(one["id"], one["kind"], one["write_in"], one["extended"]) for one in found["lines"]] == [
        ("1", "custom", True, 10),
        ("tip", "extra", True, 2),
    ]
