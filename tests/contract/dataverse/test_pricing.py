"""The amounts of lines and the totals of documents (price calculation, discounting methods, column descriptions)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from .conftest import Org
from .selling import KINDS, TOTALS, Shop


def discount_list(org: Org, *ranges: tuple[Any, Any, Any], amounts: bool = True, active: bool = True) -> str:
    """A discount list in euro with (low, high, worth) ranges."""
    euro = f"/transactioncurrencies({org.id_of('currency/EUR')})"
    kind = org.create("discounttypes", {
        "name": "Volume", "isamounttype": amounts, **({"transactioncurrencyid@odata.bind": euro} if amounts else {})})
    for low, high, worth in ranges:
        org.create("discounts", {
            "name": "Range", "discounttypeid@odata.bind": f"/discounttypes({kind})", "lowquantity": low,
            "highquantity": high, "amount" if amounts else "percentage": worth})
    if not active:
        assert org.patch(f"discounttypes({kind})", {"statecode": 1}).status_code == 204
    return kind


def with_volume(shop: Shop, amount: Any, *ranges: tuple[Any, Any, Any], number: str = "P-1", **how: Any) -> str:
    """A product on sale whose price list item has a discount list."""
    kind = discount_list(shop.org, *ranges, **how)
    return shop.on_sale(number, amount, {"discounttypeid@odata.bind": f"/discounttypes({kind})"})


@pytest.mark.parametrize("kind", KINDS)
def test_line_item_method_worked_example(shop: Shop, kind: str) -> None:
    """(1000 - 100) x 10 - 100 + 1,335 tax is 10,235 by the line item method, in every document."""
    # reference b.4: check value; system calculated fields of quotes and orders
    product = with_volume(shop, 1000, (5, 50, 100))
    header = shop.document(kind, [shop.existing(product, 10, manualdiscountamount=100, tax=1335)])
    (line,) = shop.lines(header, kind)
    assert (line["volumediscountamount"], line["baseamount"], line["extendedamount"]) == (100, 9000, 10235)


@pytest.mark.parametrize("kind", KINDS)
def test_per_unit_method_worked_example(shop: Shop, kind: str) -> None:
    """(1000 - 100) x 10 - 10 x 100 + 1,200 tax is 9,200 by the per unit method, in every document."""
    # reference b.4: check value
    shop.org.setting(discountcalculationmethod=1)
    product = with_volume(shop, 1000, (5, 50, 100))
    header = shop.document(kind, [shop.existing(product, 10, manualdiscountamount=100, tax=1200)])
    assert [line["extendedamount"] for line in shop.lines(header, kind)] == [9200]


@pytest.mark.parametrize(("method", "extended"), [(0, 19990), (1, 18000)])
def test_documented_discounting_example(shop: Shop, method: int, extended: int) -> None:
    """100 a piece, 200 pieces, discount 10: 19,990 by line item, 18,000 per unit."""
    # product-discounting-methods: the table's example
    shop.org.setting(discountcalculationmethod=method)
    header = shop.document("opportunity", [shop.existing(shop.on_sale(amount=100), 200, manualdiscountamount=10)])
    assert [line["extendedamount"] for line in shop.lines(header, "opportunity")] == [extended]


@pytest.mark.parametrize("kind", KINDS)
def test_header_totals(shop: Shop, kind: str) -> None:
    """Detail amount, discounts, pre-freight amount, tax and total follow from the lines and the header."""
    # reference b.4: the header formulas
    lines = [shop.written_in(100, 2, manualdiscountamount=10, tax=38), shop.written_in(50, 1, tax="9.5")]
    lines[1]["tax"] = 9.5
    header = shop.document(kind, lines, discountpercentage=10, discountamount=5, freightamount=7.5)
    row = shop.row(header, kind)
    # detail 190 + 50; percent 24; order discount 29; pre-freight 211; tax 47.5; total 211 + 7.5 + 47.5
    assert [row[name] for name in TOTALS] == [240, 10, 39, 211, Decimal("47.5"), 266]


def test_totals_leave_volume_discounts_out(shop: Shop) -> None:
    """The discount totals do not count volume discounts."""
    # system calculated fields: these totals do not include volume discounts
    header = shop.document(lines=[shop.existing(with_volume(shop, 100, (1, 99, 10)), 2)])
    row = shop.row(header)
    assert (row["totallineitemdiscountamount"], row["totaldiscountamount"], row["totalamount"]) == (0, 0, 180)


def test_price_comes_from_the_price_list(shop: Shop) -> None:
    """A price sent for a catalogue product without an override is replaced by the list's."""
    # reference b.4: else the price list item's price is used
    header = shop.document(lines=[shop.existing(shop.on_sale(amount=12), 3, priceperunit=1)])
    assert [line["priceperunit"] for line in shop.lines(header)] == [12]


