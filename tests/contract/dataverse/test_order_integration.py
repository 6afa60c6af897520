"""Sales order processing integration: who may edit a submitted order, and when prices are calculated.

Source of every test: the page Enable sales order processing integration and its table of conditions.
"""

from __future__ import annotations

import pytest

from .conftest import fault
from .selling import KINDS, Shop


def integrate(shop: Shop) -> None:
    """Switch the integration on and make the app its integration user."""
    shop.org.setting(issopintegrationenabled=True)
    user = shop.org.id_of("systemuser/app")
    assert shop.org.patch(f"systemusers({user})", {"isintegrationuser": True}, actor="admin").status_code == 204


def test_a_submitted_order_is_open_to_the_integration_user(shop: Shop) -> None:
    """Only the integration user edits a submitted order and its lines."""
    # a submitted order is locked for editing unless by an integration user
    order = shop.document(lines=[shop.written_in(10)])
    integrate(shop)
    assert shop.org.patch(f"salesorders({order})", {"statecode": 1}, actor="salesperson").status_code == 204
    body = {"name": "Changed"}
    assert fault(shop.org.patch(f"salesorders({order})", body, actor="salesperson")) == (400, "0x8004022E")
    assert shop.org.patch(f"salesorders({order})", body).status_code == 204
    (line,) = shop.lines(order)
    path = f"salesorderdetails({line['salesorderdetailid']})"
    assert fault(shop.org.patch(path, {"quantity": 2}, actor="salesperson")) == (400, "0x80043B09")
    assert shop.org.patch(path, {"quantity": 2}).status_code == 204


def test_a_submitted_order_comes_back_by_the_integration_user(shop: Shop) -> None:
    """A submitted order is made active again by nobody else."""
    # the order is made read-only when it is submitted
    order = shop.document()
    integrate(shop)
    shop.org.patch(f"salesorders({order})", {"statecode": 1})
    assert fault(shop.org.patch(f"salesorders({order})", {"statecode": 0}, actor="salesperson")) == (400, "0x8004022E")
    assert shop.org.patch(f"salesorders({order})", {"statecode": 0}).status_code == 204


def test_the_integration_user_fulfils_a_submitted_order(shop: Shop) -> None:
    """A submitted order is fulfilled by the integration user and by nobody else."""
    # the lifecycle of the order continues in the external application
    order = shop.document()
    integrate(shop)
    shop.org.patch(f"salesorders({order})", {"statecode": 1})
    assert fault(shop.fulfil(order, actor="salesperson")) == (400, "0x80040233")
    assert shop.fulfil(order).status_code == 204


@pytest.mark.parametrize(("kind", "actor", "calculated"), [
    ("salesorder", "app", False), ("invoice", "app", False), ("salesorder", "salesperson", True),
    ("invoice", "salesperson", True), ("quote", "app", True), ("opportunity", "app", True)])
def test_calculation_on_create(shop: Shop, kind: str, actor: str, calculated: bool) -> None:
    """Orders and invoices the integration user creates keep the totals that were sent."""
    # table: Create of sales order, invoice, quote, opportunity and their lines
    integrate(shop)
    body = {**shop.head(kind), "totalamount": 99, KINDS[kind][1]: [shop.written_in(10, 2)]}
    header = shop.org.create(KINDS[kind][0], body, actor)
    assert shop.total(header, kind) == (20 if calculated else 99)
    assert shop.lines(header, kind)[0]["extendedamount"] == (20 if calculated else None)


@pytest.mark.parametrize(("actor", "calculated"), [("app", False), ("salesperson", True)])
def test_calculation_on_line_writes(shop: Shop, actor: str, calculated: bool) -> None:
    """Lines the integration user writes or deletes leave amounts and totals alone."""
    # table: Update and Delete of sales order product
    order = shop.document(lines=[shop.written_in(10), shop.written_in(5)])
    integrate(shop)
    first, second = shop.lines(order)
    shop.org.patch(f"salesorderdetails({first['salesorderdetailid']})", {"quantity": 3}, actor=actor)
    assert shop.total(order) == (35 if calculated else 15)
    shop.org.call("DELETE", f"salesorderdetails({second['salesorderdetailid']})", actor=actor)
    assert shop.total(order) == (30 if calculated else 15)


@pytest.mark.parametrize(("kind", "calculated"), [("salesorder", True), ("invoice", False)])
def test_recalculation_by_the_integration_user(shop: Shop, kind: str, calculated: bool) -> None:
    """The integration user recalculates an active order, but no invoice."""
    # table: Recalculate of sales order and invoice
    header = shop.document(kind, [shop.existing(shop.on_sale(amount=10))])
    integrate(shop)
    (item,) = shop.org.get("productpricelevels?$select=productpricelevelid")["value"]
    shop.org.patch(f"productpricelevels({item['productpricelevelid']})", {"amount": 12})
    assert shop.org.call("POST", "RecalculatePrice", {
        "entityLogicalName": kind, "entityId": header}).status_code == 204
    assert shop.total(header, kind) == (12 if calculated else 10)


def test_no_recalculation_of_a_submitted_order(shop: Shop) -> None:
    """A submitted order is not recalculated."""
    # table: Recalculate, sales order in a submitted state
    order = shop.document(lines=[shop.existing(shop.on_sale(amount=10))])
    integrate(shop)
    shop.org.patch(f"salesorders({order})", {"statecode": 1})
    (item,) = shop.org.get("productpricelevels?$select=productpricelevelid")["value"]
    shop.org.patch(f"productpricelevels({item['productpricelevelid']})", {"amount": 12})
    shop.org.call("POST", "RecalculatePrice", {"entityLogicalName": "salesorder", "entityId": order})
    assert shop.org.get(f"salesorders({order})")["totalamount"] == 10
