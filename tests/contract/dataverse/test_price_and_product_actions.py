"""Actions that lock and calculate prices, and those on products and families."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.dataverse.test_sales_actions import INVALID_STATE, act
from tests.contract.dataverse.test_sales_conversions import _reprice

from .conftest import fault
from .selling import KINDS, Shop


@pytest.mark.parametrize(("kind", "action"), [("salesorder", "SalesOrder"), ("invoice", "Invoice")])
def test_locking_twice(shop: Shop, kind: str, action: str) -> None:
    """Locking a locked document and unlocking an unlocked one answer with their own codes."""
    # error code list: 0x80043B1D EntityIsLocked, 0x80043B1E EntityIsUnlocked
    header = shop.document(kind)
    lock = f"{KINDS[kind][0]}({header})/Microsoft.Dynamics.CRM.Lock{action}Pricing"
    unlock = {f"{action}Id": header}
    assert fault(act(shop, f"Unlock{action}Pricing", unlock)) == (400, "0x80043B1E")
    assert act(shop, lock).status_code == 204
    assert shop.row(header, kind)["ispricelocked"] is True
    assert fault(act(shop, lock)) == (400, "0x80043B1D")
    assert act(shop, f"Unlock{action}Pricing", unlock).status_code == 204


def test_locking_a_closed_order(shop: Shop) -> None:
    """The prices of a closed order are neither locked nor unlocked."""
    # create or edit orders: an order can't be changed after it has been closed
    order = shop.document()
    shop.fulfil(order)
    answer = act(shop, f"salesorders({order})/Microsoft.Dynamics.CRM.LockSalesOrderPricing")
    assert fault(answer) == (400, "0x8004022E")


def test_bound_actions_belong_to_their_table(shop: Shop) -> None:
    """A bound action called without its row, on another table or with GET answers 404."""
    # LockSalesOrderPricing: bound to the salesorder entity type
    order = shop.document()
    name = "Microsoft.Dynamics.CRM.LockSalesOrderPricing"
    assert act(shop, "LockSalesOrderPricing").status_code == 404
    assert act(shop, f"accounts({shop.account})/{name}").status_code == 404
    assert shop.org.call("GET", f"salesorders({order})/{name}").status_code == 404
    assert act(shop, f"salesorders(00000000-0000-0000-0000-000000000001)/{name}").status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_recalculating(shop: Shop, kind: str) -> None:
    """RecalculatePrice brings a document's prices up to date without opening it."""
    # RecalculatePrice action page
    header = shop.document(kind, [shop.existing(shop.on_sale(amount=10))])
    _reprice(shop, 12)
    assert act(shop, "RecalculatePrice", {"entityLogicalName": kind, "entityId": header}).status_code == 204
    assert shop.total(header, kind) == 12
    answer = act(shop, "RecalculatePrice", {"entityLogicalName": "account", "entityId": shop.account})
    assert fault(answer) == (400, "0x80100008")


def test_calculate_price_does_nothing_by_itself(shop: Shop) -> None:
    """CalculatePrice is accepted and changes nothing: it exists for plug-ins."""
    # use-custom-pricing-products: the message doesn't have any usage scenario of its own
    header = shop.document(lines=[shop.existing(shop.on_sale(amount=10))])
    _reprice(shop, 12)
    target = {"@odata.type": "Microsoft.Dynamics.CRM.salesorder", "salesorderid": header}
    assert act(shop, "CalculatePrice", {"Target": target}).status_code == 204
    assert shop.total(header) == 10


def test_deleting_a_line_without_calculating(shop: Shop) -> None:
    """The line goes and the header keeps its totals until it is calculated again."""
    # DeleteOQOILineWithSkipPricingCalculation page
    header = shop.document(lines=[shop.written_in(10), shop.written_in(5)])
    (first, _) = shop.lines(header)
    body = {"entityLogicalName": "salesorderdetail", "entityId": first["salesorderdetailid"]}
    assert act(shop, "DeleteOQOILineWithSkipPricingCalculation", body).status_code == 204
    assert (len(shop.lines(header)), shop.total(header)) == (1, 15)
    assert act(shop, "DeleteOQOILineWithSkipPricingCalculation", body).status_code == 404
    assert shop.org.get(f"salesorders({header})")["totalamount"] == 5


def test_actions_in_a_change_set(shop: Shop) -> None:
    """An order that is made and fulfilled in one change set is priced and closed, or neither."""
    # execute-batch-operations: change sets
    def run(status: int) -> Any:
        close = {"OrderClose": {"subject": "x", "salesorderid@odata.bind": "$1"}, "Status": status}
        parts = [("salesorders", {**shop.head(), "order_details": [shop.written_in(10)]}), ("FulfillSalesOrder", close)]
        text = "".join(
            f"--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {n}\r\n\r\n"
            f"POST /api/data/v9.2/{path} HTTP/1.1\r\nContent-Type: application/json; type=entry\r\n\r\n"
            f"{json.dumps(body)}\r\n" for n, (path, body) in enumerate(parts, 1))
        body = f"--b\r\nContent-Type: multipart/mixed; boundary=\"c\"\r\n\r\n{text}--c--\r\n--b--\r\n"
        return shop.org.call("POST", "$batch", body.encode(), Content_Type='multipart/mixed; boundary="b"')

    assert run(4).status_code == 400
    assert shop.org.get("salesorders")["value"] == []
    assert run(-1).status_code == 200
    (row,) = shop.org.get("salesorders")["value"]
    assert (row["totalamount"], row["statecode"]) == (10, 3)


