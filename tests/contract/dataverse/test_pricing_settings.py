"""When prices are taken, what may leave them alone, precision, base amounts, and pricing once per change."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from .conftest import fault
from .selling import KINDS, Shop


def test_opening_an_order_takes_current_prices(shop: Shop) -> None:
    """Reading an open, unlocked order calculates it with the catalogue's prices; a listing does not."""
    # sales-transactions: use current pricing; price calculation: when the record is opened
    product = shop.on_sale(amount=10)
    header = shop.document(lines=[shop.existing(product, 2)])
    _reprice(shop, 30)
    assert shop.total(header) == 20
    assert shop.org.get(f"salesorders({header})")["totalamount"] == 60
    assert shop.total(header) == 60


def _reprice(shop: Shop, amount: int) -> None:
    (item,) = shop.org.get("productpricelevels?$select=productpricelevelid")["value"]
    assert shop.org.patch(f"productpricelevels({item['productpricelevelid']})", {"amount": amount}).status_code == 204


@pytest.mark.parametrize("kind", ["salesorder", "invoice"])
def test_locked_prices_do_not_follow_the_catalogue(shop: Shop, kind: str) -> None:
    """With prices locked, neither reading nor editing brings the catalogue's new price."""
    # sales-transactions: prices locked
    header = shop.document(kind, [shop.existing(shop.on_sale(amount=10), 2)], ispricelocked=True)
    _reprice(shop, 30)
    assert shop.org.get(f"{KINDS[kind][0]}({header})")["totalamount"] == 20
    (line,) = shop.lines(header, kind)
    shop.org.patch(f"{KINDS[kind][2]}({line[f'{kind}detailid']})", {"quantity": 3, "priceperunit": 1})
    assert shop.total(header, kind) == 30


def test_reading_may_leave_the_price_alone(shop: Shop) -> None:
    """`skippricecalculation` 1 on the header keeps reading from calculating."""
    # options of skippricecalculation: SkipPriceCalcOnRetrieve
    header = shop.document(lines=[shop.existing(shop.on_sale(amount=10), 2)], skippricecalculation=1)
    _reprice(shop, 30)
    assert shop.org.get(f"salesorders({header})")["totalamount"] == 20


def test_reading_an_unchanged_order_writes_nothing(shop: Shop) -> None:
    """An order whose prices are up to date keeps its row version when it is read."""
    # own rule for the calculation on retrieve [M]
    header = shop.document(lines=[shop.existing(shop.on_sale(amount=10), 2)])
    before = shop.row(header)["@odata.etag"]
    assert shop.org.get(f"salesorders({header})")["@odata.etag"] == before


@pytest.mark.parametrize(("skip", "on_create", "on_update"), [(0, 20, 40), (1, None, 40), (2, 20, 20), (3, None, None)])
def test_lines_may_skip_the_calculation(
    shop: Shop, skip: int, on_create: int | None, on_update: int | None,
) -> None:
    """`skippricecalculation` of a line skips it on create (1), on update (2) or on both (3)."""
    # options of skippricecalculation
    header = shop.document()
    line = shop.line(header, shop.written_in(10, 2, skippricecalculation=skip))
    assert [found["extendedamount"] for found in shop.lines(header)] == [on_create]
    shop.org.patch(f"salesorderdetails({line})", {"quantity": 4})
    assert [found["extendedamount"] for found in shop.lines(header)] == [on_update]
    assert shop.total(header) == (on_update if on_update and skip != 2 else on_create or 0)


def test_custom_pricing_leaves_everything_as_written(shop: Shop) -> None:
    """With the system's calculation switched off, totals and prices stay as they were written."""
    # use-custom-pricing-products: OOBPriceCalculationEnabled
    shop.org.setting(oobpricecalculationenabled=False)
    header = shop.document(lines=[shop.existing(shop.on_sale(amount=10), 2, priceperunit=3)], totalamount=77)
    assert (shop.total(header), shop.lines(header)[0]["priceperunit"]) == (77, 3)
    shop.org.setting(oobpricecalculationenabled=True)
    assert shop.org.get(f"salesorders({header})")["totalamount"] == 20


def test_estimated_revenue_of_an_opportunity(shop: Shop) -> None:
    """A system-calculated opportunity's estimated revenue is its total; a user-provided one stays."""
    # column description of isrevenuesystemcalculated
    lines = [shop.written_in(10, 4)]
    header = shop.document("opportunity", lines, isrevenuesystemcalculated=True, estimatedvalue=1)
    assert shop.row(header, "opportunity")["estimatedvalue"] == 40
    header = shop.document("opportunity", lines, isrevenuesystemcalculated=False, estimatedvalue=1)
    assert shop.row(header, "opportunity")["estimatedvalue"] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_prices_keep_the_pricing_precision_and_amounts_the_currencys(shop: Shop, kind: str) -> None:
    """The price per unit keeps the organization's pricing precision, every amount the currency's."""
    # entity pages: PrecisionSource 1 of priceperunit, 2 of the amounts
    shop.org.setting(pricingdecimalprecision=4)
    header = shop.document(kind, [shop.written_in(Decimal("0.12345"), 10)])
    (line,) = shop.lines(header, kind)
    assert (line["priceperunit"], line["baseamount"]) == (Decimal("0.1235"), Decimal("1.24"))
    shop.org.setting(pricingdecimalprecision=2)
    assert shop.total(shop.document(kind, [shop.written_in(Decimal("0.12345"), 10)]), kind) == Decimal("1.2")