def test_overridden_price_is_kept(shop: Shop) -> None:
    """`ispriceoverridden` keeps the price that was sent."""
    # reference b.4: ispriceoverridden with priceperunit
    line = shop.existing(shop.on_sale(amount=12), 3, priceperunit=Decimal("9.99"), ispriceoverridden=True)
    header = shop.document(lines=[line])
    assert shop.total(header) == Decimal("29.97")
    (stored,) = shop.lines(header)
    shop.org.patch(f"salesorderdetails({stored['salesorderdetailid']})", {"ispriceoverridden": False})
    assert shop.total(header) == 36


def test_written_in_product_with_a_negative_price(shop: Shop) -> None:
    """A written-in line may be negative and lowers the total."""
    # sample: set negative prices in opportunities, quotes and sales orders
    header = shop.document(lines=[shop.written_in(100), shop.written_in(-30, 2)])
    assert shop.total(header) == 40


def test_totals_that_were_sent_are_overwritten(shop: Shop) -> None:
    """Header totals are writable, but the engine overwrites them on create and on update."""
    # reference b.4: header totals are flagged writable
    header = shop.document(lines=[shop.written_in(100)], totalamount=999, totaltax=5)
    assert (shop.total(header), shop.row(header)["totaltax"]) == (100, 0)
    shop.org.patch(f"salesorders({header})", {"totalamount": 999})
    assert shop.total(header) == 100


def test_line_amounts_that_were_sent_are_overwritten(shop: Shop) -> None:
    """Amount and extended amount of a line are the engine's."""
    # entity pages: baseamount is not valid for create; the engine writes it
    header = shop.document(lines=[shop.written_in(100)])
    (line,) = shop.lines(header)
    shop.org.patch(f"salesorderdetails({line['salesorderdetailid']})", {"extendedamount": 5, "baseamount": 5})
    (line,) = shop.lines(header)
    assert (line["baseamount"], line["extendedamount"]) == (100, 100)


@pytest.mark.parametrize("kind", KINDS)
def test_every_edit_of_a_line_moves_the_totals(shop: Shop, kind: str) -> None:
    """Adding, changing and deleting a line each calculate the header again."""
    # price calculation: when products are added, updated, or deleted
    header, line_set = shop.document(kind), KINDS[kind][2]
    assert shop.total(header, kind) == 0
    line = shop.line(header, shop.written_in(10, 2), kind)
    assert shop.total(header, kind) == 20
    shop.org.patch(f"{line_set}({line})", {"quantity": 3, "tax": 1})
    assert shop.total(header, kind) == 31
    shop.org.call("DELETE", f"{line_set}({line})")
    assert shop.total(header, kind) == 0


def test_header_edits_move_the_totals(shop: Shop) -> None:
    """Discount, percentage and freight count as soon as they are written."""
    # price calculation: when the record is updated
    header = shop.document(lines=[shop.written_in(200)])
    for body, total in (({"discountpercentage": 10}, 180), ({"discountamount": 30}, 150), ({"freightamount": 8}, 158)):
        shop.org.patch(f"salesorders({header})", body)
        assert shop.total(header) == total


def test_a_line_that_moves_to_another_order(shop: Shop) -> None:
    """Both headers are calculated when a line changes its order."""
    # entity page: salesorderid is valid for update
    first, second = shop.document(lines=[shop.written_in(10)]), shop.document()
    (line,) = shop.lines(first)
    shop.org.patch(f"salesorderdetails({line['salesorderdetailid']})",
                   {"salesorderid@odata.bind": f"/salesorders({second})"})
    assert (shop.total(first), shop.total(second)) == (0, 10)


