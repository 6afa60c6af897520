"""Orders that a table does not reach: many lines, drafts, catalogue products, cancellation, odd orders of events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from shared.flows.orders.amounts import DiscountMethod, MoneySettings, MoneySide
from shared.flows.orders.money import OrderMoney
from shared.telemetry import metered
from tests.contract.order_money.arriving import arrives
from tests.contract.order_money.ledger import Ledger, settings
from tests.contract.order_money.shop import ADD, DISCOUNT, SET, Store, bag, line, sale, tax

METHODS = pytest.mark.parametrize(
    "chosen", [settings(method, "EUR") for method in DiscountMethod], ids=["once", "each"]
)
EURO = {"currencyCode": "EUR"}


def names(money: OrderMoney) -> list[str]:
    """Extra lines by name, others by their title."""
    return [one.id if one.id.isidentifier() else one.title for one in money.lines]


@METHODS
def test_an_order_of_120_lines_is_read_whole(store: Store, ledger: Ledger, chosen: MoneySettings) -> None:
    """Promise: lines, refunds and shipping beyond their first pages are in the money (rule 38)."""
    given = [line(f"Item {n}", f"{n}.37", 2, taxLines=[tax(0.19)]) for n in range(1, 121)]
    posts = [{"title": f"Post {n}", "priceSet": bag("1.10"), "taxLines": [tax(0.19)]} for n in range(7)]
    order = store.order(lineItems=given, shippingLines=posts, transactions=[sale("90000")], taxesIncluded=True)
    store.refund(order, refundLineItems=[{"lineItemId": one, "quantity": 1} for one in store.lines[order][:25]])
    store.read(order)  # the very first call of a store signs in
    with metered() as usage:
        content = store.read(order)
    money = arrives(content, chosen, ledger)
    assert (len(money.lines), money.freight, usage.calls) == (121, Decimal("6.23"), 6)


@METHODS
def test_variants_are_lines_of_the_catalogue(store: Store, ledger: Ledger, chosen: MoneySettings) -> None:
    """Promise: a line of an existing product keeps Shopify's price, not that of CRM's price list (rule 30)."""
    variant = store.variant(f"SKU-{chosen.discount_method}", "12.00")
    order = store.order(lineItems=[{"variantId": variant, "quantity": 3}, line("Wrap", "1.50")])
    money = arrives(store.read(order), chosen, ledger)
    assert [(one.kind.value, one.price_per_unit) for one in money.lines] == [
        ("product", 12),
        ("custom", Decimal("1.5")),
    ]
    assert money.lines[0].variant_id == variant.rpartition("/")[2]


@METHODS
def test_drafts_with_line_and_order_discounts(store: Store, ledger: Ledger, chosen: MoneySettings) -> None:
    """Promise: discounts of a line and of the whole order are on the lines, none on the header (rule 40)."""
    discount = {"value": 10, "valueType": "PERCENTAGE", "title": "Line"}
    order = store.draft(
        lineItems=[
            {"title": "Work", "quantity": 3, "originalUnitPrice": "9.99", "appliedDiscount": discount},
            {"title": "Parts", "quantity": 7, "originalUnitPrice": "0.37"},
        ],
        appliedDiscount={"value": 5, "valueType": "FIXED_AMOUNT", "title": "Loyal"},
        shippingLine={"title": "Courier", "priceWithCurrency": EURO | {"amount": "7.25"}},
    )
    money = arrives(store.read(order), chosen, ledger)
    assert (money.header_discount, money.freight) == (0, Decimal("7.25"))


@METHODS
def test_gift_cards_sold_and_redeemed(store: Store, ledger: Ledger, chosen: MoneySettings) -> None:
    """Promise: a gift card sold is a line without tax, one redeemed is a payment and no discount (rule 49)."""
    paid = [sale("30", gateway="gift_card"), sale("30.90")]
    lines = [line("Card", "50", giftCard=True, taxable=False), line("Tea", "10", taxLines=[tax(0.09)])]
    money = arrives(store.read(store.order(lineItems=lines, transactions=paid)), chosen, ledger)
    assert [(one.gift_card, one.tax) for one in money.lines] == [(True, 0), (False, Decimal("0.9"))]
    assert (money.total, money.payments.gift_cards) == (Decimal("60.9"), Decimal(30))


@METHODS
def test_a_cancelled_order_keeps_nothing(store: Store, ledger: Ledger, chosen: MoneySettings) -> None:
    """Promise: cancelled, an order arrives as one without lines and without freight (rule 52)."""
    shipped = {"shippingLines": [{"title": "Post", "priceSet": bag("4"), "taxLines": [tax(0.19)]}]}
    order = store.order(lineItems=[line("Tea", "10", 2, taxLines=[tax(0.19)])], taxesIncluded=True, **shipped)
    store.cancel(order)
    money = arrives(store.read(order), chosen, ledger)
    assert (money.lines, money.freight, money.total) == ((), 0, 0)


@METHODS
def test_a_discount_after_a_refund(store: Store, ledger: Ledger, chosen: MoneySettings) -> None:
    """Promise: where a refund's rows no longer say what a line is worth, Shopify's own net of the line does."""
    order = store.order(lineItems=[line("Tea", "10", 2)], transactions=[sale("20")])
    (tea,) = store.lines[order]
    store.refund(order, refundLineItems=[{"lineItemId": tea, "quantity": 1}])
    store.edit(order, (DISCOUNT, {"line": tea, "d": {"description": "Deal", "fixedValue": EURO | {"amount": "3"}}}))
    money = arrives(store.read(order), chosen, ledger)
    assert [(one.quantity, one.net) for one in money.lines] == [(1, 7)]


@METHODS
@pytest.mark.parametrize("included", [False, True])
def test_taxes_of_no_line(store: Store, ledger: Ledger, chosen: MoneySettings, included: bool) -> None:
    """Promise: a tax of the order itself, the merchant's or the channel's, arrives in either way of pricing."""
    for channel in (False, True):
        order = store.order(lineItems=[line("Tea", "10", taxLines=[tax(0.19)])], taxesIncluded=included)
        store.tax_as_a_whole(order, "0.33", channel=channel)
        money = arrives(store.read(order), chosen, ledger)
        assert money.channel_tax == (Decimal("0.33") if channel else 0)
        assert names(money) == ["Tea", "order_tax"] if included or not channel else ["Tea"]


@METHODS
def test_an_edit_that_replaces_everything(store: Store, ledger: Ledger, chosen: MoneySettings) -> None:
    """Promise: lines edited away are gone, what replaced them is there with its own id (rule 54)."""
    order = store.order(lineItems=[line("Tea", "10", 2, taxLines=[tax(0.19)])])
    (tea,) = store.lines[order]
    added = {"title": "Mug", "n": 3, "price": EURO | {"amount": "3.33"}}
    store.edit(order, (SET, {"line": tea, "n": 0}), (ADD, added))
    money = arrives(store.read(order), chosen, ledger)
    assert names(money) == ["Mug"]
    assert money.lines[0].id != tea.rpartition("/")[2]


@pytest.mark.parametrize("side", MoneySide)
def test_what_the_buyer_saw(store: Store, ledger: Ledger, side: MoneySide) -> None:
    """Promise: an order in two currencies arrives in the chosen one, discounts and shipping with it (rule 44)."""
    dollars = {"presentmentCurrency": "USD", "taxesIncluded": True}
    lines = [line("Tea", "9.99", 3) | {"priceSet": bag("9.99", "EUR", ("11.13", "USD")), "taxLines": [tax(0.19)]}]
    posts = [{"title": "Post", "priceSet": bag("4.90", "EUR", ("5.46", "USD")), "taxLines": [tax(0.19)]}]
    code = {"itemPercentageDiscountCode": {"code": "P", "percentage": 12.5}}
    content = store.read(store.order(lineItems=lines, shippingLines=posts, discountCode=code, **dollars))
    for method in DiscountMethod:
        money = arrives(content, replace(settings(method, "USD"), side=side), ledger)
        assert money.currency == {"shop": "EUR", "presentment": "USD"}[side.value]


def test_the_same_order_is_the_same_money(store: Store) -> None:
    """Promise: read twice, an order gives equal money line for line, so that nothing is written again."""
    order = store.order(lineItems=[line("Tea", "9.99", 3, taxLines=[tax(0.19)])], taxesIncluded=True)
    chosen = settings(DiscountMethod.LINE_ITEM, "EUR")
    first, second = (arrives(_turned(store.read(order)), chosen) for _ in range(2))
    assert first == second


def _turned(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with its fields in another order."""
    return dict(reversed(list(content.items())))
