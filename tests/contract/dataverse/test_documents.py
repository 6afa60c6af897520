"""Headers, lines and states of documents by plain writes (entity pages, closing pages, error codes)."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import fault
from .selling import KINDS, Shop

NUMBERS = {"salesorder": "ordernumber", "invoice": "invoicenumber", "quote": "quotenumber"}
READ_ONLY = (400, "0x8004022E")


def dollar_list(shop: Shop) -> dict[str, str]:
    """The binding of a new price list in dollars."""
    made = shop.org.create("pricelevels", {"name": "USD", "transactioncurrencyid@odata.bind":
                           f"/transactioncurrencies({shop.org.id_of('currency/USD')})"})
    return {"pricelevelid@odata.bind": f"/pricelevels({made})"}


@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers_run_on(shop: Shop, kind: str) -> None:
    """A document without a number gets the next one, with the organization's prefix; a number sent along stays."""
    # organization: orderprefix, currentordernumber and their kin
    column = NUMBERS[kind]
    numbers = [shop.row(shop.document(kind), kind)[column] for _ in range(2)]
    prefix = {"salesorder": "ORD", "invoice": "INV", "quote": "QUO"}[kind]
    assert [number.rsplit("-", 1)[0] for number in numbers] == [f"{prefix}-1000", f"{prefix}-1001"]
    assert shop.row(shop.document(kind, **{column: "MINE-1"}), kind)[column] == "MINE-1"


@pytest.mark.parametrize("kind", KINDS)
def test_customer_shows_as_account_or_contact(shop: Shop, kind: str) -> None:
    """The customer lookup also fills the column of its table."""
    # entity pages: accountid and contactid are read-only
    contact = shop.org.create("contacts", {"lastname": "Person"})
    header = shop.document(kind)
    assert shop.row(header, kind)["_accountid_value"] == shop.account
    shop.org.patch(f"{KINDS[kind][0]}({header})", {"customerid_contact@odata.bind": f"/contacts({contact})"})
    row = shop.row(header, kind)
    assert (row["_accountid_value"], row["_contactid_value"]) == (None, contact)


def test_currency_defaults_to_the_customers(shop: Shop) -> None:
    """Without a currency the customer's counts, then the organization's."""
    # reference b.4: defaults to the customer's currency
    body = {"name": "O", "customerid_account@odata.bind": f"/accounts({shop.account})"}
    made = shop.org.create("salesorders", body)
    assert shop.row(made)["_transactioncurrencyid_value"] == shop.org.id_of("currency/EUR")
    shop.org.patch(f"accounts({shop.account})", {
        "transactioncurrencyid@odata.bind": f"/transactioncurrencies({shop.org.id_of('currency/USD')})"})
    made = shop.org.create("salesorders", body)
    assert shop.row(made)["_transactioncurrencyid_value"] == shop.org.id_of("currency/USD")


@pytest.mark.parametrize("kind", KINDS)
def test_price_list_in_another_currency_is_refused(shop: Shop, kind: str) -> None:
    """Header and price list have one currency, on create and on update."""
    # error code list, 0x80048CF6
    wrong = dollar_list(shop)
    answer = shop.org.call("POST", KINDS[kind][0], {**shop.head(kind), **wrong})
    assert fault(answer) == (400, "0x80048CF6")
    header = shop.document(kind)
    assert fault(shop.org.patch(f"{KINDS[kind][0]}({header})", wrong)) == (400, "0x80048CF6")


@pytest.mark.parametrize(("kind", "origin", "column", "code"), [
    ("quote", "opportunity", "opportunityid", "0x80048CEF"), ("salesorder", "quote", "quoteid", "0x80048CEE"),
    ("invoice", "salesorder", "salesorderid", "0x80048CED")])
def test_origin_in_another_currency_is_refused(shop: Shop, kind: str, origin: str, column: str, code: str) -> None:
    """A document has the currency of the record it comes from."""
    # error code list: the currency of the record ...; create or edit orders: the same currency as the opportunity
    source = shop.document(origin, currency="USD", **dollar_list(shop))
    answer = shop.org.call("POST", KINDS[kind][0], {
        **shop.head(kind), f"{column}@odata.bind": f"/{KINDS[origin][0]}({source})"})
    assert fault(answer) == (400, code)


@pytest.mark.parametrize(("kind", "code"), [("opportunity", "0x80048479"), ("quote", "0x8004480E")])
def test_currency_with_lines(shop: Shop, kind: str, code: str) -> None:
    """The currency of an opportunity or quote cannot change while it has lines."""
    # error code list: CannotUpdateOpportunityCurrency, CannotUpdateQuoteCurrency
    header = shop.document(kind, [shop.written_in()])
    wanted = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({shop.org.id_of('currency/USD')})",
              **dollar_list(shop)}
    assert fault(shop.org.patch(f"{KINDS[kind][0]}({header})", wanted)) == (400, code)
    (line,) = shop.lines(header, kind)
    key = {"opportunity": "opportunityproductid", "quote": "quotedetailid"}[kind]
    shop.org.call("DELETE", f"{KINDS[kind][2]}({line[key]})")
    assert shop.org.patch(f"{KINDS[kind][0]}({header})", wanted).status_code == 204