@pytest.mark.parametrize(("mode", "total"), [("ROUND_HALF_UP", "0.13"), ("ROUND_HALF_EVEN", "0.12")])
def test_rounding_of_amounts_is_a_setting(make_org: Any, mode: str, total: str) -> None:
    """Halves of a cent are rounded as the setting says, because the engine's mode is not documented."""
    # reference, not established: rounding mode of the pricing engine
    shop = Shop(make_org(rounding=mode))
    assert shop.total(shop.document(lines=[shop.written_in(Decimal("0.125"))])) == Decimal(total)


def test_base_amounts_of_documents(shop: Shop) -> None:
    """Lines and totals have base amounts by the exchange rate the row keeps."""
    # reference b.4: exchangerate is snapshotted
    dollar = shop.org.create("pricelevels", {"name": "USD", "transactioncurrencyid@odata.bind":
                             f"/transactioncurrencies({shop.org.id_of('currency/USD')})"})
    header = shop.document(lines=[shop.written_in(11, 2)], currency="USD", **{
        "pricelevelid@odata.bind": f"/pricelevels({dollar})"})
    row, (line,) = shop.row(header), shop.lines(header)
    assert (row["totalamount_base"], line["extendedamount_base"], line["exchangerate"]) == (20, 20, Decimal("1.1"))
    assert line["_transactioncurrencyid_value"] == shop.org.id_of("currency/USD")


def test_price_lists_may_be_optional(shop: Shop) -> None:
    """Where lists are optional, the product's default list prices a line the order's list does not."""
    # price calculation when the price list is mandatory versus optional
    shop.org.setting(ispricelistmandatory=False)
    product = shop.on_sale(amount=10)
    other = shop.org.create("pricelevels", {"name": "Other"})
    empty = {"pricelevelid@odata.bind": f"/pricelevels({other})"}
    assert shop.total(shop.document(lines=[shop.existing(product, 2)], **empty)) == 0
    shop.org.patch(f"products({product})", {
        "pricelevelid@odata.bind": f"/pricelevels({shop.org.id_of('pricelevel')})"})
    assert shop.total(shop.document(lines=[shop.existing(product, 2)], **empty)) == 20


def test_unit_decides_the_price(shop: Shop) -> None:
    """A product has one price per unit of measure."""
    # product-pricing-methods: the price is specified for each unit of measure
    product = shop.on_sale(amount=10)
    dozen = shop.org.create("uoms", {
        "name": "Dozen", "quantity": 12, "uomscheduleid@odata.bind": f"/uomschedules({shop.org.id_of('uomschedule')})",
        "baseuom@odata.bind": f"/uoms({shop.org.id_of('uom')})"})
    shop.org.create("productpricelevels", {
        **shop.org.price_body(product, 100), "uomid@odata.bind": f"/uoms({dozen})"})
    header = shop.document(lines=[{**shop.existing(product, 2), "uomid@odata.bind": f"/uoms({dozen})"}])
    assert shop.total(header) == 200


def test_deep_insert_prices_once(shop: Shop) -> None:
    """An order inserted with its lines is priced correctly and its header is written twice: created, totalled."""
    # reference a.2: deep insert, one transaction
    shop.org.track("salesorder")
    product = shop.on_sale(amount=10)
    before = shop.org.sandbox.core.store.version
    header = shop.document(lines=[shop.existing(product, n) for n in range(1, 6)])
    assert shop.total(header) == 150
    assert shop.org.sandbox.core.store.version - before == 7


def test_change_set_prices_once(shop: Shop) -> None:
    """An order and its lines in one change set are priced correctly; the header is totalled once."""
    # execute-batch-operations: change sets; Content-ID references
    product = shop.on_sale(amount=10)
    parts = [("POST", "salesorders", shop.head()), *(
        ("POST", "salesorderdetails", {**shop.existing(product, n), "salesorderid@odata.bind": "$1"})
        for n in (1, 2, 3))]
    chunks = [
        f"--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {number}\r\n\r\n"
        f"{method} /api/data/v9.2/{path} HTTP/1.1\r\nContent-Type: application/json; type=entry\r\n\r\n"
        f"{json.dumps(body)}\r\n" for number, (method, path, body) in enumerate(parts, 1)]
    body = ("--b\r\nContent-Type: multipart/mixed; boundary=\"c\"\r\n\r\n" + "".join(chunks) + "--c--\r\n--b--\r\n")
    before = shop.org.sandbox.core.store.version
    answer = shop.org.call("POST", "$batch", body.encode(), Content_Type='multipart/mixed; boundary="b"')
    assert answer.status_code == 200, answer.text
    (row,) = shop.org.get("salesorders")["value"]
    assert row["totalamount"] == 60
    assert shop.org.sandbox.core.store.version - before == 5


def test_representation_shows_the_totals(shop: Shop) -> None:
    """A deep insert that asks for the row gets it with its totals."""
    # create-entity-web-api: return=representation
    body = {**shop.head(), "order_details": [shop.written_in(10, 2)]}
    made = shop.org.call("POST", "salesorders", body, Prefer="return=representation")
    assert (made.status_code, made.json()["totalamount"]) == (201, 20)
    assert made.headers["ETag"] == shop.row(made.json()["salesorderid"])["@odata.etag"]


def test_a_failed_change_leaves_the_totals(shop: Shop) -> None:
    """When a line of a deep insert is refused, nothing of the order remains."""
    # reference a.2: deep insert is one transaction
    body = {**shop.head(), "order_details": [shop.written_in(10), {"quantity": 1}]}
    assert fault(shop.org.call("POST", "salesorders", body)) == (400, "0x80043B11")
    assert shop.org.get("salesorders")["value"] == []
