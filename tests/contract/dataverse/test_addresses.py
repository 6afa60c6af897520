"""Addresses of accounts (learn.microsoft.com/power-apps/developer/data-platform/customer-entities-account-contact)."""

from __future__ import annotations

from .conftest import Org


def _rows(org: Org) -> dict[int | None, dict[str, object]]:
    found = org.get("customeraddresses?$select=addressnumber,line1,objecttypecode,_parentid_value")["value"]
    return {row["addressnumber"]: row for row in found}


def test_an_account_has_two_addresses_from_its_start(org: Org) -> None:
    """Rows 1 and 2 stand for the account's own address columns, also where these are empty, and go with it."""
    # customer-entities-account-contact: CustomerAddress table
    account = org.create("accounts", {"name": "A", "address1_line1": "Quay 1"})
    rows = _rows(org)
    assert {number: row["line1"] for number, row in rows.items()} == {1: "Quay 1", 2: None}
    assert {row["_parentid_value"] for row in rows.values()} == {account}
    org.call("DELETE", f"accounts({account})")
    assert _rows(org) == {}


def test_an_accounts_own_address_is_one_thing_with_two_faces(org: Org) -> None:
    """A change of the account is one of its row, and the other way round."""
    # customer-entities-account-contact: CustomerAddress table
    account = org.create("accounts", {"name": "A"})
    org.call("PATCH", f"accounts({account})", {"address2_line1": "Quay 2"})
    assert _rows(org)[2]["line1"] == "Quay 2"
    first = org.get(f"accounts({account})?$select=address1_addressid")["address1_addressid"]
    org.call("PATCH", f"customeraddresses({first})", {"line1": "Quay 1"})
    assert org.get(f"accounts({account})?$select=address1_line1")["address1_line1"] == "Quay 1"


def test_further_addresses_stand_beside_them(org: Org) -> None:
    """A row that is made for an account is its further address, and its own columns stay as they are."""
    # customer-entities-account-contact: CustomerAddress table
    account = org.create("accounts", {"name": "A"})
    org.create("customeraddresses", {"line1": "Yard 3", "parentid_account@odata.bind": f"/accounts({account})"})
    row = _rows(org)[None]
    assert (row["line1"], row["objecttypecode"], row["_parentid_value"]) == ("Yard 3", "account", account)
    assert org.get(f"accounts({account})?$select=address1_line1")["address1_line1"] is None