def test_currency_of_an_order_stays(shop: Shop) -> None:
    """An order's currency is not valid for update and is left alone."""
    # salesorder entity page: transactioncurrencyid IsValidForUpdate false
    header = shop.document()
    shop.org.patch(f"salesorders({header})", {
        "transactioncurrencyid@odata.bind": f"/transactioncurrencies({shop.org.id_of('currency/USD')})"})
    assert shop.row(header)["_transactioncurrencyid_value"] == shop.org.id_of("currency/EUR")


def test_currency_of_a_line(shop: Shop) -> None:
    """A line in another currency than its order is refused."""
    # create or edit orders: base record and line items use the same currency; 0x80048CEA
    wrong = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({shop.org.id_of('currency/USD')})"}
    assert fault(shop.add(shop.document(), shop.written_in() | wrong)) == (400, "0x80048CEA")


@pytest.mark.parametrize(("body", "code"), [
    ({"productdescription": "x"}, "0x80043AFB"), ({"productdescription": "x", "product": None}, "0x80043AFA"),
    ({"product": None}, "0x80043B11"), ({"unit": None}, "0x80043B0D")])
def test_product_or_description(shop: Shop, body: dict[str, Any], code: str) -> None:
    """An existing product needs its unit and excludes a description."""
    # error code list: CannotSpecifyBoth..., MissingProductId, MissingUomId
    line = shop.existing(shop.on_sale())
    if "product" in body:
        del line["productid@odata.bind"]
    if "unit" in body:
        del line["uomid@odata.bind"]
    line |= {name: value for name, value in body.items() if name == "productdescription"}
    assert fault(shop.add(shop.document(), line)) == (400, code)


def test_written_in_line_needs_a_description(shop: Shop) -> None:
    """A write-in without a description is refused."""
    # troubleshooting opportunities: you must provide a value for product description
    answer = shop.add(shop.document(), {"isproductoverridden": True, "quantity": 1, "priceperunit": 1})
    assert answer.status_code == 400
    assert "You must provide a value for product description" in answer.text


@pytest.mark.parametrize("kind", KINDS)
def test_draft_products_cannot_be_sold(shop: Shop, kind: str) -> None:
    """Only active products go on a line."""
    # error code list, 0x8004F908; troubleshooting opportunities: you can only add active products
    answer = shop.add(shop.document(kind), shop.existing(shop.org.product("D")), kind)
    assert fault(answer) == (400, "0x8004F908")


def test_families_cannot_be_sold(shop: Shop) -> None:
    """A product family does not go on a line."""
    # error code list, 0x80060623
    family = shop.org.product("F", productstructure=2)
    assert fault(shop.add(shop.document(), shop.existing(family))) == (400, "0x80060623")


def test_bundles_on_lines_are_not_modelled(shop: Shop) -> None:
    """A bundle on a line answers 501 and says so, because its parts are not modelled."""
    # own rule: what is not modelled is refused by name
    bundle = shop.org.product("B", productstructure=3)
    answer = shop.add(shop.document(), shop.existing(bundle))
    assert (answer.status_code, "bundles on lines" in answer.text) == (501, True)


def test_unit_of_another_group(shop: Shop) -> None:
    """A line's unit belongs to its product's unit group."""
    # error code list, 0x80043B14
    group = shop.org.create("uomschedules", {"name": "Boxes", "baseuomname": "Box"})
    (unit,) = shop.org.get(f"uoms?$filter=_uomscheduleid_value eq {group}&$select=name")["value"]
    line = shop.existing(shop.on_sale()) | {"uomid@odata.bind": f"/uoms({unit['uomid']})"}
    assert fault(shop.add(shop.document(), line)) == (400, "0x80043B14")


def test_line_repeats_its_product(shop: Shop) -> None:
    """A line shows its product's name and number."""
    # column descriptions: productname is populated by name and description of the product
    header = shop.document(lines=[shop.existing(shop.on_sale("N-1")), shop.written_in()])
    assert [(line["productname"], line["productnumber"]) for line in shop.lines(header)] == [
        ("Product N-1", "N-1"), ("Written in", None)]


def test_line_without_its_document(shop: Shop) -> None:
    """A line names its document."""
    # error code list, 0x80043B15 for opportunities; SystemRequired elsewhere
    assert fault(shop.org.call("POST", "opportunityproducts", shop.written_in())) == (400, "0x80043B15")
    assert fault(shop.org.call("POST", "salesorderdetails", shop.written_in())) == (400, "0x80040200")
