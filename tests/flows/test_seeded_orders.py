"""The orders that `make run` seeds, through the app, and what the run reports of them."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import pytest
from rich.console import Console

from sandbox import catalogue, clientele, firms, orderbook, report
from sandbox.catalogue import Catalogue
from sandbox.clientele import Clientele
from sandbox.firms_seed import found
from sandbox.orders_seed import Merchant, prepare
from shared import wiring
from tests.support.plant import SHOP, Plant

ON = {
    "CUSTOMERS_SHOPIFY_TO_CRM_MODE": "on",
    "COMPANIES_SHOPIFY_TO_CRM_MODE": "on",
    "ORDERS_SHOPIFY_TO_CRM_MODE": "on",
    "ORDERS_SINCE": "2020-01-01",
    "CRM_GUEST_ACCOUNT": orderbook.GUESTS,
}
FLOW = "orders_shopify_to_crm"
CHOSEN = (*range(60), orderbook.CROWNS, orderbook.TEST)
"""Every sort of order is among the first sixty but these two."""


@pytest.fixture(scope="module")
def plant() -> Iterator[Plant]:
    """A shop with some of the seeded orders, all of which the app has seen."""
    made = Plant(**ON)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "app", lambda: made.app)
        products = Catalogue(catalogue.build().shopify[4:20], ())
        people = Clientele(clientele.build().customers[:40], (), 0)
        book = orderbook.build(products, people)
        for product in products.shopify:
            made.merchant.create(product)
        for customer in people.customers:
            made.merchant.welcome(customer)
        found(made.merchant, made.sales, firms.build())
        made.clock.advance(60)  # the store's points come back
        prepare(made.sales)
        chosen = orderbook.OrderBook(tuple(book.orders[number] for number in CHOSEN))
        Merchant(made.merchant, lambda _: None).serve(chosen)
        made.run()
        yield made
    made.close()


def told(plant: Plant) -> tuple[bool, str]:
    """Whether both sides agree, and what is printed."""
    printed = StringIO()
    return report.agreement(plant.app, Console(file=printed, width=200)), printed.getvalue()


def test_both_sides_agree_on_every_seeded_order(plant: Plant) -> None:
    """Promise: all seeded orders arrive equal in fields, lines and money; one is parked, for its currency."""
    agreed, printed = told(plant)
    assert agreed, printed
    assert [row.code for row in plant.app.state.parked.list(SHOP, FLOW)] == ["Invalid"]
    assert len(plant.sales.get("salesorders?$select=name")["value"]) == len(CHOSEN) - 2
    assert "left out: 1 orders parked" in printed


def test_the_seeded_companies_arrive(plant: Plant) -> None:
    """Promise: all but the two that have to be parked are accounts, whose contacts nobody doubled; orders name them."""
    parked = list(plant.app.state.parked.list(SHOP, "companies_shopify_to_crm"))
    assert [row.code for row in parked] == ["Ambiguous"] * len(firms.PARKED)
    found = plant.sales.get("accounts?$filter=new_shopifycompanyid_acme ne null")["value"]
    assert len(found) == firms.FIRMS - len(firms.PARKED)
    addresses = [row["emailaddress1"].lower() for row in plant.sales.get("contacts")["value"] if row["emailaddress1"]]
    assert len(addresses) == len(set(addresses))
    bought = plant.sales.get("salesorders?$select=_customerid_value")["value"]
    assert {row["_customerid_value"] for row in bought} & {row["accountid"] for row in found}


def test_a_change_by_hand_is_seen_in_the_money(plant: Plant) -> None:
    """Promise: one CRM order that costs a cent more by hand fails the agreement, and the money table names the cent."""
    url = "salesorders?$select=salesorderid,freightamount&$filter=statecode eq 0 and freightamount gt 0"
    order = plant.sales.get(url)["value"][0]
    address = f"salesorders({order['salesorderid']})"
    plant.sales.send("PATCH", address, {"freightamount": order["freightamount"] + 0.01})
    agreed, printed = told(plant)
    plant.sales.send("PATCH", address, {"freightamount": order["freightamount"]})
    assert not agreed
    money = printed.partition("The money of the orders")[2]
    assert sum("-0.01" in line for line in money.splitlines()) == 2  # the freight and the total


def test_a_line_by_hand_is_seen(plant: Plant) -> None:
    """Promise: a row of a CRM order that belongs to no line of Shopify is told."""
    order = plant.sales.get("salesorders?$select=salesorderid&$filter=statecode eq 0")["value"][0]["salesorderid"]
    row = plant.sales.send(
        "POST",
        "salesorderdetails",
        {
            "salesorderid@odata.bind": f"/salesorders({order})",
            "isproductoverridden": True,
            "productdescription": "By hand",
            "quantity": 1,
            "priceperunit": 0,
        },
    )
    agreed, printed = told(plant)
    plant.sales.send("DELETE", row.rpartition("/")[2], {})
    assert not agreed
    assert "belongs to no line" in printed
