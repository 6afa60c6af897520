"""Bindings, references and deep insert (webapi/associate-disassociate-entities, create-entity)."""

from __future__ import annotations

import uuid

import pytest

from .conftest import ROOT, Org, fault


@pytest.mark.parametrize("form", ["/accounts({})", "accounts({})", ROOT + "accounts({})"])
def test_forms_of_a_binding(org: Org, form: str) -> None:
    """A binding may be relative, rooted or absolute."""
    # create-entity-web-api: associate table rows on create
    account = org.create("accounts", {"name": "A"})
    contact = org.create("contacts", {"lastname": "C", "parentcustomerid_account@odata.bind": form.format(account)})
    assert org.get(f"contacts({contact})")["_parentcustomerid_value"] == account


def test_polymorphic_lookup(org: Org) -> None:
    """A polymorphic lookup has one navigation property per target and tells which table it leads to."""
    # reference a.2; webapi/multitable-lookup
    parent = org.create("contacts", {"lastname": "P"})
    child = org.create("contacts", {"lastname": "C", "parentcustomerid_contact@odata.bind": f"/contacts({parent})"})
    row = org.get(f"contacts({child})", Prefer='odata.include-annotations="*"')
    assert row["_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "contact"
    assert row["_parentcustomerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty"] == (
        "parentcustomerid_contact")


def test_binding_to_the_wrong_table(org: Org) -> None:
    """A binding to a row of another table is refused."""
    # webapi/multitable-lookup
    contact = org.create("contacts", {"lastname": "P"})
    body = {"lastname": "C", "parentcustomerid_account@odata.bind": f"/contacts({contact})"}
    assert fault(org.call("POST", "contacts", body)) == (400, "0x80048d19")


def test_binding_to_a_missing_row(org: Org) -> None:
    """A binding to a row that does not exist answers 0x80040217 and creates nothing."""
    # reference a.8: ObjectDoesNotExist
    body = {"lastname": "C", "parentcustomerid_account@odata.bind": f"/accounts({uuid.uuid4()})"}
    assert fault(org.call("POST", "contacts", body)) == (404, "0x80040217")
    assert org.get("contacts?$select=contactid")["value"] == []


def test_binding_by_alternate_key(org: Org) -> None:
    """A binding may address its row by alternate key."""
    # use-alternate-key-reference-record
    org.key("account", "new_Ext")
    account = org.create("accounts", {"name": "A", "new_ext": "x'1"})
    contact = org.create("contacts", {
        "lastname": "C", "parentcustomerid_account@odata.bind": "/accounts(new_ext='x''1')"})
    assert org.get(f"contacts({contact})")["_parentcustomerid_value"] == account


def test_clear_by_null_binding(org: Org) -> None:
    """A binding to null clears the lookup."""
    # reference a.2
    account = org.create("accounts", {"name": "A"})
    contact = org.create("contacts", {"lastname": "C", "parentcustomerid_account@odata.bind": f"/accounts({account})"})
    org.patch(f"contacts({contact})", {"parentcustomerid_account@odata.bind": None})
    assert org.get(f"contacts({contact})")["_parentcustomerid_value"] is None


def test_reference_of_a_lookup(org: Org) -> None:
    """$ref sets, shows and clears a single-valued reference."""
    # associate-disassociate-entities: single-valued
    account = org.create("accounts", {"name": "A"})
    contact = org.create("contacts", {"lastname": "C"})
    path = f"accounts({account})/primarycontactid/$ref"
    assert org.call("PUT", path, {"@odata.id": f"{ROOT}contacts({contact})"}).status_code == 204
    assert org.get(path)["@odata.id"] == f"{ROOT}contacts({contact})"
    assert org.call("DELETE", path).status_code == 204
    assert org.get(f"accounts({account})")["_primarycontactid_value"] is None


@pytest.mark.parametrize("form", [
    "contact_customer_accounts({})/$ref", "contact_customer_accounts/$ref?$id={root}contacts({})"])
def test_collection_reference(org: Org, form: str) -> None:
    """A row is associated with a collection by POST and taken out by both documented forms of DELETE."""
    # associate-disassociate-entities: collection-valued
    account = org.create("accounts", {"name": "A"})
    contact = org.create("contacts", {"lastname": "C"})
    made = org.call("POST", f"accounts({account})/contact_customer_accounts/$ref",
                    {"@odata.id": f"{ROOT}contacts({contact})"})
    assert made.status_code == 204
    assert org.get(f"contacts({contact})")["_parentcustomerid_value"] == account
    assert org.call("DELETE", f"accounts({account})/" + form.format(contact, root=ROOT)).status_code == 204
    assert org.get(f"contacts({contact})")["_parentcustomerid_value"] is None


def test_deep_insert(org: Org) -> None:
    """A create may carry the rows it refers to and the rows that refer to it."""
    # create-entity-web-api: create related table rows in one operation
    account = org.create("accounts", {
        "name": "A", "primarycontactid": {"lastname": "Chief"},
        "contact_customer_accounts": [{"lastname": "One"}, {"lastname": "Two"}]})
    row = org.get(f"accounts({account})?$select=name&$expand=primarycontactid($select=lastname),"
                  "contact_customer_accounts($select=lastname;$orderby=lastname)")
    assert row["primarycontactid"]["lastname"] == "Chief"
    assert [c["lastname"] for c in row["contact_customer_accounts"]] == ["One", "Two"]


def test_deep_insert_is_one_transaction(org: Org) -> None:
    """When a nested row is refused, nothing of a deep insert remains."""
    # create-entity-web-api: deep insert
    body = {"name": "A", "contact_customer_accounts": [{"lastname": "One"}, {"lastname": "x" * 51}]}
    assert fault(org.call("POST", "accounts", body)) == (400, "0x80044331")
    assert org.get("accounts?$select=name")["value"] == []
    assert org.get("contacts?$select=lastname")["value"] == []


def test_no_deep_update(org: Org) -> None:
    """Nested rows are refused on update."""
    # update-delete-entities: no deep update
    account = org.create("accounts", {"name": "A"})
    answer = org.patch(f"accounts({account})", {"primarycontactid": {"lastname": "Chief"}})
    assert answer.status_code == 400


def test_related_row_by_path(org: Org) -> None:
    """The row behind a lookup can be read by its path."""
    # query/overview: navigation in the path
    account = org.create("accounts", {"name": "A", "primarycontactid": {"lastname": "Chief"}})
    assert org.get(f"accounts({account})/primarycontactid?$select=lastname")["lastname"] == "Chief"