@pytest.mark.parametrize(("method", "percentage", "price"), [
    (2, 90, "180"), (3, 25, "125"), (4, 20, "125"), (5, 25, "62.5"), (6, 60, "125")])
def test_pricing_methods(shop: Shop, method: int, percentage: int, price: str) -> None:
    """Percent of list, markup and margin on current and standard cost, by the documented formulas."""
    # product-pricing-methods: list 200, current cost 100, standard cost 50
    euro = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({shop.org.id_of('currency/EUR')})"}
    product = shop.on_sale(amount=1, item={"pricingmethodcode": method, "percentage": percentage}, price=200,
                           currentcost=100, standardcost=50, **euro)
    header = shop.document(lines=[shop.existing(product)])
    assert [line["priceperunit"] for line in shop.lines(header)] == [Decimal(price)]


@pytest.mark.parametrize(("policy", "option", "amount", "price"), [
    (1, 1, 0.99, "12.34"), (2, 1, 0.99, "12.99"), (3, 1, 0.99, "11.99"), (4, 1, 0.99, "11.99"),
    (2, 2, 0.5, "12.5"), (3, 2, 0.5, "12"), (4, 2, 0.5, "12.5"), (4, 2, 5, "10"), (2, 1, 5, "15"), (3, 1, 5, "5")])
def test_rounding_options(shop: Shop, policy: int, option: int, amount: float, price: str) -> None:
    """A percentage price ends in the amount, or is a multiple of it, rounded as the policy says."""
    # create price lists and price list items: rounding policy, option and amount
    euro = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({shop.org.id_of('currency/EUR')})"}
    product = shop.on_sale(amount=1, item={
        "pricingmethodcode": 2, "percentage": 100, "roundingpolicycode": policy, "roundingoptioncode": option,
        "roundingoptionamount": amount}, price=12.34, **euro)
    header = shop.document(lines=[shop.existing(product)])
    assert [line["priceperunit"] for line in shop.lines(header)] == [Decimal(price)]


@pytest.mark.parametrize(("quantity", "volume"), [(1, 0), (10, 5), (49, 5), (50, 10), (1000, 0)])
def test_volume_ranges(shop: Shop, quantity: int, volume: int) -> None:
    """The range the quantity falls into gives the discount per unit; outside all ranges there is none."""
    # product catalog, discount lists: begin and end quantity
    header = shop.document(lines=[shop.existing(with_volume(shop, 50, (10, 49, 5), (50, 99, 10)), quantity)])
    assert [line["volumediscountamount"] for line in shop.lines(header)] == [volume]


def test_volume_discount_by_percentage(shop: Shop) -> None:
    """A percentage list takes that part of the price per unit."""
    # product catalog, discount lists: type percentage
    header = shop.document(lines=[shop.existing(with_volume(shop, 80, (2, 10, 12.5), amounts=False), 2)])
    assert shop.total(header) == 140


def test_volume_discount_of_an_inactive_list(shop: Shop) -> None:
    """The discount is calculated even when its list is inactive."""
    # price calculation: the note on inactive discount lists
    header = shop.document(lines=[shop.existing(with_volume(shop, 80, (1, 10, 5), active=False), 2)])
    assert shop.total(header) == 150


def test_volume_discount_moves_with_the_quantity_only(shop: Shop) -> None:
    """A changed discount list changes nothing until the quantity does, and then even under a locked order."""
    # price calculation: only when the quantity is changed, even when the parent is locked
    product = with_volume(shop, 50, (1, 99, 5))
    header = shop.document(lines=[shop.existing(product, 2)], ispricelocked=True)
    (line,) = shop.lines(header)
    (row,) = shop.org.get("discounts?$select=discountid")["value"]
    shop.org.patch(f"discounts({row['discountid']})", {"amount": 20})
    shop.org.patch(f"salesorderdetails({line['salesorderdetailid']})", {"tax": 1})
    assert [found["volumediscountamount"] for found in shop.lines(header)] == [5]
    shop.org.patch(f"salesorderdetails({line['salesorderdetailid']})", {"quantity": 3})
    assert [found["volumediscountamount"] for found in shop.lines(header)] == [20]
