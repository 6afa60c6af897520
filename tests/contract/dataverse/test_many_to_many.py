"""Many-to-many relationships (associate-disassociate-entities; entity reference of contact)."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Org, fault

NAV = "contactorders_association"


@pytest.fixture
def pair(org: Org) -> Any:
    """A contact and an order of somebody else's, not associated."""
    account = org.create("accounts", {"name": "A"})
    order = org.create("salesorders", {"name": "O", "customerid_account@odata.bind": f"/accounts({account})"})
    return org, org.create("contacts", {"lastname": "L"}), order


def associate(org: Org, contact: str, order: str, method: str = "POST") -> Any:
    """Associate the two, or disassociate them."""
    if method == "DELETE":
        return org.call("DELETE", f"contacts({contact})/{NAV}({order})/$ref")
    return org.call("POST", f"contacts({contact})/{NAV}/$ref", {"@odata.id": f"salesorders({order})"})


def test_associated_rows_show_on_both_sides(pair: Any) -> None:
    """After $ref each side lists the other."""
    # associate-disassociate-entities: add a reference to a collection
    org, contact, order = pair
    assert associate(org, contact, order).status_code == 204
    assert [r["name"] for r in org.get(f"contacts({contact})/{NAV}?$select=name")["value"]] == ["O"]
    assert [r["lastname"] for r in org.get(f"salesorders({order})/{NAV}?$select=lastname")["value"]] == ["L"]


def test_the_customer_is_another_relationship(pair: Any) -> None:
    """An order whose customer is a contact is not associated with it by that."""
    # entity reference of contact: contactorders_association is many-to-many, intersect contactorders
    org, contact, _ = pair
    org.create("salesorders", {"name": "Own", "customerid_contact@odata.bind": f"/contacts({contact})"})
    assert org.get(f"contacts({contact})/{NAV}")["value"] == []


def test_disassociating(pair: Any) -> None:
    """DELETE of the reference ends the association and leaves the rows."""
    # associate-disassociate-entities: remove a reference
    org, contact, order = pair
    associate(org, contact, order)
    assert associate(org, contact, order, "DELETE").status_code == 204
    assert org.get(f"contacts({contact})/{NAV}")["value"] == []
    assert org.call("GET", f"salesorders({order})").status_code == 200


def test_associating_twice(pair: Any) -> None:
    """The same pair a second time is refused as a duplicate."""
    # error list: DuplicateRecord; an assumption for pairs
    org, contact, order = pair
    associate(org, contact, order)
    assert fault(associate(org, contact, order)) == (412, "0x80040237")


def test_deleting_a_row_ends_its_associations(pair: Any) -> None:
    """A deleted row is no longer listed."""
    # entity relationships: the intersect row goes with either side
    org, contact, order = pair
    associate(org, contact, order)
    org.call("DELETE", f"salesorders({order})")
    assert org.get(f"contacts({contact})/{NAV}")["value"] == []


def test_expand_and_lambda(pair: Any) -> None:
    """A many-to-many relationship is expanded and looked into; nested expands are refused."""
    # query/join-tables: N:N cannot be nested; filter-rows: lambda operators
    org, contact, order = pair
    associate(org, contact, order)
    org.create("contacts", {"lastname": "Other"})
    rows = org.get(f"contacts?$select=lastname&$orderby=lastname&$expand={NAV}($select=name)")["value"]
    assert [[o["name"] for o in r[NAV]] for r in rows] == [["O"], []]
    found = org.get(f"contacts?$select=lastname&$filter={NAV}/any(o:o/name eq 'o')")["value"]
    assert [r["contactid"] for r in found] == [contact]
    nested = f"contacts?$expand={NAV}($expand=customerid_account)"
    assert fault(org.call("GET", nested)) == (400, "0x80060888")


def test_definition(org: Org) -> None:
    """The definition names both tables and the intersect table."""
    # query-metadata-web-api: ManyToManyRelationships
    found = org.get("EntityDefinitions(LogicalName='contact')/ManyToManyRelationships")["value"]
    facts = ("Entity1LogicalName", "Entity2LogicalName", "IntersectEntityName")
    shown = {r["SchemaName"]: tuple(r[fact] for fact in facts) for r in found}
    assert shown == {
        "contactinvoices_association": ("contact", "invoice", "contactinvoices"),
        "contactorders_association": ("contact", "salesorder", "contactorders"),
        "contactquotes_association": ("contact", "quote", "contactquotes")}
