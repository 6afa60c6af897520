"""Pricing errors: set on line and header, never raised (choice `qooi_pricingerrorcode` of the entity pages)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from .selling import KINDS, Shop


def codes(shop: Shop, header: str, kind: str = "salesorder") -> tuple[list[int], int]:
    """The codes of the lines and of the header."""
    return [line["pricingerrorcode"] for line in shop.lines(header, kind)], shop.row(header, kind)["pricingerrorcode"]


def euro(shop: Shop) -> dict[str, str]:
    """The binding of a product's currency."""
    return {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({shop.org.id_of('currency/EUR')})"}


def item_of(shop: Shop) -> str:
    """The address of the only price list item."""
    (item,) = shop.org.get("productpricelevels?$select=productpricelevelid")["value"]
    return f"productpricelevels({item['productpricelevelid']})"


def test_no_error(shop: Shop) -> None:
    """A line that has its price says 0, and so does its header."""
    # options of pricingerrorcode: 0 None
    assert codes(shop, shop.document(lines=[shop.existing(shop.on_sale())])) == ([0], 0)


@pytest.mark.parametrize("kind", KINDS)
def test_product_not_in_price_list(shop: Shop, kind: str) -> None:
    """A product the list does not have is saved without a price: 11 on the line, 1 on the header, no HTTP error."""
    # options: 11 Product Not In Price Level, 1 Detail Error; price calculation when the list is mandatory
    header = shop.document(kind, [shop.existing(shop.on_sale(amount=None), 2, priceperunit=9, tax=3)])
    assert codes(shop, header, kind) == ([11], 1)
    (line,) = shop.lines(header, kind)
    assert (line["priceperunit"], line["baseamount"], line["extendedamount"]) == (0, 0, 3)


def test_missing_price_list(shop: Shop) -> None:
    """Without a price list on the header a catalogue product is not priced, a written-in one is."""
    # options: 2 Missing Price Level
    body = shop.head()
    del body["pricelevelid@odata.bind"]
    product = shop.on_sale()
    header = shop.org.create("salesorders", {**body, "order_details": [shop.existing(product), shop.written_in(5)]})
    assert codes(shop, header) == ([2, 0], 1)
    assert shop.total(header) == 5


def test_inactive_price_list(shop: Shop) -> None:
    """A deactivated price list prices nothing."""
    # options: 3 Inactive Price Level
    product = shop.on_sale()
    assert shop.org.patch(f"pricelevels({shop.org.id_of('pricelevel')})", {"statecode": 1}).status_code == 204
    assert codes(shop, shop.document(lines=[shop.existing(product)])) == ([3], 1)


def test_missing_quantity(shop: Shop) -> None:
    """A line without a quantity has no amount."""
    # options: 4 Missing Quantity
    assert codes(shop, shop.document(lines=[shop.written_in(10, None)])) == ([4], 1)


@pytest.mark.parametrize("overridden", [True, False])
def test_missing_unit_price(shop: Shop, overridden: bool) -> None:
    """An overridden or written-in line without a price says so."""
    # options: 5 Missing Unit Price
    line = shop.existing(shop.on_sale(), ispriceoverridden=True) if overridden else shop.written_in(None)
    assert codes(shop, shop.document(lines=[line])) == ([5], 1)


@pytest.mark.parametrize(("item", "code"), [
    ({"pricingmethodcode": 1, "amount": None}, 12), ({"pricingmethodcode": 2}, 13),
    ({"pricingmethodcode": 2, "percentage": 90}, 14), ({"pricingmethodcode": 3, "percentage": 90}, 15),
    ({"pricingmethodcode": 4, "percentage": 90}, 15), ({"pricingmethodcode": 5, "percentage": 90}, 16),
    ({"pricingmethodcode": 6, "percentage": 90}, 16), ({"pricingmethodcode": None}, 8)])
def test_incomplete_price_list_item(shop: Shop, item: dict[str, Any], code: int) -> None:
    """The code names what the item or the product lacks for its pricing method."""
    # options: 8 and 12 to 16; product-pricing-methods: the columns each method needs
    product = shop.on_sale()
    assert shop.org.patch(item_of(shop), item).status_code == 204
    assert codes(shop, shop.document(lines=[shop.existing(product)])) == ([code], 1)


def test_margin_of_a_hundred_percent(shop: Shop) -> None:
    """A margin of a hundred percent cannot be calculated."""
    # options: 18 Invalid Price Level Percentage; the margin formula divides by 100 % - percentage
    product = shop.on_sale(item={"pricingmethodcode": 4, "percentage": 100}, currentcost=5, **euro(shop))
    assert codes(shop, shop.document(lines=[shop.existing(product)])) == ([18], 1)


@pytest.mark.parametrize(("item", "code"), [
    ({"roundingoptioncode": None, "roundingoptionamount": 1}, 23), ({"roundingoptioncode": 2}, 24),
    ({"roundingoptioncode": 2, "roundingoptionamount": 0}, 24), ({"roundingoptioncode": 1}, 24)])
def test_unusable_rounding(shop: Shop, item: dict[str, Any], code: int) -> None:
    """A rounding policy without an option or a usable amount is an error."""
    # options: 23 Invalid Rounding Option, 24 Invalid Rounding Amount
    product = shop.on_sale(
        item={"pricingmethodcode": 2, "percentage": 50, "roundingpolicycode": 2}, price=5, **euro(shop))
    assert shop.org.patch(item_of(shop), item).status_code == 204
    assert codes(shop, shop.document(lines=[shop.existing(product)])) == ([code], 1)


def test_discount_without_a_value(shop: Shop) -> None:
    """A discount range with neither amount nor percentage is an error."""
    # options: 28 Invalid Discount
    kind = shop.org.create("discounttypes", {"name": "D", "isamounttype": False})
    shop.org.create("discounts", {"name": "R", "discounttypeid@odata.bind": f"/discounttypes({kind})",
                                  "lowquantity": 1, "highquantity": 9})
    product = shop.on_sale(item={"discounttypeid@odata.bind": f"/discounttypes({kind})"})
    assert codes(shop, shop.document(lines=[shop.existing(product)])) == ([28], 1)


@pytest.mark.parametrize(("selling", "decimals", "quantity", "code"), [
    (1, 0, "1.23456", 0), (2, 5, "1.5", 29), (2, 5, "2", 0), (3, 1, "1.5", 0), (3, 1, "1.25", 29)])
def test_quantity_selling_option(shop: Shop, selling: int, decimals: int, quantity: str, code: int) -> None:
    """No control allows any decimals, whole none, whole and fractional as many as the product supports."""
    # fkbase.info, product quantities; options: 29 Invalid Quantity
    product = shop.on_sale(item={"quantitysellingcode": selling}, quantitydecimal=decimals)
    header = shop.document(lines=[shop.existing(product, Decimal(quantity))])
    assert codes(shop, header) == ([code], int(code > 0))


def test_price_list_in_another_currency(shop: Shop) -> None:
    """A default price list in another currency than the order's does not price."""
    # options: 34 Invalid Price Level Currency; price calculation: currency of the default price list
    shop.org.setting(ispricelistmandatory=False)
    dollar = shop.org.create("pricelevels", {"name": "USD", "transactioncurrencyid@odata.bind":
                             f"/transactioncurrencies({shop.org.id_of('currency/USD')})"})
    product = shop.on_sale(amount=None)
    shop.org.create("productpricelevels", {
        **shop.org.price_body(product), "pricelevelid@odata.bind": f"/pricelevels({dollar})"})
    shop.org.patch(f"products({product})", {"pricelevelid@odata.bind": f"/pricelevels({dollar})"})
    assert codes(shop, shop.document(lines=[shop.existing(product)])) == ([34], 1)


def test_amount_out_of_range(shop: Shop) -> None:
    """An amount its column cannot hold is not stored."""
    # options: 35 Price Attribute Out Of Range; entity pages: maximum 922,337,203,685,477
    header = shop.document(lines=[shop.written_in(900000000000000, 2)])
    assert codes(shop, header) == ([35], 1)
    assert shop.total(header) == 0


def test_total_out_of_range(shop: Shop) -> None:
    """A total its column cannot hold is not stored either; the header says why."""
    # options: 35 Price Attribute Out Of Range
    header = shop.document(lines=[shop.written_in(900000000000000), shop.written_in(900000000000000)])
    assert codes(shop, header) == ([0, 0], 35)


@pytest.mark.parametrize(("price", "code"), [(900000000000000, 36), (-900000000000000, 37)])
def test_base_amount_out_of_range(shop: Shop, price: int, code: int) -> None:
    """An amount whose value in the base currency is too large or too small is an error."""
    # options: 36 and 37 Base Currency Attribute Overflow and Underflow
    shop.org.patch(f"transactioncurrencies({shop.org.id_of('currency/USD')})", {"exchangerate": Decimal("0.5")})
    dollar = shop.org.create("pricelevels", {"name": "USD", "transactioncurrencyid@odata.bind":
                             f"/transactioncurrencies({shop.org.id_of('currency/USD')})"})
    header = shop.document(lines=[shop.written_in(price)], currency="USD", **{
        "pricelevelid@odata.bind": f"/pricelevels({dollar})"})
    assert codes(shop, header)[0] == [code]


def test_error_goes_when_its_cause_does(shop: Shop) -> None:
    """Once the list has the product, opening the order prices it."""
    # price calculation: when the record is opened
    product = shop.on_sale(amount=None)
    header = shop.document(lines=[shop.existing(product, 2)])
    shop.org.price(product, 7)
    assert shop.org.get(f"salesorders({header})")["totalamount"] == 14
    assert codes(shop, header) == ([0], 0)
