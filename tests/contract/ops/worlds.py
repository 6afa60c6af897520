"""Worlds with something to plan in them, for each kind of record: what people do first, and what they change then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contract.ops.conftest import COMPANIES, CUSTOMERS, DOCUMENTS, IN, ORDERS, OUT, Desk, stocked
from tests.support.companies import Business
from tests.support.orders import JANE, Trade
from tests.support.papers import Papers, text
from tests.support.plant import Plant
from tests.support.till import item

Act = Callable[[Any], None]
Script = tuple[tuple[str, ...], type[Plant], Act, Act]


def more_products(desk: Desk) -> None:
    """A salesperson changes the chair, the merchant the title of both lamps."""
    desk.plant.sales.send("PATCH", f"products({desk.product('CHAIR-1')})", {"vendorpartnumber": "VP-9"})
    desk.plant.merchant.call(
        "mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }",
        {"p": {"id": desk.plant.variants("LAMP-M")[0]["product"]["id"], "title": "Brass Lamp II"}},
    )


def _sell(desk: Desk) -> None:
    trade = desk.plant
    assert isinstance(trade, Trade)
    trade.offer("TEA-1")
    trade.customer(**JANE)
    trade.order(item("Tea", "10.00", 2), item("Salt", "0.35", 3), by=JANE)


def _sell_on(desk: Desk) -> None:
    trade = desk.plant
    assert isinstance(trade, Trade)
    (order,) = [row["new_shopifyorderid_acme"] for row in trade.crm_orders()]
    trade.amend(order, Tea=1)
    (customer,) = [row["new_shopifycustomerid_acme"] for row in trade.rows("accounts") if row["name"] == "Jane Doe"]
    trade.edit(customer, lastName="Roe")


def _found(desk: Desk) -> None:
    firm = desk.plant
    assert isinstance(firm, Business)
    company = firm.company("Acme", externalId="C-1")
    firm.join(company, **JANE)  # no main contact: he is named once his own row is there, which is another plan's


def _rename(desk: Desk) -> None:
    firm = desk.plant
    assert isinstance(firm, Business)
    (company,) = [row["new_shopifycompanyid_acme"] for row in firm.rows("accounts", "name eq 'Acme'")]
    firm.rename(company, name="Acme Ltd")
    firm.join(company, email="bob@shoe.example", firstName="Bob", lastName="Low")


def _write(desk: Desk) -> None:
    papers = desk.plant
    assert isinstance(papers, Papers)
    papers.sold(text("Tea", 10, 2), text("Salt", 3, 1))


def _rewrite(desk: Desk) -> None:
    papers = desk.plant
    assert isinstance(papers, Papers)
    (order,) = papers.rows("salesorders")
    papers.change("salesorders", order["salesorderid"], description="Ring twice.")


SCRIPTS: dict[str, Script] = {
    "products": ((OUT, IN), Plant, stocked, more_products),
    "orders": ((CUSTOMERS, IN, ORDERS), Trade, _sell, _sell_on),
    "companies": ((COMPANIES,), Business, _found, _rename),
    "documents": ((DOCUMENTS,), Papers, _write, _rewrite),
}


def sent(desk: Desk) -> tuple[int, Any, Any]:
    """What the app has written on either side so far, as both sandboxes count it."""
    shop = desk.plant.shopify.counters["app"]
    return desk.plant.crm.counters.of("app").rows_written, dict(shop.targets), dict(shop.writes)