# products -------------------------------------------------------------------------------------------------------


def family(shop: Shop) -> tuple[str, str, str]:
    """A family with a family below and a product in that."""
    top = shop.org.product("F1", productstructure=2)
    middle = shop.org.product("F2", productstructure=2, **{"parentproductid@odata.bind": f"/products({top})"})
    leaf = shop.org.product("C", **{"parentproductid@odata.bind": f"/products({middle})"})
    return top, middle, leaf


def states(shop: Shop, *products: str) -> list[int]:
    """The states of products."""
    return [shop.org.get(f"products({p})?$select=statecode")["statecode"] for p in products]


def test_publishing_a_hierarchy(shop: Shop) -> None:
    """A family is published with every family and product below it; the action is bound to the product."""
    # PublishProductHierarchy; publish, revise, revert, retire
    members = family(shop)
    path = f"products({members[0]})/Microsoft.Dynamics.CRM.PublishProductHierarchy"
    assert act(shop, path).status_code == 204
    assert states(shop, *members) == [0, 0, 0]


def test_publishing_a_single_product_as_hierarchy(shop: Shop) -> None:
    """The message works with a family only."""
    # publish, revise, ...: you can use this message only with a product family record
    path = f"products({shop.org.product('P')})/Microsoft.Dynamics.CRM.PublishProductHierarchy"
    assert fault(act(shop, path)) == (400, "0x8004F90A")


def test_revising_and_retiring_a_family(shop: Shop) -> None:
    """Revising a family revises its children, retiring it retires them, and none comes back."""
    # publish, revise, ...: revise and retire a product family; you can't activate a retired family
    members = family(shop)
    act(shop, f"products({members[0]})/Microsoft.Dynamics.CRM.PublishProductHierarchy")
    shop.org.patch(f"products({members[0]})", {"statecode": 3})
    assert states(shop, *members) == [3, 3, 3]
    assert shop.org.patch(f"products({members[0]})", {"statecode": 1}).status_code == 204
    assert states(shop, *members) == [1, 1, 1]
    for member in members:
        assert fault(shop.org.patch(f"products({member})", {"statecode": 0})) == (400, "0x80081017")


def test_a_child_that_cannot_retire(shop: Shop) -> None:
    """When a child cannot follow its family, the whole operation fails and names it."""
    # error code list, 0x8008100F HierarchicalOperationFailed
    members = family(shop)
    act(shop, f"products({members[0]})/Microsoft.Dynamics.CRM.PublishProductHierarchy")
    shop.org.price(members[2])
    answer = shop.org.patch(f"products({members[1]})", {"statecode": 1})
    assert fault(answer) == (400, "0x8008100F")
    assert "Product C" in answer.text
    assert states(shop, *members) == [0, 0, 0]


def test_reverting_a_product(shop: Shop) -> None:
    """A product under revision goes back to its last active version; what was changed since is lost."""
    # RevertProduct; publish, revise, revert
    product = shop.on_sale(quantitydecimal=1)
    shop.org.patch(f"products({product})", {"statecode": 3})
    shop.org.patch(f"products({product})", {"name": "Draft name", "quantitydecimal": 4})
    target = {"Target": {"@odata.type": "Microsoft.Dynamics.CRM.product", "productid": product}}
    assert act(shop, "RevertProduct", target).status_code == 204
    row = shop.org.get(f"products({product})")
    assert (row["name"], row["quantitydecimal"], row["statecode"], row["statuscode"]) == ("Product P-1", 1, 0, 1)
    assert fault(act(shop, "RevertProduct", target)) == INVALID_STATE


def test_reverting_a_family(shop: Shop) -> None:
    """A family is reverted together with its children."""
    # publish, revise, revert: it reverts the product family and its child records
    members = family(shop)
    act(shop, f"products({members[0]})/Microsoft.Dynamics.CRM.PublishProductHierarchy")
    shop.org.patch(f"products({members[0]})", {"statecode": 3})
    shop.org.patch(f"products({members[2]})", {"name": "New"})
    assert act(shop, "RevertProduct", {"Target": {"productid": members[0]}}).status_code == 204
    assert states(shop, *members) == [0, 0, 0]
    assert shop.org.get(f"products({members[2]})")["name"] == "Product C"


@pytest.mark.parametrize(("structure", "code"), [(1, "0x8004F998"), (3, "0x8004F998"), (2, "0x8004F906")])
def test_parents_are_families(shop: Shop, structure: int, code: str) -> None:
    """Only a family, draft or active, may be a parent."""
    # create and manage product families: a product or bundle can't be set as a parent; 0x8004F906
    parent = shop.org.product("A", productstructure=structure)
    if structure == 2:
        shop.org.patch(f"products({parent})", {"statecode": 0})
        shop.org.patch(f"products({parent})", {"statecode": 1})
    answer = shop.org.call("POST", "products", {
        "name": "B", "productnumber": "B", "parentproductid@odata.bind": f"/products({parent})"})
    assert fault(answer) == (400, code)
